//! Which domains are inside when none is configured: what the whole store shows, for [`trail::identity::infer_internal`].

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use trail::identity::{self, DomainSeen, PersonBasis};

use super::text::Decoder;
use super::{StoreError, codes};

/// The domains that the records themselves show to be ours, sorted.
pub(super) fn internal_domains(db: &Connection) -> Result<Vec<String>, StoreError> {
    let mut texts = Decoder::default();
    let mut seen: BTreeMap<String, DomainSeen> = BTreeMap::new();
    let mut tenants = BTreeSet::new();
    let mut homes = BTreeSet::new();
    let mut statement = db.prepare(
        "SELECT user_id, domain, basis, site, sum(records)
         FROM (SELECT actor, site, count(*) AS records FROM activity GROUP BY actor, site)
         JOIN actor ON actor.id = actor GROUP BY user_id, domain, basis, site",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let user_id = texts.optional(db, row.get(0)?)?.unwrap_or_default();
        let domain = texts.optional(db, row.get(1)?)?;
        let plain = row.get::<_, Option<i64>>(2)?.map(codes::person_basis_of) == Some(PersonBasis::ForeignDomain);
        let site = texts.optional(db, row.get(3)?)?.unwrap_or_default();
        tenants.extend(identity::sharepoint_tenant(&site));
        homes.extend(identity::guest_home(&user_id));
        if let Some(domain) = domain.filter(|_| plain) {
            let entry = seen.entry(domain.to_string()).or_default();
            entry.records += row.get::<_, i64>(4)?.unsigned_abs();
            entry.owns_onedrive |= identity::owns_onedrive(&user_id, &site);
        }
    }
    let members = member_domains(db, &mut texts)?;
    let observed = seen.into_iter().map(|(domain, seen)| {
        let label = domain.split('.').next().unwrap_or_default();
        DomainSeen {
            is_guest_home: homes.contains(&domain),
            is_sharepoint_tenant: domain.strip_suffix(".onmicrosoft.com").is_some_and(|name| tenants.contains(name)),
            shares_tenant_name: tenants.contains(label),
            has_member_targets: members.contains(&domain),
            domain,
            ..seen
        }
    });
    Ok(identity::infer_internal(observed))
}

/// Domains of people who were targeted as members.
fn member_domains(db: &Connection, texts: &mut Decoder) -> Result<BTreeSet<String>, StoreError> {
    let mut domains = BTreeSet::new();
    let mut statement = db.prepare(
        "SELECT DISTINCT target FROM activity
         WHERE target_kind IN (SELECT id FROM text WHERE value = 'member') AND target IS NOT NULL",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let target = texts.text(db, row.get(0)?)?;
        domains.extend(target.rsplit_once('@').map(|(_, domain)| domain.to_owned()));
    }
    Ok(domains)
}
