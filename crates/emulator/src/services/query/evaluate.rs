//! Runs the steps of a query over rows.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::services::query::QueryError;
use crate::services::query::aggregate::Aggregate;
use crate::services::query::datum::Datum;
use crate::services::query::parser::{Expression, Step};
use crate::services::query::rowset::Rowset;

/// Runs all steps. `now_ms` is what `now()` and `ago()` mean.
pub(crate) fn run(source: Rowset, steps: &[Step], now_ms: i64) -> Result<Rowset, QueryError> {
    steps.iter().try_fold(source, |rowset, step| one(rowset, step, now_ms))
}

fn one(mut rowset: Rowset, step: &Step, now_ms: i64) -> Result<Rowset, QueryError> {
    match step {
        Step::Where(test) => {
            let scope = Scope { rowset: &rowset, now_ms };
            scope.check(test)?;
            let holds: Result<Vec<bool>, QueryError> =
                (0..rowset.rows.len()).map(|row| Ok(scope.value(test, row)? == Datum::Bool(true))).collect();
            let mut holds = holds?.into_iter();
            rowset.rows.retain(|_| holds.next().unwrap_or(false));
            Ok(rowset)
        }
        Step::Project(items) => {
            let scope = Scope { rowset: &rowset, now_ms };
            let rows = scope.all_rows(items)?;
            Ok(Rowset { columns: items.iter().map(|(name, _)| name.clone()).collect(), rows, ..Rowset::default() })
        }
        Step::ProjectAway(names) => {
            let kept: Vec<(String, Expression)> = rowset
                .columns
                .iter()
                .filter(|name| !names.contains(name))
                .map(|name| (name.clone(), Expression::Column(name.clone())))
                .collect();
            let open = rowset.open;
            Ok(Rowset { open, ..one(rowset, &Step::Project(kept), now_ms)? })
        }
        Step::Extend(items) => extend(rowset, items, now_ms),
        Step::Summarize { aggregates, by } => summarize(&rowset, aggregates, by, now_ms),
        Step::Order(keys) => order(rowset, keys, now_ms),
        Step::Take(count) => {
            rowset.rows.truncate(*count);
            Ok(rowset)
        }
        Step::Distinct(names) => {
            let items: Vec<_> = names.iter().map(|name| (name.clone(), Expression::Column(name.clone()))).collect();
            let mut rowset = one(rowset, &Step::Project(items), now_ms)?;
            let mut seen = HashSet::new();
            rowset.rows.retain(|row| seen.insert(row.iter().map(|datum| datum.key() + "\u{1e}").collect::<String>()));
            Ok(rowset)
        }
        Step::Count => {
            let count = Datum::Long(i64::try_from(rowset.rows.len()).unwrap_or(i64::MAX));
            Ok(Rowset { columns: vec!["Count".to_owned()], rows: vec![vec![count]], ..Rowset::default() })
        }
    }
}

fn extend(mut rowset: Rowset, items: &[(String, Expression)], now_ms: i64) -> Result<Rowset, QueryError> {
    let added = Scope { rowset: &rowset, now_ms }.all_rows(items)?;
    let places: Vec<usize> = items
        .iter()
        .map(|(name, _)| match rowset.columns.iter().position(|column| column == name) {
            Some(place) => {
                // Another value may be of another type.
                rowset.declared.remove(name);
                place
            }
            None => {
                rowset.columns.push(name.clone());
                rowset.columns.len() - 1
            }
        })
        .collect();
    let width = rowset.columns.len();
    for (row, values) in rowset.rows.iter_mut().zip(added) {
        row.resize(width, Datum::Null);
        for (place, value) in places.iter().zip(values) {
            if let Some(cell) = row.get_mut(*place) {
                *cell = value;
            }
        }
    }
    Ok(rowset)
}

fn summarize(
    rowset: &Rowset,
    aggregates: &[(Option<String>, Aggregate)],
    by: &[(String, Expression)],
    now_ms: i64,
) -> Result<Rowset, QueryError> {
    let scope = Scope { rowset, now_ms };
    let keys: Vec<String> = by.iter().map(|(name, _)| name.clone()).collect();
    let mut columns = keys.clone();
    for (name, aggregate) in aggregates {
        columns.extend(aggregate.columns(name.as_deref(), &keys, &rowset.columns));
    }
    let mut groups = rowset.groups(scope.all_rows(by)?);
    if by.is_empty() && groups.is_empty() {
        // Without keys there is one group even of nothing: its count is 0.
        groups.push((Vec::new(), Vec::new()));
    }
    let mut rows = Vec::with_capacity(groups.len());
    for (mut row, members) in groups {
        for (_, aggregate) in aggregates {
            row.extend(aggregate.values(&scope, &members, &keys)?);
        }
        row.resize(columns.len(), Datum::Null);
        rows.push(row);
    }
    let keeps_all = aggregates.iter().any(|(_, aggregate)| aggregate.keeps_all());
    Ok(Rowset { columns, rows, open: rowset.open && keeps_all, ..Rowset::default() })
}

