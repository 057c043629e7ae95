//! Logins: docker's config file, helpers, and what a registry may want to see.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::client::{Client, policy, text};
use super::fake::{Fake, Reply};
use super::lying::{MODULE, manifest_of, registry_of};
use super::registry::{Demands, Registry};

/// `ci` with the password `correct-horse`.
const HTPASSWD: &str = "ci:$2y$05$Ep.zvv52SPMgTOD32yMgA.ZzL0HcioH8Z.R0.LWRvtycTl0qIfnV6\n";

#[test]
fn the_right_login_opens_and_others_are_refused() {
    let Some(registry) = Registry::start(&Demands { login: Some(HTPASSWD), ..Demands::default() }) else { return };
    let client = Client::new();
    let (host, reference) = (registry.host(), registry.reference("org/privileged:v1"));
    let policy = policy();
    let push = ["push", text(&policy), &reference, "--insecure"];
    let pull = ["pull", &reference, "--insecure"];

    let error = client.error(&push);
    assert!(error.contains(&format!("{host} wants a login")) && error.contains("docker/config.json"), "{error}");
    assert!(client.error(&pull).contains("`docker login 127.0.0.1:"));

    client.docker_config(&json!({ "auths": { &host: { "auth": STANDARD.encode("ci:wrong-horse") } } }));
    for args in [&push[..], &pull] {
        let error = client.error(args);
        assert!(error.contains(&format!("{host} refuses the login: `ci` from ")), "{error}");
        assert!(!error.contains("horse") && !error.contains(&STANDARD.encode("ci:wrong-horse")), "{error}");
    }

    client.docker_config(&json!({ "auths": { &host: { "auth": STANDARD.encode("ci:correct-horse") } } }));
    let pinned = client.pinned(&push);
    assert_eq!(client.pinned(&pull), pinned);

    client.docker_config(&json!({ "auths": { &host: { "auth": "?" } } }));
    let error = client.error(&push);
    assert!(error.contains(&format!("auths.\"{host}\".auth is not base64")), "{error}");
}

