//! `docker-credential-NAME`: programs that keep logins.

use std::io::Write;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::credential::Kind;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// The user name that stands for an identity token.
const TOKEN: &str = "<token>";

/// What helpers say of a server that they have no login for.
const UNKNOWN: &str = "credentials not found";

/// Asks a helper for the login of `server`; `None` if it has none.
///
/// # Errors
/// A helper that cannot be run or fails. What it answered is not repeated: it may be the secret.
pub(super) fn ask(name: &str, server: &str) -> Result<Option<Kind>, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(format!("{name:?} is no name of a credential helper"));
    }
    let program = format!("docker-credential-{name}");
    let failed = |what: &str| format!("{program} {what}");
    let mut child = Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| failed(&format!("cannot be run: {error}")))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read its input says itself what is wrong.
        let _ = stdin.write_all(server.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| failed(&format!("failed: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        let said = said.trim();
        return if said.contains(UNKNOWN) {
            Ok(None)
        } else {
            Err(failed(&format!("failed ({}): {}", output.status, said.escape_debug())))
        };
    }
    let answer: Answer =
        serde_json::from_slice(&output.stdout).map_err(|_| failed("gave an answer without Username and Secret"))?;
    Ok(Some(match answer.username.as_str() {
        TOKEN => Kind::Identity(answer.secret),
        _ => Kind::Password(answer.username, answer.secret),
    }))
}
