//! What people see at a terminal, which `script` lends to the program where the system has it.

use std::path::Path;
use std::process::Command;

use crate::support::{Folder, Lab};

/// What the program prints on a terminal of so many columns; none where there is no `script`.
fn on_terminal(folder: &Folder, columns: usize, environment: &[(&str, &str)], arguments: &str) -> Option<String> {
    if !cfg!(target_os = "linux") || !Path::new("/usr/bin/script").exists() {
        eprintln!("skipped: this system has no `script` that lends a terminal");
        return None;
    }
    let program = env!("CARGO_BIN_EXE_sharetrail");
    let line = format!("stty cols {columns} rows 50; '{program}' {arguments}");
    let mut command = Command::new("/usr/bin/script");
    command.args(["-qec", &line, "/dev/null"]).current_dir(folder.path()).env_remove("NO_COLOR").env("TERM", "xterm");
    let output = command.envs(environment.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    Some(text.replace("\r\n", "\n"))
}

/// The widest line, by characters: the story's names are of one column each.
fn widest(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

#[test]
fn a_table_fits_its_terminal_and_says_what_found_no_room() {
    let lab = Lab::seeded(97, 2_000);
    lab.collect().with_code(0);
    let plain = [("NO_COLOR", "1")];
    for kind in ["access", "shares", "people", "items", "unused", "excluded"] {
        for columns in [60, 80, 132, 300] {
            let Some(table) = on_terminal(&lab.folder, columns, &plain, &format!("report {kind}")) else { return };
            assert!(widest(&table) <= columns, "{kind} on {columns}: {table}");
        }
    }
    let narrow = on_terminal(&lab.folder, 60, &plain, "report access").unwrap();
    let heading = narrow.lines().next().unwrap();
    assert!(heading.contains("WHEN (UTC)") && heading.contains("PERSON") && heading.contains("ITEM"), "{heading}");
    assert!(narrow.contains("no room here for: ") && !heading.contains("MATCH RULE"), "{narrow}");
    // One line a row, however narrow.
    let rows = lab.folder.report("access").len();
    let lines = narrow.lines().skip(1).take_while(|line| !line.is_empty()).count();
    assert_eq!(lines, rows);
    // Whatever is no terminal gets all columns.
    let piped = lab.folder.run(["report", "access"]).with_code(0).stdout;
    assert!(piped.lines().next().unwrap().contains("MATCH RULE") && !piped.contains("no room here"), "{piped}");
}

#[test]
fn colours_are_for_terminals_whose_readers_want_them() {
    let lab = Lab::seeded(98, 1_000);
    lab.collect().with_code(0);
    let people = lab.folder.report("people");
    let person = people[0]["person"].as_str().unwrap();
    for arguments in ["report access", &format!("show person '{person}'")] {
        let Some(coloured) = on_terminal(&lab.folder, 120, &[], arguments) else { return };
        assert!(coloured.contains("\u{1b}["), "{coloured}");
        for environment in [("NO_COLOR", "1"), ("TERM", "dumb")] {
            let plain = on_terminal(&lab.folder, 120, &[environment], arguments).unwrap();
            assert!(!plain.contains('\u{1b}'), "{plain}");
        }
    }
    assert!(!lab.folder.run(["report", "access"]).with_code(0).stdout.contains('\u{1b}'));
}

#[test]
fn a_time_line_is_drawn_within_the_terminal() {
    let lab = Lab::seeded(99, 1_000);
    lab.collect().with_code(0);
    let people = lab.folder.report("people");
    let busiest = people.iter().max_by_key(|person| person["accesses"].as_i64()).unwrap();
    let arguments = format!("show person '{}'", busiest["person"].as_str().unwrap());
    let Some(shown) = on_terminal(&lab.folder, 100, &[("NO_COLOR", "1")], &arguments) else { return };
    let marks = shown.lines().filter(|line| ["○", "◎", "●", "×"].iter().any(|mark| line.contains(mark))).count();
    assert!(marks > 0 && shown.contains('│'), "{shown}");
    // Ids that are longer than the room have a line of their own.
    assert!(shown.lines().filter(|line| line.contains("  ● ")).all(|line| line.chars().count() <= 100), "{shown}");
}
