//! Properties of every document and every change.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};

use super::super::diff::{Change, Kind, diff, same};
use super::*;

/// The same cases every time, unless `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for others.
fn config(cases: u32) -> ProptestConfig {
    let config =
        ProptestConfig { failure_persistence: None, max_global_rejects: u32::MAX, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => ProptestConfig { cases, rng_seed: RngSeed::Fixed(1), ..config },
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        "[a-z]{1,3}",
        prop::sample::select(vec![
            "yes",
            "0755",
            "1.0",
            "",
            "a: b",
            "x #y",
            "it's",
            "say \"hi\"",
            "é ü",
            "- a",
            "{a}",
            "a\nb",
            "a\n\nb\n",
            "x\n\n",
            "null",
            "*",
            "&a",
            "a, b",
            "nginx:1.2",
            "#",
        ])
        .prop_map(str::to_owned),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => (-5..2000_i64).prop_map(Value::from),
        4 => text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from), object(inner),]
    })
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let fields = prop::collection::btree_map("[a-e]|name|on|1\\.5|x y|é", inner, 0..4);
    fields.prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

/// A sequence of small decisions.
struct Dice<'d>(std::iter::Cycle<std::slice::Iter<'d, u8>>);

impl Dice<'_> {
    fn roll(&mut self, sides: u8) -> u8 {
        self.0.next().map_or(0, |die| die % sides)
    }
}

/// Changes a value here and there; `only_more`: nothing goes but scalars that become others.
fn change(value: &mut Value, dice: &mut Dice<'_>, fresh: &Value, only_more: bool) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                // An item of another name is another item.
                if (key != "name" || !only_more) && dice.roll(3) > 0 {
                    change(field, dice, fresh, only_more);
                }
            }
            if dice.roll(3) == 0 {
                fields.insert(format!("new{}", dice.roll(3)), fresh.clone());
            }
            if dice.roll(4) == 0 {
                fields.insert("added".to_owned(), json!({"drop": ["ALL"], "deep": {"on": true}}));
            }
            if !only_more && dice.roll(3) == 0 {
                let keys: Vec<String> = fields.keys().filter(|_| dice.roll(2) == 0).cloned().collect();
                fields.retain(|key, _| !keys.contains(key));
            }
        }
        Value::Array(items) => {
            for item in items.iter_mut() {
                if dice.roll(3) > 0 {
                    change(item, dice, fresh, only_more);
                }
            }
            match dice.roll(4) {
                0 => items.push(fresh.clone()),
                1 => items.insert(usize::from(dice.roll(4)).min(items.len()), json!({"name": "new"})),
                2 if !only_more => items.retain(|_| dice.roll(2) == 0),
                _ => {}
            }
        }
        scalar => match dice.roll(6) {
            0 => *scalar = json!("NEW"),
            1 => *scalar = json!(true),
            2 if !only_more || scalar.is_null() => *scalar = fresh.clone(),
            _ => {}
        },
    }
}

fn read(text: &str) -> Result<Value, TestCaseError> {
    let parsed = yaml::parse(text);
    prop_assert_eq!(&parsed.errors, &[], "{}", text);
    prop_assert_eq!(parsed.documents.len(), 1, "{}", text);
    Ok(serde_json::from_str(&parsed.documents[0].root.to_json()).unwrap())
}

/// Whether the writer wrote what it should: a tab or a comment at some places means something else.
fn reads_as(text: &str, value: &Value) -> bool {
    read(text).is_ok_and(|found| found == *value)
}

/// The same with YAML 1.2's eyes, if they see what we do in the old text.
fn second_opinion(old: (&str, &Value), text: &str, wanted: &Value) -> Result<(), TestCaseError> {
    // They take a byte order mark for a column.
    let (old, text) = ((old.0.trim_start_matches('\u{feff}'), old.1), text.trim_start_matches('\u{feff}'));
    // Without a line break at its end a text scalar has one for Kubernetes and none in YAML 1.2.
    if text.ends_with('\n') && serde_yaml_ng::from_str::<Value>(old.0).is_ok_and(|theirs| same(&theirs, old.1)) {
        let theirs = serde_yaml_ng::from_str::<Value>(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        prop_assert!(same(&theirs, wanted), "{}\n{}\n{}", text, theirs, wanted);
    }
    Ok(())
}

/// The kinds of line breaks in a text.
fn breaks(text: &str) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\n', '\r']) {
        let kind = ["\r\n", "\n", "\r"].into_iter().find(|kind| rest[at..].starts_with(kind)).unwrap();
        found.insert(kind);
        rest = &rest[at + kind.len()..];
    }
    found
}

