//! Texts that `kubectl` reads differently from YAML 1.2: the rows of the module's table, and other texts that were
//! once read wrongly here.

use super::*;

#[test]
fn brackets() {
    check(&[
        ("{?a: b}", "{ a b }"),
        ("{?a, ?\"b\": c}", "{ a ~ \"b\" c }"),
        ("[?a: b]", "[ { a b } ]"),
        ("{a:}", "{ a: ~ }"),
        ("[a:, b:c]", "[ a: b:c ]"),
        ("{a: b:}", "{ a b: }"),
        ("{a :b}", "{ a :b ~ }"),
        ("{\"a\":}", "{ \"a\" ~ }"),
        ("[-, -a]", "[ - -a ]"),
        ("[a\n#b\n,c]", "[ a c ]"),
    ]);
    // What follows is no comma.
    assert!(document("{a?b: c}").is_err());
    assert!(document("[a?b]").is_err());
}

#[test]
fn properties() {
    check(&[
        ("&a:b c", "&a :b c"),
        ("&a?b", "&a ?b"),
        ("[&a:b c]", "[ { &a ~ b c } ]"),
        ("[!a, b]", "[ !<!a,> b ]"),
        ("[!a] b]", "[ !<!a]> b ]"),
        ("{!x,a: b}", "{ !<!x,a:> b ~ }"),
    ]);
    for text in ["&é a", "&a.b c", "*a/b", "&", "*", "[!a}]", "!a{b", "!e!x a", "!<x y", "!!"] {
        assert!(document(text).is_err(), "{text}");
    }
}

#[test]
fn white_space() {
    check(&[
        ("a:\tb", "( a b )"),
        ("a: b\t# c", "( a b )"),
        ("'a'#b", "'a'"),
        ("[a]#b", "[ a ]"),
        ("{a: 'b'#c\n}", "{ a 'b' }"),
        ("a: [\nb,\nc\n]\n", "( a [ b c ] )"),
        ("a: {\nb: c\n}\nd: e\n", "( a { b c } d e )"),
        ("a: \"b\nc\"\nd: 'e\n\nf'\n", "( a \"b c\" d 'e\nf' )"),
        ("a: |#b\n c\n", "( a |c\n )"),
        ("a: |\n  b\n    ", "( a |b\n  \n )"),
        ("a: |+\n  b\n ", "( a |b\n\n )"),
        ("a: |\n  b", "( a |b\n )"),
        ("a: |+", "( a | )"),
        ("a: [\n\t\"b\",\n\tc]\n", "( a [ \"b\" c ] )"),
    ]);
    for text in ["-\ta", "- \ta: b", "?\ta", "\ta: b", "a:\n\tb", "a: b\n\tc", "a: [\n\tb\n\t]", "a: |\n\tb"] {
        let refused = document(text);
        assert!(refused.as_ref().is_err_and(|message| message.contains("tab")), "{text:?}: {refused:?}");
    }
}

#[test]
fn directives_and_indicators() {
    for text in [
        "%YAML 1.2\n---\na",
        "%YAML 1\n---\na",
        "%FOO\n---\na",
        "%YAML 1.1\n%YAML 1.1\n---\na",
        "%TAG ! a\n%TAG ! b\n---\na",
        "%TAG a b\n---\na",
        "%YAML 1.1\na",
        "%YAML 1.1",
        "...\na",
        "a: \"b\n---\nc\"",
        "a: 'b\n...\nc'",
        "a: [\n---\n]",
        "{a: b} c",
        "{a: b}\nc: d",
        "\"\\/\"",
    ] {
        assert!(document(text).is_err(), "{text:?}");
    }
    assert_eq!(said("a\n...\nb\n").as_deref(), Ok("--- a ... --- b ..."));
    assert_eq!(said("a: b\n--- c\n").as_deref(), Ok("--- ( a b ) ... --- c ..."));
}

/// Block scalars behind properties: once a "repair" of the text made what follows a part of them.
#[test]
fn s1_nothing_hides_behind_a_block_scalar() {
    for header in ["&a |", "!!str >-", "&a !!str |+", "! |", "!<x> |", "|", "|2", "- |", "? |", "k: &x |"] {
        let text = format!("a:\n- 'x\n y'\n- {header}\n    \"\nb: c\n");
        let said = document(&text);
        assert!(said.as_ref().is_ok_and(|said| said.ends_with(" b c )")), "{text}{said:?}");
    }
}
