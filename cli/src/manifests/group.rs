//! The expression of a policy group.

use super::error::Error;
use super::names::member;
use super::plan::Plan;

/// The fields of a group that single policies do not have.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) expression: String,
    pub(super) message: String,
}

impl Group {
    /// The group of a plan: all must accept, unless `expression` says otherwise.
    ///
    /// # Errors
    /// An expression that leaves a member out, an empty message.
    pub(super) fn new(plan: &Plan, expression: Option<&str>, message: Option<&str>) -> Result<Group, Error> {
        let members: Vec<String> = plan.policies.iter().map(|policy| member(&policy.id)).collect();
        let all = || members.iter().map(|name| format!("{name}()")).collect::<Vec<_>>().join(" && ");
        let expression = expression.map_or_else(all, str::to_owned);
        check(&expression, &members)?;
        let message =
            message.map_or_else(|| format!("the workload breaks rules of the profile {}", plan.profile), str::to_owned);
        if message.trim().is_empty() {
            return Err(Error::NoMessage);
        }
        Ok(Group { expression, message })
    }
}

/// Checks what Kubewarden does not: that the expression calls every member. The grammar is for the cluster to check, which
/// knows CEL.
fn check(expression: &str, members: &[String]) -> Result<(), Error> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let calls = |name: &&str| {
        let behind = |at: usize| expression[at + name.len()..].trim_start().starts_with('(');
        let starts = |at: usize| !expression[..at].ends_with(is_word);
        expression.match_indices(*name).any(|(at, _)| starts(at) && behind(at))
    };
    match members.iter().map(String::as_str).find(|name| !calls(name)) {
        Some(silent) => Err(Error::NeverAsked(silent.to_owned(), members.join(", "))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_called() {
        let members = ["tag".to_owned(), "image_tag".to_owned()];
        for good in ["tag() && image_tag()", " ( tag ( ) == image_tag() ) != !false", "image_tag()||tag()"] {
            assert!(check(good, &members).is_ok(), "{good}");
        }
        for (bad, silent) in [
            ("", "tag"),
            ("image_tag() && true", "tag"),
            ("image_tag() && tag", "tag"),
            ("tag() && image-tag()", "image_tag"),
            ("tag() && image_tags()", "image_tag"),
            ("é tag()", "image_tag"),
        ] {
            let error = check(bad, &members).unwrap_err().to_string();
            assert!(error.contains(&format!(" `{silent}()` is never asked")), "{bad}: {error}");
            assert!(error.ends_with("members: tag, image_tag"), "{error}");
        }
    }
}
