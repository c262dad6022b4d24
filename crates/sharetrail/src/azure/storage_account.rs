//! Which storage account, and how it is opened: from an app setting with a connection string, or from the family of settings
//! that stand for one where an identity is used.
//! Sources: Microsoft, "Configure Azure Storage connection strings"; "Azure Functions: common properties for identity-based
//! connections" (`__accountName`, `__blobServiceUri`, `__clientId`).

use url::Url;

use super::SharedKey;
use crate::http::Failure;
use crate::secret::Secret;

/// Where the blob service of an account is, unless it is said otherwise.
const SUFFIX: &str = "core.windows.net";

/// Azurite, which `UseDevelopmentStorage=true` stands for. Its account and key are public.
const DEVELOPMENT: (&str, &str, &str) = (
    "http://127.0.0.1:10000/devstoreaccount1",
    "devstoreaccount1",
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
);

/// The blob service of a storage account.
#[derive(Debug, Clone)]
pub struct StorageAccount {
    /// Its address.
    pub blobs: Url,
    /// How it is opened.
    pub access: StorageAccess,
}

/// How a storage account is opened.
#[derive(Debug, Clone)]
pub enum StorageAccess {
    /// With its key.
    Key(SharedKey),
    /// With a shared access signature: the query that goes with every address.
    Signature(Secret),
    /// As an identity; a user-assigned one is named by its client id.
    Identity {
        /// `None`: the installation's own.
        client_id: Option<String>,
    },
}

impl StorageAccount {
    /// The account that the app setting `name` tells of. `setting` looks one up.
    ///
    /// # Errors
    /// It is not there, or cannot be read; the text says which setting to mend and never repeats it.
    pub fn from_settings(name: &str, setting: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let filled = |name: &str| setting(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if let Some(text) = filled(name) {
            return from_connection_string(&text)
                .map_err(|wrong| Failure::stop(format!("the app setting {name} {wrong}")));
        }
        let url = match (filled(&format!("{name}__blobServiceUri")), filled(&format!("{name}__accountName"))) {
            (Some(url), _) => url,
            (None, Some(account)) => format!("https://{account}.blob.{SUFFIX}"),
            (None, None) => {
                return Err(Failure::stop(format!(
                    "no storage account is named: set the app setting {name} to its connection string, or {name}__accountName \
                     to its name (or {name}__blobServiceUri to its address) and give the app's identity the role Storage Blob \
                     Data Contributor"
                )));
            }
        };
        let blobs = service_url(&url).ok_or_else(|| {
            Failure::stop(format!(
                "the app settings {name}__blobServiceUri and {name}__accountName make no https address"
            ))
        })?;
        Ok(Self { blobs, access: StorageAccess::Identity { client_id: filled(&format!("{name}__clientId")) } })
    }
}

/// Why a text is no connection string, in words that follow the setting's name.
fn from_connection_string(text: &str) -> Result<StorageAccount, &'static str> {
    if text.starts_with("@Microsoft.KeyVault(") {
        return Err(
            "holds a Key Vault reference that the platform could not resolve; look at its state under \"Environment \
                    variables\" of the app",
        );
    }
    let part = |name: &str| {
        let parts = text.split(';').filter_map(|part| part.split_once('='));
        parts.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    };
    if part("UseDevelopmentStorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        let (url, account, key) = DEVELOPMENT;
        return account_with_key(url.to_owned(), account, key);
    }
    let url = match (part("BlobEndpoint"), part("AccountName")) {
        (Some(url), _) => url.to_owned(),
        (None, Some(account)) => format!(
            "{}://{account}.blob.{}",
            part("DefaultEndpointsProtocol").unwrap_or("https"),
            part("EndpointSuffix").unwrap_or(SUFFIX)
        ),
        (None, None) => return Err("is no connection string: it has neither AccountName nor BlobEndpoint"),
    };
    match (part("AccountName"), part("AccountKey"), part("SharedAccessSignature")) {
        (Some(account), Some(key), _) => account_with_key(url, account, key),
        (_, _, Some(signature)) => Ok(StorageAccount {
            blobs: service_url(&url).ok_or(NO_ADDRESS)?,
            access: StorageAccess::Signature(Secret::new(signature.trim_start_matches('?'))),
        }),
        _ => Err("is a connection string without AccountKey and without SharedAccessSignature"),
    }
}

const NO_ADDRESS: &str = "does not lead to an https address";

fn account_with_key(url: String, account: &str, key: &str) -> Result<StorageAccount, &'static str> {
    let blobs = service_url(&url).ok_or(NO_ADDRESS)?;
    let key =
        SharedKey::new(account, &Secret::new(key)).ok_or("has an AccountKey that is not base64; copy it again")?;
    Ok(StorageAccount { blobs, access: StorageAccess::Key(key) })
}

/// An address that ends in a slash, so that names can be appended. Only this machine may be spoken to without TLS.
fn service_url(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    crate::http::require_https(&url).ok()?;
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url.set_query(None);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(settings: &[(&str, &str)]) -> Result<StorageAccount, String> {
        let setting = |name: &str| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        StorageAccount::from_settings("S", setting).map_err(|failure| failure.to_string())
    }

    #[test]
    fn each_form_of_connection_leads_to_the_blob_service() {
        for (settings, url, access) in [
            (
                vec![(
                    "S",
                    "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=QUJD==;EndpointSuffix=core.chinacloudapi.cn",
                )],
                "",
                "",
            ),
            (
                vec![(
                    "S",
                    "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=QUJD;EndpointSuffix=core.chinacloudapi.cn",
                )],
                "https://contoso.blob.core.chinacloudapi.cn/",
                "Key(SharedKey(contoso))",
            ),
            (vec![("S", "accountname=a;accountkey=QUI=")], "https://a.blob.core.windows.net/", "Key(SharedKey(a))"),
            (
                vec![("S", "UseDevelopmentStorage=true")],
                "http://127.0.0.1:10000/devstoreaccount1/",
                "Key(SharedKey(devstoreaccount1))",
            ),
            (
                vec![("S", "BlobEndpoint=https://a.example/;SharedAccessSignature=sv=2025&sig=x%3D")],
                "https://a.example/",
                "Signature(Secret(…))",
            ),
            (
                vec![("S__accountName", "contoso"), ("S__clientId", "id")],
                "https://contoso.blob.core.windows.net/",
                "Identity { client_id: Some(\"id\") }",
            ),
            (
                vec![("S__blobServiceUri", "https://b.example"), ("S", " ")],
                "https://b.example/",
                "Identity { client_id: None }",
            ),
        ] {
            let found = account(&settings).map(|account| (account.blobs.to_string(), format!("{:?}", account.access)));
            let expected = if url.is_empty() { None } else { Some((url.to_owned(), access.to_owned())) };
            assert_eq!(found.ok(), expected, "{settings:?}");
        }
    }

    #[test]
    fn what_is_no_connection_is_told_without_repeating_it() {
        for (settings, said) in [
            (vec![], "S__accountName"),
            (vec![("S", "secretsecret")], "neither AccountName"),
            (vec![("S", "AccountName=a")], "without AccountKey"),
            (vec![("S", "BlobEndpoint=http://a.example;AccountName=a;AccountKey=QUI=")], "https address"),
            (vec![("S", "@Microsoft.KeyVault(SecretUri=https://v/secretsecret)")], "could not resolve"),
        ] {
            let error = account(&settings).unwrap_err();
            assert!(error.contains(said) && !error.contains("secretsecret"), "{error}");
        }
    }
}
