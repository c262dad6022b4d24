//! Which columns of a table a terminal has room for, and how wide each is: one line a row, whatever its width.

/// Columns between two of a table.
pub(super) const BETWEEN: usize = 2;
/// Columns below which a text that is cut says nothing any more.
const CUT_MIN: usize = 12;

/// One column of a table, as it would be with all the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Of its longest cell or its heading.
    pub(super) width: usize,
    /// Whether its cells still say something when they are cut.
    pub(super) can_be_cut: bool,
    /// How easily it can be done without; 0 is never left out.
    pub(super) dispensable: u8,
}

/// The width of each column within `room`; none for those that are left out. The most dispensable leave first, then
/// the longest texts are cut. What cannot be helped stays too wide, and the terminal breaks the lines.
pub(super) fn fitted(wanted: &[Wanted], room: usize) -> Vec<Option<usize>> {
    let least = |column: &Wanted| if column.can_be_cut { column.width.min(CUT_MIN) } else { column.width };
    let mut widths: Vec<Option<usize>> = wanted.iter().map(|column| Some(least(column))).collect();
    while taken(&widths) > room {
        let shown = wanted.iter().enumerate().filter(|(place, _)| widths[*place].is_some());
        let Some((place, column)) = shown.max_by_key(|(_, column)| column.dispensable) else { break };
        if column.dispensable == 0 {
            break;
        }
        widths[place] = None;
    }
    // What is over goes, column by column, to whichever is narrowest of those that are still cut.
    let mut over = room.saturating_sub(taken(&widths));
    while over > 0 {
        let cut = widths
            .iter_mut()
            .zip(wanted)
            .filter_map(|(width, column)| width.as_mut().filter(|width| **width < column.width));
        let Some(narrowest) = cut.min_by_key(|width| **width) else { break };
        *narrowest += 1;
        over -= 1;
    }
    widths
}

fn taken(widths: &[Option<usize>]) -> usize {
    let shown = widths.iter().flatten();
    shown.map(|width| width + BETWEEN).sum::<usize>().saturating_sub(BETWEEN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(width: usize, dispensable: u8) -> Wanted {
        Wanted { width, can_be_cut: true, dispensable }
    }

    fn whole(width: usize, dispensable: u8) -> Wanted {
        Wanted { width, can_be_cut: false, dispensable }
    }

    #[test]
    fn with_room_nothing_is_cut() {
        assert_eq!(fitted(&[whole(19, 0), text(30, 0), text(8, 3)], 61), [Some(19), Some(30), Some(8)]);
    }

    #[test]
    fn the_longest_texts_give_way_first_and_then_what_is_dispensable() {
        let columns = [whole(19, 0), text(30, 0), text(40, 1), text(8, 2)];
        assert_eq!(fitted(&columns, 80), [Some(19), Some(24), Some(23), Some(8)]);
        assert_eq!(fitted(&columns, 50), [Some(19), Some(14), Some(13), None]);
        assert_eq!(fitted(&columns, 40), [Some(19), Some(19), None, None]);
    }

    #[test]
    fn what_cannot_be_done_without_stays() {
        assert_eq!(fitted(&[whole(19, 0), text(30, 0)], 10), [Some(19), Some(12)]);
        assert_eq!(fitted(&[], 10), []);
    }

    proptest! {
        #[test]
        fn a_table_is_never_wider_than_the_room_unless_only_the_indispensable_is_left(
            columns in prop::collection::vec((0_usize..80, any::<bool>(), 0_u8..5), 0..12), room in 0_usize..200,
        ) {
            let wanted: Vec<Wanted> = columns.into_iter()
                .map(|(width, can_be_cut, dispensable)| Wanted { width, can_be_cut, dispensable }).collect();
            let widths = fitted(&wanted, room);
            let is_stripped = wanted.iter().zip(&widths).all(|(column, width)| width.is_none() || column.dispensable == 0);
            prop_assert!(taken(&widths) <= room || is_stripped);
            for (column, width) in wanted.iter().zip(&widths) {
                prop_assert!(width.is_none_or(|width| width <= column.width && (column.can_be_cut || width == column.width)));
            }
        }
    }
}
