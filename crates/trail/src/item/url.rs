//! URLs in the one spelling in which they are compared.

use percent_encoding::percent_decode_str;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The spelling in which URLs of audit records are compared.
///
/// SharePoint is case-preserving and case-insensitive, so everything is lower case (and NFC). Audit records write paths
/// decoded, so a `%` is a `%` (`100%25.docx` stays). Slashes are single, none at the end; where a site's URL was glued to a
/// server-relative path (`…/personal/u//personal/u/x`), the path is taken once.
pub fn normalise_url(url: &str) -> String {
    let lower = lower_case(url.trim_start().trim_end_matches(|c: char| c == '/' || c.is_whitespace()));
    let host_start = lower.find("://").map_or(0, |position| position + 3);
    let path_start = lower[host_start..].find('/').map_or(lower.len(), |position| host_start + position);
    let (host, path) = lower.split_at(path_start);
    let mut path = path;
    while let Some(position) = path.find("//") {
        let (before, after) = (&path[..position], &path[position + 1..]);
        let is_glued = after.strip_prefix(before).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if !is_glued {
            break;
        }
        path = after;
    }
    let mut normalised = String::with_capacity(host.len() + path.len());
    normalised.push_str(host);
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        normalised.push('/');
        normalised.push_str(segment);
    }
    normalised
}

/// The same for a URL as browsers, Graph and people write it: percent-encoded, perhaps with a query, a fragment, or the
/// `/:w:/r/` of a sharing link. `None` for a bare sharing link (`/:f:/s/…`), which names no path.
pub fn normalise_encoded_url(url: &str) -> Option<String> {
    let plain = url.trim().split(['?', '#']).next().unwrap_or_default();
    let path = match plain.find("/:") {
        Some(position) => {
            let (host, link) = plain.split_at(position);
            // `/:w:/r/sites/…`: kind of file, then `r` for "the path follows".
            let mut parts = link[1..].splitn(3, '/');
            match (parts.next(), parts.next(), parts.next()) {
                (Some(_), Some("r"), Some(path)) => format!("{host}/{path}"),
                _ => return None,
            }
        }
        None => plain.to_owned(),
    };
    // Decoded once; a text whose escapes give no UTF-8 was never encoded.
    let decoded = percent_decode_str(&path).decode_utf8().map_or_else(|_| path.clone(), |text| text.into_owned());
    Some(normalise_url(&decoded))
}

fn lower_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Character by character: the final sigma must not depend on what follows it.
    let lower: String = text.chars().flat_map(char::to_lowercase).collect();
    if is_nfc(&lower) { lower } else { lower.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_place_are_one() {
        for (url, expected) in [
            ("https://Contoso.SharePoint.com/sites/HR/", "https://contoso.sharepoint.com/sites/hr"),
            ("https://c/sites/HR//Docs", "https://c/sites/hr/docs"),
            ("https://t-my/personal/u//personal/u/Sharing Links", "https://t-my/personal/u/sharing links"),
            ("https://t-my/personal/u//personal/u", "https://t-my/personal/u"),
            ("https://t-my/personal/u//personal/ul/x", "https://t-my/personal/u/personal/ul/x"),
            ("https://c/Docs/100%25.docx", "https://c/docs/100%25.docx"),
            ("https://c/Docs/a+b.docx", "https://c/docs/a+b.docx"),
            ("https://c/U\u{308}bersicht", "https://c/\u{fc}bersicht"),
            ("https://c", "https://c"),
            ("https://c/", "https://c"),
            (" https://c/Docs / / ", "https://c/docs"),
            ("", ""),
            ("C:\\Users\\Ana\\x.docx", "c:\\users\\ana\\x.docx"),
        ] {
            assert_eq!(normalise_url(url), expected, "{url}");
        }
    }

    #[test]
    fn encoded_urls_are_decoded_once_and_freed_of_what_is_no_path() {
        for (url, expected) in [
            ("https://c/Shared%20Documents/100%2525.docx?web=1", Some("https://c/shared documents/100%25.docx")),
            ("https://c/:w:/r/sites/HR/Docs/a.docx?d=w1", Some("https://c/sites/hr/docs/a.docx")),
            ("https://c/:f:/s/HR/EabcD?e=1", None),
            ("https://c/:x:", None),
            ("https://c/Docs/50%.docx#x", Some("https://c/docs/50%.docx")),
            ("https://c/Docs/%ff.docx", Some("https://c/docs/%ff.docx")),
        ] {
            assert_eq!(normalise_encoded_url(url).as_deref(), expected, "{url}");
        }
    }

    proptest! {
        #[test]
        fn what_is_normalised_stays_as_it_is(url in "(https://)?(\\PC|[/A-Z :]){0,30}") {
            let once = normalise_url(&url);
            prop_assert_eq!(normalise_url(&once), once);
        }

        #[test]
        fn case_makes_no_difference(path in "(/[a-zA-Z0-9 äöÜ.]{1,6}){0,5}") {
            let url = format!("https://contoso.sharepoint.com{path}");
            prop_assert_eq!(normalise_url(&url), normalise_url(&url.to_uppercase()));
        }

        #[test]
        fn no_text_makes_it_panic(url in "(\\PC|[/:%?#r]){0,30}") {
            normalise_encoded_url(&url);
        }
    }
}
