//! Filters: read from the request, checked against the fields, applied to activities.

use serde_json::{Map, Value};

use crate::services::defender::fields::{self, Field, Kind, Place, scalar};
use crate::services::defender::store::SortKey;
use crate::story::StoredActivity;

/// A field, operator or value that the service does not take; it is named in the 400.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Invalid(pub(crate) String);

const DAY_MS: i64 = 86_400_000;

/// Conditions that all must hold.
#[derive(Debug)]
pub(crate) struct Filter {
    /// Those that need no look into the JSON first.
    conditions: Vec<Condition>,
}

#[derive(Debug)]
struct Condition {
    field: &'static Field,
    test: Test,
}

#[derive(Debug, PartialEq)]
enum Test {
    /// Has one of these; a `None` among them stands for "has none at all".
    Is(Vec<Option<String>>),
    /// Has none of these.
    IsNot(Vec<Option<String>>),
    Contains(Vec<String>),
    ContainsNone(Vec<String>),
    Starts(Vec<String>),
    StartsWithNone(Vec<String>),
    Ends(Vec<String>),
    /// Lies in one of these spans, both ends inclusive.
    Within(Vec<(i64, i64)>),
    Set,
    NotSet,
}

impl Filter {
    /// Reads conditions on activities: `{"<field>": {"<operator>": <value>}}`. `now_ms` is what relative days count from.
    pub(crate) fn read(filters: &Map<String, Value>, now_ms: i64) -> Result<Filter, Invalid> {
        Filter::over(fields::FIELDS, filters, now_ms)
    }

    /// Reads conditions on these fields.
    pub(crate) fn over(known: &'static [Field], filters: &Map<String, Value>, now_ms: i64) -> Result<Filter, Invalid> {
        let mut conditions = Vec::new();
        for (name, operators) in filters {
            let field = known.iter().find(|field| field.name == name).ok_or_else(|| Invalid(name.clone()))?;
            let Value::Object(operators) = operators else { return Err(Invalid(operators.to_string())) };
            for (operator, value) in operators {
                if !field.operators.contains(&operator.as_str()) {
                    return Err(Invalid(operator.clone()));
                }
                conditions.push(Condition { field, test: test(field, operator, value, now_ms)? });
            }
        }
        conditions.sort_by_key(|condition| !condition.field.place.is_cheap());
        Ok(Filter { conditions })
    }

    /// The span that the conditions leave of a time, both ends inclusive: what an ordered list has to look at.
    pub(crate) fn span(&self, key: SortKey) -> (i64, i64) {
        let spans = self.conditions.iter().filter(|condition| condition.field.name == key.field());
        spans.fold((i64::MIN, i64::MAX), |(low, high), condition| match &condition.test {
            Test::Within(spans) => {
                let first = spans.iter().map(|span| span.0).min().unwrap_or(i64::MAX);
                let last = spans.iter().map(|span| span.1).max().unwrap_or(i64::MIN);
                (low.max(first), high.min(last))
            }
            _ => (low, high),
        })
    }

    /// Whether an activity passes. Its JSON is read at most once, and only if a condition needs it.
    pub(crate) fn matches(&self, activity: &StoredActivity) -> bool {
        let mut record = None;
        self.conditions.iter().all(|condition| condition.holds(activity, &mut record))
    }

    /// Whether a record of another kind passes.
    pub(crate) fn matches_record(&self, record: &Value) -> bool {
        self.conditions.iter().all(|condition| condition.test.holds(&condition.field.place.values(record)))
    }
}

impl Condition {
    fn holds(&self, activity: &StoredActivity, record: &mut Option<Value>) -> bool {
        if let Test::Within(spans) = &self.test {
            let at_ms = match self.field.place {
                Place::Created => activity.created_ms,
                _ => activity.timestamp_ms,
            };
            return spans.iter().any(|(first, last)| (*first..=*last).contains(&at_ms));
        }
        if let Some(value) = self.field.place.at_hand(activity) {
            return self.test.holds(&[value]);
        }
        if self.rules_out(activity) {
            return false;
        }
        let record = record.get_or_insert_with(|| serde_json::from_str(&activity.json).unwrap_or(Value::Null));
        self.test.holds(&self.field.place.values(record))
    }

