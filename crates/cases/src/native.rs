//! The policies as they are compiled into this program.

use anyhow::{Context, Result};
use hardening::bundle;
use hardening::catalogue::{self, RuleDoc};
use hardening::host::{Capability, Host, NoAnswer};

use crate::judge::Policies;
use crate::outcome::Answer;
use crate::registry;

/// Every policy, asked without wasm.
#[derive(Debug)]
pub struct Native(Vec<RuleDoc>);

impl Native {
    /// The rules and the bundle.
    pub fn new() -> Native {
        Native(catalogue::every().into_iter().chain([bundle::doc()]).collect())
    }

    fn get(&self, id: &str) -> Result<&RuleDoc> {
        self.0.iter().find(|doc| doc.id == id).with_context(|| format!("there is no policy {id}"))
    }
}

impl Default for Native {
    fn default() -> Native {
        Native::new()
    }
}

/// The host of the rules that ask one.
struct Registry;

impl Host for Registry {
    fn ask(&self, _: Capability, reference: &str) -> std::result::Result<Vec<u8>, NoAnswer> {
        registry::answer(reference).map_err(|error| NoAnswer(error.to_string()))
    }
}

impl Policies for Native {
    fn validate(&self, id: &str, payload: &str) -> Result<Answer> {
        let (doc, payload) = (self.get(id)?, payload.as_bytes());
        let answer = if doc.asks.is_empty() { doc.validate(payload) } else { doc.validate_on(Registry, payload) };
        Ok(answer.map_err(|error| error.to_string()))
    }

    fn refusal(&self, id: &str, settings: &str) -> Result<Option<String>> {
        Ok(self.get(id)?.refusal(settings))
    }
}
