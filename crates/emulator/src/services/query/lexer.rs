//! From text to tokens.

use crate::services::query::QueryError;

/// The smallest parts of a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// A name or a word of the language; `!in`, `in~` and `project-away` are one word each.
    Word(String),
    /// A name in `['…']`, which is never a word of the language.
    Name(String),
    Text(String),
    Long(i64),
    Real(f64),
    /// `1d`, `2h`, `30m`, `10s`, `5ms`, in milliseconds.
    Timespan(i64),
    /// What stands in `datetime(…)`.
    DateTime(jiff::Timestamp),
    Symbol(&'static str),
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 16] = ["==", "!=", "=~", "!~", "<=", ">=", "..", "<", ">", "=", "|", ",", "(", ")", "*", "."];

/// Splits a query; comments (`//` to the end of a line) and blanks vanish.
pub(crate) fn tokens(query: &str) -> Result<Vec<Token>, QueryError> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = if rest.starts_with("//") {
            (None, rest.split_once('\n').map_or("", |(_, after)| after))
        } else {
            let (token, after) = one(first, rest)?;
            (Some(token), after)
        };
        tokens.extend(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn one(first: char, rest: &str) -> Result<(Token, &str), QueryError> {
    if let Some(after) = rest.strip_prefix("['").or_else(|| rest.strip_prefix("[\"")) {
        let (name, after) = after.split_once(['\'', '"']).ok_or_else(|| unexpected(rest))?;
        let after = after.strip_prefix(']').ok_or_else(|| unexpected(rest))?;
        return Ok((Token::Name(name.to_owned()), after));
    }
    if let Some(after) = rest.strip_prefix('@')
        && let Some(quote) = after.chars().next().filter(|c| matches!(c, '\'' | '"'))
    {
        let inside = after.get(1..).unwrap_or_default();
        let (text, after) = inside.split_once(quote).ok_or_else(|| unexpected(rest))?;
        return Ok((Token::Text(text.to_owned()), after));
    }
    let next = rest.chars().nth(1);
    let follows = |test: fn(char) -> bool| next.is_some_and(test);
    match first {
        '\'' | '"' => text(first, rest),
        '0'..='9' => number(rest),
        '-' if follows(|c| c.is_ascii_digit()) => number(rest),
        '!' if follows(|c| c.is_ascii_alphabetic()) => word(rest),
        c if c.is_alphabetic() || c == '_' || c == '$' => word(rest),
        _ => SYMBOLS
            .iter()
            .find_map(|symbol| Some((Token::Symbol(symbol), rest.strip_prefix(symbol)?)))
            .ok_or_else(|| unexpected(rest)),
    }
}

fn word(rest: &str) -> Result<(Token, &str), QueryError> {
    let is_part = |(at, c): (usize, char)| c.is_alphanumeric() || c == '_' || (at == 0 && matches!(c, '!' | '$'));
    let end = rest.char_indices().find(|part| !is_part(*part)).map_or(rest.len(), |(at, _)| at);
    let (mut word, mut after) = rest.split_at(end);
    for joined in ["project-away", "project-keep", "in~", "!in~"] {
        if rest.starts_with(joined) && joined.starts_with(word) {
            (word, after) = rest.split_at(joined.len());
        }
    }
    if word == "datetime"
        && let Some(inside) = after.trim_start().strip_prefix('(')
    {
        let (text, after) = inside.split_once(')').ok_or_else(|| unexpected(rest))?;
        let text = text.trim().trim_matches(['\'', '"']);
        let at = datetime(text).ok_or_else(|| QueryError::Syntax(format!("`{text}` is no date and time.")))?;
        return Ok((Token::DateTime(at), after));
    }
    Ok((Token::Word(word.to_owned()), after))
}

/// A date, or a date and time with or without its zone (then UTC), the `T` perhaps a blank.
pub(crate) fn datetime(text: &str) -> Option<jiff::Timestamp> {
    let with_t = text.replacen(' ', "T", 1);
    let zoned = [with_t.clone(), format!("{with_t}Z"), format!("{with_t}T00:00:00Z")];
    zoned.iter().find_map(|text| text.parse().ok())
}

fn text(quote: char, rest: &str) -> Result<(Token, &str), QueryError> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next().map(|(_, escaped)| escaped) {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some(escaped) => text.push(escaped),
                None => break,
            },
            c if c == quote => return Ok((Token::Text(text), rest.get(at + 1..).unwrap_or_default())),
            c => text.push(c),
        }
    }
    Err(QueryError::Syntax("A text has no closing quote.".to_owned()))
}

fn number(rest: &str) -> Result<(Token, &str), QueryError> {
    let is_part = |(at, c): (usize, char)| c.is_ascii_digit() || c == '.' || (at == 0 && c == '-');
    let end = rest.char_indices().find(|part| !is_part(*part)).map_or(rest.len(), |(at, _)| at);
    // `1..5` is a range, and neither of its numbers has the dots.
    let end = rest.find("..").map_or(end, |dots| dots.min(end));
    let (digits, after) = rest.split_at(end);
    let unit_end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
    let (unit, after_unit) = after.split_at(unit_end);
    let unit_ms = match unit {
        "" => None,
        "d" => Some(86_400_000.0),
        "h" => Some(3_600_000.0),
        "m" => Some(60_000.0),
        "s" => Some(1_000.0),
        "ms" => Some(1.0),
        _ => return Err(unexpected(rest)),
    };
    let token = match unit_ms {
        Some(unit_ms) => digits.parse::<f64>().ok().map(|count| Token::Timespan((count * unit_ms) as i64)),
        None if digits.contains('.') => digits.parse().ok().map(Token::Real),
        None => digits.parse().ok().map(Token::Long),
    };
    token.map(|token| (token, after_unit)).ok_or_else(|| unexpected(rest))
}

fn unexpected(rest: &str) -> QueryError {
    let near: String = rest.chars().take(20).collect();
    QueryError::Syntax(format!("The query could not be parsed at '{near}'."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_falls_into_its_tokens() {
        let read = tokens("T // all\n| where a !in~ ('x\\'y', @\"c:\\\") and b>=-1.5 and ['where'] == 2h").unwrap();
        let word = |text: &str| Token::Word(text.to_owned());
        let expected = [
            word("T"),
            Token::Symbol("|"),
            word("where"),
            word("a"),
            word("!in~"),
            Token::Symbol("("),
            Token::Text("x'y".to_owned()),
            Token::Symbol(","),
            Token::Text("c:\\".to_owned()),
            Token::Symbol(")"),
            word("and"),
            word("b"),
            Token::Symbol(">="),
            Token::Real(-1.5),
            word("and"),
            Token::Name("where".to_owned()),
            Token::Symbol("=="),
            Token::Timespan(7_200_000),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn dates_are_read_with_and_without_time() {
        let at = |text: &str| tokens(text).unwrap();
        let midnight = Token::DateTime("2026-11-24T00:00:00Z".parse().unwrap());
        for text in ["datetime(2026-11-24)", "datetime(2026-11-24 00:00:00)", "datetime('2026-11-24T00:00:00.000Z')"] {
            assert_eq!(at(text), std::slice::from_ref(&midnight), "{text}");
        }
    }

    #[test]
    fn what_is_no_token_is_a_syntax_error() {
        for text in ["'open", "T | ?", "1x", "datetime(soon)", "['open"] {
            assert!(matches!(tokens(text), Err(QueryError::Syntax(_))), "{text}");
        }
    }
}
