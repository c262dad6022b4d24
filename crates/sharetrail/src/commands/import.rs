//! `import FILE…`: exported audit files into the store, without a configuration and without any cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use trail::fold::Source;
use trail::identity::Domains;

use super::{Context, now};
use crate::cli;
use crate::config::settings::{Keep, Settings, StoreSettings, Tenant};
use crate::exit::{Failure, Outcome};
use crate::places::Places;
use crate::policy;
use crate::progress::{Progress, tell};
use crate::report::plain;
use crate::sources::files::{self, Entry, Input};
use crate::stdout::print_line;
use crate::store::{Advance, Arrival, Feed, PageCount, Place, Store, StoreError};

/// How a problem begins for which something was not taken.
const REJECTED: &str = "rejected: ";
/// Records taken in one transaction, and their size: what is in memory of a file.
const PAGE_RECORDS: usize = 5_000;
const PAGE_BYTES: usize = 8 * 1024 * 1024;

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
        let import = Import {
            store: &mut store,
            feed: &feed,
            page: Page::default(),
            count: PageCount::default(),
            first_places: BTreeMap::new(),
        };
        let summary = import.file(input)?;
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

/// What became of one file, as `--json` prints it.
#[derive(Debug, Serialize)]
struct FileSummary {
    file: String,
    records: u64,
    distinct: u64,
    stored: u64,
    known: u64,
    not_kept: u64,
    rejected: u64,
    problems: BTreeMap<String, u64>,
    #[serde(skip)]
    organizations: BTreeSet<String>,
}

impl FileSummary {
    /// What was rejected is no result: it is told on standard error, whoever takes the summary.
    fn warn(&self) {
        for (problem, times) in self.problems.iter().filter(|(problem, _)| problem.starts_with(REJECTED)) {
            tell(&format!("{}: {times} × {}", plain(&self.file), plain(problem)));
        }
    }

    fn print(&self) -> std::io::Result<()> {
        print_line(&format!(
            "{}: {} records, {} different: {} stored, {} known before, {} not kept; {} rejected",
            plain(&self.file),
            self.records,
            self.distinct,
            self.stored,
            self.known,
            self.not_kept,
            self.rejected
        ))?;
        for (problem, times) in self.problems.iter().filter(|(problem, _)| !problem.starts_with(REJECTED)) {
            print_line(&format!("    {times} × {}", plain(problem)))?;
        }
        Ok(())
    }
}

/// One file on its way into the store.
struct Import<'a> {
    store: &'a mut Store,
    feed: &'a Feed,
    page: Page,
    count: PageCount,
    /// Where each reason for a rejection was met first.
    first_places: BTreeMap<String, files::Place>,
}

/// What was read and is not stored yet.
#[derive(Default)]
struct Page {
    read: Vec<Read>,
    bytes: usize,
}

/// One thing that was read: a record's text, or what was rejected and why.
struct Read {
    text: Result<String, (Vec<u8>, String)>,
    place: files::Place,
}

impl Import<'_> {
    fn file(mut self, input: &Input) -> Result<FileSummary, Failure> {
        self.store.begin_file()?;
        let progress = Progress::bytes(input.bytes(), &input.to_string());
        let summary = files::read(input, &mut |bytes| progress.inc(bytes), &mut |entry| self.entry(input, entry))?;
        self.store_page(input)?;
        progress.finish();
        for remark in &summary.remarks {
            tell(&format!("{input}: {remark}"));
        }
        if self.count.records == 0 && self.count.rejected == 0 {
            self.count.rejected = 1;
            self.count.reasons.insert("the file holds no audit records".to_owned(), 1);
        }
        Ok(self.summary(input))
    }

    fn entry(&mut self, input: &Input, entry: Entry<'_>) -> Result<(), Failure> {
        let read = match entry {
            Entry::Record { text, place } => Read { text: Ok(text.to_owned()), place },
            Entry::Rejected { place, reason, raw } => {
                self.first_places.entry(reason.clone()).or_insert_with(|| place.clone());
                Read { text: Err((raw.to_owned(), reason)), place }
            }
        };
        self.page.bytes += read.text.as_ref().map_or_else(|(raw, _)| raw.len(), String::len);
        self.page.read.push(read);
        if self.page.read.len() >= PAGE_RECORDS || self.page.bytes >= PAGE_BYTES {
            self.store_page(input)?;
        }
        Ok(())
    }

    fn store_page(&mut self, input: &Input) -> Result<(), StoreError> {
        let page = std::mem::take(&mut self.page);
        let mut names = Names::new(input);
        let files: Vec<Arc<str>> = page.read.iter().map(|read| names.of(read.place.member.as_ref())).collect();
        let arrivals = page.read.iter().zip(&files).map(|(read, file)| {
            let place = Place { file, line: read.place.line };
            match &read.text {
                Ok(raw) => Arrival::FileRecord { raw, place },
                Err((raw, reason)) => Arrival::Rejected { raw, reason, place: Some(place) },
            }
        });
        self.count.add(&self.store.take_page(self.feed, arrivals, Advance::Stay, now())?);
        Ok(())
    }

    fn summary(self, input: &Input) -> FileSummary {
        let Self { count, first_places, .. } = self;
        let told = |reason: &String, times: u64| match first_places.get(reason) {
            None => format!("{REJECTED}{reason}"),
            Some(place) if times == 1 => format!("{REJECTED}{place}: {reason}"),
            Some(place) => format!("{REJECTED}{reason}; first in {place}"),
        };
        let mut problems: BTreeMap<String, u64> =
            count.problems.iter().map(|(kind, times)| ((*kind).to_owned(), *times)).collect();
        problems.extend(count.reasons.iter().map(|(reason, times)| (told(reason, *times), *times)));
        FileSummary {
            file: input.to_string(),
            records: count.records,
            distinct: count.distinct,
            stored: count.stored,
            known: count.known,
            not_kept: count.not_kept,
            rejected: count.rejected,
            problems,
            organizations: count.organizations,
        }
    }
}

/// Names of files as places tell them: the same text for all records of one file.
struct Names {
    input: Arc<str>,
    member: Option<Arc<str>>,
    joined: Arc<str>,
}

impl Names {
    fn new(input: &Input) -> Self {
        let input: Arc<str> = match input {
            Input::Stdin => "standard input".into(),
            Input::File(_) => input.to_string().into(),
        };
        Self { joined: input.clone(), input, member: None }
    }

    fn of(&mut self, member: Option<&Arc<str>>) -> Arc<str> {
        if self.member.as_ref() != member {
            self.member = member.cloned();
            self.joined = match member {
                Some(member) => format!("{member} in {}", self.input).into(),
                None => self.input.clone(),
            };
        }
        self.joined.clone()
    }
}
