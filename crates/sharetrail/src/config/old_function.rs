//! The five app settings of the PowerShell function that sharetrail takes the place of, as a configuration. They are read
//! as they are, so that nothing but the runtime has to be changed; a configuration with a `[[tenant]]` goes before them.

use std::path::PathBuf;

use toml::Value;
use url::Url;

use super::check::Check;
use super::error::{ConfigError, Problem};
use super::settings::Settings;
use super::{installation, parse, reading};

/// The settings, by the names that the function's users know: the vault, the secret in it with the token of Defender's API,
/// the workspace, the secret with its key, and the address of Defender's API.
const NAMES: [&str; 5] = ["KeyVaultName", "mcasApiKeySecretName", "workSpaceName", "workSpaceKeySecret", "mcasUrl"];

/// The one tenant's name: the settings tell none.
const TENANT: &str = "default";

/// Whether a record is this tenant's own is asked by its directory, which the settings do not tell. It stands here while the
/// text is checked.
const UNTOLD: &str = "00000000-0000-0000-0000-000000000000";

/// Settings out of the text of a configuration without tenants, and of the five app settings; `None`: the text has tenants,
/// or there are no such app settings.
///
/// # Errors
/// Some of the five are missing, or what they say is wrong.
pub fn settings(
    text: &str,
    folder: PathBuf,
    setting: impl Fn(&str) -> Option<String>,
) -> Result<Option<Settings>, ConfigError> {
    let read = |name: &&str| setting(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let values: Vec<Option<String>> = NAMES.iter().map(read).collect();
    let Ok(reading) = reading::read(text) else { return Ok(None) };
    if reading.written.tenant.is_some() || values.iter().all(Option::is_none) {
        return Ok(None);
    }
    let missing: Vec<&str> =
        NAMES.into_iter().zip(&values).filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
    let [Some(vault), Some(token), Some(workspace), Some(key), Some(defender)] = values.as_slice() else {
        return Err(wrong(format!(
            "of the five app settings of the older function these are not set: {}",
            missing.join(", ")
        )));
    };
    let has_identity = reading.written.identity.is_some();
    let vault = vault_address(vault, reading.written.cloud);
    let secret = |name: &str| quoted(&format!("keyvault:{vault}/secrets/{name}"));
    let identity = if has_identity { "" } else { "[identity]\nkind = \"managed_identity\"\n" };
    let tables = format!(
        "{text}\n{identity}[[tenant]]\nname = \"{TENANT}\"\ntenant_id = \"{UNTOLD}\"\n\
         [tenant.defender]\nurl = {url}\ntoken = {token}\nevent_types = [\"EVENT_CATEGORY_ACCEPT_SHARE_FILE\"]\n\
         [tenant.sink.data_collector]\nworkspace = {workspace}\nshared_key = {key}\n",
        url = quoted(&api_address(defender)),
        token = secret(token),
        workspace = quoted(workspace),
        key = secret(key),
    );
    let mut settings = parse(&tables, folder).map_err(|problems| {
        let listed: Vec<String> = problems.into_iter().map(|problem| problem.text).collect();
        wrong(format!("the app settings {} make no configuration: {}", NAMES.join(", "), listed.join("; ")))
    })?;
    for tenant in &mut settings.tenants {
        tenant.tenant_id.clear();
    }
    Ok(Some(settings))
}

fn wrong(text: String) -> ConfigError {
    ConfigError::Wrong { path: PathBuf::from("(app settings)"), problems: vec![Problem { line: None, text }] }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// The vault's address by its name, in the cloud of the configuration; an address stays as it is.
fn vault_address(vault: &str, cloud: Option<super::written::CloudTable>) -> String {
    if vault.contains("://") {
        return vault.trim_end_matches('/').to_owned();
    }
    let mut check = Check { lines: Default::default(), problems: Vec::new(), folder: PathBuf::new() };
    let scope = installation::cloud(&mut check, cloud).and_then(|cloud| Url::parse(&cloud.vault_scope).ok());
    // A cloud that is wrong is told when the whole is checked.
    let suffix = scope.as_ref().and_then(Url::host_str).unwrap_or("vault.azure.net").to_owned();
    format!("https://{vault}.{suffix}")
}

/// Where the API is: some wrote no scheme, and some the route behind the API's base.
fn api_address(text: &str) -> String {
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    match text.find("/api/v1") {
        Some(at) => text[..at].to_owned() + "/api/v1/",
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::{DefenderCredential, Identity, SecretRef, Sink, Workspace};
    use super::*;

    const VALUES: [&str; 5] = [
        "contoso-vault",
        "mcas-token",
        "law-contoso",
        "law-key",
        "contoso.eu2.portal.cloudappsecurity.com/api/v1/activities/",
    ];

    fn with(text: &str, change: impl Fn(&str) -> Option<&'static str>) -> Result<Option<Settings>, String> {
        let known = |name: &str| NAMES.into_iter().zip(VALUES).find(|(key, _)| *key == name).map(|(_, value)| value);
        let setting = |name: &str| change(name).or_else(|| known(name)).map(str::to_owned);
        settings(text, PathBuf::new(), setting).map_err(|error| error.to_string())
    }

    fn secret(name: &str) -> SecretRef {
        SecretRef::KeyVault(Url::parse(name).unwrap())
    }

    #[test]
    fn the_five_settings_are_a_configuration() {
        let settings = with("", |_| None).unwrap().unwrap();
        assert!(matches!(settings.identity, Some(Identity::ManagedIdentity { assigned: None })));
        let [tenant] = settings.tenants.as_slice() else { panic!("{settings:?}") };
        assert_eq!((tenant.name.as_str(), tenant.tenant_id.as_str()), ("default", ""));
        let defender = tenant.defender.as_ref().unwrap();
        assert_eq!(defender.url.as_str(), "https://contoso.eu2.portal.cloudappsecurity.com/api/v1/");
        let DefenderCredential::LegacyToken(token) = &defender.credential else { panic!("{defender:?}") };
        assert_eq!(*token, secret("https://contoso-vault.vault.azure.net/secrets/mcas-token"));
        let [Sink::DataCollector(sink)] = tenant.sinks.as_slice() else { panic!("{tenant:?}") };
        assert_eq!(sink.shared_key, Some(secret("https://contoso-vault.vault.azure.net/secrets/law-key")));
        assert!(matches!(&sink.workspace, Workspace::Named { name, .. } if name == "law-contoso"));
        assert_eq!(sink.log_type, "MCAS_CL");
    }

    #[test]
    fn a_configuration_beside_them_chooses_cloud_and_identity_and_one_with_tenants_goes_before_them() {
        let settings = with("cloud = \"usgov-high\"\n[identity]\nkind = \"azure_cli\"\n", |_| None).unwrap().unwrap();
        assert!(matches!(settings.identity, Some(Identity::AzureCli { .. })));
        assert!(format!("{settings:?}").contains("contoso-vault.vault.usgovcloudapi.net"));
        assert!(with("[[tenant]]\nname = \"contoso\"\n", |_| None).unwrap().is_none());
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let error = with("", |name| (name == "mcasUrl").then_some(" ")).unwrap_err();
        assert!(error.contains("not set: mcasUrl"), "{error}");
        let error = with("", |name| (name == "mcasApiKeySecretName").then_some("a/b/c")).unwrap_err();
        assert!(error.contains("tenant.defender.token"), "{error}");
        assert!(settings("", PathBuf::new(), |_| None).unwrap().is_none());
    }
}
