//! One identity signs in: from what the configuration says of it to a token of Entra ID, through the official SDK.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::TokenCredential;
use azure_core::http::{ClientMethodOptions, ClientOptions};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertion, ClientAssertionCredential,
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId,
};
use jiff::Timestamp;
use url::Url;

use super::certificate::{Claims, SigningCertificate};
use super::transport::{self, Peer};
use super::{HeldSecret, entra, platform};
use crate::config::settings::{AssignedIdentity, Cloud, Identity, SigningAlgorithm};
use crate::http::{Client, Failure};
use crate::secret::Secret;

/// `az` starts slowly, but it must not hang for ever (signed out, it may ask on the terminal).
const AZURE_CLI_WAIT: Duration = Duration::from_secs(30);

/// How long a chain waits for the platform's identity service: where there is none, its address may swallow everything.
const PROBE_WAIT: Duration = Duration::from_secs(3);

/// A certificate that ends sooner than this is spoken of.
const CERTIFICATE_WARNING: Duration = Duration::from_secs(30 * 24 * 3600);

/// A foreign token is small; anything larger is some other file.
const TOKEN_FILE_BYTES_MAX: u64 = 64 * 1024;

/// A token and its end.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) text: Secret,
    pub(super) end: Timestamp,
}

/// How hard to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// The client's bounded attempts.
    Full,
    /// One attempt, and not long: others come after it.
    Probe,
}

/// One identity, ready to sign in.
pub(crate) struct SignIn {
    client: Client,
    authority: Url,
    machine_identity: Option<Url>,
    identity: Identity,
    proof: Option<HeldSecret>,
    password: Option<HeldSecret>,
}

impl SignIn {
    /// `proof` is the client secret, or the certificate with its key, of identities that have one; `password` opens a
    /// certificate.
    pub(crate) fn new(
        client: &Client,
        cloud: &Cloud,
        identity: &Identity,
        proof: Option<HeldSecret>,
        password: Option<HeldSecret>,
    ) -> Self {
        Self {
            client: client.clone(),
            authority: cloud.authority.clone(),
            machine_identity: cloud.machine_identity.clone().or_else(platform::machine_identity),
            identity: told_by_environment(identity),
            proof,
            password,
        }
    }

