//! The whole command with a simulated engine: what an image does is a function of the pod that runs it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use clap::{Args, Command, FromArgMatches};
use engine::{Event, How};
use trial::pod::Container;
use trial::{Change, ChangeKind, Evidence, ImageFacts, Outcome, Pod, Readiness};

use super::*;

/// An engine whose images are programs of a line each.
#[derive(Default)]
struct Simulated {
    /// How many runs there were, and which pods ran beside each.
    runs: RefCell<Vec<Vec<String>>>,
}

/// Whether a container may write at a path.
fn can_write(container: &Container, path: &str) -> bool {
    !container.security.read_only_root || container.mounts.iter().any(|mount| mount.path == path && !mount.read_only)
}

/// Whether a container runs as root with a capability.
fn has(container: &Container, capability: &str) -> bool {
    let security = &container.security;
    let kept = !security.drop.contains("ALL") && !security.drop.contains(capability);
    security.user.unwrap_or(0) == 0 && (kept || security.add.contains(capability))
}

impl Simulated {
    /// What keeps a container from being ready, in the words of its log.
    fn fails(&self, container: &Container, with: &[Pod]) -> Option<&'static str> {
        let memory = |least: u64| container.memory.is_none_or(|limit| limit >= least << 20);
        match container.image.trim_end_matches(":1") {
            "plain" | "hiccup" => None,
            "writer" => {
                let can = can_write(container, "/data") && can_write(container, "/run");
                (!can).then_some("can't create /data/x: Read-only file system")
            }
            "hidden-writer" => (!can_write(container, "/late")).then_some("open /late/x: Read-only file system"),
            "chowner" => (!has(container, "CHOWN")).then_some("chown: /x: Operation not permitted"),
            "big" => (!memory(100)).then_some("Killed"),
            "client" => with.is_empty().then_some("nc: bad address 'db'"),
            "never" => Some("no configuration"),
            "coin" => self.runs.borrow().len().is_multiple_of(2).then_some("bad luck"),
            image => panic!("{image}"),
        }
    }
}

impl Runner for Simulated {
    fn image(&self, reference: &str, _pull: bool) -> Result<ImageFacts, EngineError> {
        if reference.starts_with("missing") {
            return Err(EngineError::ImageMissing(reference.to_owned()));
        }
        Ok(ImageFacts::default())
    }

    fn run(&self, pod: &Pod, with: &[Pod], _how: &How, _tell: &mut dyn FnMut(Event)) -> Result<Outcome, EngineError> {
        self.runs.borrow_mut().push(with.iter().map(|pod| pod.name.clone()).collect());
        let failures = match pod.containers[0].image.as_str() {
            "hiccup:1" => 1,
            "broken:1" => usize::MAX,
            _ => 0,
        };
        if self.runs.borrow().len() <= failures {
            return Err(EngineError::Request { what: "look at a container".to_owned(), why: "no".to_owned() });
        }
        let added = |path: &str| Change { path: path.to_owned(), kind: ChangeKind::Added };
        let evidence = |container: &Container| {
            let written = match container.image.as_str() {
                "writer:1" if !container.security.read_only_root => {
                    vec![added("/data"), added("/data/x"), added("/run/pid")]
                }
                _ => Vec::new(),
            };
            let users = [container.security.user.unwrap_or(0)].into();
            let seen = Evidence { written, users, memory: Some(10 << 20), ..Evidence::default() };
            let out_of_memory = self.fails(container, with) == Some("Killed");
            (container.name.clone(), Evidence { out_of_memory, processor: Some(Duration::from_millis(20)), ..seen })
        };
        let evidence: BTreeMap<String, Evidence> = pod.containers.iter().map(evidence).collect();
        let failed = pod.containers.iter().find_map(|container| Some((container, self.fails(container, with)?)));
        let readiness = match failed {
            None => Readiness::Ready,
            Some((container, line)) => Readiness::Not {
                container: container.name.clone(),
                why: "ended with 1".to_owned(),
                log: vec!["starting".to_owned(), line.to_owned()],
            },
        };
        Ok(Outcome { readiness, evidence, took: Duration::from_secs(1) })
    }
}

/// A Deployment of one image, whose tag is 1.
fn deployment(image: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {image} # the name
spec:
  selector: {{matchLabels: {{app: {image}}}}}
  template:
    metadata: {{labels: {{app: {image}}}}}
    spec:
      automountServiceAccountToken: false
      containers:
        - name: app
          image: {image}:1 # the image
"
    )
}

/// The result of a run.
struct Done {
    code: u8,
    out: String,
    err: String,
    runs: Vec<Vec<String>>,
}

/// Runs `harden try --no-config` in a folder.
fn attempt_in(folder: &Path, args: &[&str]) -> Done {
    let command = TrialArgs::augment_args(Command::new("try"));
    let mut all = vec!["try", "--no-config"];
    all.extend(args);
    let path = folder.display().to_string();
    all.push(&path);
    let args = TrialArgs::from_arg_matches(&command.try_get_matches_from(all).unwrap()).unwrap();
    let simulated = std::rc::Rc::new(Simulated::default());
    let connect = || Ok((Box::new(Shared(std::rc::Rc::clone(&simulated))) as Box<dyn Runner>, 0));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = with(&args, Console::default(), &connect, &mut out, &mut err);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&path, "DIR");
    let runs = simulated.runs.borrow().clone();
    match code {
        Ok(code) => Done { code, out: text(out), err: text(err), runs },
        Err(error) => Done { code: 2, out: text(out), err: error.to_string(), runs },
    }
}

