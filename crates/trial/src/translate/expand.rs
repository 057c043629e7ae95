//! `$(VAR)` in commands, arguments, variables and `subPathExpr`.

/// Puts the values of variables in: `$(NAME)` becomes what `value` says, `$$` is one `$`, and any other `$` stays. A
/// reference without its `)` is none.
pub(super) fn expand(text: &str, value: &mut dyn FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out += &rest[..at];
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            out.push('$');
            rest = behind;
        } else if let Some((name, behind)) = rest.strip_prefix('(').and_then(|behind| behind.split_once(')')) {
            out += &value(name);
            rest = behind;
        } else {
            out.push('$');
        }
    }
    out + rest
}

/// Puts the values of known variables in and leaves references to others as they are.
pub(super) fn expand_known<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    expand(text, &mut |name| value(name).map_or_else(|| format!("$({name})"), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the kubelet's documentation and tests of its `expansion` package, in our words.
    #[test]
    fn references_are_read_as_the_kubelet_reads_them() {
        for (text, want) in [
            ("$(A)", "a"),
            ("_$(A)_$(B)_", "_a__"),
            ("$(A)$(A)", "aa"),
            ("$(NONE)", "$(NONE)"),
            ("$$(A)", "$(A)"),
            ("$$$(A)", "$a"),
            ("$$$$(A)", "$$(A)"),
            ("$$", "$"),
            ("$", "$"),
            ("a$", "a$"),
            ("$A ${A} $é", "$A ${A} $é"),
            ("$(A", "$(A"),
            ("$(A $(A)", "$(A $(A)"),
            ("$()", "$()"),
            ("$($(A))", "$($(A))"),
            ("$(A)(", "a("),
            ("f000-$$VAR_A", "f000-$VAR_A"),
        ] {
            let value = |name: &str| match name {
                "A" => Some("a"),
                "B" => Some(""),
                _ => None,
            };
            assert_eq!(expand_known(text, value), want, "{text}");
        }
    }
}
