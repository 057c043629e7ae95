//! Renders kustomizations and charts with the user's own programs.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use lint::config::Configs;
use lint::search::{KUSTOMIZATIONS, Source};
use thiserror::Error;

use crate::args::InputArgs;

/// Why a folder was not rendered.
#[derive(Debug, Error)]
enum NotRendered {
    #[error("was not rendered: cannot run {0}: {1}")]
    Run(String, std::io::Error),
    #[error(
        "was not rendered: there is no such file or folder; --helm takes a folder with a Chart.yaml, or a packed chart"
    )]
    NoChart,
    #[error("there is no such folder here, and {0}")]
    NotHere(Box<NotRendered>),
    #[error("{0} could not render it: {1}")]
    Failed(String, String),
    #[error("was not rendered: {0} wrote no text")]
    NotText(String),
    #[error("was not rendered: {0} needs {1}, which is not installed")]
    NotInstalled(&'static str, String),
}

/// Folders to render before judging.
#[derive(Debug, Clone, Default, Args)]
pub struct RenderArgs {
    /// A folder to render with `kubectl kustomize` (or `kustomize build`) and take as input
    #[arg(long, value_name = "DIR")]
    pub kustomize: Vec<PathBuf>,

    /// A chart to render with `helm template` and take as input
    #[arg(long, value_name = "CHART")]
    pub helm: Vec<PathBuf>,

    /// How the charts of --helm are rendered.
    #[command(flatten)]
    pub chart: ChartArgs,
}

/// How charts are rendered: options of `helm template`, which get there as they are.
#[derive(Debug, Clone, Default, Args)]
pub struct ChartArgs {
    /// Values for the charts of --helm
    #[arg(long, value_name = "FILE", requires = "helm", help_heading = "Helm")]
    pub values: Vec<PathBuf>,

    /// A value for the charts of --helm, such as image.tag=1.4; may be repeated
    #[arg(long, value_name = "KEY=VALUE", requires = "helm", help_heading = "Helm")]
    pub set: Vec<String>,

    /// The same, as a string whatever it looks like
    #[arg(long, value_name = "KEY=VALUE", requires = "helm", help_heading = "Helm")]
    pub set_string: Vec<String>,

    /// The namespace that the charts of --helm are rendered for
    #[arg(long, value_name = "NAMESPACE", requires = "helm", help_heading = "Helm")]
    pub namespace: Option<String>,

    /// The name of the release; that of the chart's folder if left out
    #[arg(long, value_name = "NAME", requires = "helm", help_heading = "Helm")]
    pub release_name: Option<String>,

    /// The version of Kubernetes that the charts of --helm are rendered for, such as 1.33
    #[arg(long, value_name = "VERSION", requires = "helm", help_heading = "Helm")]
    pub kube_version: Option<String>,

    /// An API that the charts of --helm may take for granted, such as monitoring.coreos.com/v1; may be repeated
    #[arg(long, value_name = "API", requires = "helm", help_heading = "Helm")]
    pub api_versions: Vec<String>,

    /// Render the CRDs of the charts of --helm, too
    #[arg(long, requires = "helm", help_heading = "Helm")]
    pub include_crds: bool,
}

impl ChartArgs {
    /// The arguments of helm that render `chart`.
    fn of(&self, chart: &Path) -> Vec<OsString> {
        let name = self.release_name.clone().unwrap_or_else(|| release(chart));
        let mut args: Vec<OsString> = vec!["template".into(), name.into(), chart.into()];
        for file in &self.values {
            args.extend(["--values".into(), file.into()]);
        }
        let texts = [("--set", &self.set), ("--set-string", &self.set_string), ("--api-versions", &self.api_versions)];
        let texts = texts.into_iter().flat_map(|(option, values)| values.iter().map(move |value| (option, value)));
        let single = [("--namespace", &self.namespace), ("--kube-version", &self.kube_version)];
        let single = single.into_iter().filter_map(|(option, value)| Some((option, value.as_ref()?)));
        for (option, value) in texts.chain(single) {
            args.extend([option.into(), value.into()]);
        }
        args.extend(self.include_crds.then(|| "--include-crds".into()));
        args
    }
}

impl RenderArgs {
    /// Whether there is nothing to render.
    pub(crate) fn is_empty(&self) -> bool {
        self.kustomize.is_empty() && self.helm.is_empty()
    }

    /// Whether nothing but what is rendered is asked for.
    fn is_all(&self, input: &InputArgs) -> bool {
        !self.is_empty() && input.paths.is_empty()
    }

