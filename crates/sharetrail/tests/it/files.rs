//! Reports as files that other programs open: a workbook and Parquet, read back.

use std::fs::File;
use std::path::Path;

use calamine::{Data, Range, Reader, Xlsx, open_workbook};
use parquet::basic::LogicalType;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::{Value, json};
use trail::TimeMs;

use crate::support::{Folder, Lab, record, tenant_of};

fn sheet(path: &Path, name: &str) -> Range<Data> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    book.worksheet_range(name).unwrap()
}

/// The column of a sheet with this heading, without the heading.
fn column<'a>(sheet: &'a Range<Data>, heading: &str) -> Vec<&'a Data> {
    let place = sheet.rows().next().unwrap().iter().position(|cell| *cell == Data::String(heading.to_owned())).unwrap();
    sheet.rows().skip(1).map(|row| &row[place]).collect()
}

#[test]
fn a_workbook_has_one_sheet_a_question_and_begins_with_what_was_asked() {
    let lab = Lab::seeded(81, 2_000);
    lab.collect().with_code(0);
    lab.folder.run(["report", "people", "--format", "xlsx", "--out", "answer.xlsx"]).with_code(0);
    let path = lab.folder.at("answer.xlsx");
    let book: Xlsx<_> = open_workbook(&path).unwrap();
    let expected = "People Accesses Organisations Items Classified Unexplained Shares Links to end Gaps Left out About";
    assert_eq!(book.sheet_names().join(" "), expected);
    for (name, kind) in [
        ("People", "people"),
        ("Accesses", "access"),
        ("Organisations", "domains"),
        ("Items", "items"),
        ("Classified", "classified"),
        ("Unexplained", "unexplained"),
        ("Shares", "shares"),
        ("Links to end", "unused"),
        ("Left out", "excluded"),
    ] {
        // A sheet without rows has a line that says so.
        let rows = lab.folder.report(kind).len().max(1);
        assert_eq!(sheet(&path, name).rows().count(), rows + 1, "{name}");
    }
    assert!(sheet(&path, "Gaps").rows().nth(1).unwrap()[0].to_string().starts_with("No gaps"));
    assert!(sheet(&path, "About").rows().any(|row| row[0].to_string().contains("at most 5 minutes")));
}

#[test]
fn cells_of_a_workbook_have_the_types_and_values_of_the_rows() {
    let lab = Lab::seeded(82, 1_500);
    lab.collect().with_code(0);
    lab.folder.run(["report", "access", "--format", "xlsx", "--out", "access.xlsx"]).with_code(0);
    let sheet = sheet(&lab.folder.at("access.xlsx"), "Accesses");
    let rows = lab.folder.report("access");
    assert!(rows.len() > 20);
    let (times, records) = (column(&sheet, "TimeGenerated"), column(&sheet, "Records"));
    let (persons, classified) = (column(&sheet, "Person"), column(&sheet, "Classified"));
    for (index, row) in rows.iter().enumerate() {
        let Data::DateTime(time) = times[index] else { panic!("{:?} is no time", times[index]) };
        let told = TimeMs::parse(row["time_generated"].as_str().unwrap()).unwrap();
        let days = told.millis() as f64 / 86_400_000.0 + 25_569.0;
        assert!((time.as_f64() - days).abs() < 1e-7, "{time} is not {told}");
        assert_eq!(*records[index], Data::Float(row["records"].as_f64().unwrap()));
        assert_eq!(persons[index].to_string(), row["person"].as_str().unwrap());
        match &row["classified"] {
            Value::Null => assert_eq!(*classified[index], Data::Empty),
            truth => assert_eq!(*classified[index], Data::Bool(truth.as_bool().unwrap())),
        }
    }
}

#[test]
fn a_filter_narrows_every_sheet_of_a_workbook() {
    let lab = Lab::seeded(83, 2_000);
    lab.collect().with_code(0);
    let person = lab.folder.report("access")[0]["person"].as_str().unwrap().to_owned();
    lab.folder
        .run(["report", "access", "--person", &person, "--classified", "--format", "xlsx", "--out", "one.xlsx"])
        .with_code(0);
    let path = lab.folder.at("one.xlsx");
    for name in ["Accesses", "Classified", "People"] {
        let sheet = sheet(&path, name);
        if sheet.rows().nth(1).is_some_and(|row| row[0].to_string().starts_with("No access")) {
            continue;
        }
        assert!(column(&sheet, "Person").iter().all(|cell| cell.to_string() == person), "{name}");
    }
}

/// What strangers name their files.
const ATTACKS: [&str; 5] =
    ["=cmd|'/c calc'!A1.docx", "+1+1.docx", "@SUM(A1).docx", "http://attacker.example/", "\u{202E}xslx.exe"];

#[test]
fn nothing_of_a_record_becomes_a_formula_or_a_link_in_a_workbook() {
    let long = "n".repeat(40_000);
    let names: Vec<&str> = ATTACKS.into_iter().chain([long.as_str()]).collect();
    let activities = names.iter().zip(1..).map(|(name, number)| {
        record(number, "FileDownloaded", i64::from(number) * 20, |audit| {
            audit["SourceFileName"] = json!(name);
            audit["ListItemUniqueId"] = json!(format!("bbbbbbbb-0000-4000-8000-{number:012}"));
        })
    });
    let lab = Lab::of(tenant_of(activities.collect()));
    lab.collect().with_code(0);
    lab.folder.run(["report", "access", "--format", "xlsx", "--out", "hostile.xlsx"]).with_code(0);
    let path = lab.folder.at("hostile.xlsx");
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    for name in book.sheet_names() {
        assert_eq!(book.worksheet_formula(&name).map_or(0, |formulas| formulas.used_cells().count()), 0, "{name}");
    }
    let sheet = sheet(&path, "Accesses");
    let shown: Vec<String> = column(&sheet, "ItemName").iter().map(|cell| cell.to_string()).collect();
    for name in &names {
        // A direction override is seen, and what Excel cannot hold is cut and seen to be.
        let expected = name.replace('\u{202E}', "\u{FFFD}");
        let expected = if name.len() > 32_767 { format!("{}…", &expected[..32_764]) } else { expected };
        assert!(shown.contains(&expected), "{} of {shown:.100?}", expected.len());
    }
}

