//! The program as a process.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// How long a line of output may be waited for.
const LINE_SECONDS_MAX: u64 = 30;

/// The program, ready to start, in a clean environment.
pub struct Program {
    command: Command,
    stdin: Vec<u8>,
}

impl Program {
    pub fn in_folder(folder: &Path) -> Program {
        Program::of(env!("CARGO_BIN_EXE_sharetrail"), folder)
    }

    /// Another program in the same environment.
    pub fn of(name: &str, folder: &Path) -> Program {
        let mut command = Command::new(name);
        command.current_dir(folder).env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
        // What some systems need to open sockets and to find their users.
        for name in ["SystemRoot", "PATH", "HOME", "TMPDIR", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        Program { command, stdin: Vec::new() }
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Program {
        self.command.env(name, value);
        self
    }

    /// What it reads on standard input.
    pub fn fed(mut self, bytes: impl Into<Vec<u8>>) -> Program {
        self.stdin = bytes.into();
        self
    }

    /// Runs to its end.
    pub fn run<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Ended {
        let mut child = self.command.args(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let bytes = self.stdin;
        // On a thread of its own, since the program may want to be read before it reads on.
        let feeding = std::thread::spawn(move || {
            // A program that does not want its input may close it.
            let _ = stdin.write_all(&bytes);
        });
        let output = child.wait_with_output().unwrap();
        feeding.join().unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs to its end while nobody reads its standard output, which is closed from the start.
    pub fn run_unread<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Ended {
        let mut child = self.command.args(arguments).stdin(Stdio::null()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        Ended { code: output.status.code(), stdout: String::new(), stderr: String::from_utf8(output.stderr).unwrap() }
    }

    /// Starts, and goes on beside the test. Its standard error is not kept.
    pub fn start<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Running {
        let mut child = self.command.args(arguments).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let stderr = child.stderr.take().unwrap();
        let said = std::thread::spawn(move || std::io::read_to_string(stderr).unwrap_or_default());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let Ok(line) = line else { return };
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Running { child, lines, said: Some(said) }
    }
}

/// A program that runs. It is killed when the test lets go of it.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    said: Option<std::thread::JoinHandle<String>>,
}

impl Running {
    /// The next line of standard output that begins so, without that beginning.
    pub fn line_after(&self, beginning: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(LINE_SECONDS_MAX));
            let line = line.unwrap_or_else(|_| panic!("no line `{beginning}…`"));
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.to_owned();
            }
        }
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What it has said on standard error until it ended.
    pub fn said(&mut self) -> String {
        self.said.take().unwrap().join().unwrap()
    }

    /// Sends it a signal, such as `HUP`.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Asks it to stop, as a service manager does; returns its exit code.
    #[cfg(unix)]
    pub fn terminate(&mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a run ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    #[track_caller]
    pub fn with_code(self, code: i32) -> Ended {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// On standard error.
    #[track_caller]
    pub fn saying(self, part: &str) -> Ended {
        assert!(self.stderr.contains(part), "not said: {part}\n{self}");
        self
    }

    /// On standard output.
    #[track_caller]
    pub fn printing(self, part: &str) -> Ended {
        assert!(self.stdout.contains(part), "not printed: {part}\n{self}");
        self
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit code {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}
