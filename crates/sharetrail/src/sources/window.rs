//! Which span a pass over a feed reads.

use trail::TimeMs;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// A closed span on a service's own clock, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Begin.
    pub from: TimeMs,
    /// End.
    pub to: TimeMs,
}

impl Window {
    /// The span cut where its clock shows multiples of `step_ms`, earliest part first: what is asked for again from
    /// later on is cut in the same places.
    pub fn steps(self, step_ms: i64) -> impl Iterator<Item = Self> {
        let step_ms = step_ms.max(1);
        let mut from = self.from;
        std::iter::from_fn(move || {
            let next = TimeMs((from.millis().div_euclid(step_ms) + 1) * step_ms);
            let step = Self { from, to: next.min(self.to) };
            from = step.to;
            (step.from < step.to).then_some(step)
        })
    }
}

/// How far the passes over a feed look around its position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// How far before the position a pass starts again.
    pub(super) overlap_minutes: u32,
    /// How far before now it ends.
    pub(super) lag_minutes: u32,
    /// How far the first one looks back.
    pub(super) back_days: u32,
    /// How far back the service reaches.
    pub(super) reach_days: u32,
}

impl Look {
    /// The window of a pass: from the position less the overlap (or the look-back) to now less the lag.
    ///
    /// Returned with it: the span that lies beyond the service's reach and can no longer be had, if there is one.
    pub(super) fn window(self, position: Option<TimeMs>, now: TimeMs) -> (Window, Option<Window>) {
        let to = now.plus(-i64::from(self.lag_minutes) * MINUTE_MS);
        let wanted = match position {
            Some(position) => position.plus(-i64::from(self.overlap_minutes) * MINUTE_MS),
            None => now.plus(-i64::from(self.back_days) * DAY_MS),
        };
        let reach = now.plus(-i64::from(self.reach_days) * DAY_MS);
        let from = wanted.max(reach).min(to);
        let uncovered = position.unwrap_or(wanted);
        let gap = (uncovered < reach).then_some(Window { from: uncovered, to: reach });
        (Window { from, to }, gap)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: TimeMs = TimeMs(100 * DAY_MS);

    fn look(back_days: u32) -> Look {
        Look { overlap_minutes: 60, lag_minutes: 5, back_days, reach_days: 30 }
    }

    #[test]
    fn a_first_pass_looks_back_and_ends_before_now() {
        let (window, gap) = look(7).window(None, NOW);
        assert_eq!(window, Window { from: TimeMs(93 * DAY_MS), to: NOW.plus(-300_000) });
        assert_eq!(gap, None);
    }

    #[test]
    fn a_later_pass_overlaps_the_position() {
        let (window, gap) = look(30).window(Some(TimeMs(99 * DAY_MS)), NOW);
        assert_eq!(window.from, TimeMs(99 * DAY_MS - 3_600_000));
        assert_eq!(gap, None);
    }

    #[test]
    fn what_lies_beyond_the_reach_is_a_gap() {
        let (window, gap) = look(30).window(Some(TimeMs(60 * DAY_MS)), NOW);
        assert_eq!(window.from, TimeMs(70 * DAY_MS));
        assert_eq!(gap, Some(Window { from: TimeMs(60 * DAY_MS), to: TimeMs(70 * DAY_MS) }));
    }

    #[test]
    fn the_overlap_alone_makes_no_gap() {
        let (window, gap) = look(30).window(Some(TimeMs(70 * DAY_MS)), NOW);
        assert_eq!((window.from, gap), (TimeMs(70 * DAY_MS), None));
    }

    proptest! {
        #[test]
        fn steps_cover_their_window_without_holes(from in -5000_i64..5000, length in 0_i64..5000, step in 1_i64..700) {
            let window = Window { from: TimeMs(from), to: TimeMs(from + length) };
            let mut reached = window.from;
            for part in window.steps(step) {
                prop_assert_eq!(part.from, reached);
                prop_assert!(part.to > part.from && part.to.millis() - part.from.millis() <= step);
                reached = part.to;
            }
            prop_assert_eq!(reached, window.to);
        }
    }
}
