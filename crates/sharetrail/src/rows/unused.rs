//! Ways in that nobody has used: a share's row, and for how long it has been open.

use trail::TimeMs;

use super::{Cell, Column, Kind, Row, Share};

/// A live share that was never used.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unused {
    /// The share.
    pub share: Share,
    /// Days since it was made, or first seen.
    pub days_open: i64,
}

impl Unused {
    /// `share`, open until `now`.
    pub fn of(share: Share, now: TimeMs) -> Self {
        let days_open = (now.millis() - share.time_generated.millis()).max(0) / 86_400_000;
        Self { share, days_open }
    }
}

const DAYS_OPEN: Column = Column {
    name: "DaysOpen",
    key: "days_open",
    kind: Kind::Integer,
    reported: true,
    about: "Days since it was made, or first seen.",
};

const SHARE: &[Column] = Share::COLUMNS;

/// The columns of a share, and one more.
const COLUMNS: [Column; SHARE.len() + 1] = {
    let mut columns = [DAYS_OPEN; SHARE.len() + 1];
    let mut index = 0;
    while index < SHARE.len() {
        columns[index] = SHARE[index];
        index += 1;
    }
    columns
};

impl Row for Unused {
    const COLUMNS: &'static [Column] = &COLUMNS;

    fn cells(&self) -> Vec<Cell<'_>> {
        let mut cells = self.share.cells();
        cells.push(Cell::Integer(self.days_open));
        cells
    }
}
