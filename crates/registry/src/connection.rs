//! HTTP with one registry: every answer has a limit, every failure has its words.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use oci_client::client::{Certificate, CertificateEncoding, Client, ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use rustls::pki_types::CertificateDer;
use serde::Deserialize;

use crate::{Error, certificate};

/// A connection to one registry.
pub(super) struct Connection {
    client: reqwest::Client,
    /// Follows no redirections: a request for a token carries a secret.
    token_client: reqwest::Client,
    host: String,
    base: String,
    plain: bool,
    roots: Vec<CertificateDer<'static>>,
}

const USER_AGENT: &str = concat!("harden/", env!("CARGO_PKG_VERSION"));
/// The longest time until a connection stands.
const CONNECT: Duration = Duration::from_secs(10);
/// The longest time between two bytes of an answer.
const SILENCE: Duration = Duration::from_secs(30);
/// How often a request is sent to a registry that takes no more for now.
const TURNS: u32 = 4;
/// The longest pause between two of them.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Most bytes that are read of an error's explanation.
const COMPLAINT: u64 = 64 << 10;

/// How to talk to a registry.
#[derive(Debug, Clone, Default)]
pub struct Transport {
    /// Whether to talk plain HTTP instead of HTTPS.
    pub insecure: bool,
    /// A PEM file with certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
}

impl Connection {
    /// Prepares a connection to the registry `host`, which `server` serves: HTTPS unless `args` say otherwise.
    ///
    /// # Errors
    /// Certificates that cannot be read.
    pub(super) fn open(host: &str, server: &str, args: &Transport) -> Result<Connection, Error> {
        // Fails when it was done before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let plain = args.insecure;
        let roots = args.ca_file.as_deref().map(certificate::read).transpose()?.unwrap_or_default();
        let trusted = roots.iter().map(|root| reqwest::Certificate::from_der(root)).collect::<Result<Vec<_>, _>>();
        let clients = trusted.and_then(|trusted| {
            let builder = || {
                reqwest::Client::builder()
                    .user_agent(USER_AGENT)
                    .connect_timeout(CONNECT)
                    .read_timeout(SILENCE)
                    // A redirection must not lead out of TLS.
                    .https_only(!plain)
                    .tls_certs_merge(trusted.clone())
            };
            Ok((builder().build()?, builder().redirect(Policy::none()).build()?))
        });
        let (client, token_client) = clients.map_err(|error| Error::Start(innermost(&error)))?;
        let base = format!("{}://{}/v2/", if plain { "http" } else { "https" }, server);
        Ok(Connection { client, token_client, host: host.to_owned(), base, plain, roots })
    }

    /// The registry, as the user wrote it.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Whether everything goes unencrypted, because the user said so.
    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Connects `oci-client` to the same registry.
    ///
    /// # Errors
    /// A client that does not start.
    pub(super) fn oci_client(&self) -> Result<Client, Error> {
        let protocol = if self.plain { ClientProtocol::Http } else { ClientProtocol::Https };
        let root = |root: &CertificateDer<'_>| Certificate { encoding: CertificateEncoding::Der, data: root.to_vec() };
        Client::try_from(ClientConfig {
            protocol,
            extra_root_certificates: self.roots.iter().map(root).collect(),
            connect_timeout: Some(CONNECT),
            read_timeout: Some(SILENCE),
            user_agent: USER_AGENT,
            ..ClientConfig::default()
        })
        .map_err(|error| Error::Start(innermost(&error)))
    }

    /// A GET of `path` below the registry's API.
    pub(super) fn get(&self, path: &str, auth: &RegistryAuth) -> RequestBuilder {
        authorized(self.client.get(format!("{}{path}", self.base)), auth)
    }

    /// A HEAD of `path` below the registry's API.
    pub(super) fn head(&self, path: &str, auth: &RegistryAuth) -> RequestBuilder {
        authorized(self.client.head(format!("{}{path}", self.base)), auth)
    }

    /// A GET of a token.
    pub(super) fn get_token(&self, url: Url, auth: &RegistryAuth) -> RequestBuilder {
        authorized(self.token_client.get(url), auth)
    }

    /// A POST of form fields for a token.
    pub(super) fn post_for_token(&self, url: Url, form: String) -> RequestBuilder {
        self.token_client.post(url).header("content-type", "application/x-www-form-urlencoded").body(form)
    }

