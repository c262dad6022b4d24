//! Aggregates of `summarize`: what each makes of the rows of a group.

use std::collections::BTreeSet;

use crate::services::query::QueryError;
use crate::services::query::datum::Datum;
use crate::services::query::evaluate::Scope;
use crate::services::query::parser::Expression;

#[derive(Debug, PartialEq)]
pub(crate) enum Aggregate {
    Count,
    CountIf(Expression),
    CountDistinct(Expression),
    Sum(Expression),
    Min(Expression),
    Max(Expression),
    Any(Expression),
    /// `arg_max(of, columns)`: the columns of the row where `of` is largest (or smallest); `None` is `*`.
    Extreme {
        largest: bool,
        of: Expression,
        columns: Option<Vec<String>>,
    },
}

impl Aggregate {
    /// The names of the result's columns, `name` being what the query calls the first. `keys` are not repeated.
    pub(crate) fn columns(&self, name: Option<&str>, keys: &[String], all: &[String]) -> Vec<String> {
        let named = |prefix: &str, of: &Expression| match (name, of) {
            (Some(name), _) => name.to_owned(),
            (None, Expression::Column(column)) => format!("{prefix}_{column}"),
            (None, _) => format!("{prefix}_"),
        };
        match self {
            Aggregate::Count => vec![name.unwrap_or("count_").to_owned()],
            Aggregate::CountIf(_) => vec![name.unwrap_or("countif_").to_owned()],
            Aggregate::CountDistinct(of) => vec![named("dcount", of)],
            Aggregate::Sum(of) => vec![named("sum", of)],
            Aggregate::Min(of) => vec![named("min", of)],
            Aggregate::Max(of) => vec![named("max", of)],
            Aggregate::Any(of) => match (name, of) {
                (None, Expression::Column(column)) => vec![column.clone()],
                _ => vec![named("any", of)],
            },
            Aggregate::Extreme { largest, of, columns } => {
                let first = match (name, of) {
                    (None, Expression::Column(column)) => column.clone(),
                    _ => named(if *largest { "max" } else { "min" }, of),
                };
                let mut result = vec![first];
                result.extend(self.carried(columns.as_deref().unwrap_or(all), keys));
                result
            }
        }
    }

    /// Whether all columns of the table pass through.
    pub(crate) fn keeps_all(&self) -> bool {
        matches!(self, Aggregate::Extreme { columns: None, .. })
    }

    /// The values of those columns for one group of rows.
    pub(crate) fn values(&self, scope: &Scope<'_>, group: &[usize], keys: &[String]) -> Result<Vec<Datum>, QueryError> {
        let all = |of: &Expression| -> Result<Vec<Datum>, QueryError> {
            let values: Result<Vec<Datum>, QueryError> = group.iter().map(|row| scope.value(of, *row)).collect();
            Ok(values?.into_iter().filter(|datum| *datum != Datum::Null).collect())
        };
        let long = |count: usize| Datum::Long(i64::try_from(count).unwrap_or(i64::MAX));
        Ok(match self {
            Aggregate::Count => vec![long(group.len())],
            Aggregate::CountIf(test) => {
                vec![long(all(test)?.iter().filter(|datum| **datum == Datum::Bool(true)).count())]
            }
            Aggregate::CountDistinct(of) => {
                vec![long(all(of)?.iter().map(Datum::key).collect::<BTreeSet<_>>().len())]
            }
            Aggregate::Sum(of) => vec![sum(&all(of)?)],
            Aggregate::Min(of) => vec![all(of)?.into_iter().min_by(Datum::order).unwrap_or(Datum::Null)],
            Aggregate::Max(of) => vec![all(of)?.into_iter().max_by(Datum::order).unwrap_or(Datum::Null)],
            Aggregate::Any(of) => vec![all(of)?.into_iter().next().unwrap_or(Datum::Null)],
            Aggregate::Extreme { largest, of, columns } => {
                let mut best: Option<(Datum, usize)> = None;
                for row in group {
                    let value = scope.value(of, *row)?;
                    let wins = best.as_ref().is_none_or(|(best, _)| {
                        let order = value.order(best);
                        if *largest { order.is_gt() } else { order.is_lt() }
                    });
                    if wins {
                        best = Some((value, *row));
                    }
                }
                let Some((value, row)) = best else { return Ok(Vec::new()) };
                let mut result = vec![value];
                for name in self.carried(columns.as_deref().unwrap_or(&scope.rowset.columns), keys) {
                    result.push(scope.value(&Expression::Column(name), row)?);
                }
                result
            }
        })
    }

    /// The columns that an extreme carries along: neither the keys nor the one that it looks at.
    fn carried(&self, columns: &[String], keys: &[String]) -> Vec<String> {
        let looked_at = match self {
            Aggregate::Extreme { of: Expression::Column(name), .. } => Some(name),
            _ => None,
        };
        columns.iter().filter(|name| !keys.contains(name) && Some(*name) != looked_at).cloned().collect()
    }
}

/// Whole numbers stay whole as long as they fit.
fn sum(values: &[Datum]) -> Datum {
    let longs: Option<Vec<i64>> = values
        .iter()
        .map(|datum| match datum {
            Datum::Long(number) => Some(*number),
            _ => None,
        })
        .collect();
    match longs.and_then(|longs| longs.into_iter().try_fold(0_i64, i64::checked_add)) {
        Some(total) => Datum::Long(total),
        None => Datum::Real(values.iter().filter_map(Datum::number).sum()),
    }
}
