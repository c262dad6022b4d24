//! The Office 365 Management Activity API: subscriptions, lists of blobs, blobs of audit records.
//!
//! Sources: Microsoft: "Office 365 Management Activity API reference" (operations, errors), "… FAQ and troubleshooting".
//! What practitioners have seen and the pages leave out is marked where it is decided.

mod blob;
mod content;
mod counters;
mod errors;
mod plan;
mod reordered;
mod stock;
mod subscriptions;
mod synthetic;
mod window;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use hyper::{Method, StatusCode};
use serde_json::json;

pub use counters::{ContentCounters, ManagementCounters};
pub use synthetic::NoTemplates;

use crate::call::{Call, Reply, json};
use crate::options::{ManagementOptions, TenantState};
use crate::services::entra::{Audience, Refusal, Role};
use crate::services::limit::RequestLimit;
use crate::services::management::counters::Ledger;
use crate::services::management::errors::ManagementError;
use crate::services::management::stock::Stock;
use crate::services::management::subscriptions::Subscriptions;
use crate::story::StoredActivity;
use crate::world::{World, locked};

/// Publishers that have a budget of their own; later ones share that of the nameless.
const PUBLISHERS_MAX: usize = 64;

/// The state of this service.
pub(crate) struct Management {
    options: ManagementOptions,
    stock: RwLock<Stock>,
    subscriptions: Mutex<Subscriptions>,
    ledger: Mutex<Ledger>,
    /// By publisher; those who do not name themselves share one.
    limits: Mutex<BTreeMap<String, RequestLimit>>,
}

impl Management {
    pub(crate) fn new(
        options: ManagementOptions,
        activities: &[StoredActivity],
        now_ms: i64,
    ) -> Result<Management, NoTemplates> {
        let stock = match &options.synthetic {
            Some(synthetic) => Stock::synthetic(synthetic, &options, activities, now_ms)?,
            None => Stock::of(activities, &options),
        };
        let subscriptions = Subscriptions::new(&options);
        Ok(Management {
            options,
            stock: RwLock::new(stock),
            subscriptions: Mutex::new(subscriptions),
            ledger: Mutex::default(),
            limits: Mutex::default(),
        })
    }

    /// Adds records while running, in blobs of their own.
    pub(crate) fn append(&self, activities: &[StoredActivity]) {
        self.stock.write().unwrap_or_else(PoisonError::into_inner).append(activities, &self.options);
    }

    /// What was counted, and what there is.
    pub(crate) fn counters(&self) -> ManagementCounters {
        locked(&self.ledger).counters(&self.stock())
    }

    fn stock(&self) -> RwLockReadGuard<'_, Stock> {
        self.stock.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a call of a publisher, or not.
    fn admit(&self, publisher: Option<&str>, now_ms: i64) -> bool {
        let mut limits = locked(&self.limits);
        let name = publisher.unwrap_or_default().to_ascii_lowercase();
        let name = if limits.len() < PUBLISHERS_MAX || limits.contains_key(&name) { name } else { String::new() };
        let limit = limits.entry(name).or_insert_with(|| RequestLimit::new(self.options.requests_per_minute));
        limit.admit(now_ms).is_ok()
    }
}

/// Answers below `/api/v1.0/{tenant}/activity/feed`; addresses of pages have `v1` in it.
pub(crate) fn answer(world: &World, call: &Call, segments: &[&str]) -> Reply {
    served(world, call, segments).unwrap_or_else(|error| error.reply(&world.management.options))
}

