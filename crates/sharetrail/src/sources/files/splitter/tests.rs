use std::convert::Infallible;

use super::*;

/// The pieces of a text, read in chunks of `chunk` bytes: objects as they are, breaks as `!line reason`.
fn pieces(text: &str, chunk: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut on_piece = |piece: Piece<'_>| -> Result<(), Infallible> {
        found.push(match piece {
            Piece::Object { text, .. } => String::from_utf8(text.to_vec()).unwrap(),
            Piece::Broken { line, reason, .. } => format!("!{line} {reason}"),
        });
        Ok(())
    };
    let mut splitter = Splitter::new(64);
    for bytes in text.as_bytes().chunks(chunk) {
        splitter.push(bytes, &mut on_piece).unwrap();
    }
    splitter.finish(&mut on_piece).unwrap();
    found
}

/// What is kept of what is no whole object.
fn broken(text: &str, chunk: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut on_piece = |piece: Piece<'_>| -> Result<(), Infallible> {
        if let Piece::Broken { text, .. } = piece {
            found.push(String::from_utf8(text.to_vec()).unwrap());
        }
        Ok(())
    };
    let mut splitter = Splitter::new(1 << 20);
    for bytes in text.as_bytes().chunks(chunk) {
        splitter.push(bytes, &mut on_piece).unwrap();
    }
    splitter.finish(&mut on_piece).unwrap();
    found
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    for chunk in [1, 2, 3, 7, 4096] {
        assert_eq!(pieces(text, chunk), expected, "in chunks of {chunk}");
    }
}

