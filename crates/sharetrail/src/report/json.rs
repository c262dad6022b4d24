//! A report as an array of objects.

use std::io::{self, Write};

use crate::rows::{Row, report_json};

/// One object, on a line of its own.
pub(super) fn row<R: Row>(out: &mut impl Write, row: &R, first: bool) -> io::Result<()> {
    let mut line = Vec::with_capacity(1024);
    line.extend_from_slice(if first { b"\n" } else { b",\n" });
    report_json(row, &mut line);
    out.write_all(&line)
}
