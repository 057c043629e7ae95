//! The blocks in `README.md` and `docs/`: settings are accepted, commands exist, outputs are what the program writes.
//! Commands stand in blocks of a console, in those of a shell, and in the text between backquotes.
//!
//! A block in YAML is a `harden.yaml`, unless it is an object of Kubernetes (it has a `kind`), or [`OTHER_YAML`] says
//! what it is. An output is compared with the real one if the page's command can be run in the project.

use std::path::Path;

use crate::support::*;

/// A block that is no `harden.yaml`.
enum What {
    /// Settings of the bundle's policy.
    Settings,
    /// A suite of `harden test`.
    Suite,
    /// YAML for another program, which is only read: `harden` has nothing to say about it.
    Other(&'static str),
}

use What::{Other, Settings, Suite};

/// The blocks that are something else: the page, a line of the block, what it is.
const OTHER_YAML: &[(&str, &str, What)] = &[
    ("docs/pod-security-standards.md", "version: v1.33", Settings),
    ("docs/test.md", "name: What the shop's cluster demands", Suite),
    ("docs/trust.md", "trust:", Other("the user's own configuration, tested by e2e-tests against its schema")),
    ("docs/trust.md", "on: pull_request", Other("a workflow of GitHub")),
    ("docs/fix.md", "# .pre-commit-config.yaml", Other("a configuration of pre-commit")),
    ("docs/integrations.md", "language: python", Other("a configuration of pre-commit")),
    ("docs/integrations.md", "rev: v", Other("a configuration of pre-commit")),
    ("docs/integrations.md", "jobs:", Other("a workflow of GitHub")),
    ("docs/integrations.md", "fetch-depth: 2", Other("steps of a workflow of GitHub")),
    ("docs/integrations.md", "# kustomization.yaml", Other("a configuration of kustomize")),
    ("docs/integrations.md", "type: postrenderer", Other("a plugin of Helm")),
    ("docs/integrations.md", "before_script:", Other("a pipeline of GitLab")),
    ("docs/kubewarden.md", "kind: githubAction", Other("a configuration of kwctl")),
    ("docs/publishing.md", "# verification-config.yml", Other("a configuration of kwctl")),
    ("docs/publishing.md", "module: registry", Other("a part of a ClusterAdmissionPolicy")),
    ("docs/suppressions.md", "- name: agent", Other("a part of a pod")),
    ("docs/suppressions.md", "annotations:", Other("a part of an object")),
];

/// Outputs that are not compared here: the page, the command, and why.
const OTHER_OUTPUTS: &[(&str, &str, &str)] = &[
    (
        "docs/suppressions.md",
        "harden baseline prune",
        "its numbers are an example; the test `nearest` prunes baselines",
    ),
    ("docs/try.md", "harden level", "the test `trial` compares its words, with a real engine"),
    ("docs/try.md", "harden try", "needs a container engine; the test `trial` compares its words"),
    ("docs/publishing.md", "harden push", "asks a registry; the test `oci` compares its words"),
    ("docs/publishing.md", "harden pull", "asks a registry; the test `oci` compares its words"),
];

/// Blocks in other languages than those that are read here: the page, the language, and what checks them.
const OTHER_LANGUAGES: &[(&str, &str, &str)] = &[
    ("docs/reports.md", "text", "the test `worst` compares them"),
    ("docs/test.md", "text", "the test `suites` compares the form of such a report"),
    ("docs/publishing.md", "text", "the test `oci` compares the form of such a line"),
    ("docs/integrations.md", "vim", "the test `integrations` reads findings with it"),
    ("docs/integrations.md", "json", "the test `integrations` reads findings with it"),
];

/// Blocks in JSON with a schema that says which keys there are.
const SCHEMAS: [(&str, &str); 2] =
    [("docs/reports.md", "docs/report.schema.json"), ("docs/images.md", "docs/lock.schema.json")];

/// The manifests of the pages' outputs.
const DEPLOY: &[(&str, &str)] = &[("deploy/shop.yaml", include_str!("docs/shop.yaml"))];

/// A block between fences.
struct Block {
    page: String,
    line: usize,
    language: String,
    text: String,
}

impl Block {
    fn place(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }
}

/// The paths of the pages for users: those in `docs/`, and the ones that meet them elsewhere.
fn pages() -> Vec<String> {
    let listed = std::fs::read_dir(project("docs")).unwrap().map(|entry| entry.unwrap().file_name());
    let pages = listed.filter_map(|name| Some(format!("docs/{}", name.to_str().filter(|name| name.ends_with(".md"))?)));
    let others = ["README.md", "packaging/README.md", "examples/README.md", "deploy/README.md"];
    let mut pages: Vec<String> = pages.chain(others.map(str::to_owned)).collect();
    pages.sort();
    pages
}

/// The blocks of every page.
fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(project(&page)).unwrap();
        let mut open: Option<Block> = None;
        for (index, line) in text.lines().enumerate() {
            match (line.trim_start().strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(language), None) => {
                    let (page, language) = (page.clone(), language.trim().to_owned());
                    open = Some(Block { page, line: index + 1, language, text: String::new() });
                }
                (None, Some(block)) => block.text += &format!("{line}\n"),
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{page}: the last block has no end");
    }
    assert!(blocks.len() > 40, "{}", blocks.len());
    blocks
}