    /// Whether an answer is the registry's own, and not of a server that it redirected to.
    pub(super) fn is_own(&self, response: &Response) -> bool {
        Url::parse(&self.base).is_ok_and(|base| base.origin() == response.url().origin())
    }

    /// Sends a request and waits for the head of the answer. A registry that takes no more requests for now is asked
    /// again when it says, if that is soon.
    ///
    /// # Errors
    /// A registry that cannot be reached, or that wants to be left alone for longer.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        let mut next = Some(request);
        for turn in 0..TURNS {
            let Some(request) = next.take() else { break };
            next = request.try_clone();
            let response = request.send().await.map_err(|error| self.explain(&error))?;
            if response.status() != StatusCode::TOO_MANY_REQUESTS {
                return Ok(response);
            }
            let pause = pause(response.headers(), turn);
            if pause > LONGEST_PAUSE || turn + 1 == TURNS || next.is_none() {
                return Err(Error::Busy(self.host.clone(), pause.as_secs()));
            }
            tokio::time::sleep(pause).await;
        }
        Err(Error::Busy(self.host.clone(), LONGEST_PAUSE.as_secs()))
    }

    /// Reads an answer of at most `limit` bytes.
    ///
    /// # Errors
    /// A longer answer, one that is cut off.
    pub(super) async fn read(&self, mut response: Response, limit: u64) -> Result<Vec<u8>, Error> {
        let too_long = || Error::TooLong(self.host.clone(), limit);
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(too_long());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.explain(&error))? {
            if (body.len() + chunk.len()) as u64 > limit {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Reads the explanation of an answer other than the one that was hoped for.
    pub(super) async fn complaint(&self, response: Response) -> Error {
        let status = response.status();
        let body = self.read(response, COMPLAINT).await.unwrap_or_default();
        self.answered(&status.to_string(), &body)
    }

    /// The error for a status and the body that came with it.
    pub(super) fn answered(&self, status: &str, body: &[u8]) -> Error {
        let said = match serde_json::from_slice::<Envelope>(body) {
            Ok(envelope) => envelope.errors.iter().map(Refusal::sentence).collect::<Vec<_>>().join("; "),
            Err(_) => String::new(),
        };
        let said = said.chars().filter(|c| !c.is_control()).take(200).collect();
        Error::Answered(self.host.clone(), status.to_owned(), said)
    }

    /// The error for a request without an answer, with a hint where one may help.
    pub(super) fn explain(&self, error: &(dyn StdError + 'static)) -> Error {
        let hint = match tls_error(error) {
            Some(rustls::Error::InvalidCertificate(_)) => "; --ca-file FILE trusts a certificate of your own",
            Some(rustls::Error::InvalidMessage(_)) => "; a registry that speaks plain HTTP needs --insecure",
            _ => "",
        };
        Error::Unreachable(self.host.clone(), innermost(error), hint)
    }
}

/// How long to wait before the next turn: as `Retry-After` says in seconds, else longer each time.
fn pause(headers: &HeaderMap, turn: u32) -> Duration {
    let said = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Duration::from_secs(said.unwrap_or(1 << turn))
}

fn authorized(request: RequestBuilder, auth: &RegistryAuth) -> RequestBuilder {
    match auth {
        RegistryAuth::Anonymous => request,
        RegistryAuth::Basic(user, password) => request.basic_auth(user, Some(password)),
        RegistryAuth::Bearer(token) => request.bearer_auth(token),
    }
}

/// The errors of the distribution specification.
#[derive(Deserialize)]
struct Envelope {
    errors: Vec<Refusal>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: String,
    message: String,
}

impl Refusal {
    fn sentence(&self) -> String {
        if self.message.is_empty() { self.code.clone() } else { self.message.clone() }
    }
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The cause at the end of the chain: those above it only say where it happened.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    chain(error).last().unwrap_or(error).to_string()
}

/// Finds the error of TLS, which stands inside of one or more input-output errors.
fn tls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let wrapped = |error: &'a (dyn StdError + 'static)| {
        std::iter::successors(Some(error), |error| {
            let inside = error.downcast_ref::<io::Error>()?.get_ref()?;
            Some(inside)
        })
    };
    chain(error).flat_map(wrapped).find_map(|error| error.downcast_ref())
}
