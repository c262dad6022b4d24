//! Messages: findings, the weekly digest, or a test, in the form that each kind of webhook takes.
//!
//! What stands in records was written by others. No text of theirs is put where a chat program would read markup in it:
//! cards use text runs, Slack plain text (docs/protocols/webhooks.md).

use serde_json::{Value, json};

use super::Rule;
use crate::rows::{Finding, Row, report_json};
use crate::store::Digest;

/// Characters of one line of a message; a name in a record may be of any length.
const LINE_CHARS_MAX: usize = 600;

/// What people are told.
#[derive(Debug, Clone)]
pub enum Message {
    /// What rules found.
    Findings {
        /// Whose files.
        tenant: String,
        /// What was found, oldest first.
        findings: Vec<Finding>,
    },
    /// What is new of a week.
    Digest {
        /// Whose files.
        tenant: String,
        /// What is new.
        digest: Digest,
    },
    /// Nothing but that messages arrive.
    Test {
        /// Whose files.
        tenant: String,
    },
}

impl Message {
    /// What it is, for machines.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Findings { .. } => "findings",
            Self::Digest { .. } => "digest",
            Self::Test { .. } => "test",
        }
    }

    fn tenant(&self) -> &str {
        match self {
            Self::Findings { tenant, .. } | Self::Digest { tenant, .. } | Self::Test { tenant } => tenant,
        }
    }

    /// Its heading.
    fn heading(&self) -> String {
        let tenant = self.tenant();
        match self {
            Self::Findings { findings, .. } => match findings.as_slice() {
                [one] => format!("{tenant}: {}", title(&one.rule)),
                several => format!("{tenant}: {} findings", several.len()),
            },
            Self::Digest { digest, .. } => {
                let day = |time: trail::TimeMs| time.to_string().chars().take(10).collect::<String>();
                format!("{tenant}: what is new from {} to {}", day(digest.from), day(digest.to))
            }
            Self::Test { .. } => format!("{tenant}: a test of sharetrail's alerts"),
        }
    }

    /// Its paragraphs, each a bold beginning and what follows.
    fn paragraphs(&self) -> Vec<(String, String)> {
        match self {
            Self::Findings { findings, .. } => findings.iter().map(of_finding).collect(),
            Self::Digest { digest, .. } => of_digest(digest),
            Self::Test { .. } => {
                vec![(
                    "It works".to_owned(),
                    "Findings of the rules will arrive here. Nothing has happened.".to_owned(),
                )]
            }
        }
    }

    /// As JSON for any receiver: rows as reports have them.
    pub fn json(&self) -> Value {
        let mut body = json!({ "schema": "sharetrail.alert.1", "kind": self.kind(), "tenant": self.tenant() });
        let rows = |findings: &[Finding]| findings.iter().map(row).collect::<Vec<Value>>();
        match self {
            Self::Findings { findings, .. } => body["findings"] = rows(findings).into(),
            Self::Digest { digest, .. } => {
                body["digest"] = json!({
                    "from": digest.from.to_string(),
                    "to": digest.to.to_string(),
                    "accesses": digest.accesses,
                    "classified_accesses": digest.classified,
                    "new_people": digest.new_people,
                    "new_domains": digest.new_domains,
                    "anyone_links": digest.anyone_links,
                    "findings_by_rule": digest.findings.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
                    "gravest": rows(&digest.gravest),
                });
            }
            Self::Test { .. } => {}
        }
        body
    }

    /// As an adaptive card in the envelope that workflows of Teams take.
    pub fn teams(&self) -> Value {
        let heading = json!({ "type": "RichTextBlock", "inlines": [
            { "type": "TextRun", "text": self.heading(), "weight": "bolder", "size": "large" }
        ] });
        let paragraph = |(bold, text): (String, String)| {
            json!({ "type": "RichTextBlock", "separator": true, "inlines": [
                { "type": "TextRun", "text": format!("{bold}  "), "weight": "bolder" },
                { "type": "TextRun", "text": text }
            ] })
        };
        let body: Vec<Value> = std::iter::once(heading).chain(self.paragraphs().into_iter().map(paragraph)).collect();
        json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": null,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "msteams": { "width": "Full" },
                    "body": body,
                }
            }]
        })
    }

    /// As a message of blocks for Slack.
    pub fn slack(&self) -> Value {
        let plain = |text: &str| json!({ "type": "plain_text", "text": text, "emoji": false });
        let heading: String = self.heading().chars().take(150).collect();
        let mut blocks = vec![json!({ "type": "header", "text": plain(&heading) })];
        for (bold, text) in self.paragraphs() {
            blocks.push(json!({ "type": "section", "text": plain(&format!("{bold}: {text}")) }));
        }
        // The text of notifications is read as markup.
        let text = heading.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        json!({ "text": text, "blocks": blocks })
    }
}

