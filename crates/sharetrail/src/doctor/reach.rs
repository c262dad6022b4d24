//! Names, connections and certificates of every service, and this machine's clock beside theirs.
//!
//! Each service's address is asked for once, without a token; what it answers does not matter, its header `Date` does.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use url::Url;

use super::Finding;
use crate::config::settings::{Identity, SecretRef, Settings, SignInBy, Sink, Workspace};
use crate::http::{Client, Request, host_and_port};

/// Tokens and signatures are refused from about five minutes on.
const SKEW_SECONDS_MAX: i64 = 300;
/// Worth a word: something keeps the clock badly.
const SKEW_SECONDS_WARN: i64 = 60;

/// What Entra ID publishes of itself to anybody (OpenID Connect Discovery 1.0).
const AUTHORITY_PATH: &str = "/common/.well-known/openid-configuration";

/// Which services answered.
pub(super) struct Reach(BTreeMap<String, Service>);

struct Service {
    for_what: &'static str,
    /// How far this machine is ahead, or why there is no answer.
    answered: Result<Option<i64>, String>,
}

impl Reach {
    pub(super) async fn of(settings: &Settings, http: &Client, at_once_max: usize) -> Self {
        let asked = services(settings).into_iter().map(|(host, (url, for_what))| async move {
            let answered = match http.exchange(&Request::get(url)).await {
                Ok(answer) => Ok(answer.date().map(|date| http.clock().now().as_second() - date.as_second())),
                Err(failure) => Err(failure.why),
            };
            (host, Service { for_what, answered })
        });
        Self(futures_util::stream::iter(asked).buffered(at_once_max).collect().await)
    }

    /// Why the service of this address cannot be asked; nothing where it can.
    pub(super) fn down(&self, url: &Url) -> Option<String> {
        let host = host_and_port(url);
        let service = self.0.get(&host)?;
        service.answered.is_err().then(|| format!("{host} cannot be reached"))
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.0.iter().map(|(host, service)| reached(host, service)).collect();
        findings.push(self.clock());
        findings
    }

    /// By the service that differs least: one with a wrong clock must not accuse ours.
    fn clock(&self) -> Finding {
        let skews = self.0.values().filter_map(|service| service.answered.as_ref().ok().copied().flatten());
        let Some(ahead) = skews.min_by_key(|seconds| seconds.abs()) else {
            let why = "no service answered with the time of day";
            return Finding::not_checked("clock", "this machine's clock", why);
        };
        let way = if ahead > 0 { "ahead of" } else { "behind" };
        let what = format!("this machine's clock is {} s {way} the services'", ahead.abs());
        let remedy = "switch on time synchronisation on this machine";
        match ahead.abs() {
            0..=SKEW_SECONDS_WARN => Finding::fine("clock", "this machine's clock agrees with the services'"),
            skew if skew > SKEW_SECONDS_MAX => Finding::failed("clock", what)
                .because("tokens and signatures are refused from about five minutes on")
                .remedy(remedy),
            _ => Finding::warning("clock", what).remedy(remedy),
        }
    }
}

fn reached(host: &str, Service { for_what, answered }: &Service) -> Finding {
    match answered {
        Ok(_) => Finding::fine("connection", format!("{host} answers ({for_what})")),
        Err(why) => Finding::failed("connection", format!("{host} cannot be reached ({for_what})"))
            .because(why.clone())
            .remedy("check the address in the configuration, name resolution, the proxy and the firewall; roots of your own \
                     go into tls.extra_roots"),
    }
}

/// The services that this configuration leads to, by host.
fn services(settings: &Settings) -> BTreeMap<String, (Url, &'static str)> {
    let cloud = &settings.cloud;
    let mut services = BTreeMap::new();
    let mut add = |url: &Url, path: &str, for_what| {
        let mut asked = url.clone();
        asked.set_path(path);
        services.entry(host_and_port(url)).or_insert((asked, for_what));
    };
    let mut identities =
        settings.identity.iter().chain(settings.tenants.iter().filter_map(|one| one.identity.as_ref()));
    let people_sign_in =
        settings.dashboard.as_ref().is_some_and(|dashboard| matches!(dashboard.sign_in, SignInBy::Entra { .. }));
    if people_sign_in || identities.any(Identity::asks_authority) {
        add(&cloud.authority, AUTHORITY_PATH, "tokens");
    }
    for tenant in &settings.tenants {
        if let Some(audit) = &tenant.audit {
            add(&audit.url, "/", "the audit feed");
        }
        if let Some(defender) = &tenant.defender {
            add(&defender.url, "/", "Defender for Cloud Apps");
        }
        if tenant.graph.is_some() || tenant.hunting.is_some() || tenant.directory.is_some() {
            add(&cloud.graph, "/", "Microsoft Graph");
        }
        for sink in &tenant.sinks {
            match sink {
                Sink::LogsIngestion(sink) => {
                    add(&sink.endpoint, "/", "delivery");
                    if sink.dcr_resource_id.is_some() {
                        add(&cloud.arm, "/", "Azure Resource Manager");
                    }
                    if sink.workspace_id.is_some() {
                        add(&cloud.query, "/", "queries");
                    }
                }
                Sink::DataCollector(sink) => match &sink.workspace {
                    // The workspace is part of the name.
                    Workspace::Id(id) => {
                        if let Ok(url) = Url::parse(&cloud.data_collector.replace("{workspace}", id)) {
                            add(&url, "/", "the HTTP Data Collector");
                        }
                    }
                    Workspace::Named { .. } => add(&cloud.arm, "/", "Azure Resource Manager"),
                },
            }
        }
    }
    for secret in settings.secrets() {
        if let SecretRef::KeyVault(url) = secret.reference {
            add(url, "/", "secrets");
        }
    }
    services
}
