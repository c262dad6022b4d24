//! Where records come from. A source returns a page and says how far it reaches; it never saves anything.

pub mod defender;
pub mod files;