    /// Event types are plain ASCII and stand in the JSON as they are, so a text search spares reading most activities.
    fn rules_out(&self, activity: &StoredActivity) -> bool {
        match &self.test {
            Test::Is(wanted) if self.field.place == Place::EventType => !wanted
                .iter()
                .any(|wanted| wanted.as_ref().is_none_or(|wanted| activity.json.contains(wanted.as_str()))),
            _ => false,
        }
    }
}

impl Test {
    fn holds(&self, values: &[String]) -> bool {
        let any = |texts: &[String], matches: fn(&str, &str) -> bool| {
            values.iter().any(|value| texts.iter().any(|text| matches(value, text)))
        };
        match self {
            Test::Is(wanted) => is_one_of(values, wanted),
            Test::IsNot(unwanted) => !is_one_of(values, unwanted),
            Test::Contains(texts) => any(texts, |value, text| lower(value).contains(&lower(text))),
            Test::ContainsNone(texts) => !any(texts, |value, text| lower(value).contains(&lower(text))),
            Test::Starts(texts) => any(texts, |value, text| lower(value).starts_with(&lower(text))),
            Test::StartsWithNone(texts) => !any(texts, |value, text| lower(value).starts_with(&lower(text))),
            Test::Ends(texts) => any(texts, |value, text| lower(value).ends_with(&lower(text))),
            Test::Within(spans) => values
                .iter()
                .filter_map(|value| value.parse::<i64>().ok())
                .any(|value| spans.iter().any(|(first, last)| (*first..=*last).contains(&value))),
            Test::Set => !values.is_empty(),
            Test::NotSet => values.is_empty(),
        }
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

fn is_one_of(values: &[String], wanted: &[Option<String>]) -> bool {
    wanted.iter().any(|wanted| match wanted {
        Some(wanted) => values.iter().any(|value| value.eq_ignore_ascii_case(wanted)),
        None => values.is_empty(),
    })
}

fn test(field: &Field, operator: &str, value: &Value, now_ms: i64) -> Result<Test, Invalid> {
    if field.kind == Kind::Time {
        return Ok(Test::Within(spans(operator, value, now_ms)?));
    }
    Ok(match operator {
        "eq" => Test::Is(operands(field, value)?),
        "neq" => Test::IsNot(operands(field, value)?),
        "contains" | "text" => Test::Contains(texts(value)?),
        "ncontains" => Test::ContainsNone(texts(value)?),
        "startswith" | "startswithsingle" => Test::Starts(texts(value)?),
        "doesnotstartwith" => Test::StartsWithNone(texts(value)?),
        "endswith" => Test::Ends(texts(value)?),
        // `isset: false` has been seen nowhere; it is taken as the opposite.
        "isset" | "isnotset" => match (operator == "isset", truth(value)?) {
            (true, true) | (false, false) => Test::Set,
            (true, false) | (false, true) => Test::NotSet,
        },
        other => return Err(Invalid(other.to_owned())),
    })
}

/// A time condition as spans, both ends inclusive. Whether the service's bounds are is not documented.
fn spans(operator: &str, value: &Value, now_ms: i64) -> Result<Vec<(i64, i64)>, Invalid> {
    let days_ago = || integer(value).map(|days| now_ms.saturating_sub(days.saturating_mul(DAY_MS)));
    Ok(match operator {
        "gte" => vec![(integer(value)?, i64::MAX)],
        "gt" => vec![(integer(value)?.saturating_add(1), i64::MAX)],
        "lte" => vec![(i64::MIN, integer(value)?)],
        "lt" => vec![(i64::MIN, integer(value)?.saturating_sub(1))],
        "gte_ndays" => vec![(days_ago()?, i64::MAX)],
        "lte_ndays" => vec![(i64::MIN, days_ago()?)],
        "eq" => list(value).into_iter().map(|one| integer(one).map(|at| (at, at))).collect::<Result<_, _>>()?,
        "range" => list(value)
            .into_iter()
            .map(|range| {
                let end = |name| range.get(name).ok_or_else(|| Invalid(range.to_string())).and_then(integer);
                Ok((end("start")?, end("end")?))
            })
            .collect::<Result<_, _>>()?,
        other => return Err(Invalid(other.to_owned())),
    })
}

/// A list, or a lone value as a list of one.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        other => vec![other],
    }
}