    /// The paths to look for beside what is rendered.
    pub(crate) fn paths(&self, input: &InputArgs) -> Vec<PathBuf> {
        if self.is_all(input) { Vec::new() } else { input.paths() }
    }

    /// The places for which the configuration of the whole run is looked up.
    pub(crate) fn places(&self, input: &InputArgs) -> Vec<PathBuf> {
        let mut places = if self.is_all(input) { Vec::new() } else { input.places() };
        places.extend(self.kustomize.iter().chain(&self.helm).cloned());
        places
    }

    /// Renders everything, in the order of the arguments, kustomize first, as sources from `first` on. Each is governed by
    /// the configuration of its folder.
    ///
    /// # Errors
    /// A configuration that cannot be used.
    pub(crate) fn render(&self, first: usize, configs: &mut Configs) -> Result<Vec<Source>, lint::Error> {
        let kustomized = self.kustomize.iter().map(|folder| {
            let kubectl: [&OsStr; 2] = ["kustomize".as_ref(), folder.as_ref()];
            let kustomize: [&OsStr; 2] = ["build".as_ref(), folder.as_ref()];
            let text = first_of(&[("kubectl", &kubectl), ("kustomize", &kustomize)], "--kustomize");
            (name("kustomize", folder), folder, first_there(folder, &KUSTOMIZATIONS), text)
        });
        let charts = self.helm.iter().map(|chart| {
            let args = self.chart.of(chart);
            let args: Vec<&OsStr> = args.iter().map(OsString::as_os_str).collect();
            let text = be_there(chart).and_then(|()| first_of(&[("helm", &args)], "--helm"));
            let text = text.map_err(|why| match why {
                NotRendered::Failed(..) if !chart.exists() => NotRendered::NotHere(Box::new(why)),
                why => why,
            });
            (name("helm", chart), chart, first_there(chart, &["Chart.yaml"]), text)
        });
        let all = kustomized.chain(charts).enumerate();
        let source = |(at, (name, folder, origin, text)): (usize, (_, &PathBuf, _, _))| {
            let config = configs.of(folder)?;
            Ok(Source::rendered(first + at, name, folder.clone(), text).governed_by(config).with_origin(origin))
        };
        all.map(source).collect()
    }
}

/// Makes sure that there is a chart: helm takes what is not there for something else. It finds charts elsewhere by a URL and
/// by `REPOSITORY/CHART`.
fn be_there(chart: &Path) -> Result<(), NotRendered> {
    let is_elsewhere =
        chart.is_relative() && chart.components().count() == 2 || chart.to_string_lossy().contains("://");
    if is_elsewhere || chart.exists() { Ok(()) } else { Err(NotRendered::NoChart) }
}

/// The first of these files that a folder has, or the first of all if it has none; an archive stands for itself.
fn first_there(folder: &Path, names: &[&str]) -> PathBuf {
    if folder.is_file() {
        return folder.to_owned();
    }
    let there = names.iter().find(|name| folder.join(name).is_file()).or(names.first());
    there.map_or_else(|| folder.to_owned(), |name| folder.join(name))
}

fn name(how: &str, folder: &Path) -> String {
    format!("<{how} {}>", folder.display())
}

/// A name for the release, as `helm template` wants one: that of the chart's folder.
fn release(chart: &Path) -> String {
    let folder = std::fs::canonicalize(chart).unwrap_or_else(|_| chart.to_owned());
    let name = folder.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(53).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "release".to_owned() } else { name.to_owned() }
}

/// The output of the first of these programs that is installed.
fn first_of(programs: &[(&str, &[&OsStr])], option: &'static str) -> Result<String, NotRendered> {
    for (program, args) in programs {
        let output = match Command::new(program).args(*args).stdin(std::process::Stdio::null()).output() {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(NotRendered::Run((*program).to_owned(), error)),
            Ok(output) => output,
        };
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            // Most say the same themselves.
            let said = said.strip_prefix("Error: ").or_else(|| said.strip_prefix("error: ")).unwrap_or(&said);
            let said = if said.is_empty() { output.status.to_string() } else { said.to_owned() };
            return Err(NotRendered::Failed((*program).to_owned(), said));
        }
        return String::from_utf8(output.stdout).map_err(|_| NotRendered::NotText((*program).to_owned()));
    }
    let names: Vec<&str> = programs.iter().map(|(program, _)| *program).collect();
    Err(NotRendered::NotInstalled(option, names.join(" or ")))
}
