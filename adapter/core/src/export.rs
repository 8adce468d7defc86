//! How functions are exported.

/// Exports functions of the witx modules. Each returns an errno, and writes its results through trailing pointers only if
/// that is 0.
macro_rules! exports {
    ($($(#[$meta:meta])* fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $body:block)*) => {$(
        $(#[$meta])*
        // SAFETY: the names are those of the witx modules, and no other symbol of the adapter has one of them.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($arg: $ty),*) -> u32 {
            let body = || -> $crate::errno::Result<()> { $body };
            match body() {
                Ok(()) => 0,
                Err(errno) => errno.number(),
            }
        }
    )*};
}
