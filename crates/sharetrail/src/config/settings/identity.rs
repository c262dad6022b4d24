//! Who we are to a service, and where secrets are kept.

use std::path::PathBuf;

use url::Url;

/// How to obtain tokens.
#[derive(Debug, Clone)]
pub enum Identity {
    /// An application with a client secret.
    ClientSecret {
        /// Directory of the application.
        tenant_id: String,
        /// Application id.
        client_id: String,
        /// Where its secret is.
        client_secret: SecretRef,
    },
    /// An application with a certificate.
    ClientCertificate {
        /// Directory of the application.
        tenant_id: String,
        /// Application id.
        client_id: String,
        /// Where certificate and private key are, as PEM or PKCS#12.
        certificate: SecretRef,
        /// Where the password of PKCS#12 is.
        password: Option<SecretRef>,
        /// How assertions are signed.
        algorithm: SigningAlgorithm,
    },
    /// An application that trusts the tokens of another issuer, such as a Kubernetes cluster. What is `None` is told by the
    /// environment.
    WorkloadIdentity {
        /// Directory of the application.
        tenant_id: Option<String>,
        /// Application id.
        client_id: Option<String>,
        /// File with the foreign token.
        token_file: Option<PathBuf>,
    },
    /// A managed identity of the machine or Function app.
    ManagedIdentity {
        /// Names a user-assigned one; `None`: the one that the system assigned.
        assigned: Option<AssignedIdentity>,
    },
    /// Whoever is signed in to the Azure CLI.
    AzureCli {
        /// Directory to sign in to.
        tenant_id: Option<String>,
    },
    /// The first of several that gives a token; never itself in a chain.
    Chain(Vec<Identity>),
}

/// A user-assigned managed identity, by one of its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssignedIdentity {
    /// By its client id.
    Client(String),
    /// By its object id.
    Object(String),
    /// By its resource id, `/subscriptions/…`.
    Resource(String),
}

impl AssignedIdentity {
    /// Its client id, where it is named by that.
    pub fn client_id(&self) -> Option<&String> {
        match self {
            Self::Client(id) => Some(id),
            Self::Object(_) | Self::Resource(_) => None,
        }
    }
}

impl Identity {
    /// As written for `kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ClientSecret { .. } => "client_secret",
            Self::ClientCertificate { .. } => "client_certificate",
            Self::WorkloadIdentity { .. } => "workload_identity",
            Self::ManagedIdentity { .. } => "managed_identity",
            Self::AzureCli { .. } => "azure_cli",
            Self::Chain(_) => "chain",
        }
    }

    /// Whether its tokens come from Entra ID's own address, or do in a link of a chain.
    pub fn asks_authority(&self) -> bool {
        match self {
            Self::ClientSecret { .. } | Self::ClientCertificate { .. } | Self::WorkloadIdentity { .. } => true,
            Self::ManagedIdentity { .. } | Self::AzureCli { .. } => false,
            Self::Chain(links) => links.iter().any(Self::asks_authority),
        }
    }

    /// The secrets that it needs, each with its key.
    pub fn secrets(&self) -> Vec<(&'static str, &SecretRef)> {
        match self {
            Self::ClientSecret { client_secret, .. } => vec![("client_secret", client_secret)],
            Self::ClientCertificate { certificate, password, .. } => {
                let password = password.as_ref().map(|password| ("certificate_password", password));
                std::iter::once(("certificate", certificate)).chain(password).collect()
            }
            Self::Chain(links) => links.iter().flat_map(Self::secrets).collect(),
            Self::WorkloadIdentity { .. } | Self::ManagedIdentity { .. } | Self::AzureCli { .. } => Vec::new(),
        }
    }
}

/// How an assertion is signed (RFC 7518), and with it how the certificate is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// RSASSA-PSS with SHA-256; the certificate by its SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256; the certificate by its SHA-1, as older authorities know it.
    Rs256,
}

/// Where a secret is kept; never the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// `keyvault:https://vault/secrets/name[/version]`
    KeyVault(Url),
    /// `env:NAME`
    Env(String),
    /// `file:PATH`
    File(PathBuf),
}
