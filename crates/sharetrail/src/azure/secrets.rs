//! From a reference in the configuration to the secret itself.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use tokio::sync::Mutex;

use super::{Credential, Vault};
use crate::config::settings::{Cloud, Identity, SecretRef};
use crate::http::{Client, Failure};
use crate::secret::Secret;

/// A secret's file is small; anything larger is a mistake.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Resolves references, and builds the credentials whose secrets they name. Keeps what it read for the run.
#[derive(Debug)]
pub struct SecretResolver {
    client: Client,
    cloud: Cloud,
    installation: Option<Credential>,
    known: Mutex<HashMap<String, Secret>>,
}

impl SecretResolver {
    /// A resolver that reads vaults as `installation`, the identity of the installation.
    ///
    /// # Errors
    /// When the installation's own client secret cannot be had; it cannot be in a vault, which needs a credential first.
    pub async fn new(client: &Client, cloud: &Cloud, installation: Option<&Identity>) -> Result<Self, Failure> {
        let mut resolver = Self {
            client: client.clone(),
            cloud: cloud.clone(),
            installation: None,
            known: Mutex::new(HashMap::new()),
        };
        if let Some(identity) = installation {
            if let Identity::ClientSecret { client_secret: reference @ SecretRef::KeyVault(_), .. } = identity {
                return Err(Failure::stop(format!(
                    "the client secret of [identity] is in a vault ({}), but this identity is the one that reads vaults; \
                     give its secret as env:NAME or file:PATH, or use a managed identity",
                    reference_name(reference)
                )));
            }
            resolver.installation = Some(resolver.credential_of(identity).await?);
        }
        Ok(resolver)
    }

    /// The secret that a reference names.
    ///
    /// # Errors
    /// A sentence that names the reference and the remedy.
    pub async fn resolve(&self, reference: &SecretRef) -> Result<Secret, Failure> {
        let name = reference_name(reference);
        // Locked while reading, so that a secret is read once however many ask for it.
        let mut known = self.known.lock().await;
        if let Some(secret) = known.get(&name) {
            return Ok(secret.clone());
        }
        let secret = match reference {
            SecretRef::Env(variable) => from_environment(variable)?,
            SecretRef::File(path) => from_file(path)?,
            SecretRef::KeyVault(url) => {
                let Some(credential) = &self.installation else {
                    return Err(Failure::stop(format!(
                        "{name} cannot be read, because the configuration names no identity for the vault; add [identity]"
                    )));
                };
                Vault::new(&self.client, &self.cloud, credential).read(url).await?
            }
        };
        let secret = usable(secret, &name)?;
        known.insert(name, secret.clone());
        Ok(secret)
    }

    /// Forgets a secret that a service refused, so that a new value is read the next time.
    pub async fn forget(&self, reference: &SecretRef) {
        self.known.lock().await.remove(&reference_name(reference));
    }

    /// The installation's credential.
    pub fn installation(&self) -> Option<&Credential> {
        self.installation.as_ref()
    }

    /// The credential of `identity`, or the installation's where none is given.
    ///
    /// # Errors
    /// When its secret cannot be had, or there is no identity at all.
    pub async fn credential(&self, identity: Option<&Identity>) -> Result<Credential, Failure> {
        match (identity, &self.installation) {
            (Some(identity), _) => self.credential_of(identity).await,
            (None, Some(installation)) => Ok(installation.clone()),
            (None, None) => Err(Failure::stop(
                "the configuration names no identity to get tokens with; add [identity], or [tenant.identity] for this tenant",
            )),
        }
    }

    async fn credential_of(&self, identity: &Identity) -> Result<Credential, Failure> {
        let secret = match identity {
            Identity::ClientSecret { client_secret, .. } => Some(self.resolve(client_secret).await?),
            Identity::ManagedIdentity { .. } | Identity::AzureCli { .. } => None,
        };
        Ok(Credential::new(&self.client, &self.cloud, identity, secret))
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
    let mut text = String::new();
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(unreadable)?;
    // Taken over first, so that every way out overwrites it.
    let whole = Secret::new(text);
    if whole.expose().len() as u64 > FILE_BYTES_MAX {
        return Err(Failure::stop(format!(
            "file:{name}: is larger than {FILE_BYTES_MAX} bytes, so it is not a secret"
        )));
    }
    let text = whole.expose();
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(Secret::new(text))
}

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
