//! Which images the globs of an exemption's `images` match.

use hardening::evaluate::validate;
use hardening::policy::{Load, Single};
use hardening::rules::privileged::Privileged;

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
fn globs_match_the_image_as_written_or_in_full() {
    let pinned = format!("nginx:1.27{DIGEST}");
    for (glob, image, expected) in [
        ("nginx:1.27", "nginx:1.27", true),
        ("nginx:*", "nginx:1.27", true),
        ("docker.io/library/nginx:1.27", "nginx:1.27", true),
        ("docker.io/library/nginx", "nginx:1.27", true),
        ("docker.io/library/*", "nginx:1.27", true),
        ("docker.io/library/nginx:1.28", "nginx:1.27", false),
        ("nginx", "nginx:1.27", false),
        ("docker.io/library/nginx:latest", "nginx", true),
        ("index.docker.io/nginx", "nginx", false),
        ("index.docker.io/nginx", "index.docker.io/nginx", true),
        ("docker.io/library/nginx", "index.docker.io/nginx:1", true),
        ("docker.io/library/nginx", &pinned, true),
        (&pinned, &pinned, true),
        (&format!("docker.io/library/nginx:1.27{DIGEST}"), &pinned, true),
        // The tag says nothing of what the digest brings.
        ("docker.io/library/nginx:1.27", &pinned, false),
        ("ghcr.io/org/*", "ghcr.io/org/app:1", true),
        ("ghcr.io/org/*", "ghcr.io/organ/app:1", false),
        // Unreadable images are matched as written only.
        ("Nginx:*", "Nginx:1", true),
        ("*/nginx", "Nginx:1", false),
    ] {
        assert_eq!(is_exempt(glob, image), expected, "{glob} on {image}");
    }
}
