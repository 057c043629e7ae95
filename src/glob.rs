//! Globs of the settings: `*` any text (also across `/`), `?` one character, `[a-z]` `[!a-z]` one
//! character of a set, `\` takes the next character literally. No regular expressions: a policy is a
//! fresh instance for every request, and compiling them costs milliseconds each time.

/// A glob whose syntax has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

/// One element of a glob.
enum Element<'g> {
    Any,
    One,
    Literal(char),
    Set { items: &'g str, negated: bool },
}

impl Glob {
    /// Checks the syntax of `pattern`.
    ///
    /// # Errors
    /// An empty pattern, an unclosed or empty `[`, a range that runs backwards, a trailing `\`.
    pub fn new(pattern: &str) -> Result<Glob, &'static str> {
        if pattern.is_empty() {
            return Err("an empty glob matches nothing; write `*` for everything");
        }
        let mut rest = pattern;
        while !rest.is_empty() {
            let (element, after) = split_element(rest)?;
            if let Element::Set { items, .. } = element {
                for (low, high) in ranges(items) {
                    if low > high {
                        return Err("a range like `[a-z]` must not run backwards");
                    }
                }
            }
            rest = after;
        }
        Ok(Glob(pattern.to_owned()))
    }

    /// The glob as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        matches(&self.0, text)
    }
}

/// Characters that make a glob more than a name.
pub(crate) const WILD: [char; 4] = ['*', '?', '[', '\\'];

/// Whether `glob`, or a part of one, matches nothing but itself.
pub(crate) fn is_plain(glob: &str) -> bool {
    !glob.contains(WILD)
}

/// Whether the whole of `text` matches `glob`, whose syntax has been checked. Linear in `text` for each `*`, never
/// exponential.
pub(crate) fn matches(glob: &str, text: &str) -> bool {
    let (mut glob, mut text) = (glob, text);
    // Where to go on when the rest does not fit: after the last `*`, one character later.
    let mut retry: Option<(&str, &str)> = None;
    loop {
        let step = match split_element(glob) {
            Ok((Element::Any, after)) if !glob.is_empty() => {
                retry = Some((after, text));
                glob = after;
                continue;
            }
            Ok((element, after)) if !glob.is_empty() => {
                let mut chars = text.chars();
                chars.next().filter(|c| element.fits(*c)).map(|_| (after, chars.as_str()))
            }
            _ if text.is_empty() => return true,
            _ => None,
        };
        match (step, retry) {
            (Some(next), _) => (glob, text) = next,
            (None, Some((after_star, from))) => {
                let mut chars = from.chars();
                if chars.next().is_none() {
                    return false;
                }
                retry = Some((after_star, chars.as_str()));
                (glob, text) = (after_star, chars.as_str());
            }
            (None, None) => return false,
        }
    }
}

/// Whether any of `globs` matches `text`.
pub fn any_matches(globs: &[Glob], text: &str) -> bool {
    globs.iter().any(|g| g.matches(text))
}

impl Element<'_> {
    fn fits(&self, c: char) -> bool {
        match self {
            Element::Any | Element::One => true,
            Element::Literal(l) => *l == c,
            Element::Set { items, negated } => ranges(items).any(|(low, high)| low <= c && c <= high) != *negated,
        }
    }
}

/// The first element of a glob and what follows; on an empty glob an arbitrary element.
fn split_element(glob: &str) -> Result<(Element<'_>, &str), &'static str> {
    let mut chars = glob.chars();
    let element = match chars.next() {
        Some('*') => Element::Any,
        Some('?') | None => Element::One,
        Some('\\') => Element::Literal(chars.next().ok_or("a trailing `\\` escapes nothing")?),
        Some('[') => {
            let inner = chars.as_str();
            let negated = inner.starts_with('!');
            let body = if negated { &inner[1..] } else { inner };
            // A `]` in the first place stands for itself.
            let end = body.char_indices().skip(1).find(|(_, c)| *c == ']').map(|(at, _)| at);
            let end = end.ok_or("`[` is not closed by `]` (write `\\[` for the character)")?;
            return Ok((Element::Set { items: &body[..end], negated }, &body[end + 1..]));
        }
        Some(c) => Element::Literal(c),
    };
    Ok((element, chars.as_str()))
}

/// The ranges of a set; a single character is a range of one.
fn ranges(items: &str) -> impl Iterator<Item = (char, char)> + '_ {
    let mut rest = items.chars();
    std::iter::from_fn(move || {
        let low = rest.next()?;
        let mut ahead = rest.clone();
        if ahead.next() == Some('-')
            && let Some(high) = ahead.next()
        {
            rest = ahead;
            return Some((low, high));
        }
        Some((low, low))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn matching() {
        for (glob, text, expected) in [
            ("*", "", true),
            ("*", "anything/at:all", true),
            ("nginx", "nginx", true),
            ("nginx", "nginx2", false),
            ("nginx", "ngin", false),
            ("ghcr.io/org/*", "ghcr.io/org/app/sub:1", true),
            ("ghcr.io/org/*", "ghcr.io/organ/app", false),
            ("*-debug", "app-debug-debug", true),
            ("*-debug", "app-debug1", false),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
            ("v?.?", "v1.2", true),
            ("v?.?", "v12", false),
            ("[a-c]x", "bx", true),
            ("[a-c]x", "dx", false),
            ("[!a-c]x", "dx", true),
            ("[]]x", "]x", true),
            ("[a-]", "-", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("ü*", "über", true),
            ("?", "ü", true),
        ] {
            assert_eq!(Glob::new(glob).unwrap().matches(text), expected, "{glob} on {text}");
        }
    }

    #[test]
    fn broken_globs_are_refused() {
        for glob in ["", "[", "[]", "[a", "x\\", "[z-a]"] {
            assert!(Glob::new(glob).is_err(), "{glob}");
        }
    }

    #[test]
    fn many_stars_stay_fast() {
        let glob = Glob::new(&"*a".repeat(40)).unwrap();
        assert!(!glob.matches(&"a".repeat(39)));
        assert!(!glob.matches(&format!("{}b", "a".repeat(5000))));
    }
}