fn served(world: &World, call: &Call, segments: &[&str]) -> Result<Reply, ManagementError> {
    let ["api", "v1.0" | "v1", tenant, "activity", "feed", operation @ ..] = segments else {
        return Err(ManagementError::NoSuchOperation);
    };
    if !is_guid(tenant) {
        return Err(ManagementError::TenantNotGuid((*tenant).to_owned()));
    }
    authorize(world, call)?;
    check_tenant(world, tenant)?;
    let publisher = publisher(world, call)?;
    if !world.management.admit(publisher, world.clock.now_ms()) {
        return Err(too_many(call));
    }
    match (operation, &call.method) {
        (["subscriptions", "start"], &Method::POST) => subscriptions::start(world, call),
        (["subscriptions", "stop"], &Method::POST) => subscriptions::stop(world, call),
        (["subscriptions", "list"], &Method::GET) => Ok(subscriptions::list(world)),
        (["subscriptions", "content"], &Method::GET) => content::list(world, call),
        // There are no webhooks here, so nothing was ever sent to one.
        (["subscriptions", "notifications"], &Method::GET) => Ok(json(StatusCode::OK, &json!([]))),
        (["resources", "dlpSensitiveTypes"], &Method::GET) => Ok(json(StatusCode::OK, &json!([]))),
        (["audit", id], &Method::GET) => content::fetch(world, id),
        _ => Err(ManagementError::NoSuchOperation),
    }
}

fn authorize(world: &World, call: &Call) -> Result<(), ManagementError> {
    let role = Some(Role::ActivityFeedRead);
    match world.directory.check(call, Audience::Management, role, world.clock.now_ms()) {
        Ok(_) => Ok(()),
        Err(Refusal::NoRole(_)) => Err(ManagementError::NoRole),
        Err(Refusal::Missing | Refusal::Unknown | Refusal::Expired | Refusal::WrongAudience) => {
            Err(ManagementError::Denied)
        }
    }
}

fn check_tenant(world: &World, tenant: &str) -> Result<(), ManagementError> {
    let own = &world.endpoints.tenant_id;
    if !tenant.eq_ignore_ascii_case(own) {
        return Err(ManagementError::OtherTenant { asked: tenant.to_owned(), own: own.clone() });
    }
    match world.management.options.tenant {
        TenantState::Ready => Ok(()),
        TenantState::AuditingOff => Err(ManagementError::AuditingOff(own.clone())),
        TenantState::Unknown => Err(ManagementError::UnknownTenant(own.clone())),
        TenantState::Misconfigured => Err(ManagementError::MisconfiguredTenant(own.clone())),
    }
}

/// Who wrote the client, as the call says.
fn publisher<'a>(world: &World, call: &'a Call) -> Result<Option<&'a str>, ManagementError> {
    const NAME: &str = "PublisherIdentifier";
    match call.parameter(NAME) {
        Some(publisher) if is_guid(publisher) => Ok(Some(publisher)),
        Some(_) => Err(ManagementError::WrongType { parameter: NAME, expected: "Guid" }),
        None => {
            locked(&world.management.ledger).without_publisher += 1;
            if world.management.options.publisher_required {
                return Err(ManagementError::Missing(NAME));
            }
            Ok(None)
        }
    }
}

fn is_guid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match hyphens.contains(&place) {
            true => byte == b'-',
            false => byte.is_ascii_hexdigit(),
        })
}

fn too_many(call: &Call) -> ManagementError {
    let operation = call.segments().last().copied().unwrap_or_default().to_owned();
    let publisher = call.parameter("PublisherIdentifier").unwrap_or("00000000-0000-0000-0000-000000000000").to_owned();
    ManagementError::TooMany { operation, publisher }
}

/// `AF429`, for scripted faults.
pub(crate) fn too_many_requests(world: &World, call: &Call) -> Reply {
    too_many(call).reply(&world.management.options)
}

/// `AF50000`, for scripted faults.
pub(crate) fn internal_error() -> Reply {
    ManagementError::Internal.reply(&ManagementOptions::default())
}

/// 401: the token is not accepted.
pub(crate) fn denied() -> Reply {
    ManagementError::Denied.reply(&ManagementOptions::default())
}

/// `AF10001`: the token lacks the role.
pub(crate) fn no_role() -> Reply {
    ManagementError::NoRole.reply(&ManagementOptions::default())
}