/// The lines of the old text that the new one does not have in the same order.
fn lost_lines(old: &str, new: &str) -> Vec<String> {
    let lines = |text: &str| text.replace("\r\n", "\n").split(['\n', '\r']).map(str::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(old), lines(new));
    let width = new.len() + 1;
    let mut common = vec![0_usize; (old.len() + 1) * width];
    for row in (0..old.len()).rev() {
        for column in (0..new.len()).rev() {
            common[row * width + column] = if old[row] == new[column] {
                common[(row + 1) * width + column + 1] + 1
            } else {
                common[(row + 1) * width + column].max(common[row * width + column + 1])
            };
        }
    }
    let (mut row, mut column, mut lost) = (0, 0, Vec::new());
    while row < old.len() {
        if column < new.len() && old[row] == new[column] {
            (row, column) = (row + 1, column + 1);
        } else if column < new.len() && common[row * width + column + 1] >= common[(row + 1) * width + column] {
            column += 1;
        } else {
            lost.push(old[row].clone());
            row += 1;
        }
    }
    lost
}

/// How many lines of the old text changes from one value to the other may touch.
fn touched_lines(old: &Value, wanted: &Value) -> usize {
    let lines = |change: &Change| {
        let at = change.path.iter().try_fold(old, |value, segment| match segment {
            Segment::Key(key) => value.get(key),
            Segment::Index(index) => value.get(index),
        });
        // A text may stand on several lines, and an empty value on the line behind its key.
        2 + at.and_then(Value::as_str).map_or(0, |text| 2 * text.matches(['\n', ' ']).count() + 2)
    };
    diff(old, wanted).iter().map(lines).sum()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let sorted: std::collections::BTreeMap<_, _> = fields.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
            Value::Object(sorted.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(config(400))]

    /// Hardening adds and sets: all of it must be possible, and every comment must stay.
    #[test]
    fn additions_are_made_and_comments_stay(
        old in object(value()), fresh in value(), style in prop::collection::vec(any::<u8>(), 60..120),
        dice in prop::collection::vec(any::<u8>(), 40..80),
    ) {
        let (text, comments) = render::document(&old, &style, false);
        prop_assume!(reads_as(&text, &old));
        let mut wanted = old.clone();
        change(&mut wanted, &mut Dice(dice.iter().cycle()), &fresh, true);
        let outcome = edit(&text, &wanted);
        prop_assert_eq!(&outcome.refused, &[], "{}\n{}\n{}", text, outcome.text, wanted);
        prop_assert!(same(&read(&outcome.text)?, &wanted));
        second_opinion((&text, &old), &outcome.text, &wanted)?;
        // Where an item goes its comment goes along.
        let goes = diff(&old, &wanted).iter().any(|change| change.kind == Kind::Remove);
        for comment in (1..=comments).filter(|_| !goes) {
            let mark = format!(" c{comment}.");
            prop_assert!(outcome.text.contains(&mark), "comment {} is gone\n{}\n{}", comment, text, outcome.text);
        }
        prop_assert!(breaks(&outcome.text).is_subset(&breaks(&text)) || breaks(&text).is_empty());
        prop_assert_eq!(edit(&outcome.text, &wanted).text, outcome.text.clone());
        let (lost, touched) = (lost_lines(&text, &outcome.text), touched_lines(&old, &wanted));
        prop_assert!(lost.len() <= touched || goes, "{} lines may change\n{}\n{}\n{:?}", touched, text, outcome.text, lost);
    }

    /// Any change gives what is wanted, or is refused and leaves everything readable.
    #[test]
    fn any_change_is_right_or_refused(
        old in object(value()), fresh in value(), style in prop::collection::vec(any::<u8>(), 60..120),
        dice in prop::collection::vec(any::<u8>(), 40..80),
    ) {
        let (text, _) = render::document(&old, &style, true);
        prop_assume!(reads_as(&text, &old));
        let mut wanted = old.clone();
        change(&mut wanted, &mut Dice(dice.iter().cycle()), &fresh, false);
        let outcome = edit(&text, &wanted);
        if outcome.refused.is_empty() {
            prop_assert!(same(&read(&outcome.text)?, &wanted));
            second_opinion((&text, &old), &outcome.text, &wanted)?;
        } else {
            prop_assert_eq!(&outcome.text, &text);
        }
    }

    /// Other documents keep every byte.
    #[test]
    fn other_documents_are_not_touched(
        old in prop::collection::vec(object(value()), 2..5), fresh in value(),
        style in prop::collection::vec(any::<u8>(), 60..120), dice in prop::collection::vec(any::<u8>(), 40..80),
    ) {
        let mut text = String::new();
        for (index, value) in old.iter().enumerate() {
            let (document, _) = render::document(value, &style[index..], true);
            let document = document.trim_start_matches('\u{feff}');
            let marker = if document.starts_with(['-', '%']) { "" } else { "---\n" };
            let end = if document.ends_with('\n') { "" } else { "\n" };
            text += &[marker, document, end].concat();
        }
        let parsed = yaml::parse(&text);
        prop_assume!(parsed.errors.is_empty() && parsed.documents.len() == old.len());
        prop_assume!((0..old.len()).all(|index| json_of(&parsed, index) == old[index]));
        let mut dice = Dice(dice.iter().cycle());
        let chosen = usize::from(dice.roll(9)) % old.len();
        let mut wanted = old[chosen].clone();
        change(&mut wanted, &mut dice, &fresh, false);
        let outcome = patch(&text, &[Target { document: chosen, path: Vec::new(), wanted: &wanted }]);
        let now = yaml::parse(&outcome.text);
        prop_assert_eq!(now.documents.len(), old.len());
        for index in 0..old.len() {
            let (before, after) = (&parsed.documents[index], &now.documents[index]);
            if before.chunk != parsed.documents[chosen].chunk {
                prop_assert_eq!(&text[before.chunk.clone()], &outcome.text[after.chunk.clone()]);
            } else if index == chosen && outcome.refused.is_empty() {
                prop_assert!(same(&json_of(&now, index), &wanted), "{}\n{}", text, outcome.text);
            }
        }
    }

    /// JSON stays JSON.
    #[test]
    fn json_stays_json(
        old in object(value()), fresh in value(), pretty: bool, dice in prop::collection::vec(any::<u8>(), 40..80),
    ) {
        let text = if pretty { serde_json::to_string_pretty(&old).unwrap() } else { old.to_string() };
        let mut wanted = old.clone();
        change(&mut wanted, &mut Dice(dice.iter().cycle()), &fresh, false);
        let outcome = edit(&text, &wanted);
        prop_assert_eq!(&outcome.refused, &[], "{}\n{}", text, wanted);
        let now: Value = serde_json::from_str(&outcome.text).unwrap();
        prop_assert!(same(&now, &wanted), "{}", outcome.text);
        if !pretty && text.contains("\":") {
            prop_assert!(!outcome.text.contains('\n'));
            let order_aside: Value = serde_json::from_str(&outcome.text).unwrap();
            prop_assert_eq!(sorted(&order_aside).to_string().len(), outcome.text.len(), "{}", outcome.text);
        }
    }
}