#[test]
fn a_helper_is_asked() {
    let Some(registry) = Registry::start(&Demands { login: Some(HTPASSWD), ..Demands::default() }) else { return };
    let client = Client::new();
    let (host, reference) = (registry.host(), registry.reference("privileged:v1"));
    let helper = |script: &str| {
        client.write("bin/docker-credential-test", format!("#!/bin/sh\n{script}\n"));
        let path = client.path("bin/docker-credential-test");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let push = || {
        let path = format!("{}:{}", text(&client.path("bin")), std::env::var("PATH").unwrap());
        let mut command = client.command(&["push", text(&policy()), &reference, "--insecure"]);
        let output = command.env("PATH", path).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let good = format!(
        "read -r server; test \"$1 $server\" = \"get {host}\" || exit 9\n\
         echo '{{\"ServerURL\":\"'$server'\",\"Username\":\"ci\",\"Secret\":\"correct-horse\"}}'"
    );
    for config in [json!({ "credHelpers": { &host: "test" } }), json!({ "credsStore": "test" })] {
        client.docker_config(&config);
        helper(&good);
        assert_eq!(push(), (true, String::new()));
        for (script, expected) in [
            ("echo 'credentials not found in native keychain'; exit 1", "wants a login"),
            (
                "echo 'the keychain is locked'; exit 1",
                "docker-credential-test failed (exit status: 1): the keychain is",
            ),
            ("echo 'Secret: hunter2'", "gave an answer without Username and Secret"),
            (&good.replace("correct", "wrong"), "refuses the login: `ci` from docker-credential-test"),
        ] {
            helper(script);
            let (done, said) = push();
            assert!(!done && said.contains(expected) && !said.contains("hunter2"), "{said}");
        }
    }
}

/// A registry that sends for a token to `/token`, and takes only `open-sesame`.
fn with_tokens(token: impl Fn(&str) -> Reply + Send + 'static) -> Fake {
    let content = registry_of(&manifest_of(b"module"), b"module");
    Fake::start(move |host, line, request| {
        if line.contains("/token") {
            return token(request);
        }
        if line != "GET /v2/" && request.contains("authorization: Bearer open-sesame\r\n") {
            return content(line);
        }
        let challenge = format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"reg&istry\"\r\n");
        Reply::Status(401, challenge.leak(), Vec::new())
    })
}

/// Whether the policy, which is no module, was reached.
fn opened(client: &Client, fake: &Fake) -> String {
    client.error(&["pull", &fake.reference("org/policy:v1"), "--insecure"])
}

const OPENED: &str = "is not a WebAssembly module";

#[test]
fn tokens_are_got_where_the_registry_says() {
    let client = Client::new();
    // Without a login.
    let fake = with_tokens(|_| Reply::ok(r#"{"token":"open-sesame"}"#));
    assert!(opened(&client, &fake).contains(OPENED));
    let asked = fake.asked();
    let token = asked.iter().find(|request| request.contains("/token")).unwrap();
    assert!(token.contains("?scope=repository%3Aorg%2Fpolicy%3Apull&service=reg%26istry "), "{token}");
    assert!(!token.contains("authorization"), "{token}");

    // With a password, which goes to the token server only.
    let fake = with_tokens(|request| {
        let known = request.contains(&format!("authorization: Basic {}\r\n", STANDARD.encode("ann:secret")));
        if known { Reply::ok(r#"{"access_token":"open-sesame"}"#) } else { Reply::Status(401, "", Vec::new()) }
    });
    let config = |password: &str| json!({ "auths": { fake.host(): { "username": "ann", "password": password } } });
    client.docker_config(&config("secret"));
    assert!(opened(&client, &fake).contains(OPENED));
    client.docker_config(&config("other"));
    assert!(opened(&client, &fake).contains("refuses the login: `ann` from"));

    // With an identity token.
    let fake = with_tokens(|request| {
        let known = request.starts_with("POST /token ")
            && request.contains("grant_type=refresh_token&client_id=harden&refresh_token=re%2Ffresh");
        if known { Reply::ok(r#"{"access_token":"open-sesame"}"#) } else { Reply::Status(400, "", Vec::new()) }
    });
    client.docker_config(&json!({ "auths": { fake.host(): { "identitytoken": "re/fresh" } } }));
    assert!(opened(&client, &fake).contains(OPENED));

    // With a token for the registry itself.
    let fake = with_tokens(|_| Reply::Status(500, "", Vec::new()));
    client.docker_config(&json!({ "auths": { fake.host(): { "registrytoken": "open-sesame" } } }));
    assert!(opened(&client, &fake).contains(OPENED));
    assert!(!fake.asked().iter().any(|request| request.contains("/token")));
}

#[test]
fn token_servers_that_give_none_are_named() {
    let client = Client::new();
    for (reply, expected) in [
        (Reply::ok("{}"), "which gives none"),
        (Reply::ok("open-sesame"), "which gives none"),
        (Reply::ok(r#"{"token":"two\nlines"}"#), "which gives none"),
        (Reply::Endless, "sends more than"),
        (
            Reply::Status(503, "", br#"{"errors":[{"message":"be\u001b[31m patient"}]}"#.to_vec()),
            "503 Service Unavailable: be[31m patient",
        ),
        (Reply::Status(403, "", Vec::new()), "wants a login"),
        (Reply::Nothing, "cannot talk to"),
    ] {
        let fake = with_tokens(move |_| reply.clone());
        let error = opened(&client, &fake);
        assert!(error.contains(expected), "{error}");
    }
    let fake = Fake::start(|_, _, _| {
        Reply::Status(401, "WWW-Authenticate: Bearer realm=\"file:///etc/passwd\"\r\n", Vec::new())
    });
    let error = opened(&client, &fake);
    assert!(error.contains("\"file:///etc/passwd\", which is not HTTPS"), "{error}");
}

/// A server that keeps what it is asked, and never lets go a secret to another.
fn stranger() -> Fake {
    Fake::start(|host, line, _| {
        if line.contains("/token") {
            return Reply::ok(r#"{"token":"open-sesame"}"#);
        }
        let challenge = format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\"\r\n");
        Reply::Status(401, challenge.leak(), Vec::new())
    })
}

#[test]
fn s13_redirect() {
    let client = Client::new();
    let stranger = stranger();
    let elsewhere = format!("Location: http://{}/token\r\n", stranger.host());
    for status in [301, 302, 303, 307, 308] {
        let elsewhere: &'static str = elsewhere.clone().leak();
        let fake = with_tokens(move |_| Reply::Status(status, elsewhere, Vec::new()));
        for login in [
            json!({ "identitytoken": "REFRESH-SECRET" }),
            json!({ "username": "ann", "password": "hunter2" }),
            json!({}),
        ] {
            client.docker_config(&json!({ "auths": { fake.host(): login } }));
            let error = opened(&client, &fake);
            assert!(error.contains("which redirects; a login follows no redirection"), "{status}: {error}");
        }
    }
    assert_eq!(stranger.asked(), Vec::<String>::new());
}

#[test]
fn s13_challenge() {
    let client = Client::new();
    let stranger = stranger();
    let elsewhere: &'static str = format!("Location: http://{}/v2/\r\n", stranger.host()).leak();
    let fake = Fake::start(move |_, _, _| Reply::Status(307, elsewhere, Vec::new()));
    for login in [json!({ "username": "ann", "password": "hunter2" }), json!({ "identitytoken": "REFRESH-SECRET" })] {
        client.docker_config(&json!({ "auths": { fake.host(): login } }));
        for command in ["pull", "push"] {
            let policy = policy();
            let reference = fake.reference("org/policy:v1");
            let args =
                [&[command][..], if command == "push" { &[text(&policy)] } else { &[] }, &[&reference, "--insecure"]];
            let error = client.error(&args.concat());
            assert!(error.contains("redirects to 127.0.0.1, which wants a login"), "{error}");
            assert!(!error.contains("hunter2") && !error.contains("REFRESH-SECRET"), "{error}");
        }
    }
    let asked = stranger.asked();
    assert!(!asked.is_empty() && asked.iter().all(|request| request.starts_with("GET /v2/ ")), "{asked:?}");
    assert!(asked.iter().all(|request| !request.to_lowercase().contains("authorization")), "{asked:?}");
}

#[test]
fn s15_helper() {
    let client = Client::new();
    let fake = Fake::start(|_, _, _| Reply::Status(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", Vec::new()));
    client.docker_config(&json!({ "credsStore": "flood" }));
    client.write("bin/docker-credential-flood", "#!/bin/sh\nexec cat /dev/zero\n");
    let path = client.path("bin/docker-credential-flood");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", text(&client.path("bin")), std::env::var("PATH").unwrap());
    let mut command = client.command(&["pull", &fake.reference("policy:v1"), "--insecure"]);
    let output = command.env("PATH", path).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && error.contains("docker-credential-flood gave more than 1048576 bytes"),
        "{error}"
    );
}

#[test]
fn no_cache_holds_for_registries_too() {
    let fake = Fake::start(|_, line, _| registry_of(&manifest_of(MODULE), MODULE)(line));
    let client = Client::new();
    let pull = |cache: &str| {
        let mut command = client.command(&["pull", &fake.reference("policy:v1"), "--insecure", "-o", "-"]);
        String::from_utf8(command.env("HARDEN_CACHE", cache).output().unwrap().stderr).unwrap()
    };
    assert!(!pull("off").contains("cache"));
    assert!(!client.path("cache").exists(), "HARDEN_CACHE=off");
    pull(text(&client.path("own")));
    assert!(client.path("own/oci/blobs").exists() && !client.path("cache").exists(), "HARDEN_CACHE=FOLDER");
}
