//! The reason why a request is not judged.

use std::fmt;

/// The text that the host gets in place of a verdict, for users: it names the field and never quotes the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged(String);

impl fmt::Display for Unjudged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unjudged {}

impl From<String> for Unjudged {
    fn from(text: String) -> Unjudged {
        Unjudged(text)
    }
}

impl From<&str> for Unjudged {
    fn from(text: &str) -> Unjudged {
        Unjudged(text.to_owned())
    }
}

impl From<Unjudged> for String {
    fn from(unjudged: Unjudged) -> String {
        unjudged.0
    }
}
