//! From a reference in the configuration to the secret itself.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::Mutex;

use super::sign_in::SignIn;
use super::{Credential, Vault};
use crate::config::settings::{Cloud, Identity, SecretRef};
use crate::http::{Client, Failure};
use crate::secret::Secret;

/// A secret's file is small; anything larger is a mistake.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Resolves references, and builds the credentials whose secrets they name. Keeps what it read for the run; clones share
/// it.
#[derive(Debug, Clone)]
pub struct SecretResolver(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    cloud: Cloud,
    installation: Option<Credential>,
    known: Mutex<HashMap<String, Secret>>,
}

/// A secret that can be read again when a service refuses it: people replace secrets while a program runs.
#[derive(Clone)]
pub struct HeldSecret(Held);

#[derive(Clone)]
enum Held {
    /// It came from elsewhere, and there is nothing to read again.
    Known(Secret),
    Referred(SecretResolver, SecretRef),
}

impl HeldSecret {
    /// The secret, as it was read first or last.
    ///
    /// # Errors
    /// As [`SecretResolver::resolve`].
    // A box, because the credential that reads a vault may hold a secret itself.
    pub fn get(&self) -> Pin<Box<dyn Future<Output = Result<Secret, Failure>> + Send + '_>> {
        Box::pin(async {
            match &self.0 {
                Held::Known(secret) => Ok(secret.clone()),
                Held::Referred(resolver, reference) => resolver.resolve(reference).await,
            }
        })
    }

    /// The secret as it is stored now, after a service has refused `refused`; `None` when it is still the same, or cannot
    /// be read.
    pub fn replacement<'a>(&'a self, refused: &'a Secret) -> Pin<Box<dyn Future<Output = Option<Secret>> + Send + 'a>> {
        Box::pin(async move {
            let Held::Referred(resolver, reference) = &self.0 else { return None };
            match resolver.resolve_again(reference, refused).await {
                Ok(found) => found,
                Err(failure) => {
                    tracing::warn!("a service refused a secret, and it cannot be read again: {failure}");
                    None
                }
            }
        })
    }
}

impl HeldSecret {
    /// Where it is, as the configuration writes it.
    pub(super) fn name(&self) -> String {
        match &self.0 {
            Held::Known(_) => String::new(),
            Held::Referred(_, reference) => reference_name(reference),
        }
    }
}

impl From<Secret> for HeldSecret {
    fn from(secret: Secret) -> Self {
        Self(Held::Known(secret))
    }
}

impl fmt::Debug for HeldSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Held::Known(_) => formatter.write_str("HeldSecret"),
            Held::Referred(_, reference) => write!(formatter, "HeldSecret({})", reference_name(reference)),
        }
    }
}

impl SecretResolver {
    /// A resolver that reads vaults as `installation`, the identity of the installation.
    ///
    /// # Errors
    /// When the installation's own client secret cannot be had; it cannot be in a vault, which needs a credential first.
    pub async fn new(client: &Client, cloud: &Cloud, installation: Option<&Identity>) -> Result<Self, Failure> {
        let resolver = |installation| {
            let known = Mutex::new(HashMap::new());
            Self(Arc::new(Inner { client: client.clone(), cloud: cloud.clone(), installation, known }))
        };
        let without_vault = resolver(None);
        let Some(identity) = installation else { return Ok(without_vault) };
        for (key, reference) in identity.secrets() {
            if matches!(reference, SecretRef::KeyVault(_)) {
                return Err(Failure::stop(format!(
                    "{key} of [identity] is in a vault ({}), but this identity is the one that reads vaults; \
                     give it as env:NAME or file:PATH, or use a managed identity",
                    reference_name(reference)
                )));
            }
            // What a link of a chain lacks is told when it is tried.
            if !matches!(identity, Identity::Chain(_)) {
                without_vault.resolve(reference).await?;
            }
        }
        Ok(resolver(Some(without_vault.credential_of(identity))))
    }

    /// The secret that a reference names.
    ///
    /// # Errors
    /// A sentence that names the reference and the remedy.
    pub async fn resolve(&self, reference: &SecretRef) -> Result<Secret, Failure> {
        let name = reference_name(reference);
        // Locked while reading, so that a secret is read once however many ask for it.
        let mut known = self.0.known.lock().await;
        if let Some(secret) = known.get(&name) {
            return Ok(secret.clone());
        }
        let secret = self.read(reference, &name).await?;
        known.insert(name, secret.clone());
        Ok(secret)
    }

    /// The secret as it is stored now; `None` when that is still `refused`.
    async fn resolve_again(&self, reference: &SecretRef, refused: &Secret) -> Result<Option<Secret>, Failure> {
        let name = reference_name(reference);
        let mut known = self.0.known.lock().await;
        if let Some(secret) = known.get(&name).filter(|secret| *secret != refused) {
            // Somebody else was refused too and has already read it again.
            return Ok(Some(secret.clone()));
        }
        let secret = self.read(reference, &name).await?;
        if secret == *refused {
            return Ok(None);
        }
        tracing::info!("{name} was refused, and another secret is stored there by now: going on with that one");
        known.insert(name, secret.clone());
        Ok(Some(secret))
    }

