//! Says what the configuration names for nothing: pointers that lead to no pod, Dockerfiles of images that nothing runs.
//! Whoever wrote them thinks that something is judged by them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::ConfigFile;
use crate::finding::{Finding, Level, Object, Place, Violation};
use crate::outcome::FileReport;
use crate::session::Session;
use kube_yaml::yaml;

/// Rule id of findings about `podTemplates`.
const UNUSED_POINTER: &str = "unused-pod-template";
/// Rule id of findings about `dockerfiles`.
const UNUSED_DOCKERFILE: &str = "unused-dockerfile";

/// A report about the configuration, if all that it is for was searched; one about settings that the command line
/// names, if a folder was.
///
/// `paths` are those that were searched; `settings` names the settings that were chosen in place of the configuration's.
pub fn report(session: &Session, paths: &[PathBuf], settings: Option<&str>) -> Option<FileReport> {
    let has_folder = paths.iter().any(|path| path.is_dir());
    let pointer = |pointer: &str| format!("`{pointer}` leads to no pod template in what was judged");
    if let Some(name) = settings {
        let unmet = if has_folder { session.unmet_pointers() } else { Vec::new() };
        let place = Place { line: 1, column: 1, start: 0, end: 0, exact: true };
        let of = |text: &String| finding(UNUSED_POINTER, place, format!("podTemplates: {}", pointer(text)));
        return report_of(name.to_owned(), String::new(), unmet.iter().map(of).collect());
    }
    let file = session.config().filter(|file| has_folder && covers(paths, file))?;
    let parsed = yaml::parse(&file.text);
    let root = &parsed.documents.first()?.root;
    let unmet = session.unmet_pointers();
    let pointers = file.config.pod_templates.iter().map(|pointer| pointer.to_text()).enumerate();
    let mut findings = Vec::new();
    for (index, text) in pointers.filter(|(_, text)| unmet.contains(text)) {
        let place = Place::find(root, &format!("podTemplates[{index}]"));
        findings.push(finding(UNUSED_POINTER, place, pointer(&text)));
    }
    for image in session.images().iter().filter(|image| !image.is_met()) {
        let Some(index) = image.configured() else { continue };
        let place = Place::find(root, &format!("dockerfiles[{index}].image"));
        findings.push(finding(UNUSED_DOCKERFILE, place, image.unmet()));
    }
    let report = report_of(file.path.display().to_string(), file.text.clone(), findings)?;
    Some(FileReport { fail_on: file.config.fail_on, ..report })
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
    Finding { violation, level: Level::Warning, object: Object::default(), place, muted: None }
}
