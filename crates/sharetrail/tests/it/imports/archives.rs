//! Folders, archives and pipes full of exports.

use std::fs;
use std::io::Write;

use emulator::story::export;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use crate::support::{Folder, now_ms, reported, seeded, told};

/// A zip archive of files with their content; `None`: stored as they are.
pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, content) in members {
        let (mut entry, config) =
            archive.new_file(name).compression_method(rawzip::CompressionMethod::DEFLATE).start().unwrap();
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::fast()));
        writer.write_all(content).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_folder_an_archive_and_an_archive_through_a_pipe_give_the_same_answer_as_their_files() {
    let tenant = seeded(13, 1_500, now_ms());
    let domains = tenant.profile.internal_domains.join(",");
    let folder = Folder::new();
    export(&tenant, folder.path()).unwrap();
    let text = folder.read("audit.ndjson");
    let lines: Vec<&str> = text.lines().collect();
    let parts: Vec<Vec<u8>> = lines.chunks(lines.len().div_ceil(3)).map(|part| part.join("\n").into_bytes()).collect();
    // Each record comes once more, from another kind of file.
    let csv = fs::read(folder.at("purview.csv")).unwrap();
    let files: [(&str, Vec<u8>); 4] = [
        ("1/a.json", parts[0].clone()),
        ("1/b.json.gz", gzip(&parts[1])),
        ("c.ndjson", parts[2].clone()),
        ("d.csv", csv),
    ];
    for (name, bytes) in &files {
        fs::create_dir_all(folder.at("exports/1")).unwrap();
        folder.write(&format!("exports/{name}"), bytes);
    }
    folder.write("exports/.DS_Store", b"\0\0\0\x01Bud1");
    let members: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let archive = zip(&members);
    folder.write("exports.zip", &archive);

    let report = |state: &str| {
        let rows = folder.run(["--state", state, "report", "access", "--format", "json"]).with_code(0).json();
        assert_eq!(reported(rows.as_array().unwrap()), told(&tenant.truth), "{state}");
    };
    // The store lies in the folder that is imported.
    let inside = "exports/store.db";
    for _ in 0..2 {
        let arguments = ["--state", inside, "import", "--json", "exports", "--internal-domain", &domains];
        let ended = folder.run(arguments).with_code(0);
        let files: Vec<serde_json::Value> =
            ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let names: Vec<&str> = files.iter().map(|file| file["file"].as_str().unwrap()).collect();
        assert_eq!(names, ["exports/1/a.json", "exports/1/b.json.gz", "exports/c.ndjson", "exports/d.csv"]);
    }
    report(inside);
    let arguments = ["--state", "zip.db", "import", "--json", "exports.zip", "--internal-domain", &domains];
    let summary = folder.run(arguments).with_code(0).json();
    assert_eq!(summary["records"], 2 * lines.len(), "{summary}");
    assert_eq!(summary["distinct"], lines.len(), "{summary}");
    report("zip.db");
    let arguments = ["--state", "pipe.db", "import", "-", "--internal-domain", &domains];
    folder.program().fed(archive).run(arguments).with_code(0);
    report("pipe.db");
}

#[test]
fn what_is_wrong_in_an_archive_is_told_with_the_file_in_it() {
    let folder = Folder::new();
    folder.write(
        "two.zip",
        zip(&[("good.json", b"{\"RecordType\":6,\"Operation\":\"X\"}"), ("bad.json", b"{\"a\":1}\n{\"b\":\n")]),
    );
    let ended = folder.run(["import", "two.zip"]).with_code(3);
    ended.saying("line 2 of bad.json: the file ends in the middle of a record").saying("no audit record");
}