fn order(mut rowset: Rowset, keys: &[(Expression, bool)], now_ms: i64) -> Result<Rowset, QueryError> {
    let items: Vec<(String, Expression)> =
        keys.iter().map(|(expression, _)| (String::new(), expression.clone())).collect();
    let values = Scope { rowset: &rowset, now_ms }.all_rows(&items)?;
    let mut rows: Vec<(Vec<Datum>, Vec<Datum>)> = values.into_iter().zip(rowset.rows).collect();
    rows.sort_by(|(left, _), (right, _)| {
        let pairs = left.iter().zip(right).zip(keys);
        pairs.fold(Ordering::Equal, |so_far, ((left, right), (_, descends))| {
            so_far.then_with(|| if *descends { right.order(left) } else { left.order(right) })
        })
    });
    rowset.rows = rows.into_iter().map(|(_, row)| row).collect();
    Ok(rowset)
}

/// What an expression can see.
pub(crate) struct Scope<'a> {
    pub(crate) rowset: &'a Rowset,
    pub(crate) now_ms: i64,
}

impl Scope<'_> {
    fn all_rows(&self, items: &[(String, Expression)]) -> Result<Vec<Vec<Datum>>, QueryError> {
        for (_, expression) in items {
            self.check(expression)?;
        }
        (0..self.rowset.rows.len())
            .map(|row| items.iter().map(|(_, expression)| self.value(expression, row)).collect())
            .collect()
    }

    /// Finds unknown columns even if there is no row to stumble over them.
    fn check(&self, expression: &Expression) -> Result<(), QueryError> {
        match expression {
            Expression::Literal(_) => Ok(()),
            Expression::Column(name) => self.rowset.column(name).map(|_| ()),
            Expression::Binary(_, left, right) => self.check(left).and_then(|()| self.check(right)),
            Expression::Member(of, _) => self.check(of),
            Expression::In(_, left, rest) => {
                self.check(left).and_then(|()| rest.iter().try_for_each(|one| self.check(one)))
            }
            Expression::And(all) | Expression::Or(all) | Expression::Call(_, all) => {
                all.iter().try_for_each(|one| self.check(one))
            }
        }
    }

    /// The value of an expression for one row.
    pub(crate) fn value(&self, expression: &Expression, row: usize) -> Result<Datum, QueryError> {
        Ok(match expression {
            Expression::Literal(datum) => datum.clone(),
            Expression::Column(name) => {
                let place = self.rowset.column(name)?;
                let cell = place.and_then(|place| self.rowset.rows.get(row)?.get(place));
                cell.cloned().unwrap_or(Datum::Null)
            }
            Expression::Binary(operator, left, right) => {
                binary(operator, &self.value(left, row)?, &self.value(right, row)?)?
            }
            Expression::Member(of, member) => match self.value(of, row)? {
                Datum::Dynamic(serde_json::Value::Object(mut members)) => {
                    members.remove(member).map_or(Datum::Null, Datum::from_json)
                }
                _ => Datum::Null,
            },
            Expression::In(operator, left, rest) => {
                let left = self.value(left, row)?;
                let equals = if operator.ends_with('~') { "=~" } else { "==" };
                let mut found = false;
                for one in rest {
                    found |= binary(equals, &left, &self.value(one, row)?)? == Datum::Bool(true);
                }
                Datum::Bool(found != operator.starts_with('!'))
            }
            Expression::And(all) => self.junction(all, row, false)?,
            Expression::Or(any) => self.junction(any, row, true)?,
            Expression::Call(function, arguments) => {
                let arguments: Vec<Datum> =
                    arguments.iter().map(|one| self.value(one, row)).collect::<Result<_, _>>()?;
                self.call(function, &arguments)?
            }
        })
    }

    /// `and` is decided by a false, `or` by a true; otherwise a null makes the whole unknown.
    fn junction(&self, parts: &[Expression], row: usize, decides: bool) -> Result<Datum, QueryError> {
        let mut result = Datum::Bool(!decides);
        for part in parts {
            match self.value(part, row)? {
                Datum::Bool(truth) if truth == decides => return Ok(Datum::Bool(decides)),
                Datum::Bool(_) => {}
                _ => result = Datum::Null,
            }
        }
        Ok(result)
    }

    fn call(&self, function: &str, arguments: &[Datum]) -> Result<Datum, QueryError> {
        let at = |at_ms: i64| jiff::Timestamp::from_millisecond(at_ms).map_or(Datum::Null, Datum::DateTime);
        Ok(match (function, arguments) {
            ("not", [Datum::Bool(truth)]) => Datum::Bool(!truth),
            ("not", [_]) => Datum::Null,
            ("isempty", [datum]) => Datum::Bool(datum.text().is_empty()),
            ("isnotempty", [datum]) => Datum::Bool(!datum.text().is_empty()),
            ("isnull", [datum]) => Datum::Bool(*datum == Datum::Null),
            ("isnotnull", [datum]) => Datum::Bool(*datum != Datum::Null),
            ("tolower", [datum]) => Datum::Text(datum.text().to_lowercase()),
            ("toupper", [datum]) => Datum::Text(datum.text().to_uppercase()),
            ("tostring", [datum]) => Datum::Text(datum.text()),
            ("todatetime", [datum]) => datum.time().map_or(Datum::Null, Datum::DateTime),
            ("tolong" | "toint", [datum]) => match datum {
                Datum::Bool(truth) => Datum::Long(i64::from(*truth)),
                other => other.text().parse().map_or(Datum::Null, Datum::Long),
            },
            ("parse_json" | "todynamic", [datum]) => {
                serde_json::from_str(&datum.text()).map_or(Datum::Null, Datum::Dynamic)
            }
            ("bin", [datum, Datum::Timespan(width_ms)]) => match datum.time() {
                Some(time) if *width_ms > 0 => {
                    let at_ms = time.as_millisecond();
                    at(at_ms - at_ms.rem_euclid(*width_ms))
                }
                _ => Datum::Null,
            },
            ("now", []) => at(self.now_ms),
            ("ago", [Datum::Timespan(back_ms)]) => at(self.now_ms.saturating_sub(*back_ms)),
            _ => {
                let message = format!("'{function}' with these arguments is no function that the emulator knows.");
                return Err(QueryError::Semantic(message));
            }
        })
    }
}

