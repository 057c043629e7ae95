//! Looks up the facts about an image: from the entries of `harden.lock` that the settings hold, else from the host.

mod entry;
mod reply;

use entry::Entry;
pub use entry::Images;
pub(super) use entry::check;

use std::borrow::Cow;

use crate::host::{Capability, NoAnswer};
use crate::line;
use crate::reference::{Reference, is_sha256};
use crate::unjudged::Unjudged;
use crate::violation::{Report, Violation};

crate::setting_words! {
    /// The treatment of an image that nobody knows.
    pub enum Unanswered {
        /// It is a violation.
        Violation = "violation",
        /// It is an error, which refuses the request whatever `action` says.
        Error = "error",
    }
}

/// An image on one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// The platform, such as `linux/amd64`.
    pub(super) platform: String,
    /// `USER`; the empty text stands for root.
    pub(super) user: String,
    /// The paths of `VOLUME`.
    pub(super) volumes: Vec<String>,
    /// `EXPOSE`, such as `80/tcp`.
    pub(super) ports: Vec<String>,
}

impl Known {
    /// Whether it runs on Windows.
    pub(super) fn is_windows(&self) -> bool {
        self.platform.starts_with("windows/")
    }
}

/// Why an image is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unknown {
    /// The host does not answer; what it says.
    Unanswered(Capability, String),
    /// The host answers something else.
    Unreadable(Capability, String),
    /// The entry has no facts.
    NoFacts,
}

impl Unknown {
    /// Adds to `report` that `place` cannot be judged. The host's own words stay out of errors: they may quote the
    /// request, and the host's log has them.
    pub(super) fn add_to(
        &self,
        report: &mut Report,
        unanswered: Unanswered,
        path: String,
        place: &dyn Fn(String) -> Violation,
    ) {
        let (why, said) = match self {
            Unknown::Unanswered(capability, said) => {
                (sentence(&["the host does not answer ", capability.name()]), said)
            }
            Unknown::Unreadable(capability, problem) => {
                (sentence(&["the host's answer to ", capability.name(), " cannot be read"]), problem)
            }
            Unknown::NoFacts => ("its entry in images has no facts".to_owned(), &String::new()),
        };
        match unanswered {
            Unanswered::Violation => {
                let mut text = sentence(&["which cannot be judged: ", &why]);
                if !said.is_empty() {
                    text.push_str(": ");
                    line::push(&mut text, said, LONGEST);
                }
                report.add(place(text));
            }
            Unanswered::Error => {
                report.unjudged.get_or_insert(Unjudged::from(sentence(&[&path, " cannot be judged: ", &why])));
            }
        }
    }
}

/// Joins the parts of a sentence: once, and not wherever there is one.
#[inline(never)]
pub(super) fn sentence(parts: &[&str]) -> String {
    parts.concat()
}

/// Most of what a host says that a message repeats, in bytes.
const LONGEST: usize = 200;

/// The facts about an image, platform by platform: at least one.
///
/// # Errors
/// An image that nobody knows.
pub(super) fn facts<'i>(
    images: &'i Images,
    report: &Report,
    image: &Reference<'_>,
) -> Result<Cow<'i, [Known]>, Unknown> {
    match entry::of(images, image).map(Entry::known) {
        Some([]) => Err(Unknown::NoFacts),
        Some(known) => Ok(Cow::Borrowed(known)),
        None => ask(Capability::ManifestConfig, report, image, reply::known).map(|known| Cow::Owned(vec![known])),
    }
}

/// The digest that a reference stands for.
///
/// # Errors
/// An image that nobody knows.
pub(super) fn digest(images: &Images, report: &Report, image: &Reference<'_>) -> Result<String, Unknown> {
    match entry::of(images, image) {
        Some(entry) => Ok(entry.digest.clone()),
        None => ask(Capability::ManifestDigest, report, image, |text| {
            let digest = reply::digest(text)?;
            if is_sha256(&digest) { Ok(digest) } else { Err("digest must be a sha256 digest".to_owned()) }
        }),
    }
}

fn ask<T>(
    capability: Capability,
    report: &Report,
    image: &Reference<'_>,
    read: fn(&str) -> Result<T, reply::Problem>,
) -> Result<T, Unknown> {
    let answer = match &report.host {
        Some(host) => host.ask(capability, &pulled(image)),
        None => Err(NoAnswer::of_nobody(capability)),
    };
    let bytes = answer.map_err(|no_answer| Unknown::Unanswered(capability, no_answer.0))?;
    let text = str::from_utf8(&bytes);
    let read = text.map_err(|_| "it is not UTF-8 text".to_owned()).and_then(read);
    read.map_err(|problem| Unknown::Unreadable(capability, problem))
}

/// The reference that is pulled: by the digest alone where there is one.
fn pulled(image: &Reference<'_>) -> String {
    match image.digest {
        Some(digest) => sentence(&[&image.name(), "@", digest]),
        None => entry::key(image),
    }
}
