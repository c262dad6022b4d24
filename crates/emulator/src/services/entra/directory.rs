//! The directory: applications, their roles, and the tokens that were given out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::call::Call;
use crate::endpoints::{Endpoints, object_id};
use crate::ids::hex32;
use crate::secret::Secret;
use crate::services::entra::assertion::{Expected, ForeignIssuer, Proofs};
use crate::services::entra::errors::TokenError;
use crate::world::locked;

/// Tokens that are remembered; past that, expired ones are forgotten and then the oldest.
const TOKENS_MAX: usize = 10_000;

/// What a principal may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Application role `Investigation.read` of Defender for Cloud Apps.
    InvestigationRead,
    /// Application role `ActivityFeed.Read` of the Office 365 Management APIs.
    ActivityFeedRead,
    /// Application role `AuditLogsQuery.Read.All` of Graph: the records of all services.
    AuditLogsQueryReadAll,
    /// Application role `AuditLogsQuery-SharePoint.Read.All` of Graph.
    AuditLogsQuerySharePointReadAll,
    /// Application role `AuditLogsQuery-OneDrive.Read.All` of Graph.
    AuditLogsQueryOneDriveReadAll,
    /// Application role `ThreatHunting.Read.All` of Graph.
    ThreatHuntingReadAll,
    /// Application role `InformationProtectionPolicy.Read.All` of Graph.
    InformationProtectionPolicyReadAll,
    /// Application role `Domain.Read.All` of Graph.
    DomainReadAll,
    /// Key Vault Secrets User.
    KeyVaultSecretsUser,
    /// Reader on the subscriptions.
    Reader,
    /// Log Analytics Contributor: may read the workspace's shared keys.
    LogAnalyticsContributor,
    /// Monitoring Metrics Publisher on the data collection rule.
    MonitoringMetricsPublisher,
    /// Log Analytics Reader on the workspace.
    LogAnalyticsReader,
}

const ROLES: [(Role, &str); 13] = [
    (Role::InvestigationRead, "Investigation.read"),
    (Role::ActivityFeedRead, "ActivityFeed.Read"),
    (Role::AuditLogsQueryReadAll, "AuditLogsQuery.Read.All"),
    (Role::AuditLogsQuerySharePointReadAll, "AuditLogsQuery-SharePoint.Read.All"),
    (Role::AuditLogsQueryOneDriveReadAll, "AuditLogsQuery-OneDrive.Read.All"),
    (Role::ThreatHuntingReadAll, "ThreatHunting.Read.All"),
    (Role::InformationProtectionPolicyReadAll, "InformationProtectionPolicy.Read.All"),
    (Role::DomainReadAll, "Domain.Read.All"),
    (Role::KeyVaultSecretsUser, "Key Vault Secrets User"),
    (Role::Reader, "Reader"),
    (Role::LogAnalyticsContributor, "Log Analytics Contributor"),
    (Role::MonitoringMetricsPublisher, "Monitoring Metrics Publisher"),
    (Role::LogAnalyticsReader, "Log Analytics Reader"),
];

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ROLES.iter().find(|(role, _)| role == self).map_or("", |(_, name)| name);
        formatter.write_str(name)
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Role, String> {
        let found = ROLES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(role, _)| *role);
        found.ok_or_else(|| format!("`{text}` is no role that the emulator knows"))
    }
}

/// Whom a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Defender for Cloud Apps.
    Defender,
    /// Office 365 Management APIs.
    Management,
    /// Microsoft Graph.
    Graph,
    /// Key Vault.
    Vault,
    /// Azure Resource Manager.
    Arm,
    /// Logs Ingestion.
    Monitor,
    /// Log Analytics queries.
    Query,
}

impl Audience {
    /// Reads a resource, of whichever cloud; final slashes make no difference.
    pub(crate) fn of(resource: &str) -> Option<Audience> {
        Some(match resource.trim_end_matches('/') {
            "05a65629-4c1b-48c1-a78b-804c4abdd4af" | "api://05a65629-4c1b-48c1-a78b-804c4abdd4af" => Audience::Defender,
            "https://manage.office.com"
            | "https://manage-gcc.office.com"
            | "https://manage.office365.us"
            | "https://manage.protection.apps.mil" => Audience::Management,
            "00000003-0000-0000-c000-000000000000"
            | "https://graph.microsoft.com"
            | "https://graph.microsoft.us"
            | "https://dod-graph.microsoft.us"
            | "https://microsoftgraph.chinacloudapi.cn" => Audience::Graph,
            "https://vault.azure.net" | "https://vault.azure.cn" | "https://vault.usgovcloudapi.net" => Audience::Vault,
            "https://management.azure.com"
            | "https://management.core.windows.net"
            | "https://management.usgovcloudapi.net"
            | "https://management.chinacloudapi.cn" => Audience::Arm,
            "https://monitor.azure.com" | "https://monitor.azure.us" | "https://monitor.azure.cn" => Audience::Monitor,
            "https://api.loganalytics.io"
            | "https://api.loganalytics.azure.com"
            | "https://api.loganalytics.us"
            | "https://api.loganalytics.azure.cn" => Audience::Query,
            _ => return None,
        })
    }
}

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    pub(crate) client_id: String,
    pub(crate) object_id: String,
}

