//! Texts that every reader reads alike.

use super::*;

#[test]
fn collections() {
    check(&[
        ("a: b\nc: d\n", "( a b c d )"),
        ("- a\n-\n- b\n", "< a ~ b >"),
        ("a:\n- b\n- c\nd:\n  - e\n", "( a < b c > d < e > )"),
        ("- - a\n  - b\n- c: d\n  e: f\n", "< < a b > ( c d e f ) >"),
        ("a:\nb:\n", "( a ~ b ~ )"),
        ("? a\n: b\n? c\n? - d\n: - e\n", "( a b c ~ < d > < e > )"),
        ("a:\n  b:\n    c: d\n  e: f\ng: h\n", "( a ( b ( c d ) e f ) g h )"),
        ("{a: b, c, ? d : e, ? f, }", "{ a b c ~ d e f ~ }"),
        ("[a, [b], {c: d}, e: f, ? g : h, ]", "[ a [ b ] { c d } { e f } { g h } ]"),
        ("{\"a\":b, 'c' : d}", "{ \"a\" b 'c' d }"),
        ("[]", "[ ]"),
        ("{}", "{ }"),
    ]);
}

#[test]
fn scalars() {
    check(&[
        ("a b  c # d\n", "a b  c"),
        ("a#b:c", "a#b:c"),
        ("a\n b\n\n\n c\n", "a b\n\nc"),
        ("'a''b  c'", "'a'b  c'"),
        ("'a \n  b\n\n c'", "'a b\nc'"),
        ("\"a \\\n  b\\\n\n c\"", "\"a b\nc\""),
        ("\"\\x41\\u00e9\\U0001F600\\n\\e\\_\\\"\\\\\\ \"", "\"Aé😀\n\u{1b}\u{a0}\"\\ \""),
        ("|\n a\n  b\n\n c\n\n", "|a\n b\n\nc\n"),
        (">\n a\n b\n\n c\n  d\n e\n", ">a b\nc\n d\ne\n"),
        ("|-\n a\n\n", "|a"),
        ("|+\n a\n\n", "|a\n\n"),
        ("|2-\n   a\n", "| a"),
        ("|-2 # b\n   a\n", "| a"),
        ("- |\n a\n- >-\n\n  b\n", "< |a\n >\nb >"),
        ("-x", "-x"),
        ("?x", "?x"),
        (":x", ":x"),
    ]);
}

#[test]
fn properties() {
    check(&[
        ("&a b", "&a b"),
        ("!t &a b", "&a !<!t> b"),
        ("&a !!int 1", "&a !<tag:yaml.org,2002:int> 1"),
        ("! a", "!<!> a"),
        ("!<x:y> a", "!<x:y> a"),
        ("!a%41%c3%a9 b", "!<!aAé> b"),
        ("[&a , *a]", "[ &a ~ *a ]"),
        ("a: &x\nb: !!str\n", "( a &x ~ b !<tag:yaml.org,2002:str> ~ )"),
        ("a: &x\n- b\n", "( a &x < b > )"),
        ("&x a: b", "( &x a b )"),
        ("&x\na: b", "&x ( a b )"),
        ("*a : b", "( *a b )"),
        ("%TAG !e! x:\n---\n!e!y a", "!<x:y> a"),
        ("%TAG ! x:\n---\n!y a", "!<x:y> a"),
    ]);
}

#[test]
fn documents() {
    for (text, want) in [
        ("", ""),
        ("# a\n\n", ""),
        ("---", "--- ~ ..."),
        ("a\n---\nb\n", "--- a ... --- b ..."),
        ("--- a\n--- |\n b\n", "--- a ... --- |b\n ..."),
        ("---\n---\n", "--- ~ ... --- ~ ..."),
        ("%YAML 1.1 # c\n---\na\n", "--- a ..."),
        ("a\n...\n---\nb", "--- a ... --- b ..."),
        ("a\n...\n...\n%YAML 1.1\n---\nb", "--- a ... --- b ..."),
        ("'---'", "--- '---' ..."),
        ("---a", "--- ---a ..."),
    ] {
        assert_eq!(said(text).as_deref(), Ok(want), "{text:?}");
    }
}
