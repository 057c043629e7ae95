//! Every case of `cases/`, on the compiled policies, and on kwctl where that is installed.

use std::path::Path;
use std::process::ExitCode;
use std::sync::LazyLock;

use cases::expand::Expanded;
use cases::judge::differences;
use cases::suite::{self, Test};
use e2e_tests::kwctl::Kwctl;
use e2e_tests::policies::{self, Policies};
use hardening::catalogue::APART;

static POLICIES: LazyLock<anyhow::Result<Policies>> = LazyLock::new(Policies::new);
static KWCTL: LazyLock<Option<Kwctl>> = LazyLock::new(|| Kwctl::find(Path::new(env!("CARGO_TARGET_TMPDIR"))));

fn main() -> ExitCode {
    if KWCTL.is_none() {
        println!("skipped: kwctl not installed");
    }
    suite::run(&policies::root().join("e2e-tests/cases"), ask)
}

fn ask(test: &Test, request: &Expanded) -> Vec<String> {
    let case = &test.placed.case;
    let mut lines = match &*POLICIES {
        Ok(policies) => differences(policies, &test.policy, case, request),
        Err(error) => return vec![format!("{error:#}")],
    };
    // kwctl would ask a registry.
    let is_asked = case.kwctl && !APART.contains(&test.policy.as_str());
    if let Some(kwctl) = KWCTL.as_ref().filter(|_| is_asked) {
        lines.extend(kwctl.differences(&test.policy, &case.settings, request));
    }
    lines
}
