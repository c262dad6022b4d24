//! `[identity]` and `[tenant.identity]`: one way to sign in, or a chain of them that somebody asked for.

use super::check::Check;
use super::settings::{AssignedIdentity, Identity, SecretRef, SigningAlgorithm};
use super::written::IdentityTable;

/// The kinds, as written; `chain` is a list of them.
const KINDS: [&str; 5] = ["client_certificate", "client_secret", "workload_identity", "managed_identity", "azure_cli"];

/// The identity at `path`. `own_tenant` is the tenant it belongs to; `None` for the installation's.
pub fn identity(check: &mut Check, path: &str, table: IdentityTable, own_tenant: Option<&str>) -> Option<Identity> {
    let hint = format!("write one of {}, chain", KINDS.join(", "));
    let kind_path = format!("{path}.kind");
    let kind = check.required(&kind_path, table.kind.clone(), &hint)?;
    let is_chain = kind == "chain";
    let kinds = if is_chain { links(check, path, table.chain.as_deref())? } else { vec![kind] };
    let found: Option<Vec<&str>> = kinds.iter().map(|kind| KINDS.into_iter().find(|known| known == kind)).collect();
    let Some(kinds) = found else {
        check.problem(&kind_path, &format!("is not a kind of identity; {hint}"));
        return None;
    };
    let mut one = One { check, path, table: &table, own_tenant };
    one.refuse_keys_without_meaning(&kinds, is_chain);
    let identities: Vec<Option<Identity>> = kinds.iter().map(|kind| one.of_kind(kind)).collect();
    let mut identities = identities.into_iter().collect::<Option<Vec<Identity>>>()?;
    if is_chain { Some(Identity::Chain(identities)) } else { identities.pop() }
}

/// The kinds of a chain, in the order in which they are tried.
fn links(check: &mut Check, path: &str, written: Option<&[String]>) -> Option<Vec<String>> {
    let path = format!("{path}.chain");
    let Some(kinds) = written else {
        check.problem(&path, "is missing: the kinds to try, in order, such as [\"workload_identity\", \"azure_cli\"]");
        return None;
    };
    let is_known = kinds.iter().all(|kind| KINDS.contains(&kind.as_str()));
    let is_repeated = kinds.iter().enumerate().any(|(at, kind)| kinds.iter().take(at).any(|other| other == kind));
    if kinds.len() < 2 || !is_known || is_repeated {
        let known = KINDS.join(", ");
        check.problem(&path, &format!("must list two or more different kinds, in the order to try them, of: {known}"));
        return None;
    }
    Some(kinds.to_vec())
}

/// What is needed to check one kind; the kinds of a chain share the table.
struct One<'a> {
    check: &'a mut Check,
    path: &'a str,
    table: &'a IdentityTable,
    own_tenant: Option<&'a str>,
}

/// What is written makes no sense, and the list of problems says so.
struct Noted;

