//! The seeded tenant: a story that is true by construction, and the records that services would write of it.
//!
//! Scenes tell what people did, in deeds (`deed`); the plot notes for each deed the event that a service would log and,
//! when somebody outside did it, an entry in the book of accesses (`ledger`). Only then are the events written down as
//! audit records (`records`) in Defender's wrapping (`envelope`). The truth never looks at a written record.

mod cast;
pub(crate) mod clock;
mod deed;
pub(crate) mod dice;
mod envelope;
mod event;
mod export;
pub(crate) mod forms;
mod gesture;
mod guid;
pub(crate) mod json;
mod ledger;
mod noise;
mod plot;
mod records;
mod scenes;
#[cfg(test)]
mod tests;
pub mod truth;

pub use export::export;
pub use truth::{AwkwardCase, TrueAccess, TrueAlarm, TrueLabel, TrueShare, Truth};

use std::sync::Arc;

use cast::Cast;
use clock::Window;
use dice::Dice;
use envelope::Delivery;
use event::Event;
use noise::Noise;
use plot::Plot;

/// One record of so many belongs to the story of outsiders (at least); the others are everyday noise.
const RECORDS_PER_STORY_RECORD: usize = 10;

/// Tells the story and writes it down.
///
/// The tenant holds `options.records` activities, but never fewer than one round of all scenes needs (about 700).
pub fn tell(options: &StoryOptions) -> Tenant {
    let mut dice = Dice::new(options.seed);
    let window = Window::new(options.now_ms, options.days);
    let cast = Cast::assemble(&mut dice.fork());
    let mut plot = Plot::new(&cast, dice.fork(), window);
    scenes::play(&mut plot, options.records / RECORDS_PER_STORY_RECORD);
    let (events, mut truth) = plot.finish();

    let mut scribe =
        Scribe { cast: &cast, window, page: String::new(), activities: Vec::with_capacity(options.records) };
    events.iter().for_each(|event| scribe.write(event));
    truth.distinct_records = events.len();
    let mut noise = Noise::new(&cast, dice.fork(), window);
    while scribe.activities.len() < options.records {
        scribe.write(&noise.next_event());
        truth.distinct_records += 1;
    }
    let mut activities = scribe.activities;
    activities.sort_unstable_by(|a, b| (a.created_ms, &a.id).cmp(&(b.created_ms, &b.id)));
    truth.records = activities.len();
    Tenant { profile: cast.profile, activities, truth }
}

/// Writes events down.
struct Scribe<'c> {
    cast: &'c Cast,
    window: Window,
    page: String,
    activities: Vec<StoredActivity>,
}

impl Scribe<'_> {
    /// Writes an event down: once, or twice when it is delivered twice.
    fn write(&mut self, event: &Event) {
        let Self { cast, window, page, activities } = self;
        let again =
            event.quirks.redelivered.then(|| envelope::wrap(cast, window, event, Delivery::Again, page)).flatten();
        let first = if again.is_some() { Delivery::Early } else { Delivery::Only };
        activities.extend(envelope::wrap(cast, window, event, first, page));
        activities.extend(again);
    }
}

/// What the tenant is made from. The same options give the same tenant, byte for byte.
#[derive(Debug, Clone)]
pub struct StoryOptions {
    /// Seed of the generator.
    pub seed: u64,
    /// How many activities the tenant holds; internal noise fills what the story leaves.
    pub records: usize,
    /// Over how many days before `now_ms` the story runs.
    pub days: u32,
    /// The end of the story, in milliseconds since 1970-01-01 UTC.
    pub now_ms: i64,
}

/// The whole tenant.
#[derive(Debug)]
pub struct Tenant {
    /// Who the tenant is.
    pub profile: Profile,
    /// Every activity, ascending by (`created_ms`, `id`).
    pub activities: Vec<StoredActivity>,
    /// What happened, told by the story and never computed from the records.
    pub truth: Truth,
}

/// Names and numbers of the tenant.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Short name: `contoso`.
    pub name: String,
    /// Entra tenant id, a GUID.
    pub tenant_id: String,
    /// Accepted domains, `contoso.example` and `contoso.onmicrosoft.com` among them.
    pub internal_domains: Vec<String>,
    /// Defender's own number of the tenant: `97134000`.
    pub defender_tenant_number: u64,
}

/// One activity as Defender for Cloud Apps keeps it, with the fields that its filters look at.
#[derive(Debug, Clone)]
pub struct StoredActivity {
    /// `_id`: `<tenant number>_<app id>_<audit record id>`.
    pub id: String,
    /// When Defender stored it.
    pub created_ms: i64,
    /// When it happened.
    pub timestamp_ms: i64,
    /// `appId`: 20892 SharePoint Online, 15600 OneDrive, 28375 Teams, 11161 Microsoft 365.
    pub app_id: u32,
    /// The activity's JSON text, exactly as a list answer holds it.
    pub json: Arc<str>,
    /// Where in `json` the value of `rawDataJson` stands: the audit record itself.
    pub audit: std::ops::Range<usize>,
}

impl StoredActivity {
    /// The audit record inside, as Defender keeps it: `CreationTime` has seven decimals and a `Z`.
    pub fn audit_json(&self) -> &str {
        &self.json[self.audit.clone()]
    }

    /// The audit record as the Management API would deliver it: `CreationTime` has neither fraction nor zone.
    pub fn feed_json(&self) -> String {
        feed_json(self.audit_json())
    }
}

/// An audit record of Defender's copy, as the Management API would deliver it.
pub(crate) fn feed_json(audit: &str) -> String {
    // `CreationTime` is the record's first member, so the first match is its end.
    audit.replacen(records::FRACTION_AND_ZONE, "", 1)
}
