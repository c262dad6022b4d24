//! An activity as a row of numbers: what is derived from its records, and how it is written.

use rusqlite::{Connection, params};
use trail::access::{self, Exclusion, Zip};
use trail::client::ClientKind;
use trail::identity::{Domains, PersonKind};
use trail::operation::{self, Class};
use trail::record::{self, lower_id};
use trail::site_policy::PolicyChange;
use trail::{Activity, Record, identity, item, share};

use super::actor::{Actor, Actors};
use super::key::Key;
use super::text::Encoder;
use super::{Policy, StoreError, codes};
use crate::config::settings::Keep;
use crate::places::Place;

/// What the records of one id say, judged under the policy, before strings become numbers.
pub(super) struct Judged<'a> {
    pub(super) activity: &'a Activity<'a>,
    pub(super) key: Key,
    actor: Actor,
    class: Class,
    client: ClientKind,
    item: Option<item::Item<'a>>,
    verdict: Result<operation::Action, Exclusion>,
}

/// The numbers that tell which conclusions an activity takes part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) person: i64,
    pub(super) item: Option<i64>,
    pub(super) path: Option<i64>,
    pub(super) destination: Option<i64>,
    pub(super) makes_access: bool,
    pub(super) roles: Roles,
    pub(super) gesture: Option<i64>,
    pub(super) labelled: bool,
    pub(super) zip: Option<i64>,
    pub(super) accept: bool,
    /// Nobody knows who it was: other records of the same visitor tell where they came from.
    pub(super) anonymous: bool,
    pub(super) time: Option<i64>,
    pub(super) site: Option<i64>,
    pub(super) site_label: Option<i64>,
}

/// What an activity means for the conclusions of others: a set, as bits of one number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Roles(pub(super) i64);

impl Roles {
    /// It tells of a way in.
    pub(super) const SHARING: i64 = 1;
    /// It moved or deleted the item, or changed who may reach it ([`trail::share::item_change`]).
    pub(super) const ITEM_CHANGE: i64 = 2;
    /// It tells of the item's or the site's label.
    pub(super) const LABEL: i64 = 4;
    /// It made the item.
    pub(super) const CREATION: i64 = 8;
    /// It tells of the site's label.
    pub(super) const SITE_LABEL: i64 = 16;
    /// It changed who may reach the item, for the one whom it names alone.
    pub(super) const NAMED_CHANGE: i64 = 32;
    /// It tells from where an anonymous visitor came.
    pub(super) const VISIT: i64 = 64;
    /// It tells of content policies that match what stands in the item.
    pub(super) const CONTENT: i64 = 128;

    fn of(judged: &Judged<'_>, domains: &Domains) -> Self {
        let (class, operation) = (judged.class, judged.activity.operation.as_ref());
        let is_any = |names: &[&str]| names.iter().any(|name| operation.eq_ignore_ascii_case(name));
        let sharing = class.is_sharing() || matches!(class, Class::Membership | Class::SiteAdministration);
        // What may end or change a way in without naming it (`trail::share::item_change`) says it of the item.
        let may_change = matches!(
            class,
            Class::Move
                | Class::Delete
                | Class::Restore
                | Class::ShareEnd
                | Class::ShareChange
                | Class::AccessRequest
                | Class::SiteAdministration
                | Class::Membership
        );
        let record = may_change.then(|| Record::of(judged.activity, domains)).flatten();
        let change = record.as_ref().and_then(share::item_change);
        // Of several contents with several recipients each is asked for by all.
        let names_one =
            change.as_ref().and_then(|change| change.what.recipients()).is_some() && judged.activity.targets.len() == 1;
        let is_label = class == Class::Label;
        let roles = [
            (Self::SHARING, sharing),
            (Self::ITEM_CHANGE, change.is_some() && !names_one),
            (Self::NAMED_CHANGE, names_one),
            (Self::LABEL, is_label),
            (Self::SITE_LABEL, is_label && operation.starts_with("Site")),
            (Self::VISIT, judged.verdict.is_ok() && judged.actor.verdict.kind == PersonKind::Anonymous),
            (Self::CONTENT, class == Class::Policy),
            (Self::CREATION, is_any(&["FileUploaded", "FileSyncUploadedFull", "FolderCreated"])),
        ];
        Self(roles.into_iter().filter(|(_, is)| *is).map(|(role, _)| role).sum())
    }

    pub(super) fn has(self, role: i64) -> bool {
        self.0 & role != 0
    }
}

impl<'a> Judged<'a> {
    /// Judges an activity.
    pub(super) fn new(
        db: &Connection,
        texts: &mut Encoder,
        actors: &mut Actors,
        activity: &'a Activity<'a>,
        policy: &Policy,
    ) -> Result<Self, StoreError> {
        let actor = actors.of(db, texts, activity, &policy.domains)?;
        let class = operation::classify(&activity.operation);
        let client = actors.client(activity.user_agent.as_deref());
        let item = item::locate(activity);
        let verdict = access::verdict(activity, &actor.verdict, item.as_ref(), class);
        Ok(Self { activity, key: Key::new(activity.time, activity.id), actor, class, client, item, verdict })
    }

