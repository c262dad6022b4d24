//! One field of a row as people read it: by the type of its column, and by what the column means.

use maud::{Markup, html};

use super::Links;
use super::words::{moment, number, text, within_host};
use crate::rows::{Cell, Column};

/// Characters of a cell in a table.
const CELL_CHARS_MAX: usize = 120;
/// Characters of a field where a row unfolds.
const FIELD_CHARS_MAX: usize = 2_000;
/// Elements of a list in a cell of a table.
const CELL_ELEMENTS_MAX: usize = 3;
/// Elements of a list where a row unfolds.
const FIELD_ELEMENTS_MAX: usize = 100;

/// The fields of one row.
#[derive(Debug)]
pub struct Fields<'a> {
    columns: &'static [Column],
    cells: Vec<Cell<'a>>,
}

impl<'a> Fields<'a> {
    /// Those of a row with these columns.
    pub fn new(columns: &'static [Column], cells: Vec<Cell<'a>>) -> Self {
        Self { columns, cells }
    }

    /// The value of the column `key`.
    pub fn get(&self, key: &str) -> Cell<'a> {
        let place = self.columns.iter().position(|column| column.key == key);
        place.and_then(|place| self.cells.get(place)).copied().unwrap_or(Cell::Empty)
    }

    /// The same, where it is a text.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        match self.get(key) {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a column in a table, and below it what belongs to it.
    pub fn shown(&self, key: &str, links: Links) -> Markup {
        match (key, self.get(key)) {
            ("item_name", _) => html! { (self.item(links)) (self.below("site_url")) },
            ("person", cell) => html! { (self.value(key, cell, links, CELL_CHARS_MAX)) (self.below("person_kind")) },
            ("recipient", Cell::Empty) => html! { span.anyone { "anyone" } (self.below("permission")) },
            ("recipient", cell) => html! { (self.value(key, cell, links, CELL_CHARS_MAX)) (self.below("permission")) },
            ("shared_by", cell) => html! { (self.value(key, cell, links, CELL_CHARS_MAX)) (self.below("match_rule")) },
            ("classified" | "classified_now", cell) => html! { (verdict(cell)) (self.below("classification_level")) },
            (_, Cell::List(elements)) => html! {
                (text(&elements.iter().take(CELL_ELEMENTS_MAX).cloned().collect::<Vec<_>>().join(", "), CELL_CHARS_MAX))
                @if elements.len() > CELL_ELEMENTS_MAX { " and " (number((elements.len() - CELL_ELEMENTS_MAX) as i64)) " more" }
            },
            (_, cell) => self.value(key, cell, links, CELL_CHARS_MAX),
        }
    }

    /// Every field that is not empty, where a row unfolds: first the records that it all rests on.
    pub fn unfolded(&self, links: Links) -> Markup {
        // Plumbing of delivered rows, the same in every row that is shown.
        const NOT_TOLD: [&str; 3] = ["revision", "withdrawn", "tenant_name"];
        let told = |column: &Column, cell: &Cell<'_>| {
            column.reported && !NOT_TOLD.contains(&column.key) && *cell != Cell::Empty && *cell != Cell::List(&[])
        };
        let mut fields: Vec<(&Column, Cell<'_>)> =
            self.columns.iter().zip(self.cells.iter().copied()).filter(|(column, cell)| told(column, cell)).collect();
        fields.sort_by_key(|(column, _)| column.key != "evidence_ids");
        html! {
            dl.fields {
                @for (column, cell) in fields {
                    div.wide[matches!(cell, Cell::List(_))] {
                        dt title=(column.about) { (column.name) }
                        dd { (self.unfolded_field(column.key, cell, links)) }
                    }
                }
            }
        }
    }

    fn unfolded_field(&self, key: &str, cell: Cell<'_>, links: Links) -> Markup {
        let page = match key {
            "evidence_ids" => Some("record"),
            "other_share_ids" => Some("share"),
            "aliases" => Some("person"),
            _ => None,
        };
        match cell {
            Cell::List(elements) => html! {
                ul {
                    @for element in elements.iter().take(FIELD_ELEMENTS_MAX) {
                        @let shown = html! { (text(element, FIELD_CHARS_MAX)) };
                        li {
                            @if let Some(page) = page { (links.to(page, element, &shown)) } @else { (shown) }
                            @if key == "evidence_ids" && links == Links::Live {
                                " " button.quiet type="button" data-record=(element) { "show here" }
                            }
                        }
                    }
                    @if elements.len() > FIELD_ELEMENTS_MAX {
                        li { "and " (number((elements.len() - FIELD_ELEMENTS_MAX) as i64)) " more" }
                    }
                }
            },
            cell => self.value(key, cell, links, FIELD_CHARS_MAX),
        }
    }

    fn value(&self, key: &str, cell: Cell<'_>, links: Links, chars_max: usize) -> Markup {
        match cell {
            Cell::Empty => html! { span.faint { "–" } },
            Cell::Time(time) => moment(time),
            Cell::Integer(value) if key == "revision" => html! { (value) },
            Cell::Integer(value) => html! { (number(value)) },
            Cell::Boolean(true) => html! { "yes" },
            Cell::Boolean(false) => html! { "no" },
            Cell::Text(value) => {
                let shown = html! { (text(value, chars_max)) };
                match key {
                    "person" | "recipient" => links.to("person", value, &shown),
                    "share_id" => links.to("share", value, &shown),
                    "item_id" => links.to("item", value, &shown),
                    "domain" => match links {
                        Links::Live => {
                            html! { a href=(super::links::address("people", &[("domain", value)])) { (shown) } }
                        }
                        Links::File => shown,
                    },
                    "confidence" | "state" | "action" => html! { span.badge data-value=(value) { (shown) } },
                    _ => shown,
                }
            }
            Cell::List(_) => html! {},
        }
    }

    /// A second line, of what is best seen together with the first.
    fn below(&self, key: &str) -> Markup {
        match self.text(key) {
            Some(value) if key == "site_url" => html! {
                span.below title=(text(value, CELL_CHARS_MAX)) { (text(within_host(value), CELL_CHARS_MAX)) }
            },
            Some(value) => html! { span.below { (text(value, CELL_CHARS_MAX)) } },
            None => html! {},
        }
    }

    fn item(&self, links: Links) -> Markup {
        let id = self.text("item_id").unwrap_or_default();
        let url = self.text("item_url");
        let name = self.text("item_name").or(url.map(within_host)).unwrap_or(id);
        let address = url.map(|url| text(url, CELL_CHARS_MAX));
        links.to("item", id, &html! { span title=[address] { (text(name, CELL_CHARS_MAX)) } })
    }
}

fn verdict(cell: Cell<'_>) -> Markup {
    match cell {
        Cell::Boolean(true) => html! { span.badge.classified { "classified" } },
        Cell::Boolean(false) => html! { "no" },
        _ => html! { span.faint title="Nothing is known, which is not “no”" { "–" } },
    }
}
