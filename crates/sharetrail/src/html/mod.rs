//! What pages are made of: the shell, words, tables, charts, trails. Used by the report that is a file and by the
//! dashboard, so that both look and read the same.
//!
//! Everything that comes from records is a stranger's text: it is escaped by the template language, freed of what turns
//! the direction of writing, and cut to a length that no layout minds. Nothing here is styled or scripted in place: a
//! content security policy forbids it.

pub mod answer;
pub mod chart;
mod field;
pub mod json;
pub mod links;
pub mod moments;
pub mod shell;
pub mod table;
pub mod words;

pub use field::Fields;
pub use links::Links;
