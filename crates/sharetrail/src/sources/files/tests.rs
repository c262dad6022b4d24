use std::convert::Infallible;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::splitter::BROKEN_BYTES_MAX;
use super::*;

impl From<FileError> for String {
    fn from(error: FileError) -> Self {
        error.to_string()
    }
}

/// A reader that gives at most so many bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.1);
        self.0.read(&mut buffer[..length])
    }
}

/// Records as they are, rejections as `!line reason`.
fn found_at(bytes: &[u8], step: usize, record_bytes_max: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut on_entry = |entry: Entry<'_>| -> Result<(), Infallible> {
        found.push(match entry {
            Entry::Record { text, .. } => text.to_owned(),
            Entry::Rejected { place, reason, raw } => {
                assert!(raw.len() <= BROKEN_BYTES_MAX);
                format!("!{} {reason}", place.line)
            }
        });
        Ok(())
    };
    let mut output = Output::new(record_bytes_max, &mut on_entry);
    read_stream(Box::new(Slow(bytes, step)), &Allowance::default(), step, &mut output).unwrap();
    output.end_part().unwrap();
    let summary = output.into_summary();
    let rejected = found.iter().filter(|entry| entry.starts_with('!')).count() as u64;
    assert_eq!((summary.records, summary.rejected), (found.len() as u64 - rejected, rejected));
    found
}