fn operands(field: &Field, value: &Value) -> Result<Vec<Option<String>>, Invalid> {
    // `{"role": 1, "adv": true}` among user tags says whose tags are meant; here there is only the actor.
    let narrows = |one: &&Value| one.get("role").is_some() && one.get("id").is_none();
    list(value).into_iter().filter(|one| !narrows(one)).map(|one| operand(field, one)).collect()
}

fn operand(field: &Field, value: &Value) -> Result<Option<String>, Invalid> {
    let invalid = || Invalid(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    match (field.kind, value) {
        (Kind::Integer | Kind::Boolean, Value::Null) => Err(invalid()),
        (_, Value::Null) => Ok(None),
        (Kind::Integer, _) => integer(value).map(|number| Some(number.to_string())),
        (Kind::Boolean, _) => truth(value).map(|truth| Some(truth.to_string())),
        // `{"id": …}` names an entity, `{"s": …}` is a stream's number.
        (Kind::Reference, Value::Object(reference)) => {
            let id = ["id", "s"].iter().find_map(|name| reference.get(*name)).and_then(scalar);
            id.map(Some).ok_or_else(invalid)
        }
        (_, Value::String(text)) if field.place == Place::EventType && !text.starts_with("EVENT_") => Err(invalid()),
        (_, Value::String(text)) => Ok(Some(text.clone())),
        (_, Value::Number(number)) => Ok(Some(number.to_string())),
        _ => Err(invalid()),
    }
}

fn texts(value: &Value) -> Result<Vec<String>, Invalid> {
    list(value).into_iter().map(|one| scalar(one).ok_or_else(|| Invalid(one.to_string()))).collect()
}

/// A whole number, or a text of one.
fn integer(value: &Value) -> Result<i64, Invalid> {
    let number = match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|float| float as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| Invalid(value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
}

fn truth(value: &Value) -> Result<bool, Invalid> {
    match list(value).as_slice() {
        [Value::Bool(truth)] => Ok(*truth),
        [Value::String(text)] if text.eq_ignore_ascii_case("true") => Ok(true),
        [Value::String(text)] if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(Invalid(value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::defender::store::activity_from_json;
    use serde_json::json;

    fn filter(filters: &Value) -> Result<Filter, Invalid> {
        Filter::read(filters.as_object().unwrap(), 10 * DAY_MS)
    }

    fn activity() -> StoredActivity {
        let record = json!({
            "_id": "97_15600_a", "created": 9 * DAY_MS, "timestamp": 8 * DAY_MS, "appId": 15600, "source": 2,
            "eventTypeName": "EVENT_CATEGORY_DOWNLOAD_FILE", "eventTypeValue": "EVENT_O365_ONEDRIVE_GENERIC",
            "user": {"userName": "li.wang@fabrikam.example", "userTags": ["000000200000000000000000"]},
            "mainInfo": {"rawOperationName": "FileDownloaded", "eventObjects": [{"id": "x"}, {"id": "y"}]},
            "device": {"clientIP": "192.0.2.7", "userAgent": "Mozilla/5.0"}, "location": {"countryCode": "DE"},
            "entityData": {"0": null, "1": {"id": {"id": "li", "saas": 11161}}}, "rawDataJson": {"UserType": 2},
        });
        activity_from_json(&record.to_string()).unwrap()
    }

    #[test]
    fn conditions_hold_as_documented() {
        let cases = [
            (json!({}), true),
            (json!({"service": {"eq": [20892, 15600]}}), true),
            (json!({"service": {"eq": "15600"}}), true),
            (json!({"service": {"neq": [15600]}}), false),
            (json!({"activity.eventType": {"eq": ["EVENT_CATEGORY_DOWNLOAD_FILE"]}}), true),
            (json!({"activity.eventActionType": {"eq": ["EVENT_CATEGORY_LOGIN"]}}), false),
            (json!({"activity.eventType": {"neq": ["EVENT_CATEGORY_LOGIN"]}}), true),
            (json!({"actionType": {"contains": ["FileDownloaded"]}}), true),
            (json!({"actionType": {"eq": ["15600:EVENT_O365_ONEDRIVE_GENERIC:FileDownloaded"]}}), true),
            (json!({"activity.type": {"eq": true}}), true),
            (json!({"activity.id": {"eq": "97_15600_a"}}), true),
            (json!({"date": {"gte": 8 * DAY_MS, "lte": (8 * DAY_MS).to_string()}}), true),
            (json!({"date": {"gte_ndays": 1}}), false),
            (json!({"date": {"lte_ndays": 1}}), true),
            (json!({"date": {"range": [{"start": 0, "end": 1}, {"start": 7 * DAY_MS, "end": 8 * DAY_MS}]}}), true),
            (json!({"created": {"gt": 9 * DAY_MS}}), false),
            (json!({"created": {"lt": 9 * DAY_MS + 1}}), true),
            (json!({"user.username": {"eq": ["LI.WANG@fabrikam.example"]}}), true),
            (json!({"user.username": {"startswith": "li."}}), true),
            (json!({"user.username": {"isnotset": true}}), false),
            (json!({"user.domain": {"eq": ["fabrikam.example"]}}), true),
            (json!({"user.tags": {"eq": ["000000200000000000000000"]}}), true),
            (json!({"entity": {"eq": [{"id": "li", "inst": 0}]}}), true),
            (json!({"activityObject": {"eq": ["y"]}}), true),
            (json!({"ip.address": {"startswith": ["192.0.2."]}}), true),
            (json!({"ip.address": {"doesnotstartwith": ["192.0.2."]}}), false),
            (json!({"location.country": {"eq": ["DE"], "neq": ["FR"]}}), true),
            (json!({"location.country": {"isset": true}}), true),
            (json!({"device.type": {"eq": [null]}}), true),
            (json!({"source": {"eq": [2]}}), true),
            (json!({"source": {"eq": [{"s": 2, "t": 1}]}}), true),
            (json!({"text": {"text": "fabrikam"}}), true),
            (json!({"service": {"eq": [15600]}, "location.country": {"eq": ["FR"]}}), false),
        ];
        for (filters, expected) in cases {
            assert_eq!(filter(&filters).unwrap().matches(&activity()), expected, "{filters}");
        }
    }

    #[test]
    fn what_the_service_does_not_know_is_named() {
        let cases = [
            (json!({"colour": {"eq": [1]}}), "colour"),
            (json!({"service": {"contains": [1]}}), "contains"),
            (json!({"service": {"eq": ["OneDrive"]}}), "OneDrive"),
            (json!({"activity.eventType": {"eq": ["FileDownloaded"]}}), "FileDownloaded"),
            (json!({"created": {"gte": "yesterday"}}), "yesterday"),
            (json!({"date": {"gt": 1}}), "gt"),
            (json!({"service": 5}), "5"),
        ];
        for (filters, expected) in cases {
            assert_eq!(filter(&filters).unwrap_err(), Invalid(expected.to_owned()), "{filters}");
        }
    }

    #[test]
    fn the_span_is_what_all_conditions_leave() {
        let read = filter(
            &json!({"created": {"gte": 5, "lt": 20, "range": [{"start": 1, "end": 9}, {"start": 12, "end": 30}]}}),
        );
        assert_eq!(read.unwrap().span(SortKey::Created), (5, 19));
        assert_eq!(filter(&json!({})).unwrap().span(SortKey::Date), (i64::MIN, i64::MAX));
    }
}
