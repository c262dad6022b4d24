//! What to say where filters leave nothing of an answer: what is there without them, and what was perhaps meant.

use std::collections::BTreeMap;

use trail::TimeMs;

use super::{ReportError, Scope, Take, counted};
use crate::cli::ReportKind as Question;
use crate::rows::{Cell, Row};
use crate::store::{AccessFilter, Reader};

/// Names of what there is that a hint gives.
const NAMES_MAX: usize = 5;
/// Different names that are looked at.
const NAMES_LOOKED_AT_MAX: usize = 100_000;
/// How alike two names must be for one to be taken for the other, from 0 to 1.
const ALIKE_MIN: f64 = 0.8;

/// Sentences for an answer to `question` that is empty under the filters of `scope`; none where there are no filters.
///
/// # Errors
/// Those of reading the store.
pub fn hints(question: Question, reader: &mut Reader, scope: &Scope) -> Result<Vec<String>, ReportError> {
    if scope.filter == AccessFilter::default() && !scope.only_classified {
        return Ok(Vec::new());
    }
    let mut there = There::default();
    let whole = Scope { filter: AccessFilter::default(), only_classified: false, ..scope.clone() };
    question.answer(reader, &whole, &mut there)?;
    Ok(there.hints(scope))
}

/// What an answer holds without its filters.
#[derive(Default)]
struct There {
    rows: i64,
    times: Option<(TimeMs, TimeMs)>,
    people: Names,
    domains: Names,
    sites: Names,
}

/// Names, each with its rows.
#[derive(Default)]
struct Names(BTreeMap<String, i64>);

impl Take for There {
    fn take<R: Row>(&mut self, row: &R) -> Result<(), ReportError> {
        self.rows += 1;
        for (column, cell) in R::COLUMNS.iter().zip(row.cells()) {
            match (column.key, cell) {
                ("time_generated" | "created_date_time" | "first_seen" | "last_seen", Cell::Time(time)) => {
                    let (first, last) = self.times.unwrap_or((time, time));
                    self.times = Some((first.min(time), last.max(time)));
                }
                ("person" | "recipient", Cell::Text(person)) => self.people.add(person),
                ("domain", Cell::Text(domain)) => self.domains.add(domain),
                ("site_url", Cell::Text(site)) => self.sites.add(site),
                _ => {}
            }
        }
        Ok(())
    }
}

impl There {
    fn hints(&self, scope: &Scope) -> Vec<String> {
        let rows = counted(self.rows, "row", "rows");
        let mut hints = Vec::new();
        match self.times {
            _ if self.rows == 0 => {
                hints.push("This is not for the filters: without them there is nothing either.".into())
            }
            Some((first, last)) => {
                hints.push(format!("Without filters there are {rows}, from {} to {}.", day(first), day(last)))
            }
            None => hints.push(format!("Without filters there are {rows}.")),
        }
        let filter = &scope.filter;
        for (what, asked, names) in [
            ("person", &filter.person, &self.people),
            ("domain", &filter.domain, &self.domains),
            ("site", &filter.site, &self.sites),
        ] {
            hints.extend(asked.as_deref().and_then(|asked| names.hint(what, asked)));
        }
        hints
    }
}

impl Names {
    fn add(&mut self, name: &str) {
        if let Some(rows) = self.0.get_mut(name) {
            *rows += 1;
        } else if self.0.len() < NAMES_LOOKED_AT_MAX {
            self.0.insert(name.to_owned(), 1);
        }
    }

    /// Those most like the one that was asked for; else those with most rows.
    fn hint(&self, what: &str, asked: &str) -> Option<String> {
        let asked = asked.to_lowercase();
        if self.0.is_empty() || self.0.keys().any(|name| is(&asked, name)) {
            return None;
        }
        let mut alike: Vec<(f64, &str)> = self.0.keys().map(|name| (likeness(&asked, name), name.as_str())).collect();
        alike.retain(|(likeness, _)| *likeness >= ALIKE_MIN);
        alike.sort_by(|one, two| two.0.total_cmp(&one.0));
        if !alike.is_empty() {
            let names: Vec<&str> = alike.iter().take(NAMES_MAX).map(|(_, name)| *name).collect();
            return Some(format!("There is no {what} {asked}; did you mean {}?", names.join(" or ")));
        }
        let mut most: Vec<(i64, &str)> = self.0.iter().map(|(name, rows)| (*rows, name.as_str())).collect();
        most.sort_by(|one, two| two.0.cmp(&one.0).then(one.1.cmp(two.1)));
        let names: Vec<&str> = most.iter().take(NAMES_MAX).map(|(_, name)| *name).collect();
        let more = if most.len() > NAMES_MAX { " and others" } else { "" };
        Some(format!("There is no {what} {asked}; there are {}{more}.", names.join(", ")))
    }
}

/// Whether the filter means this name: a site may be named by the end of its address.
fn is(asked: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let (asked, name) = (asked.trim_end_matches('/'), name.trim_end_matches('/'));
    name == asked || ["/sites/", "/teams/"].iter().any(|place| name.ends_with(&format!("{place}{asked}")))
}

/// From 0 to 1. A person or a site is also known by a part of the name: `li.wang`, `Legal`.
fn likeness(asked: &str, name: &str) -> f64 {
    let name = name.to_lowercase();
    if asked.len() > 2 && name.contains(asked) {
        return 1.0;
    }
    let last = name.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    strsim::jaro_winkler(asked, &name).max(strsim::jaro_winkler(asked, last))
}

fn day(time: TimeMs) -> String {
    time.to_string().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Names {
        let mut all = Names::default();
        names.iter().for_each(|name| all.add(name));
        all
    }

    #[test]
    fn a_name_that_is_nearly_right_is_understood() {
        let domains = names(&["fabrikam.example", "adatum.example", "gov.example"]);
        let hint = domains.hint("domain", "fabricam.example").unwrap();
        assert!(hint.starts_with("There is no domain fabricam.example; did you mean fabrikam.example"), "{hint}");
        assert_eq!(domains.hint("domain", "Fabrikam.example"), None, "it is there; another filter leaves nothing");
        let people = names(&["li.wang@fabrikam.example"]);
        assert!(people.hint("person", "li.wang").unwrap().contains("did you mean li.wang@fabrikam.example?"));
    }

    #[test]
    fn where_nothing_is_alike_the_most_frequent_are_named() {
        let domains = names(&["b.test", "a.test", "b.test", "c.test", "d.test", "e.test", "f.test"]);
        let hint = domains.hint("domain", "zzz").unwrap();
        assert_eq!(hint, "There is no domain zzz; there are b.test, a.test, c.test, d.test, e.test and others.");
        assert_eq!(names(&[]).hint("domain", "zzz"), None);
    }

    #[test]
    fn a_site_is_meant_by_its_name_too() {
        let sites = names(&["https://contoso.sharepoint.com/sites/Legal"]);
        assert_eq!(sites.hint("site", "legal"), None);
        assert!(
            sites.hint("site", "lagal").unwrap().contains("did you mean https://contoso.sharepoint.com/sites/Legal")
        );
    }
}
