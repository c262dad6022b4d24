//! Which columns a query names.

use std::collections::BTreeSet;

use crate::services::query::aggregate::Aggregate;
use crate::services::query::parser::{Expression, Step};

impl Step {
    /// Adds the names of columns that this step looks at.
    pub(crate) fn names(&self, names: &mut BTreeSet<String>) {
        match self {
            Step::Where(test) => test.names(names),
            Step::Project(items) | Step::Extend(items) => items.iter().for_each(|(_, one)| one.names(names)),
            Step::ProjectAway(columns) | Step::Distinct(columns) => names.extend(columns.iter().cloned()),
            Step::Summarize { aggregates, by } => {
                aggregates.iter().for_each(|(_, aggregate)| aggregate.names(names));
                by.iter().for_each(|(_, one)| one.names(names));
            }
            Step::Order(keys) => keys.iter().for_each(|(one, _)| one.names(names)),
            Step::Take(_) | Step::Count => {}
        }
    }
}

impl Aggregate {
    fn names(&self, names: &mut BTreeSet<String>) {
        match self {
            Aggregate::Count => {}
            Aggregate::CountIf(of)
            | Aggregate::CountDistinct(of)
            | Aggregate::Sum(of)
            | Aggregate::Min(of)
            | Aggregate::Max(of)
            | Aggregate::Any(of) => of.names(names),
            Aggregate::Extreme { of, columns, .. } => {
                of.names(names);
                names.extend(columns.iter().flatten().cloned());
            }
        }
    }
}

impl Expression {
    fn names(&self, names: &mut BTreeSet<String>) {
        match self {
            Expression::Literal(_) => {}
            Expression::Column(name) => {
                names.insert(name.clone());
            }
            Expression::Member(of, _) => of.names(names),
            Expression::Binary(_, left, right) => {
                left.names(names);
                right.names(names);
            }
            Expression::In(_, left, rest) => {
                left.names(names);
                rest.iter().for_each(|one| one.names(names));
            }
            Expression::And(all) | Expression::Or(all) | Expression::Call(_, all) => {
                all.iter().for_each(|one| one.names(names));
            }
        }
    }
}
