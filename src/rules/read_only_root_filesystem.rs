//! Rule `read-only-root-filesystem`.

use super::check::Standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::json::{self, list};
use crate::quantity::Amount;
use crate::settings::{Names, SettingsError, one_of};
use crate::view::{ContainerView, View};
use crate::violation::{Edit, Found, Report, Violation};

crate::settings! {
    /// The root filesystem of every container is read-only.
    ///
    /// An attacker who can write to the image's files can replace binaries, drop tools and survive a
    /// restart of the process. Programs that need scratch space get a volume for it, which also shows what
    /// they write.
    ///
    /// **Restricted fields:** `securityContext.readOnlyRootFilesystem` of containers, init containers and
    /// ephemeral containers.
    ///
    /// **Allowed values:** `true`, written.
    ///
    /// **Kubernetes:** all versions. Windows pods are exempt, the field is forbidden there.
    pub struct ReadOnlyRootFilesystem {
        /// With a repair: paths, such as `/tmp`, that stay writable through an `emptyDir` of their own, unless
        /// the container mounts something there already.
        writable_paths("writablePaths"): Names = Vec::new() => serde_json::json!({
            "uniqueItems": true, "items": { "pattern": "^(/[^/:]+)+$", "not": { "pattern": "/[.][.]?(/|$)" } },
        }),
        /// The `emptyDir` of `writablePaths`.
        empty_dir("emptyDir"): EmptyDir = EmptyDir::default(),
    }
    check(this) {
        for (index, path) in this.writable_paths.iter().enumerate() {
            let error = |message: &str| Err(SettingsError::new(message).within("writablePaths", index));
            if !path.starts_with('/') || path.len() == 1 || path.ends_with('/') || path.split('/').skip(1).any(is_odd) {
                return error("must be an absolute path below /, without `.`, `..`, empty parts, `:` or a trailing /");
            }
            if this.writable_paths[..index].contains(path) {
                return error("is given twice; keep one");
            }
        }
    }
}

crate::settings! {
    /// Fields of the `emptyDir` volumes that a repair adds.
    pub struct EmptyDir {
        /// `sizeLimit`, such as `64Mi`; none if unset.
        size_limit("sizeLimit"): Option<Amount> = None,
        /// `medium`: unset for the node's disk, `Memory` for tmpfs (which counts as the container's memory).
        medium("medium"): Option<String> = None => one_of(["", "Memory"]),
    }
    check(this) {
        if this.medium.as_deref().is_some_and(|medium| !matches!(medium, "" | "Memory")) {
            return Err(SettingsError::new("must be \"\" or Memory").under("medium"));
        }
    }
}

fn is_odd(part: &str) -> bool {
    matches!(part, "" | "." | "..") || part.contains(':')
}

impl RuleMeta for ReadOnlyRootFilesystem {
    const ID: &'static str = "read-only-root-filesystem";
    const TITLE: &'static str = "Root filesystems are read-only";
    const SEVERITY: Severity = Severity::Medium;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = false;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
        "https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",
    ];
    const EXAMPLE: Example = Example {
        rejected: "containers: [{}]",
        accepted: "{containers: [{securityContext: {readOnlyRootFilesystem: true}, volumeMounts: [{name: tmp, \
              mountPath: /tmp}]}], volumes: [{name: tmp, emptyDir: {}}]}",
        fix: "Write `readOnlyRootFilesystem: true`, and mount an `emptyDir` where the program writes, most often \
              `/tmp` and a cache; its error messages (\"read-only file system\") name the places.",
    };
}

impl Standard for ReadOnlyRootFilesystem {}

impl Rule for ReadOnlyRootFilesystem {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        for container in view.containers() {
            let found = match container.security_context().read_only_root_filesystem {
                Some(true) => continue,
                None => Found::Unset,
                Some(false) => Found::plain(false),
            };
            let path = container.path("securityContext.readOnlyRootFilesystem");
            let overwrites = found != Found::Unset;
            let mut edits = vec![Edit::Set { path: path.clone(), value: "true".to_owned() }];
            self.keep_writable(view, &container, &mut edits);
            report.add(Violation::in_container(&container, path, found, "must be true").with_fix(edits, overwrites));
        }
    }
}

