//! References: the grammar and what is pulled. `fuzz/targets` compares them with another reader.

use super::*;
use proptest::prelude::*;

fn hex(length: usize) -> String {
    "0123456789abcdef".repeat(8)[..length].to_owned()
}

#[test]
fn names_are_normalised() {
    for (text, registry, repository, tag) in [
        ("nginx", "docker.io", "library/nginx", None),
        ("nginx:1.27", "docker.io", "library/nginx", Some("1.27")),
        ("org/app", "docker.io", "org/app", None),
        ("docker.io/nginx", "docker.io", "library/nginx", None),
        ("docker.io/library/nginx", "docker.io", "library/nginx", None),
        ("index.docker.io/nginx:x", "docker.io", "library/nginx", Some("x")),
        ("index.docker.io/org/app", "docker.io", "org/app", None),
        ("registry-1.docker.io/nginx", "registry-1.docker.io", "nginx", None),
        ("ghcr.io/org/app/sub", "ghcr.io", "org/app/sub", None),
        // Without a `/` nothing is a registry, and a port is a tag.
        ("ghcr.io", "docker.io", "library/ghcr.io", None),
        ("localhost:5000", "docker.io", "library/localhost", Some("5000")),
        ("10.0.0.1:80", "docker.io", "library/10.0.0.1", Some("80")),
        ("localhost/app", "localhost", "app", None),
        ("localhost:5000/app:5001", "localhost:5000", "app", Some("5001")),
        ("local/app", "docker.io", "local/app", None),
        ("host:80/app", "host:80", "app", None),
        ("Host/app", "Host", "app", None),
        ("10.0.0.1/app", "10.0.0.1", "app", None),
        ("[::1]/app", "[::1]", "app", None),
        ("[fd00:1::2]:5000/org/app:v1", "[fd00:1::2]:5000", "org/app", Some("v1")),
        ("my_registry.local/app", "my_registry.local", "app", None),
        ("my_org/app", "docker.io", "my_org/app", None),
        ("a--b/c__d/e.f-g_h:V_1.-", "docker.io", "a--b/c__d/e.f-g_h", Some("V_1.-")),
        ("a-b.c--d.example/x", "a-b.c--d.example", "x", None),
        ("sha256:abc", "docker.io", "library/sha256", Some("abc")),
    ] {
        let expected = Reference { registry, repository: repository.into(), tag, digest: None };
        assert_eq!(Reference::parse(text), Ok(expected), "{text}");
    }
}

#[test]
fn digests() {
    for (algorithm, length) in [("sha256", 64), ("sha384", 96), ("sha512", 128)] {
        let digest = format!("{algorithm}:{}", hex(length));
        for (tag, text) in [(None, format!("app@{digest}")), (Some("v1"), format!("app:v1@{digest}"))] {
            let reference = Reference::parse(&text).unwrap();
            assert_eq!((reference.tag, reference.digest), (tag, Some(&*digest)), "{text}");
        }
    }
    for digest in [
        String::new(),
        "sha256".to_owned(),
        "sha256:".to_owned(),
        format!("sha256:{}", hex(63)),
        format!("sha256:{}", hex(65)),
        format!("sha256:{}", hex(64).to_uppercase()),
        format!("SHA256:{}", hex(64)),
        format!("sha512:{}", hex(64)),
        format!("md5:{}", hex(32)),
        format!("sha256:{}g", hex(63)),
        format!("sha256:{}@sha256:{}", hex(64), hex(64)),
        format!("sha256:{}:v1", hex(64)),
    ] {
        let text = format!("app@{digest}");
        assert!(Reference::parse(&text).is_err_and(|why| why.starts_with("the digest must be")), "{text}");
    }
}

#[test]
fn broken_references_are_refused() {
    for (text, why) in [
        ("", "it is empty"),
        ("https://ghcr.io/app", "it must not have a scheme"),
        (&hex(64), "64 hexadecimal digits"),
        (":v1", "a part of the name is empty"),
        ("@sha256:0", "a part of the name is empty"),
        ("/app", "a part of the name is empty"),
        ("app/", "a part of the name is empty"),
        ("ghcr.io/", "a part of the name is empty"),
        ("a//b", "a part of the name is empty"),
        ("App", "the name must be in lower case"),
        ("org/App:v1", "the name must be in lower case"),
        ("ghcr.io/Org/app", "the name must be in lower case"),
        ("-app", "the name must be letters"),
        ("app-", "the name must be letters"),
        ("a..b", "the name must be letters"),
        ("a._b", "the name must be letters"),
        ("a___b", "the name must be letters"),
        (" app", "the name must be letters"),
        ("app\n", "the name must be letters"),
        ("äpp", "the name must be letters"),
        ("{{ .Values.image }}", "the name must be in lower case"),
        ("$(image)", "the name must be letters"),
        ("app:", "the tag must be"),
        ("app:v 1", "the tag must be"),
        ("app:v1\n", "the tag must be"),
        ("app:.v1", "the tag must be"),
        ("app:-v1", "the tag must be"),
        ("app:v1:v2", "the tag must be"),
        ("a/b:v1/c", "the tag must be"),
        ("[::1]", "the name must be letters"),
        ("[::1]:5000", "the name must be letters"),
        ("host:port/app", "the registry must be"),
        ("host:/app", "the registry must be"),
        ("[::1]5000/app", "the registry must be"),
        ("[::1]:/app", "the registry must be"),
        ("[]:80/app", "the registry must be"),
        ("[::1/app", "the registry must be"),
        ("::1/app", "the registry must be"),
        ("[fe80::1%eth0]/app", "the registry must be"),
        ("-host.io/app", "the registry must be"),
        ("host-.io/app", "the registry must be"),
        ("host..io/app", "the registry must be"),
        (".io/app", "the registry must be"),
        ("Host_a/app", "the registry must be"),
        ("a_b:80/app", "the registry must be"),
    ] {
        assert!(
            Reference::parse(text).is_err_and(|found| found.starts_with(why)),
            "{text:?}: {:?}",
            Reference::parse(text)
        );
    }
}

