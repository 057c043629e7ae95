//! Messages, documentation and pages are idiomatic English: the phrases below, which crept in more than once, do not
//! come back.
//!
//! Read are string literals and documentation comments outside tests, and the pages written by hand. Generated pages
//! have their sentences from there. Code in backquotes is not read.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{files, root};

/// A phrase, where it is good English, and the alternative.
struct Phrase {
    /// Any of these, as whole words.
    words: &'static [&'static str],
    /// Words before it that make it right.
    after: &'static [&'static str],
    /// Words behind it that make it right.
    before: &'static [&'static str],
    better: &'static str,
}

const fn never(words: &'static [&'static str], better: &'static str) -> Phrase {
    Phrase { words, after: &[], before: &[], better }
}

const PHRASES: &[Phrase] = &[
    Phrase {
        words: &["is no", "are no", "was no", "were no"],
        after: &["there", "There"],
        before: &["better", "different", "longer", "more", "need", "reason", "such", "way"],
        better: "is not a …, is not valid …",
    },
    Phrase {
        words: &["of which"],
        after: &["all", "both", "each", "half", "many", "most", "none", "one", "some"],
        before: &[],
        better: "whose …, that … of",
    },
    never(&["so that there be", "so that there is"], "so that … exists, to …"),
    never(&["such as they", "as it were", "so to speak", "there where"], "nothing, or where"),
    never(&["in good hands"], "taken, handled"),
    never(&["what came of", "What came of"], "the result of"),
    never(&["say of", "says of", "said of", "tell of", "tells of"], "say about"),
    never(&["sees to it", "Sees to it", "see to it"], "ensures, makes sure"),
    never(&["for ever"], "forever, without end"),
    never(&["worth while"], "worthwhile, worth it"),
    never(&["hereby", "thereby", "therein", "thereof", "whereof", "wherein"], "in it, of it, and so"),
    never(&["is to be", "are to be", "was to be"], "must be, should be"),
    never(&["brings along", "bring along"], "comes with"),
    never(&["belong into", "belongs into"], "belong in"),
    never(&["allows to", "permits to", "enables to"], "allows …ing, lets … do"),
    Phrase { words: &["as v1", "as 20"], after: &["such"], before: &[], better: "such as v1.33" },
];

/// The beginning of a documentation comment that describes a thing by a clause without a verb.
const BEGINNINGS: &[&str] =
    &["What ", "Whether or not ", "So many ", "So much ", "Those ", "One that ", "One who ", "Of "];

/// A piece of prose and the line where it begins.
struct Prose {
    line: usize,
    text: String,
    is_doc: bool,
}

/// The text without code in backquotes.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join("`…`")
}

/// The phrases and beginnings that a piece of prose should not have.
fn habits(prose: &Prose) -> Vec<String> {
    let text = prose.text.as_str();
    let mut found = Vec::new();
    for phrase in PHRASES {
        for words in phrase.words {
            for (at, _) in text.match_indices(words) {
                let (before, behind) = (&text[..at], &text[at + words.len()..]);
                let is_whole = !before.ends_with(char::is_alphanumeric) && !behind.starts_with(char::is_alphabetic);
                let last = before.split_whitespace().next_back().unwrap_or_default();
                let next = behind.split_whitespace().next().unwrap_or_default().trim_end_matches([',', '.', ';', ':']);
                if is_whole && !phrase.after.contains(&last) && !phrase.before.contains(&next) {
                    found.push(format!("{words:?} (better: {}) in {text:?}", phrase.better));
                }
            }
        }
    }
    if let Some(beginning) = BEGINNINGS.iter().find(|beginning| prose.is_doc && text.starts_with(**beginning)) {
        found.push(format!("{beginning:?} (better: say what it is or does) in {text:?}"));
    }
    found
}

/// Collects lines of prose into paragraphs.
#[derive(Default)]
struct Paragraphs {
    done: Vec<Prose>,
    open: Option<Prose>,
}

impl Paragraphs {
    /// Adds a line to the open paragraph.
    fn add(&mut self, line: usize, text: &str, is_doc: bool) {
        let open = self.open.get_or_insert(Prose { line, text: String::new(), is_doc });
        if !open.text.is_empty() {
            open.text.push(' ');
        }
        open.text += text;
    }

    fn end(&mut self) {
        self.done.extend(self.open.take().map(|prose| Prose { text: without_code(&prose.text), ..prose }));
    }
}

/// The paragraphs of a page.
fn page(text: &str) -> Vec<Prose> {
    let mut paragraphs = Paragraphs::default();
    let mut fenced = false;
    for (at, line) in text.lines().enumerate() {
        let text = line.trim();
        fenced ^= text.starts_with("```");
        if text.is_empty() || fenced || text.starts_with("```") {
            paragraphs.end();
            continue;
        }
        if text.starts_with(['-', '|', '#']) {
            paragraphs.end();
        }
        paragraphs.add(at + 1, text, false);
    }
    paragraphs.end();
    paragraphs.done
}

