//! A stand-in for the host of Azure Functions: starts the handler with what a host says in the environment, waits until it
//! answers, and sends it ticks in all the forms that hosts use.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Blobs, Folder, Program, Running, until};

/// A host gives a handler so long to answer.
const READY_SECONDS_MAX: u64 = 30;

/// The handler, as an instance of the app.
pub struct Instance {
    pub running: Running,
    address: String,
}

/// How the handler answered a tick.
#[derive(Debug)]
pub struct Ticked {
    pub status: u16,
    pub body: Value,
}

impl Ticked {
    /// All that it logged, as the host would write it, after it was found to be an answer that a host takes.
    #[track_caller]
    pub fn logs(&self) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        assert!(self.body["Outputs"].is_object() && self.body["ReturnValue"].is_null(), "{self:?}");
        let lines = self.body["Logs"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
        lines.collect::<Vec<_>>().join("\n")
    }

    #[track_caller]
    pub fn saying(self, part: &str) -> Ticked {
        let logs = self.logs();
        assert!(logs.contains(part), "not said: {part}\n{logs}");
        self
    }

    /// It found nothing to warn of and nothing was left.
    #[track_caller]
    pub fn fine(self) -> Ticked {
        let logs = self.logs();
        assert!(!logs.contains("warning") && !logs.contains("partial"), "{logs}");
        self
    }
}

/// The body of an ordinary tick.
pub fn body() -> Value {
    json!({
        "Data": {"timer": {
            "Schedule": {"AdjustForDST": true},
            "ScheduleStatus": {
                "Last": "2026-11-24T02:55:00.0012+00:00", "Next": "2026-11-24T03:00:00+00:00",
                "LastUpdated": "2026-11-24T02:55:00.0012+00:00",
            },
            "IsPastDue": false,
        }},
        "Metadata": {"sys": {"MethodName": "CollectTimer", "UtcNow": "2026-11-24T03:00:00.0034567Z", "RandGuid": "1"}},
    })
}

impl Instance {
    /// An instance of the app in `folder`, with its state in `blobs`.
    pub fn start(folder: &Folder, blobs: &Blobs) -> Instance {
        Instance::over(folder.program(), folder, blobs)
    }

    /// The same, of a program with more in its environment.
    pub fn over(program: Program, folder: &Folder, blobs: &Blobs) -> Instance {
        let temporary = folder.at("tmp");
        std::fs::create_dir_all(&temporary).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let running = program
            .env("TMPDIR", temporary)
            .env("AzureWebJobsStorage", blobs.connection_string())
            .env("FUNCTIONS_WORKER_RUNTIME", "custom")
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
            .env("FUNCTIONS_HTTPWORKER_PORT", port.to_string())
            .env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", "2c8d7a0e-0000-4000-8000-000000000001")
            .env("FUNCTIONS_APP_ROOT_PATH", folder.path())
            .start(["function", "-v"]);
        let instance = Instance { running, address: format!("127.0.0.1:{port}") };
        let begun = Instant::now();
        until("the handler answers", || instance.ping().is_some());
        assert!(begun.elapsed().as_secs() < READY_SECONDS_MAX);
        instance
    }

    /// Whether it answers, and with which status.
    pub fn ping(&self) -> Option<u16> {
        Some(exchange(&self.address, "GET / HTTP/1.1", b"")?.0)
    }

    /// A tick of the timer with an invocation id of its own.
    #[track_caller]
    pub fn tick(&self) -> Ticked {
        self.invoke(&uuid::Uuid::new_v4().to_string(), &body())
    }

    #[track_caller]
    pub fn invoke(&self, id: &str, body: &Value) -> Ticked {
        post(&self.address, id, body).expect("the connection was lost")
    }

    /// A tick that is waited for elsewhere; `None` when the handler dies.
    pub fn begin_tick(&self) -> JoinHandle<Option<Ticked>> {
        let address = self.address.clone();
        std::thread::spawn(move || post(&address, &uuid::Uuid::new_v4().to_string(), &body()))
    }

    /// Ends it as a host does: asked first, it has to end well; returns what it said.
    #[cfg(unix)]
    #[track_caller]
    pub fn stop(mut self) -> String {
        assert_eq!(self.running.terminate(), Some(0));
        self.running.said()
    }
}

fn post(address: &str, id: &str, body: &Value) -> Option<Ticked> {
    let head = format!(
        "POST /CollectTimer HTTP/1.1\r\nContent-Type: application/json; charset=utf-8\r\nUser-Agent: Azure-Functions-Host/4.1045.0\r\n\
         X-Azure-Functions-HostVersion: 4.1045.0\r\nX-Azure-Functions-InvocationId: {id}"
    );
    let (status, head, body) = exchange(address, &head, body.to_string().as_bytes())?;
    assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
    Some(Ticked { status, body: serde_json::from_slice(&body).ok()? })
}

fn exchange(address: &str, head: &str, body: &[u8]) -> Option<(u16, String, Vec<u8>)> {
    let mut stream = TcpStream::connect_timeout(&address.parse().ok()?, Duration::from_secs(5)).ok()?;
    let head = format!("{head}\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, head, bytes[end + 4..].to_vec()))
}
