//! Names that the API server and CEL take.

use thiserror::Error;

/// Longest name of an object: it becomes part of labels and host names.
const LONGEST: usize = 63;

/// A name that the API server refuses; the first text says whose it is.
#[derive(Debug, PartialEq, Error)]
pub(super) enum NameError {
    #[error(
        "{0} `{shown}` is {length} characters long, at most {2} are allowed",
        shown = .1.escape_debug(),
        length = .1.len()
    )]
    Long(String, String, usize),
    #[error(
        "{0} `{shown}` must be lower-case letters, digits and `-`, and start and end with a letter or a digit",
        shown = .1.escape_debug()
    )]
    Letters(String, String),
    #[error("`{}` is not a label key, such as `env` or `example.com/tier`", .0.escape_debug())]
    LabelKey(String),
    #[error(
        "`{}` is not a label value: at most {LONGEST} letters, digits, `-`, `_` and `.`, with a letter or a digit at both ends",
        .0.escape_debug()
    )]
    LabelValue(String),
}

/// Checks the name of an object or a namespace (DNS-1123 label).
///
/// # Errors
/// A name of other letters, or a longer one; `what` says whose it is.
pub(super) fn check_label(what: &str, name: &str) -> Result<(), NameError> {
    check_length(what, name, LONGEST)
}

/// As [`check_label`], with a limit of its own.
///
/// # Errors
/// As [`check_label`].
pub(super) fn check_length(what: &str, name: &str, longest: usize) -> Result<(), NameError> {
    let (whose, given) = (what.to_owned(), name.to_owned());
    if name.len() > longest {
        return Err(NameError::Long(whose, given, longest));
    }
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = |byte: Option<&u8>| byte.is_some_and(|byte| fits(*byte));
    let bytes = name.as_bytes();
    if !ends(bytes.first()) || !ends(bytes.last()) || !bytes.iter().all(|byte| fits(*byte) || *byte == b'-') {
        return Err(NameError::Letters(whose, given));
    }
    Ok(())
}

/// Checks the key of a label: `name` or `prefix/name`.
///
/// # Errors
/// A key of other letters, or a longer one.
pub(super) fn check_label_key(key: &str) -> Result<(), NameError> {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let good_prefix = prefix.is_none_or(|prefix| {
        prefix.len() <= 253 && prefix.split('.').all(|part| check_length("", part, LONGEST).is_ok())
    });
    if !good_prefix || name.is_empty() || !is_label_text(name) {
        return Err(NameError::LabelKey(key.to_owned()));
    }
    Ok(())
}

/// Checks the value of a label; it may be empty.
///
/// # Errors
/// A value of other letters, or a longer one.
pub(super) fn check_label_value(value: &str) -> Result<(), NameError> {
    if is_label_text(value) { Ok(()) } else { Err(NameError::LabelValue(value.to_owned())) }
}

fn is_label_text(text: &str) -> bool {
    let ends = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= LONGEST
        && ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// The name of a rule as a member of a policy group, whose expression calls it as a function.
pub(super) fn member(id: &str) -> String {
    id.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        for good in ["a", "hardening", "a-1", "1a", &"x".repeat(63)] {
            assert_eq!(check_label("name", good), Ok(()), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a.b", "a_b", "ä", "a b", "a\nb", &"x".repeat(64)] {
            assert!(check_label("name", bad).is_err(), "{bad}");
        }
        let error = check_label("--name", "a\nb: c").expect_err("not a name").to_string();
        assert!(error.starts_with("--name `a\\nb: c` must be"), "{error}");
    }

    #[test]
    fn keys_and_values() {
        for good in ["env", "example.com/tier", "a.b_c-d", "kubernetes.io/metadata.name"] {
            assert_eq!(check_label_key(good), Ok(()), "{good}");
        }
        for bad in ["", "/a", "a/", "a/b/c", "-a", "Example.com/a", "a b", &"x".repeat(64)] {
            assert!(check_label_key(bad).is_err(), "{bad}");
        }
        for good in ["", "prod", "A_b.c-1"] {
            assert_eq!(check_label_value(good), Ok(()), "{good}");
        }
        for bad in ["-a", "a/b", "a b", &"x".repeat(64)] {
            assert!(check_label_value(bad).is_err(), "{bad}");
        }
    }
}