/// A folder with what the settings of the pages name, and nothing to judge.
fn project_of(config: &str) -> tempfile::TempDir {
    folder(&[
        ("harden.yaml", config),
        ("app/Dockerfile", "ARG UID\nFROM scratch AS run\nUSER 1000:1000\n"),
        ("service.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n"),
    ])
}

#[test]
fn every_block_in_yaml_is_what_it_says() {
    let mut used = vec![false; OTHER_YAML.len()];
    let mut settings = 0;
    for block in blocks().into_iter().filter(|block| block.language == "yaml") {
        let (place, text) = (block.place(), &block.text);
        let documents: Result<Vec<serde_json::Value>, _> =
            serde_yaml_ng::Deserializer::from_str(text).map(serde::Deserialize::deserialize).collect();
        let documents = documents.unwrap_or_else(|error| panic!("{place} is not valid YAML: {error}"));
        let is_known = |(page, line, _): &(&str, &str, What)| block.page == *page && text.contains(line);
        let other = OTHER_YAML.iter().position(is_known);
        if let Some(other) = other {
            used[other] = true;
        }
        let is_object = documents.iter().all(|document| document["kind"].is_string());
        let run = match other.map(|other| &OTHER_YAML[other].2) {
            Some(Other(why)) => {
                assert!(!why.is_empty());
                continue;
            }
            Some(Suite) => {
                let folder = folder(&[("harden-test.yaml", text)]);
                let run = harden(folder.path(), &["test", "--filter", "no test has this name"]);
                assert!(!run.err.contains("harden-test.yaml:"), "{place}: {}", run.err);
                continue;
            }
            Some(Settings) => {
                let folder = project_of("{}");
                let settings = documents[0].to_string();
                harden(folder.path(), &["check", "--settings-json", &settings, "service.yaml"])
            }
            None if is_object => {
                let folder = folder(&[("object.yaml", text)]);
                let run =
                    harden(folder.path(), &["check", "--strict", "--fail-on", "never", "--no-config", "object.yaml"]);
                assert!(run.code == 0 || run.err.contains("without a pod template"), "{place}: {}{}", run.out, run.err);
                continue;
            }
            None => harden(project_of(text).path(), &["check", "service.yaml"]),
        };
        settings += 1;
        assert_eq!(run.code, 0, "{place}: neither a harden.yaml nor known to this test: {}{}", run.out, run.err);
    }
    assert!(settings > 5, "{settings}");
    let stale = OTHER_YAML.iter().zip(used).find(|(_, used)| !used);
    assert!(stale.is_none(), "no block of {:?} has the line", stale.map(|((page, line, _), _)| (page, line)));
}

