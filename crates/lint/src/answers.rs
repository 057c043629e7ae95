//! Answers what policies ask their host about images, from the lock alone: the registry is for the cluster.

use std::fmt;
use std::sync::{Arc, LazyLock};

use images::lock::NAME;
use images::{Image, ImageError, Index, reply};
use sandbox::{HostCall, HostCalls, Refusal};

/// Answers from a lock, which is opened when the first policy asks.
pub struct Answers {
    lock: LazyLock<Opened, Box<dyn FnOnce() -> Opened + Send>>,
}

/// Holds the lock, `None` if there is none, or the reason why it cannot be used.
type Opened = Result<Option<Arc<Index>>, Unknown>;

/// Why the lock does not answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unknown {
    /// The text is not a reference.
    #[error(transparent)]
    NotAnImage(#[from] ImageError),
    /// There is no lock.
    #[error("there is no {NAME} that knows {0}: `harden images lock` writes it")]
    NoLock(String),
    /// The lock has no entry, or one of other bytes.
    #[error("{0} is not in {NAME}: `harden images lock` adds it")]
    Lacking(String),
    /// Its entry lacks what was asked for.
    #[error("{NAME} does not say what {0} runs as: `harden images lock --update` asks for it anew")]
    NoFacts(String),
    /// Its entry is not one.
    #[error("{NAME} {0}")]
    Entry(String),
    /// The lock cannot be read.
    #[error("{NAME} cannot be used: {0}")]
    Unusable(String),
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

impl Answers {
    /// Answers from this lock, or says that there is none.
    pub fn of(lock: Option<Arc<Index>>) -> Answers {
        Answers::opening(move || Ok(lock))
    }

    /// Answers from the lock that `open` gives; nothing is opened unless a policy asks.
    pub fn opening(open: impl FnOnce() -> Opened + Send + 'static) -> Answers {
        Answers { lock: LazyLock::new(Box::new(open)) }
    }
}

impl HostCalls for Answers {
    fn answer(&self, call: &HostCall<'_>) -> Result<Vec<u8>, Refusal> {
        let reply = match call.capability().as_str() {
            "oci/v1/manifest_digest" => |entry: &_| Some(reply::digest(entry)),
            "oci/v1/oci_manifest" => reply::manifest,
            "oci/v1/oci_manifest_config" => reply::configuration,
            _ => return Err(call.unavailable()),
        };
        let answer = || {
            let image = Image::parse(&call.image().unwrap_or_default())?;
            let lock = LazyLock::force(&self.lock).as_ref().map_err(Clone::clone)?;
            let lock = lock.as_ref().ok_or_else(|| Unknown::NoLock(image.to_string()))?;
            let entry = lock.meant(&image).map_err(|error| Unknown::Entry(error.to_string()))?;
            let entry = entry.ok_or_else(|| Unknown::Lacking(image.to_string()))?;
            reply(&entry).ok_or_else(|| Unknown::NoFacts(image.to_string()))
        };
        answer().map(|value| value.to_string().into_bytes()).map_err(|why: Unknown| Refusal::Failed(why.to_string()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn lock() -> Option<Arc<Index>> {
        let build = serde_json::json!({ "digest": DIGEST, "facts": { "image": { "user": "7" } } });
        let bare = serde_json::json!({ "digest": DIGEST, "platforms": {} });
        let images = serde_json::json!({
            "docker.io/library/app:1": { "digest": DIGEST, "platforms": { "linux/amd64": build } },
            "docker.io/library/bare:1": bare,
            "docker.io/library/odd:1": { "digest": 5 },
        });
        let text = serde_json::json!({ "version": 1, "images": images }).to_string();
        Some(Arc::new(Index::parse(text).unwrap()))
    }

    fn ask(answers: &Answers, operation: &str, payload: &str) -> Result<String, String> {
        let payload = payload.as_bytes();
        let call = HostCall { policy: "p", namespace: "oci", operation, payload };
        let answer = answers.answer(&call).map_err(|refusal| refusal.to_string())?;
        Ok(String::from_utf8(answer).unwrap())
    }

    #[test]
    fn every_way_to_write_a_reference_has_the_same_answer() {
        let answers = Answers::of(lock());
        let pinned = format!("\"docker.io/library/app@{DIGEST}\"");
        let both = format!("\"app:1@{DIGEST}\"");
        for image in ["\"app:1\"", "\"docker.io/library/app:1\"", &pinned, &both] {
            assert_eq!(ask(&answers, "v1/manifest_digest", image), Ok(format!("{{\"digest\":\"{DIGEST}\"}}")));
            assert!(ask(&answers, "v1/oci_manifest_config", image).unwrap().contains("\"User\":\"7\""));
            assert!(ask(&answers, "v1/oci_manifest", image).unwrap().contains("\"layers\":[]"));
        }
    }

    #[test]
    fn what_the_lock_does_not_know_is_refused_by_name() {
        let (answers, none) = (Answers::of(lock()), Answers::of(None));
        let broken = Answers::opening(|| Err(Unknown::Unusable("no".to_owned())));
        let other = format!("\"app:1@{}\"", DIGEST.replace("aa", "bb"));
        let config = "v1/oci_manifest_config";
        for (answers, operation, image, expected) in [
            (
                &answers,
                config,
                "\"app:2\"",
                "docker.io/library/app:2 is not in harden.lock: `harden images lock` adds it",
            ),
            (&answers, config, other.as_str(), "is not in harden.lock"),
            (&answers, config, "\"bare:1\"", "harden.lock does not say what docker.io/library/bare:1 runs as"),
            (&answers, config, "\"odd:1\"", "the entry of `docker.io/library/odd:1`"),
            (&answers, config, "{}", "is not the name of an image"),
            (&answers, "v2/verify", "\"app:1\"", "host capability oci/v2/verify is not available in harden"),
            (&none, config, "\"app:1\"", "there is no harden.lock that knows docker.io/library/app:1"),
            (&broken, config, "\"app:1\"", "harden.lock cannot be used: no"),
        ] {
            let refusal = ask(answers, operation, image).unwrap_err();
            assert!(refusal.contains(expected), "{image}: {refusal}");
        }
    }
}
