//! Standard output for results. That its reader has seen enough (`| head`) is told apart from every other broken pipe,
//! so that it alone is not an error.

use std::io::{self, BufWriter, Write};

/// Whoever read our output closed it.
#[derive(Debug, thiserror::Error)]
#[error("standard output was closed by its reader")]
pub struct ClosedPipe;

/// Standard output, buffered. Flush it before a command ends.
pub fn stdout() -> impl Write + Send {
    BufWriter::new(Marked(io::stdout()))
}

/// Prints one line on standard output.
///
/// # Errors
/// Standard output cannot be written to; [`ClosedPipe`] inside where its reader closed it.
pub fn print_line(line: &str) -> io::Result<()> {
    let mut output = stdout();
    writeln!(output, "{line}")?;
    output.flush()
}

struct Marked<W>(W);

impl<W: Write> Write for Marked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(marked)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(marked)
    }
}

fn marked(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::BrokenPipe { io::Error::other(ClosedPipe) } else { error }
}
