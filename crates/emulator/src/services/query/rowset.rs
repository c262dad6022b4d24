//! Rows with named columns: a table's content, and what each step makes of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use crate::endpoints::TABLES;
use crate::services::query::QueryError;
use crate::services::query::datum::Datum;
use crate::services::query::timespan::Bounds;
use crate::world::World;

#[derive(Debug, Default)]
pub(crate) struct Rowset {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Datum>>,
    /// Any other column exists as well, and is null: the table declares columns that no row has shown yet.
    pub(crate) open: bool,
    /// Types of columns as the table declares them.
    pub(crate) declared: BTreeMap<String, String>,
}

/// The rows of a table, within a span of `TimeGenerated`.
pub(crate) fn of_table(world: &World, table: &str, span: Option<Bounds>) -> Result<Rowset, QueryError> {
    let of_rule = TABLES.contains(&table);
    if !of_rule && !world.tables.exists(table) {
        return Err(unresolved_table(table));
    }
    let declared = world.ingestion.columns.get(table);
    let objects = world.tables.rows(table).into_iter().filter_map(|row| serde_json::from_str(&row).ok());
    let objects: Vec<Map<String, Value>> = objects.filter(|row| within(row, span)).collect();
    let mut names: BTreeSet<String> = objects.iter().flat_map(|row| row.keys().cloned()).collect();
    names.extend(declared.into_iter().flatten().map(|column| column.name.clone()));
    names.remove("TimeGenerated");
    let columns: Vec<String> = std::iter::once("TimeGenerated".to_owned()).chain(names).collect();
    let row = |mut object: Map<String, Value>| {
        columns.iter().map(|name| object.remove(name).map_or(Datum::Null, Datum::from_json)).collect()
    };
    let rows = objects.into_iter().map(row).collect();
    let types = declared.into_iter().flatten().map(|column| (column.name.clone(), column.kind.clone())).collect();
    Ok(Rowset { rows, columns, open: of_rule && declared.is_none(), declared: types })
}

fn within(row: &Map<String, Value>, span: Option<Bounds>) -> bool {
    let Some((first_ms, last_ms)) = span else { return true };
    let at = row.get("TimeGenerated").and_then(Value::as_str).and_then(crate::services::query::lexer::datetime);
    at.is_some_and(|at| (first_ms..=last_ms).contains(&at.as_millisecond()))
}

impl Rowset {
    /// The place of a column; `None` if it exists and no row has it.
    pub(crate) fn column(&self, name: &str) -> Result<Option<usize>, QueryError> {
        match self.columns.iter().position(|column| column == name) {
            None if !self.open => Err(unresolved_column(name)),
            place => Ok(place),
        }
    }

    /// The table of an answer.
    pub(crate) fn answer(self) -> Value {
        let columns: Vec<Value> = self
            .columns
            .iter()
            .enumerate()
            .map(|(place, name)| {
                let declared = self.declared.get(name).map(String::as_str);
                json!({"name": name, "type": declared.unwrap_or_else(|| self.type_of(place))})
            })
            .collect();
        let rows = self.rows.into_iter().map(|row| Value::Array(row.into_iter().map(Datum::into_json).collect()));
        json!({"name": "PrimaryResult", "columns": columns, "rows": rows.collect::<Vec<_>>()})
    }

    /// The one type of a column's values; mixed numbers are real, anything else mixed is dynamic, nothing is a string.
    pub(crate) fn type_of(&self, place: usize) -> &'static str {
        let found: BTreeSet<&str> = self.rows.iter().filter_map(|row| row.get(place)?.type_name()).collect();
        let mut types = ["bool", "long", "real", "datetime", "timespan", "dynamic"].into_iter();
        match found.len() {
            0 => "string",
            1 => types.find(|name| found.contains(name)).unwrap_or("string"),
            _ if found.iter().all(|name| matches!(*name, "long" | "real")) => "real",
            _ if found.iter().all(|name| matches!(*name, "string" | "datetime")) => "string",
            _ => "dynamic",
        }
    }

    /// The rows in groups with equal keys, in the order in which the keys appear.
    pub(crate) fn groups(&self, keys: Vec<Vec<Datum>>) -> Vec<(Vec<Datum>, Vec<usize>)> {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut groups: Vec<(Vec<Datum>, Vec<usize>)> = Vec::new();
        for (row, key) in keys.into_iter().enumerate() {
            let text: String = key.iter().map(|datum| datum.key() + "\u{1e}").collect();
            let place = *places.entry(text).or_insert(groups.len());
            match groups.get_mut(place) {
                Some((_, members)) => members.push(row),
                None => groups.push((key, vec![row])),
            }
        }
        groups
    }
}

fn unresolved_table(table: &str) -> QueryError {
    QueryError::Semantic(format!("'where' operator: Failed to resolve table or column expression named '{table}'"))
}

fn unresolved_column(name: &str) -> QueryError {
    QueryError::Semantic(format!("Failed to resolve scalar expression named '{name}'"))
}
