//! Reads every format back.

use std::collections::BTreeMap;

use serde_json::Value;

/// An open finding as reports name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Open {
    pub(crate) file: String,
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) level: String,
    pub(crate) rule: String,
    pub(crate) message: String,
    pub(crate) path: String,
    pub(crate) object: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// `Deployment shop/web`
fn object(object: &Value) -> String {
    let (kind, namespace, name) = (text(&object["kind"]), text(&object["namespace"]), text(&object["name"]));
    let separator = if namespace.is_empty() { "" } else { "/" };
    format!("{kind} {namespace}{separator}{name}").trim().to_owned()
}

impl Open {
    /// The subject of the finding, its field from the container on, and what is said of it.
    fn words(&self) -> [String; 3] {
        let parts = self.message.split_once(&self.path).filter(|_| !self.path.is_empty());
        let Some((container, rest)) = parts.filter(|(container, _)| container.is_empty() || container.ends_with(": "))
        else {
            return [self.object.clone(), String::new(), self.message.clone()];
        };
        let is_below = |list: &&str| self.path.contains(*list) && !self.path.contains('"');
        let list = ["initContainers[", "ephemeralContainers[", "containers["].into_iter().find(is_below);
        let below = list.and_then(|list| Some(self.path.split_once(list)?.1.split_once("].")?.1));
        let subject = format!("{}, {}", self.object, container.trim_end_matches(": "));
        let subject = subject.trim_end_matches(", ").trim_start_matches(", ").to_owned();
        [subject, below.unwrap_or(&self.path).to_owned(), rest.to_owned()]
    }

    /// The sentence about the finding.
    fn sentence(&self) -> String {
        let [subject, field, rest] = self.words();
        if subject.is_empty() { format!("{field}{rest}") } else { format!("{subject}: {field}{rest}") }
    }

    /// Whether a frame of the report for people is about it: by its title, by a line of its own, or by one that it shares
    /// with other fields that are not set in the same place.
    fn is_in(&self, frame: &str) -> bool {
        let [_, field, rest] = self.words();
        let titled = line(&format!("{}[{}]: {}", self.level, self.rule, self.sentence()));
        let listed = line(&format!("= {}: [{}] ", self.level, self.rule));
        let unset = || {
            let last = line(field.rsplit('.').next().unwrap_or(&field));
            rest.starts_with(" is not set")
                && frame.contains(&line(&format!("--> {}:{}:{} (", self.file, self.line, self.column)))
                && frame.contains(&last)
                && frame.contains(&line(&format!("[{}]", self.rule)))
        };
        frame.starts_with(&titled) || (frame.contains(&listed) && frame.contains(&line(&rest))) || unset()
    }
}

/// How many findings a frame of the report for people is about.
fn findings_of(frame: &str) -> usize {
    let fields =
        frame.split_once(" fields are not set").and_then(|(before, _)| before.rsplit('(').next()?.parse().ok());
    let listed = frame.matches("= error: [").count() + frame.matches("= warning: [").count();
    let is_one = frame.starts_with("error[") || frame.starts_with("warning[");
    fields.unwrap_or(usize::from(is_one) + listed)
}

/// The findings of the JSON report that count.
pub(crate) fn open(json: &Value) -> Vec<Open> {
    let findings = json["findings"].as_array().unwrap().iter();
    let open = findings.filter(|finding| finding.get("muted").is_none()).map(|finding| Open {
        file: text(&finding["file"]),
        line: finding["line"].as_u64().unwrap(),
        column: finding["column"].as_u64().unwrap(),
        level: text(&finding["level"]),
        rule: text(&finding["rule"]),
        message: text(&finding["message"]),
        path: text(&finding["path"]),
        object: object(&finding["object"]),
    });
    open.collect()
}

/// Whether a terminal, a log or its reader would act on the character or could not see it.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c), 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff
            | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
}

/// A text as one line, as docs/reports.md says it is written.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::new();
    let indent = text.len() - text.trim_start().len();
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        let is_command = rest.starts_with("##[") || (at == indent && rest.starts_with("::"));
        match c {
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            c if is_hidden(c) || is_command => out += &format!("\\u{{{:x}}}", u32::from(c)),
            c => out.push(c),
        }
    }
    out
}

fn counted<T: Ord>(all: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    all.into_iter().for_each(|one| *counts.entry(one).or_default() += 1);
    counts
}

