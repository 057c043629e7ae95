//! Where the policies come from: the one place to change when they move, or for a release of one's own.
//! `cargo xtask generate` carries it to every file. The version stands in the workspace's Cargo.toml.

/// Folder of the registry that the policies are published to.
pub(crate) const REGISTRY: &str = "registry.example.com/policies";

/// The repository.
pub(crate) const SOURCE: &str = "https://git.example.com/security/hardening";

/// Whom to write to, as in a mail's `To:`.
pub(crate) const AUTHOR: (&str, &str) = ("Hardening maintainers", "maintainers@example.com");

/// When the version was made; Artifact Hub shows it.
pub(crate) const CREATED_AT: &str = "2026-11-24T00:00:00Z";

/// The version of everything in the workspace.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Licence of everything in the workspace.
pub(crate) const LICENSE: &str = env!("CARGO_PKG_LICENSE");

/// The published module of the policy `id`.
pub(crate) fn image(id: &str) -> String {
    format!("{REGISTRY}/{id}:v{VERSION}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn harden_names_the_same_repository() {
        let manifest = include_str!("../../cli/Cargo.toml");
        assert!(manifest.contains(&format!("\nrepository = \"{}\"\n", super::SOURCE)), "cli/Cargo.toml");
    }
}