impl ReadOnlyRootFilesystem {
    /// Edits that mount an `emptyDir` on every writable path that no mount covers.
    fn keep_writable(&self, view: &View<'_>, container: &ContainerView<'_>, edits: &mut Vec<Edit>) {
        let mounts = list(&container.container.volume_mounts);
        let is_covered = |path: &String| {
            mounts.iter().filter_map(|mount| mount.mount_path.as_deref()).any(|mount| covers(mount, path))
        };
        for path in self.writable_paths.iter().filter(|path| !is_covered(path)) {
            let name = json::string(&volume_name(view, container.name(), path));
            let volume = format!("{{\"name\":{name},\"emptyDir\":{}}}", self.empty_dir.to_object());
            edits.push(Edit::Append { path: view.spec_path("volumes"), value: volume });
            let mount = format!("{{\"name\":{name},\"mountPath\":{}}}", json::string(path));
            edits.push(Edit::Append { path: container.path("volumeMounts"), value: mount });
        }
    }
}

impl EmptyDir {
    fn to_object(&self) -> String {
        let mut out = String::from("{");
        let size_limit = self.size_limit.as_ref().map(|limit| limit.text.as_str());
        for (key, value) in [("medium", self.medium.as_deref()), ("sizeLimit", size_limit)] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                if out.len() > 1 {
                    out.push(',');
                }
                json::push_string(&mut out, key);
                out.push(':');
                json::push_string(&mut out, value);
            }
        }
        out.push('}');
        out
    }
}

/// Whether a mount at `mount` makes `path` its own.
fn covers(mount: &str, path: &str) -> bool {
    let mount = mount.trim_end_matches('/');
    path.strip_prefix(mount).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A volume name for a container's path that no volume of the pod has: a DNS label, 63 characters at most.
fn volume_name(view: &View<'_>, container: &str, path: &str) -> String {
    let dash = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let full: String = ["writable-", container, path].concat().chars().map(dash).collect();
    let base = full[..full.len().min(LONGEST_NAME - SUFFIX)].trim_end_matches('-');
    // `a` + `/b/c` and `a-b` + `/c` look alike with dashes; a path of one plain part does not.
    let is_plain = path[1..].bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let name =
        if is_plain && base.len() == full.len() { full } else { format!("{base}-{}", short_hash(container, path)) };
    let taken = |name: &str| view.spec().volumes().iter().any(|volume| volume.name.as_deref() == Some(name));
    if !taken(&name) {
        return name;
    }
    let base = &name[..name.len().min(LONGEST_NAME - SUFFIX)];
    (2..10_000).map(|n| format!("{base}-{n}")).find(|name| !taken(name)).unwrap_or(name)
}

/// Longest volume name (a DNS label).
const LONGEST_NAME: usize = 63;
/// Room for a suffix that makes a name unique.
const SUFFIX: usize = 9;

/// FNV-1a, enough to tell cut names apart.
fn short_hash(container: &str, path: &str) -> String {
    let bytes = container.bytes().chain(Some(0)).chain(path.bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{hash:08x}")
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn edits(settings: &str, spec: &str) -> Vec<Edit> {
        violations::<ReadOnlyRootFilesystem>(settings, spec)
            .into_iter()
            .filter_map(|v| v.fix)
            .flat_map(|f| f.edits)
            .collect()
    }

    #[test]
    fn volume_names_are_unique_and_short() {
        let settings = r#"{"writablePaths":["/tmp"]}"#;
        let taken = r#"{"volumes":[{"name":"writable-app-tmp"}],"containers":[{"name":"app"}]}"#;
        let value = |edit: &Edit| matches!(edit, Edit::Append { value, .. } if value.contains("writable-app-tmp-2"));
        assert!(value(&edits(settings, taken)[1]));

        let long = "a".repeat(63);
        let spec = format!(r#"{{"containers":[{{"name":"{long}"}},{{"name":"{}b"}}]}}"#, &long[1..]);
        let found = edits(settings, &spec);
        let names: Vec<&str> = found
            .iter()
            .filter_map(|e| match e {
                Edit::Append { path, value } if path == "spec.volumes" => value.split('"').nth(3),
                _ => None,
            })
            .collect();
        assert_eq!(names.len(), 2);
        assert_ne!(names[0], names[1]);
        assert!(names.iter().all(|name| name.len() <= 63), "{names:?}");
    }
}
