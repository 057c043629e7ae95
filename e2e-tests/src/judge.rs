//! Runs one request on everything that must give the same answer.

use hardening::bundle::Bundle;
use hardening::policy::Load;
use hardening::{evaluate, guest};
use sandbox::{ErrorKind, Policy, SandboxError, SettingsVerdict};
use serde_json::{Value, json};

use crate::BUNDLE;
use crate::case::{Case, Verdict};
use crate::expand::{Expanded, Input, plain_request};
use crate::expected::Place;
use crate::kwctl::Kwctl;
use crate::outcome::{Judged, Outcome};
use crate::policies::Policies;
use crate::{repair, settings};

/// An answer: the response's bytes, or the policy's own error.
type Answer = Result<Vec<u8>, String>;

/// What came of one request.
#[derive(Debug, Default)]
pub struct Report {
    /// How it differs from what was expected, a line each.
    pub differences: Vec<String>,
    /// Whether kwctl ran it too.
    pub on_kwctl: bool,
}

/// Judges requests.
pub struct Judge<'p> {
    /// The compiled policies.
    pub policies: &'p Policies,
    /// `kwctl`, if it is installed.
    pub kwctl: Option<&'p Kwctl>,
}

impl Judge<'_> {
    /// Runs a request of `case` on the policy `id`, on the bundle and natively.
    pub fn run(&self, id: &str, case: &Case, expanded: &Expanded) -> Report {
        let mut report = Report::default();
        if let Err(problem) = self.try_run(id, case, expanded, &mut report) {
            report.differences.push(problem);
        }
        report
    }

    fn try_run(&self, id: &str, case: &Case, expanded: &Expanded, report: &mut Report) -> Result<(), String> {
        let lines = &mut report.differences;
        match &expanded.input {
            Input::BadSettings(texts) => self.refuse_settings(id, &case.settings, texts, lines)?,
            Input::Raw(text) => {
                let answer = call(self.policy(id)?, text.as_bytes())?;
                self.compare(&answer, text, lines)?;
                lines.extend(Outcome::read(&answer)?.differences(&expanded.expected));
            }
            Input::Request(request) => {
                self.take_settings(id, &case.settings, lines)?;
                let outcome = self.validate(id, &case.settings, request, lines)?;
                lines.extend(outcome.differences(&expanded.expected));
                if let (Verdict::Mutate, Outcome::Judged(Judged { mutated: Some(after), .. })) =
                    (expanded.expected.verdict, &outcome)
                {
                    lines.extend(repair::differences(&request["object"], after, &expanded.expected));
                    self.accepts_repaired(id, case, request, after, &expanded.expected.warnings, lines)?;
                }
            }
        }
        if let Some(kwctl) = self.kwctl.filter(|_| case.kwctl) {
            report.on_kwctl = kwctl.compare(id, &case.settings, expanded, &mut report.differences)?;
        }
        Ok(())
    }

    fn policy(&self, id: &str) -> Result<&Policy, String> {
        self.policies.get(id).ok_or_else(|| format!("there is no policy {id}"))
    }

    /// Runs a request on the rule's policy and holds the bundle's answer against it.
    fn validate(&self, id: &str, own: &Value, request: &Value, lines: &mut Vec<String>) -> Result<Outcome, String> {
        let payload = |settings: &Value| json!({ "settings": settings, "request": request }).to_string();
        let answer = call(self.policy(id)?, payload(own).as_bytes())?;
        self.compare(&answer, &payload(&settings::of_bundle(id, own)), lines)?;
        Outcome::read(&answer)
    }

    /// Holds the bundle's answers to `payload`, compiled and native, against the rule's.
    fn compare(&self, answer: &Answer, payload: &str, lines: &mut Vec<String>) -> Result<(), String> {
        let bundle = call(self.policy(BUNDLE)?, payload.as_bytes())?;
        if *answer != bundle {
            lines.push(format!("the bundle answers otherwise: {}", text_of(&bundle)));
        }
        let native = evaluate::validate(payload.as_bytes(), Bundle::load);
        if bundle != native {
            lines.push(format!("the native bundle answers otherwise than its wasm: {}", text_of(&native)));
        }
        Ok(())
    }

    /// The repaired object must pass, unchanged, also where nothing is repaired.
    fn accepts_repaired(
        &self,
        id: &str,
        case: &Case,
        request: &Value,
        after: &Value,
        warned: &[Place],
        lines: &mut Vec<String>,
    ) -> Result<(), String> {
        let mut again = request.clone();
        again["object"] = after.clone();
        for (settings, when) in
            [(case.settings.clone(), "again"), (settings::rejecting(&case.settings), "with action reject")]
        {
            let Outcome::Judged(judged) = self.validate(id, &settings, &again, lines)? else {
                lines.push(format!("{when}, the mutated object is an error"));
                continue;
            };
            // What `unfixable: warn` lets pass is all that may be left.
            let left = judged.places(true);
            lines.extend(left.iter().filter(|p| !warned.contains(p)).map(|p| format!("{when}, still refused: {p}")));
            if judged.mutated.is_some() {
                lines.push(format!("{when}, the mutated object is mutated once more"));
            }
        }
        Ok(())
    }

    fn take_settings(&self, id: &str, own: &Value, lines: &mut Vec<String>) -> Result<(), String> {
        let verdict = self.policy(id)?.validate_settings(&own.to_string()).map_err(|error| error.to_string())?;
        if !verdict.valid {
            lines.push(format!("the settings are refused: {}", verdict.message.unwrap_or_default()));
        }
        Ok(())
    }

    fn refuse_settings(&self, id: &str, own: &Value, texts: &[String], lines: &mut Vec<String>) -> Result<(), String> {
        let bundle_settings = settings::of_bundle(id, own);
        for (policy, settings) in [(id, own), (BUNDLE, &bundle_settings)] {
            let policy = self.policy(policy)?;
            let text = settings.to_string();
            let verdict = policy.validate_settings(&text).map_err(|error| error.to_string())?;
            check_refusal(policy.name(), &verdict, texts, lines);

            let payload = json!({ "settings": settings, "request": plain_request() }).to_string();
            let answer = call(policy, payload.as_bytes())?;
            let refused = |error: &String| {
                error.contains("Provided settings are not valid") && texts.iter().all(|text| error.contains(text))
            };
            if !answer.as_ref().is_err_and(refused) {
                lines.push(format!("{}: validate with these settings answers {}", policy.name(), text_of(&answer)));
            }
        }
        let text = bundle_settings.to_string();
        let wasm =
            self.policy(BUNDLE)?.call("validate_settings", text.as_bytes()).map_err(|error| error.to_string())?;
        if guest::validate_settings::<Bundle>(text.as_bytes()).ok().as_ref() != Some(&wasm) {
            lines.push("validate_settings: the native bundle answers otherwise than its wasm".to_owned());
        }
        Ok(())
    }
}

fn check_refusal(policy: &str, verdict: &SettingsVerdict, texts: &[String], lines: &mut Vec<String>) {
    let message = verdict.message.clone().unwrap_or_default();
    if verdict.valid {
        lines.push(format!("{policy} takes the settings"));
    }
    let lacks = texts.iter().filter(|text| !verdict.valid && !message.contains(*text));
    lines.extend(lacks.map(|text| format!("{policy} does not say {text:?} but {message:?}")));
}

/// Calls `validate` in a fresh instance. A trap, a timeout and the like are failures of the test.
fn call(policy: &Policy, payload: &[u8]) -> Result<Answer, String> {
    match policy.call("validate", payload) {
        Ok(bytes) => Ok(Ok(bytes)),
        Err(SandboxError { kind: ErrorKind::Guest(text), .. }) => Ok(Err(text)),
        Err(error) => Err(error.to_string()),
    }
}

fn text_of(answer: &Answer) -> String {
    match answer {
        Ok(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Err(error) => format!("the error: {error}"),
    }
}
