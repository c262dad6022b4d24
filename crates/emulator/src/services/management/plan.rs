//! Which record becomes available when, and together with which others.
//!
//! A record is in the blob that becomes available when Defender stores its activity, for Defender reads the same feed.
//! What may go wrong on the way is chosen by [`FeedQuirks`], with dice that fall the same in every run.

use crate::options::{ContentType, FeedQuirks, ManagementOptions};
use crate::services::management::blob::{Fate, Piece};
use crate::story::clock::{DAY, HOUR, MINUTE};
use crate::story::dice::Dice;

/// A blob holds what became available within this time.
const BLOB_SPAN_MS: i64 = 15 * MINUTE;

/// A record and the moment at which it becomes available.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) record: u32,
    pub(crate) content_type: ContentType,
    pub(crate) at_ms: i64,
}

/// A blob without its number.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) content_type: ContentType,
    pub(crate) created_ms: i64,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) fate: Fate,
}

/// Distributes records over blobs. No blob is created after the last arrival.
pub(crate) fn plan(arrivals: &[Arrival], options: &ManagementOptions, seed: u64) -> Vec<Draft> {
    let mut dice = Dice::new(seed);
    let last_ms = arrivals.iter().map(|arrival| arrival.at_ms).max().unwrap_or(0);
    let mut drafts = Vec::new();
    for (content_type, _) in ContentType::ALL {
        let own = arrivals.iter().filter(|arrival| arrival.content_type == content_type);
        let pieces = deliveries(own, &options.quirks, last_ms, &mut dice);
        let mut blobs = packed(content_type, &pieces, options.blob_records_max);
        spoil(&mut blobs, options, &mut dice);
        drafts.extend(blobs);
    }
    drafts
}

/// Every record once, some twice; ascending by when they become available.
fn deliveries<'a>(
    arrivals: impl Iterator<Item = &'a Arrival>,
    quirks: &FeedQuirks,
    last_ms: i64,
    dice: &mut Dice,
) -> Vec<(i64, Piece)> {
    let mut pieces = Vec::new();
    for Arrival { record, at_ms, .. } in arrivals {
        let mut at_ms = *at_ms;
        if dice.chance(quirks.late_per_mille) {
            at_ms += dice.between(HOUR, 5 * DAY);
        }
        if quirks.unordered {
            at_ms += dice.between(0, 3 * HOUR);
        }
        at_ms = at_ms.min(last_ms);
        pieces.push((at_ms, Piece { record: *record, reordered: false }));
        // Further away than a blob spans, so that it is another blob.
        let again_ms = at_ms + dice.between(2 * BLOB_SPAN_MS, 5 * DAY);
        if dice.chance(quirks.again_later_per_mille) && again_ms <= last_ms {
            pieces.push((again_ms, Piece { record: *record, reordered: quirks.other_key_order }));
        }
    }
    pieces.sort_by_key(|(at_ms, piece)| (*at_ms, piece.record));
    pieces
}

/// Cuts the deliveries into blobs; each is created when its last record becomes available.
fn packed(content_type: ContentType, pieces: &[(i64, Piece)], records_max: usize) -> Vec<Draft> {
    let mut blobs: Vec<Draft> = Vec::new();
    let mut opened_ms = i64::MIN;
    for (at_ms, piece) in pieces {
        match blobs.last_mut() {
            Some(blob) if blob.pieces.len() < records_max && at_ms - opened_ms <= BLOB_SPAN_MS => {
                blob.created_ms = *at_ms;
                blob.pieces.push(*piece);
            }
            _ => {
                opened_ms = *at_ms;
                blobs.push(Draft { content_type, created_ms: *at_ms, pieces: vec![*piece], fate: Fate::Served });
            }
        }
    }
    blobs
}