fn title(rule: &str) -> &str {
    match Rule::of(rule) {
        Some(rule) => rule.title(),
        None => rule,
    }
}

fn of_finding(finding: &Finding) -> (String, String) {
    let mut text = cut(&finding.text);
    text.push_str(&format!(" ({}", finding.time_generated));
    let trail = match (&finding.access_id, &finding.share_id, finding.evidence_ids.first()) {
        (Some(_), _, Some(record)) | (None, None, Some(record)) => format!("; sharetrail show record {}", cut(record)),
        (_, Some(share), _) => format!("; sharetrail show share {}", cut(share)),
        _ => String::new(),
    };
    (format!("{} [{}]", title(&finding.rule), finding.severity), format!("{text}{trail})"))
}

fn of_digest(digest: &Digest) -> Vec<(String, String)> {
    let mut paragraphs = vec![(
        "Accesses from outside".to_owned(),
        format!(
            "{}, {} of them to classified content; {} people for the first time; {} new links for anyone",
            digest.accesses, digest.classified, digest.new_people, digest.anyone_links
        ),
    )];
    if !digest.new_domains.is_empty() {
        paragraphs.push(("New domains".to_owned(), cut(&digest.new_domains.join(", "))));
    }
    let counts: Vec<String> =
        digest.findings.iter().map(|(rule, findings)| format!("{}: {findings}", title(rule))).collect();
    let counts = if counts.is_empty() { "none".to_owned() } else { counts.join("; ") };
    paragraphs.push(("Findings".to_owned(), counts));
    paragraphs.extend(digest.gravest.iter().map(of_finding));
    paragraphs
}

/// A text of others on one line, without the characters by which it could pass for something else.
fn cut(text: &str) -> String {
    let plain = crate::report::plain(text);
    let mut cut: String = plain.chars().take(LINE_CHARS_MAX).collect();
    if cut.len() < plain.len() {
        cut.push('…');
    }
    cut
}

fn row(finding: &Finding) -> Value {
    let mut json = Vec::with_capacity(1024);
    report_json(finding, &mut json);
    serde_json::from_slice(&json)
        .unwrap_or_else(|_| json!({ "finding_id": finding.finding_id, "columns": Finding::COLUMNS.len() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(text: &str) -> Finding {
        Finding {
            rule: "mass_take".into(),
            severity: "high".into(),
            text: text.into(),
            finding_id: "f".into(),
            evidence_ids: vec!["r-1".into()],
            ..Finding::default()
        }
    }

    #[test]
    fn no_text_of_others_is_put_where_it_would_be_markup() {
        let nasty = "[click](https://evil.example) <https://evil.example|here> **bold**\u{202e}\n# heading";
        let message = Message::Findings { tenant: "contoso".into(), findings: vec![finding(nasty)] };
        let card = message.teams();
        let block = &card["attachments"][0]["content"]["body"][1];
        assert_eq!(block["type"], "RichTextBlock");
        assert!(block["inlines"][1]["text"].as_str().unwrap().contains("[click]"), "shown as it is");
        let slack = message.slack();
        assert!(slack["blocks"].as_array().unwrap().iter().all(|block| block["text"]["type"] == "plain_text"));
        for message in [card.to_string(), slack.to_string()] {
            assert!(!message.contains('\u{202e}') && !message.contains("\\n# heading"), "{message}");
        }
    }

    #[test]
    fn messages_fit_into_what_the_receivers_take() {
        let long = "x".repeat(5_000);
        let message = Message::Findings { tenant: "contoso".into(), findings: vec![finding(&long); 10] };
        assert!(message.teams().to_string().len() < 28_000, "a card of Teams may have 28 KB");
        for block in message.slack()["blocks"].as_array().unwrap() {
            assert!(block["text"]["text"].as_str().unwrap().chars().count() <= 3_000);
        }
        assert!(message.slack()["blocks"].as_array().unwrap().len() <= 50);
    }

    #[test]
    fn json_has_rows_as_reports_have_them() {
        let message = Message::Findings { tenant: "contoso".into(), findings: vec![finding("a")] };
        let json = message.json();
        assert_eq!(json["kind"], "findings");
        let columns: Vec<&str> = Finding::COLUMNS.iter().map(|column| column.key).collect();
        let keys: Vec<&String> = json["findings"][0].as_object().unwrap().keys().collect();
        assert_eq!(keys.len(), columns.len());
        assert!(keys.iter().all(|key| columns.contains(&key.as_str())));
    }
}
