//! Disks: one that is full, one that has become read-only. On a small file system in memory, since tests that run as root
//! are let through by permissions. Where none can be mounted the tests say so and check nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::ledger::records_within_reach;
use super::table::{Outcome, collect, impatient};
use crate::support::{Lab, now_ms, seeded};

/// A file system in memory, gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Over this folder; `None` where it is not for us to mount anything.
    fn over(folder: &Path, size: &str) -> Option<SmallDisk> {
        mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"], folder).then(|| SmallDisk(folder.to_owned()))
    }

    #[track_caller]
    fn change(&self, options: &str) {
        assert!(mount(&["-o", &format!("remount,{options}")], &self.0), "remount with {options}");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the program may not have let go of it yet.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(arguments: &[&str], folder: &Path) -> bool {
    Command::new("mount").args(arguments).arg(folder).output().is_ok_and(|output| output.status.success())
}

/// Collects onto a disk that has trouble of this kind and is mended then; `None` where that cannot be tried.
fn play(size: &str, trouble: impl FnOnce(&SmallDisk), words: &str, mended: &str) -> Option<Outcome> {
    let tenant = seeded(90, 1_500, now_ms());
    let records = records_within_reach(&tenant);
    let lab = Lab::of(tenant);
    let disk = SmallDisk::over(lab.folder.path(), size)?;
    // Its files are below the new file system now.
    lab.configure(impatient);
    trouble(&disk);
    let failed = lab.collect().saying(words);
    assert!(!failed.stderr.contains("panicked"), "{failed}");
    assert_ne!(failed.code, Some(0), "{failed}");
    disk.change(mended);
    let mut outcome = collect(&lab, records, 3);
    outcome.codes.insert(0, failed.code);
    outcome.said.insert_str(0, &failed.stderr);
    drop(lab);
    Some(outcome)
}

pub fn full() -> Option<Outcome> {
    play("1100k", |_| {}, "the disk is full", "size=64m")
}

pub fn read_only() -> Option<Outcome> {
    play("64m", |disk| disk.change("ro"), "ead-only", "rw")
}

#[test]
fn a_disk_that_is_full_ends_the_pass_in_words_and_the_next_one_goes_on() {
    match full() {
        Some(outcome) => outcome.assert_the_truth("disk full"),
        None => println!("SKIP: no file system can be mounted here"),
    }
}

#[test]
fn a_disk_that_is_read_only_ends_the_pass_in_words_and_the_next_one_goes_on() {
    match read_only() {
        Some(outcome) => outcome.assert_the_truth("disk read-only"),
        None => println!("SKIP: no file system can be mounted here"),
    }
}