fn found(bytes: &[u8]) -> Vec<String> {
    let at_once = found_at(bytes, CHUNK_BYTES, RECORD_BYTES_MAX);
    assert_eq!(found_at(bytes, 1, RECORD_BYTES_MAX), at_once);
    at_once
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn csv_of(records: &[String], delimiter: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(["CreationDate", "UserIds", "auditdata", "Identity"]).unwrap();
    for record in records {
        writer.write_record(["2026-01-02", "a@b.example, c", record, ""]).unwrap();
    }
    writer.into_inner().unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Any JSON value a few levels deep, with hostile texts.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        text().prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(text(), inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{0,6}", r#"[\{\}\[\]",:\\;\n\r\t ]{0,6}"#, "\\PC{0,6}", Just("Data".to_owned()),]
}

/// Objects that are no list answers: their keys are made never to be `data` or `value`.
fn records() -> impl Strategy<Value = Vec<serde_json::Value>> {
    let record = prop::collection::btree_map(text(), value(), 0..5)
        .prop_map(|map| map.into_iter().map(|(key, value)| (format!("k{key}"), value)).collect::<serde_json::Value>());
    prop::collection::vec(record, 1..6)
}

proptest! {
    #[test]
    fn records_come_back_byte_for_byte_from_every_layout(records in records(), step in 1..40usize, pretty: bool) {
        let one = |record: &serde_json::Value| record.to_string();
        let lines: Vec<String> = records.iter().map(one).collect();
        let pretty_records: Vec<String> = records.iter().map(|record| format!("{record:#}")).collect();
        let records = if pretty { &pretty_records } else { &lines };
        let layouts: Vec<(&str, Vec<u8>)> = vec![
            ("list", format!("[{}]", records.join(",")).into_bytes()),
            ("spaced list", format!("\u{feff}[\r\n  {}\r\n]\r\n", records.join(" ,\r\n  ")).into_bytes()),
            ("after each other", records.concat().into_bytes()),
            ("each on new lines", records.join("\n").into_bytes()),
            ("Defender answer", format!("{{\"total\":1,\"x\":[{{}}],\"data\":[{}],\"hasNext\":true}}", records.join(",")).into_bytes()),
            ("Graph answer", format!("{{\"@odata.context\":\"[{{\", \"value\": [ {} ] }}", records.join("\n,")).into_bytes()),
            ("answers after each other", records.iter().map(|record| format!("{{\"data\":[{record}]}}\n")).collect::<String>().into_bytes()),
            ("table", csv_of(records, b',')),
            ("table with semicolons", csv_of(records, b';')),
            ("UTF-16", utf16(&records.join("\r\n"))),
        ];
        for (layout, bytes) in layouts {
            prop_assert_eq!(&found_at(&bytes, step, RECORD_BYTES_MAX), records, "{}", layout);
            prop_assert_eq!(&found_at(&gzip(&bytes), step, RECORD_BYTES_MAX), records, "{} in gzip", layout);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), step in 1..40usize) {
        found_at(&bytes, step, 64);
    }

    #[test]
    fn how_a_broken_file_is_read_does_not_depend_on_the_chunks(
        parts in prop::collection::vec(prop_oneof![
            r#"[\{\}\[\]",:\\\n ]{1,4}"#,
            Just(r#"{"data":["#.to_owned()),
            Just(r#"{"a":1}"#.to_owned()),
            Just("{\"a\":\"x\n".to_owned()),
            Just("],\"b\":{}}\n".to_owned()),
        ], 0..20),
        step in 1..10usize,
    ) {
        let text = format!("{{{}", parts.concat());
        let at_once = found_at(text.as_bytes(), CHUNK_BYTES, 64);
        prop_assert_eq!(found_at(text.as_bytes(), step, 64), at_once);
    }

    #[test]
    fn a_cut_file_keeps_what_came_before(records in records(), cut in 0.0..1.0f64) {
        let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
        let text = format!("[{}]", lines.join(",\n"));
        let mut cut = (text.len() as f64 * cut) as usize;
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        let found = found_at(&text.as_bytes()[..cut], CHUNK_BYTES, RECORD_BYTES_MAX);
        let (rejection, kept) = found.split_last().unwrap();
        prop_assert!(rejection.starts_with('!'));
        prop_assert_eq!(kept, &lines[..kept.len()]);
    }
}

#[test]
fn half_a_gzip_gives_its_records_and_one_rejection() {
    let lines: String = (0..5000).map(|n| format!("{{\"n\":{n},\"square\":{}}}\n", n * n)).collect();
    let packed = gzip(lines.as_bytes());
    let found = found_at(&packed[..packed.len() / 2], 1000, RECORD_BYTES_MAX);
    let (rejection, kept) = found.split_last().unwrap();
    assert!(rejection.contains("its compressed data is not complete"), "{rejection}");
    assert!(kept.len() > 1000 && kept.len() < 5000);
    assert!(kept.iter().zip(lines.lines()).all(|(kept, line)| kept == line));
}

#[test]
fn gzips_after_each_other_are_one_file() {
    let joined = [gzip(b"{\"a\":1}\n"), gzip(b"{\"b\":2}\n")].concat();
    assert_eq!(found(&joined), [r#"{"a":1}"#, r#"{"b":2}"#]);
}

#[test]
fn what_is_no_export_is_refused_in_words() {
    for (bytes, reason) in [
        (b"\x1f\x8b\x08\x00broken".as_slice(), "its compressed data is not complete"),
        (b"PK\x03\x04rest", "a zip archive or a workbook within another archive"),
        (b"\x28\xB5\x2F\xFDrest", "zstd"),
        (b"", "it is empty"),
        (b"\xEF\xBB\xBF \r\n", "it is empty"),
        (b"MZ\x90\0\x03", "it is binary"),
        (b"[]", "it holds no records"),
        (b"hello\nworld\n", "neither JSON nor a table"),
        (b"a,b\n1,2\n", "neither JSON nor a table"),
    ] {
        let found = found(bytes);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(reason), "{found:?}");
    }
    assert!(found(&gzip(&gzip(b"{}")))[0].contains("compressed twice"));
}

#[test]
fn a_broken_record_is_rejected_and_its_neighbours_are_not() {
    assert_eq!(
        found(b"{\"a\":1}\n{\"b\":,}\n{\"c\":\"x\n{\"d\":4}\n{\"e\":\"\xFF\"}\n{\"f\":6}\n"),
        [
            r#"{"a":1}"#,
            "!2 the record is not valid JSON: expected value",
            "!3 the record is cut: a text in it is not closed at the end of its line",
            r#"{"d":4}"#,
            "!5 the record is not valid UTF-8",
            r#"{"f":6}"#,
        ]
    );
}

#[test]
fn rows_without_a_whole_record_are_rejected_one_by_one() {
    let table = b"#TYPE Selected.PSObject\r\n\"Operations\";\"AuditData\"\r\n\"x\";\"{\"\"a\"\":1}\"\r\n\"x\";\"\"\r\n\"x\"\r\n\"x\";\"{\"\"a\"\":\"\"cut\"\r\n\"x\";\"none\"\r\n\"x\";\"{\"\"b\"\":2}\"\r\n\r\n";
    assert_eq!(
        found(table),
        [
            r#"{"a":1}"#,
            "!4 AuditData is empty",
            "!5 the row is cut before its AuditData",
            "!6 AuditData is cut off (spreadsheet programs cut cells at 32,767 characters)",
            "!7 AuditData holds no JSON object",
            r#"{"b":2}"#,
        ]
    );
}

#[test]
fn a_row_that_never_ends_does_not_fill_the_memory() {
    let mut table = b"AuditData\n\"{\"\"a\"\":1}\"\n\"{".to_vec();
    table.extend(std::iter::repeat_n(b'x', 3 * 1024 * 1024));
    let found = found_at(&table, CHUNK_BYTES, 64);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], r#"{"a":1}"#);
    assert!(found[1].contains("a quotation mark is probably not closed"), "{}", found[1]);
}

#[test]
fn an_export_of_fifty_thousand_rows_is_probably_cut() {
    let table = csv_of(&vec!["{}".to_owned(); 50_000], b',');
    let mut on_entry = |_: Entry<'_>| -> Result<(), Infallible> { Ok(()) };
    let mut output = Output::new(64, &mut on_entry);
    read_stream(Box::new(table.as_slice()), &Allowance::default(), CHUNK_BYTES, &mut output).unwrap();
    output.end_part().unwrap();
    let summary = output.into_summary();
    assert_eq!((summary.records, summary.remarks.len()), (50_000, 1));
    assert!(summary.remarks[0].contains("in narrower ranges"), "{}", summary.remarks[0]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let input = Input::typed("nowhere.csv".into());
    let error = read::<String>(&input, &mut |_| {}, &mut |_| Ok(())).unwrap_err();
    assert!(error.starts_with("nowhere.csv cannot be read"), "{error}");
}

#[test]
fn the_caller_can_stop_the_reading_and_is_told_of_progress() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records");
    std::fs::write(&path, "{\"a\":1}\n{\"b\":2}\n").unwrap();
    let input = Input::typed(path);
    let mut bytes = 0;
    let mut seen = 0;
    let stopped = read::<String>(&input, &mut |read| bytes += read, &mut |_| {
        seen += 1;
        Err("enough".to_owned())
    });
    assert_eq!((stopped, seen), (Err("enough".to_owned()), 1));
    assert_eq!(Some(bytes), input.bytes());
}

/// What is in a file on disk: records as they are, rejections as `!place: reason`.
fn read_file(bytes: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export");
    std::fs::write(&path, bytes).unwrap();
    let mut found = Vec::new();
    let summary = read::<String>(&Input::File(path), &mut |_| {}, &mut |entry| {
        found.push(match entry {
            Entry::Record { text, .. } => text.to_owned(),
            Entry::Rejected { place, reason, .. } => format!("!{place}: {reason}"),
        });
        Ok(())
    });
    assert_eq!(summary.unwrap().records, found.iter().filter(|entry| !entry.starts_with('!')).count() as u64);
    found
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, content) in members {
        let (mut entry, config) =
            archive.new_file(name).compression_method(rawzip::CompressionMethod::DEFLATE).start().unwrap();
        let mut writer = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, Compression::best()));
        writer.write_all(content).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

#[test]
fn the_files_in_a_zip_archive_are_read_one_after_the_other() {
    let archive = zip(&[
        ("one.json", b"[{\"a\":1},\n{\"b\":"),
        ("folder/two.csv", b"AuditData\n\"{\"\"c\"\":3}\"\n"),
        ("__MACOSX/._one.json", b"not ours"),
        ("three.json.gz", &gzip(b"{\"d\":4}")),
        ("inner.zip", &zip(&[("x", b"{}")])),
    ]);
    assert_eq!(
        read_file(&archive),
        [
            r#"{"a":1}"#,
            "!line 2 of one.json: the file ends in the middle of a record",
            r#"{"c":3}"#,
            r#"{"d":4}"#,
            "!line 1 of inner.zip: it is a zip archive or a workbook within another archive: unpack or export it first",
        ]
    );
}

#[test]
fn the_compression_that_windows_uses_for_large_files_is_read() {
    let content = b"{\"a\":1}";
    // One stored block, which looks the same in both kinds of deflate.
    let length = u16::try_from(content.len()).unwrap();
    let block = [&[1], &length.to_le_bytes()[..], &(!length).to_le_bytes(), content].concat();
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    let method = rawzip::CompressionMethod::DEFLATE64;
    let (mut entry, config) = archive.new_file("a.json").compression_method(method).start().unwrap();
    let mut checked = config.wrap(io::sink());
    checked.write_all(content).unwrap();
    let (_, descriptor) = checked.finish().unwrap();
    entry.write_all(&block).unwrap();
    entry.finish(descriptor).unwrap();
    archive.finish().unwrap();
    assert_eq!(read_file(&bytes), [r#"{"a":1}"#]);
}

#[test]
fn a_zip_archive_that_is_no_export_is_refused_in_words() {
    let whole = zip(&[("a.json", b"{\"a\":1}")]);
    for (bytes, reason) in [
        (b"PK\x03\x04rest".to_vec(), "the zip archive is cut or damaged"),
        (whole[..whole.len() / 2].to_vec(), "the zip archive is cut or damaged"),
        (zip(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<x/>")]), "it is a workbook"),
        (zip(&[(".hidden", b"x")]), "the archive holds no files"),
    ] {
        let found = read_file(&bytes);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(reason), "{found:?}");
    }
}

#[test]
fn a_compressed_file_that_unpacks_without_end_is_stopped() {
    // A list of nothing: 300 million blanks, which deflate makes into a thousandth.
    let chunk = vec![b' '; 1 << 20];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(b"[").unwrap();
    (0..300).for_each(|_| encoder.write_all(&chunk).unwrap());
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    let found = found_at(&bomb, CHUNK_BYTES, RECORD_BYTES_MAX);
    assert!(found.len() == 1 && found[0].contains("unpacks to more than 200 times its size"), "{found:?}");
    let found = read_file(&zip(&[("a.gz", &bomb), ("b.json", b"{}")]));
    assert!(found[0].contains("unpacks to more than 200 times its size"), "{found:?}");
}

#[test]
fn a_row_of_other_tables_becomes_an_object_of_its_columns() {
    let office = "TenantId,\"TimeGenerated [UTC]\",OfficeId,Operation,OfficeWorkload,UserId,Empty\r\n\
        t,\"11/20/2026, 10:00:00.000 AM\",97ee2049-893e-4c9d-a312-08d82b46faf7,FileAccessed,SharePoint,\"a \"\"b\"\"\",\r\n";
    assert_eq!(
        found(office.as_bytes()),
        [
            r#"{"OfficeId":"97ee2049-893e-4c9d-a312-08d82b46faf7","OfficeWorkload":"SharePoint","Operation":"FileAccessed","TenantId":"t","TimeGenerated [UTC]":"11/20/2026, 10:00:00.000 AM","UserId":"a \"b\""}"#
        ]
    );
    let hunting = "Timestamp,RawEventData,City\n2026,\"{\"\"Id\"\":1}\",Ulm\n2026,,Ulm\n2026,\"{\"\"Id\"\":\",Ulm\n";
    assert_eq!(
        found(hunting.as_bytes()),
        [
            r#"{"City":"Ulm","RawEventData":"{\"Id\":1}","Timestamp":"2026"}"#,
            "!3 RawEventData is empty",
            "!4 RawEventData is cut off (spreadsheet programs cut cells at 32,767 characters)",
        ]
    );
    let graph =
        "id,auditLogRecordType,auditData.Id,auditData.AppAccessContext.AADSessionId,auditData.Id.x\n1,6,2,s,3\n";
    assert_eq!(
        found(graph.as_bytes()),
        [r#"{"auditData":{"AppAccessContext":{"AADSessionId":"s"},"Id":"2"},"auditLogRecordType":"6","id":"1"}"#]
    );
    let searched = "_time,_raw,host\n1,\"{\"\"a\"\":1}\",h\n";
    assert_eq!(found(searched.as_bytes()), [r#"{"a":1}"#]);
}

#[test]
fn a_table_whose_times_are_local_is_refused_with_the_remedy() {
    let found = found(b"\"TimeGenerated [Local Time]\",OfficeId,OfficeWorkload\n1,2,3\n");
    assert!(found.len() == 1 && found[0].contains("set the time zone of the query page to UTC"), "{found:?}");
}

/// One small file of each kind.
fn samples() -> Vec<Vec<u8>> {
    let record =
        r#"{"Id":"97ee2049-893e-4c9d-a312-08d82b46faf7","RecordType":6,"Operation":"FileAccessed","UserId":"a\u00e9"}"#;
    let records = vec![record.to_owned(), record.replace("97", "98")];
    let list = format!("{{\"value\":[{}]}}", records.join(",\n"));
    let office = "OfficeId,OfficeWorkload,Operation\r\n1,SharePoint,\"FileAccessed\"\r\n2,OneDrive,x\r\n";
    vec![
        records.join("\n").into_bytes(),
        list.clone().into_bytes(),
        csv_of(&records, b','),
        office.as_bytes().to_vec(),
        utf16(&list),
        gzip(list.as_bytes()),
        zip(&[("a.json", list.as_bytes()), ("b/c.csv", &csv_of(&records, b';'))]),
    ]
}

/// What happens to files: bytes change, go missing, come twice.
#[derive(Debug, Clone)]
enum Harm {
    Change(f64, u8),
    Remove(f64, usize),
    Repeat(f64, usize),
    Cut(f64),
}

fn harm() -> impl Strategy<Value = Harm> {
    let at = 0.0..1.0f64;
    prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(at, byte)| Harm::Change(at, byte)),
        (at.clone(), prop::sample::select(b"{}[]\",:\n\\".to_vec())).prop_map(|(at, byte)| Harm::Change(at, byte)),
        (at.clone(), 1..40usize).prop_map(|(at, length)| Harm::Remove(at, length)),
        (at.clone(), 1..200usize).prop_map(|(at, length)| Harm::Repeat(at, length)),
        at.prop_map(Harm::Cut),
    ]
}

fn harmed(mut bytes: Vec<u8>, harms: &[Harm]) -> Vec<u8> {
    for harm in harms {
        let place = |at: f64| (bytes.len() as f64 * at) as usize;
        match *harm {
            Harm::Change(at, byte) => {
                let place = place(at);
                bytes.get_mut(place).into_iter().for_each(|old| *old = byte);
            }
            Harm::Remove(at, length) => {
                let place = place(at);
                bytes.drain(place..(place + length).min(bytes.len()));
            }
            Harm::Repeat(at, length) => {
                let place = place(at);
                let part = bytes[place..(place + length).min(bytes.len())].to_vec();
                bytes.splice(place..place, part);
            }
            Harm::Cut(at) => bytes.truncate(place(at)),
        }
    }
    bytes
}

proptest! {
    #[test]
    fn a_damaged_file_of_any_kind_is_read_to_its_end_and_says_something(
        sample in prop::sample::select(samples()),
        harms in prop::collection::vec(harm(), 1..6),
    ) {
        let found = read_file(&harmed(sample, &harms));
        prop_assert!(!found.is_empty());
        prop_assert!(found.len() < 2_000, "{} entries", found.len());
        for record in found.iter().filter(|entry| !entry.starts_with('!')) {
            let _ = (trail::parse(record), trail::parse::recognise(record));
        }
    }
}

#[test]
fn byte_order_marks_are_no_part_of_a_table_however_many_there_are_and_however_they_arrive() {
    let table = String::from_utf8(csv_of(&["{\"Id\":\"1\"}".to_owned()], b',')).unwrap();
    let alone = "\u{FEFF}AuditData\n{}\n";
    for (text, record) in [
        (format!("\u{FEFF}\u{FEFF}{table}"), "{\"Id\":\"1\"}"),
        (format!("\u{FEFF}#TYPE Selected.Object\n\u{FEFF}{table}"), "{\"Id\":\"1\"}"),
        (format!("\u{FEFF}{alone}"), "{}"),
    ] {
        for bytes in [text.clone().into_bytes(), utf16(&text)] {
            assert_eq!(found(&bytes), [record], "{text:?}");
            assert_eq!(found_at(&bytes, 3, RECORD_BYTES_MAX), [record], "three bytes at a time: {text:?}");
        }
    }
}

#[test]
fn blanks_after_a_byte_order_mark_are_told_from_an_empty_file() {
    let blanks = " ".repeat(9_000);
    let found = found(format!("\u{FEFF}{blanks}{{}}").as_bytes());
    assert!(found[0].contains("thousands of blanks"), "{found:?}");
}

#[test]
fn what_stands_before_a_break_in_utf16_is_not_lost() {
    let mut bytes = utf16("{\"Id\":\"1\"}\n{\"Id\":\"2\"}\n");
    // The second half of a pair without its first.
    bytes.extend([0x00, 0xDC]);
    bytes.extend("{\"Id\":\"3\"}".encode_utf16().flat_map(u16::to_le_bytes));
    let broken = "!3 reading stopped: its UTF-16 is broken";
    assert_eq!(found(&bytes), ["{\"Id\":\"1\"}", "{\"Id\":\"2\"}", broken]);
}