/// The keys of mappings, at any depth; `…` stands for more of them.
fn keys(value: &serde_json::Value) -> Vec<&str> {
    match value {
        serde_json::Value::Object(fields) => {
            fields.iter().flat_map(|(key, value)| [vec![key.as_str()], keys(value)].concat()).collect()
        }
        serde_json::Value::Array(items) => items.iter().flat_map(keys).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_block_in_another_language_is_checked_somewhere() {
    let mut used = vec![false; OTHER_LANGUAGES.len()];
    let mut schemas = 0;
    for block in blocks().iter().filter(|block| !["yaml", "console", "sh"].contains(&block.language.as_str())) {
        let place = block.place();
        let schema = SCHEMAS.iter().find(|(page, _)| block.language == "json" && block.page == *page);
        if let Some((_, schema)) = schema {
            let value: serde_json::Value =
                serde_json::from_str(&block.text).unwrap_or_else(|why| panic!("{place}: {why}"));
            let schema = std::fs::read_to_string(project(schema)).unwrap();
            // References to images and platforms are names of the user's.
            for key in keys(&value).into_iter().filter(|key| *key != "…" && !key.contains('/')) {
                assert!(schema.contains(&format!("\"{key}\"")), "{place}: the schema knows no {key}");
            }
            schemas += 1;
            continue;
        }
        let is_known = |(page, language, _): &(&str, &str, &str)| block.page == *page && block.language == *language;
        let at = OTHER_LANGUAGES.iter().position(is_known);
        used[at.unwrap_or_else(|| panic!("{place}: nothing checks a block in {:?}", block.language))] = true;
    }
    assert_eq!(schemas, SCHEMAS.len());
    assert!(used.iter().all(|used| *used), "a row of OTHER_LANGUAGES is not needed: {used:?}");
}

/// The commands of a line of the shell, each as its words. Comments and `…`, which stands for more, are left out.
fn commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let (mut word, mut quote, mut is_word) = (String::new(), None, false);
    for c in line.chars().chain([' ']) {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => (quote, is_word) = (Some(c), true),
            (None, '|') => commands.push(Vec::new()),
            (None, '#') if !is_word => break,
            (None, c) if c.is_whitespace() => {
                if is_word && word != "…" {
                    commands.last_mut().unwrap().push(std::mem::take(&mut word));
                }
                (word, is_word) = (String::new(), false);
            }
            (_, c) => {
                word.push(c);
                is_word = true;
            }
        }
    }
    for words in &mut commands {
        // What is redirected is no argument.
        if let Some(at) = words.iter().position(|word| word == ">" || word == "<") {
            words.truncate(at);
        }
    }
    commands
}

/// The arguments of the first `harden` among the commands of a line.
fn arguments(line: &str) -> Option<Vec<String>> {
    commands(line).into_iter().find_map(|words| match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["harden", ..] => Some(words[1..].to_vec()),
        ["kubectl" | "uvx", "harden" | "harden-k8s", ..] => Some(words[2..].to_vec()),
        _ => None,
    })
}

/// The commands of a console block, each with its output.
fn sessions(block: &Block) -> Vec<(String, Vec<String>)> {
    let mut sessions: Vec<(String, Vec<String>)> = Vec::new();
    for line in block.text.lines() {
        match (line.strip_prefix("$ "), sessions.last_mut()) {
            (Some(command), _) => sessions.push((command.to_owned(), Vec::new())),
            // A backslash or an open quote continues the command.
            (None, Some((command, output))) => match command.strip_suffix('\\') {
                Some(start) => *command = format!("{start}{}", line.trim_start()),
                None if command.matches('\'').count() % 2 == 1 => *command += line,
                None => output.push(line.to_owned()),
            },
            (None, None) => panic!("{}: an output without a command", block.place()),
        }
    }
    sessions
}

/// The commands of a block of a shell's language, without those for other programs.
fn scripted(block: &Block) -> Vec<String> {
    let text = block.text.replace("\\\n", "");
    text.lines().filter(|line| arguments(line).is_some()).map(str::to_owned).collect()
}

