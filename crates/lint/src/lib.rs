//! Judges Kubernetes manifests with the policies that guard the cluster, and fixes them.
//!
//! A [`Judge`] is a policy with its settings. [`judge_text`] gives what it finds in a text, each finding with its place
//! and the edits that repair it; [`fix::Fixer`] makes these edits in the text. [`work::judge_all`] does the first for
//! many files, with all that `harden.yaml` says, on several threads.
//!
//! ```
//! use lint::fix::Fixer;
//! use lint::{Judge, judge_text};
//!
//! let engine = sandbox::Engine::new(sandbox::Options::default())?;
//! let judge = Judge::new(embedded::bundle(&engine)?, r#"{"profile": "hardening"}"#.to_owned())?;
//! let text = "\
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   hostPID: true # for the debugger
//!   containers: [{name: web, image: web}]
//! ";
//!
//! let report = judge_text(&judge, "pod.yaml".to_owned(), text.to_owned());
//! let finding = &report.findings[0];
//! assert_eq!((finding.violation.path.as_str(), finding.place.line), ("spec.hostPID", 5));
//! assert!(!finding.violation.fix.is_empty());
//!
//! let listing = judge.listing(true)?;
//! let fixed = Fixer::new(&judge, &listing, &[], &|_, _| {}).fix(text.to_owned(), true);
//! assert!(fixed.new.contains("\n  hostPID: false # for the debugger\n"));
//! # Ok::<(), lint::Error>(())
//! ```

pub mod answers;
pub mod baseline;
pub mod config;
pub mod dockerfile;
pub mod document;
mod elsewhere;
mod error;
pub mod escape;
pub mod facts;
pub mod finding;
pub mod fix;
mod fixing;
pub mod images;
pub mod judge;
pub mod named;
pub mod objects;
pub mod outcome;
pub mod own_rules;
pub mod owner;
pub mod parallel;
mod partial;
mod provenance;
mod said;
pub mod scan;
pub mod search;
pub mod session;
pub mod suggest;
pub mod summary;
pub mod suppress;
pub mod text;
pub mod trust;
mod unreadable;
pub mod unused;
pub mod work;

pub use error::Error;
pub use finding::Finding;
pub use judge::Judge;
pub use outcome::FileReport;
pub use said::{Said, below_container};
pub use scan::judge_text;
