//! A verdict holds only if the runs behind it were seen, each twice, and none ended otherwise.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::tried;
use crate::support::folder;

/// How often the hardened runs of a workload were ready and not, by what each was given back, in words.
#[derive(Debug, Default)]
pub(super) struct Ends(BTreeMap<BTreeSet<String>, (usize, usize)>);

impl Ends {
    /// Reads them from the progress on standard error.
    pub(super) fn of(workload: &Value, progress: &str) -> Ends {
        let object = &workload["object"];
        let prefix = format!("{} {}: run ", object["kind"].as_str().unwrap(), object["name"].as_str().unwrap());
        let mut ends = Ends::default();
        for line in progress.lines().filter_map(|line| line.strip_prefix(&prefix)) {
            let (label, end) = line.split_once(", ").unwrap().1.split_once(": ").unwrap();
            let Some(given) = label.strip_prefix("hardened") else { continue };
            let given = given.trim_start_matches(", with ").split(", ").filter(|given| !given.is_empty());
            let (ready, failed) = ends.0.entry(given.map(str::to_owned).collect()).or_default();
            *(if end.starts_with("ready") { ready } else { failed }) += 1;
        }
        ends
    }

    /// How often the runs with this were ready, and not.
    fn with(&self, given: &BTreeSet<String>) -> (usize, usize) {
        self.0.get(given).copied().unwrap_or_default()
    }
}

/// Asserts that a workload's verdict follows from its runs.
pub(super) fn assert_sound(workload: &Value, ends: &Ends) {
    let said = |need: &Value| match (need["what"].as_str().unwrap(), &need["value"]) {
        ("capability", name) => format!("capability {}", name.as_str().unwrap()),
        ("user", id) => {
            if *id == 0 {
                "user 0 (root)".to_owned()
            } else {
                format!("user {id}")
            }
        }
        ("privilegeEscalation", _) => "privilege escalation".to_owned(),
        // Where the machine is so slow that what it needs seems to be that.
        ("writableRoot", _) => "a writable root file system".to_owned(),
        (what, _) => panic!("an app of these tests needs {what}"),
    };
    let rules = workload["rules"].as_array().unwrap().iter();
    let needs: BTreeSet<String> =
        rules.flat_map(|rule| rule["needs"].as_array().into_iter().flatten()).map(said).collect();
    let nothing = BTreeSet::new();
    let differs = ends.0.values().any(|(ready, failed)| *ready > 0 && *failed > 0);
    match workload["verdict"].as_str().unwrap() {
        "proven" => assert_eq!((ends.with(&nothing), ends.0.len()), ((2, 0), 1), "{ends:?}"),
        "needs" => {
            assert!(!differs && !needs.is_empty(), "{ends:?}");
            assert_eq!(ends.with(&nothing), (0, 2), "{ends:?}");
            assert_eq!(ends.with(&needs), (2, 0), "{ends:?}");
            for need in &needs {
                let without = needs.iter().filter(|other| *other != need).cloned().collect();
                assert_eq!(ends.with(&without), (0, 2), "without {need}: {ends:?}");
            }
        }
        "notProvable" => assert!(differs && workload.to_string().contains("it is unstable"), "{ends:?}: {workload:#}"),
        "notReady" => assert!(ends.0.is_empty(), "{ends:?}"),
        verdict => panic!("{verdict}: {workload:#}"),
    }
}

/// Ready as root; else it waits for the next six seconds of the clock, and is ready in every other six.
const SOMETIMES: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: sometimes}
spec:
  automountServiceAccountToken: false
  containers:
    - name: app
      image: IMAGE
      command:
        - sh
        - -c
        - |
          if [ $(id -u) != 0 ]; then
            began=$(($(date +%s) / 6))
            while now=$(($(date +%s) / 6)); [ $now = $began ]; do sleep 0.1; done
            [ $((now % 2)) = 0 ] || { echo not in these six seconds; exit 1; }
          fi
          exec nc -ll -p 8080 -e true
      readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1, failureThreshold: 10}
";

/// Runs that follow each other end in turns. Where the machine is so slow that two do not, the verdict still has to
/// follow from what was seen.
#[test]
fn what_is_ready_sometimes_gets_no_verdict() {
    let Some(image) = testbox::image() else { return };
    let manifest = SOMETIMES.replace("IMAGE", image);
    let folder = folder(&[("pod.yaml", &manifest)]);
    let (run, report) = tried(folder.path(), &["--write", "pod.yaml"]);
    eprintln!("{}", run.err);
    let workload = &report["workloads"][0];
    let ends = Ends::of(workload, &run.err);
    assert!(!ends.0.is_empty(), "it was ready as root: {workload:#}");
    assert_sound(workload, &ends);
    if workload["verdict"] == "notProvable" {
        assert_eq!((run.code, &workload["written"]), (1, &false.into()), "{workload:#}");
        assert_eq!(std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap(), manifest);
        let rules = workload["rules"].as_array().unwrap();
        assert!(rules.iter().all(|rule| rule["verdict"] == "notProvable"), "{workload:#}");
    }
}
