//! From status, headers and body of an answer to the failure that it means. Nowhere else are status codes judged.

use jiff::Timestamp;
use serde_json::Value;

use super::retry_after::stated_pause;
use super::{Failure, Next};

/// How far apart the clocks may be before it is worth a word; signatures and tokens are refused from about 5 minutes on.
const CLOCK_SKEW_SECONDS_MAX: i64 = 300;

/// How much of a service's own words we repeat.
const WORDS_BYTES_MAX: usize = 600;

/// How much of a body is looked at: an error's text is short, whatever else was sent with it.
const BODY_BYTES_READ_MAX: usize = 64 * 1024;

/// Judges an answer that is not 2xx.
pub(super) fn judge<'a>(
    host: &str,
    status: u16,
    header: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
    now: Timestamp,
) -> Failure {
    let body = body.get(..BODY_BYTES_READ_MAX).unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    let said = said(header("content-type"), &text);
    let code = said.code.or_else(|| header("x-ms-error-code").map(str::to_owned));
    // The Office 365 Management Activity API throttles with 403, and says so in the code alone.
    let throttled = status == 429 || code.as_deref() == Some("AF429");
    let pause = || Next::Retry { after: stated_pause(header("retry-after"), &text, now), throttled };
    let next = match status {
        _ if throttled => pause(),
        401 => Next::Unauthorized,
        403 => Next::Forbidden,
        404 | 410 => Next::NotFound,
        413 => Next::TooLarge,
        408 | 500 | 502 | 503 | 504 => pause(),
        300..=399 => Next::Stop,
        _ => Next::Bad,
    };
    let mut why = format!("{host} answered {status}");
    if let Some(code) = &code {
        why.push_str(&format!(" ({code})"));
    }
    if (300..=399).contains(&status) {
        let target = header("location").and_then(|to| url::Url::parse(to).ok());
        let target = target.map(|to| format!(" to {}", super::host_and_port(&to))).unwrap_or_default();
        why.push_str(&format!(
            ", a redirect{target}, which is not followed because it would carry our token elsewhere or lose what was sent; \
             check the address in the configuration"
        ));
    } else if !said.words.is_empty() {
        why.push_str(": ");
        why.push_str(&said.words);
    }
    if matches!(status, 400 | 401 | 403)
        && let Some(hint) = clock_hint(header("date"), now)
    {
        why.push_str(&hint);
    }
    Failure { next, status: Some(status), code, why }
}

/// What the service said about it.
#[derive(Default)]
struct Said {
    code: Option<String>,
    words: String,
}

fn said(content_type: Option<&str>, text: &str) -> Said {
    if let Some(title) = web_page(content_type, text.as_bytes()) {
        return Said { code: None, words: format!("a web page{title}") };
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) => from_json(&value),
        Err(_) if text.trim_start_matches('\u{feff}').starts_with("<?xml") => from_xml(text),
        Err(_) => Said { code: None, words: tidy(text) },
    }
}

/// The forms that services use: `{"error":{"code","message","innererror"}}`, Entra's `{"error","error_description"}`,
/// `{"Error","Message"}`, `{"detail"}`, `{"error":true,…}`, `{"message"}`, Defender's `{"filters":[{"error"}],"error":true}`.
fn from_json(value: &Value) -> Said {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    if let Some(error @ Value::Object(_)) = value.get("error") {
        let mut code = error.get("code").and_then(Value::as_str);
        let mut words: Vec<&str> = error.get("message").and_then(Value::as_str).into_iter().collect();
        let mut inner = error.get("innererror");
        // Nesting is bounded by the JSON parser's own depth limit.
        while let Some(deeper) = inner {
            code = deeper.get("code").and_then(Value::as_str).or(code);
            words.extend(deeper.get("message").and_then(Value::as_str));
            inner = deeper.get("innererror");
        }
        return Said { code: code.map(str::to_owned), words: tidy(&words.join(" ")) };
    }
    let code = text("error").or_else(|| text("Error")).or_else(|| text("code"));
    let words = ["error_description", "detail", "Message", "message", "error_message", "Detail"];
    let of_filter = || value.get("filters")?.get(0)?.get("error")?.as_str();
    let mut words = words.iter().find_map(|key| text(key)).or_else(of_filter).unwrap_or_default().to_owned();
    let number = value.get("error_codes").and_then(|codes| codes.get(0)).and_then(Value::as_u64);
    if let Some(number) = number
        && !words.contains("AADSTS")
    {
        words = format!("AADSTS{number}: {words}");
    }
    Said { code: code.map(str::to_owned), words: tidy(&words) }
}

/// Azure Storage: `<Error><Code/><Message/></Error>`. The message's first line tells; the others number the request.
fn from_xml(text: &str) -> Said {
    let element = |name: &str| {
        let begin = text.find(&format!("<{name}>"))? + name.len() + 2;
        let length = text.get(begin..)?.find(&format!("</{name}>"))?;
        text.get(begin..begin + length)
    };
    let words = element("Message").and_then(|message| message.lines().next());
    Said { code: element("Code").map(tidy), words: words.map(tidy).unwrap_or_default() }
}

/// One line, without control characters, not too long.
fn tidy(text: &str) -> String {
    let line = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let line = line.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.len() <= WORDS_BYTES_MAX {
        return line;
    }
    format!("{}…", line.get(..line.floor_char_boundary(WORDS_BYTES_MAX)).unwrap_or_default())
}

