//! Generates folders and counts, by itself, what `harden check` must find in them.

use std::path::Path;

use serde_json::json;

use guests::{VALID, answering};

/// Numbers that look random and are the same every time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn of(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'t>(&mut self, among: &[&'t str]) -> &'t str {
        among[self.roll(among.len())]
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }
}

/// The expected summary.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) files: usize,
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) suppressed: usize,
    pub(crate) problems: usize,
    pub(crate) judged: usize,
    pub(crate) with_findings: usize,
    pub(crate) without_template: usize,
    pub(crate) not_kubernetes: usize,
    pub(crate) partial: usize,
    pub(crate) empty: usize,
}

/// A folder, and what is in it.
pub(crate) struct Generated {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) expected: Expected,
    /// Whether a further policy judges every object.
    pub(crate) further: bool,
}

/// Rules of whose verdict the generator is sure.
const CONFIG: &str = "profile: privileged
rules: {privileged: {requireExplicit: false}, image-tag: warn, host-namespaces: true}
exclude: [skip/]
";

/// The message of the further policy about every object.
const EVIL: &str = "second\n::error::x\u{1b}[2J ##[add-mask]y\u{202e}";

/// Texts that try to get out of where they stand.
const NAMES: [&str; 8] = [
    "web",
    "n\u{1b}[31m\n::error file=x::pwn",
    "::stop-commands::t",
    "a##[group]b",
    "x\u{202e}y\u{2028}z\u{9b}w",
    "<script>alert(1)</script>",
    "`a`|b]]>*c*",
    "\u{feff}\t\r\u{7f}é",
];

/// Names of files: everything but a slash and a zero may be in one.
const FILES: [&str; 8] =
    ["app", "a b", "::error::x", "l1\n::warning::l2", "e\u{1b}]0;t\u{7}", "q\"'`|<b>", "\u{202e}r##[x]", "ü,:%"];

/// Generates a folder.
pub(crate) fn generate(dice: &mut Dice) -> Generated {
    let folder = tempfile::tempdir().unwrap();
    let further = dice.one_in(3);
    let mut config = CONFIG.to_owned();
    if further {
        let answer = json!({"accepted": false, "message": EVIL});
        std::fs::write(folder.path().join("evil.wasm"), answering(&answer.to_string(), VALID)).unwrap();
        config += "policies: [{module: evil.wasm}]\n";
    }
    std::fs::write(folder.path().join("harden.yaml"), config).unwrap();
    let mut expected = Expected::default();
    for index in 0..1 + dice.roll(4) {
        let place = dice.pick(&["", "sub/", "skip/"]);
        let (text, own) = file(dice, further);
        let path = folder.path().join(format!("{place}{}{index}.yaml", dice.pick(&FILES)));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        if place != "skip/" {
            expected.add(&own);
        }
    }
    if dice.one_in(4) {
        std::fs::write(folder.path().join("latin.yaml"), b"a: \xe9\n").unwrap();
        expected.problems += 1;
    }
    // A file that is always there: a folder without any is an error of its own.
    write(folder.path(), "z.yaml", "# nothing\n");
    expected.add(&Expected { files: 1, empty: 1, ..Expected::default() });
    Generated { folder, expected, further }
}

pub(crate) fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

/// The text of a file of several documents.
fn file(dice: &mut Dice, further: bool) -> (String, Expected) {
    let mut text = String::new();
    let mut expected = Expected { files: 1, ..Expected::default() };
    for _ in 0..1 + dice.roll(4) {
        text += "---\n";
        match dice.roll(8) {
            0 => {
                text += "# only a comment\n";
                expected.empty += 1;
            }
            1 => {
                text += "some: values\n";
                expected.not_kubernetes += 1;
            }
            2 => {
                text += "a: b: c\n";
                expected.problems += 1;
            }
            3 => {
                text += &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}}}\n", quoted(dice));
                match further {
                    true => expected.add(&Expected { judged: 1, with_findings: 1, errors: 1, ..Expected::default() }),
                    false => expected.without_template += 1,
                }
            }
            4 => {
                text += "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: part}\nspec: {replicas: 3}\n";
                expected.partial += 1;
            }
            5 => {
                text += "apiVersion: v1\nkind: List\nitems:\n";
                for _ in 0..1 + dice.roll(3) {
                    let (object, own) = pod(dice, further);
                    text += &format!("- {}\n", object.trim_end().replace('\n', "\n  "));
                    expected.add(&own);
                }
            }
            _ => {
                let (object, own) = pod(dice, further);
                text += &object;
                expected.add(&own);
            }
        }
    }
    (text, expected)
}

/// A pod, and what is wrong with it.
fn pod(dice: &mut Dice, further: bool) -> (String, Expected) {
    let mut expected = Expected { judged: 1, errors: usize::from(further), ..Expected::default() };
    // Twins are common.
    let name = if dice.one_in(2) { "twin".to_owned() } else { quoted(dice) };
    let mut text = format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n");
    if dice.one_in(3) {
        text += "  hostNetwork: true\n";
        expected.errors += 1;
    }
    text += "  containers:\n";
    for _ in 0..1 + dice.roll(3) {
        if dice.one_in(8) {
            text += "  - name: n\n";
            expected.problems += 1;
        } else {
            text += &format!("  - name: {}\n", quoted(dice));
        }
        text += match dice.roll(3) {
            0 => {
                expected.warnings += 1;
                "    image: nginx\n"
            }
            1 => {
                expected.warnings += 1;
                // There is nothing to ignore.
                "    image: nginx:1 # harden: ignore[image-tag] no need\n"
            }
            _ => "    image: nginx:1\n",
        };
        text += match dice.roll(4) {
            0 => {
                expected.errors += 1;
                "    securityContext: {privileged: true}\n"
            }
            1 => {
                expected.suppressed += 1;
                "    securityContext: {privileged: true} # harden: ignore[privileged] <it> loads \u{202e}drivers\n"
            }
            2 => {
                expected.problems += 1;
                "    securityContext: {privileged: 'yes'}\n"
            }
            _ => "",
        };
    }
    expected.with_findings = usize::from(expected.errors + expected.warnings > 0);
    (text, expected)
}

/// A name in quotes, as JSON, which YAML reads alike.
fn quoted(dice: &mut Dice) -> String {
    let json = serde_json::to_string(dice.pick(&NAMES)).unwrap();
    // YAML wants these escaped.
    let escaped = json.chars().map(|c| match c {
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{feff}' => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    escaped.collect()
}

impl Expected {
    fn add(&mut self, other: &Expected) {
        self.files += other.files;
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.suppressed += other.suppressed;
        self.problems += other.problems;
        self.judged += other.judged;
        self.with_findings += other.with_findings;
        self.without_template += other.without_template;
        self.not_kubernetes += other.not_kubernetes;
        self.partial += other.partial;
        self.empty += other.empty;
    }
}
