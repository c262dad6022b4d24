//! What the fuzz target `address` reaches: the view that an address asks for. In no other build.

use super::view::View;

/// The query of an address for the view that `query` asks for; `None` where it cannot be understood.
pub fn again(query: &str) -> Option<String> {
    let view = View::of(Some(query)).ok()?;
    let mut again = url::form_urlencoded::Serializer::new(String::new());
    again.extend_pairs(view.query());
    Some(again.finish())
}
