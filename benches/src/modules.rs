//! The policies that are measured.

use std::fs;
use std::process::Command;

use hardening::catalogue::{self, RuleDoc};

use crate::requests::Request;
use crate::{root, target_dir};

/// A policy as wasm, with settings.
pub struct Module {
    /// Its name in the table.
    pub name: &'static str,
    /// Its bytes.
    pub wasm: Vec<u8>,
    /// Its settings as JSON.
    pub settings: &'static str,
    /// The rule that it is, if it is one.
    rule: Option<RuleDoc>,
}

/// The policy that only answers: what is left is the host's share.
pub const EMPTY: &str = "empty";
/// The rule `privileged`, written with the SDK's typed API.
pub const REFERENCE: &str = "reference";
/// All rules in one policy.
pub const BUNDLE: &str = "hardening";
/// The rule that the reference is compared with.
pub const RULE: &str = "privileged";
/// The rules that are measured with every request; the others judge the pod only.
const CLOSELY: [&str; 3] = [RULE, "capabilities", "resources"];

/// The bundle with the baseline level of the Pod Security Standards.
pub const BASELINE: &str = "baseline";
/// The bundle with the restricted level of the Pod Security Standards.
pub const RESTRICTED: &str = "restricted";

impl Module {
    /// Whether this is another module's wasm with other settings.
    pub fn is_profile(&self) -> bool {
        file(self.name) != self.name
    }

    /// Whether it is measured with every request.
    pub fn is_measured_closely(&self) -> bool {
        self.rule.is_none() || CLOSELY.contains(&self.name)
    }

    /// Whether it is right to accept or refuse a request: a policy that judges wrongly is fast for the wrong reason.
    pub fn is_right(&self, request: &Request, accepted: bool) -> bool {
        match &self.rule {
            Some(rule) => {
                let answer = rule.validate(&request.payload(self.settings));
                answer.is_ok_and(|answer| answer.starts_with(br#"{"accepted":true"#) == accepted)
            }
            None => request.is_accepted_by(self.name) == accepted,
        }
    }
}

/// The policy in dist/ that `name` is.
fn file(name: &str) -> &str {
    if matches!(name, BASELINE | RESTRICTED) { BUNDLE } else { name }
}

fn settings(name: &str) -> &'static str {
    match name {
        BASELINE => r#"{"profile":"baseline"}"#,
        RESTRICTED => r#"{"profile":"restricted"}"#,
        _ => "{}",
    }
}

/// Reads the policies of dist/ and builds the others; in the table's order.
///
/// # Errors
/// A policy that has not been built, a reference that does not compile.
pub fn all() -> Result<Vec<Module>, String> {
    let module = |name, rule| Ok(Module { name, wasm: wasm(name)?, settings: settings(name), rule });
    let others = |names: &'static [&'static str]| names.iter().map(move |name| module(*name, None));
    let rules = catalogue::all().into_iter().map(|rule| module(rule.id, Some(rule)));
    others(&[EMPTY, REFERENCE]).chain(rules).chain(others(&[BUNDLE, BASELINE, RESTRICTED])).collect()
}

fn wasm(name: &str) -> Result<Vec<u8>, String> {
    match name {
        EMPTY => empty(),
        REFERENCE => reference(),
        _ => {
            let file = format!("dist/{}.wasm", file(name));
            fs::read(root().join(&file))
                .map_err(|error| format!("cannot read {file} ({error}): run `make policies` first"))
        }
    }
}

/// Name and size in bytes of the largest rule in dist/.
pub fn largest_rule() -> Option<(String, u64)> {
    let sizes = fs::read_dir(root().join("dist")).ok()?.flatten().filter_map(|entry| {
        let name = entry.file_name().to_str()?.strip_suffix(".wasm")?.to_owned();
        Some((name, entry.metadata().ok()?.len()))
    });
    sizes.filter(|(name, _)| name != BUNDLE).max_by_key(|(_, size)| *size)
}

/// Accepts whatever it gets.
fn empty() -> Result<Vec<u8>, String> {
    wat::parse_str(
        r#"(module
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "{\"accepted\":true}")
            (func (export "wapc_init"))
            (func (export "__guest_call") (param i32 i32) (result i32)
                (call $response (i32.const 0) (i32.const 17))
                (i32.const 1)))"#,
    )
    .map_err(|error| error.to_string())
}

/// Builds the reference in cargo's default release profile, as Kubewarden's own policies are built, whatever
/// the workspace's own release profile is.
fn reference() -> Result<Vec<u8>, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["build", "--quiet", "--release", "--package", "reference-policy", "--locked"]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    for default in ["opt-level=3", "lto=false", "codegen-units=16", "debug=0", "strip=\"none\"", "panic=\"unwind\""] {
        cargo.args(["--config", &format!("profile.release.{default}")]);
    }
    let status = cargo.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if !status.success() {
        return Err("the reference policy does not compile".to_owned());
    }
    let built = target_dir().join("wasm32-unknown-unknown/release/reference_policy.wasm");
    fs::read(&built).map_err(|error| format!("cannot read {}: {error}", built.display()))
}

#[cfg(test)]
mod tests {
    use sandbox::{Engine, Options};

    #[test]
    fn the_empty_policy_accepts() {
        let engine = Engine::new(Options::default()).expect("a sandbox");
        let policy = engine.policy_from_wasm("empty", &super::empty().expect("a module")).expect("a policy");
        assert!(policy.validate("{}", "{}").expect("an answer").accepted);
    }
}
