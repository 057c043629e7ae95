//! Texts made to hurt.

use super::*;
use std::fs;
use std::time::{Duration, Instant};

/// Generous, for slow machines: without the limits these would take minutes and gigabytes.
fn quickly(text: &str) -> Parsed<'_> {
    let start = Instant::now();
    let parsed = parse(text);
    assert!(start.elapsed() < Duration::from_secs(5), "took {:?}", start.elapsed());
    parsed
}

#[test]
fn billion_laughs() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        text += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    let parsed = quickly(&text);
    assert!(parsed.errors[0].message.contains("too large"), "{}", parsed.errors[0]);
    assert_eq!(parsed.errors[0].line, 6);
}

#[test]
fn many_aliases_to_a_long_text() {
    let long = "x".repeat(1 << 20);
    let text = format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 1000].join(", "));
    assert!(quickly(&text).errors[0].message.contains("too large"));
}

#[test]
fn merged_billion_laughs() {
    let mut text = "a0: &a0 {k: [1, 2, 3, 4]}\n".to_owned();
    for level in 1..40 {
        let last = level - 1;
        text += &format!("a{level}: &a{level} {{<<: *a{last}, x{level}: *a{last}, y{level}: *a{last}}}\n");
    }
    assert!(!quickly(&text).errors.is_empty());
}

#[test]
fn anchors_inside_anchors() {
    let mut text = "a: ".to_owned();
    for level in 0..200 {
        text += &format!("&a{level} [");
    }
    text += &"x, ".repeat(100_000);
    text += &"]".repeat(200);
    assert!(quickly(&text).errors[0].message.contains("anchors inside of anchors"));
}

#[test]
fn ordinary_aliases_are_far_from_the_limit() {
    let text = format!("a: &a {{b: [1, 2, 3]}}\nc: [{}]\n", vec!["*a"; 10_000].join(", "));
    assert_eq!(quickly(&text).errors, []);
}

#[test]
fn depth() {
    let nest = |open: &str, close: &str, depth: usize| open.repeat(depth) + &close.repeat(depth);
    for depth in [120, MAX_DEPTH] {
        assert_eq!(quickly(&nest("[", "]", depth)).errors, []);
        assert_eq!(quickly(&format!("a: {}", nest("[", "]", depth - 1))).errors, []);
    }
    for depth in [MAX_DEPTH + 1, 100_000] {
        assert!(!quickly(&nest("[", "]", depth)).errors.is_empty());
        assert!(!quickly(&format!("a: {}", nest("[", "]", depth))).errors.is_empty());
        assert!(!quickly(&nest("{\"a\":", "}", depth)).errors.is_empty());
        assert!(!quickly(&"- ".repeat(depth)).errors.is_empty());
        assert!(!quickly(&"[".repeat(depth)).errors.is_empty());
    }
    let block: String = (0..400).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(error(&block).2.contains("deeper"));
}

/// Depth that aliases add counts too.
#[test]
fn depth_through_aliases() {
    let mut text = format!("a0: &a0 {}{}\n", "[".repeat(100), "]".repeat(100));
    for level in 1..4 {
        let last = level - 1;
        text += &format!("a{level}: &a{level} {}*a{last}{}\n", "[".repeat(100), "]".repeat(100));
    }
    assert!(error(&text).2.contains("deeper"));
}

#[test]
fn long_lines_and_many_keys_are_no_trouble() {
    let items = "é, ".repeat(200_000);
    assert_eq!(quickly(&format!("a: [{items}]")).errors, []);
    let json: Vec<String> = (0..200_000).map(|index| format!("\"é{index}\": 1")).collect();
    assert_eq!(quickly(&format!("{{{}}}", json.join(", "))).errors, []);
}

/// The time that this thread has run, which other processes do not add to; the clock where Linux does not tell.
fn spent(start: Instant) -> Duration {
    let on_cpu = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = on_cpu.as_deref().and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// How long reading a text takes, at best.
fn cost(text: &str) -> Duration {
    let once = |_| {
        let clock = Instant::now();
        let start = spent(clock);
        let parsed = (parse(text), parse_by_events(text));
        let end = spent(clock);
        drop(parsed);
        end.saturating_sub(start)
    };
    (0..3).map(once).min().unwrap_or_default()
}

/// Four times the text takes about four times as long, not sixteen times.
#[test]
fn time_grows_with_the_text() {
    type Make = fn(usize) -> String;
    let texts: [(&str, Make); 22] = [
        ("S14: template actions without an end", |n| "a: {{ .x\n".repeat(n)),
        ("S14: and with one at the end", |n| format!("{}}}}}", "a: '{{ .x'\n".repeat(n))),
        ("template actions on one line", |n| format!("a: b: '{}'", "{{ x".repeat(n))),
        ("S14: lines that once were repaired", |n| "- {a: [\nb\n], c:\td, e: 'f'#g\n}\n".repeat(n / 4)),
        ("brackets", |n| format!("[{}]", "a, ".repeat(n))),
        ("pairs", |n| format!("[{}]", "a: b, ".repeat(n))),
        ("keys that are none", |n| format!("{{{}}}", "a: [b, c, d], ".repeat(n / 4).replacen("a", "b", 1))),
        ("brackets in brackets", |n| format!("- {}{}\n", "[".repeat(200), "]".repeat(200)).repeat(n / 100)),
        ("dashes", |n| format!("{}\n", "- ".repeat(200)).repeat(n / 200)),
        ("anchors", |n| "- &a b\n- *a\n".repeat(n / 2)),
        ("names of anchors", |n| (0..n).map(|at| format!("- &a{at} b\n- *a{at}\n")).collect()),
        ("tags", |n| "- !!str a%41\n".repeat(n)),
        ("letters of more bytes", |n| format!("- [{}]\n", "é, ".repeat(n))),
        ("a long plain scalar", |n| "a\n\n".repeat(n)),
        ("a long plain line", |n| "a ".repeat(n)),
        ("escapes", |n| format!("\"{}\"", "\\x41é".repeat(n))),
        ("quotes without an end", |n| format!("'{}", "''".repeat(n))),
        ("carriage returns", |n| format!("\"{}\"", "a\r".repeat(n))),
        ("block scalars", |n| format!("a: |+\n{}", "  é \n\n".repeat(n))),
        ("comments", |n| format!("a: b\n{}", "# c\n".repeat(n))),
        ("documents", |n| "--- a\n...\n".repeat(n / 4)),
        ("lone colons", |n| ":\n".repeat(n)),
    ];
    for (what, text) in texts {
        let (small, large) = (cost(&text(20_000)), cost(&text(80_000)));
        let floor = Duration::from_millis(2);
        assert!(large < small.max(floor) * 10, "{what}: {small:?}, then {large:?}");
    }
}
