//! Asks a policy, and the bundle in its place, what a case asks, and compares the answers with what is expected.

use hardening::catalogue::APART;
use serde_json::{Value, json};

use crate::case::{Case, Verdict};
use crate::expand::{Expanded, Input, plain_request};
use crate::expected::Place;
use crate::outcome::{Answer, Judged, Outcome};
use crate::{BUNDLE, repair, settings};

/// Who answers for the policies.
pub trait Policies: Sync {
    /// Asks the policy `id` to `validate`.
    ///
    /// # Errors
    /// No such policy, or one that gives no answer, such as after a trap.
    fn validate(&self, id: &str, payload: &str) -> anyhow::Result<Answer>;

    /// The objection of the policy `id` to the settings; `None` if it takes them.
    ///
    /// # Errors
    /// See [`Policies::validate`].
    fn refusal(&self, id: &str, settings: &str) -> anyhow::Result<Option<String>>;
}

/// How the answers to a request of `case` for the policy `id` differ from what is expected, a line each.
pub fn differences(policies: &dyn Policies, id: &str, case: &Case, request: &Expanded) -> Vec<String> {
    let mut judge = Judge { policies, id, lines: Vec::new() };
    if let Err(problem) = judge.run(case, request) {
        judge.lines.push(format!("{problem:#}"));
    }
    judge.lines
}

struct Judge<'j> {
    policies: &'j dyn Policies,
    id: &'j str,
    lines: Vec<String>,
}

impl Judge<'_> {
    fn run(&mut self, case: &Case, expanded: &Expanded) -> anyhow::Result<()> {
        match &expanded.input {
            Input::BadSettings(texts) => self.refuse_settings(&case.settings, texts)?,
            Input::Raw(text) => {
                let answer = self.validate_both(text, text)?;
                self.lines.extend(Outcome::read(&answer)?.differences(&expanded.expected));
            }
            Input::Request(request) => {
                if let Some(refusal) = self.policies.refusal(self.id, &case.settings.to_string())? {
                    self.lines.push(format!("the settings are refused: {refusal}"));
                }
                let outcome = self.validate(&case.settings, request)?;
                self.lines.extend(outcome.differences(&expanded.expected));
                if let (Verdict::Mutate, Outcome::Judged(Judged { mutated: Some(after), .. })) =
                    (expanded.expected.verdict, &outcome)
                {
                    self.lines.extend(repair::differences(&request["object"], after, &expanded.expected));
                    self.accepts_repaired(case, request, after, &expanded.expected.warnings)?;
                }
            }
        }
        Ok(())
    }

    /// Asks the rule's policy and the bundle about a request; their answers must agree.
    fn validate(&mut self, own: &Value, request: &Value) -> anyhow::Result<Outcome> {
        let payload = |settings: &Value| json!({ "settings": settings, "request": request }).to_string();
        Outcome::read(&self.validate_both(&payload(own), &payload(&settings::of_bundle(self.id, own)))?)
    }

    /// Whether the bundle has the rule: those that ask their host are policies of their own alone.
    fn is_bundled(&self) -> bool {
        !APART.contains(&self.id)
    }

    fn validate_both(&mut self, own: &str, of_bundle: &str) -> anyhow::Result<Answer> {
        let answer = self.policies.validate(self.id, own)?;
        if !self.is_bundled() {
            return Ok(answer);
        }
        let bundle = self.policies.validate(BUNDLE, of_bundle)?;
        if answer != bundle {
            self.lines.push(format!("the bundle answers otherwise: {}", text_of(&bundle)));
        }
        Ok(answer)
    }

    /// The repaired object must pass, unchanged, also where nothing is repaired.
    fn accepts_repaired(
        &mut self,
        case: &Case,
        request: &Value,
        after: &Value,
        warned: &[Place],
    ) -> anyhow::Result<()> {
        let mut again = request.clone();
        again["object"] = after.clone();
        for (settings, when) in
            [(case.settings.clone(), "again"), (settings::rejecting(&case.settings), "with action reject")]
        {
            let Outcome::Judged(judged) = self.validate(&settings, &again)? else {
                self.lines.push(format!("{when}, the mutated object is an error"));
                continue;
            };
            // What `unfixable: warn` lets pass is all that may be left.
            let left = judged.places(true).into_iter().filter(|place| !warned.contains(place));
            self.lines.extend(left.map(|place| format!("{when}, still refused: {place}")));
            if judged.mutated.is_some() {
                self.lines.push(format!("{when}, the mutated object is mutated once more"));
            }
        }
        Ok(())
    }

    /// The settings must be refused by the rule's policy and, as part of its own, by the bundle; judging a request
    /// with them must fail.
    fn refuse_settings(&mut self, own: &Value, texts: &[String]) -> anyhow::Result<()> {
        let of_bundle = settings::of_bundle(self.id, own);
        let asked = [(self.id, own), (BUNDLE, &of_bundle)];
        for (policy, settings) in asked.into_iter().take(if self.is_bundled() { 2 } else { 1 }) {
            match self.policies.refusal(policy, &settings.to_string())? {
                None => self.lines.push(format!("{policy} takes the settings")),
                Some(refusal) => {
                    let lacks = texts.iter().filter(|text| !refusal.contains(*text));
                    self.lines.extend(lacks.map(|text| format!("{policy} does not say {text:?} but {refusal:?}")));
                }
            }
            let payload = json!({ "settings": settings, "request": plain_request() }).to_string();
            let answer = self.policies.validate(policy, &payload)?;
            let refused = |error: &String| {
                error.contains("Provided settings are not valid") && texts.iter().all(|text| error.contains(text))
            };
            if !answer.as_ref().is_err_and(refused) {
                self.lines.push(format!("{policy}: validate with these settings answers {}", text_of(&answer)));
            }
        }
        Ok(())
    }
}

/// An answer as a person reads it.
pub fn text_of(answer: &Answer) -> String {
    match answer {
        Ok(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Err(error) => format!("the error: {error}"),
    }
}
