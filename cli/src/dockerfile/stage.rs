//! Stages: what each builds on, its variables and its `USER`.

use super::expand::expand;
use super::lines::Instruction;
use super::{Error, Variables};

/// A stage of the build.
#[derive(Debug, Clone, Default)]
pub(super) struct Stage {
    /// Its name, if it has one.
    pub(super) name: Option<String>,
    /// The image or stage that it builds on.
    pub(super) base: String,
    /// The line of its `FROM`.
    pub(super) line: usize,
    /// Its last `USER`, expanded, with the line.
    pub(super) user: Option<(String, usize)>,
    /// `ENV` at its end.
    env: Variables,
}

/// The stages of a Dockerfile, in their order.
///
/// # Errors
/// No `FROM`, an instruction before the first, or one without its argument.
pub(super) fn stages(instructions: &[Instruction], args: &Variables) -> Result<Vec<Stage>, Error> {
    let mut global = Variables::new();
    let mut found: Vec<Stage> = Vec::new();
    // `ARG`s of the stage that is read.
    let mut own = Variables::new();
    for instruction in instructions {
        let wrong = |message: &str| Error { line: instruction.line, message: message.to_owned() };
        let Instruction { rest, escape, .. } = instruction;
        match (instruction.name.as_str(), found.last_mut()) {
            ("FROM", _) => {
                let stage = from(instruction, &global, &found)?;
                own.clear();
                found.push(stage);
            }
            ("ARG", None) => declare(rest, *escape, &mut global, &Variables::new(), &Variables::new(), args),
            (_, None) => return Err(wrong("expected FROM or ARG: is this a Dockerfile?")),
            ("ARG", Some(stage)) => {
                let env = stage.env.clone();
                declare(rest, *escape, &mut own, &global, &env, args);
            }
            ("ENV", Some(stage)) => {
                let visible = visible(&own, &stage.env);
                for (key, value) in pairs(rest) {
                    stage.env.insert(key, unquote(&expand(&value, &visible, *escape)));
                }
            }
            ("USER", Some(stage)) => {
                let user = unquote(expand(rest, &visible(&own, &stage.env), *escape).trim());
                if user.is_empty() {
                    return Err(wrong("USER is empty (an ARG without a value?)"));
                }
                stage.user = Some((user, instruction.line));
            }
            _ => {}
        }
    }
    if found.is_empty() {
        return Err(Error { line: 1, message: "there is no FROM: is this a Dockerfile?".to_owned() });
    }
    Ok(found)
}

/// `FROM [--platform=…] image [AS name]`.
fn from(instruction: &Instruction, global: &Variables, before: &[Stage]) -> Result<Stage, Error> {
    let text = expand(&instruction.rest, global, instruction.escape);
    let words: Vec<&str> = text.split_whitespace().filter(|word| !word.starts_with("--")).collect();
    let (base, name) = match words.as_slice() {
        [base] => (*base, None),
        [base, r#as, name] if r#as.eq_ignore_ascii_case("as") => (*base, Some((*name).to_owned())),
        _ => {
            let message = "FROM needs an image, and may have `AS name`".to_owned();
            return Err(Error { line: instruction.line, message });
        }
    };
    let parent = before.iter().rfind(|stage| stage.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(base)));
    let env = parent.map(|stage| stage.env.clone()).unwrap_or_default();
    Ok(Stage { name, base: base.to_owned(), line: instruction.line, user: None, env })
}

/// `ARG name`, `ARG name=default`, several of them.
fn declare(rest: &str, escape: char, own: &mut Variables, global: &Variables, env: &Variables, args: &Variables) {
    for word in words(rest) {
        let (name, default) = match word.split_once('=') {
            Some((name, default)) => (name.to_owned(), Some(unquote(&expand(default, &visible(own, env), escape)))),
            None => (word.clone(), global.get(&word).cloned()),
        };
        if let Some(value) = args.get(&name).cloned().or(default) {
            own.insert(name, value);
        }
    }
}

/// `ARG`s below `ENV`, which wins.
fn visible(own: &Variables, env: &Variables) -> Variables {
    own.iter().chain(env).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The pairs of `ENV a=b c=d`, or of the old `ENV a b c`.
fn pairs(rest: &str) -> Vec<(String, String)> {
    let all = words(rest);
    if all.first().is_some_and(|word| !word.contains('=')) {
        let (name, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        return vec![(name.to_owned(), value.trim().to_owned())];
    }
    all.iter().filter_map(|word| word.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

/// Splits at white space outside quotes.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in text.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            (c, None) if c.is_whitespace() => {
                if !word.is_empty() {
                    found.push(std::mem::take(&mut word));
                }
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        found.push(word);
    }
    found
}

fn unquote(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '"' | '\'')).collect()
}