    async fn read(&self, reference: &SecretRef, name: &str) -> Result<Secret, Failure> {
        let secret = match reference {
            SecretRef::Env(variable) => from_environment(variable)?,
            SecretRef::File(path) => from_file(path)?,
            SecretRef::KeyVault(url) => {
                let Some(credential) = &self.0.installation else {
                    return Err(Failure::stop(format!(
                        "{name} cannot be read, because the configuration names no identity for the vault; add [identity]"
                    )));
                };
                Vault::new(&self.0.client, &self.0.cloud, credential).read(url).await?
            }
        };
        usable(secret, name)
    }

    /// The secret that a reference names, for whoever may have to read it again.
    pub fn hold(&self, reference: &SecretRef) -> HeldSecret {
        HeldSecret(Held::Referred(self.clone(), reference.clone()))
    }

    /// The installation's credential.
    pub fn installation(&self) -> Option<&Credential> {
        self.0.installation.as_ref()
    }

    /// The credential of `identity`, or the installation's where none is given.
    ///
    /// # Errors
    /// When there is no identity at all. A secret that cannot be had is told when the first token is asked for.
    pub fn credential(&self, identity: Option<&Identity>) -> Result<Credential, Failure> {
        match (identity, &self.0.installation) {
            (Some(identity), _) => Ok(self.credential_of(identity)),
            (None, Some(installation)) => Ok(installation.clone()),
            (None, None) => Err(Failure::stop(
                "the configuration names no identity to get tokens with; add [identity], or [tenant.identity] for this tenant",
            )),
        }
    }

    fn credential_of(&self, identity: &Identity) -> Credential {
        let links = match identity {
            Identity::Chain(links) => links.iter().map(|link| self.sign_in_of(link)).collect(),
            one => vec![self.sign_in_of(one)],
        };
        Credential::new(&self.0.client, links)
    }

    fn sign_in_of(&self, identity: &Identity) -> SignIn {
        let (proof, password) = match identity {
            Identity::ClientSecret { client_secret, .. } => (Some(client_secret), None),
            Identity::ClientCertificate { certificate, password, .. } => (Some(certificate), password.as_ref()),
            Identity::WorkloadIdentity { .. }
            | Identity::ManagedIdentity { .. }
            | Identity::AzureCli { .. }
            | Identity::Chain(_) => (None, None),
        };
        let hold = |reference| self.hold(reference);
        SignIn::new(&self.0.client, &self.0.cloud, identity, proof.map(hold), password.map(hold))
    }
}

/// How a reference is written in the configuration.
pub fn reference_name(reference: &SecretRef) -> String {
    match reference {
        SecretRef::KeyVault(url) => format!("keyvault:{url}"),
        SecretRef::Env(name) => format!("env:{name}"),
        SecretRef::File(path) => format!("file:{}", path.display()),
    }
}

fn from_environment(variable: &str) -> Result<Secret, Failure> {
    match std::env::var(variable) {
        Ok(text) => Ok(Secret::new(text)),
        Err(std::env::VarError::NotPresent) => Err(Failure::stop(format!(
            "env:{variable}: the environment variable {variable} is not set; set it to the secret"
        ))),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::stop(format!("env:{variable}: the environment variable {variable} is not valid UTF-8 text")))
        }
    }
}

fn from_file(path: &Path) -> Result<Secret, Failure> {
    let name = path.display();
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::stop(format!("file:{name}: there is no such file; create it with the secret"))
        }
        std::io::ErrorKind::PermissionDenied => Failure::stop(format!(
            "file:{name}: may not be read; give the account of this program the right to read it"
        )),
        _ => Failure::stop(format!("file:{name}: cannot be read ({error})")),
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    warn_of_other_readers(&file, path);
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let is_too_large = bytes.len() as u64 > FILE_BYTES_MAX;
    // Taken over first, so that every way out overwrites it.
    let whole = match String::from_utf8(bytes) {
        Ok(text) => Secret::new(text),
        // PKCS#12 is a DER sequence; as text it is base64, as a vault hands it out.
        Err(error) if error.as_bytes().first() == Some(&0x30) => Secret::new(STANDARD.encode(error.as_bytes())),
        Err(_) => return Err(Failure::stop(format!("file:{name}: is not UTF-8 text, so it is not a secret"))),
    };
    if is_too_large {
        return Err(Failure::stop(format!(
            "file:{name}: is larger than {FILE_BYTES_MAX} bytes, so it is not a secret"
        )));
    }
    let text = whole.expose();
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(Secret::new(text))
}

/// A secret that others on this machine can read is no secret to them; it is used all the same.
#[cfg(unix)]
fn warn_of_other_readers(file: &std::fs::File, path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata().map_or(0, |metadata| metadata.permissions().mode() & 0o777);
    if mode & 0o077 != 0 {
        let name = path.display();
        tracing::warn!(
            "file:{name} holds a secret and is open to others than its owner ({mode:o}); run `chmod 600 {name}`"
        );
    }
}

#[cfg(not(unix))]
fn warn_of_other_readers(_: &std::fs::File, _: &Path) {}

/// Refuses what cannot be the secret.
fn usable(secret: Secret, name: &str) -> Result<Secret, Failure> {
    if secret.expose().trim_start().starts_with("@Microsoft.KeyVault(") {
        return Err(Failure::stop(format!(
            "{name} holds the text of a Key Vault reference (@Microsoft.KeyVault(…)) and not the secret: the platform could \
             not resolve it; check the reference's state under the app's \"Environment variables\", and that the app's \
             identity has the role Key Vault Secrets User"
        )));
    }
    if secret.expose().is_empty() {
        return Err(Failure::stop(format!("{name} is empty; store the secret there")));
    }
    Ok(secret)
}
