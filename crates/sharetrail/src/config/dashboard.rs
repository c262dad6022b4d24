//! Checks of `[dashboard]`: who may open it.

use super::check::Check;
use super::settings::{Dashboard, SignInBy};
use super::written::DashboardTable;

/// `[dashboard]`
pub fn dashboard(check: &mut Check, table: DashboardTable) -> Option<Dashboard> {
    let kinds = "write \"entra\" or \"app_service\"";
    let kind = check.required("dashboard.sign_in", table.sign_in, kinds)?;
    let tenant_id = check.required("dashboard.tenant_id", table.tenant_id, "the directory of those who may open it");
    let tenant_id = tenant_id.and_then(|text| check.guid("dashboard.tenant_id", &text));
    let users = guids(check, "dashboard.users", table.users.unwrap_or_default());
    let groups = guids(check, "dashboard.groups", table.groups.unwrap_or_default());
    if users.is_empty() && groups.is_empty() {
        check.problem("dashboard", "lets nobody in: name object ids in users or groups");
    }
    let sign_in = match kind.as_str() {
        "entra" => {
            let url = check.required(
                "dashboard.base_url",
                table.base_url,
                "the address by which browsers reach the dashboard",
            );
            let client_id = check.required("dashboard.client_id", table.client_id, "the application (client) id");
            let secret = "where the secret is: keyvault:URL, env:NAME, file:PATH";
            let secret = check.required("dashboard.client_secret", table.client_secret, secret);
            let url = url.and_then(|text| check.url("dashboard.base_url", &text));
            let client_id = client_id.and_then(|text| check.guid("dashboard.client_id", &text));
            let client_secret = secret.and_then(|text| check.secret("dashboard.client_secret", &text));
            if url.as_ref().is_some_and(|url| url.path() != "/") {
                check.problem("dashboard.base_url", "must end with the host: the dashboard has a host of its own");
            }
            SignInBy::Entra { url: url?, client_id: client_id?, client_secret: client_secret? }
        }
        "app_service" => {
            for (key, is_written) in [
                ("base_url", table.base_url.is_some()),
                ("client_id", table.client_id.is_some()),
                ("client_secret", table.client_secret.is_some()),
            ] {
                if is_written {
                    let path = format!("dashboard.{key}");
                    check.problem(&path, "has no meaning with sign_in = \"app_service\", which signs people in itself");
                }
            }
            SignInBy::AppService
        }
        _ => {
            check.problem("dashboard.sign_in", &format!("is no way to sign in; {kinds}"));
            return None;
        }
    };
    Some(Dashboard { sign_in, tenant_id: tenant_id?, users, groups })
}

fn guids(check: &mut Check, path: &str, written: Vec<String>) -> Vec<String> {
    let written = written.iter().enumerate();
    written.filter_map(|(index, text)| check.guid(&format!("{path}.{index}"), text.trim())).collect()
}
