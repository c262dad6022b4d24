//! What the fuzz target `import` reaches: a file's content as bytes, read in steps of any size. In no other build.

use std::convert::Infallible;
use std::io::{self, Read};

use super::output::Output;
use super::{Entry, Summary, read_source};

/// Records as they were handed on, rejections as their reason with their place; and what it came to.
///
/// # Errors
/// An archive cannot be put on disk.
pub fn read(bytes: &[u8], step: usize, record_bytes_max: usize) -> io::Result<(Vec<Result<String, String>>, Summary)> {
    let mut found = Vec::new();
    let mut on_entry = |entry: Entry<'_>| -> Result<(), Infallible> {
        found.push(match entry {
            Entry::Record { text, .. } => Ok(text.to_owned()),
            Entry::Rejected { place, reason, .. } => Err(format!("{place}: {reason}")),
        });
        Ok(())
    };
    let mut output = Output::new(record_bytes_max, &mut on_entry);
    let Ok(()) = read_source(Box::new(Slow(bytes, step)), &mut |_| {}, step, &mut output)?;
    let summary = output.into_summary();
    Ok((found, summary))
}

/// Gives at most so many bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.1);
        self.0.read(buffer.get_mut(..length).unwrap_or_default())
    }
}
