//! The pictures of README.md, drawn from what `harden` writes: a terminal recording and the table of the HTML report.
//! `generated` compares them with the committed files.

use std::fmt::Write as _;

use anstyle_svg::Term;

use crate::support::*;

/// A deployment as a tutorial would have it.
const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: ghcr.io/example/web:1.4.2
          ports:
            - containerPort: 8080
";

/// What the project decides: everything else is the default.
const CONFIG: &str = "\
rules:
  run-as-user:
    user: {default: 10001}
    group: {default: 10001}
  read-only-root-filesystem:
    writablePaths: [/tmp]
  resources:
    requests: {cpu: {default: 100m}, memory: {default: 128Mi}}
    limits: {cpu: {default: 500m}, memory: {default: 128Mi}}
";

/// The commands of the recording, with the exit code of each and the seconds for which its screen stands.
const COMMANDS: [(&str, i32, f64); 4] = [
    ("harden check web.yaml", 1, 7.0),
    ("harden fix --diff web.yaml", 1, 7.0),
    ("harden fix web.yaml", 0, 3.0),
    ("harden check web.yaml", 0, 4.0),
];

/// The seconds for which a command stands alone.
const TYPED: f64 = 1.0;

/// Returns the pictures: path below the project's folder, and content.
pub(crate) fn all() -> [(String, String); 2] {
    [("docs/pictures/recording.svg".into(), recording()), ("docs/pictures/matrix.svg".into(), matrix())]
}

/// Returns the recording: a screen for each command before and after it answers, shown one after the other. Where
/// nothing may move, the first answer stands.
fn recording() -> String {
    let folder = folder(&[("web.yaml", DEPLOYMENT), ("harden.yaml", CONFIG)]);
    let mut screens = Vec::new();
    for (command, code, seconds) in COMMANDS {
        let args: Vec<&str> =
            command.split(' ').skip(1).chain(["--color", "always", "--hyperlinks", "never"]).collect();
        let run = harden(folder.path(), &args);
        assert_eq!(run.code, code, "{command}: {}{}", run.out, run.err);
        let prompt = format!("\u{1b}[1;32m$\u{1b}[0m {command}\n");
        screens.push((prompt.clone(), TYPED));
        screens.push((prompt + &run.out + &run.err, seconds));
    }
    animate(&screens)
}

fn animate(screens: &[(String, f64)]) -> String {
    let drawn: Vec<String> = screens.iter().map(|(text, _)| Term::new().background(false).render_svg(text)).collect();
    let size = |name: &str| drawn.iter().map(|svg| attribute(svg, name)).max().unwrap();
    let (width, height) = (size("width"), size("height"));
    let total: f64 = screens.iter().map(|(_, seconds)| seconds).sum();
    let mut style = String::from(
        ".screen{visibility:hidden}#screen1{visibility:visible}@media(prefers-reduced-motion:no-preference){#screen1{visibility:hidden}",
    );
    let (mut rules, mut frames, mut start) = (String::new(), String::new(), 0.0);
    for (index, ((_, seconds), svg)) in screens.iter().zip(&drawn).enumerate() {
        let (from, to) = (start / total * 100.0, (start + seconds) / total * 100.0);
        write!(style, "#screen{index}{{animation:screen{index} {total}s step-end infinite}}").unwrap();
        write!(
            rules,
            "@keyframes screen{index}{{0%{{visibility:hidden}}{from:.3}%{{visibility:visible}}{to:.3}%{{visibility:hidden}}}}"
        )
        .unwrap();
        writeln!(frames, "<g class=\"screen\" id=\"screen{index}\">\n{}</g>", svg).unwrap();
        start += seconds;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>harden checks a manifest, fixes it, and checks it again</title>\n<style>{style}}}{rules}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#0d1117\"/>\n{frames}</svg>\n"
    )
}

/// Reads a number of pixels from the head of an SVG.
fn attribute(svg: &str, name: &str) -> usize {
    let value = svg.split_once(&format!("{name}=\"")).unwrap().1.split_once("px").unwrap().0;
    value.parse().unwrap()
}

/// Returns the head and the table of the HTML report on `examples/insecure`, as elements that an SVG may hold.
fn matrix() -> String {
    // The page names the folder, which a clone may call as it likes.
    let copy = folder(&[("boxoffice/deploy/.keep", "")]);
    let shop = copy.path().join("boxoffice");
    for entry in std::fs::read_dir(examples().join("insecure")).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), shop.join("deploy").join(entry.file_name())).unwrap();
    }
    let run = harden(&shop, &["check", "--no-config", "--format", "html", "deploy"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let part = |from: &str, to: &str| {
        let start = run.out.find(from).unwrap();
        let end = start + run.out[start..].find(to).unwrap() + to.len();
        &run.out[start..end]
    };
    let style = part("<style>", "</style>").replace("body {", ".page {");
    let (header, table) = (part("<header>", "</header>"), part("<table", "</table>"));
    let rows = table.matches("<tr").count();
    let (width, height) = (960, 460 + 35 * rows);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>The HTML report: score, and workload by rule</title>\n<foreignObject width=\"100%\" height=\"100%\">\n\
         <div xmlns=\"http://www.w3.org/1999/xhtml\" class=\"page\">\n{style}\n{header}\n<div class=\"scroll\" style=\"max-height:none\">{table}</div>\n</div>\n\
         </foreignObject>\n</svg>\n"
    )
}
