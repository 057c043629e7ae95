//! `policies/<id>/e2e.bats`: the example's cases on kwctl, as Kubewarden's own policies are tested.

use cases::examples::{Answer, ExampleCase, Input};

use super::{Policy, notice};

/// The suite of a policy.
pub(super) fn suite(policy: &Policy) -> String {
    let id = policy.doc.id;
    let manifests = &policy.manifests;
    let mut out = format!(
        "#!/usr/bin/env bats\n# {}\n# `make e2e-tests` runs it.\n\nload ../../e2e-tests/kwctl\n",
        notice(&policy.doc)
    );
    out += &format!("\nsetup() {{\n  use_policy {id}\n}}\n\n");
    let deployment = manifests.deployment();
    for (name, object) in
        [("accepted", &manifests.accepted), ("rejected", &manifests.rejected), ("deployment", &deployment)]
    {
        out += &format!("{name}={}\n", single_quoted(&object.to_string()));
    }
    policy.cases.iter().for_each(|case| out += &test(case));
    out
}

fn test(case: &ExampleCase) -> String {
    let settings = single_quoted(&case.settings.to_string());
    let request = match case.input {
        Input::Accepted => "create \"$accepted\"",
        Input::Rejected => "create \"$rejected\"",
        Input::Deployment => "create \"$deployment\"",
        Input::Deletion => "delete \"$rejected\"",
    };
    let mut lines = vec![format!("  {request} {settings}")];
    match &case.answer {
        Answer::Silent => lines.extend(["  is_accepted".to_owned(), "  is_silent".to_owned()]),
        Answer::Repaired => lines.extend(["  is_accepted".to_owned(), "  is_repaired".to_owned()]),
        Answer::Warns(warnings) => {
            lines.push("  is_accepted".to_owned());
            lines.extend(warnings.iter().map(|warning| format!("  says {}", json_text(warning))));
        }
        Answer::Refused(message) => lines.extend(["  is_refused".to_owned(), format!("  says {}", json_text(message))]),
        Answer::BadSettings(message) => lines.push(format!("  settings_are_refused {}", json_text(message))),
    }
    format!("\n@test {} {{\n{}\n}}\n", single_quoted(case.name), lines.join("\n"))
}

/// A text as kwctl's answer, which is JSON, has it; in quotes for the shell.
fn json_text(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    single_quoted(&json[1..json.len() - 1])
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