    /// Whether the record is kept: decided by the record and the configuration alone.
    pub(super) fn is_kept(&self, keep: Keep) -> bool {
        if self.class == Class::Policy && !operation::is_policy_of_file(self.activity.record_type) {
            return keep == Keep::All;
        }
        keep == Keep::All || operation::is_relevant(self.class) || !self.actor.verdict.is_known_inside()
    }

    /// Item and label that a record shows which is not kept.
    pub(super) fn label_sighting(&self) -> Option<(&str, &str)> {
        Some((self.item.as_ref()?.key.as_str(), label(self.activity.label_id.as_deref())?))
    }

    /// Writes the activity as row `id`, or as a new one; tells its number and what it touches.
    pub(super) fn write(
        &self,
        db: &Connection,
        texts: &mut Encoder,
        id: Option<i64>,
        feeds: i64,
        revision: i64,
        policy: &Policy,
    ) -> Result<(i64, Touched), StoreError> {
        let activity = self.activity;
        let defender = activity.defender.as_ref();
        let item = self.item.as_ref();
        let target = activity.targets.first();
        let recipient = target.map(|target| identity::recipient(target, &policy.domains));
        let id_is_guid = activity.id_text.as_deref().is_none_or(|text| trail::id::guid(text).is_some());
        let number = item.map(|item| texts.number(db, &item.key)).transpose()?;
        let zip = access::zip_of(activity);
        let zip_name = zip.as_ref().map(|zip: &Zip| texts.number(db, &zip.name)).transpose()?;
        let event_type = defender.and_then(|defender| defender.event_type_name.as_deref());
        let roles = Roles::of(self, &policy.domains);
        let path = item.and_then(|item| item.url.as_deref()).map(item::normalise_url);
        let path = texts.optional(db, path.as_deref())?;
        let destination = texts.optional(db, record::destination(activity).as_deref())?;
        let site = texts.optional(db, self.site())?;
        let file_label = texts.optional(db, label(activity.label_id.as_deref()))?;
        let site_label = texts.optional(db, label(activity.site_label_id.as_deref()))?;
        let touched = Touched {
            person: self.actor.person,
            item: number,
            path,
            destination,
            makes_access: self.verdict.is_ok(),
            roles,
            gesture: if roles.has(Roles::SHARING) { Some(self.gesture(db, texts)?) } else { None },
            labelled: file_label.is_some() || site_label.is_some(),
            zip: zip_name,
            accept: operation::is_accept(&activity.operation, event_type),
            anonymous: self.actor.verdict.kind == PersonKind::Anonymous,
            time: activity.time.map(trail::TimeMs::millis),
            site,
            site_label,
        };
        let place = self.place(policy);
        // Ids of sessions and clicks are a multitude, and only these records are tied together by them.
        let is_tied = touched.makes_access || touched.gesture.is_some() || zip_name.is_some();
        // Not as one statement: for that, SQLite copies every page that it touches, so as to take it back.
        if let Some(id) = id {
            db.prepare_cached("DELETE FROM activity WHERE id = ?1")?.execute([id])?;
        }
        db.prepare_cached(INSERT)?.execute(params![
            id,
            self.key.0,
            activity.id.0,
            texts.optional(db, activity.id_text.as_deref().filter(|_| !id_is_guid))?,
            activity.time.map(trail::TimeMs::millis),
            texts.optional(db, Some(activity.operation.as_ref()).filter(|operation| !operation.is_empty()))?,
            texts.optional(db, activity.workload.as_deref())?,
            self.actor.id,
            self.actor.person,
            number,
            self.verdict.as_ref().ok().map(|action| codes::action(*action)),
            self.verdict.as_ref().err().map(|exclusion| codes::exclusion(*exclusion)),
            operation::is_extended(&activity.operation),
            touched.accept,
            texts.optional(db, item.and_then(|item| item.url.as_deref()))?,
            path,
            texts.optional(db, item.and_then(|item| item.name.as_deref()))?,
            texts.optional(db, item.and_then(|item| item.item_type.as_deref()))?,
            site,
            roles.0,
            touched.gesture,
            texts.optional(db, recipient.as_ref().map(|recipient| recipient.canonical.as_str()))?,
            texts.optional(db, recipient.as_ref().and_then(|recipient| recipient.kind.as_str()))?,
            destination,
            texts.optional(db, activity.sharing_link_scope.as_deref())?,
            texts.optional(db, activity.event_data.as_deref())?,
            texts.optional(db, activity.sharing_id.as_deref().map(lower_id).as_deref())?,
            file_label,
            site_label,
            texts.optional(db, activity.policies.as_deref())?,
            texts.optional(db, self.changes().as_deref())?,
            texts.optional(db, activity.client_ip.as_deref())?,
            codes::client_kind(self.client),
            texts.optional(db, activity.user_agent.as_deref())?,
            texts.optional(db, activity.app.as_deref())?,
            activity.managed_device,
            texts.optional(db, place.country.as_deref())?,
            texts.optional(db, place.city.as_deref())?,
            defender.and_then(|defender| defender.says_external),
            zip_name,
            zip.is_some_and(|zip| zip.is_own_record),
            // Nearly every record has others of these; only what belongs to an archive is told apart by them.
            texts.optional(db, activity.correlation_id.as_deref().filter(|_| is_tied))?,
            texts.optional(db, activity.session_id.as_deref().filter(|_| is_tied))?,
            feeds,
            revision,
        ])?;
        let id = id.unwrap_or_else(|| db.last_insert_rowid());
        if roles.has(Roles::SHARING) {
            self.write_targets(db, texts, id)?;
            if let Some(text) = activity.id_text.as_deref().filter(|_| !id_is_guid) {
                db.prepare_cached("INSERT OR IGNORE INTO odd_id (record_id, id_text) VALUES (?1, ?2)")?
                    .execute((activity.id.0, texts.number(db, text)?))?;
            }
        }
        Ok((id, touched))
    }

