//! What was odd about a record: counted and shown, never a reason to lose it.

use std::fmt;

/// One oddity of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The text is JSON, but no object.
    NotAnObject,
    /// The text is no JSON; the reason is the parser's.
    Broken {
        /// What the parser says, with line and column.
        reason: String,
    },
    /// Halves of a character, or bare control characters, stood in a text: replaced so that the rest can be read.
    Repaired,
    /// A member has a JSON type from which nothing can be read.
    WrongType {
        /// Name of the member.
        field: &'static str,
    },
    /// A time that cannot be read; it counts as absent.
    UnreadableTime {
        /// Name of the member.
        field: &'static str,
        /// The text, cut to [`SHOWN_CHARS_MAX`] characters.
        text: String,
    },
    /// A number, or the name of one, that cannot be read; it counts as absent.
    UnreadableNumber {
        /// Name of the member.
        field: &'static str,
        /// The text, cut to [`SHOWN_CHARS_MAX`] characters.
        text: String,
    },
    /// A yes or no that cannot be read; it counts as absent.
    UnreadableFlag {
        /// Name of the member.
        field: &'static str,
        /// The text, cut to [`SHOWN_CHARS_MAX`] characters.
        text: String,
    },
    /// JSON inside a text member cannot be read; the record's other members are used.
    UnreadableInside {
        /// Name of the member.
        field: &'static str,
        /// What the parser says.
        reason: String,
    },
    /// The record has no id; a hash of its bytes stands in.
    MissingId,
    /// The record says nowhere when it happened.
    MissingTime,
    /// The record says nowhere what was done.
    MissingOperation,
}

/// So much of a text that could not be read is quoted, in characters.
pub const SHOWN_CHARS_MAX: usize = 64;

/// So many problems of one record are told; a record with more is hopeless anyway.
pub const PROBLEMS_MAX: usize = 32;

impl Problem {
    /// A short code that stays the same for ever, to count by.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotAnObject => "not_an_object",
            Self::Broken { .. } => "broken_json",
            Self::Repaired => "repaired_text",
            Self::WrongType { .. } => "wrong_type",
            Self::UnreadableTime { .. } => "unreadable_time",
            Self::UnreadableNumber { .. } => "unreadable_number",
            Self::UnreadableFlag { .. } => "unreadable_flag",
            Self::UnreadableInside { .. } => "unreadable_inside",
            Self::MissingId => "missing_id",
            Self::MissingTime => "missing_time",
            Self::MissingOperation => "missing_operation",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => write!(f, "this is JSON, but not a record: a record is an object in braces"),
            Self::Broken { reason } => write!(f, "this is not valid JSON ({reason}); it is kept as received"),
            Self::Repaired => {
                write!(
                    f,
                    "a text holds half a character or a control character; it was replaced so as to read the rest"
                )
            }
            Self::WrongType { field } => write!(f, "{field} is of a JSON type that it should never have; ignored"),
            Self::UnreadableTime { field, text } => write!(f, "{field} is not a time: {text:?}; ignored"),
            Self::UnreadableNumber { field, text } => {
                write!(f, "{field} is not a known number or name: {text:?}; ignored")
            }
            Self::UnreadableFlag { field, text } => write!(f, "{field} is neither true nor false: {text:?}; ignored"),
            Self::UnreadableInside { field, reason } => {
                write!(f, "the record inside {field} is cut or damaged ({reason}); what stands around it is used")
            }
            Self::MissingId => write!(f, "the record has no Id; a hash of its bytes stands in"),
            Self::MissingTime => write!(f, "the record does not say when it happened (no CreationTime)"),
            Self::MissingOperation => write!(f, "the record does not say what was done (no Operation)"),
        }
    }
}

/// Collects the problems of one record, up to [`PROBLEMS_MAX`].
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, problem: Problem) {
        if self.0.len() < PROBLEMS_MAX {
            self.0.push(problem);
        }
    }

    pub(crate) fn append(&mut self, others: Self) {
        others.0.into_iter().for_each(|problem| self.add(problem));
    }

    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}

/// The beginning of a text, to be quoted.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).collect()
}
