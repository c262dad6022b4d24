//! The verdict.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::catalogue::Catalogue;
use super::signal::{Labels, Of, Signal, What};
use super::{Classification, ClassificationSource, Placed, Rules, UNKNOWN_LABEL};
use crate::TimeMs;
use crate::id::guid;

/// Whether an item was classified at `at` (`None`: is it now, after all signals).
///
/// * `file`, `site`: signals of the item and of its site, in any order; later ones than `at` do not count.
/// * `place`: where the item is at that time.
/// * `own`: labels on the access's own records, which hold for its moment whatever the signals say.
pub fn classify(
    at: Option<TimeMs>,
    file: &[Signal],
    site: &[Signal],
    place: &Placed,
    own: Option<&Labels>,
    rules: &Rules,
) -> Classification {
    let signals = file;
    let file = own
        .and_then(|own| own.file.clone())
        .map(|label| (ClassificationSource::FileLabel, State::Label(label)))
        .or_else(|| latest(file, Of::File, at));
    let site = own
        .and_then(|own| own.site.clone())
        .map(|label| (ClassificationSource::SiteLabel, State::Label(label)))
        .or_else(|| latest(site, Of::Site, at));

    let mut said: Vec<Said> =
        file.iter().chain(&site).map(|(source, state)| Said::of_label(*source, state, rules)).collect();
    said.extend(Said::of_policies(signals, at, rules));
    let file_outweighs =
        rules.lower_label_lowers_declared && file.as_ref().is_some_and(|(_, state)| state.is_known(rules));
    if !file_outweighs {
        said.extend(Said::of_declarations(place, rules));
    }
    said.sort_by_key(|said| said.source);

    let label = [&file, &site].into_iter().flatten().find_map(|(_, state)| state.label().cloned());
    Classification {
        classified: verdict(&said),
        // Of equals the strongest source: the sort above is stable, and `rev` lets the first of them be the last.
        level: said
            .iter()
            .rev()
            .max_by_key(|said| (said.classified == Some(true), said.order))
            .and_then(|said| said.level.clone()),
        label_name: label.as_ref().and_then(|id| rules.labels.get(id)).map(|label| label.full_name.clone()),
        label_id: label,
        sources: said.iter().map(|said| said.source).collect(),
    }
}

/// Classified if anything says so; otherwise nothing is certain while one label cannot be judged.
fn verdict(said: &[Said]) -> Option<bool> {
    if said.iter().any(|said| said.classified == Some(true)) {
        return Some(true);
    }
    let can_be_told = !said.is_empty() && said.iter().all(|said| said.classified.is_some());
    can_be_told.then_some(false)
}

/// The label of something at a time.
enum State {
    Label(Arc<str>),
    /// It has none.
    Without,
    /// It has one, and the record does not say which.
    Unnamed,
}

impl State {
    fn label(&self) -> Option<&Arc<str>> {
        match self {
            Self::Label(label) => Some(label),
            Self::Without | Self::Unnamed => None,
        }
    }

    fn is_known(&self, rules: &Rules) -> bool {
        self.label().is_some_and(|label| rules.labels.get(label).is_some())
    }
}

/// The last word on a label up to `at`.
fn latest(signals: &[Signal], of: Of, at: Option<TimeMs>) -> Option<(ClassificationSource, State)> {
    let last = signals.iter().filter(|signal| signal.of == of && at.is_none_or(|at| signal.at <= at)).max()?;
    let source = match (of, &last.what) {
        (Of::Site, _) => ClassificationSource::SiteLabel,
        (Of::File, What::OnRecord(_)) => ClassificationSource::FileLabel,
        _ => ClassificationSource::LabelEvent,
    };
    let state = match &last.what {
        What::OnRecord(label) | What::Applied(Some(label)) | What::Changed(Some(label)) => State::Label(label.clone()),
        // No word on a label; signals of content are of nothing else.
        What::Matched(_) | What::Unmatched(_) => return None,
        What::Removed => State::Without,
        What::Applied(None) | What::Changed(None) => State::Unnamed,
    };
    Some((source, state))
}

