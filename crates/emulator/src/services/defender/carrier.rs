//! Where the parameters of a list travel: a JSON body under any content type, a form, or the query string.

use hyper::Method;
use serde_json::{Map, Value};

use crate::call::Call;
use crate::services::defender::filter::Invalid;
use crate::services::defender::store::SortKey;

/// What a list is asked for.
#[derive(Debug, PartialEq)]
pub(crate) struct Parameters {
    pub(crate) filters: Map<String, Value>,
    pub(crate) limit: Option<usize>,
    pub(crate) skip: usize,
    pub(crate) sort: SortKey,
    pub(crate) ascending: bool,
    pub(crate) is_scan: bool,
}

impl Parameters {
    /// Reads them from wherever they are. What is in the query string goes before what is in the body, save that a GET's
    /// `limit` is ignored there, as the service does.
    pub(crate) fn read(call: &Call) -> Result<Parameters, Invalid> {
        Parameters::checked(&sent(call))
    }

    /// The same for files, which are sorted by `modifiedDate` or not at all.
    pub(crate) fn read_for_files(call: &Call) -> Result<Parameters, Invalid> {
        let mut sent = sent(call);
        match sent.remove("sortField") {
            None => {}
            Some(Value::String(field)) if field == "modifiedDate" => {}
            Some(other) => return Err(Invalid(other.as_str().map_or_else(|| other.to_string(), str::to_owned))),
        }
        Parameters::checked(&sent)
    }

    fn checked(sent: &Map<String, Value>) -> Result<Parameters, Invalid> {
        let sort = match text(sent, "sortField") {
            None | Some("date") => SortKey::Date,
            Some("created") => SortKey::Created,
            Some(other) => return Err(Invalid(other.to_owned())),
        };
        // The default direction is not documented; the newest first is what lists show.
        let ascending = match text(sent, "sortDirection") {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(other) => return Err(Invalid(other.to_owned())),
        };
        let limit = number(sent, "limit")?;
        if limit == Some(0) {
            return Err(Invalid("0".to_owned()));
        }
        Ok(Parameters {
            filters: filters(sent.get("filters"))?,
            limit,
            skip: number(sent, "skip")?.unwrap_or(0),
            sort,
            ascending,
            is_scan: truth(sent, "isScan")?,
        })
    }
}

fn sent(call: &Call) -> Map<String, Value> {
    let mut sent = from_body(call);
    for (name, value) in &call.query {
        if !(call.method == Method::GET && name == "limit") {
            sent.insert(name.clone(), Value::String(value.clone()));
        }
    }
    sent
}

fn from_body(call: &Call) -> Map<String, Value> {
    if let Ok(Value::Object(object)) = serde_json::from_slice(&call.body) {
        return object;
    }
    let pairs = if call.content_type() == "multipart/form-data" {
        multipart(call)
    } else {
        url::form_urlencoded::parse(&call.body).into_owned().collect()
    };
    pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
}

/// The text fields of a multipart form (RFC 7578); files are none of our business.
fn multipart(call: &Call) -> Vec<(String, String)> {
    let header = call.header("content-type").unwrap_or_default();
    let Some(boundary) = header.split("boundary=").nth(1).map(|text| text.trim().trim_matches('"')) else {
        return Vec::new();
    };
    let delimiter = format!("--{boundary}");
    String::from_utf8_lossy(&call.body)
        .split(&delimiter)
        .filter_map(|part| {
            let (head, value) = part.split_once("\r\n\r\n")?;
            let name = head.split("name=\"").nth(1)?.split('"').next()?;
            Some((name.to_owned(), value.strip_suffix("\r\n").unwrap_or(value).to_owned()))
        })
        .collect()
}

/// In forms and query strings the filters are JSON text.
fn filters(sent: Option<&Value>) -> Result<Map<String, Value>, Invalid> {
    match sent {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(filters)) => Ok(filters.clone()),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Map::new()),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(Value::Object(filters)) => Ok(filters),
            _ => Err(Invalid(text.clone())),
        },
        Some(other) => Err(Invalid(other.to_string())),
    }
}

fn text<'a>(sent: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    sent.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn number(sent: &Map<String, Value>, name: &str) -> Result<Option<usize>, Invalid> {
    let text = match sent.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(other) => other.to_string(),
    };
    text.parse().map(Some).map_err(|_| Invalid(text))
}

/// Clients send `true`, `True` (Python, PowerShell) and `1`.
fn truth(sent: &Map<String, Value>, name: &str) -> Result<bool, Invalid> {
    match sent.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") || text == "1" => Ok(true),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") || text == "0" || text.is_empty() => Ok(false),
        Some(other) => Err(Invalid(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderMap;

    fn call(method: Method, query: &str, content_type: &str, body: &str) -> Call {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", content_type.parse().unwrap());
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Call { method, path: "/api/v1/activities/".to_owned(), query, headers, body: body.to_owned().into() }
    }

    #[test]
    fn every_carrier_says_the_same() {
        let json =
            r#"{"filters":{"service":{"eq":[15600]}},"isScan":true,"sortField":"created","sortDirection":"asc"}"#;
        let form = "filters=%7B%22service%22%3A%7B%22eq%22%3A%5B15600%5D%7D%7D&isScan=True&sortField=created&sortDirection=asc";
        let multipart = "--x\r\nContent-Disposition: form-data; name=\"filters\"\r\n\r\n{\"service\":{\"eq\":[15600]}}\r\n\
            --x\r\nContent-Disposition: form-data; name=\"isScan\"\r\n\r\nTrue\r\n\
            --x\r\nContent-Disposition: form-data; name=\"sortField\"\r\n\r\ncreated\r\n\
            --x\r\nContent-Disposition: form-data; name=\"sortDirection\"\r\n\r\nasc\r\n--x--\r\n";
        let expected = Parameters::read(&call(Method::POST, "", "application/json", json)).unwrap();
        assert!(expected.is_scan && expected.ascending && expected.sort == SortKey::Created);
        assert_eq!(expected.filters.len(), 1);
        let others = [
            call(Method::GET, "", "application/json", json),
            call(Method::POST, "", "application/x-www-form-urlencoded", json),
            call(Method::POST, "", "application/x-www-form-urlencoded", form),
            call(Method::GET, form, "text/plain", ""),
            call(Method::POST, "", "multipart/form-data; boundary=x", multipart),
        ];
        for other in others {
            assert_eq!(Parameters::read(&other).unwrap(), expected, "{other:?}");
        }
    }

    #[test]
    fn the_limit_of_a_get_is_ignored_in_the_query_string_only() {
        let in_query = call(Method::GET, "limit=7", "text/plain", "");
        assert_eq!(Parameters::read(&in_query).unwrap().limit, None);
        let in_body = call(Method::GET, "", "application/json", r#"{"limit":"7"}"#);
        assert_eq!(Parameters::read(&in_body).unwrap().limit, Some(7));
    }

    #[test]
    fn what_is_no_parameter_is_named() {
        for (body, value) in [
            (r#"{"filters":"nonsense"}"#, "nonsense"),
            (r#"{"filters":[1]}"#, "[1]"),
            (r#"{"sortField":"size"}"#, "size"),
            (r#"{"limit":-1}"#, "-1"),
            (r#"{"isScan":3}"#, "3"),
        ] {
            let read = Parameters::read(&call(Method::POST, "", "application/json", body));
            assert_eq!(read, Err(Invalid(value.to_owned())), "{body}");
        }
    }
}
