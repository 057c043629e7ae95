//! The files that `--strict` accepts although they hold no Kubernetes object.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use lint::config;
use lint::named::from_here;
use lint::search::KUSTOMIZATIONS;
use lint::session::Session;

use super::CheckArgs;
use crate::known::Known;
use crate::report::Destination;
use crate::suite;

/// Whether a file says how others are put together or judged, so that nobody expects a workload in it. Hidden files below
/// the current folder configure tools, such as .pre-commit-config.yaml or .github/dependabot.yml.
pub(super) fn belongs_to_a_tool(path: &str) -> bool {
    let path = from_here(Path::new(path));
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_hidden = |part: Component<'_>| matches!(part, Component::Normal(name) if name.as_bytes().starts_with(b"."));
    let has_hidden = path.is_relative() && path.components().any(is_hidden);
    has_hidden
        || name == "Chart.yaml"
        || KUSTOMIZATIONS.contains(&name)
        || config::NAMES.contains(&name)
        || suite::is_suite(name)
}

/// Files that harden reads or writes itself, from the root.
pub(super) fn own_files(
    args: &CheckArgs,
    session: &Session,
    known: &[Known],
    destinations: &[Destination],
) -> BTreeSet<PathBuf> {
    let configs = session.configs().map(|(_, file)| file.path.as_path());
    let baselines = known.iter().map(|known| known.path.path());
    let written = destinations.iter().filter_map(|destination| Some(destination.path.as_ref()?.path()));
    let named = configs.chain(baselines).chain(args.policy.settings_path.as_deref()).chain(written);
    named.filter_map(|path| fs::canonicalize(path).ok()).collect()
}
