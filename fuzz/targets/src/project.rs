//! The files beside manifests: configuration, baseline, Dockerfile, patterns of paths, git's index.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use lint::baseline::Baseline;
use lint::config::{self, PathGlob};
use lint::dockerfile;
use lint::named::NamedPath;
use lint::search::Tracked;

use crate::policies::{self, Policy};

/// Reads `bytes` as each of them.
///
/// An index holds every path that it lists, in order. What a configuration composes is JSON that the bundle takes or refuses with a reason. A pattern that is taken says
/// the same of a path twice.
pub fn run(bytes: &[u8]) {
    if let Ok(tracked) = Tracked::read(bytes) {
        let paths: Vec<&[u8]> = tracked.paths().collect();
        assert!(paths.is_sorted(), "{paths:?}");
        for path in paths.into_iter().filter(|path| !path.is_empty()) {
            assert!(tracked.holds(Path::new(OsStr::from_bytes(path)), false), "{path:?}");
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // No panic is asked for.
    let _ = dockerfile::image_user(text, None, &BTreeMap::new());
    let _ = dockerfile::image_user(text, Some("a"), &BTreeMap::from([("V".to_owned(), "1".to_owned())]));
    if let Ok(glob) = PathGlob::new(text) {
        let path = Path::new("deploy/a.yaml");
        assert_eq!(glob.matches(path), glob.matches(path));
    }
    let Ok(folder) = tempfile::tempdir() else { return };
    let path = folder.path().join("harden.yaml");
    if fs::write(&path, text).is_err() {
        return;
    }
    if let Ok(file) = config::load(&path) {
        for settings in [file.config.settings(), file.config.settings_for(Path::new("deploy/a.yaml"))] {
            let settings = settings.to_string();
            assert!(policies::is_json(settings.as_bytes()), "{text:?} composes {settings}");
            assert!(Policy::Bundle.refusal(&settings).is_none_or(|why| !why.is_empty()), "{settings}");
        }
        let _ = file.excludes(Path::new("deploy/a.yaml"));
    }
    if let Ok(baseline) = Baseline::read(&NamedPath::given(&path)) {
        let _ = baseline.apply(&mut [], |_| true);
    }
}
