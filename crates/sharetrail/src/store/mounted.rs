//! Which file system a store lies on. One of another machine keeps no promise that SQLite's write-ahead log needs (SQLite:
//! "Write-Ahead Logging": all processes must be on the same host computer), so a store there is refused.

use std::path::{Path, PathBuf};

use super::StoreError;

/// Types in `/proc/self/mountinfo` whose files live on another machine. `9p` is what a virtual machine sees of its host.
const NETWORK: [&str; 16] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "gfs2",
    "glusterfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "smb2",
    "smb3",
    "smbfs",
];

/// The same behind FUSE: `fuse.sshfs`.
const NETWORK_FUSE: [&str; 7] =
    ["fuse.blobfuse", "fuse.blobfuse2", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.ceph"];

/// Refuses a store on a file system of another machine. Where the system does not say (elsewhere than on Linux), nothing
/// is refused.
///
/// # Errors
/// `Network`, with the type of the file system.
pub fn refuse_network(path: &Path) -> Result<(), StoreError> {
    match network_of(path) {
        Some(kind) => Err(StoreError::Network { path: path.to_owned(), kind }),
        None => Ok(()),
    }
}

/// The type of the network file system that `path` lies on.
pub fn network_of(path: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    kind_at(&mounts, &resolved(path)?).filter(|kind| is_network(kind)).map(str::to_owned)
}

/// The path without links, whether the file is there already or only its folder.
fn resolved(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    absolute.canonicalize().ok().or_else(|| Some(absolute.parent()?.canonicalize().ok()?.join(absolute.file_name()?)))
}

fn is_network(kind: &str) -> bool {
    NETWORK.contains(&kind) || NETWORK_FUSE.contains(&kind)
}

/// The type of the file system at `path`: of the mount that is deepest, and of several at one place the last.
/// Source: Linux, proc_pid_mountinfo(5): the mount point is the fifth field, the type the first after a lone hyphen.
fn kind_at<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let Some((head, tail)) = line.split_once(" - ") else { continue };
        let (Some(point), Some(kind)) = (head.split(' ').nth(4), tail.split(' ').next()) else { continue };
        let point = unescaped(point);
        let depth = point.components().count();
        if path.starts_with(&point) && best.is_none_or(|(deepest, _)| depth >= deepest) {
            best = Some((depth, kind));
        }
    }
    best.map(|(_, kind)| kind)
}

/// Blanks, tabs, line ends and backslashes stand there as three octal digits behind a backslash.
fn unescaped(field: &str) -> PathBuf {
    let mut text = field.to_owned();
    for (written, meant) in [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")] {
        text = text.replace(written, meant);
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
40 22 0:35 / /mnt/share rw,relatime shared:20 - cifs //files/share rw,vers=3.1.1
41 22 0:36 / /mnt/with\\040blank rw - nfs4 files:/export rw
42 40 254:2 / /mnt/share/local rw master:3 - xfs /dev/vdb rw
43 22 0:50 / /mnt/c rw - 9p drvfs rw
44 22 0:51 / /srv rw - nfs files:/srv rw
45 44 254:3 / /srv rw - ext4 /dev/vdc rw
46 22 0:52 / /home/a/remote rw - fuse.sshfs a@b:/ rw
this line says nothing";

    #[test]
    fn the_deepest_and_latest_mount_says_what_a_path_lies_on() {
        for (path, kind) in [
            ("/var/lib/sharetrail.db", "ext4"),
            ("/mnt/share/sharetrail.db", "cifs"),
            ("/mnt/shared/sharetrail.db", "ext4"),
            ("/mnt/with blank/x.db", "nfs4"),
            ("/mnt/share/local/x.db", "xfs"),
            ("/mnt/c/Users/x.db", "9p"),
            ("/srv/x.db", "ext4"),
            ("/home/a/remote/x.db", "fuse.sshfs"),
        ] {
            assert_eq!(kind_at(MOUNTS, Path::new(path)), Some(kind), "{path}");
        }
    }

    #[test]
    fn file_systems_of_other_machines_are_told_from_local_ones() {
        for kind in ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"] {
            assert!(is_network(kind), "{kind}");
        }
        for kind in ["ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "fuseblk"] {
            assert!(!is_network(kind), "{kind}");
        }
    }

    #[test]
    fn a_store_that_is_not_there_yet_lies_where_its_folder_lies() {
        assert_eq!(resolved(Path::new("/proc/../new.db")), Some(PathBuf::from("/new.db")));
    }
}
