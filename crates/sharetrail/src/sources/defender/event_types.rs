//! The activity types that a tenant's Defender knows, out of the portal's completion list: names of event categories are
//! documented nowhere, so who selects by them is told what there is.

use std::collections::BTreeSet;

use serde::Deserialize;
use url::Url;

use super::client::{DefenderClient, Route};
use crate::http::{Answer, Failure, Request};

/// SharePoint Online, OneDrive for Business, Teams: the list is asked for one app at a time.
const SERVICES: [u32; 3] = [20892, 15600, 28375];

/// Names that are told at most.
const NAMES_TOLD_MAX: usize = 30;

impl DefenderClient {
    /// The event categories of the apps that keep files.
    ///
    /// # Errors
    /// The service's refusal, in words. The list is the portal's own, and not promised to applications.
    pub async fn event_types(&self) -> Result<BTreeSet<String>, Failure> {
        let mut names = BTreeSet::new();
        for service in SERVICES {
            let url = list_url(&self.url(Route::EventTypes)?, service);
            names.extend(self.signed(Route::EventTypes, &Request::get(url), read).await?);
        }
        Ok(names)
    }
}

/// Which of the `wanted` names a tenant does not know, in a sentence; nothing when it knows them all, or none at all.
pub fn unknown_types(wanted: &[String], known: &BTreeSet<String>) -> Option<String> {
    let unknown: Vec<&str> = wanted.iter().filter(|name| !known.contains(*name)).map(String::as_str).collect();
    if unknown.is_empty() || known.is_empty() {
        return None;
    }
    let told: Vec<&str> = known.iter().take(NAMES_TOLD_MAX).map(String::as_str).collect();
    Some(format!(
        "tenant.defender.event_types names {}, which Defender has not seen in this tenant so far; it has seen {}",
        unknown.join(", "),
        told.join(", ")
    ))
}

fn list_url(route: &Url, service: u32) -> Url {
    let mut url = route.clone();
    // As the one known client writes it.
    url.query_pairs_mut().append_pair("search", "").append_pair("service", &format!("eq(i:{service},)"));
    url
}

fn read(answer: &Answer) -> Result<Vec<String>, Failure> {
    #[derive(Deserialize)]
    struct Envelope {
        records: Records,
    }
    #[derive(Deserialize)]
    struct Records {
        items: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        category: Option<String>,
    }
    let envelope: Envelope = answer.json()?;
    let names = envelope.records.items.into_iter().filter_map(|item| item.category);
    Ok(names.filter(|name| !name.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_the_tenant_does_not_know_is_told_with_those_that_it_knows() {
        let known = BTreeSet::from(["EVENT_CATEGORY_A".to_owned(), "EVENT_CATEGORY_B".to_owned()]);
        let told = unknown_types(&["EVENT_CATEGORY_A".into(), "EVENT_CATEGORY_C".into()], &known).unwrap_or_default();
        assert!(told.contains("names EVENT_CATEGORY_C, ") && told.contains("EVENT_CATEGORY_B"), "{told}");
        assert_eq!(unknown_types(&["EVENT_CATEGORY_A".into()], &known), None);
        assert_eq!(unknown_types(&["EVENT_CATEGORY_C".into()], &BTreeSet::new()), None, "nothing is known of it");
    }
}
