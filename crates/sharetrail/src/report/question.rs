//! What a report can be asked, and the rows that answer: the same for every form, for files and for the dashboard.

use trail::TimeMs;

use super::{ReportError, Shown, columns};
use crate::cli::ReportKind as Question;
use crate::rows::{Accept, Access, Arrived, Column, Domain, Excluded, Finding, Gap, Item, Person, Row, Share, Unused};
use crate::store::{AccessFilter, Asked, FindingFilter, Only, Order, Reader, Which};

/// The questions that together are the whole answer, in the order in which people ask them.
pub const WHOLE_ANSWER: [Question; 10] = [
    Question::Access,
    Question::People,
    Question::Domains,
    Question::Items,
    Question::Classified,
    Question::Unexplained,
    Question::Shares,
    Question::Unused,
    Question::Gaps,
    Question::Excluded,
];

/// What is asked about, and when.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Which accesses or shares. Whether only the classified or unexplained ones is the question's to say.
    pub filter: AccessFilter,
    /// Only what was classified: accesses at their moment, ways in now.
    pub only_classified: bool,
    /// In which order, where not in the list's own.
    pub order: Option<Order>,
    /// Now, which tells what has run out.
    pub now: TimeMs,
    /// Domains that count as inside although none is configured.
    pub inside: Vec<String>,
}

/// Takes the rows of an answer, one by one.
pub trait Take {
    /// Takes a row.
    ///
    /// # Errors
    /// Those of what the row goes into.
    fn take<R: Row>(&mut self, row: &R) -> Result<(), ReportError>;
}

