//! The ways to log in to a registry.

/// The ways to log in.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Login {
    /// None.
    Anonymous,
    /// User and password.
    Password(String, String),
    /// A token to get tokens with.
    Identity(String),
    /// A token for the registry itself.
    Registry(String),
}

impl std::fmt::Debug for Login {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Login::Anonymous => "Anonymous",
            Login::Password(..) => "Password",
            Login::Identity(_) => "Identity",
            Login::Registry(_) => "Registry",
        })
    }
}
