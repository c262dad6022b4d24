//! What is asked of Entra ID: where its parts are, an id token for a code, its keys.
//!
//! Source: Microsoft, "Microsoft identity platform and OAuth 2.0 authorization code flow", "OpenID Connect on the Microsoft
//! identity platform".

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use tokio::sync::OnceCell;
use url::Url;
use url::form_urlencoded::Serializer;

use super::id_token::{self, Expected, Key};
use super::pending::Begun;
use super::visitor::Visitor;
use crate::http::{Client, Failure, Request};
use crate::secret::Secret;

/// Entra ID, as one application sees it.
pub(super) struct Authority {
    client: Client,
    root: Url,
    tenant_id: String,
    client_id: String,
    secret: Secret,
    places: OnceCell<Places>,
}

/// Where its parts are, as its discovery document says.
#[derive(Debug, Deserialize)]
struct Places {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Authority {
    pub(super) fn new(client: Client, root: &Url, tenant_id: &str, client_id: &str, secret: Secret) -> Self {
        let (tenant_id, client_id) = (tenant_id.to_owned(), client_id.to_owned());
        Self { client, root: root.clone(), tenant_id, client_id, secret, places: OnceCell::new() }
    }

    /// Where a browser goes to sign in, and then comes back to `redirect`.
    pub(super) async fn address(&self, begun: &Begun, state: &str, redirect: &Url) -> Result<Url, Failure> {
        let mut url = self.places().await?.authorization_endpoint.clone();
        let challenge =
            BASE64_URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, begun.verifier.as_bytes()));
        url.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("response_type", "code")
            .append_pair("response_mode", "query")
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("scope", "openid profile")
            .append_pair("state", state)
            .append_pair("nonce", &begun.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    /// Who signed in and was sent back with `code`.
    pub(super) async fn visitor(&self, code: &str, begun: &Begun, redirect: &Url) -> Result<Visitor, Failure> {
        let places = self.places().await?;
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.secret.expose())
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("code_verifier", &begun.verifier)
            .finish();
        let request = Request::new(reqwest::Method::POST, places.token_endpoint.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        // Once: a code that was sent is spent.
        let tokens: Tokens = self.client.exchange(&request).await?.accepted()?.json()?;
        // Fetched for each sign-in, of which there are few, so that replaced keys need no thought.
        let keys: Keys = self.client.send(&Request::get(places.jwks_uri.clone())).await?.json()?;
        let expected = Expected {
            issuer: &places.issuer,
            client_id: &self.client_id,
            tenant_id: &self.tenant_id,
            nonce: &begun.nonce,
            now: self.client.clock().now().as_second(),
        };
        id_token::read(&tokens.id_token, &keys.keys, &expected)
            .map_err(|why| Failure::stop(format!("the id token {why}")))
    }

    async fn places(&self) -> Result<&Places, Failure> {
        self.places.get_or_try_init(|| self.discover()).await
    }

    async fn discover(&self) -> Result<Places, Failure> {
        let path = format!("{}/v2.0/.well-known/openid-configuration", self.tenant_id);
        let url = self.root.join(&path).map_err(|_| Failure::stop("cloud.authority is no root of addresses"))?;
        self.client.send(&Request::get(url)).await?.json()
    }
}
