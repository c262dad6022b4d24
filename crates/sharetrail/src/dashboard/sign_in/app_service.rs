//! Whom Azure App Service (or Functions, or Container Apps) has signed in before the request arrives. It takes the header
//! away from what comes from outside, so it can be believed there, and nowhere else.
//!
//! Source: Microsoft, "Work with user identities in Azure App Service authentication".

use axum::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use super::visitor::Visitor;

/// The header.
const HEADER: &str = "x-ms-client-principal";
/// Claims by their older names, which App Service uses for some.
const OBJECT_ID: [&str; 2] = ["http://schemas.microsoft.com/identity/claims/objectidentifier", "oid"];
const TENANT_ID: [&str; 2] = ["http://schemas.microsoft.com/identity/claims/tenantid", "tid"];
const NAME: [&str; 2] = ["preferred_username", "name"];

#[derive(Deserialize)]
struct Principal {
    auth_typ: String,
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
struct Claim {
    typ: String,
    val: String,
}

/// Who signed in with Entra ID; none for other providers.
pub(super) fn visitor(headers: &HeaderMap) -> Option<Visitor> {
    let mut values = headers.get_all(HEADER).into_iter();
    // Two of them: one did not come from the platform.
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let principal: Principal = serde_json::from_slice(&BASE64_STANDARD.decode(value.as_bytes()).ok()?).ok()?;
    if principal.auth_typ != "aad" {
        return None;
    }
    let claim = |names: [&str; 2]| {
        let claims = &principal.claims;
        let found = names.iter().find_map(|name| claims.iter().find(|claim| claim.typ == *name));
        found.map(|claim| claim.val.clone())
    };
    let object_id = claim(OBJECT_ID)?;
    Some(Visitor {
        tenant_id: claim(TENANT_ID)?,
        name: claim(NAME).unwrap_or_else(|| object_id.clone()),
        object_id,
        groups: principal.claims.iter().filter(|claim| claim.typ == "groups").map(|claim| claim.val.clone()).collect(),
        has_more_groups: principal.claims.iter().any(|claim| claim.typ == "_claim_names"),
    })
}