/// `Some` with the title (or nothing) when a body is a web page.
pub(super) fn web_page(content_type: Option<&str>, body: &[u8]) -> Option<String> {
    let declared = content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    let head = body.get(..4096).unwrap_or(body).trim_ascii_start();
    let begins = |with: &str| head.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()));
    if !(declared && !body.is_empty() || begins("<!doctype") || begins("<html")) {
        return None;
    }
    let text = String::from_utf8_lossy(head);
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|at| {
        let start = at + "<title>".len();
        let end = lower.get(start..)?.find("</title>")?;
        text.get(start..start + end).map(tidy)
    });
    Some(title.filter(|title| !title.is_empty()).map(|title| format!(" (\"{title}\")")).unwrap_or_default())
}

fn clock_hint(date: Option<&str>, now: Timestamp) -> Option<String> {
    let date = Timestamp::try_from(httpdate::parse_http_date(date?).ok()?).ok()?;
    let ahead_seconds = now.as_second() - date.as_second();
    (ahead_seconds.abs() > CLOCK_SKEW_SECONDS_MAX).then(|| {
        format!(
            ". This machine's clock is {} minutes {} the service's ({date}); correct it first",
            ahead_seconds.abs() / 60,
            if ahead_seconds > 0 { "ahead of" } else { "behind" },
        )
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-24T03:00:00Z".parse().unwrap()
    }

    fn failure(status: u16, headers: &[(&str, &'static str)], body: &str) -> Failure {
        let headers = headers.to_vec();
        judge(
            "api.example",
            status,
            |name| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value),
            body.as_bytes(),
            now(),
        )
    }

    #[test]
    fn a_status_says_what_to_do_next() {
        let retry = |throttled| Next::Retry { after: None, throttled };
        for (status, next) in [
            (302, Next::Stop),
            (400, Next::Bad),
            (401, Next::Unauthorized),
            (403, Next::Forbidden),
            (404, Next::NotFound),
            (408, retry(false)),
            (410, Next::NotFound),
            (413, Next::TooLarge),
            (415, Next::Bad),
            (429, retry(true)),
            (500, retry(false)),
            (501, Next::Bad),
            (503, retry(false)),
        ] {
            assert_eq!(failure(status, &[], "").next, next, "{status}");
        }
    }

    #[test]
    fn each_form_of_error_body_gives_its_code_and_words() {
        for (body, code, words) in [
            (r#"{"error":{"code":"AuthorizationFailed","message":"No right."}}"#, "AuthorizationFailed", "No right."),
            (
                r#"{"error":{"code":"Forbidden","message":"No.","innererror":{"code":"ForbiddenByRbac"}}}"#,
                "ForbiddenByRbac",
                "No.",
            ),
            (
                "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Wrong.\\r\\nTrace ID: 1\"}",
                "invalid_client",
                "AADSTS7000215: Wrong. Trace ID: 1",
            ),
            (r#"{"error":"invalid_client","error_codes":[7000222]}"#, "invalid_client", "AADSTS7000222:"),
            (r#"{"Error":"InvalidAuthorization","Message":"Bad key."}"#, "InvalidAuthorization", "Bad key."),
            (r#"{"detail":"Invalid token."}"#, "", "Invalid token."),
            (r#"{"error":true,"message":"Bad filter"}"#, "", "Bad filter"),
            (r#"{"filters":[{"error":"99 is not valid"}],"error":true}"#, "", "99 is not valid"),
            (
                "<?xml version=\"1.0\"?>\n<Error><Code>LeaseLost</Code><Message>A lease has expired.\nRequestId:1</Message></Error>",
                "LeaseLost",
                "A lease has expired.",
            ),
            ("plain words", "", "plain words"),
            (r#"["odd"]"#, "", ""),
            ("<!DOCTYPE html><title>Sign in</title>", "", "a web page (\"Sign in\")"),
        ] {
            let failure = failure(400, &[], body);
            assert_eq!(failure.code(), code, "{body}");
            assert!(failure.why.ends_with(words), "{body}: {failure}");
        }
    }

    #[test]
    fn long_words_are_cut_between_characters() {
        let failure = failure(400, &[], &"é".repeat(5000));
        assert!(failure.why.len() < 700 && failure.why.ends_with('…'), "{}", failure.why.len());
    }

    #[test]
    fn the_pause_that_was_asked_for_is_kept() {
        let failure = failure(503, &[("retry-after", "120")], "");
        assert_eq!(failure.next, Next::Retry { after: Some(Duration::from_secs(120)), throttled: false });
    }

    #[test]
    fn a_wrong_clock_is_named_where_it_can_be_the_reason() {
        let late = [("date", "Tue, 24 Nov 2026 03:20:00 GMT")];
        assert!(failure(403, &late, "").why.contains("20 minutes behind"));
        assert!(failure(401, &[("date", "Tue, 24 Nov 2026 02:00:00 GMT")], "").why.contains("60 minutes ahead"));
        assert!(!failure(404, &late, "").why.contains("clock"));
        assert!(!failure(403, &[("date", "Tue, 24 Nov 2026 03:04:00 GMT")], "").why.contains("clock"));
    }

    #[test]
    fn a_redirect_names_only_where_it_led() {
        let failure = failure(302, &[("location", "https://login.example/a?code=secret")], "");
        assert!(failure.why.contains("login.example") && !failure.why.contains("secret"), "{failure}");
    }
}