#[test]
fn lengths() {
    let long = |n: usize| "a".repeat(n);
    for (text, good) in [
        (format!("ghcr.io/{}", long(255)), true),
        (format!("ghcr.io/{}", long(256)), false),
        // `library/` counts.
        (long(247), true),
        (long(248), false),
        // A host that only passes as a part of the path counts too.
        (format!("a_b.c/{}", long(249)), true),
        (format!("a_b.c/{}", long(250)), false),
        (format!("app:{}", long(128)), true),
        (format!("app:{}", long(129)), false),
    ] {
        assert_eq!(Reference::parse(&text).is_ok(), good, "{text}");
    }
    // The path is what the limit is for; a registry name may be longer.
    assert!(Reference::parse(&format!("{}.io/app", long(300))).is_ok());
}

#[test]
fn what_is_pulled() {
    let digest = format!("sha256:{}", hex(64));
    for (text, full, name) in [
        ("nginx", "docker.io/library/nginx:latest".to_owned(), "docker.io/library/nginx"),
        ("org/app:v1", "docker.io/org/app:v1".to_owned(), "docker.io/org/app"),
        (&format!("ghcr.io/app@{digest}"), format!("ghcr.io/app@{digest}"), "ghcr.io/app"),
        (&format!("ghcr.io/app:v1@{digest}"), format!("ghcr.io/app:v1@{digest}"), "ghcr.io/app"),
    ] {
        let reference = Reference::parse(text).unwrap();
        assert_eq!((reference.to_string(), &*reference.name()), (full, name));
    }
}

#[test]
fn registries() {
    for (text, expected) in [
        ("ghcr.io", true),
        ("docker.io", true),
        ("localhost", true),
        ("localhost:5000", true),
        ("[::1]:5000", true),
        ("Host", true),
        ("index.docker.io", false),
        ("nginx", false),
        ("ghcr.io/org", false),
        ("", false),
    ] {
        assert_eq!(is_registry(text), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in ".*") {
        let _ = Reference::parse(&text);
    }

    /// Texts near the grammar: what is read is normalised already.
    #[test]
    fn normalising_twice_changes_nothing(text in r"[a-cA:@/._\[\]0-9-]{0,12}|(docker\.io/)?[a-z/.]{1,9}(:[a-z0-9.]{1,4})?") {
        if let Ok(reference) = Reference::parse(&text) {
            let full = reference.to_string();
            let again = Reference::parse(&full).unwrap();
            prop_assert_eq!(again.to_string(), &*full);
            prop_assert_eq!(again.name(), reference.name());
            prop_assert_eq!(again.digest, reference.digest);
            prop_assert!(full.starts_with(&reference.name()));
        }
    }

    #[test]
    fn parts_come_back(
        registry in r"[a-z0-9]{1,8}(\.[a-z]{2,4}(:[0-9]{1,5})?|:[0-9]{1,5})|localhost|\[[0-9a-f]{0,4}:[0-9a-f:]{0,9}\]",
        repository in r"[a-z0-9]{1,5}((\.|_|__|-{1,3})[a-z0-9]{1,5}){0,2}/[a-z0-9]{1,5}",
        tag in proptest::option::of(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"),
        digest in proptest::option::of(r"sha256:[0-9a-f]{64}"),
    ) {
        let mut text = format!("{registry}/{repository}");
        for (mark, part) in [(':', &tag), ('@', &digest)] {
            if let Some(part) = part {
                text.push(mark);
                text.push_str(part);
            }
        }
        let expected = Reference {
            registry: &registry,
            repository: repository.as_str().into(),
            tag: tag.as_deref(),
            digest: digest.as_deref(),
        };
        prop_assert_eq!(Reference::parse(&text), Ok(expected));
    }
}
