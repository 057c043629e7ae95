//! Quoted and block scalars, escapes, anchors, tags.

use super::Random;

#[rustfmt::skip]
const CONTENT: [&str; 62] = [
    "\\x41", "\\u0041", "\\U00000041", "\\N", "\\_", "\\L", "\\P", "\\/", "\\e", "\\ ", "\\\n   ", "\\\n", "\\0",
    "\\a", "\\b", "\\t", "\\\t", "\\\"", "\\'", "\\x", "\\u12", "\\ud800", "\\ud83d\\ude00", "\\U00110000", "\\c",
    "\\\r\n  ", "\n     ", "\n\n     ", "  \n  ", "\n", "\r\n  ", "''", "\"\"", "#", " #", "\t#", ": ", ":", "?", "-",
    "\t", "&", "*", "!", "%", "|", ">", "@", "`", ",", "[", "{", "é", "\u{2028}", "\u{85}", "\u{feff}", "~", "=", "x",
    "y", "true", "0",
];

const NAMES: [&str; 15] = ["a", "a.b", "a:b", "a-b", "a_b", "é", "a/b", "1", "a,b", "a]", "a\"", "-", "a?", "a#", "a:"];

#[rustfmt::skip]
const HEADERS: [&str; 22] = [
    "|", ">", "|-", ">+", "|2", ">1", "|1-", "|-1", "|+3", ">9", "|0", "| #c", "|# c", ">- # x", "|\t", "|\t#c",
    "!!str |", "&z |", "|\n\n", ">\n  \n", "|10", "|--",
];

const LINES: [&str; 16] =
    ["x", "# y", "- z", "a: b", "", "  ", "---", "...", "\t", "x \t", "'", "\"", "%Y", "\\", "x\u{85}y", "é"];

pub(super) fn text(random: &mut Random) -> String {
    let anchor = random.pick(&NAMES);
    let mut lines = vec![
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: c".to_owned(),
        format!("    a: {}", scalar(random)),
        format!("    b: {}", scalar(random)),
    ];
    lines.push(if random.percent(20) {
        format!("    ? {}{}{}", scalar(random), random.pick(&["\n    : ", " : ", ": "]), scalar(random))
    } else {
        format!("    c: &{anchor} {}", scalar(random))
    });
    lines.push(if random.percent(40) { format!("    d: *{anchor}") } else { format!("    d: {}", scalar(random)) });
    lines.push(if random.percent(40) {
        format!("    args: [{}, {}]", scalar(random), scalar(random))
    } else {
        format!("    args:\n    - {}\n    - {}", scalar(random), scalar(random))
    });
    let host_pid = ["true".to_owned(), "\"true\"".to_owned(), "!!bool \"true\"".to_owned(), format!("*{anchor}")];
    lines.push(format!("  hostPID: {}", host_pid[random.below(host_pid.len())]));
    let text = lines.join(random.pick(&["\n", "\n", "\r\n"]));
    text + random.pick(&["\n", "", "\n# c\n", "\n...\n", "\n---\n", " ", "\n  "])
}

fn scalar(random: &mut Random) -> String {
    // One scalar that is refused is the end of the text: most are harmless.
    if random.percent(60) {
        return random.pick(&["x", "\"y\"", "'z'", "0", "true", "~"]).to_owned();
    }
    let count = random.below(6);
    let content = random.some(&CONTENT, count);
    match random.below(20) {
        0..7 => format!("\"{content}\""),
        7..12 => format!("'{content}'"),
        12..15 => format!("x{content}"),
        15..18 => {
            let indent = random.pick(&["     ", "      ", "    ", "   ", "\t", "     \t", ""]);
            let mut text = format!("{}\n", random.pick(&HEADERS));
            for _ in 0..random.below(5) {
                text += random.pick(&[indent, indent, ""]);
                text += random.pick(&["", "", " "]);
                text += random.pick(&LINES);
                text += random.pick(&["\n", "\n", "\n\n", "\r\n"]);
            }
            text + "    "
        }
        _ => {
            let (sign, name) = (random.pick(&["&", "*", "!", "!!", "!<"]), random.pick(&NAMES));
            format!("{sign}{name}{}", random.pick(&[" ", "", " x", ": y", ">", " \"x\"", "\n     x"]))
        }
    }
}
