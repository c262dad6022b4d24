//! The rules of a tenant, ready for its store: domains, what is kept, what counts as classified, how accesses are matched.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use trail::classification::{Catalogue, Rules};
use trail::identity::Domains;

use crate::config::settings::{Classification, Directory, Settings, Tenant};
use crate::places::{Places, PlacesUnreadable};
use crate::store::{Learnt, Policy};

/// A file of labels is no larger than this; a tenant has hundreds of labels at most.
const LABELS_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The file of labels cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the labels of tenant.classification.labels_file cannot be read from {}: {source}", path.display())]
pub struct LabelsUnreadable {
    path: PathBuf,
    source: io::Error,
}

/// The places of addresses, if a file of them is configured: one for all tenants.
///
/// # Errors
/// The file cannot be used.
pub fn places(settings: &Settings) -> Result<Option<Arc<Places>>, PlacesUnreadable> {
    settings.places.as_deref().map(|path| Places::open(path).map(Arc::new)).transpose()
}

/// The rules of a tenant, with what was learnt from the directory where the configuration wants it.
///
/// # Errors
/// The file of labels cannot be read. Lines of it that make no label are told and left out.
pub fn policy(tenant: &Tenant, learnt: &Learnt, places: Option<Arc<Places>>) -> Result<Policy, LabelsUnreadable> {
    let wanted = |wants: fn(&Directory) -> bool| tenant.directory.as_ref().is_some_and(wants);
    let mut internal = tenant.internal_domains.clone();
    if wanted(|directory| directory.domains) {
        internal.extend(learnt.domains.iter().filter(|domain| !tenant.internal_domains.contains(domain)).cloned());
    }
    let labels = if wanted(|directory| directory.labels) { learnt.labels.clone() } else { Catalogue::default() };
    Ok(Policy {
        domains: Domains::new(internal, tenant.trusted_domains.clone()),
        keep: tenant.keep,
        organization: trail::id::guid(&tenant.tenant_id),
        classification: rules(&tenant.classification, labels)?,
        matching: tenant.matching,
        teams: tenant.teams.clone(),
        places,
    })
}

fn rules(settings: &Classification, listed: Catalogue) -> Result<Rules, LabelsUnreadable> {
    let of_file = settings.labels_file.as_deref().map(labels).transpose()?.unwrap_or_default();
    let labels = listed.overridden_by(of_file);
    Ok(Rules {
        classified_labels: Rules::label_set(settings.classified_labels.iter().map(String::as_str)),
        order_min: settings.order_min,
        classified_policies: Rules::label_set(settings.classified_policies.iter().map(String::as_str)),
        declared: settings.declared.clone(),
        lower_label_lowers_declared: settings.lower_label_lowers_declared,
        labels,
    })
}

fn labels(path: &Path) -> Result<Catalogue, LabelsUnreadable> {
    let unreadable = |source| LabelsUnreadable { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(unreadable)?.len() > LABELS_BYTES_MAX {
        return Err(unreadable(io::Error::other("it is larger than 4 MiB, so it is no list of labels")));
    }
    let (catalogue, problems) = Catalogue::parse(&std::fs::read_to_string(path).map_err(unreadable)?);
    for problem in problems {
        tracing::warn!(file = %path.display(), line = problem.line, "left out: {}", problem.what);
    }
    Ok(catalogue)
}
