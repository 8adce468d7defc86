//! Flags of `run` for what a guest may use up: one for each limit of the host's builder.

use clap::Args;
use wasi_crypto_engine::Limits;
use wasi_crypto_host::WasiCryptoCtxBuilder;

/// What a guest may pass in one call before wasmtime stops it, in bytes: above the host's own limit, so that a guest that
/// goes over that one gets an errno.
const HOSTCALL_FUEL: usize = 256 << 20;

/// A guest that goes over one of these gets the errno `overflow`, or `too-many-handles`.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Limits on cryptography")]
pub struct LimitArgs {
    /// Limits the options, keys, states and tags that the guest holds at any one time [default: 16384].
    #[arg(long, value_name = "N")]
    max_handles: Option<usize>,

    /// Limits the data of one call, over all entries of a batch [default: 64MiB]. Sizes are in bytes, or end in KiB, MiB or
    /// GiB.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_call_size: Option<u64>,

    /// Limits the entries of one batch [default: 65536].
    #[arg(long, value_name = "N")]
    max_batch_entries: Option<usize>,

    /// Limits the threads that work on one batch [default: all that the machine has].
    #[arg(long, value_name = "N")]
    max_threads: Option<usize>,

    /// Limits what is held for keys, options, associated data, salts and passwords together [default: 64MiB].
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_buffered: Option<u64>,

    /// Limits the input that one operation processes again, such as HKDF's info or PBKDF2's salt, counted each time
    /// [default: 256MiB].
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_repeated: Option<u64>,

    /// Limits the output of one hash, key derivation or generator [default: 16MiB].
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_output: Option<u64>,

    /// Limits the memory that one password hash fills [default: 1025MiB].
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_password_memory: Option<u64>,

    /// Limits the memory that one Argon2 fills, times its passes: how long it takes [default: 8200MiB].
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_password_work: Option<u64>,

    /// Limits N times r times p of one scrypt: how long it takes [default: 8388608].
    #[arg(long, value_name = "N")]
    max_scrypt_work: Option<u64>,

    /// Limits the iterations of one PBKDF2, over all blocks of its output: how long it takes [default: 10000000].
    #[arg(long, value_name = "N")]
    max_pbkdf2_iterations: Option<u64>,
}

impl LimitArgs {
    /// Sets the limits that were given.
    pub fn apply(&self, mut builder: WasiCryptoCtxBuilder) -> WasiCryptoCtxBuilder {
        if let Some(handles) = self.max_handles {
            builder = builder.max_handles(handles);
        }
        if let Some(bytes) = self.call_bytes() {
            builder = builder.max_call_bytes(bytes);
        }
        if let Some(entries) = self.max_batch_entries {
            builder = builder.max_batch_entries(entries);
        }
        if let Some(threads) = self.max_threads {
            builder = builder.max_threads(threads);
        }
        builder.limits(self.engine())
    }

    /// What wasmtime lets a guest pass in one call, in bytes.
    pub fn hostcall_fuel(&self) -> usize {
        self.call_bytes()
            .map_or(0, |bytes| bytes.saturating_mul(2))
            .max(HOSTCALL_FUEL)
    }

    fn call_bytes(&self) -> Option<usize> {
        self.max_call_size
            .map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
    }

    fn engine(&self) -> Limits {
        let mut limits = Limits::default();
        let given = [
            (self.max_buffered, &mut limits.buffered_bytes),
            (self.max_repeated, &mut limits.repeated_bytes),
            (self.max_output, &mut limits.squeeze_bytes),
            (self.max_password_memory, &mut limits.password_memory),
            (self.max_password_work, &mut limits.password_work),
            (self.max_scrypt_work, &mut limits.scrypt_work),
            (self.max_pbkdf2_iterations, &mut limits.pbkdf2_iterations),
        ];
        for (given, limit) in given {
            *limit = given.unwrap_or(*limit);
        }
        limits
    }
}

/// Reads a number of bytes: `65536`, `64KiB`, `16MiB` or `1GiB`.
fn size(text: &str) -> Result<u64, String> {
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];
    let (digits, shift) = units
        .iter()
        .find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift)))
        .unwrap_or((text, 0));
    let number: Option<u64> = digits.trim_end().parse().ok();
    number
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(|| "a size is a number of bytes, or ends in KiB, MiB or GiB: 64MiB".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_in_bytes_or_name_their_unit() {
        assert_eq!(size("65536"), Ok(65536));
        assert_eq!(size("64KiB"), Ok(64 << 10));
        assert_eq!(size("16 MiB"), Ok(16 << 20));
        assert_eq!(size("1GiB"), Ok(1 << 30));
        for text in [
            "",
            "KiB",
            "-1",
            "1.5GiB",
            "64MB",
            "64m",
            "99999999999999999999",
            "18446744073709551615GiB",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_limit_that_is_not_given_is_the_engines() {
        assert_eq!(LimitArgs::default().engine(), Limits::default());
    }

    #[test]
    fn the_help_has_the_defaults() {
        use clap::Args;
        let command = LimitArgs::augment_args(clap::Command::new("test"));
        let limits = Limits::default();
        let calls = wasi_crypto_engine::CallLimits::default();
        for (flag, default) in [
            ("max_handles", calls.handles as u64),
            ("max_call_size", calls.call_bytes as u64),
            ("max_batch_entries", calls.batch_entries as u64),
            ("max_buffered", limits.buffered_bytes),
            ("max_repeated", limits.repeated_bytes),
            ("max_output", limits.squeeze_bytes),
            ("max_password_memory", limits.password_memory),
            ("max_password_work", limits.password_work),
            ("max_scrypt_work", limits.scrypt_work),
            ("max_pbkdf2_iterations", limits.pbkdf2_iterations),
        ] {
            let flag = command.get_arguments().find(|arg| arg.get_id() == flag);
            let help = flag
                .and_then(|flag| flag.get_help())
                .map(ToString::to_string);
            let help = help.expect("a help text");
            let (_, rest) = help.split_once("[default: ").expect("a default");
            let (shown, _) = rest.split_once(']').expect("its end");
            assert_eq!(size(shown), Ok(default), "{help}");
        }
    }

    #[test]
    fn each_flag_sets_its_limit() {
        let given = LimitArgs {
            max_buffered: Some(1),
            max_repeated: Some(2),
            max_output: Some(3),
            max_password_memory: Some(4),
            max_password_work: Some(5),
            max_scrypt_work: Some(6),
            max_pbkdf2_iterations: Some(7),
            ..LimitArgs::default()
        };
        let mut expected = Limits::default();
        expected.buffered_bytes = 1;
        expected.repeated_bytes = 2;
        expected.squeeze_bytes = 3;
        expected.password_memory = 4;
        expected.password_work = 5;
        expected.scrypt_work = 6;
        expected.pbkdf2_iterations = 7;
        assert_eq!(given.engine(), expected);
    }
}
