//! The verdict and the findings of policies on a request.

use super::Error;
use super::expect::Verdict;
use super::policies::Unusable;
use super::request::{Request, with};
use kube_yaml::yaml;
use lint::finding::{Finding, Object};
use lint::judge::Judge;

/// The verdict of policies on one request, and what they find.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The object of the request.
    pub(super) object: Object,
    pub(super) verdict: Verdict,
    /// The violations that the policies list, in their order.
    pub(super) findings: Vec<Finding>,
    /// Messages and warnings.
    pub(super) messages: Vec<String>,
    /// The object as it was asked about, JSON.
    pub(super) before: String,
    /// The object as the policies want it, if they change it.
    pub(super) after: Option<String>,
}

impl Outcome {
    /// Nothing was judged: a policy does not take its settings.
    pub(super) fn of_settings(message: String) -> Outcome {
        Outcome {
            object: Object::default(),
            verdict: Verdict::InvalidSettings,
            findings: Vec::new(),
            messages: vec![message],
            before: "null".to_owned(),
            after: None,
        }
    }

    /// Asks one policy after the other; what one changes the next one sees. A refusal keeps none from being
    /// asked, so that a test learns everything at once.
    ///
    /// # Errors
    /// A request that cannot be put together.
    pub(super) fn of(judges: &[Judge], request: Request) -> Result<Outcome, Error> {
        let Request { object, object_json, mut json } = request;
        let mut outcome = Outcome {
            object,
            verdict: Verdict::Allowed,
            findings: Vec::new(),
            messages: Vec::new(),
            before: object_json,
            after: None,
        };
        for judge in judges {
            let mut response = match judge.ask_request(&json) {
                Ok(response) => response,
                Err(error) => {
                    outcome.verdict = Verdict::Failed;
                    outcome.messages.push(error.to_string());
                    continue;
                }
            };
            if !response.accepted && outcome.verdict == Verdict::Allowed {
                outcome.verdict = Verdict::Denied;
            }
            outcome.messages.extend(response.message.clone());
            outcome.messages.extend(response.warnings.iter().cloned());
            if let Some(mutated) = response.mutated_object.take().filter(|_| response.accepted) {
                json = with(&json, &[("object", mutated.get().to_owned())])?;
                outcome.after = Some(mutated.get().to_owned());
            }
            let text = outcome.before.clone();
            let parsed = yaml::parse(&text);
            if let Some(document) = parsed.documents.first() {
                outcome.findings.extend(judge.findings(&document.root, &outcome.object, response));
            }
        }
        Ok(outcome)
    }
}

/// Separates settings that a policy does not take, which are an outcome, from policies that cannot be loaded.
///
/// # Errors
/// A policy that cannot be loaded.
pub(super) fn ready(judges: Result<Vec<Judge>, Unusable>) -> Result<Result<Vec<Judge>, Outcome>, Error> {
    match judges {
        Ok(judges) => Ok(Ok(judges)),
        Err(Unusable::Settings(message)) => Ok(Err(Outcome::of_settings(message))),
        Err(Unusable::Policy(error)) => Err(error),
    }
}