    /// The kind, as the configuration writes it.
    pub(super) fn kind(&self) -> &'static str {
        self.identity.kind()
    }

    /// A new token. A proof that is refused is read again, and tried once more when it is another by now.
    pub(super) async fn token(&self, scope: &str, effort: Effort) -> Result<Token, Failure> {
        let Some(held) = &self.proof else { return self.ask(scope, None, effort).await };
        let proof = held.get().await?;
        match self.ask(scope, Some(&proof), effort).await {
            Err(failure) if entra::refuses_proof(&failure) => match held.replacement(&proof).await {
                Some(proof) => self.ask(scope, Some(&proof), effort).await,
                None => Err(failure),
            },
            asked => asked,
        }
    }

    async fn ask(&self, scope: &str, proof: Option<&Secret>, effort: Effort) -> Result<Token, Failure> {
        match effort {
            Effort::Full => self.client.attempt(None, || self.ask_once(scope, proof)).await,
            Effort::Probe if matches!(self.identity, Identity::ManagedIdentity { .. }) => {
                let asked = tokio::time::timeout(PROBE_WAIT, self.ask_once(scope, proof)).await;
                asked.unwrap_or_else(|_| {
                    let seconds = PROBE_WAIT.as_secs();
                    let silent = Failure::retry(format!("no identity service answered within {seconds} s"));
                    Err(platform::explain(silent, &self.who()))
                })
            }
            Effort::Probe => self.ask_once(scope, proof).await,
        }
    }

    async fn ask_once(&self, scope: &str, proof: Option<&Secret>) -> Result<Token, Failure> {
        // A new SDK credential each time: its own memory would hand out again what a service has just refused.
        let credential = self.sdk_credential(proof).await?;
        let scopes = [scope];
        let fetch = credential.get_token(&scopes, None);
        let answer = match self.identity {
            Identity::AzureCli { .. } => tokio::time::timeout(AZURE_CLI_WAIT, fetch).await.map_err(|_| {
                let seconds = AZURE_CLI_WAIT.as_secs();
                Failure::retry(format!(
                    "no token for {}: az did not answer within {seconds} s; run `az login`",
                    self.who()
                ))
            })?,
            // The client's own timeouts hold.
            _ => fetch.await,
        };
        let token = answer.map_err(|error| self.explain(transport::failure(&error)))?;
        if token.token.secret().is_empty() {
            return Err(self.no_token(&format!("the answer of {} holds none; check cloud.authority", self.authority)));
        }
        Ok(Token {
            text: Secret::new(token.token.secret()),
            end: Timestamp::from_second(token.expires_on.unix_timestamp()).unwrap_or(Timestamp::MAX),
        })
    }

    async fn sdk_credential(&self, proof: Option<&Secret>) -> Result<Arc<dyn TokenCredential>, Failure> {
        let credential: azure_core::Result<Arc<dyn TokenCredential>> = match &self.identity {
            Identity::ClientSecret { tenant_id, client_id, .. } => {
                let secret = proof.ok_or_else(|| self.no_token("its client secret was not resolved"))?;
                let secret = secret.expose().to_owned().into();
                let options = ClientSecretCredentialOptions { client_options: self.authority_options() };
                ClientSecretCredential::new(tenant_id, client_id.clone(), secret, Some(options))
                    .map(|credential| credential as _)
            }
            Identity::ClientCertificate { tenant_id, client_id, algorithm, .. } => {
                let assertion = self.signed_assertion(proof, tenant_id, client_id, *algorithm).await?;
                self.with_assertion(tenant_id, client_id, assertion)
            }
            Identity::WorkloadIdentity { tenant_id, client_id, token_file } => {
                let tenant_id = self.told("tenant_id", "AZURE_TENANT_ID", tenant_id.as_ref())?;
                let client_id = self.told("client_id", "AZURE_CLIENT_ID", client_id.as_ref())?;
                let file = self.told("token_file", "AZURE_FEDERATED_TOKEN_FILE", token_file.as_ref())?;
                self.with_assertion(tenant_id, client_id, self.foreign_token(file)?)
            }
            Identity::ManagedIdentity { assigned } => {
                ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                    user_assigned_id: assigned.clone().map(|assigned| match assigned {
                        AssignedIdentity::Client(id) => UserAssignedId::ClientId(id),
                        AssignedIdentity::Object(id) => UserAssignedId::ObjectId(id),
                        AssignedIdentity::Resource(id) => UserAssignedId::ResourceId(id),
                    }),
                    client_options: transport::client_options(
                        &self.client,
                        Peer::Platform(self.machine_identity.clone()),
                    ),
                }))
                .map(|credential| credential as _)
            }
            Identity::AzureCli { tenant_id } => AzureCliCredential::new(Some(AzureCliCredentialOptions {
                tenant_id: tenant_id.clone(),
                ..AzureCliCredentialOptions::default()
            }))
            .map(|credential| credential as _),
            Identity::Chain(_) => return Err(self.no_token("a chain does not sign in itself")),
        };
        credential.map_err(|error| transport::failure(&error).while_doing(format!("no token for {}", self.who())))
    }

    /// The SDK sends to the authority of our configuration, by our transport.
    fn authority_options(&self) -> ClientOptions {
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host = self.authority.to_string();
        let mut options = transport::client_options(&self.client, Peer::Authority);
        options.cloud = Some(Arc::new(cloud.into()));
        options
    }

    fn with_assertion(
        &self,
        tenant_id: &str,
        client_id: &str,
        assertion: Secret,
    ) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let options = ClientAssertionCredentialOptions { client_options: self.authority_options() };
        let (tenant_id, client_id) = (tenant_id.to_owned(), client_id.to_owned());
        ClientAssertionCredential::new(tenant_id, client_id, Assertion(assertion), Some(options))
            .map(|credential| credential as _)
    }

    async fn signed_assertion(
        &self,
        proof: Option<&Secret>,
        tenant_id: &str,
        client_id: &str,
        algorithm: SigningAlgorithm,
    ) -> Result<Secret, Failure> {
        let proof = proof.ok_or_else(|| self.no_token("its certificate was not resolved"))?;
        let password = match &self.password {
            Some(password) => Some(password.get().await?),
            None => None,
        };
        let where_it_is = self.proof.as_ref().map(HeldSecret::name).unwrap_or_default();
        let unusable = |why: String| self.no_token(&format!("the certificate {where_it_is} cannot be used: {why}"));
        let certificate = SigningCertificate::read(proof, password.as_ref()).map_err(unusable)?;
        let now = self.client.clock().now();
        if certificate.end().duration_since(now) < CERTIFICATE_WARNING.try_into().unwrap_or_default() {
            tracing::warn!("the certificate {where_it_is} of {} ends on {}; renew it", self.who(), certificate.end());
        }
        // As the SDK makes the address that it sends to.
        let endpoint = self.authority.join(&format!("/{tenant_id}/oauth2/v2.0/token"));
        let endpoint = endpoint.map_err(|error| self.no_token(&format!("tenant_id makes no address: {error}")))?;
        certificate.assertion(&Claims { audience: endpoint.as_str(), client_id, now }, algorithm).map_err(unusable)
    }

    /// The token as the file has it now: whoever writes it there replaces it about once an hour.
    fn foreign_token(&self, file: &Path) -> Result<Secret, Failure> {
        let unusable = |why: &str| self.no_token(&format!("the token file {} {why}", file.display()));
        let length = std::fs::metadata(file).map_err(|error| unusable(&format!("cannot be read ({error})")))?.len();
        if length > TOKEN_FILE_BYTES_MAX {
            return Err(unusable("is too large to be a token"));
        }
        let text = std::fs::read_to_string(file).map_err(|error| unusable(&format!("cannot be read ({error})")))?;
        let text = Secret::new(text);
        if text.expose().trim().is_empty() {
            return Err(unusable("is empty"));
        }
        Ok(Secret::new(text.expose().trim()))
    }

    /// What configuration or environment says.
    fn told<'a, T: ?Sized>(
        &self,
        key: &str,
        variable: &str,
        found: Option<&'a (impl std::borrow::Borrow<T> + 'a)>,
    ) -> Result<&'a T, Failure> {
        found.map(std::borrow::Borrow::borrow).ok_or_else(|| {
            self.no_token(&format!(
                "{key} is not configured and {variable} is not set; in Kubernetes the label \
                 azure.workload.identity/use: \"true\" of the pod sets it"
            ))
        })
    }

    fn no_token(&self, why: &str) -> Failure {
        Failure::stop(format!("no token for {}: {why}", self.who()))
    }

    fn explain(&self, failure: Failure) -> Failure {
        match &self.identity {
            Identity::ManagedIdentity { .. } => platform::explain(failure, &self.who()),
            Identity::AzureCli { .. } => self.no_token(&format!("{}; {}", failure.why, cli_remedy(&failure.why))),
            _ => entra::explain(failure, &self.who()),
        }
    }

    /// Whom it speaks for, in words.
    pub(super) fn who(&self) -> String {
        match &self.identity {
            Identity::ClientSecret { tenant_id, client_id, .. }
            | Identity::ClientCertificate { tenant_id, client_id, .. } => {
                format!("application {client_id} in directory {tenant_id}")
            }
            Identity::WorkloadIdentity { tenant_id: Some(tenant_id), client_id: Some(client_id), .. } => {
                format!("application {client_id} in directory {tenant_id}, as a workload")
            }
            Identity::WorkloadIdentity { .. } => "the workload identity".to_owned(),
            Identity::ManagedIdentity { assigned: Some(AssignedIdentity::Client(id)) } => {
                format!("the managed identity with client id {id}")
            }
            Identity::ManagedIdentity { assigned: Some(AssignedIdentity::Object(id)) } => {
                format!("the managed identity with object id {id}")
            }
            Identity::ManagedIdentity { assigned: Some(AssignedIdentity::Resource(id)) } => {
                format!("the managed identity {id}")
            }
            Identity::ManagedIdentity { assigned: None } => "the system-assigned managed identity".to_owned(),
            Identity::AzureCli { .. } => "whoever is signed in to the Azure CLI".to_owned(),
            Identity::Chain(_) => "a chain of identities".to_owned(),
        }
    }
}

