//! Registry authentication: none, basic, or a bearer token.

use http_auth::ChallengeRef;
use http_auth::parser::ChallengeParser;
use oci_client::secrets::RegistryAuth;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{StatusCode, Url};
use serde::Deserialize;

use super::connection::Connection;
use super::credential::Credential;
use super::login::Login;
use crate::Error;

/// The right that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Read.
    Pull,
    /// Write, too.
    Push,
}

/// Authentication as every request carries it.
#[derive(Debug)]
pub(super) struct Access {
    /// As `oci-client` takes it.
    pub(super) auth: RegistryAuth,
    credential: Credential,
}

/// Most bytes of an answer with a token.
const TOKEN: u64 = 1 << 20;

/// How the registry wants to be authenticated to.
#[derive(Debug, PartialEq, Eq)]
enum Challenge {
    Bearer { realm: String, service: Option<String> },
    Basic,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Token {
    token: String,
    access_token: String,
}

impl Access {
    /// Asks the registry for its challenge and meets it with the user's `credential`.
    ///
    /// # Errors
    /// A registry that cannot be reached, or whose challenge the credential does not meet.
    pub(super) async fn gain(
        connection: &Connection,
        repository: &str,
        credential: Credential,
        action: Action,
    ) -> Result<Access, Error> {
        let response = connection.send(connection.get("", &RegistryAuth::Anonymous)).await?;
        let status = response.status();
        if !status.is_success() && status != StatusCode::UNAUTHORIZED {
            return Err(connection.complaint(response).await);
        }
        if status == StatusCode::UNAUTHORIZED && !connection.is_own(&response) {
            let other = response.url().host_str().unwrap_or_default().to_owned();
            return Err(Error::Redirected(connection.host().to_owned(), other));
        }
        let auth = match (challenge(response.headers()), &credential.login) {
            (None, _) | (Some(Challenge::Basic), Login::Anonymous) => RegistryAuth::Anonymous,
            (Some(_), Login::Registry(token)) => RegistryAuth::Bearer(token.clone()),
            (Some(Challenge::Basic), Login::Password(user, password)) => {
                RegistryAuth::Basic(user.clone(), password.clone())
            }
            (Some(Challenge::Basic), Login::Identity(_)) => {
                return Err(Error::NoPassword(connection.host().to_owned(), credential.origin));
            }
            (Some(Challenge::Bearer { realm, service }), _) => {
                let scope = match action {
                    Action::Pull => format!("repository:{repository}:pull"),
                    Action::Push => format!("repository:{repository}:pull,push"),
                };
                token(connection, &credential, &realm, service.as_deref(), &scope).await?
            }
        };
        Ok(Access { auth, credential })
    }

    /// The error for a request that was refused all the same.
    pub(super) fn denied(&self, host: &str) -> Error {
        denied(&self.credential, host)
    }
}

fn denied(credential: &Credential, host: &str) -> Error {
    let (host, origin) = (host.to_owned(), credential.origin.clone());
    match credential.login {
        Login::Anonymous => Error::NoLogin(host, origin),
        _ => Error::Refused(host, origin),
    }
}

/// The first challenge that can be met.
fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(ChallengeParser::new).filter_map(Result::ok).find_map(|challenge| {
        if challenge.scheme.eq_ignore_ascii_case("basic") {
            return Some(Challenge::Basic);
        }
        let bearer = challenge.scheme.eq_ignore_ascii_case("bearer");
        let realm = parameter(&challenge, "realm").filter(|_| bearer)?;
        Some(Challenge::Bearer { realm, service: parameter(&challenge, "service") })
    })
}

fn parameter(challenge: &ChallengeRef<'_>, name: &str) -> Option<String> {
    let found = challenge.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.to_unescaped())
}

/// Gets a token for `scope` where the registry says.
async fn token(
    connection: &Connection,
    credential: &Credential,
    realm: &str,
    service: Option<&str>,
    scope: &str,
) -> Result<RegistryAuth, Error> {
    let host = connection.host();
    let failed = |why: &str| Error::Token(host.to_owned(), realm.to_owned(), why.to_owned());
    let mut url = Url::parse(realm).map_err(|error| failed(&format!(": {error}")))?;
    if url.scheme() != "https" && !(connection.is_plain() && url.scheme() == "http") {
        return Err(failed(", which is not HTTPS"));
    }
    let mut fields = vec![("scope", scope)];
    fields.extend(service.map(|service| ("service", service)));
    let request = if let Login::Identity(secret) = &credential.login {
        fields.extend([("grant_type", "refresh_token"), ("client_id", "harden"), ("refresh_token", secret)]);
        connection.post_for_token(url, encode(&fields))
    } else {
        url.query_pairs_mut().extend_pairs(&fields);
        let auth = match &credential.login {
            Login::Password(user, password) => RegistryAuth::Basic(user.clone(), password.clone()),
            _ => RegistryAuth::Anonymous,
        };
        connection.get_token(url, &auth)
    };
    let response = connection.send(request).await?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(denied(credential, host)),
        status if status.is_redirection() => {
            return Err(failed(", which redirects; a login follows no redirection"));
        }
        _ => return Err(connection.complaint(response).await),
    }
    let body = connection.read(response, TOKEN).await?;
    let token: Token = serde_json::from_slice(&body).unwrap_or_default();
    let token = if token.token.is_empty() { token.access_token } else { token.token };
    if token.is_empty() || HeaderValue::from_str(&token).is_err() {
        return Err(failed(", which gives none"));
    }
    Ok(RegistryAuth::Bearer(token))
}

fn encode(fields: &[(&str, &str)]) -> String {
    // A URL's query is encoded as a form is.
    let encoded = Url::parse_with_params("https://form", fields).ok();
    encoded.as_ref().and_then(Url::query).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&'static str]) -> Option<Challenge> {
        let values = values.iter().map(|value| (WWW_AUTHENTICATE, HeaderValue::from_static(value)));
        challenge(&values.collect())
    }

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        let bearer = |service: Option<&str>| {
            let realm = "https://auth.example.com/token?a=b".to_owned();
            Some(Challenge::Bearer { realm, service: service.map(str::to_owned) })
        };
        for (values, expected) in [
            (&[][..], None),
            (&["Basic realm=\"Registry\""], Some(Challenge::Basic)),
            (&["bearer realm=\"https://auth.example.com/token?a=b\",service=\"x\",scope=\"y\""], bearer(Some("x"))),
            (&["Bearer realm=\"https://auth.example.com/token?a=b\""], bearer(None)),
            (&["Negotiate", "Basic realm=\"x\""], Some(Challenge::Basic)),
            (&["Negotiate, Basic realm=\"x\""], Some(Challenge::Basic)),
            (&["Bearer service=\"without a realm\""], None),
            (&["\"garbage"], None),
        ] {
            assert_eq!(of(values), expected, "{values:?}");
        }
    }

    #[test]
    fn forms_are_encoded() {
        assert_eq!(encode(&[("scope", "a:b c"), ("x", "1&2=3")]), "scope=a%3Ab+c&x=1%262%3D3");
    }
}