#[test]
fn every_layout_gives_its_objects() {
    check(r#"{"a":1}"#, &[r#"{"a":1}"#]);
    check("[{\"a\":1},\n {\"b\":[2,{}]}]\n", &[r#"{"a":1}"#, r#"{"b":[2,{}]}"#]);
    check("{\"a\":1}\n{\"b\":2}\r\n{\"c\":3}", &[r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#]);
    check(r#"{"a":1}{"b":2}[{"c":3}]{"data":[{"d":4}]}"#, &[r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#, r#"{"d":4}"#]);
    check("[[{\"a\":1}],[{\"b\":2}]]", &[r#"{"a":1}"#, r#"{"b":2}"#]);
    check("", &[]);
    check(" [ ] ", &[]);
}

#[test]
fn a_list_answer_gives_its_elements_and_hides_the_rest() {
    check(
        "{\"max\":100, \"data\" :\n [ {\"a\":{\"data\":[{}]}} , {\"data\":[{\"b\":1}]} ], \"more\":{\"x\":\"]}\\\"\"}, \"hasNext\":true}\n{\"z\":1}",
        &[r#"{"a":{"data":[{}]}}"#, r#"{"data":[{"b":1}]}"#, r#"{"z":1}"#],
    );
    check(r#"{"@odata.context":"x","value":[{"a":1}]}"#, &[r#"{"a":1}"#]);
    check(r#"{"records":[{"a":1},{"b":2}]}"#, &[r#"{"a":1}"#, r#"{"b":2}"#]);
    check(r#"{"schema":[{"name":"x"}],"results":[{"a":1}]}"#, &[r#"{"a":1}"#]);
    check(r#"{"data":[],"hasNext":false} {"b":1}"#, &[r#"{"b":1}"#]);
    check(r#"[{"data":[{"a":1}]},{"data":[{"b":1}]}]"#, &[r#"{"a":1}"#, r#"{"b":1}"#]);
}

#[test]
fn a_record_that_only_looks_like_a_list_answer_stays_whole() {
    for record in [
        r#"{"data":"x"}"#,
        r#"{"data":{"value":[{"a":1}]}}"#,
        r#"{"value":[1,{"a":1}]}"#,
        r#"{"x":"data","y":[{"a":1}]}"#,
        r#"{"data":["a"]}"#,
        r#"{"Value":[{"a":1}]}"#,
        r#"{"x":["value",[{}]]}"#,
    ] {
        check(record, &[record]);
    }
}

#[test]
fn lists_and_list_answers_nest_only_so_deep() {
    let record = r#"{"data":[{"a":1}]}"#;
    check(&format!("{}{record}{}", "[".repeat(6), "]".repeat(6)), &[r#"{"a":1}"#]);
    check(&format!("{}{record}{}", "[".repeat(7), "]".repeat(7)), &[record]);
}

#[test]
fn texts_may_hold_anything() {
    let record = r#"{"a":"}{][\"\\","b\"":"\\\\\"","c":"ü\n"}"#;
    check(&format!("[{record},{record}]"), &[record, record]);
}

#[test]
fn a_cut_line_costs_only_itself() {
    check("{\"a\":\"x\n{\"b\":2}\n", &[&format!("!1 {TEXT_NOT_CLOSED}"), r#"{"b":2}"#]);
    check("{\"a\":{\"x\":1}\n{\"b\":2}\n", &[&format!("!1 {CUT_AT_LINE}"), r#"{"b":2}"#]);
    check("{\"a\":\n{\"b\":2}\n{\"c\":3}", &[&format!("!1 {CUT_AT_LINE}"), r#"{"b":2}"#, r#"{"c":3}"#]);
    check("{\"a\":1}\n\"x\":{\"y\":2}}\n{\"b\":2}\n", &[r#"{"a":1}"#, &format!("!2 {NO_OBJECT}"), r#"{"b":2}"#]);
    check("nonsense\nmore\n{\"b\":2}", &[&format!("!1 {NO_OBJECT}"), r#"{"b":2}"#]);
}

#[test]
fn a_break_in_a_list_costs_only_its_record() {
    check(
        "{\"data\":[\n {\"a\":\"x\n,\n \"y\":[\n1\n],\n \"z\":2},\n {\"b\":2},\n {\"c\":3}\n]}\n",
        &[&format!("!2 {TEXT_NOT_CLOSED}"), r#"{"b":2}"#, r#"{"c":3}"#],
    );
    check(
        r#"[1,{"a":1},null,"x",{"b":2}]"#,
        &[&format!("!1 {NO_OBJECT}"), r#"{"a":1}"#, &format!("!1 {NO_OBJECT}"), r#"{"b":2}"#],
    );
}

#[test]
fn a_cut_file_says_so() {
    check("[{\"a\":1},\n{\"b\":", &[r#"{"a":1}"#, &format!("!2 {ENDS_IN_RECORD}")]);
    check("[{\"a\":1},\n", &[r#"{"a":1}"#, &format!("!2 {ENDS_IN_LIST}")]);
    check("{\"data\":[{\"a\":1}],\"has", &[r#"{"a":1}"#, &format!("!1 {ENDS_IN_LIST}")]);
}

#[test]
fn a_record_that_is_too_long_is_skipped() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(60));
    check(&format!("{long}\n{{\"b\":2}}"), &[&format!("!1 {TOO_LONG}"), r#"{"b":2}"#]);
    check(&format!("[{long},{{\"b\":2}}]"), &[&format!("!1 {TOO_LONG}"), r#"{"b":2}"#]);
    let fits = format!("{{\"a\":\"{}\"}}", "x".repeat(56));
    assert_eq!(fits.len(), 64);
    check(&fits, &[&fits]);
}

#[test]
fn the_bytes_of_what_is_broken_are_handed_on_up_to_a_limit() {
    for chunk in [1, 3, 4096] {
        let bytes = |text: &str| broken(text, chunk);
        assert_eq!(bytes("{\"a\":\"x\n{\"b\":2}\n{\"c\":{\n{\"d\":4}"), ["{\"a\":\"x", "{\"c\":{\n"]);
        assert_eq!(bytes("nonsense\nmore\n{\"b\":2}\nlast"), ["nonsense", "last"]);
        assert_eq!(bytes("[1,{\"a\":1},\"x\" ,{\"b\":"), ["1", "\"x\" ", "{\"b\":"]);
        assert_eq!(bytes("[{\"a\":1}"), [""]);
    }
    let long = format!("{{\"a\":\"{}", "x".repeat(2 << 20));
    assert_eq!(broken(&format!("{long}\"}}{{}}"), 4096), [&long[..BROKEN_BYTES_MAX]]);
    assert_eq!(broken(&long, 4096), [&long[..BROKEN_BYTES_MAX]]);
    let junk = "y".repeat(2 << 20);
    assert_eq!(broken(&junk, 4096), [&junk[..BROKEN_BYTES_MAX]]);
}