impl One<'_> {
    fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    fn of_kind(&mut self, kind: &str) -> Option<Identity> {
        match kind {
            "client_secret" => self.client_secret(),
            "client_certificate" => self.client_certificate(),
            "workload_identity" => self.workload_identity(),
            "managed_identity" => self.managed_identity(),
            _ => Some(Identity::AzureCli { tenant_id: self.optional_tenant_id().ok()? }),
        }
    }

    fn client_secret(&mut self) -> Option<Identity> {
        let (tenant_id, client_id) = self.application();
        let client_secret = self.secret("client_secret", self.table.client_secret.clone(), "where the secret is");
        Some(Identity::ClientSecret { tenant_id: tenant_id?, client_id: client_id?, client_secret: client_secret? })
    }

    fn client_certificate(&mut self) -> Option<Identity> {
        let (tenant_id, client_id) = self.application();
        let what = "where certificate and private key are, as PEM or PKCS#12";
        let certificate = self.secret("certificate", self.table.certificate.clone(), what);
        let password = match self.table.certificate_password.clone() {
            None => None,
            written => Some(self.secret("certificate_password", written, "where the password is")?),
        };
        let algorithm = match self.table.certificate_algorithm.as_deref() {
            None | Some("PS256") => SigningAlgorithm::Ps256,
            Some("RS256") => SigningAlgorithm::Rs256,
            Some(_) => {
                self.check.problem(&self.at("certificate_algorithm"), "must be \"PS256\" or \"RS256\"");
                return None;
            }
        };
        let (tenant_id, client_id, certificate) = (tenant_id?, client_id?, certificate?);
        Some(Identity::ClientCertificate { tenant_id, client_id, certificate, password, algorithm })
    }

    fn workload_identity(&mut self) -> Option<Identity> {
        let (tenant_id, client_id) = (self.optional_tenant_id(), self.optional_client_id());
        let token_file = self.table.token_file.as_deref().map(|written| self.check.file(written));
        Some(Identity::WorkloadIdentity { tenant_id: tenant_id.ok()?, client_id: client_id.ok()?, token_file })
    }

    /// In a chain, `client_id` may be that of the application that another link is.
    fn managed_identity(&mut self) -> Option<Identity> {
        let IdentityTable { client_id, object_id, resource_id, .. } = self.table;
        let is_chain = self.table.chain.is_some();
        if (object_id.is_some() && resource_id.is_some())
            || (!is_chain && client_id.is_some() && (object_id.is_some() || resource_id.is_some()))
        {
            let path = self.at(if object_id.is_some() { "object_id" } else { "resource_id" });
            self.check
                .problem(&path, "names the identity once more: write one of client_id, object_id and resource_id");
            return None;
        }
        let assigned = match (object_id, resource_id) {
            (Some(id), _) => Some(AssignedIdentity::Object(self.check.guid(&self.at("object_id"), id)?)),
            (_, Some(id)) => {
                let kind = "Microsoft.ManagedIdentity/userAssignedIdentities";
                Some(AssignedIdentity::Resource(self.check.resource_id(&self.at("resource_id"), id, kind)?))
            }
            _ => self.optional_client_id().ok()?.map(AssignedIdentity::Client),
        };
        Some(Identity::ManagedIdentity { assigned })
    }

    /// Directory and id of an application.
    fn application(&mut self) -> (Option<String>, Option<String>) {
        let tenant_id = self.table.tenant_id.clone().or_else(|| self.own_tenant.map(str::to_owned));
        let directory = "the directory in which the application is registered";
        let tenant_id = self.check.required(&self.at("tenant_id"), tenant_id, directory);
        let client_id = self.table.client_id.clone();
        let client_id = self.check.required(&self.at("client_id"), client_id, "the application (client) id");
        let tenant_id = tenant_id.and_then(|text| self.check.guid(&self.at("tenant_id"), &text));
        (tenant_id, client_id.and_then(|text| self.check.guid(&self.at("client_id"), &text)))
    }

    fn optional_tenant_id(&mut self) -> Result<Option<String>, Noted> {
        let written = self.table.tenant_id.clone().or_else(|| self.own_tenant.map(str::to_owned));
        self.optional_guid("tenant_id", written)
    }

    fn optional_client_id(&mut self) -> Result<Option<String>, Noted> {
        self.optional_guid("client_id", self.table.client_id.clone())
    }

    fn optional_guid(&mut self, key: &str, written: Option<String>) -> Result<Option<String>, Noted> {
        let Some(text) = written else { return Ok(None) };
        self.check.guid(&self.at(key), &text).map(Some).ok_or(Noted)
    }

    fn secret(&mut self, key: &str, written: Option<String>, what: &str) -> Option<SecretRef> {
        let path = self.at(key);
        let written = self.check.required(&path, written, &format!("{what}: env:NAME, file:PATH"))?;
        let secret = self.check.secret(&path, &written)?;
        if self.own_tenant.is_none() && matches!(secret, SecretRef::KeyVault(_)) {
            self.check.problem(
                &path,
                "cannot be in a vault: this identity is the one that reads the vault. Use env:NAME or file:PATH",
            );
        }
        Some(secret)
    }

    /// A key of another kind is a misunderstanding that would show as a refusal far from here.
    fn refuse_keys_without_meaning(&mut self, kinds: &[&str], is_chain: bool) {
        let table = self.table;
        let keys = [
            ("client_secret", "client_secret", table.client_secret.is_some()),
            ("certificate", "client_certificate", table.certificate.is_some()),
            ("certificate_password", "client_certificate", table.certificate_password.is_some()),
            ("certificate_algorithm", "client_certificate", table.certificate_algorithm.is_some()),
            ("token_file", "workload_identity", table.token_file.is_some()),
            ("object_id", "managed_identity", table.object_id.is_some()),
            ("resource_id", "managed_identity", table.resource_id.is_some()),
        ];
        let kind = if is_chain { "chain" } else { kinds.first().copied().unwrap_or_default() };
        for (key, needs, is_written) in keys {
            if is_written && !kinds.contains(&needs) {
                self.check.problem(&self.at(key), &format!("has no meaning with kind = \"{kind}\" without {needs}"));
            }
        }
        if !is_chain && table.chain.is_some() {
            self.check
                .problem(&self.at("chain"), &format!("has no meaning with kind = \"{kind}\"; write kind = \"chain\""));
        }
    }
}
