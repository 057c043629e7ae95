//! The policies as they are compiled into this program.

use anyhow::{Context, Result};
use hardening::bundle;
use hardening::catalogue::{self, RuleDoc};

use crate::judge::Policies;
use crate::outcome::Answer;

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

impl Policies for Native {
    fn validate(&self, id: &str, payload: &str) -> Result<Answer> {
        Ok(self.get(id)?.validate(payload.as_bytes()).map_err(|error| error.to_string()))
    }

    fn refusal(&self, id: &str, settings: &str) -> Result<Option<String>> {
        Ok(self.get(id)?.refusal(settings))
    }
}