/// Why a token does not open a door. Each service says so in its own form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Missing,
    Unknown,
    Expired,
    WrongAudience,
    NoRole(Principal),
}

struct Registered {
    principal: Principal,
    /// `None`: a managed identity, which has no secret.
    secret: Option<Mutex<Secret>>,
    lapsed: bool,
}

struct Token {
    principal: Principal,
    audience: Audience,
    expires_ms: i64,
    serial: u64,
}

#[derive(Default)]
struct State {
    tokens: HashMap<String, Token>,
    roles: BTreeMap<String, BTreeSet<Role>>,
    serial: u64,
}

/// Applications, roles and tokens.
pub(crate) struct Directory {
    tenant_id: String,
    registered: Vec<Registered>,
    pub(crate) token_seconds: i64,
    /// Signs tokens that applications may trust in place of a proof of their own.
    pub(crate) foreign: ForeignIssuer,
    proofs: Mutex<Proofs>,
    state: Mutex<State>,
}

impl Directory {
    pub(crate) fn new(endpoints: &Endpoints, token_seconds: i64) -> Directory {
        let all: BTreeSet<Role> = ROLES.iter().map(|(role, _)| *role).collect();
        let reads_and_delivers = [
            Role::InvestigationRead,
            Role::ActivityFeedRead,
            Role::AuditLogsQueryReadAll,
            Role::ThreatHuntingReadAll,
            Role::InformationProtectionPolicyReadAll,
            Role::DomainReadAll,
            Role::MonitoringMetricsPublisher,
            Role::LogAnalyticsReader,
        ];
        let roles = BTreeMap::from([
            (endpoints.installation.client_id.clone(), all.clone()),
            (endpoints.tenant_application.client_id.clone(), BTreeSet::from(reads_and_delivers)),
            (endpoints.managed_identity.client_id.clone(), all),
        ]);
        let registered = |client_id: &str, secret: Option<&Secret>, lapsed| Registered {
            principal: Principal { client_id: client_id.to_owned(), object_id: object_id(client_id) },
            secret: secret.cloned().map(Mutex::new),
            lapsed,
        };
        let applications = [
            (&endpoints.installation, false),
            (&endpoints.tenant_application, false),
            (&endpoints.lapsed_application, true),
        ];
        let mut all: Vec<Registered> = applications
            .iter()
            .map(|(application, lapsed)| registered(&application.client_id, Some(&application.client_secret), *lapsed))
            .collect();
        all.push(registered(&endpoints.managed_identity.client_id, None, false));
        Directory {
            tenant_id: endpoints.tenant_id.clone(),
            registered: all,
            token_seconds,
            foreign: ForeignIssuer::new(
                format!("{}foreign-issuer", endpoints.https),
                &Secret::derived(&endpoints.tenant_id, "foreign issuer"),
            ),
            proofs: Mutex::default(),
            state: Mutex::new(State { roles, ..State::default() }),
        }
    }

    /// Checks an application's secret.
    pub(crate) fn sign_in(&self, client_id: &str, secret: &str) -> Result<&Principal, TokenError> {
        let found = self.find(client_id).ok_or_else(|| TokenError::UnknownApplication(client_id.to_owned()))?;
        let is_right = found.secret.as_ref().is_some_and(|expected| locked(expected).expose() == secret);
        match (is_right, found.lapsed) {
            (true, false) => Ok(&found.principal),
            (true, true) => Err(TokenError::ExpiredSecret(client_id.to_owned())),
            (false, _) => Err(TokenError::WrongSecret(client_id.to_owned())),
        }
    }

    /// Checks an assertion: of the application's own certificate, or of the issuer that it trusts.
    pub(crate) fn sign_in_with_assertion(
        &self,
        client_id: &str,
        assertion: &str,
        audiences: &[String],
        now_ms: i64,
    ) -> Result<&Principal, TokenError> {
        let found = self.find(client_id).ok_or_else(|| TokenError::UnknownApplication(client_id.to_owned()))?;
        let expected = Expected { client_id, audiences, foreign: &self.foreign, now_ms };
        locked(&self.proofs).check(assertion, &expected)?;
        Ok(&found.principal)
    }