struct Shared(std::rc::Rc<Simulated>);

impl Runner for Shared {
    fn image(&self, reference: &str, pull: bool) -> Result<ImageFacts, EngineError> {
        self.0.image(reference, pull)
    }

    fn run(&self, pod: &Pod, with: &[Pod], how: &How, tell: &mut dyn FnMut(Event)) -> Result<Outcome, EngineError> {
        self.0.run(pod, with, how, tell)
    }
}

fn in_folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Tries one image; gives the result and the text of its file afterwards.
fn attempt_image(image: &str, args: &[&str]) -> (Done, String) {
    let folder = in_folder(&[("app.yaml", &deployment(image))]);
    let done = attempt_in(folder.path(), args);
    (done, fs::read_to_string(folder.path().join("app.yaml")).unwrap())
}

#[test]
fn what_runs_hardened_is_proven_in_three_runs() {
    let (done, text) = attempt_image("plain", &[]);
    assert_eq!((done.code, done.runs.len()), (0, 3), "{}{}", done.out, done.err);
    assert_eq!(text, deployment("plain"), "nothing is written");
    assert!(done.out.contains("proven: it runs hardened"), "{}", done.out);
    assert!(done.out.contains("capabilities                proven"), "{}", done.out);
    assert!(done.err.contains("Deployment plain: run 1, as written: ready"), "{}", done.err);
}

#[test]
fn what_is_written_is_proven_at_once_and_keeps_the_rest_of_the_text() {
    for (image, needs) in [("writer", 0), ("chowner", 2), ("hidden-writer", 1), ("big", 1)] {
        let folder = in_folder(&[("app.yaml", &deployment(image))]);
        let first = attempt_in(folder.path(), &["--write"]);
        assert_eq!(first.code, 0, "{image}: {}{}", first.out, first.err);
        assert_eq!(first.out.contains("needs "), needs > 0, "{image}: {}", first.out);
        let text = fs::read_to_string(folder.path().join("app.yaml")).unwrap();
        assert!(text.contains(&format!("name: {image} # the name")) && text.contains("# the image"), "{text}");
        let again = attempt_in(folder.path(), &["--write", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&again.out).unwrap();
        assert_eq!((again.code, &report["workloads"][0]["verdict"]), (0, &"proven".into()), "{image}: {}", again.out);
        assert_eq!(again.runs.len(), 3, "{image}");
        assert_eq!(
            fs::read_to_string(folder.path().join("app.yaml")).unwrap(),
            text,
            "{image}: a second run changes nothing"
        );
    }
}

#[test]
fn the_smallest_set_is_found_and_said() {
    let (done, text) = attempt_image("chowner", &[]);
    assert_eq!(done.code, 1, "what it needs is not written");
    for said in [
        "needs capability CHOWN in app, user 0 (root) in app",
        "needs capability CHOWN in app; without it, app: ended with 1: \"chown: /x: Operation not permitted\"",
        "`harden try --write` writes it",
    ] {
        assert!(done.out.contains(said), "{said}: {}", done.out);
    }
    assert_eq!(text, deployment("chowner"));
    let (writer, text) = attempt_image("writer", &["--write"]);
    assert!(writer.out.contains("+ app: an emptyDir at /data, where it wrote\n"), "{}", writer.out);
    assert!(writer.out.contains("at /run, where it wrote, which hides what the image has there, if anything"));
    assert!(text.contains("mountPath: /data") && text.contains("readOnlyRootFilesystem: true"), "{text}");
}

#[test]
fn what_was_given_back_is_named_where_the_rest_is_proven() {
    let folder = in_folder(&[("app.yaml", &deployment("chowner"))]);
    attempt_in(folder.path(), &["--write"]);
    let again = attempt_in(folder.path(), &[]);
    let added = "capabilities                proven but for what is written: \
        container \"app\": securityContext.capabilities.add[0] is \"CHOWN\", must not be added\n";
    assert!(again.out.contains(added) && again.out.contains("securityContext.runAsUser is 0"), "{}", again.out);
    assert!(again.out.contains("proven: it runs hardened"), "{}", again.out);
    let text = fs::read_to_string(folder.path().join("app.yaml")).unwrap();
    let without = attempt_in(folder.path(), &["--unsafe"]);
    assert!(without.out.contains("needs capability CHOWN in app, user 0 (root)"), "{}", without.out);
    let suppressed = text.replace("- CHOWN", "- CHOWN # harden: ignore[capabilities] it changes owners");
    assert_ne!(suppressed, text);
    fs::write(folder.path().join("app.yaml"), suppressed).unwrap();
    let suppressed = attempt_in(folder.path(), &[]);
    assert!(suppressed.out.contains(added), "a suppression hardens nothing: {}", suppressed.out);
}

#[test]
fn what_does_not_run_as_written_is_left_alone() {
    let (done, text) = attempt_image("never", &["--write"]);
    assert_eq!((done.code, done.runs.len()), (1, 1), "{}", done.out);
    assert!(done.out.contains("not ready as written: app: ended with 1: \"no configuration\""), "{}", done.out);
    assert!(done.out.contains("    | starting\n"), "{}", done.out);
    assert_eq!(text, deployment("never"));
    let (missing, _) = attempt_image("missing", &[]);
    assert_eq!((missing.code, missing.runs.len()), (2, 0), "{}", missing.out);
    assert!(missing.out.contains("not tried: image missing:1 is not on this machine"), "{}", missing.out);
}

#[test]
fn an_engine_that_fails_is_asked_once_more() {
    let (done, _) = attempt_image("hiccup", &[]);
    assert_eq!((done.code, done.runs.len()), (0, 4), "{}{}", done.out, done.err);
    let why = "the engine cannot look at a container: no";
    let said = format!("Deployment hiccup: run 1, as written: {why}; once more\n");
    assert_eq!(done.err.matches(&said).count(), 1, "{}", done.err);
    assert!(done.out.contains("proven: it runs hardened") && done.out.contains("; 3 runs"), "{}", done.out);
    let (done, text) = attempt_image("broken", &["--write"]);
    assert_eq!((done.code, done.runs.len()), (2, 2), "{}{}", done.out, done.err);
    assert!(done.out.contains(&format!("not tried: {why}")), "{}", done.out);
    assert_eq!(text, deployment("broken"));
}

#[test]
fn a_coin_proves_nothing() {
    let (done, text) = attempt_image("coin", &["--write"]);
    assert_eq!(done.code, 1, "{}", done.out);
    assert!(done.out.contains("not provable: it is unstable"), "{}", done.out);
    assert_eq!(text, deployment("coin"));
}

#[test]
fn runs_are_bounded() {
    let (done, _) = attempt_image("chowner", &["--max-runs", "3"]);
    assert_eq!((done.code, done.runs.len()), (1, 4), "as written, and three more: {}", done.out);
    assert!(done.out.contains("not provable: the search ended after 3 runs"), "{}", done.out);
}

#[test]
fn a_workload_runs_beside_what_it_names() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {selector: {app: plain}}\n";
    let client = deployment("client").replace(":1 # the image", ":1\n          env: [{name: DB, value: db}]");
    let all = format!("{client}---\n{}---\n{service}", deployment("plain"));
    let folder = in_folder(&[("all.yaml", &all)]);
    let done = attempt_in(folder.path(), &["--workload", "deployment/client"]);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(done.runs.iter().all(|with| with.len() == 1), "{:?}", done.runs);
    assert!(done.out.contains("1 workload: 1 proven; 3 runs"), "{}", done.out);
    let unknown = attempt_in(folder.path(), &["--workload", "web"]);
    assert_eq!((unknown.code, unknown.runs.len()), (2, 0));
    let there = "--workload web: there is no such workload; there are deployment/client, deployment/plain";
    assert_eq!(unknown.err, there);
}

