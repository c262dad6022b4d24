//! Whom we trust: the bundled roots, the system's, and `extra_roots`. One TLS stack, one crypto provider.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::Failure;

/// The TLS side of the client.
pub(super) fn client_config(extra_roots: &[PathBuf]) -> Result<ClientConfig, Failure> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        // A machine without a certificate store still has the bundled roots.
        tracing::debug!(%error, "part of the system's certificate store cannot be read");
    }
    roots.add_parsable_certificates(system.certs);
    for path in extra_roots {
        add_file(&mut roots, path)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::stop(format!("TLS cannot be set up: {error}")))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn add_file(roots: &mut RootCertStore, path: &std::path::Path) -> Result<(), Failure> {
    let name = path.display();
    let remedy = "give a PEM file with the certificate of the authority to be trusted (-----BEGIN CERTIFICATE-----)";
    let unreadable = |error| Failure::stop(format!("the extra root file {name} cannot be read ({error}); {remedy}"));
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(unreadable)?;
    if certificates.is_empty() {
        return Err(Failure::stop(format!("the extra root file {name} holds no certificate; {remedy}")));
    }
    for certificate in certificates {
        roots
            .add(certificate)
            .map_err(|error| Failure::stop(format!("a certificate in {name} cannot be used ({error}); {remedy}")))?;
    }
    Ok(())
}
