//! The header of an encrypted file: what it takes, beside the password, to come to its key.

use std::fmt;

use anyhow::{Result, bail, ensure};

pub const SALT_LEN: usize = 32;
pub const COMMITMENT_LEN: usize = 32;

const MAGIC: &[u8; 6] = b"wcrypt";
const VERSION: u16 = 1;
const CHECKSUM_LEN: usize = 12;

const SALT_AT: usize = 20;
const COMMITMENT_AT: usize = SALT_AT + SALT_LEN;
const CHECKSUM_AT: usize = COMMITMENT_AT + COMMITMENT_LEN;

/// Bytes of a header.
pub const LEN: usize = CHECKSUM_AT + CHECKSUM_LEN;

/// The costs of hashing the password with Argon2id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub parallelism: u32,
}

impl Cost {
    const MOST_MEMORY_KIB: u32 = 1025 << 10;
    const MOST_PARALLELISM: u32 = 64;
    /// What several lanes count in each pass: it takes time to bring them together.
    const LANES_KIB: u64 = 128;
    /// Memory, and more where there are several lanes, times passes: some seconds of work.
    const MOST_WORK_KIB: u64 = 8200 << 10;

    /// The work, counted as a host counts it.
    fn work_kib(&self) -> u64 {
        let lanes = if self.parallelism > 1 {
            Self::LANES_KIB
        } else {
            0
        };
        (u64::from(self.memory_kib) + lanes).saturating_mul(self.passes.into())
    }

    /// Refuses what Argon2 cannot do, and what nobody sensible asks for: a file from elsewhere must not be able to keep
    /// its reader busy for hours.
    pub fn check(&self) -> Result<()> {
        let Self {
            memory_kib,
            passes,
            parallelism,
        } = *self;
        ensure!(
            passes >= 1 && parallelism >= 1,
            "{self}: passes and lanes start at 1"
        );
        ensure!(
            parallelism <= Self::MOST_PARALLELISM,
            "{self}: there can be at most {} lanes",
            Self::MOST_PARALLELISM
        );
        ensure!(
            memory_kib >= 8 * parallelism,
            "{self}: Argon2 needs at least 8 KiB for each lane"
        );
        ensure!(
            memory_kib <= Self::MOST_MEMORY_KIB,
            "{self}: the memory can be at most {} KiB",
            Self::MOST_MEMORY_KIB
        );
        ensure!(
            self.work_kib() <= Self::MOST_WORK_KIB,
            "{self}: memory, and {} KiB more where there are several lanes, times passes can be at most {} KiB",
            Self::LANES_KIB,
            Self::MOST_WORK_KIB
        );
        Ok(())
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            memory_kib,
            passes,
            parallelism,
        } = self;
        write!(
            f,
            "{memory_kib} KiB of memory, {passes} passes, {parallelism} lanes"
        )
    }
}

/// What stands in the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub cost: Cost,
    /// Fresh for each file, and with it everything that follows from the password.
    pub salt: [u8; SALT_LEN],
    /// Follows from the password and the rest of the header, and from no other.
    pub commitment: [u8; COMMITMENT_LEN],
}

impl Header {
    /// The bytes of the header. `checksum` gives the first bytes of a hash.
    pub fn encode(&self, checksum: impl Checksum) -> Result<Vec<u8>> {
        let mut bytes = self.parameters();
        bytes.extend(self.commitment);
        let sum = checksum(&bytes, CHECKSUM_LEN)?;
        bytes.extend(sum);
        Ok(bytes)
    }

    /// Reads a header, and says what is wrong with one that is damaged, foreign or absurd.
    pub fn decode(bytes: &[u8], checksum: impl Checksum) -> Result<Self> {
        ensure!(
            bytes.len() >= 8 && bytes.starts_with(MAGIC),
            "this is no file that wcrypt encrypt has written"
        );
        let version = u16::from_be_bytes([bytes[6], bytes[7]]);
        ensure!(
            version == VERSION,
            "the file has version {version} of the format, and this wcrypt reads version {VERSION}"
        );
        let Some(bytes) = bytes.get(..LEN) else {
            bail!("the file ends within its header");
        };
        let (content, sum) = bytes.split_at(CHECKSUM_AT);
        ensure!(
            checksum(content, CHECKSUM_LEN)? == sum,
            "the header is damaged"
        );
        let header = Self {
            cost: Cost {
                memory_kib: u32_at(content, 8),
                passes: u32_at(content, 12),
                parallelism: u32_at(content, 16),
            },
            salt: array_at(content, SALT_AT),
            commitment: array_at(content, COMMITMENT_AT),
        };
        header.cost.check()?;
        Ok(header)
    }

    /// The info of HKDF-Expand for one of the file's secrets: it binds them to the header.
    pub fn info(&self, purpose: &str) -> Vec<u8> {
        [purpose.as_bytes(), &[0], &self.parameters()].concat()
    }

    /// The header up to the commitment.
    fn parameters(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LEN);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_be_bytes());
        for number in [
            self.cost.memory_kib,
            self.cost.passes,
            self.cost.parallelism,
        ] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(self.salt);
        bytes
    }
}