/// A report holds the findings of the JSON report, each as often.
pub(crate) fn same_findings(format: &str, report: &str, json: &Value, case: &str) {
    let case = format!("{format}, {case}");
    let open = open(json);
    let problems = json["problems"].as_array().unwrap();
    let place = |finding: &Open| (finding.file.trim_start_matches("./").to_owned(), finding.line, finding.rule.clone());
    let places = || counted(open.iter().map(place));
    let lines = || report.lines().map(str::to_owned);
    match format {
        "json" => {}
        "concise" => {
            let of = |f: &Open| {
                line(&format!("{}:{}:{}: {}[{}] {}", f.file, f.line, f.column, f.level, f.rule, f.sentence()))
            };
            let problem = |problem: &Value| {
                let place = problem["line"].as_u64().map(|line| format!(":{line}:{}", problem["column"]));
                line(&format!(
                    "{}{}: error: {}",
                    text(&problem["file"]),
                    place.unwrap_or_default(),
                    text(&problem["message"])
                ))
            };
            let expected = counted(open.iter().map(of).chain(problems.iter().map(problem)));
            let is_summary = |line: &String| line.contains(" read, ") || line.starts_with("nothing was judged: ");
            assert_eq!(counted(lines().filter(|line| !is_summary(line))), expected, "{case}");
        }
        "text" => {
            let frames: Vec<&str> = report.split("\n\n").collect();
            let count: usize = frames.iter().map(|frame| findings_of(frame)).sum();
            assert_eq!(count, open.len(), "{case}\n{report}");
            for finding in &open {
                let is_there = frames.iter().any(|frame| finding.is_in(frame));
                assert!(is_there, "{case}: {finding:?}\n{report}");
            }
        }
        "sarif" => {
            let sarif: Value = serde_json::from_str(report).unwrap();
            let results = sarif["runs"][0]["results"].as_array().unwrap();
            let (muted, counting): (Vec<&Value>, Vec<&Value>) =
                results.iter().partition(|result| result.get("suppressions").is_some());
            let of = |result: &&Value| {
                let place = &result["locations"][0]["physicalLocation"];
                let line = place["region"]["startLine"].as_u64().unwrap();
                (decoded(&text(&place["artifactLocation"]["uri"])), line, text(&result["ruleId"]))
            };
            assert_eq!(counted(counting.iter().map(of)), places(), "{case}");
            assert_eq!(muted.len() + counting.len(), json["findings"].as_array().unwrap().len(), "{case}");
            let notes = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
            assert_eq!(notes.len(), problems.len(), "{case}");
        }
        "gitlab" => {
            let gitlab: Value = serde_json::from_str(report).unwrap();
            let (unjudged, findings): (Vec<&Value>, Vec<&Value>) =
                gitlab.as_array().unwrap().iter().partition(|entry| entry["check_name"] == "not-judged");
            let of = |entry: &&Value| {
                let place = &entry["location"];
                (text(&place["path"]), place["lines"]["begin"].as_u64().unwrap(), text(&entry["check_name"]))
            };
            assert_eq!((counted(findings.iter().map(of)), unjudged.len()), (places(), problems.len()), "{case}");
        }
        "github" => {
            let commands = lines().filter(|line| line.starts_with("::") && line.contains("title=harden%3A "));
            let of = |command: String| {
                let (head, _) = command.trim_start_matches("::").split_once("::").unwrap();
                let property = |name: &str| {
                    let from = head.find(name).unwrap() + name.len();
                    head[from..].split(',').next().unwrap().to_owned()
                };
                (property("file="), property("line=").parse::<u64>().unwrap(), property("title=harden%3A "))
            };
            let written = |text: &str| line(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C");
            let expected = open.iter().map(|f| (written(f.file.trim_start_matches("./")), f.line, written(&f.rule)));
            assert_eq!(counted(commands.map(of)), counted(expected), "{case}");
            let unjudged = lines().filter(|line| line.contains(",title=harden::")).count();
            assert_eq!(unjudged, problems.len(), "{case}");
        }
        "markdown" => {
            let rows = lines().filter(|line| line.starts_with("| `")).count();
            assert_eq!(rows, open.len().min(150), "{case}\n{report}");
        }
        "html" => {
            let shown = report.matches("<div class=\"finding\">").count();
            assert_eq!(shown, json["findings"].as_array().unwrap().len(), "{case}");
        }
        "junit" => {
            for (finding, count) in counted(
                open.iter().map(|f| line(&format!("{}:{}:{}: {}[{}]", f.file, f.line, f.column, f.level, f.rule))),
            ) {
                let escaped = markup(&finding);
                assert_eq!(report.matches(&escaped).count(), count, "{case}: {finding}\n{report}");
            }
            assert_eq!(report.matches("<error ").count(), problems.len(), "{case}");
            well_formed(report, &case);
        }
        other => panic!("no reader for {other}"),
    }
}

fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&apos;")
}

fn decoded(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        let digits = if byte == b'%' { [rest.next(), rest.next()] } else { [None, None] };
        match digits {
            [Some(a), Some(b)] => {
                let digits = [a, b];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Every tag of the XML is closed in its order.
fn well_formed(xml: &str, case: &str) {
    let mut open: Vec<&str> = Vec::new();
    let (_, body) = xml.split_once("?>").unwrap();
    for part in body.split('<').skip(1) {
        let (tag, behind) = part.split_once('>').unwrap_or_else(|| panic!("{case}: <{part}"));
        assert!(!behind.contains('>'), "{case}: {behind}");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{case}");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{case}: {open:?}");
}

/// Nothing that is not the report's own acts on a terminal or a log.
pub(crate) fn in_its_place(format: &str, report: &str, case: &str) {
    let case = format!("{format}, {case}");
    let own = |c: char| c == '\n' || (c == '\t' && matches!(format, "html" | "junit"));
    let hidden = report.chars().find(|c| is_hidden(*c) && !own(*c));
    assert_eq!(hidden, None, "{case}\n{report}");
    for text in report.lines() {
        let start = text.trim_start();
        let is_own = format == "github" && (start.starts_with("::error file=") || start.starts_with("::warning file="));
        assert!(is_own || !start.starts_with("::"), "{case}: {text}");
        assert!(!text.contains("##["), "{case}: {text}");
        if format == "text" {
            let frame = start.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
            let is_frame = ["|", "-->", "= ", "..."].iter().any(|begin| frame.starts_with(begin));
            let is_line = ["error[", "warning[", "error: ", "note: "].iter().any(|begin| text.starts_with(begin));
            let is_summary = text.contains(" read, ") && text.contains(" not judged");
            let is_summary = is_summary || text.starts_with("nothing was judged: ");
            // A list goes on below its first line.
            let goes_on = text.starts_with("   ");
            assert!(text.is_empty() || is_frame || is_line || is_summary || goes_on, "{case}: {text}");
        }
    }
}
