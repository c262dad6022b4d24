//! `import FILE…`: exported audit files into the store, without a configuration and without any cloud.
//!
//! * `file.rs`: one file on its way into the store.
//! * `summary.rs`: what became of it, for people and for programs.

mod file;
mod summary;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use trail::fold::Source;
use trail::identity::Domains;

use super::{Context, now};
use crate::cli;
use crate::config::settings::{Keep, Settings, StoreSettings, Tenant};
use crate::exit::{Failure, Outcome};
use crate::places::Places;
use crate::policy;
use crate::progress::tell;
use crate::report::plain;
use crate::sources::files;
use crate::stdout::print_line;
use crate::store::Store;

/// Runs the command.
///
/// # Errors
/// A file that cannot be read, a store that cannot be used.
pub fn run(context: &Context, arguments: &cli::Import) -> Result<Outcome, Failure> {
    let settings = context.settings_if_any()?;
    let path = context.the_store()?;
    let inputs = files::inputs(&arguments.files, &path)?;
    let tenant = settings.as_ref().and_then(|settings| tenant_of(&path, settings));
    if let (None, None, Some(settings)) = (tenant, &context.state, &settings) {
        let example = context.store_path(settings.tenants.first().map_or("contoso", |it| &it.name), 2)?;
        return Err(Failure::usage(format!(
            "the configuration has several tenants; name the store of the one that these records are of with --state, such \
             as {}",
            example.display()
        )));
    }
    let limits = settings.as_ref().map_or_else(StoreSettings::default, |settings| settings.store.clone());
    let places = settings.as_ref().map(policy::places).transpose()?.flatten();
    let mut store = Store::open(&path, tenant.map(|tenant| tenant.name.as_str()), &limits)?;
    adopt_policy(&mut store, arguments, tenant, places)?;
    let feed = store.feed("import", Source::Import, now())?;
    let mut outcome = Outcome::Done;
    let mut organizations = BTreeSet::new();
    for input in &inputs {
        let summary = file::take(&mut store, &feed, input)?;
        if summary.rejected > 0 {
            outcome = Outcome::Partly;
        }
        organizations.extend(summary.organizations.iter().cloned());
        summary.warn();
        if arguments.json { print_line(&serde_json::to_string(&summary)?)? } else { summary.print()? }
    }
    if organizations.len() > 1 {
        let all = organizations.into_iter().collect::<Vec<_>>().join(", ");
        tell(&format!(
            "these records are of several tenants ({}); give each tenant a store of its own with --state",
            plain(&all)
        ));
    }
    while store.reread(now())? {}
    while store.recompute(now())? {}
    Ok(outcome)
}

/// The configured tenant that a store is of: the only one, or the one that the file is named after. Its name and rules
/// hold for what is imported, so that `collect` goes on with the same store.
fn tenant_of<'a>(store: &Path, settings: &'a Settings) -> Option<&'a Tenant> {
    match settings.tenants.as_slice() {
        [only] => Some(only),
        several => several.iter().find(|tenant| store.file_stem().is_some_and(|stem| stem == tenant.name.as_str())),
    }
}

fn adopt_policy(
    store: &mut Store,
    arguments: &cli::Import,
    tenant: Option<&Tenant>,
    places: Option<Arc<Places>>,
) -> Result<(), Failure> {
    let mut policy = store.policy().clone();
    if let Some(tenant) = tenant {
        policy = policy::policy(tenant, &store.learnt()?, places)?;
    }
    if !arguments.internal_domain.is_empty() {
        policy.domains = Domains::new(arguments.internal_domain.clone(), policy.domains.trusted().to_vec());
    }
    policy.keep = match arguments.keep {
        Some(cli::Keep::All) => Keep::All,
        Some(cli::Keep::Relevant) => Keep::Relevant,
        None => policy.keep,
    };
    Ok(store.set_policy(policy, now())?)
}
