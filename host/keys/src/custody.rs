//! Who else may have had a file in hand that holds a secret.

use std::fs::File;

/// Checks that nobody but this user and root can read or replace what is in an opened file. The error says what is wrong
/// and what to do.
#[cfg(unix)]
pub(crate) fn check(file: &File) -> Result<(), String> {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    let kind = metadata.file_type();
    if !(kind.is_file() || kind.is_fifo()) || unix::has_no_modes(file, &metadata) {
        return Ok(());
    }
    let holder = unix::Holder {
        owner: metadata.uid(),
        mode: metadata.mode() & 0o777,
        is_kept: kind.is_file(),
    };
    holder.check(&unix::Reader::this_process())
}

#[cfg(not(unix))]
pub(crate) fn check(_: &File) -> Result<(), String> {
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::fs::{File, Metadata};

    const ROOT: u32 = 0;

    const GROUP_READS: u32 = 0o040;
    const GROUP_WRITES: u32 = 0o020;
    const OTHERS_READ: u32 = 0o004;
    const OTHERS_WRITE: u32 = 0o002;

    /// Who has a file.
    pub(super) struct Holder {
        pub(super) owner: u32,
        pub(super) mode: u32,
        /// Whether what is in it stays there.
        pub(super) is_kept: bool,
    }

    /// Who reads it.
    pub(super) struct Reader {
        pub(super) user: u32,
        /// In a user namespace, whoever owns what belongs to nobody that it knows.
        pub(super) stranger: Option<u32>,
    }

    impl Holder {
        pub(super) fn check(&self, reader: &Reader) -> Result<(), String> {
            let Self { owner, mode, .. } = *self;
            let is_roots = owner == ROOT || Some(owner) == reader.stranger;
            if !is_roots && owner != reader.user {
                return Err(format!(
                    "it belongs to user {owner}, who could put another key there; it has to belong to root or to user {}, \
                     who reads it: change that with chown",
                    reader.user
                ));
            }
            let group = if is_roots { "g-w" } else { "g-rw" };
            let fix = format!("take that away with chmod {group},o-rwx, or chmod 600");
            if mode & (GROUP_WRITES | OTHERS_WRITE) != 0 {
                return Err(format!(
                    "other users can write to it (mode {mode:03o}); {fix}"
                ));
            }
            let readers = match is_roots {
                true => OTHERS_READ,
                false => GROUP_READS | OTHERS_READ,
            };
            if self.is_kept && mode & readers != 0 {
                return Err(format!("other users can read it (mode {mode:03o}); {fix}"));
            }
            Ok(())
        }
    }

    impl Reader {
        pub(super) fn this_process() -> Self {
            Self {
                user: rustix::process::geteuid().as_raw(),
                stranger: stranger(),
            }
        }
    }

    /// See user_namespaces(7).
    fn stranger() -> Option<u32> {
        let map = std::fs::read_to_string("/proc/self/uid_map").ok()?;
        let maps_all = map.split_ascii_whitespace().eq(["0", "0", "4294967295"]);
        if maps_all {
            return None;
        }
        let user = std::fs::read_to_string("/proc/sys/kernel/overflowuid").ok();
        Some(
            user.and_then(|user| user.trim().parse().ok())
                .unwrap_or(65534),
        )
    }

    /// Whether the file system makes owners and modes up: by options of its mount, or by what another machine's says.
    #[cfg(target_os = "linux")]
    pub(super) fn has_no_modes(file: &File, metadata: &Metadata) -> bool {
        use std::os::unix::fs::MetadataExt;
        let Ok(found) = rustix::fs::fstatfs(file) else {
            return false;
        };
        // What statfs(2) gives has 32 bits, in a type that has a sign on some machines.
        match found.f_type as u32 {
            FUSE => is_block_device_in_user_space(metadata.dev()),
            kind => WITHOUT_MODES.contains(&kind),
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn has_no_modes(_: &File, _: &Metadata) -> bool {
        false
    }

    /// File systems that know no owners and modes, or not those of this machine (statfs(2), linux/magic.h).
    #[cfg(target_os = "linux")]
    const WITHOUT_MODES: [u32; 14] = [
        0x4d44,      // msdos, vfat
        0x2011_bab0, // exfat
        0x5346_544e, // ntfs
        0x7366_746e, // ntfs3
        0xf995_e849, // hpfs
        0x4244,      // hfs
        0x9660,      // isofs
        0x1501_3346, // udf
        0x517b,      // smb
        0xff53_4d42, // cifs
        0xfe53_4d42, // smb2, smb3
        0x0102_1997, // 9p: Windows' drives in WSL 2
        0x5346_4846, // WSL 1
        0x786f_4256, // vboxsf
    ];

    /// Those in user space have modes, except for those on block devices, which are exFAT and NTFS.
    #[cfg(target_os = "linux")]
    const FUSE: u32 = 0x6573_5546;

    #[cfg(target_os = "linux")]
    fn is_block_device_in_user_space(device: u64) -> bool {
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        is_fuseblk(
            &mounts,
            rustix::fs::major(device),
            rustix::fs::minor(device),
        )
    }

    /// Fields of a line: identifier, parent, device, root, mount point, options, any number of optional ones, `-`, type
    /// (proc_pid_mountinfo(5)).
    #[cfg(target_os = "linux")]
    fn is_fuseblk(mounts: &str, major: u32, minor: u32) -> bool {
        let device = format!("{major}:{minor}");
        mounts.lines().any(|line| {
            let (place, kind) = line.split_once(" - ").unwrap_or((line, ""));
            place.split(' ').nth(2) == Some(&device) && kind.split(' ').next() == Some("fuseblk")
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// Whether a user may read a secret in a file of this owner and mode.
        fn may(user: u32, stranger: Option<u32>, owner: u32, mode: u32) -> bool {
            let holder = Holder {
                owner,
                mode,
                is_kept: true,
            };
            holder.check(&Reader { user, stranger }).is_ok()
        }

        #[test]
        fn roots_file_may_be_read_by_its_group_and_written_by_nobody_else() {
            for user in [0, 1000] {
                for mode in [0o400, 0o440, 0o600, 0o640] {
                    assert!(may(user, None, 0, mode), "{mode:o}");
                }
                for mode in [0o644, 0o444, 0o660, 0o620, 0o602, 0o404, 0o777] {
                    assert!(!may(user, None, 0, mode), "{mode:o}");
                }
            }
        }

        #[test]
        fn ones_own_file_may_be_read_by_nobody_else() {
            for mode in [0o400, 0o600] {
                assert!(may(1000, None, 1000, mode), "{mode:o}");
            }
            for mode in [0o440, 0o640, 0o444, 0o644, 0o620, 0o602, 0o660] {
                assert!(!may(1000, None, 1000, mode), "{mode:o}");
            }
        }

        #[test]
        fn anybody_elses_file_is_refused() {
            for user in [0, 1000] {
                assert!(!may(user, None, 1001, 0o400));
                assert!(!may(user, None, 65534, 0o440));
            }
        }

        #[test]
        fn a_strangers_file_in_a_user_namespace_counts_as_roots() {
            assert!(may(1000, Some(65534), 65534, 0o440));
            assert!(!may(1000, Some(65534), 65534, 0o444));
            assert!(!may(1000, Some(65534), 1001, 0o400));
        }

        #[test]
        fn a_fifo_may_be_written_to_by_its_owner_alone() {
            let may = |owner, mode| {
                let holder = Holder {
                    owner,
                    mode,
                    is_kept: false,
                };
                let reader = Reader {
                    user: 1000,
                    stranger: None,
                };
                holder.check(&reader).is_ok()
            };
            assert!(may(1000, 0o600) && may(1000, 0o644) && may(0, 0o644));
            assert!(!may(1000, 0o660) && !may(1000, 0o606) && !may(1001, 0o600));
        }

        #[cfg(target_os = "linux")]
        #[test]
        fn a_file_system_in_user_space_has_modes_unless_it_is_on_a_block_device() {
            let mounts = "22 28 0:21 / /proc rw - proc proc rw\n\
                          90 28 8:17 / /media/stick rw,nosuid shared:40 - fuseblk /dev/sdb1 rw,user_id=0\n\
                          91 28 0:52 / /mnt/remote rw - fuse.sshfs host: rw\n";
            assert!(is_fuseblk(mounts, 8, 17));
            assert!(!is_fuseblk(mounts, 0, 52));
            assert!(!is_fuseblk(mounts, 8, 18));
        }
    }
}
