//! Scripted failures, and a server that stays up.

use serde_json::json;

use crate::lab::{Answer, Lab, activity};

async fn with_faults(faults: &[&str]) -> Lab {
    let faults = faults.iter().map(|text| text.parse().unwrap()).collect();
    Lab::start(vec![activity("a", 1)], |options| options.faults = faults).await
}

#[tokio::test]
async fn faults_strike_by_their_rule_in_the_services_form() {
    let lab =
        with_faults(&["defender:first=1:429:retry-after=7", "defender:every=3:401", "defender:after=4:500"]).await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(lab.activities(&json!({})).await);
    }
    let statuses: Vec<u16> = seen.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [429, 200, 401, 200, 500, 401]);
    assert_eq!(seen[0].header("retry-after"), "7");
    assert!(seen[0].json()["detail"].as_str().unwrap().contains("7 seconds"));
    assert_eq!(seen[2].json(), json!({"detail": "Invalid token."}));
    assert!(seen[4].header("content-type").starts_with("text/html") && seen[4].text.contains("<html>"));
    lab.emulator.set_faults(Vec::new());
    assert_eq!(lab.activities(&json!({})).await.status, 200);
}

#[tokio::test]
async fn a_pause_can_be_a_date() {
    let lab = with_faults(&["defender:always:429:date=20:body=empty"]).await;
    let answer = lab.activities(&json!({})).await;
    assert_eq!((answer.header("retry-after"), answer.text.as_str()), ("Tue, 24 Nov 2026 03:00:20 GMT", ""));
}

#[tokio::test]
async fn a_delivery_without_an_answer_has_happened_and_one_that_was_reset_has_not() {
    let lab = with_faults(&["ingestion:first=1:no-answer"]).await;
    let token = lab.token(lab.endpoints().scopes.ingestion).await;
    let path = format!(
        "dataCollectionRules/{}/streams/Custom-ShareTrailGap_CL?api-version=2023-01-01",
        lab.endpoints().dcr_immutable_id
    );
    let send = || {
        let request = lab.post(&path).bearer_auth(&token).header("content-type", "application/json");
        request.body(r#"[{"GapId":"g","Revision":1,"TimeGenerated":"2026-11-24T02:00:00Z"}]"#).send()
    };
    assert!(send().await.is_err());
    assert_eq!(lab.emulator.rows("ShareTrailGap_CL").len(), 1);
    assert_eq!(send().await.unwrap().status(), 204);
    assert_eq!(lab.emulator.counters().tables["ShareTrailGap_CL"].duplicates, 1);
    lab.emulator.set_faults(vec!["ingestion:always:reset".parse().unwrap()]);
    assert!(send().await.is_err());
    assert_eq!(lab.emulator.rows("ShareTrailGap_CL").len(), 2);
}

#[tokio::test]
async fn a_silent_client_does_not_hold_up_the_others() {
    let lab = with_faults(&[]).await;
    let address = lab.endpoints().https.socket_addrs(|| None).unwrap()[0];
    // Connects and never says a word: no TLS handshake.
    let _silent = tokio::net::TcpStream::connect(address).await.unwrap();
    assert_eq!(Answer::of(lab.get("_emulator/counters")).await.status, 200);
}

#[tokio::test]
async fn a_stopped_emulator_is_gone_and_a_taken_address_is_said_in_words() {
    let lab = with_faults(&[]).await;
    let url = lab.endpoints().https.clone();
    let address = url.socket_addrs(|| None).unwrap()[0];
    let taken = Lab::try_start_at(address).await.unwrap_err().to_string();
    assert!(taken.contains("cannot listen on") && taken.contains("port 0"), "{taken}");
    lab.emulator.stop().await;
    assert!(lab.client.get(url).send().await.is_err());
}
