//! The checks that every part of the configuration is put to: numbers, addresses, ids, domains, secret references.
//!
//! Each check takes a path, reports what it finds there and goes on. A check that returns `None` has reported why.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use url::Url;

use super::error::Problem;
use super::reading::shown;
use super::settings::SecretRef;
use crate::http::is_loopback;

/// Collects findings while the settings are built.
pub struct Check {
    /// Line of each key.
    pub lines: BTreeMap<String, usize>,
    /// Findings so far.
    pub problems: Vec<Problem>,
    /// Folder of the configuration file: relative paths start here.
    pub folder: PathBuf,
}

impl Check {
    /// Reports a finding about a key: "`key` " and then the text.
    pub fn problem(&mut self, path: &str, text: &str) {
        let text = format!("`{}` {text}", shown(path));
        self.problems.push(Problem { line: self.line(path), text });
    }

    /// The line of the key, or of the nearest table around it where the key is absent.
    fn line(&self, path: &str) -> Option<usize> {
        let mut path = path;
        loop {
            if let Some(line) = self.lines.get(path) {
                return Some(*line);
            }
            path = path.rsplit_once('.')?.0;
        }
    }

    /// Text that has to be there.
    pub fn required(&mut self, path: &str, value: Option<String>, what: &str) -> Option<String> {
        let value = value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        // A value of a wrong type was dropped and reported when the file was read.
        if value.is_none() && !self.lines.contains_key(path) {
            self.problem(path, &format!("is missing: {what}"));
        } else if value.is_none() && !self.has_problem_at(path) {
            self.problem(path, &format!("is empty: {what}"));
        }
        value
    }

    /// Whether something was reported about the line of a key.
    pub fn has_problem_at(&self, path: &str) -> bool {
        let line = self.lines.get(path);
        line.is_some() && self.problems.iter().any(|problem| problem.line.as_ref() == line)
    }

    /// A number within bounds; the default where absent.
    pub fn number(&mut self, path: &str, value: Option<u64>, default: u64, bounds: RangeInclusive<u64>) -> u64 {
        let value = value.unwrap_or(default);
        if !bounds.contains(&value) {
            self.problem(path, &format!("must be between {} and {}; it is {value}", bounds.start(), bounds.end()));
        }
        value
    }

    /// [`number`](Self::number), for a setting of 32 bits. The bounds must fit.
    pub fn number32(&mut self, path: &str, value: Option<u64>, default: u32, bounds: RangeInclusive<u32>) -> u32 {
        let bounds = u64::from(*bounds.start())..=u64::from(*bounds.end());
        // What does not fit is out of bounds, and reported as such.
        u32::try_from(self.number(path, value, u64::from(default), bounds)).unwrap_or(default)
    }

    /// [`number`](Self::number), for a setting that counts things in memory.
    pub fn size(&mut self, path: &str, value: Option<u64>, default: u64, bounds: RangeInclusive<u64>) -> usize {
        usize::try_from(self.number(path, value, default, bounds)).unwrap_or(usize::MAX)
    }

    /// The address of a service: https, or http to this machine; no user name in it.
    pub fn url(&mut self, path: &str, text: &str) -> Option<Url> {
        let wrong = match Url::parse(text) {
            Ok(url) => match url_problem(&url) {
                None => return Some(url),
                Some(wrong) => wrong,
            },
            Err(_) if !text.contains("://") => "is not an address; write it in full, starting with https://",
            Err(_) => "is not a valid address, such as https://host.example",
        };
        self.problem(path, wrong);
        None
    }

    /// A GUID, lower case.
    pub fn guid(&mut self, path: &str, text: &str) -> Option<String> {
        if text.len() == 36 && uuid::Uuid::try_parse(text).is_ok() {
            return Some(text.to_ascii_lowercase());
        }
        self.problem(path, "must be a GUID, such as 11111111-2222-3333-4444-555555555555");
        None
    }

