//! An emulated organisation, and a folder with the configuration that reaches it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::LazyLock;

use emulator::faults::{Fault, Route};
use emulator::story::{Profile, Tenant, Truth};
use emulator::{Emulator, Endpoints, Options, RouteCounters};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::{Access, Configuration, Ended, Folder, now_ms, reported, seeded, standing, told, until};

/// Emulators of all tests live on it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Stops with the test.
pub struct Lab {
    pub emulator: Emulator,
    pub profile: Profile,
    pub truth: Truth,
    pub folder: Folder,
}

impl Lab {
    /// A seeded tenant behind services that behave.
    pub fn seeded(seed: u64, records: usize) -> Lab {
        Lab::of(seeded(seed, records, now_ms()))
    }

    /// A given tenant.
    pub fn of(tenant: Tenant) -> Lab {
        Lab::with(tenant, |_| {})
    }

    /// A given tenant behind services with changed options. Defender's limit is lifted: its minute is not ours to wait.
    pub fn with(tenant: Tenant, change: impl FnOnce(&mut Options)) -> Lab {
        let (profile, truth) = (tenant.profile.clone(), tenant.truth.clone());
        let mut options = Options::new(tenant);
        options.defender.requests_per_minute = None;
        options.ingestion.columns = sharetrail::commands::emulate::columns();
        change(&mut options);
        let emulator = RUNTIME.block_on(Emulator::start(options)).unwrap();
        let lab = Lab { emulator, profile, truth, folder: Folder::new() };
        lab.configure(|configuration| configuration);
        lab
    }

    pub fn endpoints(&self) -> &Endpoints {
        self.emulator.endpoints()
    }

    /// Writes `sharetrail.toml`: the usual one with these changes.
    pub fn configure(&self, change: impl FnOnce(Configuration) -> Configuration) {
        let usual = Configuration::of(self.endpoints(), &self.profile, &self.folder);
        self.folder.write("sharetrail.toml", change(usual).text());
    }

    /// From now on these happen, each written as on the command line.
    pub fn play(&self, faults: &[&str]) {
        self.emulator.set_faults(faults.iter().map(|fault| fault.parse::<Fault>().unwrap()).collect());
    }

    pub fn collect(&self) -> Ended {
        self.folder.run(["collect"])
    }

    /// What the emulator counted at one service.
    pub fn traffic(&self, route: Route) -> RouteCounters {
        self.emulator.counters().routes.remove(&route).unwrap_or_default()
    }

    /// Waits until nothing is under way of what a client asked for that is dead now: not even a request that lies in the
    /// socket of a connection that was not accepted yet. Connections are accepted in order, so one of our own tells.
    pub fn until_the_emulator_is_idle(&self) {
        let https = &self.endpoints().https;
        let mut own = TcpStream::connect((https.host_str().unwrap(), https.port().unwrap())).unwrap();
        own.write_all(b"no handshake").unwrap();
        // Refused with an alert, and closed; perhaps with a reset.
        let _ = own.read_to_end(&mut Vec::new());
        drop(own);
        until("the emulator is idle", || self.emulator.is_idle());
    }

    /// Every row that arrived in the table of accesses, in order.
    pub fn arrived(&self) -> Vec<Value> {
        self.rows("ShareTrailAccess_CL")
    }

    /// Every row that arrived in a table, in order.
    pub fn rows(&self, table: &str) -> Vec<Value> {
        self.emulator.rows(table).iter().map(|row| serde_json::from_str(row).unwrap()).collect()
    }

    /// The report and the workspace both equal what really happened.
    #[track_caller]
    pub fn assert_all_is_told(&self) {
        let expected = told(&self.truth);
        assert!(!expected.is_empty());
        assert_same(&reported(&self.folder.report("access")), &expected);
        let delivered: Vec<Value> = standing(&self.arrived()).iter().map(super::as_reported).collect();
        assert_same(&reported(&delivered), &expected);
    }
}

/// Names the first difference, since two lists of hundreds say nothing.
#[track_caller]
fn assert_same(found: &[Access], expected: &[Access]) {
    if let Some(missing) = expected.iter().find(|access| !found.contains(access)) {
        let near: Vec<_> =
            found.iter().filter(|access| access.records.iter().any(|id| missing.records.contains(id))).collect();
        panic!("not found: {missing:#?}\nnear to it: {near:#?}");
    }
    if let Some(surplus) = found.iter().find(|access| !expected.contains(access)) {
        panic!("not in the story: {surplus:#?}");
    }
    assert_eq!(found.len(), expected.len(), "something is told twice");
}
