//! Which images the globs of an exemption's `images` match.

use crate::evaluate::validate;
use crate::policy::{Load, Single};
use crate::rules::privileged::Privileged;

const DIGEST: &str = "@sha256:86e0e091d0da6bde2456dbb48306f3956bbeb2eae1b5b9a43045843f69fe4aaa";

fn is_exempt(glob: &str, image: &str) -> bool {
    let payload = serde_json::json!({
        "settings": { "exemptions": [{ "images": [glob] }] },
        "request": {
            "operation": "CREATE",
            "kind": { "group": "", "version": "v1", "kind": "Pod" },
            "object": { "spec": { "containers": [{ "name": "app", "image": image }] } },
        },
    });
    let answer = validate(payload.to_string().as_bytes(), Single::<Privileged>::load).expect("the request is readable");
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("the answer is JSON");
    answer["accepted"] == true
}

#[test]
fn globs_match_what_the_reference_means() {
    let pinned = format!("nginx:1.27{DIGEST}");
    for (glob, image, expected) in [
        ("nginx:1.27", "nginx:1.27", true),
        ("nginx:*", "nginx:1.27", true),
        ("docker.io/library/nginx:1.27", "nginx:1.27", true),
        ("docker.io/library/nginx", "nginx:1.27", true),
        ("docker.io/library/*", "nginx:1.27", true),
        ("docker.io/library/nginx:1.28", "nginx:1.27", false),
        // The short name is the full one, shortened: without a tag it means any.
        ("nginx", "nginx:1.27", true),
        ("nginx", "nginx", true),
        ("library/nginx", "nginx:1.27", true),
        ("nginx", "org/nginx:1.27", false),
        ("org/nginx", "org/nginx:1.27", true),
        ("docker.io/library/nginx:latest", "nginx", true),
        ("docker.io/library/nginx", "index.docker.io/nginx:1", true),
        ("nginx:1", "index.docker.io/library/nginx:1", true),
        ("docker.io/library/nginx", &pinned, true),
        (&pinned, &pinned, true),
        (&format!("docker.io/library/nginx:1.27{DIGEST}"), &pinned, true),
        // The tag says nothing of what the digest brings.
        ("docker.io/library/nginx:1.27", &pinned, false),
        ("nginx:1.27", &pinned, false),
        ("ghcr.io/org/*", "ghcr.io/org/app:1", true),
        ("ghcr.io/org/*", "ghcr.io/organ/app:1", false),
        ("*", "ghcr.io/org/app:1", true),
        ("*:1", "ghcr.io/org/app:1", true),
        ("*:1", "ghcr.io/org/app:2", false),
        ("*/org/*", "ghcr.io/org/app:1", true),
        ("*.example.com/*", "eu.example.com/app:1", true),
        ("localhost/*", "localhost/app:1", true),
        ("registry.example:5000/*", "registry.example:5000/app:1", true),
    ] {
        assert_eq!(is_exempt(glob, image), expected, "{glob} on {image}");
    }
}

#[test]
fn s7a_globs_do_not_match_the_text_as_written() {
    for (glob, image) in [
        // Another registry.
        ("nginx:*", "nginx:5000/evil:1"),
        ("app:*", "app:5000/x"),
        ("registry:*", "registry:5000/evil"),
        ("debug-tools:*", "debug-tools:5000/attacker/img:latest"),
        ("nginx*", "nginx.evil.example/x:1"),
        ("busybox*", "busybox.attacker.io/x:1"),
        ("docker.io/library/*", "evil/x:1"),
        // A registry's name in a path.
        ("*ghcr.io/org/*", "evil.io/ghcr.io/org/app:1"),
        ("*.example.com/*", "evil.io/x.example.com/app:1"),
        // What no runtime takes.
        ("*", "Nginx:1"),
        ("nginx:*", "nginx:1\n"),
        ("nginx:*", "nginx:1 "),
        ("*nginx:1", " nginx:1"),
        ("*", "trusted.io/../evil/x:1"),
        ("trusted.io/*", "trusted.io/../evil/x:1"),
        ("*", ""),
    ] {
        assert!(!is_exempt(glob, image), "{glob} on {image}");
    }
}

#[test]
fn s7a_misleading_globs_are_refused() {
    let settings = |glob: &str| {
        let settings = serde_json::json!({ "exemptions": [{ "images": ["ghcr.io/*", glob] }] }).to_string();
        Single::<Privileged>::load(Some(serde_json::from_str(&settings).expect("it is JSON"))).err()
    };
    for (glob, expected) in [
        ("trusted.io*", "must end the registry with `/`, as in ghcr.io/*"),
        ("nginx.*", "must end the registry with `/`, as in ghcr.io/*"),
        ("trusted.io*/app", "must not end the registry with `*`: others have such hosts"),
        ("index.docker.io/nginx", "can never match: write nginx or docker.io/library/nginx"),
        ("docker.io/nginx:*", "can never match: write nginx or docker.io/library/nginx"),
        ("ghcr.io[/:]x", "must be a glob on both sides of the first `/`"),
        ("ghcr.io/", "must be a glob on both sides of the first `/`"),
    ] {
        let error = settings(glob).map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(error, format!("exemptions[0].images[1]: {expected}"), "{glob}");
    }
    for glob in [
        "nginx",
        "nginx:1.27",
        "nginx:*",
        "docker.io/*",
        "docker.io/n*",
        "ghcr.io:*/x",
        "*",
        "*.example.com/x",
        r"\[::1\]/*",
    ] {
        assert!(settings(glob).is_none(), "{glob}");
    }
}