/// What to do about what the Azure SDK says of the Azure CLI, or the Azure CLI of itself.
fn cli_remedy(why: &str) -> &'static str {
    if why.contains("not found on PATH") {
        "install the Azure CLI 2.54 or newer, or choose another `kind` of identity"
    } else if why.contains("or newer") {
        "update it with `az upgrade`"
    } else {
        "sign in with `az login` and try again"
    }
}

/// A workload's platform says in variables what the configuration leaves out.
/// Source: Microsoft, "Workload identity: environment variables that the webhook injects".
fn told_by_environment(identity: &Identity) -> Identity {
    let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    match identity.clone() {
        Identity::WorkloadIdentity { tenant_id, client_id, token_file } => Identity::WorkloadIdentity {
            tenant_id: tenant_id.or_else(|| variable("AZURE_TENANT_ID")),
            client_id: client_id.or_else(|| variable("AZURE_CLIENT_ID")),
            token_file: token_file.or_else(|| variable("AZURE_FEDERATED_TOKEN_FILE").map(PathBuf::from)),
        },
        other => other,
    }
}

/// One assertion, made for one request.
#[derive(Debug)]
struct Assertion(Secret);

#[async_trait]
impl ClientAssertion for Assertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        Ok(self.0.expose().to_owned())
    }
}
