//! Actors: every form in which records name somebody, with the verdict under the configured domains.

use std::collections::HashMap;
use std::fmt::Write;

use rusqlite::{Connection, OptionalExtension};
use trail::client::ClientKind;
use trail::identity::{self, Domains, Person};
use trail::operation;

use super::text::{Decoder, Encoder};
use super::{StoreError, codes};

/// Entries of the cache; when it is full it is emptied.
const CACHE_ENTRIES_MAX: usize = 64 * 1024;
/// The same of user agents, which are longer.
const CLIENTS_MAX: usize = 4 * 1024;
/// And of operations, of which there are a few hundred.
const OPERATIONS_MAX: usize = 4 * 1024;

/// One form of an actor, as the store numbers it.
#[derive(Debug, Clone)]
pub(super) struct Actor {
    pub(super) id: i64,
    /// Number of the canonical identity.
    pub(super) person: i64,
    /// The verdict.
    pub(super) verdict: Person,
}

/// Form → actor.
#[derive(Debug, Default)]
pub(super) struct Actors {
    cache: HashMap<String, Actor>,
    form: String,
    /// User agent → kind: there are few, and telling the kind means searching each for eighteen parts.
    clients: HashMap<Box<str>, ClientKind>,
    /// Operation → whether it is kept whoever did it, for the same reason.
    operations: HashMap<Box<str>, bool>,
}

impl Actors {
    /// The actor of a record, added if its form is new.
    pub(super) fn of(
        &mut self,
        db: &Connection,
        texts: &mut Encoder,
        activity: &trail::Activity<'_>,
        domains: &Domains,
    ) -> Result<Actor, StoreError> {
        let user_id = activity.user_id.as_deref();
        let anonymous = user_id.is_some_and(|id| id.eq_ignore_ascii_case("anonymous"));
        // The address tells only nameless visitors apart; for everybody else it would multiply the forms.
        let ip = activity.client_ip.as_deref().filter(|_| anonymous);
        self.write_form(user_id, activity.user_type, ip);
        if let Some(actor) = self.cache.get(&self.form) {
            return Ok(actor.clone());
        }
        let verdict = identity::actor(user_id, activity.user_type, ip, domains);
        let person = texts.number(db, &verdict.canonical)?;
        let form = texts.number(db, &self.form)?;
        let known: Option<i64> = db
            .prepare_cached("SELECT id FROM actor WHERE form = ?1")?
            .query_row([form], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => {
                db.prepare_cached(
                    "INSERT INTO actor (form, user_id, user_type, ip, person, domain, kind, basis, inside)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute((
                    form,
                    texts.optional(db, user_id)?,
                    activity.user_type,
                    texts.optional(db, ip)?,
                    person,
                    texts.optional(db, verdict.domain.as_deref())?,
                    codes::person_kind(verdict.kind),
                    verdict.basis.map(codes::person_basis),
                    verdict.is_known_inside(),
                ))?;
                db.last_insert_rowid()
            }
        };
        let actor = Actor { id, person, verdict };
        if self.cache.len() >= CACHE_ENTRIES_MAX {
            self.cache.clear();
        }
        self.cache.insert(self.form.clone(), actor.clone());
        Ok(actor)
    }

    /// Whether somebody is known to be inside, as far as is at hand: `false` for whoever was not met lately.
    pub(super) fn is_known_inside(&mut self, user_id: Option<&str>, user_type: Option<i64>) -> bool {
        // A nameless visitor's form has an address in it, so it is never found here.
        self.write_form(user_id, user_type, None);
        self.cache.get(&self.form).is_some_and(|actor| actor.verdict.is_known_inside())
    }

    /// Whether records of an operation are kept whoever wrote them.
    pub(super) fn matters(&mut self, operation: &str) -> bool {
        if let Some(matters) = self.operations.get(operation) {
            return *matters;
        }
        let matters = operation::is_relevant(operation::classify(operation));
        if self.operations.len() >= OPERATIONS_MAX {
            self.operations.clear();
        }
        self.operations.insert(operation.into(), matters);
        matters
    }

    fn write_form(&mut self, user_id: Option<&str>, user_type: Option<i64>, ip: Option<&str>) {
        self.form.clear();
        let user_type = user_type.unwrap_or(-1);
        // Writing into a String cannot fail.
        let _ = write!(self.form, "{}\n{user_type}\n{}", user_id.unwrap_or_default(), ip.unwrap_or_default());
    }

    /// The kind of program that a user agent names.
    pub(super) fn client(&mut self, user_agent: Option<&str>) -> ClientKind {
        let Some(user_agent) = user_agent else { return ClientKind::of(None) };
        if let Some(kind) = self.clients.get(user_agent) {
            return *kind;
        }
        let kind = ClientKind::of(Some(user_agent));
        if self.clients.len() >= CLIENTS_MAX {
            self.clients.clear();
        }
        self.clients.insert(user_agent.into(), kind);
        kind
    }

    /// Judges every known form again: the configured domains have changed.
    pub(super) fn judge_again(
        &mut self,
        db: &Connection,
        texts: &mut Encoder,
        domains: &Domains,
    ) -> Result<(), StoreError> {
        self.clear();
        let mut decoder = Decoder::default();
        let mut after = 0;
        loop {
            let Some(form) = next_form(db, after)? else { return Ok(()) };
            let Form { id, user_type, .. } = form;
            let user_id = decoder.optional(db, form.user_id)?;
            let ip = decoder.optional(db, form.ip)?;
            let verdict = identity::actor(user_id.as_deref(), user_type, ip.as_deref(), domains);
            db.prepare_cached(
                "UPDATE actor SET person = ?2, domain = ?3, kind = ?4, basis = ?5, inside = ?6 WHERE id = ?1",
            )?
            .execute((
                id,
                texts.number(db, &verdict.canonical)?,
                texts.optional(db, verdict.domain.as_deref())?,
                codes::person_kind(verdict.kind),
                verdict.basis.map(codes::person_basis),
                verdict.is_known_inside(),
            ))?;
            after = id;
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.cache.clear();
    }
}

/// A form as it was seen.
struct Form {
    id: i64,
    user_id: Option<i64>,
    user_type: Option<i64>,
    ip: Option<i64>,
}

fn next_form(db: &Connection, after: i64) -> Result<Option<Form>, StoreError> {
    Ok(db
        .prepare_cached("SELECT id, user_id, user_type, ip FROM actor WHERE id > ?1 ORDER BY id LIMIT 1")?
        .query_row([after], |row| {
            Ok(Form { id: row.get(0)?, user_id: row.get(1)?, user_type: row.get(2)?, ip: row.get(3)? })
        })
        .optional()?)
}
