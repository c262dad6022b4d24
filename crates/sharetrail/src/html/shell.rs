//! The frame of a page: head, heading, footer; with style and script inside, or beside it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::words::text;

/// The style of all pages.
pub const STYLE: &str = include_str!("assets/style.css");
/// What pages do: unfold, sort, search. They can be read without it.
pub const SCRIPT: &str = include_str!("assets/script.js");
/// The picture in a browser's tab.
pub const ICON: &str = include_str!("assets/icon.svg");

/// Characters of a title.
const TITLE_CHARS_MAX: usize = 200;

/// What a page's frame shows.
pub struct Shell<'a> {
    /// Whose files.
    pub tenant: &'a str,
    /// What the page is about.
    pub title: &'a str,
    /// When, or another line below the title.
    pub subtitle: Markup,
    /// Ways to other pages.
    pub navigation: Markup,
    /// The page itself.
    pub body: Markup,
}

impl Shell<'_> {
    /// A page that is one file: it opens offline, and asks nobody for anything.
    pub fn file(&self) -> Markup {
        let policy = format!(
            "default-src 'none'; base-uri 'none'; form-action 'none'; style-src '{}'; script-src '{}'",
            hash(STYLE),
            hash(SCRIPT)
        );
        let head = html! {
            meta http-equiv="Content-Security-Policy" content=(policy);
            style { (PreEscaped(STYLE)) }
        };
        self.page(&head, &html! { script { (PreEscaped(SCRIPT)) } })
    }

    /// A page of the dashboard, which serves style and script beside it.
    pub fn live(&self) -> Markup {
        let head = html! {
            link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
            link rel="stylesheet" href="/assets/style.css";
            script src="/assets/script.js" defer {}
        };
        self.page(&head, &html! {})
    }

    fn page(&self, head: &Markup, end: &Markup) -> Markup {
        let (tenant, title) = (text(self.tenant, TITLE_CHARS_MAX), text(self.title, TITLE_CHARS_MAX));
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="no-referrer";
                    meta name="robots" content="noindex";
                    title { (title) " · " (tenant) " · sharetrail" }
                    (head)
                }
                body {
                    a.skip href="#main" { "To the content" }
                    header.top {
                        div.brand { (PreEscaped(ICON)) span { "sharetrail" } }
                        span.tenant { (tenant) }
                        (self.navigation)
                    }
                    main #main tabindex="-1" {
                        h1 { (title) }
                        p.subtitle { (self.subtitle) }
                        (self.body)
                    }
                    footer { p { "sharetrail " (env!("CARGO_PKG_VERSION")) ". Every conclusion rests on records: unfold a row to see which. Times are UTC." } }
                    (end)
                }
            }
        }
    }
}

/// How a content security policy names a text that may stand in the page.
fn hash(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    format!("sha256-{}", BASE64_STANDARD.encode(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_allows_its_own_script_and_no_other() {
        let shell = Shell {
            tenant: "</title><script>alert(1)</script>",
            title: "x",
            subtitle: html! {},
            navigation: html! {},
            body: html! {},
        };
        let page = shell.file().into_string();
        assert_eq!(page.matches("<script").count(), 1);
        assert!(page.contains("default-src 'none'") && page.contains(&hash(SCRIPT)));
        // What would end the element early.
        assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
    }
}
