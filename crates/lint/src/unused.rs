//! Says what the configuration names for nothing: pointers that lead to no pod, Dockerfiles of images that nothing runs,
//! exemptions that leave nothing alone; and which exemptions have no reason. Whoever wrote them thinks that they hold.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::{Config, ConfigExemption, ConfigFile};
use crate::dockerfile::{DOCKERFILE_USER, Image};
use crate::finding::{Finding, Level, Object, Place, Violation};
use crate::named::from_here;
use crate::outcome::FileReport;
use crate::own_rules::{NO_REASON, UNUSED_DOCKERFILE, UNUSED_EXEMPTION, UNUSED_POINTER};
use crate::session::Session;
use kube_yaml::yaml;
use serde_json::Value;

/// Reports about each configuration whose folder was searched as a whole; one about settings that the command line names,
/// if a folder was searched.
///
/// `paths` are those that were searched; `settings` names the settings that were chosen in place of the configurations'.
pub fn reports(session: &Session, paths: &[PathBuf], settings: Option<&str>) -> Vec<FileReport> {
    if !paths.iter().any(|path| path.is_dir()) {
        return Vec::new();
    }
    if let Some(name) = settings {
        let place = Place { line: 1, column: 1, start: 0, end: 0, exact: true };
        let of = |text: &String| finding(UNUSED_POINTER, place, format!("podTemplates: {}", unmet(text)));
        let findings = session.unmet_pointers(None).iter().map(of).collect();
        return report_of(name.to_owned(), String::new(), findings).into_iter().collect();
    }
    let configs = session.configs().filter(|(_, file)| covers(paths, file));
    configs.filter_map(|(config, file)| of_config(session, config, file)).collect()
}

fn unmet(pointer: &str) -> String {
    format!("`{pointer}` leads to no pod template in what was judged")
}

/// A report about what one configuration names for nothing.
fn of_config(session: &Session, config: usize, file: &ConfigFile) -> Option<FileReport> {
    let parsed = yaml::parse(&file.text);
    let root = &parsed.documents.first()?.root;
    let pointers = session.unmet_pointers(Some(config));
    let mut findings = Vec::new();
    for (index, text) in file.config.pod_templates.iter().map(|pointer| pointer.to_text()).enumerate() {
        if pointers.contains(&text) {
            let place = Place::find(root, &format!("podTemplates[{index}]"));
            findings.push(finding(UNUSED_POINTER, place, unmet(&text)));
        }
    }
    let is_judged = session.judges_rule(DOCKERFILE_USER);
    let is_own = |(of, image): &(Option<usize>, &Image)| is_judged && *of == Some(config) && !image.is_met();
    for (_, image) in session.images().filter(is_own) {
        let Some(index) = image.configured() else { continue };
        let place = Place::find(root, &format!("dockerfiles[{index}].image"));
        findings.push(finding(UNUSED_DOCKERFILE, place, image.unmet()));
    }
    for (path, exemption) in exemptions(&file.config) {
        let place = |key: &str| Place::find(root, &format!("{path}{key}"));
        if session.is_unused(config, exemption) {
            let hint = "remove it, or write `# harden: ignore[unused-exemption] REASON` behind it if only the cluster needs it";
            findings.push(finding(
                UNUSED_EXEMPTION,
                place(""),
                format!("{path} left nothing alone in what was judged: {hint}"),
            ));
        }
        let has_reason =
            exemption.exemption.get("reason").and_then(Value::as_str).is_some_and(|reason| !reason.trim().is_empty());
        if !has_reason {
            let message = format!("{path} has no `reason`: say why, as for a suppression");
            findings.push(finding(NO_REASON, place(""), message));
        }
    }
    session.mute_own(&file.text, &mut findings);
    findings.sort_by_key(|finding| finding.place);
    let report = report_of(from_here(&file.path).display().to_string(), file.text.clone(), findings)?;
    Some(FileReport { fail_on: file.config.fail_on, config: Some(config), ..report })
}

/// The exemptions of a configuration, each with its path.
fn exemptions(config: &Config) -> Vec<(String, &ConfigExemption)> {
    let others = config.overrides.iter().enumerate();
    let others = others.map(|(at, other)| (format!("overrides[{at}]."), &other.exemptions));
    let mut found = Vec::new();
    for (prefix, list) in [(String::new(), &config.exemptions)].into_iter().chain(others) {
        found.extend(list.iter().enumerate().map(|(at, exemption)| (format!("{prefix}exemptions[{at}]"), exemption)));
    }
    found
}

fn report_of(path: String, text: String, findings: Vec<Finding>) -> Option<FileReport> {
    (!findings.is_empty()).then(|| FileReport { path, text, findings, ..FileReport::default() })
}

/// Whether the folder of the configuration was searched as a whole.
fn covers(paths: &[PathBuf], file: &ConfigFile) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    let folder = real(&file.folder);
    let around = |path: &PathBuf| real(path).zip(folder.as_ref()).is_some_and(|(path, f)| f.starts_with(path));
    paths.iter().any(around)
}

fn finding(rule: &str, place: Place, message: String) -> Finding {
    let violation = Violation::whole(rule, message, false);
    Finding { violation, level: Level::Warning, object: Object::default(), place, policy: None, muted: None }
}
