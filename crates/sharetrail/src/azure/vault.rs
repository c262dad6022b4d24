//! Secrets in Key Vault, through the official client.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::time::OffsetDateTime;
use azure_security_keyvault_secrets::models::SecretClientGetSecretOptions;
use azure_security_keyvault_secrets::{SecretClient, SecretClientOptions};
use url::Url;

use super::Credential;
use super::transport::{self, Peer};
use crate::config::settings::Cloud;
use crate::http::{Client, Failure, Next, host_and_port};
use crate::secret::Secret;

/// Reads secrets with one credential.
#[derive(Debug, Clone)]
pub struct Vault {
    client: Client,
    credential: Credential,
    scope: String,
    challenge_check: bool,
}

/// A secret's address, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Address<'a> {
    name: &'a str,
    version: Option<&'a str>,
}

impl Vault {
    /// Reads with tokens of `credential`, which needs the role Key Vault Secrets User.
    pub fn new(client: &Client, cloud: &Cloud, credential: &Credential) -> Self {
        Self {
            client: client.clone(),
            credential: credential.clone(),
            scope: cloud.vault_scope.clone(),
            challenge_check: cloud.vault_challenge_check,
        }
    }

    /// The secret at `https://{vault}/secrets/{name}[/{version}]`.
    ///
    /// # Errors
    /// A failure that names vault, secret and remedy.
    pub async fn read(&self, url: &Url) -> Result<Secret, Failure> {
        let address = address(url)?;
        let read = || self.read_once(url, &address);
        let mut secret = self.client.attempt(None, read).await;
        if let Err(failure) = &secret
            && failure.next == Next::Unauthorized
        {
            let token = self.credential.token(&self.scope).await?;
            self.credential.renew(&self.scope, &token).await?;
            secret = self.client.attempt(None, read).await;
        }
        secret.map_err(|failure| explain(failure, url, address.name, &self.credential.who()))
    }

    async fn read_once(&self, url: &Url, address: &Address<'_>) -> Result<Secret, Failure> {
        let token = Arc::new(FixedScope { credential: self.credential.clone(), scope: self.scope.clone() });
        let options = SecretClientOptions {
            client_options: transport::client_options(&self.client, Peer::Vault),
            verify_challenge_resource: Some(self.challenge_check),
            ..SecretClientOptions::default()
        };
        let endpoint = url.origin().ascii_serialization();
        let read = async {
            let vault = SecretClient::new(&endpoint, token, Some(options))?;
            let options = SecretClientGetSecretOptions {
                secret_version: address.version.map(str::to_owned),
                ..Default::default()
            };
            vault.get_secret(address.name, Some(options)).await?.into_model()
        };
        let secret = read.await.map_err(|error| match error.http_status() {
            Some(status) => Failure {
                next: if u16::from(status) == 401 { Next::Unauthorized } else { Next::Bad },
                status: Some(status.into()),
                ..transport::failure(&error)
            },
            None => transport::failure(&error),
        })?;
        if let Some(end) = secret.attributes.as_ref().and_then(|attributes| attributes.expires)
            && end.unix_timestamp() < self.client.clock().now().as_second()
        {
            // The vault still gives it out, and the service that it is for may still take it.
            tracing::warn!(
                "the secret {} of the vault {} expired on {end}; renew it",
                address.name,
                host_and_port(url)
            );
        }
        secret.value.map(Secret::new).ok_or_else(|| Failure::stop("the answer holds no value"))
    }
}

/// Tokens for one scope, always that of the configuration: a challenge may not choose what a token is good for.
#[derive(Debug)]
pub(super) struct FixedScope {
    pub(super) credential: Credential,
    pub(super) scope: String,
}

#[async_trait]
impl TokenCredential for FixedScope {
    async fn get_token(&self, _: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        let token = self.credential.token_with_end(&self.scope).await;
        let token = token.map_err(|failure| azure_core::Error::new(ErrorKind::Other, failure))?;
        let end = OffsetDateTime::from_unix_timestamp(token.end.as_second())
            .map_err(|error| azure_core::Error::new(ErrorKind::DataConversion, error))?;
        Ok(AccessToken::new(token.text.expose().to_owned(), end))
    }
}

fn address(url: &Url) -> Result<Address<'_>, Failure> {
    let form = "keyvault:https://VAULT/secrets/NAME or keyvault:https://VAULT/secrets/NAME/VERSION";
    let wrong = |what: &str| Failure::stop(format!("keyvault:{url} {what}; it must be {form}"));
    if url.scheme() != "https" {
        return Err(wrong("does not begin with https://, which Key Vault needs"));
    }
    let segments: Vec<&str> = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let (name, version) = match segments.as_slice() {
        ["secrets", name] => (*name, None),
        ["secrets", name, version] => (*name, Some(*version)),
        _ => return Err(wrong("does not name a secret")),
    };
    // Microsoft, "Azure Key Vault keys, secrets and certificates overview": 1–127 of letters, digits and hyphen.
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if name.len() > 127 || !plain(name) || !version.is_none_or(plain) {
        return Err(wrong("has letters in the name or version that Key Vault does not allow"));
    }
    Ok(Address { name, version })
}

fn explain(failure: Failure, url: &Url, name: &str, who: &str) -> Failure {
    let vault = host_and_port(url);
    let what = format!("the secret {name} of the vault {vault}");
    let why = match (&failure.next, failure.code()) {
        (Next::NotFound, _) => format!("{what} does not exist or was deleted; check its name, or create it"),
        (Next::Forbidden, "SecretDisabled") => format!("{what} is disabled; enable it in the vault"),
        (Next::Forbidden, "ForbiddenByFirewall") => {
            format!("{what} cannot be read: the vault's firewall refuses this machine; allow its network there")
        }
        (Next::Forbidden, _) => format!(
            "{what} may not be read by {who}; give it the role Key Vault Secrets User on the vault (or \"get\" in the \
             vault's access policy); a new role may take some minutes. {}",
            failure.why
        ),
        (Next::Unauthorized, _) => {
            format!("{what}: the vault does not accept the token of {who}; check tenant_id and cloud.vault_scope")
        }
        _ if failure.why.contains("doesn't match the requested domain") => format!(
            "{what} was not asked for: {vault} asks for a token for another service, so it may not be a Key Vault; check \
             the address"
        ),
        _ if failure.why.contains("cannot be resolved") => {
            format!(
                "{what} cannot be read: there is no host {vault}; check the vault's name, the network and the DNS server"
            )
        }
        _ => format!("{what} cannot be read: {}", failure.why),
    };
    let next = match failure.next {
        Next::Bad | Next::Unauthorized => Next::Stop,
        next => next,
    };
    Failure { next, why, status: failure.status, code: failure.code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_vault_secret_and_perhaps_version() {
        let table = [
            ("https://v.vault.azure.net/secrets/n", Some(("n", None))),
            ("https://v.vault.azure.net/secrets/n/", Some(("n", None))),
            ("https://v.vault.azure.net/secrets/n/0123abcd", Some(("n", Some("0123abcd")))),
            ("https://v.vault.azure.net/secrets/", None),
            ("https://v.vault.azure.net/keys/n", None),
            ("https://v.vault.azure.net/secrets/n/v/x", None),
            ("https://v.vault.azure.net/secrets/a%2Fb", None),
            ("http://127.0.0.1/secrets/n", None),
        ];
        for (text, expected) in table {
            let url = Url::parse(text).unwrap();
            let found = address(&url).ok().map(|address| (address.name, address.version));
            assert_eq!(found, expected, "{text}");
        }
    }
}