/// The first bytes of a hash: of what, and how many.
pub trait Checksum: Fn(&[u8], usize) -> Result<Vec<u8>> {}
impl<F: Fn(&[u8], usize) -> Result<Vec<u8>>> Checksum for F {}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(array_at(bytes, at))
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No hash, but it depends on every bit.
    fn sum(data: &[u8], len: usize) -> Result<Vec<u8>> {
        let sum = data.iter().fold(1_u64, |sum, &byte| {
            sum.wrapping_mul(0x0100_0000_01b3).wrapping_add(byte.into())
        });
        Ok(sum.to_be_bytes().into_iter().cycle().take(len).collect())
    }

    fn sample() -> Header {
        Header {
            cost: Cost {
                memory_kib: 65536,
                passes: 3,
                parallelism: 4,
            },
            salt: [0x5a; SALT_LEN],
            commitment: [0xc0; COMMITMENT_LEN],
        }
    }

    fn refusal(bytes: &[u8]) -> String {
        Header::decode(bytes, sum).unwrap_err().to_string()
    }

    #[test]
    fn the_layout_is_that_of_the_document() {
        let bytes = sample().encode(sum).unwrap();
        assert_eq!(bytes.len(), 96);
        assert_eq!(&bytes[..20], b"wcrypt\0\x01\0\x01\0\0\0\0\0\x03\0\0\0\x04");
        assert_eq!(&bytes[20..52], [0x5a; 32]);
        assert_eq!(&bytes[52..84], [0xc0; 32]);
        assert_eq!(&bytes[84..], sum(&bytes[..84], 12).unwrap());
        assert_eq!(Header::decode(&bytes, sum).unwrap(), sample());
        assert_eq!(sample().info("key"), [b"key\0", &bytes[..52]].concat());
    }

    #[test]
    fn every_flipped_bit_is_detected() {
        let bytes = sample().encode(sum).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let expected = match bit / 8 {
                0..6 => "no file that wcrypt encrypt has written",
                6..8 => "version",
                _ => "the header is damaged",
            };
            assert!(refusal(&damaged).contains(expected), "bit {bit}");
        }
    }

    #[test]
    fn foreign_and_short_files_are_told_apart() {
        assert!(refusal(b"").contains("no file that wcrypt encrypt has written"));
        assert!(refusal(b"PK\x03\x04 something else").contains("no file that wcrypt"));
        let bytes = sample().encode(sum).unwrap();
        assert_eq!(refusal(&bytes[..95]), "the file ends within its header");
    }

    #[test]
    fn costs_that_are_impossible_or_absurd_are_refused_when_read() {
        for (memory_kib, passes, parallelism) in [
            (u32::MAX, 1, 1),
            (65536, u32::MAX, 1),
            (65536, 3, u32::MAX),
            (1 << 20, 9, 1),
            (65536, 0, 1),
            (65536, 3, 0),
            (31, 1, 4),
        ] {
            let mut header = sample();
            header.cost = Cost {
                memory_kib,
                passes,
                parallelism,
            };
            let bytes = header.encode(sum).unwrap();
            assert!(refusal(&bytes).contains("KiB of memory"), "{}", header.cost);
        }
        for (memory_kib, passes, parallelism) in [(1 << 20, 8, 64), (8, 1, 1), (512, 13120, 64)] {
            Cost {
                memory_kib,
                passes,
                parallelism,
            }
            .check()
            .unwrap();
        }
    }

    #[test]
    fn a_host_takes_the_costs_that_the_format_allows_and_no_others() {
        let engine = wasi_crypto_engine::Engine::default();
        let takes = |cost: &Cost| {
            let mut options = engine.options(wasi_crypto_engine::Category::Symmetric);
            for (name, value) in [
                ("memory_limit", u64::from(cost.memory_kib) * 1024),
                ("ops_limit", cost.passes.into()),
                ("parallelism", cost.parallelism.into()),
            ] {
                options.set_u64(name, value).unwrap();
            }
            engine.open("ARGON2-ID-13", None, Some(&options)).is_ok()
        };
        let most = Cost::MOST_WORK_KIB as u32;
        for parallelism in [0, 1, 2, 4, 64] {
            for memory_kib in [
                0,
                7,
                8,
                32,
                512,
                1 << 20,
                1025 << 10,
                (1025 << 10) + 1,
                u32::MAX,
            ] {
                let whole = most / memory_kib.max(1);
                let with_lanes = most / (memory_kib.saturating_add(128));
                for passes in [
                    0,
                    1,
                    8,
                    9,
                    with_lanes,
                    with_lanes + 1,
                    whole,
                    whole.saturating_add(1),
                    u32::MAX,
                ] {
                    let cost = Cost {
                        memory_kib,
                        passes,
                        parallelism,
                    };
                    assert_eq!(cost.check().is_ok(), takes(&cost), "{cost}");
                }
            }
        }
        // What was refused by the host alone.
        let cost = Cost {
            memory_kib: 1 << 20,
            passes: 8,
            parallelism: 4,
        };
        assert!(cost.check().is_ok() && takes(&cost));
    }
}
