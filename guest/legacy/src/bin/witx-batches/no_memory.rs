//! Run with little memory, and a host that allows many handles.

use super::{Squeeze, batch as call};
use wasi_crypto_legacy_guests::errno::*;
use wasi_crypto_legacy_guests::lent::{Guarded, address, result};
use wasi_crypto_legacy_guests::raw::*;
use wasi_crypto_legacy_guests::state::{
    absorb, aead, close, decrypt_into, encrypt_into, key, open, options, set,
};

/// What takes memory, until there is none for a single byte more.
struct Filling {
    keys: [i32; 4],
    arrays: Vec<i32>,
    /// For what is pulled of the arrays.
    pulled: Guarded,
}

/// Bytes that are pulled at a time.
const PULLED: i32 = 40_000;

impl Filling {
    fn new() -> Self {
        let keys = [1_000_000, 100_000, 40_000, 16]
            .map(|len| key("HMAC/SHA-256", &vec![3; len]).expect("a key"));
        let mut arrays = Vec::with_capacity(10_000);
        let pulled = Guarded::new(PULLED as usize, 0);
        for key in keys {
            let errno = loop {
                match result::<i32>(|out| symmetric_key_export(key, out)) {
                    Ok(array) => arrays.push(array),
                    Err(errno) => break errno,
                }
            };
            assert_eq!(errno, OVERFLOW);
        }
        assert!(
            arrays.len() < arrays.capacity(),
            "it has taken memory itself"
        );
        Self {
            keys,
            arrays,
            pulled,
        }
    }

    /// Gives all of it back.
    fn close(mut self) {
        let at = self.pulled.at();
        for array in self.arrays {
            let pull = || result::<u32>(|out| array_output_pull(array, at, PULLED, out));
            while pull() == Ok(PULLED as u32) {}
            // Its last piece has closed it, or it has been less.
            assert_eq!(pull(), Err(INVALID_HANDLE));
        }
        for key in self.keys {
            assert_eq!(symmetric_key_close(key), SUCCESS);
        }
        close(open("SHA-256", None, None).expect("room again"));
    }
}

pub fn handles() {
    let raw = vec![3; 200_000];
    let long_key = key("HMAC/SHA-256", &raw).expect("a key");
    let opened = || aead("AES-128-CBC", 16, 16);
    let mut sealed = Guarded::new(100_016, 0);
    let sealer = opened();
    encrypt_into(sealer, &mut sealed, &raw[..100_000]).expect("room for the padding");
    let opener = opened();
    let mut small = Guarded::new(1000, 7);
    let most = 200_000;
    let mut states = Vec::with_capacity(most);
    let errno = loop {
        assert!(states.len() < most, "there is more memory than expected");
        match open("SHA-256", None, None) {
            Ok(state) => states.push(state),
            Err(errno) => break errno,
        }
    };
    assert_eq!(errno, TOO_MANY_HANDLES);
    assert!(states.len() > 1000);
    absorb(states[0], b"data").expect("what is open works");
    close(states.swap_remove(0));
    // Lists that have no place to land.
    let array = result::<i32>(|out| symmetric_key_export(long_key, out));
    assert_eq!(array, Err(OVERFLOW));
    assert_eq!(
        decrypt_into(opener, &mut small, sealed.bytes()),
        Err(OVERFLOW)
    );
    small.assert_untouched(7);
    assert_eq!(symmetric_key_close(long_key), SUCCESS);
    close(sealer);
    close(opener);
    close(open("SHA-256", None, None).expect("room again"));
    states.into_iter().for_each(close);
}

