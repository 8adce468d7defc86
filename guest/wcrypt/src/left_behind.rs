//! What is left in memory that is given back: for tests. An allocator looks at every block that is freed.

pub use wasi_crypto_test_allocators::left_behind;
use wasi_crypto_test_allocators::{Watching, repeated};

/// What secrets are made of in these tests; they are in statics, which are never freed.
const SECRET: [u8; 8] = [0xc3, 0x5a, 0x96, 0xf1, 0x0d, 0xb7, 0x68, 0x2e];

/// A long secret.
pub static SECRETS: [u8; 200_000] = repeated(SECRET);

#[global_allocator]
static ALLOCATOR: Watching = Watching::new(&[&SECRET]);

#[test]
fn the_allocator_sees_what_is_left_behind() {
    for start in 0..9 {
        let left = left_behind(|| drop(std::hint::black_box(SECRETS[start..100].to_vec())));
        assert_eq!(left, 1, "{start}");
    }
}
