//! HTTPS, which is the default.

use std::fs;

use super::client::{Client, policy, text};
use super::registry::{Demands, Registry};

#[test]
fn https_is_the_default_and_wants_a_trusted_certificate() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let tls = Some((made.cert.pem(), made.signing_key.serialize_pem()));
    let Some(registry) = Registry::start(&Demands { tls, ..Demands::default() }) else { return };
    let client = Client::new();
    let reference = registry.reference("privileged:v1");
    let policy = policy();
    let push = ["push", text(&policy), &reference];

    let error = client.error(&push);
    assert!(error.contains("invalid peer certificate") && error.contains("--ca-file"), "{error}");

    client.write("ca.pem", made.cert.pem());
    let pinned = client.pinned(&[&push[..], &["--ca-file", "ca.pem"]].concat());
    assert_eq!(client.pinned(&["pull", &reference, "--ca-file", "ca.pem"]), pinned);
    assert_eq!(fs::read(client.path("privileged.wasm")).unwrap(), fs::read(&policy).unwrap());

    let error = client.error(&["pull", &reference, "--insecure"]);
    assert!(error.contains("answered 400"), "{error}");

    client.write("empty.pem", "nothing");
    client.write("broken.pem", "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n");
    for (file, expected) in [
        ("empty.pem", "there is no certificate in `empty.pem`"),
        ("broken.pem", "cannot read certificates `broken.pem`"),
        ("missing.pem", "cannot read certificates `missing.pem`"),
    ] {
        let error = client.error(&[&push[..], &["--ca-file", file]].concat());
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn plain_http_is_only_spoken_when_it_is_allowed() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    let error = Client::new().error(&["push", text(&policy()), &registry.reference("privileged:v1")]);
    assert!(error.contains("a registry that speaks plain HTTP needs --insecure"), "{error}");
}
