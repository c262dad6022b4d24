//! What a service manager and an administrator ask for: reload, notification, watchdog.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use super::Daemon;
use crate::support::{Lab, until};

#[test]
fn a_configuration_that_is_read_again_takes_effect_without_losing_a_page() {
    let lab = Lab::seeded(121, 4_000);
    lab.configure(|configuration| {
        configuration.set("run.schedule", "every 1 day").set("tenant.defender.page_records", 500).without("tenant.sink")
    });
    let daemon = Daemon::start(&lab.folder);
    // In the middle of the first pass, as often as it likes.
    for number in 0..5 {
        lab.configure(|configuration| {
            configuration
                .set("run.schedule", "every 1 second")
                .set("tenant.defender.page_records", 500 + number)
                .set("run.jitter_seconds_max", 0)
        });
        daemon.running.signal("HUP");
    }
    // The new configuration has a sink.
    until("rows are delivered", || !lab.arrived().is_empty());
    daemon.until_ready();
    let outbox = r#"sharetrail_sink_outbox_rows{tenant="contoso",sink="logs_ingestion"}"#;
    until("all is delivered", || daemon.metrics().get(outbox) == Some(&0.0));
    daemon.stop();
    lab.assert_all_is_told();
    let status = lab.folder.status();
    assert_eq!(status["feeds"][0]["stored"], status["activities"], "stored twice: {status}");
}

#[test]
fn a_wrong_configuration_is_told_and_not_taken() {
    let lab = Lab::seeded(122, 500);
    lab.configure(|configuration| configuration.set("run.schedule", "every 1 second").set("run.jitter_seconds_max", 0));
    let daemon = Daemon::start(&lab.folder);
    daemon.until_ready();
    lab.configure(|configuration| configuration.set("run.schedule", "now and then"));
    daemon.running.signal("HUP");
    until("it was refused", || daemon.metric("sharetrail_configuration_reload_failed") == 1.0);
    let done = r#"sharetrail_passes_total{tenant="contoso",end="done"}"#;
    let before = daemon.metric(done);
    until("it goes on as before", || daemon.metric(done) > before);
    lab.configure(|configuration| configuration.set("run.schedule", "every 1 day"));
    daemon.running.signal("HUP");
    until("the next one is taken", || daemon.metric("sharetrail_configuration_reload_failed") == 0.0);
    let said = daemon.stop();
    assert!(said.contains("not taken; the one before stays") && said.contains("`run.schedule`"), "{said}");
}

#[test]
fn systemd_is_told_of_every_step() {
    let lab = Lab::seeded(123, 500);
    let socket = UnixDatagram::bind(lab.folder.at("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let program = lab.folder.program().env("NOTIFY_SOCKET", lab.folder.at("notify")).env("WATCHDOG_USEC", "400000");
    let daemon = Daemon::over(program.start(["run", "--listen", "127.0.0.1:0"]));
    let until_told = |wanted: &str| {
        let mut told = Vec::new();
        while !told.iter().any(|line: &String| line.starts_with(wanted)) {
            let mut buffer = [0; 1024];
            let bytes = socket.recv(&mut buffer).unwrap_or_else(|error| panic!("{wanted}: {error}: {told:?}"));
            told.extend(String::from_utf8_lossy(&buffer[..bytes]).lines().map(str::to_owned));
        }
        told
    };
    until_told("READY=1");
    assert!(until_told("WATCHDOG=1").iter().any(|line| line.starts_with("STATUS=1 tenant, ")));
    daemon.until_ready();
    daemon.running.signal("HUP");
    until_told("RELOADING=1");
    until_told("READY=1");
    // With nothing to do it still says that it lives.
    until_told("WATCHDOG=1");
    until_told("WATCHDOG=1");
    daemon.stop();
    until_told("STOPPING=1");
}

#[test]
fn it_needs_no_new_privileges() {
    let lab = Lab::seeded(124, 500);
    let program = env!("CARGO_BIN_EXE_sharetrail");
    let confined = lab.folder.program_of("setpriv");
    let Some(confined) = confined else {
        eprintln!("SKIP: setpriv is not here");
        return;
    };
    let arguments = ["--no-new-privs", program, "run", "--listen", "127.0.0.1:0"];
    let daemon = Daemon::over(confined.start(arguments));
    daemon.until_ready();
    daemon.stop();
    lab.assert_all_is_told();
}