/// The commands between backquotes in the text of the pages, each with its page. `[--option]` may be left out, `…` stands
/// for anything.
fn mentioned() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(project(&page)).unwrap();
        let prose: Vec<&str> = text.split("```").step_by(2).collect();
        let prose = prose.join(" ").replace('\n', " ");
        for code in prose.split('`').skip(1).step_by(2).filter(|code| code.starts_with("harden ")) {
            all.push((page.clone(), code.replace(['[', ']'], "").replace('|', " | ")));
        }
    }
    all
}

#[test]
fn every_command_in_the_text_is_one_that_harden_takes() {
    let commands = mentioned();
    for (page, command) in &commands {
        let args = arguments(command).unwrap();
        let run = harden(Path::new("."), &args.iter().map(String::as_str).chain(["--help"]).collect::<Vec<_>>());
        // A sentence about an option need not say its value.
        let is_short = run.err.contains("a value is required for");
        assert!(run.code == 0 || is_short, "{page}: `{command}`: {}", run.err);
    }
    assert!(commands.len() > 50, "{}", commands.len());
}

#[test]
fn every_command_is_one_that_harden_takes() {
    let (mut consoles, mut shells) = (0, 0);
    for block in blocks() {
        let commands: Vec<String> = match block.language.as_str() {
            "console" => sessions(&block).into_iter().map(|(command, _)| command).collect(),
            "sh" => scripted(&block),
            _ => continue,
        };
        for command in commands {
            let Some(mut args) = arguments(&command) else { continue };
            // Arguments are read from the left, so what is wrong is told before help is.
            args.push("--help".to_owned());
            let run = harden(Path::new("."), &args.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(run.code, 0, "{}: {command}: {}", block.place(), run.err);
            *(if block.language == "sh" { &mut shells } else { &mut consoles }) += 1;
        }
    }
    assert!(consoles > 20 && shells > 3, "{consoles} {shells}");
    for bad in ["harden check --no-such-option", "harden chek"] {
        let args = [arguments(bad).unwrap(), vec!["--help".to_owned()]].concat();
        let run = harden(Path::new("."), &args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(run.code, 2, "{bad}");
    }
}

/// The first line of the page's output that `real` does not have behind those before it. `…` stands for what is left
/// out: lines, or the rest of a line.
fn missing<'o>(output: &'o [String], real: &str) -> Option<&'o str> {
    let mut lines = real.lines();
    output.iter().map(String::as_str).filter(|line| *line != "…" && !line.is_empty()).find(|line| {
        let is_same = |real: &str| match line.split_once('…') {
            Some((start, end)) => real.starts_with(start) && real.ends_with(end),
            None => real.trim_end() == line.trim_end(),
        };
        !lines.any(is_same)
    })
}

#[test]
fn every_output_is_what_the_program_writes() {
    // A folder for each page, in which its commands run one after the other.
    let (mut page, mut deploy) = (String::new(), folder(DEPLOY));
    let (mut compared, mut used) = (0, vec![false; OTHER_OUTPUTS.len()]);
    for block in blocks().iter().filter(|block| block.language == "console") {
        if page != block.page {
            (page, deploy) = (block.page.clone(), folder(DEPLOY));
        }
        for (command, output) in sessions(block).into_iter().filter(|(_, output)| !output.is_empty()) {
            let other =
                OTHER_OUTPUTS.iter().position(|(page, start, _)| block.page == *page && command.starts_with(start));
            if let Some(other) = other {
                used[other] = true;
                continue;
            }
            let args =
                arguments(&command).unwrap_or_else(|| panic!("{}: {command}: not known to this test", block.place()));
            let root = project("");
            let at = if args.iter().any(|arg| arg.starts_with("examples/")) { root.as_path() } else { deploy.path() };
            let run = harden(at, &args.iter().map(String::as_str).collect::<Vec<_>>());
            let real = run.out + &run.err;
            let missing = missing(&output, &real);
            assert_eq!(missing, None, "{}: {command} does not write this line, but\n{real}", block.place());
            compared += 1;
        }
    }
    assert!(compared > 1, "{compared}");
    assert!(used.iter().all(|used| *used), "a row of OTHER_OUTPUTS is not needed: {used:?}");
}
