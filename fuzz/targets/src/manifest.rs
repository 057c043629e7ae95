//! Manifests: read, checked and fixed.

use std::sync::LazyLock;

use kube_yaml::yaml::{self, Parsed};
use lint::finding::Finding;
use lint::fix::{Fixed, Fixer};
use lint::judge::Judge;
use lint::scan::judge_text;
use lint::text::Text;
use sandbox::{Engine, Options};

/// Reads, checks and fixes `bytes`.
///
/// The reader for what people write and the event parser read the same. A text that is fixed can be read, holds as
/// many objects as before, and a second fix changes nothing.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parsed = yaml::parse(text);
    readers_agree(text, &parsed);
    for document in &parsed.documents {
        let json = document.root.to_json();
        assert!(crate::policies::is_json(json.as_bytes()), "{text:?} becomes {json}");
    }
    let Some(judges) = JUDGES.as_ref() else { return };
    let report = judge_text(&judges.checks, String::new(), text.to_owned());
    assert_eq!(report.problems.is_empty() && parsed.errors.is_empty(), report.problems.is_empty(), "{text:?}");
    for finding in &report.findings {
        // To YAML a carriage return alone ends a line, too.
        let (place, lines) = (finding.place, text.bytes().filter(|byte| b"\r\n".contains(byte)).count() + 1);
        assert!(place.end <= text.len() && (1..=lines).contains(&place.line), "{text:?}: {place:?}");
    }
    fix_twice(judges, text, &parsed);
}

fn readers_agree(text: &str, parsed: &Parsed<'_>) {
    assert_eq!(*parsed, yaml::parse_by_events(text), "{text:?}");
    for chunk in yaml::chunks(text).filter(|chunk| yaml::outline(chunk).is_some()) {
        let whole = yaml::parse_chunk(&chunk);
        assert!(whole.errors.is_empty() && whole.documents.len() == 1, "{text:?} has an outline, and {whole:?}");
    }
}

fn fix_twice(judges: &Judges, text: &str, before: &Parsed<'_>) {
    let mute = |_: &Text<'_>, _: &mut Vec<Finding>| {};
    let fixer = Fixer::new(&judges.checks, &judges.fixes, &[], &mute);
    let fixed = fixer.fix(text.to_owned(), true);
    let after = yaml::parse(&fixed.new);
    assert_eq!(after.errors.len(), before.errors.len(), "{text:?} becomes {:?}", fixed.new);
    assert_eq!(after.documents.len(), before.documents.len(), "{text:?} becomes {:?}", fixed.new);
    is_told(judges, &fixed);
    let again = fixer.fix(fixed.new.clone(), true);
    assert_eq!(again.new, fixed.new, "a second fix of {text:?} changes more");
}

/// A check still finds exactly what the fix says is left, each with the reason.
fn is_told(judges: &Judges, fixed: &Fixed) {
    let sorted = |findings: Vec<&Finding>| {
        let place = |finding: &Finding| (finding.place.start, finding.place.end);
        let key = |finding: &Finding| (place(finding), finding.violation.rule.clone(), finding.violation.path.clone());
        let mut keys: Vec<_> = findings.into_iter().map(key).collect();
        keys.sort();
        keys
    };
    let report = judge_text(&judges.checks, String::new(), fixed.new.clone());
    if !report.problems.is_empty() {
        return;
    }
    let found = &report.findings;
    let told = fixed.left.iter().map(|left| &left.finding);
    assert_eq!(sorted(told.collect()), sorted(found.iter().collect()), "of {:?}, fixed", fixed.new);
    assert!(fixed.left.iter().all(|left| left.why.is_some()), "{:?}", fixed.left);
}

/// The bundle that checks, and that fixes.
struct Judges {
    checks: Judge,
    fixes: Judge,
}

/// Everything has a value to fill in.
const SETTINGS: &str = r#"{"rules":{
    "run-as-user":{"user":{"default":10001},"group":{"default":10001}},
    "read-only-root-filesystem":{"writablePaths":["/tmp"]},
    "resources":{"limits":{"memory":{"default":"64Mi"}},"requests":{"cpu":{"default":"10m"}}}}}"#;

static JUDGES: LazyLock<Option<Judges>> =
    LazyLock::new(|| Judges::load().inspect_err(|error| eprintln!("{error}")).ok());

impl Judges {
    fn load() -> Result<Judges, lint::Error> {
        let engine = Engine::new(Options::default())?;
        let policy = embedded::bundle(&engine)?;
        let checks = Judge::new(policy, SETTINGS.to_owned())?;
        let fixes = checks.listing(true)?;
        Ok(Judges { checks, fixes })
    }
}

/// Whether the bundle could be loaded: without it only the readers are tested.
pub fn is_whole() -> bool {
    JUDGES.is_some()
}
