//! Pods of the test image.

#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use engine::{Engine, How};
use trial::pod::{Container, File, Mount, Pod, Volume};
use trial::{Evidence, Outcome, Readiness};

/// An engine and the test image.
pub struct Box_ {
    pub engine: Engine,
    pub image: &'static str,
}

impl Box_ {
    /// Connects to podman; `None` where there is none.
    pub fn open() -> Option<Box_> {
        let image = testbox::image()?;
        Some(Box_ { engine: Engine::connect(None).unwrap(), image })
    }
}

pub fn how(seconds: u64) -> How {
    How {
        ready_for: Duration::from_secs(seconds),
        timeout: Duration::from_secs(30),
        log: None,
        network: false,
        watch: false,
    }
}

pub fn container(test: &Box_, name: &str, script: &str) -> Container {
    let command = ["sh", "-c", script].map(str::to_owned).to_vec();
    Container { name: name.to_owned(), image: test.image.to_owned(), command: Some(command), ..Container::default() }
}

/// The container `app`, which runs a script.
pub fn sh(test: &Box_, script: &str) -> Container {
    container(test, "app", script)
}

pub fn pod(containers: Vec<Container>) -> Pod {
    Pod { name: "pod".to_owned(), hostname: "pod".to_owned(), containers, ..Pod::default() }
}

pub fn mount(volume: &str, path: &str, sub_path: Option<&str>) -> Mount {
    let sub_path = sub_path.map(str::to_owned);
    Mount { volume: volume.to_owned(), path: path.to_owned(), sub_path, read_only: false }
}

pub fn scratch(name: &str) -> Volume {
    Volume { name: name.to_owned(), files: Vec::new(), writable: true, mode: 0o777 }
}

pub fn files(name: &str, files: &[(&str, &str, u32)]) -> Volume {
    let file = |(path, text, mode): &(&str, &str, u32)| File {
        path: (*path).to_owned(),
        bytes: text.as_bytes().to_vec(),
        mode: *mode,
    };
    Volume { name: name.to_owned(), files: files.iter().map(file).collect(), writable: false, mode: 0o777 }
}

pub fn run(test: &Box_, pod: &Pod, how: &How) -> Outcome {
    test.engine.run(pod, &[], how, &mut |_| {}).unwrap()
}

/// The evidence of the container `app`.
pub fn main_of(outcome: &Outcome) -> &Evidence {
    outcome.evidence.get("app").unwrap_or_else(|| panic!("{outcome:?}"))
}

/// Why it was not ready.
pub fn not(outcome: &Outcome) -> &str {
    match &outcome.readiness {
        Readiness::Not { why, .. } => why,
        Readiness::Ready => panic!("ready: {outcome:?}"),
    }
}
