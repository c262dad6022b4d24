//! What an address asks for: range and filters. Every view is an address, and can be sent to a colleague.

use trail::TimeMs;

use super::error::Refusal;
use super::readers::Open;
use crate::cli::ReportKind as Question;
use crate::commands::now;
use crate::html::words;
use crate::report::Scope;
use crate::store::{AccessFilter, Order};

const DAY_MS: i64 = 86_400_000;
/// Days that are looked at where the address says nothing.
const DAYS_DEFAULT: i64 = 30;
/// Ranges that are one click away.
pub(super) const RANGES: [i64; 3] = [7, 30, 90];

/// Range and filters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct View {
    pub(super) range: Range,
    pub(super) person: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) site: Option<String>,
    /// Id of an item.
    pub(super) item: Option<String>,
    /// Id of a share.
    pub(super) share: Option<String>,
    pub(super) only_classified: bool,
    /// The column by which a list is ordered, `-` before it for falling.
    pub(super) sort: Option<String>,
    /// Where a page of a list begins.
    pub(super) cursor: Option<String>,
    /// How many rows a program wants.
    pub(super) limit: Option<usize>,
}

/// Which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// So many days up to the last access.
    Days(i64),
    /// All of it.
    All,
    /// From, and before.
    Between(Option<TimeMs>, Option<TimeMs>),
}

impl Default for Range {
    fn default() -> Self {
        Self::Days(DAYS_DEFAULT)
    }
}

impl View {
    /// Understands an address. What it does not know is an error: to ignore it would answer another question.
    pub(super) fn of(query: Option<&str>) -> Result<Self, Refusal> {
        let mut view = Self::default();
        let (mut since, mut until) = (None, None);
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let value = value.trim();
            // Empty fields of a form.
            if value.is_empty() {
                continue;
            }
            match name.as_ref() {
                "days" if value == "all" => view.range = Range::All,
                "days" => view.range = Range::Days(days(value)?),
                "since" => since = Some(moment("since", value)?),
                "until" => until = Some(moment("until", value)?),
                "person" => view.person = Some(value.to_owned()),
                "domain" => view.domain = Some(value.to_owned()),
                "item" => view.item = Some(value.to_owned()),
                "share" => view.share = Some(value.to_owned()),
                "site" => view.site = Some(value.to_owned()),
                "classified" => view.only_classified = matches!(value, "true" | "1" | "on"),
                "sort" => view.sort = Some(value.to_owned()),
                "cursor" => view.cursor = Some(value.to_owned()),
                "limit" => view.limit = Some(limit(value)?),
                other => {
                    return Err(Refusal::NotUnderstood(format!(
                        "There is no filter “{other}”; there are days, since, until, person, domain, item, share, site, classified and sort."
                    )));
                }
            }
        }
        if since.is_some() || until.is_some() {
            view.range = Range::Between(since, until);
        }
        match view.range {
            Range::Between(Some(since), Some(until)) if since >= until => {
                Err(Refusal::NotUnderstood("“since” must be before “until”: nothing lies between them.".to_owned()))
            }
            _ => Ok(view),
        }
    }

    /// What it asks the store for.
    pub(super) fn scope(&self, open: &Open) -> Result<Scope, Refusal> {
        let now = now();
        let (since, until) = match self.range {
            Range::All => (None, None),
            Range::Between(since, until) => (since, until),
            Range::Days(days) => {
                let last = open.reader.latest_access()?.unwrap_or(now);
                (Some(TimeMs((last.millis().div_euclid(DAY_MS) - (days - 1)) * DAY_MS)), None)
            }
        };
        Ok(Scope {
            filter: AccessFilter {
                since,
                until,
                person: self.person.clone(),
                domain: self.domain.clone(),
                site: self.site.clone(),
                item: self.item.clone(),
                share: self.share.clone(),
                ..AccessFilter::default()
            },
            order: None,
            only_classified: self.only_classified,
            now,
            inside: open.inside.clone(),
        })
    }

    /// What a list of `question` is ordered by, where the address says so.
    pub(super) fn order(&self, question: Question) -> Result<Option<Order>, Refusal> {
        let Some(sort) = &self.sort else { return Ok(None) };
        let (falling, wanted) = sort.strip_prefix('-').map_or((false, sort.as_str()), |column| (true, column));
        match question.shown().iter().find(|shown| shown.key == wanted) {
            Some(shown) => Ok(Some(Order { column: shown.key, falling })),
            None => Err(Refusal::NotUnderstood(format!(
                "“sort” is a column of the list, “-” before it for falling; there is no column “{}” here. There are {}.",
                words::text(wanted, 100),
                question.shown().iter().map(|shown| shown.key).collect::<Vec<_>>().join(", "),
            ))),
        }
    }

    /// The pairs of an address that asks for it, without order and place in a list.
    pub(super) fn query(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.range.query();
        let texts = [
            ("person", &self.person),
            ("domain", &self.domain),
            ("site", &self.site),
            ("item", &self.item),
            ("share", &self.share),
        ];
        for (name, value) in texts {
            pairs.extend(value.clone().map(|value| (name, value)));
        }
        if self.only_classified {
            pairs.push(("classified", "true".to_owned()));
        }
        pairs
    }

    /// Its time in words that begin a sentence.
    pub(super) fn span(&self, scope: &Scope) -> String {
        match (self.range, scope.filter.since) {
            (Range::All, _) => "In all the time that is stored".to_owned(),
            (Range::Days(days), Some(since)) => {
                let is_now = scope.now.millis() - since.millis() <= (days + 1) * DAY_MS;
                let until = since.plus((days - 1) * DAY_MS);
                if is_now {
                    format!("In the last {days} days")
                } else {
                    format!("In the {days} days up to {}", words::day(until))
                }
            }
            (Range::Days(days), None) => format!("In the last {days} days"),
            (Range::Between(Some(since), Some(until)), _) => {
                format!("From {} to {}", words::day(since), words::day(until.plus(-1)))
            }
            (Range::Between(Some(since), None), _) => format!("Since {}", words::day(since)),
            (Range::Between(None, Some(until)), _) => format!("Before {}", words::day(until)),
            (Range::Between(None, None), _) => "In all the time that is stored".to_owned(),
        }
    }
}