#[test]
fn a_difference_is_printed_and_nothing_written() {
    let (done, text) = attempt_image("writer", &["--diff"]);
    assert!(done.out.contains("+            - mountPath: /data\n") && done.out.contains("+++ b"), "{}", done.out);
    assert!(done.err.contains("proven: it runs hardened"), "{}", done.err);
    assert_eq!((done.code, text), (0, deployment("writer")));
}

#[test]
fn what_was_seen_goes_into_the_lock() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let platforms = serde_json::json!({ "linux/amd64": { "digest": digest, "facts": {} } });
    let lock = serde_json::json!({ "version": 1, "images": {
        "docker.io/library/writer:1": { "digest": digest, "platforms": platforms } } });
    let folder = in_folder(&[
        ("app.yaml", &deployment("writer")),
        ("other.yaml", &deployment("plain")),
        ("x.lock", &lock.to_string()),
    ]);
    let path = folder.path().join("x.lock");
    let done = attempt_in(folder.path(), &["--write", "--lock", &path.display().to_string()]);
    assert_eq!(done.code, 0, "{}", done.err);
    let lock: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let facts = &lock["images"]["docker.io/library/writer:1"]["platforms"]["linux/amd64"]["facts"]["try"];
    assert_eq!(*facts, serde_json::json!({ "writtenPaths": ["/data", "/run"], "memory": 10 << 20 }));
    assert!(done.err.contains("note: plain:1 is not in DIR/x.lock: `harden images lock` adds it"), "{}", done.err);
}

#[test]
fn every_format_says_the_verdict() {
    for (format, said) in [
        ("markdown", "| Deployment chowner | `DIR/app.yaml:1` | needs capability CHOWN in app, user 0 (root) in app |"),
        ("html", "<th scope=\"col\">Proof</th>"),
        ("json", "\"what\": \"capability\""),
    ] {
        let (done, _) = attempt_image("chowner", &["--format", format]);
        assert!(done.code == 1 && done.out.contains(said), "{format}: {}", done.out);
    }
}