fn binary(operator: &str, left: &Datum, right: &Datum) -> Result<Datum, QueryError> {
    let compared = || left.compare(right);
    let truth = |truth: Option<bool>| truth.map_or(Datum::Null, Datum::Bool);
    if let Some(positive) = operator.strip_prefix('!').filter(|rest| rest.starts_with(char::is_alphabetic)) {
        return Ok(match binary(positive, left, right)? {
            Datum::Bool(truth) => Datum::Bool(!truth),
            other => other,
        });
    }
    let (a, b) = (left.text().to_lowercase(), right.text().to_lowercase());
    Ok(match operator {
        "==" => truth(compared().map(Ordering::is_eq)),
        "!=" => truth(compared().map(Ordering::is_ne)),
        "<" => truth(compared().map(Ordering::is_lt)),
        "<=" => truth(compared().map(Ordering::is_le)),
        ">" => truth(compared().map(Ordering::is_gt)),
        ">=" => truth(compared().map(Ordering::is_ge)),
        "=~" => Datum::Bool(a == b),
        "!~" => Datum::Bool(a != b),
        "contains" => Datum::Bool(a.contains(&b)),
        "startswith" => Datum::Bool(a.starts_with(&b)),
        "endswith" => Datum::Bool(a.ends_with(&b)),
        "has" => Datum::Bool(has_term(&a, &b)),
        other => return Err(QueryError::Syntax(format!("'{other}' is no operator that the emulator knows."))),
    })
}

/// Whether `term` stands in `text` with no letter or digit right before or behind it.
fn has_term(text: &str, term: &str) -> bool {
    let free = |character: Option<char>| !character.is_some_and(char::is_alphanumeric);
    text.match_indices(term).any(|(at, found)| {
        let (before, after) = (text.get(..at), text.get(at + found.len()..));
        free(before.and_then(|before| before.chars().next_back())) && free(after.and_then(|after| after.chars().next()))
    })
}

#[cfg(test)]
mod tests;
