//! `docker-credential-NAME`: programs that keep logins.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

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

/// How long a helper may take: it may have to ask its user for a password.
const PATIENCE: Duration = Duration::from_secs(60);

/// Most bytes of an answer.
const LONGEST: u64 = 1 << 20;

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
    let (status, stdout) = run(&program, server, PATIENCE).map_err(|what| failed(&what))?;
    if !status.success() {
        let said = String::from_utf8_lossy(&stdout);
        let said = said.trim();
        return if said.contains(UNKNOWN) {
            Ok(None)
        } else {
            Err(failed(&format!("failed ({status}): {}", said.escape_debug())))
        };
    }
    let answer: Answer =
        serde_json::from_slice(&stdout).map_err(|_| failed("gave an answer without Username and Secret"))?;
    Ok(Some(match answer.username.as_str() {
        TOKEN => Kind::Identity(answer.secret),
        _ => Kind::Password(answer.username, answer.secret),
    }))
}

/// Runs a helper; gives how it ended and what it wrote.
fn run(program: &str, server: &str, patience: Duration) -> Result<(ExitStatus, Vec<u8>), String> {
    let end = Instant::now() + patience;
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| format!("cannot be run: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read its input says itself what is wrong.
        let _ = stdin.write_all(server.as_bytes());
    }
    let done = listen(&mut child, end, patience);
    if done.is_err() {
        // It may have ended by now, which is as good.
        let _ = child.kill();
        let _ = child.wait();
    }
    done
}

fn listen(child: &mut Child, end: Instant, patience: Duration) -> Result<(ExitStatus, Vec<u8>), String> {
    let late = || format!("gave no answer in {} s and was ended", patience.as_secs());
    let (sender, answer) = sync_channel(1);
    // What the helper started may hold the pipe longer than the helper lives, so nobody waits for this thread.
    let stdout = child.stdout.take();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.map_or(Ok(0), |stdout| stdout.take(LONGEST + 1).read_to_end(&mut bytes));
        // Nobody listens any more to an answer that came too late.
        let _ = sender.send(read.map(|_| bytes));
    });
    let bytes = match answer.recv_timeout(end.saturating_duration_since(Instant::now())) {
        Ok(read) => read.map_err(|error| format!("failed: {error}"))?,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(late()),
    };
    if bytes.len() as u64 > LONGEST {
        return Err(format!("gave more than {LONGEST} bytes, which is all that is read of an answer"));
    }
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok((status, bytes)),
            Ok(None) if Instant::now() >= end => return Err(late()),
            Ok(None) => thread::sleep(Duration::from_millis(2)),
            Err(error) => return Err(format!("failed: {error}")),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// What comes of a helper with this script that may take half a second.
    fn helper(script: &str) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("helper");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        // Elsewhere a test may just fork with the script still open.
        loop {
            match run(path.to_str().unwrap(), "server", Duration::from_millis(500)) {
                Err(message) if message.contains("Text file busy") => {}
                done => return done.map(|(_, bytes)| bytes),
            }
        }
    }

    #[test]
    fn s15_a_helper_that_sleeps_or_floods_is_ended() {
        assert_eq!(helper("read -r server; printf %s \"$server\""), Ok(b"server".to_vec()));
        let start = Instant::now();
        for script in ["sleep 5", "sleep 5 & exit 0", "exec sleep 5 >/dev/null"] {
            let error = helper(script).unwrap_err();
            assert!(error.contains("gave no answer in 0 s and was ended"), "{script}: {error}");
        }
        assert!(start.elapsed() < Duration::from_secs(20));
        let error = helper("exec cat /dev/zero").unwrap_err();
        assert!(error.contains("gave more than 1048576 bytes"), "{error}");
    }
}
