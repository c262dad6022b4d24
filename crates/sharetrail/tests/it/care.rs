//! Care of the store: copies, a copy in its place, room given back.

use std::fs;

use rusqlite::Connection;
use sharetrail::config::settings::StoreSettings;
use sharetrail::store::Store;

use crate::support::{Folder, Lab, now_ms, seeded};

/// A folder with a store of imported records.
fn imported() -> Folder {
    let folder = Folder::new();
    emulator::story::export(&seeded(81, 1_500, now_ms()), folder.path()).unwrap();
    folder.run(["import", "audit.ndjson"]).with_code(0);
    folder
}

#[test]
fn a_restored_backup_tells_what_the_store_told() {
    let folder = imported();
    let before = folder.report("access");
    assert!(!before.is_empty());
    folder.run(["backup", "copy.db"]).with_code(0);
    for name in ["sharetrail.db", "sharetrail.db-wal", "sharetrail.db-shm"] {
        let _ = fs::remove_file(folder.at(name));
    }
    folder.run(["restore", "copy.db"]).with_code(0);
    assert_eq!(folder.report("access"), before);
    // And it can be written to.
    folder.run(["import", "audit.ndjson"]).with_code(0);
    assert_eq!(folder.report("access"), before);
}

#[test]
fn a_backup_is_one_file_of_its_owner_and_replaces_nothing_unasked() {
    let folder = imported();
    folder.run(["backup", "copy.db"]).with_code(0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(folder.at("copy.db")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for beside in ["copy.db-wal", "copy.db-shm", "copy.db.part"] {
        assert!(!folder.at(beside).exists(), "{beside}");
    }
    let ended = folder.run(["backup", "copy.db"]).with_code(1);
    assert!(ended.stderr.contains("--force"), "{ended}");
    folder.run(["backup", "copy.db", "--force"]).with_code(0);
}

#[test]
fn a_backup_never_goes_in_the_place_of_its_own_store_or_of_one_that_is_written_to() {
    let folder = imported();
    let before = folder.report("access");
    #[cfg(unix)]
    std::os::unix::fs::symlink("sharetrail.db", folder.at("link.db")).unwrap();
    for copy in if cfg!(unix) { &["sharetrail.db", "link.db"][..] } else { &["sharetrail.db"] } {
        folder.run(["backup", copy, "--force"]).with_code(1).saying("is the store itself; name another file");
        folder.run(["restore", copy, "--force"]).with_code(1).saying("is the store itself");
    }
    let writer = Store::open(&folder.at("another.db"), None, &StoreSettings::default()).unwrap();
    folder.run(["backup", "another.db", "--force"]).with_code(1).saying("another sharetrail is writing to");
    drop(writer);
    folder.run(["backup", "another.db", "--force"]).with_code(0);
    assert_eq!(folder.report("access"), before);
}

#[test]
fn a_backup_can_be_made_while_something_writes_and_a_restore_cannot() {
    let folder = imported();
    folder.run(["backup", "first.db"]).with_code(0);
    let before = folder.report("access");
    let writer = Store::open(&folder.at("sharetrail.db"), None, &StoreSettings::default()).unwrap();
    // In the middle of a transaction of another connection.
    let other = Connection::open(folder.at("sharetrail.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; DELETE FROM outbox; DELETE FROM feed").unwrap();
    folder.run(["backup", "copy.db"]).with_code(0);
    let refused = folder.run(["restore", "first.db", "--force"]).with_code(1);
    assert!(refused.stderr.contains("stop it first"), "{refused}");
    let refused = folder.run(["compact"]).with_code(1);
    assert!(refused.stderr.contains("stop it first"), "{refused}");
    drop((writer, other));
    assert_eq!(folder.report("access"), before);
    folder.run(["restore", "copy.db", "--force"]).with_code(0);
    assert_eq!(folder.report("access"), before);
}

#[test]
fn a_restore_replaces_a_store_only_when_told_to() {
    let folder = imported();
    folder.run(["backup", "copy.db"]).with_code(0);
    let refused = folder.run(["restore", "copy.db"]).with_code(1);
    assert!(refused.stderr.contains("exists already") && refused.stderr.contains("--force"), "{refused}");
}

#[test]
fn a_restore_refuses_what_is_no_whole_store_of_this_release() {
    let folder = imported();
    let before = folder.report("access");
    folder.run(["backup", "copy.db"]).with_code(0);
    folder.write("text.db", "not a database, only text that somebody wrote");
    folder.write("empty.db", "");
    let mut bytes = fs::read(folder.at("copy.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    folder.write("damaged.db", bytes);
    fs::copy(folder.at("copy.db"), folder.at("newer.db")).unwrap();
    Connection::open(folder.at("newer.db")).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    for (name, words) in [
        ("absent.db", "there is no store at"),
        ("text.db", "not a sharetrail store"),
        ("empty.db", "not a sharetrail store"),
        ("damaged.db", "is damaged"),
        ("newer.db", "newer sharetrail (schema 99"),
    ] {
        let refused = folder.run(["restore", name, "--force"]).with_code(1);
        assert!(refused.stderr.contains(words), "{name}: {refused}");
    }
    assert_eq!(folder.report("access"), before, "what was refused changed nothing");
}

#[test]
fn a_compacted_store_is_smaller_and_tells_the_same() {
    let folder = imported();
    let before = folder.report("access");
    let db = Connection::open(folder.at("sharetrail.db")).unwrap();
    db.execute_batch(
        "CREATE TABLE padding (bytes BLOB); INSERT INTO padding VALUES (zeroblob(3000000)); DROP TABLE padding",
    )
    .unwrap();
    drop(db);
    let ended = folder.run(["compact"]).with_code(0);
    let freed: u64 = ended.stdout.split(": ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(freed >= 2_900_000, "{ended}");
    assert_eq!(folder.report("access"), before);
}

#[test]
fn a_collector_goes_on_from_a_restored_store() {
    let lab = Lab::seeded(82, 1_000);
    lab.collect().with_code(0);
    lab.folder.run(["backup", "copy.db"]).with_code(0);
    lab.folder.run(["restore", "copy.db", "--force"]).with_code(0);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}
