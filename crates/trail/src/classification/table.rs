//! The rows of a label file.

use std::fmt;

use crate::id::guid;

/// What is wrong with a line of a label file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CatalogueProblem {
    /// The line in which the row begins, from 1.
    pub line: usize,
    /// What, and what to do.
    pub what: String,
}

impl CatalogueProblem {
    pub(super) fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

impl fmt::Display for CatalogueProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// A row, as far as it says something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) parent: Option<String>,
    pub(super) order: Option<i64>,
}

/// In which column what stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Columns {
    id: usize,
    name: usize,
    parent: Option<usize>,
    order: Option<usize>,
}

const WITHOUT_HEADER: Columns = Columns { id: 0, name: 1, parent: Some(2), order: Some(3) };

/// Names of columns, as people and exports write them; the first that is there counts. The immutable id is the one that
/// audit records carry, so it goes before `Guid`.
const ID_NAMES: [&str; 5] = ["immutableid", "labelid", "label id", "id", "guid"];
const NAME_NAMES: [&str; 4] = ["displayname", "display name", "name", "label"];
const PARENT_NAMES: [&str; 5] = ["parent", "parentid", "parent id", "parentname", "parentlabeldisplayname"];
const ORDER_NAMES: [&str; 3] = ["order", "priority", "sensitivity"];

/// The rows of a label file, without its header.
pub(super) fn rows(text: &str) -> (Vec<Row>, Vec<CatalogueProblem>) {
    let mut problems = Vec::new();
    let mut lines = fields(text.trim_start_matches('\u{feff}'));
    let columns = match lines.first() {
        Some((_, first)) if !first.iter().any(|field| guid(field).is_some()) => {
            let (line, header) = lines.remove(0);
            columns(&header).unwrap_or_else(|| {
                let what = "this is neither a label nor a header with the columns id and name; read as id, name, parent, order";
                problems.push(CatalogueProblem::new(line, what));
                WITHOUT_HEADER
            })
        }
        _ => WITHOUT_HEADER,
    };
    let rows = lines.into_iter().filter_map(|(line, fields)| row(line, &fields, columns, &mut problems)).collect();
    (rows, problems)
}

fn columns(header: &[String]) -> Option<Columns> {
    let header: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
    let position = |names: &[&str]| names.iter().find_map(|name| header.iter().position(|column| column == name));
    Some(Columns {
        id: position(&ID_NAMES)?,
        name: position(&NAME_NAMES)?,
        parent: position(&PARENT_NAMES),
        order: position(&ORDER_NAMES),
    })
}

fn row(line: usize, fields: &[String], columns: Columns, problems: &mut Vec<CatalogueProblem>) -> Option<Row> {
    let field = |column: usize| fields.get(column).map(|field| field.trim()).filter(|field| !field.is_empty());
    let id = field(columns.id).unwrap_or_default();
    if guid(id).is_none() {
        problems.push(CatalogueProblem::new(line, format!("\"{id}\" is no GUID; give the label's immutable id")));
        return None;
    }
    let Some(name) = field(columns.name) else {
        problems.push(CatalogueProblem::new(line, format!("the label {id} has no name")));
        return None;
    };
    let order = columns.order.and_then(field).and_then(|text| {
        let order = text.parse().ok();
        if order.is_none() {
            let what = format!("the order \"{text}\" of the label {id} is no whole number; the label has none");
            problems.push(CatalogueProblem::new(line, what));
        }
        order
    });
    // A label at the top has the empty GUID, or nothing, for a parent.
    let parent = columns.parent.and_then(field).filter(|text| guid(text) != Some([0; 16])).map(str::to_owned);
    Some(Row { line, id: id.to_owned(), name: name.to_owned(), parent, order })
}

/// Fields by rows that are not empty, with the line in which each begins. A quote inside quotes is doubled; line ends
/// inside quotes belong to the field.
fn fields(text: &str) -> Vec<(usize, Vec<String>)> {
    let separator = separator(text);
    let mut rows = Vec::new();
    let (mut row, mut field) = (Vec::new(), String::new());
    let (mut line, mut begins, mut in_quotes) = (1, 1, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if in_quotes && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' if in_quotes => in_quotes = false,
            '"' if field.trim().is_empty() => {
                field.clear();
                in_quotes = true;
            }
            '\n' if !in_quotes => {
                row.push(std::mem::take(&mut field));
                rows.push((begins, std::mem::take(&mut row)));
                begins = line + 1;
            }
            _ if character == separator && !in_quotes => row.push(std::mem::take(&mut field)),
            _ => field.push(character),
        }
        line += usize::from(character == '\n');
    }
    row.push(field);
    rows.push((begins, row));
    rows.retain(|(_, row)| row.iter().any(|field| !field.trim().is_empty()));
    rows
}

/// What parts the fields of the first line that has any: spreadsheets of many countries write semicolons.
fn separator(text: &str) -> char {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    [',', ';', '\t']
        .into_iter()
        .max_by_key(|separator| (first.matches(*separator).count(), *separator == ','))
        .unwrap_or(',')
}
