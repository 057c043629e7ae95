//! `harden schema`: the JSON schemas of the files that users of `harden` write and of what programs read.

use clap::ValueEnum;

/// A kind of file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The configuration of a project
    #[default]
    #[value(name = "harden.yaml")]
    Config,
    /// A suite of tests
    #[value(name = "harden-test.yaml")]
    Suite,
    /// The facts about images that `harden images lock` writes
    #[value(name = "harden.lock")]
    Lock,
    /// The JSON report of `check`
    #[value(name = "report")]
    Report,
    /// The JSON report of `try`
    #[value(name = "try")]
    Try,
    /// A user's own configuration, ~/.config/harden/config.yaml
    #[value(name = "user")]
    User,
}

impl SchemaOf {
    /// The schema, as it is published in docs/.
    pub fn text(self) -> &'static str {
        match self {
            SchemaOf::Config => include_str!("../../docs/harden.schema.json"),
            SchemaOf::Suite => include_str!("../../docs/harden-test.schema.json"),
            SchemaOf::Lock => include_str!("../../docs/lock.schema.json"),
            SchemaOf::Report => include_str!("../../docs/report.schema.json"),
            SchemaOf::Try => include_str!("../../docs/try.schema.json"),
            SchemaOf::User => include_str!("../../docs/user.schema.json"),
        }
    }
}