    /// Where the person was: as Defender says, which sees more than the address, else by the address.
    fn place(&self, policy: &Policy) -> Place {
        let defender = self.activity.defender.as_ref();
        let text = |text: Option<&std::borrow::Cow<'_, str>>| text.map(|text| text.to_string());
        let Activity { country, city, .. } = self.activity;
        // Of two tellings one is taken whole, so that no city stands in another country.
        let by_envelope = Place {
            country: text(defender.and_then(|defender| defender.country.as_ref())),
            city: text(defender.and_then(|defender| defender.city.as_ref())),
        };
        let by_columns = Place { country: text(country.as_ref()), city: text(city.as_ref()) };
        let told = if by_envelope == Place::default() { by_columns } else { by_envelope };
        let is_told = told != Place::default();
        if is_told || !trail::client::tells_place(self.client, self.activity.user_agent.as_deref()) {
            return told;
        }
        let address = self.activity.client_ip.as_deref();
        policy.places.as_ref().zip(address).and_then(|(places, address)| places.of(address)).unwrap_or_default()
    }

    /// The site; an event of a site's label may name it as its object and nowhere else.
    fn site(&self) -> Option<&str> {
        let item = self.item.as_ref()?;
        let is_of_site = || self.class == Class::Label && self.activity.operation.starts_with("Site");
        item.site_url.as_deref().or_else(|| item.url.as_deref().filter(|_| is_of_site()))
    }

    /// What an administrator changed about how sites may be shared, one property a line.
    fn changes(&self) -> Option<String> {
        let json = self.activity.modified_properties.as_deref().filter(|_| self.class == Class::SiteAdministration)?;
        let lines: Vec<String> = PolicyChange::all(json).iter().map(ToString::to_string).collect();
        Some(lines.join("\n")).filter(|lines| !lines.is_empty())
    }

    /// What the records of one click have in common: the correlation, else who did it to what.
    fn gesture(&self, db: &Connection, texts: &mut Encoder) -> Result<i64, StoreError> {
        match self.activity.correlation_id.as_deref() {
            Some(correlation) => texts.number(db, &lower_id(correlation)),
            None => {
                let item = self.item.as_ref().map_or("", |item| item.key.as_str());
                texts.number(db, &format!("{}\n{item}", self.actor.verdict.canonical))
            }
        }
    }

    fn write_targets(&self, db: &Connection, texts: &mut Encoder, id: i64) -> Result<(), StoreError> {
        db.prepare_cached("DELETE FROM target WHERE activity = ?1")?.execute([id])?;
        for target in &self.activity.targets {
            db.prepare_cached("INSERT OR IGNORE INTO target (activity, name, kind) VALUES (?1, ?2, ?3)")?.execute((
                id,
                texts.number(db, &target.name)?,
                texts.number(db, target.kind.as_deref().unwrap_or_default())?,
            ))?;
        }
        Ok(())
    }
}

/// The empty GUID is how some records write that there is no label.
pub(super) fn label(id: Option<&str>) -> Option<&str> {
    id.filter(|id| !id.bytes().all(|byte| matches!(byte, b'0' | b'-' | b'{' | b'}')))
}

const INSERT: &str = "INSERT INTO activity (
    id, key, record_id, id_text, time, operation, workload, actor, person, item, action, exclusion, extended, accept,
    url, path, name, item_type, site, roles, gesture, target, target_kind, destination, scope, event_data, link, label,
    site_label, policies, changes, ip, client_kind, user_agent, app, managed, country, city, says_external, zip, own_zip, correlation,
    session, feeds, revision
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
    ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42, ?43, ?44, ?45
)";
