//! What is told over HTTP.

use super::Daemon;
use crate::dashboard::sent;
use crate::support::{Folder, Lab, UNREACHABLE_CONTOSO, until};

#[test]
fn it_is_healthy_at_once_and_ready_when_it_has_caught_up() {
    let folder = Folder::new();
    folder.write("sharetrail.toml", UNREACHABLE_CONTOSO);
    let daemon = Daemon::over(folder.program().env("DEFENDER_TOKEN", "t").start(["run", "--listen", "127.0.0.1:0"]));
    assert_eq!(daemon.get("/healthz").status, 200);
    let answer = daemon.get("/readyz");
    assert_eq!(answer.status, 503);
    assert!(answer.text().starts_with("contoso: defender has not been read to its end yet"), "{}", answer.text());
    assert_eq!(daemon.get("/").status, 404);
    assert_eq!(daemon.metric("sharetrail_ready"), 0.0);
    daemon.stop();
}

#[test]
fn metrics_tell_what_status_tells() {
    let lab = Lab::seeded(111, 2_000);
    let daemon = Daemon::start(&lab.folder);
    daemon.until_ready();
    let status = lab.folder.status();
    let stored = daemon.metric(r#"sharetrail_feed_records_total{tenant="contoso",feed="defender",outcome="stored"}"#);
    assert_eq!(Some(stored as i64), status["feeds"][0]["stored"].as_i64());
    assert_eq!(Some(daemon.metric(r#"sharetrail_store_bytes{tenant="contoso"}"#) as i64), status["bytes"].as_i64());
    let lag = daemon.metric(r#"sharetrail_feed_lag_seconds{tenant="contoso",feed="defender"}"#);
    assert!((300.0..400.0).contains(&lag), "{lag}");
    daemon.stop();
}

#[test]
fn every_metric_is_announced_with_its_kind() {
    let lab = Lab::seeded(112, 500);
    let daemon = Daemon::start(&lab.folder);
    daemon.until_ready();
    let text = daemon.get("/metrics").text();
    for metric in sharetrail::run::metrics::METRICS {
        let (name, kind) = (metric.name, metric.kind.as_str());
        assert!(text.contains(&format!("# TYPE {name} {kind}\n{name}")), "{name} has no value\n{text}");
        assert_eq!(metric.kind.as_str() == "counter", name.ends_with("_total"), "{name}");
    }
    daemon.stop();
}

#[test]
fn the_dashboard_is_served_beside_where_it_is_asked_for() {
    let lab = Lab::seeded(113, 1_000);
    let arguments = ["run", "--dashboard", "127.0.0.1:0", "--listen", "127.0.0.1:0"];
    let running = lab.folder.program().start(arguments);
    // Which of the two is there first is not said.
    let (first, second) = (running.line_after(""), running.line_after(""));
    let address = |name: &str| {
        let line = [&first, &second].into_iter().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split('/').next().unwrap().to_owned()
    };
    let (dashboard, health) = (address("dashboard: http://"), address("health: http://"));
    let get = |address: &str, path: &str| sent(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}"));
    until("it is ready", || get(&health, "/readyz").status == 200);
    let page = get(&dashboard, "/?days=all");
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(get(&dashboard, "/metrics").status, 404);
}

#[test]
fn a_dashboard_of_several_tenants_is_refused_with_the_remedy() {
    let lab = Lab::seeded(114, 500);
    lab.configure(|configuration| {
        configuration.and_a_tenant("another", |it| it.set("tenant.tenant_id", "00000000-0000-0000-0000-000000000001"))
    });
    let ended = lab.folder.run(["run", "--dashboard", "127.0.0.1:0", "--listen", "127.0.0.1:0"]);
    ended.with_code(2).saying("sharetrail serve --state FILE");
}

#[test]
fn an_address_that_is_taken_is_told_with_the_remedy() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = Folder::new();
    folder.write("sharetrail.toml", UNREACHABLE_CONTOSO);
    let address = taken.local_addr().unwrap().to_string();
    let ended = folder.program().env("DEFENDER_TOKEN", "t").run(["run", "--listen", &address]);
    ended.with_code(1).saying("choose another address");
}