/// The documentation comments and string literals of a source file, without what is compiled for tests only.
fn source(text: &str) -> Vec<Prose> {
    let mut paragraphs = Paragraphs::default();
    let mut literals = Vec::new();
    let mut rest = text;
    let mut in_string: Option<Open> = None;
    let mut in_tests = false;
    for (at, line) in text.lines().enumerate() {
        rest = rest.get(line.len() + 1..).unwrap_or_default();
        if in_tests {
            in_tests = line != "}";
            continue;
        }
        let code = line.trim();
        if in_string.is_none() {
            let doc = code.strip_prefix("///").or_else(|| code.strip_prefix("//!")).map(str::trim);
            match doc {
                Some(doc) if !doc.is_empty() => paragraphs.add(at + 1, doc, true),
                _ => paragraphs.end(),
            }
            if code.starts_with("//") {
                continue;
            }
            if line == "#[cfg(test)]" {
                let item = rest.lines().find(|line| !line.starts_with("#["));
                in_tests = item.is_some_and(|item| item.ends_with('{'));
            }
        }
        strings(at + 1, line, &mut in_string, &mut literals);
    }
    paragraphs.end();
    paragraphs.done.append(&mut literals);
    paragraphs.done
}

/// A literal that has not ended yet, and its end: a quote, with as many `#` as a raw one has.
struct Open {
    prose: Prose,
    end: String,
}

/// The string literals of a line; `open` is one that began on a line before, or does not end on this one.
fn strings(at: usize, line: &str, open: &mut Option<Open>, found: &mut Vec<Prose>) {
    let mut rest = if open.is_some() { line.trim_start() } else { line };
    while let Some(c) = rest.chars().next() {
        let hashes = rest.strip_prefix('r').map_or(0, |raw| raw.len() - raw.trim_start_matches('#').len());
        let length = match open {
            Some(literal) if rest.starts_with(&literal.end) => {
                let length = literal.end.len();
                found.extend(open.take().map(|literal| literal.prose));
                length
            }
            Some(literal) if c == '\\' && literal.end.len() == 1 => {
                literal.prose.text.push(' ');
                1 + rest[1..].chars().next().map_or(0, char::len_utf8)
            }
            Some(literal) => {
                literal.prose.text.push(c);
                c.len_utf8()
            }
            None if rest.starts_with("//") => return,
            None if rest.starts_with("'\"'") => 3,
            None if c == '"' || (hashes > 0 && rest[1 + hashes..].starts_with('"')) => {
                let prose = Prose { line: at, text: String::new(), is_doc: false };
                *open = Some(Open { prose, end: format!("\"{}", "#".repeat(hashes)) });
                1 + if c == '"' { 0 } else { hashes + 1 }
            }
            None => c.len_utf8(),
        };
        rest = &rest[length..];
    }
    if let Some(literal) = open {
        literal.prose.text.push(' ');
    }
}

/// Whether a file is of tests, whose texts nobody reads.
fn is_of_tests(path: &Path) -> bool {
    path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests")
}

#[test]
fn prose_is_idiomatic() {
    let root = root();
    let of = |folders: &[&str], ending| -> Vec<PathBuf> {
        let all = folders.iter().flat_map(|folder| files(&root.join(folder), ending));
        all.filter(|path| !is_of_tests(path)).collect()
    };
    let sources = of(&["src", "crates", "cli/src", "xtask/src", "e2e-tests/src", "benches", "fuzz/targets/src"], ".rs");
    let mut pages = of(&["docs", "crates", "deploy"], ".md");
    pages.extend(["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(|name| root.join(name)));
    assert!(sources.len() > 200 && pages.len() > 20, "{} sources, {} pages", sources.len(), pages.len());
    let mut count = 0;
    let mut problems = Vec::new();
    for path in sources.iter().chain(&pages) {
        let text = fs::read_to_string(path).unwrap();
        let prose = if path.extension().is_some_and(|ending| ending == "rs") { source(&text) } else { page(&text) };
        count += prose.len();
        let name = path.strip_prefix(&root).unwrap().display();
        for prose in prose {
            problems.extend(habits(&prose).into_iter().map(|habit| format!("{name}:{}: {habit}", prose.line)));
        }
    }
    assert!(count > 5_000, "only {count} paragraphs and texts");
    assert!(problems.is_empty(), "{} phrases to change:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn habits_are_found_where_they_stand() {
    let found = |text: &str| -> Vec<usize> {
        source(text).iter().flat_map(|prose| habits(prose).into_iter().map(|_| prose.line)).collect()
    };
    assert_eq!(found("/// What it is.\nfn f() {\n    say(\"x is no\\\n     file\"); // is no matter\n}\n"), [1, 3]);
    assert_eq!(
        found(
            "/// Reads a text that\n/// is no YAML, `is no code`.\nconst A: char = '\"'; const B: &str = \"is no b\";\n"
        ),
        [1, 3]
    );
    assert_eq!(found("const A: &str = r#\"\"is no a\"\"#; // is no b\nconst B: &str = \"x\";\n"), [1]);
    assert_eq!(found("/// There is no file, which is no longer so.\nfn f() {}\n"), [0; 0]);
    assert_eq!(found("#[cfg(test)]\nmod tests {\n    /// What.\n    const A: &str = \"is no a\";\n}\n"), [0; 0]);
    let page = page("A text of\nwhich.\n\n```\nis no code\n```\n- each of which\n");
    assert_eq!(page.iter().map(|prose| habits(prose).len()).collect::<Vec<_>>(), [1, 0]);
}
