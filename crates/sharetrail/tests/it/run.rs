//! `run`: again and again by schedule, stopped and started, asked for its health.

mod health;
mod manager;
mod schedule;
mod telemetry;

use std::collections::BTreeMap;

use crate::dashboard::{Answer, sent};
use crate::support::{Folder, Running, until};

/// A daemon that runs beside the test.
pub struct Daemon {
    pub running: Running,
    address: String,
}

impl Daemon {
    pub fn start(folder: &Folder) -> Daemon {
        Daemon::over(folder.program().start(["run", "--listen", "127.0.0.1:0"]))
    }

    pub fn over(running: Running) -> Daemon {
        let url = running.line_after("health: http://");
        let address = url.split('/').next().unwrap().to_owned();
        Daemon { running, address }
    }

    pub fn get(&self, path: &str) -> Answer {
        sent(&self.address, &format!("GET {path} HTTP/1.1\r\nHost: {}", self.address))
    }

    pub fn is_ready(&self) -> bool {
        self.get("/readyz").status == 200
    }

    #[track_caller]
    pub fn until_ready(&self) {
        until("it is ready", || self.is_ready());
    }

    /// The values of `/metrics` by name with labels.
    pub fn metrics(&self) -> BTreeMap<String, f64> {
        let text = self.get("/metrics").text();
        let values = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        });
        values.collect()
    }

    #[track_caller]
    pub fn metric(&self, name: &str) -> f64 {
        let metrics = self.metrics();
        *metrics.get(name).unwrap_or_else(|| panic!("no {name} in {metrics:#?}"))
    }

    /// Asks it to stop; it has to end well.
    #[track_caller]
    pub fn stop(mut self) -> String {
        assert_eq!(self.running.terminate(), Some(0));
        self.running.said()
    }
}