pub fn option() {
    let name = "context";
    let context: Vec<u8> = (0..200_000).map(|byte| byte as u8).collect();
    let set_of = |context: &[u8]| {
        let set_of = options().expect("options");
        set(set_of, name, context).expect("a context");
        let state = open("CSHAKE-128", None, Some(set_of)).expect("a state");
        assert_eq!(options_close(set_of), SUCCESS);
        state
    };
    let (long, short) = (set_of(&context), set_of(b"short"));
    let clone: i32 = result(|out| symmetric_state_clone(long, out)).expect("a clone");
    let mut buffer = Guarded::new(1000, 7);
    let mut large = Guarded::new(context.len(), 0);
    let filling = Filling::new();
    let get = |state, buffer: &mut Guarded, len: i32| {
        let at = buffer.at();
        result::<u32>(|written| {
            symmetric_state_options_get(state, address(name), 7, at, len, written)
        })
    };
    for state in [long, clone] {
        assert_eq!(get(state, &mut buffer, 1000), Err(OVERFLOW));
        buffer.assert_untouched(7);
    }
    assert_eq!(get(short, &mut buffer, 4), Err(OVERFLOW));
    buffer.assert_untouched(7);
    assert_eq!(get(short, &mut buffer, 5), Ok(5));
    assert_eq!(buffer.bytes()[..5], *b"short");
    let len = large.len();
    assert_eq!(get(long, &mut large, len), Ok(200_000));
    assert_eq!(large.bytes(), context);
    for state in [long, clone, short] {
        close(state);
    }
    filling.close();
}

/// A state that occurs twice, and outputs of a megabyte; when it is known in which order the host asks for memory, and when
/// it is not.
pub fn batch() {
    let len = 1 << 20;
    let fresh = || open("SHAKE-128", None, None).expect("a state");
    let (one, other) = (fresh(), fresh());
    let mut outs = [(); 3].map(|()| Guarded::new(len as usize, 7));
    let entries: Vec<Squeeze> = outs
        .iter_mut()
        .zip([one, other, one])
        .map(|(out, state)| Squeeze {
            state,
            out: out.at(),
            out_len: len,
            out_len_again: len,
        })
        .collect();
    let mut expected = Guarded::new(2 * len as usize, 0);
    let mut small = Guarded::new(16, 0);
    let known: i32 = result(|out| symmetric_state_clone(one, out)).expect("a clone");
    let twin = fresh();
    let filling = Filling::new();
    let squeeze = || call::<_, u16>(batch_symmetric_state_squeeze, &entries);
    assert_eq!(squeeze(), Err(OVERFLOW), "nothing is known of the host");
    filling.close();
    let first = [Squeeze {
        state: known,
        out: small.at(),
        out_len: 16,
        out_len_again: 16,
    }];
    let results = call::<_, u16>(batch_symmetric_state_squeeze, &first);
    assert_eq!(results, Ok(vec![0]));
    let filling = Filling::new();
    match squeeze() {
        Ok(results) => {
            assert_eq!(results, [0; 3]);
            let at = expected.at();
            assert_eq!(symmetric_state_squeeze(twin, at, 2 * len), SUCCESS);
            let (head, tail) = expected.bytes().split_at(len as usize);
            assert!(outs[0].bytes() == head && outs[1].bytes() == head);
            assert!(outs[2].bytes() == tail);
        }
        Err(errno) => {
            assert_eq!(errno, OVERFLOW);
            outs.iter().for_each(|out| out.assert_untouched(7));
        }
    }
    filling.close();
    [one, other, known, twin].into_iter().for_each(close);
}

pub fn export() {
    let hmac = key("HMAC/SHA-256", b"key").expect("a key");
    let generated: i32 = {
        let name = "AES-256-GCM";
        let none = wasi_crypto_legacy_guests::state::Optional::new(None);
        result(|out| symmetric_key_generate(address(name), 11, address(&none), out)).expect("a key")
    };
    let mut buffer = Guarded::new(32, 0);
    let filling = Filling::new();
    for (key, len) in [(hmac, 3u32), (generated, 32)] {
        match result::<i32>(|out| symmetric_key_export(key, out)) {
            Ok(array) => {
                let at = buffer.at();
                let pulled = result(|out| array_output_pull(array, at, 32, out));
                assert_eq!(pulled, Ok(len));
            }
            Err(errno) => assert_eq!(errno, OVERFLOW),
        }
    }
    filling.close();
    for key in [hmac, generated] {
        assert_eq!(symmetric_key_close(key), SUCCESS);
    }
}