impl Question {
    /// Its word on the command line and in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Shares => "shares",
            Self::People => "people",
            Self::Domains => "domains",
            Self::Items => "items",
            Self::Classified => "classified",
            Self::Unexplained => "unexplained",
            Self::Accepts => "accepts",
            Self::Unused => "unused",
            Self::Findings => "findings",
            Self::Gaps => "gaps",
            Self::Excluded => "excluded",
            Self::Reconciliation => "reconciliation",
        }
    }

    /// A heading for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Access => "Accesses",
            Self::Shares => "Shares",
            Self::People => "People",
            Self::Domains => "Organisations",
            Self::Items => "Items",
            Self::Classified => "Classified",
            Self::Unexplained => "Unexplained",
            Self::Accepts => "Accepted invitations",
            Self::Unused => "Links to end",
            Self::Findings => "Findings",
            Self::Gaps => "Gaps",
            Self::Excluded => "Left out",
            Self::Reconciliation => "What arrived",
        }
    }

    /// What its rows are, in one sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::Access => {
                "One outside person, one item, one kind of action, with at most 5 minutes between its records."
            }
            Self::Shares => {
                "Ways in for outsiders: links, invitations, grants and memberships, with what became of them."
            }
            Self::People => "Everybody outside who reached something.",
            Self::Domains => "The organisations that these people belong to, by mail domain.",
            Self::Items => "Files, folders and sites that outsiders reached.",
            Self::Classified => "Accesses to what was classified at that moment.",
            Self::Unexplained => "Accesses that no known share explains, or that came long after its end.",
            Self::Accepts => "Accepted invitations, in the columns of the older share report.",
            Self::Unused => "Ways in that are open and that nobody has used: whoever shared them may want to end them.",
            Self::Findings => "What the rules of alerts found, and whether somebody was told.",
            Self::Gaps => "Spans of time for which records could not be had.",
            Self::Excluded => "Records that the other tables do not count, and why.",
            Self::Reconciliation => {
                "What each feed brought, by day of arrival: all that was listed is stored, known, not kept or rejected."
            }
        }
    }

    /// What to say where there is no row.
    pub fn empty(self) -> &'static str {
        match self {
            Self::Shares => "No way in for outsiders was found.",
            Self::Unused => "Every open way in was used.",
            Self::Accepts => "No accepted sharing invitation was found.",
            Self::Findings => "No rule has found anything. Rules are looked at after each pass of `collect` and `run`.",
            Self::Gaps => "No gaps: nothing is known to be missing.",
            Self::Excluded => "Nothing was left out.",
            Self::Reconciliation => "Nothing has arrived.",
            _ => "No access from outside was found. `report excluded` says what was left out and why.",
        }
    }

    /// All columns of its rows.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Access | Self::Classified | Self::Unexplained => Access::COLUMNS,
            Self::Shares => Share::COLUMNS,
            Self::People => Person::COLUMNS,
            Self::Domains => Domain::COLUMNS,
            Self::Items => Item::COLUMNS,
            Self::Accepts => Accept::COLUMNS,
            Self::Unused => Unused::COLUMNS,
            Self::Findings => Finding::COLUMNS,
            Self::Gaps => Gap::COLUMNS,
            Self::Excluded => Excluded::COLUMNS,
            Self::Reconciliation => Arrived::COLUMNS,
        }
    }

    /// The columns that answer, in the order in which they are read.
    pub fn shown(self) -> &'static [Shown] {
        match self {
            Self::Access | Self::Classified | Self::Unexplained => columns::ACCESS,
            Self::Shares => columns::SHARE,
            Self::People => columns::PERSON,
            Self::Domains => columns::DOMAIN,
            Self::Items => columns::ITEM,
            Self::Accepts => columns::ACCEPT,
            Self::Unused => columns::UNUSED,
            Self::Findings => columns::FINDING,
            Self::Gaps => columns::GAP,
            Self::Excluded => columns::EXCLUDED,
            Self::Reconciliation => columns::ARRIVED,
        }
    }

    /// The column by which rows matter, most first, where not all of them have room.
    pub fn ordered_by(self) -> &'static str {
        match self {
            Self::Access | Self::Classified | Self::Unexplained | Self::Shares | Self::Findings => "time_generated",
            Self::People | Self::Domains | Self::Items => "accesses",
            Self::Unused => "days_open",
            Self::Gaps => "from_time",
            Self::Excluded => "records",
            Self::Reconciliation => "day",
            Self::Accepts => "created_date_time",
        }
    }

    /// Reads the rows that answer.
    ///
    /// # Errors
    /// Those of reading the store and of `taker`.
    pub fn answer(self, reader: &mut Reader, scope: &Scope, taker: &mut impl Take) -> Result<(), ReportError> {
        if let Some(order) = scope.order {
            return self.answer_in_order(reader, scope, order, taker);
        }
        let filter = &self.filter(scope);
        let (now, inside) = (scope.now, scope.inside.as_slice());
        let wanted = |share: &Share| !scope.only_classified || share.classified_now == Some(true);
        match self {
            Self::Access | Self::Classified | Self::Unexplained => {
                reader.accesses(filter, inside, |access| taker.take(&access))
            }
            Self::Shares => {
                reader.shares(filter, now, inside, |share| if wanted(&share) { taker.take(&share) } else { Ok(()) })
            }
            Self::Unused => reader
                .unused(filter, now, inside, |unused| if wanted(&unused.share) { taker.take(&unused) } else { Ok(()) }),
            Self::People => all(reader.people(filter, inside)?, taker),
            Self::Domains => all(reader.domains(filter, inside)?, taker),
            Self::Items => all(reader.items(filter, inside)?, taker),
            Self::Accepts => all(reader.accepts(filter.since, filter.until)?, taker),
            Self::Findings => all(reader.findings(&FindingFilter::of(filter))?, taker),
            Self::Gaps => all(reader.gaps()?, taker),
            Self::Excluded => all(reader.excluded(filter.since, filter.until, inside)?, taker),
            Self::Reconciliation => all(reader.arrived(filter.since, filter.until)?, taker),
        }
    }

    fn answer_in_order(
        self,
        reader: &mut Reader,
        scope: &Scope,
        order: Order,
        taker: &mut impl Take,
    ) -> Result<(), ReportError> {
        let filter = &self.filter(scope);
        let (now, inside) = (scope.now, scope.inside.as_slice());
        let wanted = |share: &Share| !scope.only_classified || share.classified_now == Some(true);
        match self {
            Self::Access | Self::Classified | Self::Unexplained => {
                reader.accesses_in_order(filter, inside, order, |access| taker.take(&access))
            }
            Self::Shares => {
                let asked = Asked { filter, which: Which::All, now, inside };
                reader.shares_in_order(&asked, order, wanted, |share| taker.take(&share))
            }
            Self::Unused => {
                let asked = Asked { filter, which: Which::Unused, now, inside };
                reader.shares_in_order(&asked, order, wanted, |share| taker.take(&Unused::of(share, now)))
            }
            Self::People => all(order.sorted(reader.people(filter, inside)?), taker),
            Self::Domains => all(order.sorted(reader.domains(filter, inside)?), taker),
            Self::Items => all(order.sorted(reader.items(filter, inside)?), taker),
            Self::Accepts => all(order.sorted(reader.accepts(filter.since, filter.until)?), taker),
            Self::Findings => all(order.sorted(reader.findings(&FindingFilter::of(filter))?), taker),
            Self::Gaps => all(order.sorted(reader.gaps()?), taker),
            Self::Excluded => all(order.sorted(reader.excluded(filter.since, filter.until, inside)?), taker),
            Self::Reconciliation => all(order.sorted(reader.arrived(filter.since, filter.until)?), taker),
        }
    }

    /// What it asks the store for within `scope`.
    pub fn filter(self, scope: &Scope) -> AccessFilter {
        let only = match self {
            Self::Unexplained => Only::Unexplained,
            Self::Classified => Only::Classified,
            _ if scope.only_classified => Only::Classified,
            _ => Only::All,
        };
        AccessFilter { only, ..scope.filter.clone() }
    }
}

fn all<R: Row>(rows: Vec<R>, taker: &mut impl Take) -> Result<(), ReportError> {
    rows.iter().try_for_each(|row| taker.take(row))
}
