//! Where things of a page lead to: to pages of the dashboard, or nowhere from a file.

use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in a query as it is.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a page's links lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Nowhere: the page is a file.
    File,
    /// To pages of the dashboard.
    Live,
}

impl Links {
    /// `content`, leading to what `page` says of `id`.
    pub fn to(self, page: &str, id: &str, content: &Markup) -> Markup {
        match self {
            Self::File => content.clone(),
            Self::Live => html! { a href=(address(page, &[("id", id)])) { (content) } },
        }
    }
}

/// A page's address with a query; pairs without a value are left out.
pub fn address(page: &str, query: &[(&str, &str)]) -> String {
    let mut address = format!("/{page}");
    let mut separator = '?';
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(separator);
        address.push_str(name);
        address.push('=');
        address.extend(utf8_percent_encode(value, QUERY));
        separator = '&';
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_with_any_character_is_one_value_of_the_query() {
        assert_eq!(address("item", &[("id", "a|b&c=d/é#"), ("q", "")]), "/item?id=a%7Cb%26c%3Dd%2F%C3%A9%23");
        assert_eq!(address("access", &[("since", "2026-11-01"), ("page", "2")]), "/access?since=2026-11-01&page=2");
    }
}
