//! Azure against a scripted server; here is what these tests share.

mod blob;
mod chain;
mod proofs;
mod query;
mod renewal;
mod secrets;
mod tokens;
mod vault;
mod workspace;

use serde_json::json;

use super::sign_in::SignIn;
use super::*;
use crate::config::settings::{AssignedIdentity, Cloud, Identity, SecretRef, Workspace};
use crate::http::Request;
use crate::http::stub::{Reply, Stub};
use crate::secret::Secret;

/// A cloud that consists of one scripted server.
pub(crate) fn cloud(stub: &Stub) -> Cloud {
    let scope = |name: &str| format!("https://{name}.example/.default");
    Cloud {
        authority: stub.url.clone(),
        vault_scope: scope("vault"),
        vault_challenge_check: false,
        arm: stub.url.clone(),
        arm_scope: scope("arm"),
        ingestion_scope: scope("ingestion"),
        query: stub.url.clone(),
        query_scope: scope("query"),
        defender_scope: scope("defender"),
        audit: None,
        audit_scope: None,
        graph: stub.url.clone(),
        graph_scope: scope("graph"),
        machine_identity: None,
        data_collector: stub.url.to_string(),
    }
}

/// An application with a client secret.
fn application() -> Identity {
    Identity::ClientSecret {
        tenant_id: "tenant-1".into(),
        client_id: "app-1".into(),
        client_secret: SecretRef::Env("UNUSED".into()),
    }
}

pub(crate) fn credential(stub: &Stub) -> Credential {
    credential_of(stub, &application(), Some(Secret::new("s3cret&=").into()))
}

/// A credential of one identity.
pub(crate) fn credential_of(stub: &Stub, identity: &Identity, proof: Option<HeldSecret>) -> Credential {
    let (client, cloud) = (stub.client(), cloud(stub));
    Credential::new(&client, vec![SignIn::new(&client, &cloud, identity, proof, None)])
}

pub(crate) fn token(text: &str) -> Reply {
    Reply::json(200, json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": text }).to_string())
}

/// `collect` runs feeds and sinks on tasks of their own.
#[tokio::test]
async fn every_call_may_run_on_a_task_of_its_own() {
    fn may_travel(_: impl Send) {}
    let stub = Stub::plain(vec![]).await;
    let (client, cloud, credential) = (stub.client(), cloud(&stub), credential(&stub));
    let (wanted, url) = (named("w", None, None), stub.at("secrets/n"));
    may_travel(credential.token("a"));
    may_travel(Vault::new(&client, &cloud, &credential).read(&url));
    may_travel(resolver(&stub).await.resolve(&SecretRef::Env("A".into())));
    may_travel(manager(&stub).find(&wanted));
    may_travel(QueryClient::new(&client, &cloud, &credential).query("w", "T"));
    may_travel(Bearer::new(&client, &credential, "a").send(&Request::get(stub.at("x")), None));
}

async fn resolver(stub: &Stub) -> SecretResolver {
    SecretResolver::new(&stub.client(), &cloud(stub), None).await.unwrap()
}

fn named(name: &str, resource_group: Option<&str>, subscription_id: Option<&str>) -> Workspace {
    Workspace::Named {
        name: name.into(),
        resource_group: resource_group.map(Into::into),
        subscription_id: subscription_id.map(Into::into),
    }
}

fn manager(stub: &Stub) -> ResourceManager {
    ResourceManager::new(&stub.client(), &cloud(stub), &credential(stub))
}
