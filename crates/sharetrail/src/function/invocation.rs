//! What the host sends and what it wants to hear: the body of a timer's invocation, and the answer, which is JSON whatever
//! happened ([functions](../../../../docs/protocols/azure-functions.md)).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Lines that an answer holds at most.
const LINES_MAX: usize = 100;

/// What is read of a timer's invocation. What the window of a pass is never comes from here: positions are ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tick {
    /// A run before it was missed.
    pub is_past_due: bool,
    /// Which attempt this is, where the function has a retry policy; 0 is the first.
    pub retry: u64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    data: BTreeMap<String, Value>,
    metadata: BTreeMap<String, Value>,
}

impl Tick {
    /// Reads a body. A timer that cannot be read has ticked all the same.
    pub fn read(body: &[u8]) -> Self {
        let Body { data, metadata } = serde_json::from_slice(body).unwrap_or_default();
        // Whatever name the binding has: a timer is what says whether it is past due.
        let is_past_due = data.values().map(unpacked).find_map(|timer| timer.get("IsPastDue")?.as_bool());
        let retry = metadata.get("RetryContext").map(unpacked).and_then(|context| context.get("RetryCount")?.as_u64());
        Self { is_past_due: is_past_due.unwrap_or(false), retry: retry.unwrap_or(0) }
    }

    /// To follow "tick"; empty for an ordinary one.
    pub fn words(&self) -> String {
        let past_due = if self.is_past_due { ", which makes up for a missed one" } else { "" };
        let retry = if self.retry > 0 { format!(", retry {}", self.retry) } else { String::new() };
        format!("{past_due}{retry}")
    }
}

/// Some versions of the host send objects as text.
fn unpacked(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
        other => other.clone(),
    }
}

/// What the host is answered.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    outputs: BTreeMap<String, String>,
    logs: Vec<String>,
    return_value: Option<String>,
}

impl Answer {
    /// These lines, which the host writes into the log of the invocation.
    pub fn of(mut lines: Vec<String>) -> Self {
        if lines.len() > LINES_MAX {
            let left = lines.len() - LINES_MAX;
            lines.truncate(LINES_MAX);
            lines.push(format!("and {left} lines more, which stand in the log of the app"));
        }
        Self { outputs: BTreeMap::new(), logs: lines, return_value: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMER: &str = r#"{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2026-11-24T02:55:00.0012+00:00",
        "Next":"2026-11-24T03:00:00+00:00","LastUpdated":"0001-01-01T00:00:00"},"IsPastDue":true}"#;

    #[test]
    fn a_timer_is_read_in_all_forms_in_which_hosts_send_it() {
        let packed = serde_json::to_string(TIMER).unwrap();
        let late = Tick { is_past_due: true, retry: 0 };
        for (body, tick) in [
            (format!(r#"{{"Data":{{"timer":{TIMER}}},"Metadata":{{"sys":{{}}}}}}"#), late.clone()),
            (format!(r#"{{"Data":{{"tick":{packed}}},"Metadata":{{}}}}"#), late),
            (r#"{"Data":{"timer":{"ScheduleStatus":null,"IsPastDue":false}}}"#.to_owned(), Tick::default()),
            (
                r#"{"Data":{"timer":{}},"Metadata":{"RetryContext":{"RetryCount":2,"MaxRetryCount":3,"Exception":null}}}"#.to_owned(),
                Tick { is_past_due: false, retry: 2 },
            ),
            (
                r#"{"Data":{"timer":"odd"},"Metadata":{"RetryContext":"{\"RetryCount\":1}"}}"#.to_owned(),
                Tick { is_past_due: false, retry: 1 },
            ),
            (r#"{"Data":null}"#.to_owned(), Tick::default()),
            (String::new(), Tick::default()),
        ] {
            assert_eq!(Tick::read(body.as_bytes()), tick, "{body}");
        }
    }

    #[test]
    fn an_answer_is_bounded_and_has_the_three_keys_that_the_host_reads() {
        let answer = serde_json::to_value(Answer::of(vec!["done".to_owned()])).unwrap();
        assert_eq!(answer, serde_json::json!({"Outputs": {}, "Logs": ["done"], "ReturnValue": null}));
        let long = Answer::of((0..1_000).map(|number| number.to_string()).collect());
        assert_eq!(long.logs.len(), LINES_MAX + 1);
        assert!(long.logs.last().unwrap().contains("900 lines more"));
    }
}
