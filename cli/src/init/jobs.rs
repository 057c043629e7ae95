//! The hook of pre-commit and the jobs of CI systems.

use super::{Ci, Draft};

/// The entry below `repos`.
pub(super) const HOOK: &str = concat!(
    "  - repo: local
    hooks:
      - id: harden-check
        name: harden check
        entry: harden check --quiet --force-exclude
        language: python
        additional_dependencies: [harden-k8s==",
    env!("CARGO_PKG_VERSION"),
    "]
        types_or: [yaml, json]
        require_serial: true
"
);

/// A configuration of pre-commit with the hook.
pub(super) fn hooks() -> String {
    format!("repos:\n{HOOK}")
}

const GITHUB: &str = concat!(
    "name: harden
on:
  push: {branches: [main]}
  pull_request:
permissions:
  contents: read
jobs:
  harden:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8 # v6.0.1
        with: {persist-credentials: false}
      - run: pipx run --spec harden-k8s==",
    env!("CARGO_PKG_VERSION"),
    " harden check --format github
"
);

const GITLAB: &str = concat!(
    "harden:
  image: python:3.14-slim
  before_script: [pip install harden-k8s==",
    env!("CARGO_PKG_VERSION"),
    "]
  script: harden check --format gitlab=harden.json --format text
  artifacts:
    when: always
    reports: {codequality: harden.json}
"
);

/// The job of a CI system.
pub(super) fn job(ci: Ci) -> Draft {
    let (text, part) = match ci {
        // A file of its own.
        Ci::Github => (GITHUB, None),
        Ci::Gitlab => (GITLAB, Some(GITLAB.to_owned())),
    };
    Draft { path: ci.path(), text: text.to_owned(), part }
}
