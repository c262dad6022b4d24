//! Checks of `[alerts]` and of each `[[rule]]`.

use super::check::Check;
use super::settings::{Alerts, SecretRef, Webhook, WebhookKind};
use super::written::{AlertsTable, RuleTable, WebhookTable};
use crate::alerts::{Rule, Rules, Severity};

const HOUR_MS: i64 = 3_600_000;
const SEVERITIES: &str = "must be \"informational\", \"low\", \"medium\" or \"high\"";

/// `[alerts]` and the rules.
pub fn alerts(check: &mut Check, table: AlertsTable, rules_written: Vec<RuleTable>) -> Alerts {
    let hours = |check: &mut Check, key: &str, written, default: u32, most: u32| {
        i64::from(check.number32(&format!("alerts.{key}"), written, default, 0..=most)) * HOUR_MS
    };
    let suppress_ms = hours(check, "suppress_hours", table.suppress_hours, 24, 30 * 24);
    let told_within_ms = hours(check, "told_within_hours", table.told_within_hours, 72, 365 * 24);
    let mut webhooks: Vec<Webhook> = Vec::new();
    for (index, table) in table.webhook.unwrap_or_default().into_iter().enumerate() {
        let path = format!("alerts.webhook.{index}");
        let Some(webhook) = webhook(check, &path, table) else { continue };
        if webhooks.iter().any(|other| other.name == webhook.name) {
            check.problem(&format!("{path}.name"), "is already the name of another webhook; each needs its own");
        }
        webhooks.push(webhook);
    }
    let rules = rules(check, rules_written);
    Alerts { rules, suppress_ms, told_within_ms, digest: table.digest.unwrap_or(true), webhooks }
}

fn webhook(check: &mut Check, path: &str, table: WebhookTable) -> Option<Webhook> {
    let at = |key: &str| format!("{path}.{key}");
    let name = check.required(&at("name"), table.name, "a short name of your own");
    let kinds = "write \"teams\", \"slack\" or \"json\"";
    let kind = check.required(&at("kind"), table.kind, kinds);
    let url = check.required(&at("url"), table.url, "where its address is kept: keyvault:URL, env:NAME or file:PATH");
    let url = url.and_then(|text| check.secret(&at("url"), &text));
    let severity_min = severity(check, &at("severity_min"), table.severity_min.as_deref());
    let secret = match table.secret {
        Some(text) => Some(check.secret(&at("secret"), &text)?),
        None => None,
    };
    let kind = match (kind.as_deref()?, secret) {
        ("json", secret) => WebhookKind::Json { secret },
        ("teams" | "slack", Some(_)) => {
            check.problem(&at("secret"), "has no meaning here: only messages of kind \"json\" are signed");
            return None;
        }
        ("teams", None) => WebhookKind::Teams,
        ("slack", None) => WebhookKind::Slack,
        _ => {
            check.problem(&at("kind"), &format!("is no kind of webhook; {kinds}"));
            return None;
        }
    };
    Some(Webhook { name: name?, kind, url: url?, severity_min: severity_min.unwrap_or(Severity::Informational) })
}

/// Without `[identity]` no vault opens.
pub fn needs_of_identity(check: &mut Check, alerts: &Alerts) {
    for (index, webhook) in alerts.webhooks.iter().enumerate() {
        for (key, secret) in webhook.secrets() {
            if matches!(secret, SecretRef::KeyVault(_)) {
                let path = format!("alerts.webhook.{index}.{key}");
                check.problem(&path, "is in a vault, and reading it needs an [identity] table");
            }
        }
    }
}

fn rules(check: &mut Check, tables: Vec<RuleTable>) -> Rules {
    let mut rules = Rules::default();
    let mut named = Vec::new();
    for (index, table) in tables.into_iter().enumerate() {
        let at = |key: &str| format!("rule.{index}.{key}");
        let known = Rule::ALL.map(Rule::as_str).join(", ");
        let Some(name) = check.required(&at("name"), table.name, &format!("one of {known}")) else { continue };
        let Some(rule) = Rule::of(&name) else {
            check.problem(&at("name"), &format!("is no rule; there are {known}"));
            continue;
        };
        if named.contains(&rule) {
            check.problem(&at("name"), "has a table already; write each rule once");
        }
        named.push(rule);
        for (key, of, is_written) in [
            ("items_min", Rule::MassTake, table.items_min.is_some()),
            ("days", Rule::UnexplainedNewDomain, table.days.is_some()),
            ("lag_minutes_max", Rule::FeedBehind, table.lag_minutes_max.is_some()),
        ] {
            if is_written && rule != of {
                check.problem(&at(key), &format!("has no meaning for {name}; it belongs to {}", of.as_str()));
            }
        }
        rules.items_min = check.number32(&at("items_min"), table.items_min, rules.items_min, 2..=1_000_000);
        rules.new_domain_days = check.number32(&at("days"), table.days, rules.new_domain_days, 1..=365);
        rules.lag_minutes_max =
            check.number32(&at("lag_minutes_max"), table.lag_minutes_max, rules.lag_minutes_max, 15..=43_200);
        if let Some(severity) = severity(check, &at("severity"), table.severity.as_deref()) {
            rules.on.insert(rule, severity);
        }
        if table.enabled == Some(false) {
            rules.on.remove(&rule);
        }
    }
    rules
}

fn severity(check: &mut Check, path: &str, written: Option<&str>) -> Option<Severity> {
    let found = Severity::of(written?);
    if found.is_none() {
        check.problem(path, SEVERITIES);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, parse};
    use super::*;

    const TENANT: &str = "[[tenant]]\nname = \"contoso\"\ntenant_id = \"11111111-2222-3333-4444-555555555555\"\ninternal_domains = [\"a.example\"]\n";

    fn read(text: &str) -> Result<Settings, String> {
        parse(&format!("{TENANT}{text}"), std::path::PathBuf::new())
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn every_rule_is_on_unless_it_is_switched_off() {
        assert_eq!(read("").unwrap().alerts.rules, Rules::default());
        let text = "[[rule]]\nname = \"mass_take\"\nitems_min = 10\nseverity = \"low\"\n[[rule]]\nname = \"feed_behind\"\nenabled = false\n";
        let rules = read(text).unwrap().alerts.rules;
        assert_eq!(rules.items_min, 10);
        assert_eq!(rules.on.get(&Rule::MassTake), Some(&Severity::Low));
        assert!(!rules.has(Rule::FeedBehind) && rules.has(Rule::ClassifiedAccess));
    }

    #[test]
    fn what_makes_no_sense_is_said_with_its_line() {
        let text = "[[rule]]\nname = \"mass_tale\"\n[[rule]]\nname = \"mass_take\"\ndays = 3\nseverity = \"urgent\"\n\
             [[alerts.webhook]]\nname = \"soc\"\nkind = \"mail\"\nurl = \"https://hooks.example/T0/secret\"\n\
             [[alerts.webhook]]\nname = \"a\"\nkind = \"slack\"\nurl = \"env:A\"\nsecret = \"env:B\"\n";
        let found = read(text).unwrap_err();
        for part in [
            "is no rule; there are classified_access",
            "line 9: `rule.days` has no meaning for mass_take",
            "line 10: `rule.severity` must be",
            "`alerts.webhook.url` must say where the secret is kept",
            "is no kind of webhook",
            "only messages of kind \"json\" are signed",
        ] {
            assert!(found.contains(part), "{part} is not in\n{found}");
        }
        assert!(!found.contains("hooks.example"), "{found}");
    }
}