/// What one source says.
struct Said {
    source: ClassificationSource,
    classified: Option<bool>,
    level: Option<Arc<str>>,
    order: Option<i64>,
}

impl Said {
    fn of_label(source: ClassificationSource, state: &State, rules: &Rules) -> Self {
        let unknown = || Some(Arc::from(UNKNOWN_LABEL));
        let (classified, level, order) = match state {
            State::Without => (Some(false), None, None),
            State::Unnamed => (None, unknown(), None),
            State::Label(id) => match rules.labels.get(id) {
                Some(label) => (is_classified(id, rules), Some(label.full_name.clone()), label.order),
                None => (is_classified(id, rules), unknown(), None),
            },
        };
        Self { source, classified, level, order }
    }

    /// The content policies that still match, as far as the rules call them classified: one word, of the highest.
    fn of_policies(signals: &[Signal], at: Option<TimeMs>, rules: &Rules) -> Option<Self> {
        let mut latest: BTreeMap<&str, (&Signal, bool)> = BTreeMap::new();
        for signal in signals.iter().filter(|signal| at.is_none_or(|at| signal.at <= at)) {
            let (policy, matches) = match &signal.what {
                What::Matched(policy) => (policy, true),
                What::Unmatched(policy) => (policy, false),
                _ => continue,
            };
            let entry = latest.entry(policy).or_insert((signal, matches));
            if signal > entry.0 {
                *entry = (signal, matches);
            }
        }
        let order = |name: &str| rules.labels.by_name(name).and_then(|label| label.order);
        let matching = latest.iter().filter(|(_, (_, matches))| *matches).filter_map(|(policy, _)| {
            let (id, name) = policy.split_once('\t')?;
            let is_listed = [id, name].iter().any(|text| rules.classified_policies.contains(&text.to_lowercase()));
            is_listed.then_some(if name.is_empty() { id } else { name })
        });
        let highest = matching.max_by_key(|name| (order(name), *name))?;
        Some(Self {
            source: ClassificationSource::Policy,
            classified: Some(true),
            level: Some(Arc::from(highest)),
            order: order(highest),
        })
    }

    /// The highest of the declarations that hold the item, of equals the most special.
    fn of_declarations(place: &Placed, rules: &Rules) -> Option<Self> {
        let order = |level: &str| rules.labels.by_name(level).and_then(|label| label.order);
        let declared = rules.declared.iter().filter(|declared| declared.place.holds(place));
        let highest =
            declared.max_by_key(|declared| (order(&declared.level), declared.place.precision(), &declared.level))?;
        Some(Self {
            source: ClassificationSource::Declared,
            classified: Some(true),
            level: Some(highest.level.clone()),
            order: order(&highest.level),
        })
    }
}

/// Whether a label is one of the classified ones; `None` when nobody said which labels are, and when the catalogue does
/// not know it and the rules go by what only the catalogue could tell: names or order.
fn is_classified(id: &str, rules: &Rules) -> Option<bool> {
    if rules.classified_labels.is_empty() && rules.order_min.is_none() {
        return None;
    }
    if rules.classified_labels.contains(id) {
        return Some(true);
    }
    let labels: &Catalogue = &rules.labels;
    let Some(label) = labels.get(id) else {
        let go_by_ids = rules.order_min.is_none() && rules.classified_labels.iter().all(|text| guid(text).is_some());
        return go_by_ids.then_some(false);
    };
    let is_high = rules.order_min.zip(label.order).is_some_and(|(least, order)| order >= least);
    let is_listed = labels.lineage(id).any(|label| {
        [label.id.to_lowercase(), label.name.to_lowercase(), label.full_name.to_lowercase()]
            .iter()
            .any(|text| rules.classified_labels.contains(text))
    });
    Some(is_high || is_listed)
}
