//! The examples of the rules' documentation, on the compiled policies: what READMEs and `e2e.bats` say is so.

use cases::examples::{Answer, ExampleCase, Manifests, cases};
use hardening::bundle;
use hardening::catalogue;

use crate::support::policies;

#[test]
fn policies_answer_as_documented() {
    for doc in catalogue::every().into_iter().chain([bundle::doc()]) {
        let policy = policies().get(doc.id).unwrap();
        let manifests = Manifests::of(&doc).unwrap();
        for ExampleCase { name, settings, input, answer } in cases(&doc).unwrap() {
            let verdict = policy.validate_settings(&settings.to_string()).unwrap();
            let said = if verdict.valid {
                let response = policy.validate(&settings.to_string(), &manifests.request(input).to_string()).unwrap();
                match (response.accepted, response.mutated_object, response.warnings) {
                    (false, ..) => Answer::Refused(response.message.unwrap_or_default()),
                    (true, Some(_), _) => Answer::Repaired,
                    (true, None, warnings) if warnings.is_empty() => Answer::Silent,
                    (true, None, warnings) => Answer::Warns(warnings),
                }
            } else {
                Answer::BadSettings(verdict.message.unwrap_or_default())
            };
            assert_eq!(said, answer, "{}: {name}", doc.id);
        }
    }
}
