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

/// Most stages of a Dockerfile.
const STAGES: usize = 1_000;
/// Most bytes of all variables of all stages: a stage begins with those of the one that it builds on.
const VARIABLES: usize = 16 << 20;

/// The stages of a Dockerfile, in their order.
///
/// # Errors
/// No `FROM`, an instruction before the first, or one without its argument; more than [`STAGES`] or [`VARIABLES`].
pub(super) fn stages(instructions: &[Instruction], args: &Variables) -> Result<Vec<Stage>, Error> {
    let mut reader =
        Reader { args, global: Variables::new(), own: Variables::new(), stages: Vec::new(), left: VARIABLES };
    for instruction in instructions {
        reader.read(instruction).map_err(|message| Error { line: instruction.line, message: message.to_owned() })?;
    }
    if reader.stages.is_empty() {
        return Err(Error { line: 1, message: "there is no FROM: is this a Dockerfile?".to_owned() });
    }
    Ok(reader.stages)
}

struct Reader<'a> {
    /// The `--build-arg`s.
    args: &'a Variables,
    /// `ARG`s before the first stage.
    global: Variables,
    /// `ARG`s of the last stage.
    own: Variables,
    stages: Vec<Stage>,
    /// Bytes that variables may still have.
    left: usize,
}

impl Reader<'_> {
    fn read(&mut self, instruction: &Instruction) -> Result<(), &'static str> {
        let rest = &instruction.rest;
        match (instruction.name.as_str(), self.stages.is_empty()) {
            ("FROM", _) => self.from(instruction),
            ("ARG", _) => self.declare(instruction),
            (_, true) => Err("expected FROM or ARG: is this a Dockerfile?"),
            ("ENV", _) => {
                // All of an instruction see what was before it.
                let mut new = Vec::new();
                for (name, value) in pairs(rest) {
                    new.push((name, unquote(&self.expand(&value, instruction)?)));
                }
                new.into_iter().try_for_each(|(name, value)| {
                    self.spend(name.len() + value.len())?;
                    self.stages.last_mut().map(|stage| stage.env.insert(name, value));
                    Ok(())
                })
            }
            ("USER", _) => {
                let user = unquote(self.expand(rest, instruction)?.trim());
                if user.is_empty() {
                    return Err("USER is empty (an ARG without a value?)");
                }
                if let Some(stage) = self.stages.last_mut() {
                    stage.user = Some((user, instruction.line));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Expands with the variables of the stage, `ENV` before `ARG`, or with those before the first.
    fn expand(&self, text: &str, instruction: &Instruction) -> Result<String, &'static str> {
        let lookup = |name: &str| match self.stages.last() {
            Some(stage) => stage.env.get(name).or_else(|| self.own.get(name)).map(String::as_str),
            None => self.global.get(name).map(String::as_str),
        };
        expand(text, &lookup, instruction.escape)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), &'static str> {
        let left = self.left.checked_sub(bytes);
        self.left = left.ok_or("the variables of all stages have more than 16 MiB")?;
        Ok(())
    }

    /// `FROM [--platform=…] image [AS name]`.
    fn from(&mut self, instruction: &Instruction) -> Result<(), &'static str> {
        let lookup = |name: &str| self.global.get(name).map(String::as_str);
        let text = expand(&instruction.rest, &lookup, instruction.escape)?;
        let words: Vec<&str> = text.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        let (base, name) = match words.as_slice() {
            [base] => (*base, None),
            [base, r#as, name] if r#as.eq_ignore_ascii_case("as") => (*base, Some((*name).to_owned())),
            _ => return Err("FROM needs an image, and may have `AS name`"),
        };
        if self.stages.len() == STAGES {
            return Err("there are more than 1,000 stages");
        }
        let is_base = |stage: &&Stage| stage.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(base));
        let env = self.stages.iter().rfind(is_base).map(|stage| stage.env.clone()).unwrap_or_default();
        self.spend(env.iter().map(|(name, value)| name.len() + value.len()).sum())?;
        self.own.clear();
        self.stages.push(Stage { name, base: base.to_owned(), line: instruction.line, user: None, env });
        Ok(())
    }

    /// `ARG name`, `ARG name=default`, several of them.
    fn declare(&mut self, instruction: &Instruction) -> Result<(), &'static str> {
        let is_global = self.stages.is_empty();
        for word in words(&instruction.rest) {
            let (name, default) = match word.split_once('=') {
                Some((name, default)) => (name.to_owned(), Some(unquote(&self.expand(default, instruction)?))),
                None => (word.clone(), self.global.get(&word).filter(|_| !is_global).cloned()),
            };
            if let Some(value) = self.args.get(&name).cloned().or(default) {
                self.spend(name.len() + value.len())?;
                if is_global { &mut self.global } else { &mut self.own }.insert(name, value);
            }
        }
        Ok(())
    }
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