/// What goes wrong with whole blobs: their order inside, repetitions, failures; and blobs that nobody can have.
fn spoil(blobs: &mut Vec<Draft>, options: &ManagementOptions, dice: &mut Dice) {
    let quirks = &options.quirks;
    for blob in blobs.iter_mut() {
        for place in 0..blob.pieces.len() {
            if dice.chance(quirks.again_inside_per_mille) {
                blob.pieces.push(Piece { reordered: quirks.other_key_order, ..blob.pieces[place] });
            }
        }
        if quirks.unordered {
            // Fisher and Yates; `below(n)` is below n.
            for last in (1..blob.pieces.len()).rev() {
                blob.pieces.swap(last, dice.below(last + 1));
            }
        }
        if dice.chance(quirks.failing_blobs_per_mille) {
            blob.fate = Fate::FailsFirst;
        }
    }
    let sound = blobs.len();
    if sound == 0 {
        return;
    }
    let bad = [(quirks.expired_blobs, Fate::Expired), (quirks.lost_blobs, Fate::Lost)];
    for fate in bad.into_iter().flat_map(|(count, fate)| std::iter::repeat_n(fate, count)) {
        // A copy of a sound blob, so that what it holds is to be had elsewhere.
        let like = &blobs[dice.below(sound)];
        let copy = Draft { fate, pieces: like.pieces.clone(), ..*like };
        blobs.push(copy);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn arrivals(count: u32) -> Vec<Arrival> {
        let one = |record| {
            let content_type = if record % 10 == 0 { ContentType::General } else { ContentType::SharePoint };
            Arrival { record, content_type, at_ms: i64::from(record) * MINUTE }
        };
        (0..count).map(one).collect()
    }

    fn records(drafts: &[Draft]) -> Vec<u32> {
        let mut all: Vec<u32> = drafts.iter().flat_map(|draft| draft.pieces.iter().map(|piece| piece.record)).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn by_default_every_record_is_once_in_a_small_blob_soon_after_it_arrived() {
        let options = ManagementOptions { blob_records_max: 10, ..ManagementOptions::default() };
        let drafts = plan(&arrivals(500), &options, 1);
        assert_eq!(records(&drafts), (0..500).collect::<Vec<u32>>());
        for draft in &drafts {
            assert!(draft.pieces.len() <= 10 && draft.fate == Fate::Served);
            for piece in &draft.pieces {
                let waited_ms = draft.created_ms - i64::from(piece.record) * MINUTE;
                assert!((0..=BLOB_SPAN_MS).contains(&waited_ms), "{waited_ms}");
            }
        }
        assert!(drafts.iter().any(|draft| draft.content_type == ContentType::General));
    }

    #[test]
    fn with_every_quirk_each_record_can_still_be_had() {
        let options = ManagementOptions::with_every_quirk();
        let drafts = plan(&arrivals(5_000), &options, 1);
        let last_ms = 4_999 * MINUTE;
        assert!(drafts.iter().all(|draft| draft.created_ms <= last_ms));
        let (sound, bad): (Vec<Draft>, Vec<Draft>) =
            drafts.into_iter().partition(|draft| matches!(draft.fate, Fate::Served | Fate::FailsFirst));
        assert_eq!(bad.len(), 8, "two expired and two lost ones of each of the two types");
        let served: BTreeSet<u32> = records(&sound).into_iter().collect();
        assert_eq!(served.len(), 5_000);
        assert!(sound.iter().any(|draft| draft.fate == Fate::FailsFirst));
    }

    #[test]
    fn a_record_comes_again_within_its_blob_and_in_blobs_days_later() {
        let options = ManagementOptions::with_every_quirk();
        let drafts = plan(&arrivals(10_000), &options, 1);
        let mut seen: BTreeMap<u32, Vec<(usize, i64)>> = BTreeMap::new();
        for (place, draft) in drafts.iter().enumerate().filter(|(_, draft)| draft.fate != Fate::Expired) {
            draft.pieces.iter().for_each(|piece| seen.entry(piece.record).or_default().push((place, draft.created_ms)));
        }
        let pairs = || seen.values().filter(|places| places.len() > 1).map(|places| (places[0], places[1]));
        assert!(pairs().any(|((first, _), (second, _))| first == second));
        assert!(pairs().any(|((_, first_ms), (_, second_ms))| (second_ms - first_ms).abs() > 2 * DAY));
    }

    #[test]
    fn the_same_seed_plans_the_same() {
        let options = ManagementOptions::with_every_quirk();
        let text = |seed| format!("{:?}", plan(&arrivals(300), &options, seed));
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }
}
