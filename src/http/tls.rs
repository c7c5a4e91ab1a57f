//! TLS trust: the same certificates that Node would trust in this process.

use std::sync::{Arc, OnceLock};
use std::thread;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use serde::Deserialize;
use tokio::sync::watch;

/// Which certificates are trusted.
#[derive(Deserialize, PartialEq, Eq, Hash, Default, Clone)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct TlsSettings {
    /// The option `ca`: PEM texts.
    pub(crate) ca: Vec<String>,
    /// `NODE_EXTRA_CA_CERTS`: path of a PEM file.
    pub(crate) extra_ca_file: Option<String>,
    /// `--use-system-ca`: add the system's store.
    pub(crate) system_ca: bool,
    /// `--use-openssl-ca`: the system's store (or `SSL_CERT_FILE`, `SSL_CERT_DIR`) instead of the bundled one.
    pub(crate) openssl_ca: bool,
    /// `NODE_TLS_REJECT_UNAUTHORIZED=0`: trust every server.
    pub(crate) accept_any: bool,
}

impl TlsSettings {
    /// Whether they name files, whose disk may not answer.
    fn need_files(&self) -> bool {
        !self.accept_any && (self.extra_ca_file.is_some() || self.system_ca || self.openssl_ca)
    }
}

/// TLS cannot be set up.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum TlsError {
    /// rustls refuses its configuration.
    #[error(transparent)]
    Configuration(#[from] rustls::Error),
    /// The option `ca` cannot be used.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// The thread that reads certificates is gone.
    #[error("the certificates were not read")]
    NotRead,
}

/// The option `ca` cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum CaError {
    /// There is none in it.
    #[error("ca contains no certificate: pass PEM text (-----BEGIN CERTIFICATE-----)")]
    NoCertificate,
    /// It is not PEM.
    #[error("ca is not valid PEM: {0}")]
    NotPem(String),
    /// A certificate cannot be read.
    #[error("ca has a certificate that cannot be read: {0}")]
    Unreadable(rustls::Error),
}

type Prepared = Result<ClientConfig, TlsError>;

/// The TLS configuration of one transport, prepared once, when it is first needed.
#[derive(Default)]
pub(crate) struct TlsConfig(OnceLock<watch::Receiver<Option<Prepared>>>);

impl TlsConfig {
    /// Waits for the configuration. Files are read on a thread of their own, however long that takes.
    pub(crate) async fn get(&self, settings: &TlsSettings, is_needed: bool) -> Prepared {
        let mut prepared = self.0.get_or_init(|| prepare(settings, is_needed)).clone();
        let prepared = prepared.wait_for(Option::is_some).await;
        prepared.ok().and_then(|prepared| prepared.clone()).unwrap_or(Err(TlsError::NotRead))
    }
}

fn prepare(settings: &TlsSettings, is_needed: bool) -> watch::Receiver<Option<Prepared>> {
    let (sender, receiver) = watch::channel(None);
    if !is_needed {
        sender.send_replace(Some(unused_config()));
    } else if settings.need_files() {
        let settings = settings.clone();
        let thread = thread::Builder::new().name("refport-certificates".to_owned());
        // Without the thread the sender is dropped, which the receiver notices.
        let _ = thread.spawn(move || sender.send_replace(Some(client_config(&settings))));
    } else {
        sender.send_replace(Some(client_config(settings)));
    }
    receiver
}

/// Reads files only where settings name them.
fn client_config(settings: &TlsSettings) -> Prepared {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let mut config = if settings.accept_any {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAny(provider))).with_no_client_auth()
    } else {
        builder.with_root_certificates(roots(settings)?).with_no_client_auth()
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// For plain HTTP, which needs a configuration but no roots.
fn unused_config() -> Prepared {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn roots(settings: &TlsSettings) -> Result<RootCertStore, CaError> {
    let mut store = RootCertStore::empty();
    if !settings.openssl_ca {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if settings.openssl_ca || settings.system_ca {
        // Unreadable certificates are left out, as Node does. If one is needed, the handshake fails with a clear reason.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if let Some(path) = &settings.extra_ca_file {
        // Node warns about an unreadable file on its own and goes on without it.
        if let Ok(pem) = std::fs::read(path) {
            store.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok));
        }
    }
    for pem in &settings.ca {
        add(&mut store, pem)?;
    }
    Ok(store)
}

/// Checks the option `ca` as far as it can be without a connection.
pub(crate) fn check(pem: &str) -> Result<(), CaError> {
    add(&mut RootCertStore::empty(), pem)
}

fn add(store: &mut RootCertStore, pem: &str) -> Result<(), CaError> {
    for certificate in certificates(pem.as_bytes())? {
        store.add(certificate).map_err(CaError::Unreadable)?;
    }
    Ok(())
}

/// Reads the certificates of a PEM text; at least one must be there.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, CaError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(CaError::NoCertificate),
        Err(error) => Err(CaError::NotPem(format!("{error:?}"))),
    }
}

/// The verifier of `NODE_TLS_REJECT_UNAUTHORIZED=0`; JavaScript warns about it as Node does.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
