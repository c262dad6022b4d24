//! Standard output for results. That its reader has seen enough (`| head`) is told apart from every other broken pipe,
//! so that it alone is not an error.

use std::io::{self, BufWriter, IsTerminal, Write};

/// Whoever read our output closed it.
#[derive(Debug, thiserror::Error)]
#[error("standard output was closed by its reader")]
pub struct ClosedPipe;

/// Standard output, buffered. Flush it before a command ends.
pub fn stdout() -> impl Write + Send {
    BufWriter::new(Marked(io::stdout()))
}

/// The same for forms that are made for files and programs, which get every byte: a terminal shows what strangers wrote
/// there and does not obey it.
pub fn stdout_of_data() -> impl Write + Send {
    let is_terminal = io::stdout().is_terminal();
    Shown { output: stdout(), is_terminal, holds_c2: false }
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

/// Control characters become visible on a terminal, which would take them for commands: names of files and people are
/// written by strangers, and CSV and JSON do not escape all of them.
struct Shown<W> {
    output: W,
    is_terminal: bool,
    /// The first byte of U+0080 to U+00BF was written to us, and not yet by us.
    holds_c2: bool,
}

impl<W: Write> Shown<W> {
    fn show(&mut self, byte: u8) -> io::Result<()> {
        let held = std::mem::take(&mut self.holds_c2);
        match byte {
            0x80..=0x9F if held => self.output.write_all(VISIBLE),
            _ if held => self.output.write_all(&[0xC2]).and_then(|()| self.show(byte)),
            0xC2 => {
                self.holds_c2 = true;
                Ok(())
            }
            b'\n' | b'\t' => self.output.write_all(&[byte]),
            0..0x20 | 0x7F => self.output.write_all(VISIBLE),
            _ => self.output.write_all(&[byte]),
        }
    }
}

/// U+FFFD.
const VISIBLE: &[u8] = "\u{FFFD}".as_bytes();

impl<W: Write> Write for Shown<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_terminal {
            return self.output.write(bytes);
        }
        bytes.iter().try_for_each(|byte| self.show(*byte))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(is_terminal: bool, parts: &[&[u8]]) -> String {
        let mut shown = Shown { output: Vec::new(), is_terminal, holds_c2: false };
        parts.iter().for_each(|part| shown.write_all(part).unwrap());
        String::from_utf8(shown.output).unwrap()
    }

    #[test]
    fn a_file_name_cannot_steer_the_terminal_that_csv_is_printed_on() {
        let name = "\u{1b}]0;owned\u{7}\u{9b}31m\rr\u{e9}sum\u{e9}\t\u{df}.docx\n".as_bytes();
        let shown = "\u{FFFD}]0;owned\u{FFFD}\u{FFFD}31m\u{FFFD}r\u{e9}sum\u{e9}\t\u{df}.docx\n";
        assert_eq!(written(true, &[name]), shown);
        let bytes: Vec<&[u8]> = name.chunks(1).collect();
        assert_eq!(written(true, &bytes), shown, "whatever the pieces in which it is written");
    }

    #[test]
    fn a_file_or_a_program_gets_every_byte() {
        assert_eq!(written(false, &[b"\x1b[31m\r", "\u{9b}".as_bytes()]), "\u{1b}[31m\r\u{9b}");
    }
}