#[test]
fn parquet_has_every_row_with_its_types_and_lists() {
    let lab = Lab::seeded(84, 1_500);
    lab.collect().with_code(0);
    lab.folder.run(["report", "access", "--format", "parquet", "--out", "access.parquet"]).with_code(0);
    let reader = SerializedFileReader::new(File::open(lab.folder.at("access.parquet")).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema();
    let kind = |name: &str| {
        let field = schema.get_fields().iter().find(|field| field.name() == name).unwrap();
        field.get_basic_info().logical_type_ref().cloned()
    };
    assert!(matches!(kind("TimeGenerated"), Some(LogicalType::Timestamp(time)) if time.is_adjusted_to_u_t_c));
    assert_eq!(kind("EvidenceIds"), Some(LogicalType::List));

    let rows = lab.folder.report("access");
    let stored: Vec<Row> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(stored.len(), rows.len());
    for (stored, row) in stored.iter().zip(&rows) {
        let field = |name: &str| stored.get_column_iter().find(|(column, _)| *column == name).unwrap().1;
        assert_eq!(field("Person"), &Field::Str(row["person"].as_str().unwrap().to_owned()));
        assert_eq!(field("Records"), &Field::Long(row["records"].as_i64().unwrap()));
        let told = TimeMs::parse(row["time_generated"].as_str().unwrap()).unwrap();
        assert_eq!(field("TimeGenerated"), &Field::TimestampMillis(told.millis()));
        let Field::ListInternal(ids) = field("EvidenceIds") else { panic!("no list") };
        let ids: Vec<String> = ids.elements().iter().map(|id| id.to_string().trim_matches('"').to_owned()).collect();
        let told: Vec<&str> = row["evidence_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        assert_eq!(ids, told);
        match row["classified"].as_bool() {
            None => assert_eq!(field("Classified"), &Field::Null),
            Some(truth) => assert_eq!(field("Classified"), &Field::Bool(truth)),
        }
    }
}

#[test]
fn files_of_an_empty_store_can_be_opened() {
    let folder = Folder::new();
    folder.program().fed("").run(["import", "-"]);
    folder.run(["report", "access", "--format", "xlsx", "--out", "empty.xlsx"]).with_code(0);
    folder.run(["report", "access", "--format", "parquet", "--out", "empty.parquet"]).with_code(0);
    assert!(sheet(&folder.at("empty.xlsx"), "Accesses").rows().nth(1).unwrap()[0].to_string().contains("No access"));
    let reader = SerializedFileReader::new(File::open(folder.at("empty.parquet")).unwrap()).unwrap();
    assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
}

#[test]
fn a_page_is_one_file_that_answers_and_asks_nobody_for_anything() {
    let lab = Lab::seeded(85, 2_000);
    lab.collect().with_code(0);
    lab.folder.run(["report", "people", "--format", "html", "--out", "answer.html"]).with_code(0);
    let page = lab.folder.read("answer.html");
    assert!(page.contains("In the last 30 days, ") && page.contains("Content-Security-Policy"), "{page:.2000}");
    let place = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part} is missing"));
    assert!(place("<h2>People</h2>") < place("<h2>Accesses</h2>"), "what was asked comes first");
    for part in ["Accesses over time", "By organisation", "By country", "Classified or not"] {
        place(part);
    }
    for title in ["Organisations", "Items", "Classified", "Unexplained", "Shares", "Links to end", "Gaps", "Left out"] {
        place(&format!("<h2>{title}</h2>"));
    }
    // A row unfolds to its evidence.
    let person = lab.folder.report("people")[0]["person"].as_str().unwrap().to_owned();
    place(&person);
    for access in lab.folder.report("access").iter().rev().take(3) {
        place(access["evidence_ids"][0].as_str().unwrap());
    }
    for outside in ["src=\"", "<link", "url(", "@import"] {
        assert!(!page.contains(outside), "the page asks for {outside}");
    }
}

#[test]
fn a_page_shows_what_strangers_wrote_and_does_not_obey_it() {
    let attacks = ["<img src=x onerror=alert(1)>.docx", "\"><script>alert(1)</script>.docx", "</title><h1>.docx"];
    let activities = attacks.iter().zip(1..).map(|(name, number)| {
        record(number, "FileDownloaded", i64::from(number) * 20, |audit| {
            audit["SourceFileName"] = json!(name);
            audit["UserAgent"] = json!(name);
            audit["ListItemUniqueId"] = json!(format!("bbbbbbbb-0000-4000-8000-{number:012}"));
        })
    });
    let lab = Lab::of(tenant_of(activities.collect()));
    lab.collect().with_code(0);
    lab.folder.run(["report", "access", "--format", "html", "--out", "hostile.html"]).with_code(0);
    let page = lab.folder.read("hostile.html");
    assert!(page.contains("&lt;img src=x onerror"), "{page:.4000}");
    assert!(!page.contains("<img") && page.matches("<script").count() == 1 && page.matches("<h1").count() == 1);
}
