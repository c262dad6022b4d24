//! A running emulator with a small tenant, and a client that trusts it.

use std::sync::Arc;

use emulator::story::{Profile, StoredActivity, Tenant, Truth};
use emulator::{Application, Clock, Emulator, Endpoints, Options, StartError, activity_from_json};
use reqwest::{Client, Method, RequestBuilder, Response};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};

/// 2026-11-24T03:00:00Z
pub const NOW_MS: i64 = 1_795_489_200_000;
pub const DAY_MS: i64 = 86_400_000;

pub struct Lab {
    pub emulator: Emulator,
    pub client: Client,
    pub clock: Clock,
}

impl Lab {
    /// Starts with these activities and otherwise the services' own behaviour; the clock stands.
    pub async fn with(activities: Vec<StoredActivity>) -> Lab {
        Lab::start(activities, |_| {}).await
    }

    /// The same, some options changed.
    pub async fn start(activities: Vec<StoredActivity>, change: impl FnOnce(&mut Options)) -> Lab {
        let clock = Clock::standing_at(NOW_MS);
        let mut options = Options::new(tenant(activities));
        options.clock = clock.clone();
        options.listen_http = Some(([127, 0, 0, 1], 0).into());
        change(&mut options);
        let emulator = Emulator::start(options).await.unwrap();
        let client = client(&emulator.endpoints().ca_pem);
        Lab { emulator, client, clock }
    }

    /// Tries to start another emulator at an address.
    pub async fn try_start_at(address: std::net::SocketAddr) -> Result<Emulator, StartError> {
        let mut options = Options::new(tenant(Vec::new()));
        options.listen = address;
        Emulator::start(options).await
    }

    pub fn endpoints(&self) -> &Endpoints {
        self.emulator.endpoints()
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.endpoints().https.join(path).unwrap())
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// Asks for a token and returns the whole answer.
    pub async fn ask_token(&self, application: &Application, scope: &str) -> Answer {
        let form = form(&[
            ("grant_type", "client_credentials"),
            ("client_id", &application.client_id),
            ("client_secret", application.client_secret.expose()),
            ("scope", scope),
        ]);
        let path = format!("{}/oauth2/v2.0/token", self.endpoints().tenant_id);
        let request = self.post(&path).header("content-type", "application/x-www-form-urlencoded").body(form);
        Answer::of(request).await
    }

    /// A token of the installation's application.
    pub async fn token(&self, scope: &str) -> String {
        let answer = self.ask_token(&self.endpoints().installation, scope).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// A list of activities, asked with the legacy token.
    pub async fn activities(&self, body: &Value) -> Answer {
        let token = self.endpoints().vault_secrets["defender-api-token"].expose().to_owned();
        let request = self.post("api/v1/activities/").header("authorization", format!("Token {token}"));
        Answer::of(request.header("content-type", "application/json").body(body.to_string())).await
    }

    /// A query over the tables.
    pub async fn query(&self, query: &str) -> Answer {
        let token = self.token(self.endpoints().scopes.query).await;
        let path = format!("v1/workspaces/{}/query", self.endpoints().workspace.id);
        let request = self.post(&path).bearer_auth(token).header("content-type", "application/json");
        Answer::of(request.body(json!({"query": query, "timespan": null}).to_string())).await
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Answer {
        let response: Response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The `_id`s of a list answer.
    pub fn ids(&self) -> Vec<String> {
        let data = self.json()["data"].clone();
        data.as_array().unwrap().iter().map(|one| one["_id"].as_str().unwrap().to_owned()).collect()
    }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A client that trusts the emulator's authority and no other.
fn client(ca_pem: &str) -> Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    #[expect(clippy::disallowed_methods, reason = "a client that is not the product's tests the emulator")]
    let builder = Client::builder();
    builder.tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

fn tenant(activities: Vec<StoredActivity>) -> Tenant {
    let profile = Profile {
        name: "contoso".to_owned(),
        tenant_id: "cafe1a16-0000-4000-8000-1337c3c1d999".to_owned(),
        internal_domains: vec!["contoso.example".to_owned()],
        defender_tenant_number: 97_134_000,
    };
    let truth = Truth { records: activities.len(), ..Truth::default() };
    Tenant { profile, activities, truth }
}

/// An activity that was stored `age_ms` before now and had happened five minutes earlier.
pub fn activity(id: &str, age_ms: i64) -> StoredActivity {
    activity_of(id, age_ms, 15_600, "EVENT_CATEGORY_UNSPECIFIED")
}

pub fn activity_of(id: &str, age_ms: i64, app_id: u32, event_type: &str) -> StoredActivity {
    let created = NOW_MS - age_ms;
    let record = json!({
        "_id": id, "created": created, "timestamp": created - 300_000, "appId": app_id, "eventTypeName": event_type,
        "user": {"userName": "li.wang@fabrikam.example"}, "mainInfo": {"rawOperationName": "FileAccessed"},
        "rawDataJson": {"Id": id, "Operation": "FileAccessed"},
    });
    activity_from_json(&record.to_string()).unwrap()
}