impl Range {
    pub(super) fn query(self) -> Vec<(&'static str, String)> {
        let time = |name, time: Option<TimeMs>| time.map(|time| (name, time.to_string()));
        match self {
            Self::Days(DAYS_DEFAULT) => Vec::new(),
            Self::Days(days) => vec![("days", days.to_string())],
            Self::All => vec![("days", "all".to_owned())],
            Self::Between(since, until) => time("since", since).into_iter().chain(time("until", until)).collect(),
        }
    }
}

fn days(text: &str) -> Result<i64, Refusal> {
    /// About ten years.
    const DAYS_MAX: i64 = 3_660;
    let days = text.parse().ok().filter(|days| (1..=DAYS_MAX).contains(days));
    days.ok_or_else(|| Refusal::NotUnderstood(format!("“days” is a number from 1 to {DAYS_MAX}, or “all”.")))
}

fn moment(name: &str, text: &str) -> Result<TimeMs, Refusal> {
    crate::cli::moment(text).map_err(|remedy| Refusal::NotUnderstood(format!("“{name}”: {remedy}.")))
}

fn limit(text: &str) -> Result<usize, Refusal> {
    /// Rows of a page.
    const LIMIT_MAX: usize = 1_000;
    let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| Refusal::NotUnderstood(format!("“limit” is a number from 1 to {LIMIT_MAX}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_an_address_and_the_address_is_that_view() {
        for query in [
            "",
            "days=7",
            "days=all",
            "since=2026-11-01&domain=fabrikam.example",
            "until=2026-11-01T08:00:00Z&classified=on&site=https%3A%2F%2Fa%2Fsites%2Fb&person=li%26co%40a.example",
        ] {
            let view = View::of(Some(query)).unwrap();
            let mut again = url::form_urlencoded::Serializer::new(String::new());
            again.extend_pairs(view.query());
            assert_eq!(View::of(Some(&again.finish())).unwrap(), view, "{query}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for query in
            ["days=0", "days=x", "since=yesterday", "limit=5000", "colour=red", "since=2026-11-02&until=2026-11-01"]
        {
            assert!(matches!(View::of(Some(query)), Err(Refusal::NotUnderstood(_))), "{query}");
        }
    }
}