    /// The resource id of something of this type in a resource group, such as `Microsoft.Insights/dataCollectionRules`.
    pub fn resource_id(&mut self, path: &str, text: &str, wanted: &str) -> Option<String> {
        let parts: Vec<&str> = text.trim_end_matches('/').split('/').collect();
        let is_one = match parts.as_slice() {
            ["", s, subscription, g, group, p, provider, kind, name] => {
                s.eq_ignore_ascii_case("subscriptions")
                    && g.eq_ignore_ascii_case("resourceGroups")
                    && p.eq_ignore_ascii_case("providers")
                    && format!("{provider}/{kind}").eq_ignore_ascii_case(wanted)
                    && [subscription, group, name].iter().all(|part| !part.is_empty())
            }
            _ => false,
        };
        if is_one {
            return Some(parts.join("/"));
        }
        self.problem(
            path,
            &format!("must be a resource id: /subscriptions/ID/resourceGroups/GROUP/providers/{wanted}/NAME"),
        );
        None
    }

    /// Mail domains, lower case, each once.
    pub fn domains(&mut self, path: &str, written: Option<Vec<String>>) -> Vec<String> {
        let mut domains = Vec::new();
        for (index, domain) in written.unwrap_or_default().iter().enumerate() {
            let domain = domain.trim().to_lowercase();
            if !is_domain(&domain) {
                self.problem(
                    &format!("{path}.{index}"),
                    "must list bare domains, such as \"contoso.com\": no @, no *, no address",
                );
            } else if !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        domains
    }

    /// Where a secret is kept. The text itself is never repeated: it may be the secret.
    pub fn secret(&mut self, path: &str, text: &str) -> Option<SecretRef> {
        let text = text.trim();
        let wrong = if text.starts_with("@Microsoft.KeyVault(") {
            "holds a Key Vault reference of App Service that was not resolved. Write keyvault: and the secret's URL \
             here, or let the app's identity read the vault's secrets and look at the reference's status in the portal"
        } else if let Some(rest) = text.strip_prefix("keyvault:") {
            match keyvault(rest) {
                Some(secret) => return Some(secret),
                None => "must be keyvault:https://VAULT.vault.azure.net/secrets/NAME, with or without /VERSION",
            }
        } else if let Some(name) = text.strip_prefix("env:") {
            if is_variable(name) {
                return Some(SecretRef::Env(name.to_owned()));
            }
            "must be env:NAME, where NAME is an environment variable of letters, digits and _"
        } else if let Some(file) = text.strip_prefix("file:") {
            if !file.is_empty() {
                return Some(SecretRef::File(self.file(file)));
            }
            "must be file:PATH"
        } else {
            "must say where the secret is kept, not be the secret: keyvault:URL, env:NAME or file:PATH. If a secret was \
             written there, consider it known to others and replace it"
        };
        self.problem(path, wrong);
        None
    }

    /// A path, which starts at the configuration file's folder unless it is absolute.
    pub fn file(&self, written: &str) -> PathBuf {
        self.folder.join(Path::new(written))
    }
}

fn url_problem(url: &Url) -> Option<&'static str> {
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(url) => {}
        "http" => {
            return Some("must start with https://; http:// is taken for this machine only (127.0.0.1, localhost)");
        }
        _ => return Some("must start with https://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("must not contain a user name or password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Some("must be a plain address, without ? or #");
    }
    None
}

fn keyvault(text: &str) -> Option<SecretRef> {
    let url = Url::parse(text).ok()?;
    if url_problem(&url).is_some() {
        return None;
    }
    let segments: Vec<&str> = url.path_segments()?.filter(|segment| !segment.is_empty()).collect();
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match segments.as_slice() {
        ["secrets", rest @ ..] if matches!(rest.len(), 1 | 2) && rest.iter().all(|part| is_name(part)) => {
            Some(SecretRef::KeyVault(url))
        }
        _ => None,
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a text in lower case has the form of a mail domain.
pub fn is_domain(text: &str) -> bool {
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
        })
}
