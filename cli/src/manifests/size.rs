//! How much of a lock fits into a cluster.

use serde_json::Value;

use super::error::Error;
use super::output::Document;

/// Most bytes of a ConfigMap: Kubewarden's controller keeps the settings of all policies of a PolicyServer in one.
const CONFIG_MAP: usize = 1 << 20;
/// Most bytes of an object's annotations: `kubectl apply` keeps the whole object in one, unless the API server applies it.
const ANNOTATIONS: usize = 256 << 10;

/// Says which objects need another way to be applied, a line each.
///
/// # Errors
/// Policies that no PolicyServer can hold; the message says how many bytes they have.
pub(super) fn notes(documents: &[Document]) -> Result<Vec<String>, Error> {
    let bytes = |value: &Value| if value.is_null() { 0 } else { value.to_string().len() };
    let settings = |document: &Document| {
        let spec = &document.object["spec"];
        bytes(&spec["settings"]) + bytes(&spec["policies"])
    };
    let total: usize = documents.iter().map(settings).sum();
    if total > CONFIG_MAP {
        return Err(Error::TooLarge { total, most: CONFIG_MAP });
    }
    let large = documents.iter().map(|document| (&document.name, bytes(&document.object)));
    let note = |(name, bytes): (&String, usize)| {
        format!(
            "{name} has {bytes} bytes, and `kubectl apply` takes no more than {ANNOTATIONS}: add --server-side, or let \
             `harden images lock --prune` remove what is not used"
        )
    };
    Ok(large.filter(|(_, bytes)| *bytes > ANNOTATIONS).map(note).collect())
}
