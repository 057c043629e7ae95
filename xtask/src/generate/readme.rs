//! README.md of a policy.

use anyhow::{Context, Result};
use cases::examples::{Answer, Manifests};
use hardening::catalogue::{RuleDoc, common_settings};

use super::settings_table::table;
use super::{Policy, notice, yaml};
use crate::metadata::BUNDLE;
use crate::origin::image;

/// The page of a policy.
///
/// # Errors
/// An example that the policy does not judge as it should.
pub(super) fn page(policy: &Policy) -> Result<String> {
    let doc = &policy.doc;
    let mut out = format!("<!-- {} -->\n\n# `{}`: {}\n\n", notice(doc), doc.id, lower_first(doc.title));
    out += &format!("{}\n\n{}\n", doc.doc, facts(doc, &policy.profiles));
    out += &example(policy)?;
    out += &format!("\n## How to fix\n\n{}\n", doc.example.fix);
    if doc.mutates {
        out += "\n`harden fix --diff FILE` shows what can be filled in, `harden fix FILE` does it; comments and layout of \
                the file stay as they are.\n";
    }
    out += &settings(doc);
    out += &cluster(policy)?;
    out += "\n## Sources\n\n";
    doc.sources.iter().for_each(|source| out += &format!("- <{source}>\n"));
    Ok(out)
}

/// A title as it goes on behind a colon.
fn lower_first(title: &str) -> String {
    let mut characters = title.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// Summarises a rule.
fn facts(doc: &RuleDoc, profiles: &[&str]) -> String {
    let profiles = match profiles {
        [] => "none".to_owned(),
        profiles => profiles.iter().map(|profile| format!("`{profile}`")).collect::<Vec<_>>().join(", "),
    };
    let repairs = if doc.mutates { "yes, with `action: mutate`" } else { "no" };
    let windows = if doc.on_windows { "judged" } else { "exempt" };
    format!(
        "| severity | repairs | Windows pods | in the profiles |\n|---|---|---|---|\n| {} | {repairs} | {windows} | {profiles} |",
        doc.severity.word(),
    )
}

/// The refused Pod with what the policy says, the accepted one, and what a repair makes of the first.
fn example(policy: &Policy) -> Result<String> {
    let doc = &policy.doc;
    let Manifests { rejected, accepted } = &policy.manifests;
    let message = policy.cases.iter().find_map(|case| match &case.answer {
        Answer::Refused(message) => Some(message.as_str()),
        _ => None,
    });
    let message = message.with_context(|| format!("{}: no example is refused", doc.id))?;
    let fence = |kind: &str, text: &str| format!("\n```{kind}\n{}\n```\n", text.trim_end());
    let mut out = format!("\n## Example\n\nThis Pod is refused:\n{}", fence("yaml", &yaml::document(rejected)?));
    let lines = message.replace("; [", "\n[");
    out += &format!("\nwith the message, here a line for each violation\n{}", fence("text", &lines));
    out += &format!("\nand this one is accepted:\n{}", fence("yaml", &yaml::document(accepted)?));
    if let Some(repaired) = policy.manifests.repaired(doc).filter(|repaired| repaired != accepted) {
        let text = fence("yaml", &yaml::document(&repaired)?);
        out += &format!("\nWith `action: mutate` the policy makes this of the first:\n{text}");
    }
    Ok(out)
}

fn settings(doc: &RuleDoc) -> String {
    let mut out = String::from("\n## Settings\n\n");
    match doc.settings.as_slice() {
        [] => out += "None of its own.\n",
        own => out += &table(own),
    }
    if doc.id == BUNDLE {
        out += "\nThe settings of each rule are those on its own page, see [docs/rules.md](../../docs/rules.md). A rule may \
                have its own `action`, `overwrite`, `unfixable`, `exemptions` and `existingViolations`, too.\n";
    }
    out += &format!("\n### Settings of every rule\n\n{}", table(&common_settings(false)));
    out += "\n[settings.schema.json](settings.schema.json) is the JSON schema of all of them, \
            [questions-ui.yml](questions-ui.yml) the form that Rancher shows. Unknown keys, wrong types and values that \
            contradict each other are refused, with a message that names the key.\n";
    out
}

fn cluster(policy: &Policy) -> Result<String> {
    let id = policy.doc.id;
    let mut out = format!(
        "\n## In the cluster\n\n`kubectl apply -f policy.yml` installs it with its default settings. In `monitor` mode it \
         only reports; `mode: protect` refuses.\n\n```yaml\n{}```\n",
        yaml::document(&policy.manifest)?,
    );
    if policy.doc.mutates {
        out += "\nFor `action: mutate` set `mutating: true` in the manifest, too.\n";
    }
    out += &format!(
        "\n## Try it\n\n```console\n$ make annotated-policy.wasm\n$ kwctl run annotated-policy.wasm --request-path \
         request.json --settings-json '{{\"action\": \"warn\"}}'\n$ kwctl pull registry://{}\n```\n\n`harden run` takes the \
         same arguments, and a plain manifest as request. `make test` runs the tests of this policy, `make e2e-tests` \
         [its end-to-end tests](e2e.bats) on kwctl.\n",
        image(id),
    );
    Ok(out)
}
