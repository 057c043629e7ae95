//! `docker-credential-NAME`: programs that keep logins.
//!
//! The crate `docker_credential` waits for a helper without limit and reads everything that it writes.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::HelperError;
use crate::login::Login;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// The user name that stands for an identity token.
const TOKEN: &str = "<token>";

/// The complaint of a helper that has no login for a server.
const UNKNOWN: &str = "credentials not found";

/// How long a helper may take: it may have to ask its user for a password.
const PATIENCE: Duration = Duration::from_secs(60);

/// Most bytes of an answer.
const LONGEST: u64 = 1 << 20;

/// Asks a helper for the login of `server`; `None` if it has none.
///
/// # Errors
/// A helper that cannot be run or fails.
pub(super) fn ask(name: &str, server: &str) -> Result<Option<Login>, HelperError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(HelperError::Name(name.to_owned()));
    }
    let program = format!("docker-credential-{name}");
    let (status, stdout) = run(&program, server, PATIENCE)?;
    if !status.success() {
        let said = String::from_utf8_lossy(&stdout).trim().to_owned();
        return if said.contains(UNKNOWN) { Ok(None) } else { Err(HelperError::Failed(program, status, said)) };
    }
    let answer: Answer = serde_json::from_slice(&stdout).map_err(|_| HelperError::NoLogin(program))?;
    Ok(Some(match answer.username.as_str() {
        TOKEN => Login::Identity(answer.secret),
        _ => Login::Password(answer.username, answer.secret),
    }))
}

/// Runs a helper; gives how it ended and what it wrote.
fn run(program: &str, server: &str, patience: Duration) -> Result<(ExitStatus, Vec<u8>), HelperError> {
    let end = Instant::now() + patience;
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| HelperError::Run(program.to_owned(), error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read its input says itself what is wrong.
        let _ = stdin.write_all(server.as_bytes());
    }
    let done = listen(program, &mut child, end, patience);
    if done.is_err() {
        // It may have ended by now, which is as good.
        let _ = child.kill();
        let _ = child.wait();
    }
    done
}

fn listen(
    program: &str,
    child: &mut Child,
    end: Instant,
    patience: Duration,
) -> Result<(ExitStatus, Vec<u8>), HelperError> {
    let late = || HelperError::Late(program.to_owned(), patience.as_secs());
    let failed = |error| HelperError::Io(program.to_owned(), error);
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
        Ok(read) => read.map_err(failed)?,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(late()),
    };
    if bytes.len() as u64 > LONGEST {
        return Err(HelperError::TooLong(program.to_owned(), LONGEST));
    }
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok((status, bytes)),
            Ok(None) if Instant::now() >= end => return Err(late()),
            Ok(None) => thread::sleep(Duration::from_millis(2)),
            Err(error) => return Err(failed(error)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Runs a helper with this script, which may take half a second.
    fn helper(script: &str) -> Result<Vec<u8>, HelperError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("helper");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        // Elsewhere a test may just fork with the script still open.
        loop {
            match run(path.to_str().unwrap(), "server", Duration::from_millis(500)) {
                Err(HelperError::Run(_, error)) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
                done => return done.map(|(_, bytes)| bytes),
            }
        }
    }

    #[test]
    fn s15_a_helper_that_sleeps_or_floods_is_ended() {
        assert_eq!(helper("read -r server; printf %s \"$server\"").unwrap(), b"server");
        let start = Instant::now();
        for script in ["sleep 5", "sleep 5 & exit 0", "exec sleep 5 >/dev/null"] {
            assert!(matches!(helper(script), Err(HelperError::Late(_, 0))), "{script}");
        }
        assert!(start.elapsed() < Duration::from_secs(20));
        assert!(matches!(helper("exec cat /dev/zero"), Err(HelperError::TooLong(_, 1_048_576))));
    }
}