/// Pieces of YAML that make odd texts, some of them valid.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b: ",
        "c: ",
        "é: ",
        "d:",
        "\n",
        "\n",
        "\n",
        "\n  ",
        "\n  ",
        "\n    ",
        "- ",
        "-   ",
        "? ",
        ": ",
        ", ",
        ",",
        "[",
        "]",
        "{",
        "}",
        "{}",
        "[]",
        "{x: y}",
        "[x, y]",
        "\"q\"",
        "'s'",
        "|\n  t\n",
        ">-\n    t\n",
        "|+\n  t\n\n",
        "&x ",
        "*x",
        "<<: ",
        "!!str ",
        "!!map ",
        "!t ",
        "# c",
        " # c\n",
        "\n---\n",
        "\n...\n",
        "\t",
        " ",
        "1",
        "~",
        "null",
        "\r\n",
        "\r",
        "--- ",
        "{\"j\": [1]}",
        "\u{feff}",
    ]);
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(4000))]

    /// Whatever the text is, the result is right or nothing happens.
    #[test]
    fn odd_texts_are_never_damaged(
        text in pieces(), fresh in value(), dice in prop::collection::vec(any::<u8>(), 40..80), every: bool,
    ) {
        let parsed = yaml::parse(&text);
        let old: Vec<Value> = (0..parsed.documents.len()).map(|index| json_of(&parsed, index)).collect();
        let mut dice = Dice(dice.iter().cycle());
        let mut wanted = old.clone();
        let changed = |index: usize| every || index == 0;
        for value in wanted.iter_mut().enumerate().filter(|(index, _)| changed(*index)).map(|(_, value)| value) {
            change(value, &mut dice, &fresh, false);
        }
        let targets: Vec<Target<'_>> = wanted.iter().enumerate().filter(|(index, _)| changed(*index))
            .map(|(document, wanted)| Target { document, path: Vec::new(), wanted }).collect();
        let outcome = patch(&text, &targets);
        let now = yaml::parse(&outcome.text);
        prop_assert_eq!(now.documents.len(), old.len());
        prop_assert_eq!(now.errors.len(), parsed.errors.len());
        for (index, wanted) in wanted.iter().enumerate() {
            let value = json_of(&now, index);
            if outcome.refused.iter().all(|refusal| refusal.group != index) {
                prop_assert!(same(&value, wanted), "{:?}\n{:?}", text, outcome.text);
            }
        }
    }
}

fn json_of(parsed: &Parsed<'_>, document: usize) -> Value {
    serde_json::from_str(&parsed.documents[document].root.to_json()).unwrap()
}
