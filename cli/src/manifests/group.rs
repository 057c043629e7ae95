//! The expression of a policy group: CEL, as far as Kubewarden takes it.

use std::collections::BTreeSet;

use super::names::member;
use super::plan::Plan;

/// What makes a group of policies.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) expression: String,
    pub(super) message: String,
}

impl Group {
    /// The group of a plan: all must accept, unless `expression` says otherwise.
    ///
    /// # Errors
    /// An expression that Kubewarden refuses, or that leaves a member out; an empty message.
    pub(super) fn new(plan: &Plan, expression: Option<&str>, message: Option<&str>) -> Result<Group, String> {
        let members: Vec<String> = plan.policies.iter().map(|policy| member(&policy.id)).collect();
        let all = || members.iter().map(|name| format!("{name}()")).collect::<Vec<_>>().join(" && ");
        let expression = expression.map_or_else(all, str::to_owned);
        check(&expression, &members).map_err(|why| format!("--expression: {why}"))?;
        let message =
            message.map_or_else(|| format!("the workload breaks rules of the profile {}", plan.profile), str::to_owned);
        if message.trim().is_empty() {
            return Err("--message must not be empty: Kubewarden refuses a group without one".to_owned());
        }
        Ok(Group { expression, message })
    }
}

/// Checks an expression of member calls, `true`, `false`, `!`, `&&`, `||`, `==`, `!=` and brackets.
fn check(expression: &str, members: &[String]) -> Result<(), String> {
    let mut parser = Parser { tokens: tokens(expression)?, at: 0, members, called: BTreeSet::new() };
    parser.joined(0)?;
    if let Some(left) = parser.tokens.get(parser.at) {
        return Err(format!("unexpected `{left}`; expected `&&`, `||`, `==` or `!=`"));
    }
    let silent = members.iter().find(|name| !parser.called.contains(name.as_str()));
    silent.map_or(Ok(()), |name| {
        Err(format!(
            "`{name}()` is never asked, so its rule would judge nothing; name it, or switch the rule off in the settings"
        ))
    })
}

/// Words, operators and brackets.
fn tokens(text: &str) -> Result<Vec<&str>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let length = match word {
            0 => ["&&", "||", "==", "!=", "!", "(", ")"]
                .iter()
                .find(|symbol| rest.starts_with(**symbol))
                .map(|s| s.len()),
            length => Some(length),
        };
        let Some(length) = length else {
            let odd: String = rest.chars().take(1).flat_map(char::escape_debug).collect();
            return Err(format!("`{odd}` has no place in an expression; member names use `_`, as `image_tag()`"));
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// Deeper nesting is a mistake.
const DEEPEST: usize = 64;

struct Parser<'t> {
    tokens: Vec<&'t str>,
    at: usize,
    members: &'t [String],
    called: BTreeSet<&'t str>,
}

impl<'t> Parser<'t> {
    fn next(&mut self) -> Option<&'t str> {
        let token = self.tokens.get(self.at).copied();
        self.at += 1;
        token
    }

    fn expect(&mut self, wanted: &str, after: &str) -> Result<(), String> {
        match self.next() {
            Some(token) if token == wanted => Ok(()),
            _ => Err(format!("expected `{wanted}` after `{after}`")),
        }
    }

    /// Operands joined by operators. All are about truth values, so which binds tighter does not matter here.
    fn joined(&mut self, depth: usize) -> Result<(), String> {
        self.operand(depth)?;
        while self.tokens.get(self.at).is_some_and(|token| matches!(*token, "&&" | "||" | "==" | "!=")) {
            self.at += 1;
            self.operand(depth)?;
        }
        Ok(())
    }

    fn operand(&mut self, depth: usize) -> Result<(), String> {
        if depth > DEEPEST {
            return Err("too many brackets".to_owned());
        }
        match self.next() {
            Some("!") => self.operand(depth + 1),
            Some("(") => {
                self.joined(depth + 1)?;
                self.expect(")", "(…")
            }
            Some("true" | "false") => Ok(()),
            Some(name) if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
                if !self.members.iter().any(|member| member == name) {
                    return Err(format!("there is no member `{name}`; members: {}", self.members.join(", ")));
                }
                self.called.insert(name);
                self.expect("(", name)?;
                self.expect(")", "(")
            }
            Some(other) => Err(format!("unexpected `{other}`; expected a member, as `privileged()`")),
            None => Err("it ends where a member is expected, as `privileged()`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(expression: &str) -> Result<(), String> {
        check(expression, &["privileged".to_owned(), "image_tag".to_owned()])
    }

    #[test]
    fn what_kubewarden_takes() {
        for good in [
            "privileged() && image_tag()",
            "privileged()||image_tag()",
            " ( privileged ( ) == image_tag() ) != !false",
            "!(!privileged()) && (true || image_tag())",
        ] {
            assert_eq!(verdict(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_it_refuses() {
        for (bad, expected) in [
            ("", "ends where a member"),
            ("privileged()", "`image_tag()` is never asked"),
            ("privileged() && image-tag()", "`-` has no place"),
            ("privileged() && resources()", "no member `resources`; members: privileged, image_tag"),
            ("privileged && image_tag()", "expected `(` after `privileged`"),
            ("privileged() image_tag()", "unexpected `image_tag`"),
            ("(privileged() && image_tag()", "expected `)`"),
            ("privileged() && image_tag())", "unexpected `)`"),
            ("privileged() & image_tag()", "`&` has no place"),
            ("1 && privileged() && image_tag()", "unexpected `1`"),
            ("privileged() && image_tag() ||", "ends where a member"),
            ("privileged() &&\u{1b} image_tag()", "`\\u{1b}` has no place"),
        ] {
            let error = verdict(bad).expect_err(bad);
            assert!(error.contains(expected), "{bad}: {error}");
        }
        let deep = "(".repeat(10_000);
        assert_eq!(verdict(&deep), Err("too many brackets".to_owned()));
    }
}
