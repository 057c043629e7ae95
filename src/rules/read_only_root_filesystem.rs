//! Rule `read-only-root-filesystem`.

use super::check::Standard;
use super::emptied::{is_covered, mounted};
use super::{Example, Rule, RuleMeta, Severity};
use crate::json;
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
        for path in self.writable_paths.iter().filter(|path| !is_covered(container, path)) {
            edits.extend(mounted(view, container, path, &self.empty_dir.to_object()));
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
