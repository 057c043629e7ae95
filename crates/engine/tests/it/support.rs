//! Pods of the test image.

use std::time::Duration;

use engine::{Engine, How};
use trial::pod::{Action, Container, File, Mount, Pod, Probe, Volume};
use trial::{Evidence, Outcome, Readiness};

/// An engine and the test image.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) image: &'static str,
}

impl Bench {
    /// Connects to podman; `None` where there is none.
    pub(crate) fn open() -> Option<Bench> {
        let image = testbox::image()?;
        Some(Bench { engine: Engine::connect(None).unwrap(), image })
    }
}

pub(crate) fn how(seconds: u64) -> How {
    How {
        ready_for: Duration::from_secs(seconds),
        timeout: Duration::from_secs(30),
        log: None,
        network: false,
        watch: false,
    }
}

pub(crate) fn container(test: &Bench, name: &str, script: &str) -> Container {
    let command = ["sh", "-c", script].map(str::to_owned).to_vec();
    Container { name: name.to_owned(), image: test.image.to_owned(), command: Some(command), ..Container::default() }
}

/// The container `app`, which runs a script.
pub(crate) fn sh(test: &Bench, script: &str) -> Container {
    container(test, "app", script)
}

pub(crate) fn pod(containers: Vec<Container>) -> Pod {
    Pod { name: "pod".to_owned(), hostname: "pod".to_owned(), containers, ..Pod::default() }
}

pub(crate) fn mount(volume: &str, path: &str, sub_path: Option<&str>) -> Mount {
    let sub_path = sub_path.map(str::to_owned);
    Mount { volume: volume.to_owned(), path: path.to_owned(), sub_path, read_only: false }
}

pub(crate) fn scratch(name: &str) -> Volume {
    Volume { name: name.to_owned(), files: Vec::new(), writable: true, mode: 0o777, takes_group: true }
}

pub(crate) fn files(name: &str, files: &[(&str, &str, u32)]) -> Volume {
    let file = |(path, text, mode): &(&str, &str, u32)| File {
        path: (*path).to_owned(),
        bytes: text.as_bytes().to_vec(),
        mode: *mode,
    };
    Volume {
        name: name.to_owned(),
        files: files.iter().map(file).collect(),
        writable: false,
        mode: 0o777,
        takes_group: true,
    }
}

pub(crate) fn run(test: &Bench, pod: &Pod, how: &How) -> Outcome {
    test.engine.run(pod, &[], how, &mut |_| {}).unwrap()
}

/// The evidence of the container `app`.
pub(crate) fn main_of(outcome: &Outcome) -> &Evidence {
    outcome.evidence.get("app").unwrap_or_else(|| panic!("{outcome:?}"))
}

/// Why it was not ready.
pub(crate) fn not(outcome: &Outcome) -> &str {
    match &outcome.readiness {
        Readiness::Not { why, .. } => why,
        Readiness::Ready => panic!("ready: {outcome:?}"),
    }
}

/// A probe that is asked every second.
pub(crate) fn probe(action: Action) -> Option<Probe> {
    let second = Duration::from_secs(1);
    Some(Probe { action, delay: Duration::ZERO, period: second, timeout: second, successes: 1, failures: 3 })
}