    /// From now on the application may sign with the key of this certificate.
    pub(crate) fn register_certificate(&self, client_id: &str, der: Vec<u8>) {
        locked(&self.proofs).register_certificate(client_id, der);
    }

    /// From now on a token of the foreign issuer for this subject is as good as the application's own proof.
    pub(crate) fn trust_subject(&self, client_id: &str, subject: &str) {
        locked(&self.proofs).trust_subject(client_id, subject);
    }

    /// Replaces an application's secret; tokens that were given out stay valid.
    pub(crate) fn replace_secret(&self, client_id: &str, replacement: Secret) {
        if let Some(secret) = self.find(client_id).and_then(|found| found.secret.as_ref()) {
            *locked(secret) = replacement;
        }
    }

    /// The managed identity, by its client id.
    pub(crate) fn managed_identity(&self, client_id: &str) -> Option<&Principal> {
        self.find(client_id).filter(|found| found.secret.is_none()).map(|found| &found.principal)
    }

    fn find(&self, client_id: &str) -> Option<&Registered> {
        self.registered.iter().find(|one| one.principal.client_id.eq_ignore_ascii_case(client_id))
    }

    /// Gives out a token: shaped like a JWT for those who look inside, but the emulator knows it by its text alone.
    pub(crate) fn issue(
        &self,
        principal: &Principal,
        audience: Audience,
        resource: &str,
        now_ms: i64,
        seconds: i64,
    ) -> String {
        let mut state = locked(&self.state);
        forget(&mut state.tokens, now_ms);
        state.serial += 1;
        let serial = state.serial;
        let roles: Vec<String> =
            state.roles.get(&principal.client_id).into_iter().flatten().map(Role::to_string).collect();
        let issued = now_ms / 1_000;
        let claims = json!({
            "aud": resource, "iss": format!("https://sts.windows.net/{}/", self.tenant_id), "iat": issued,
            "nbf": issued, "exp": issued + seconds, "appid": principal.client_id,
            "azp": principal.client_id, "oid": principal.object_id, "sub": principal.object_id,
            "tid": self.tenant_id, "roles": roles, "ver": "1.0",
        });
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signature = part(&hex32(&principal.client_id, &format!("token {serial} of {now_ms}")));
        let text = format!("{}.{}.{signature}", part(r#"{"typ":"JWT","alg":"none"}"#), part(&claims.to_string()));
        let expires_ms = now_ms + seconds * 1_000;
        state.tokens.insert(text.clone(), Token { principal: principal.clone(), audience, expires_ms, serial });
        text
    }

    /// Whether the call's bearer token is for `audience`, still valid, and its owner has `role`.
    pub(crate) fn check(
        &self,
        call: &Call,
        audience: Audience,
        role: Option<Role>,
        now_ms: i64,
    ) -> Result<Principal, Refusal> {
        let text = call.credential("Bearer").ok_or(Refusal::Missing)?;
        let state = locked(&self.state);
        let token = state.tokens.get(text).ok_or(Refusal::Unknown)?;
        if token.expires_ms <= now_ms {
            return Err(Refusal::Expired);
        }
        if token.audience != audience {
            return Err(Refusal::WrongAudience);
        }
        let held = state.roles.get(&token.principal.client_id);
        match role {
            Some(role) if !held.is_some_and(|held| held.contains(&role)) => {
                Err(Refusal::NoRole(token.principal.clone()))
            }
            _ => Ok(token.principal.clone()),
        }
    }

    pub(crate) fn grant(&self, client_id: &str, role: Role) {
        locked(&self.state).roles.entry(client_id.to_owned()).or_default().insert(role);
    }

    pub(crate) fn revoke(&self, client_id: &str, role: Role) {
        if let Some(held) = locked(&self.state).roles.get_mut(client_id) {
            held.remove(&role);
        }
    }
}

/// Keeps the memory of tokens bounded. An expired token is kept as long as there is room, to be refused as expired.
fn forget(tokens: &mut HashMap<String, Token>, now_ms: i64) {
    if tokens.len() >= TOKENS_MAX {
        tokens.retain(|_, token| token.expires_ms > now_ms);
    }
    if tokens.len() >= TOKENS_MAX {
        let newest = tokens.values().map(|token| token.serial).max().unwrap_or(0);
        tokens.retain(|_, token| token.serial + TOKENS_MAX as u64 / 2 > newest);
    }
}
