//! Where nodes were written.

use super::*;

/// The written text, line and column of the node at a path.
fn place<'a>(text: &'a str, at: &str) -> (&'a str, u32, u32) {
    let span = one(text).at(&path(at)).unwrap_or_else(|| panic!("no {at}")).span;
    (&text[span.range()], span.line, span.column)
}

const TEXT: &str = "\u{feff}# héllo\né: &anch   # comment ✓\n  wörld: \"dö\\tuble\" # \"c\"\n  lit: |\n    línea\n    two\n\n  \
    # comment\n  fold: >-\n    a\n    b\n\nplain: multi\n  line   # c\nlist:\n- a\n-   # c\n- !!str 12\n- &x !!int \
    '5'   # d\n-   - nested\n    # c\nseq: [a, {b: c}, d: e,\n  f\n] # x\nempty:\nlast: {a, b: , c: 'x''y'}\n";

#[test]
fn spans_cover_the_content_only() {
    let table = [
        ("é.wörld", "\"dö\\tuble\"", 3, 10),
        ("é.lit", "|\n    línea\n    two", 4, 8),
        ("é.fold", ">-\n    a\n    b", 9, 9),
        ("plain", "multi\n  line", 13, 8),
        ("list", "- a\n-   # c\n- !!str 12\n- &x !!int '5'   # d\n-   - nested", 16, 1),
        ("list.0", "a", 16, 3),
        ("list.1", "", 17, 2),
        ("list.2", "12", 18, 9),
        ("list.3", "'5'", 19, 12),
        ("list.4", "- nested", 20, 5),
        ("list.4.0", "nested", 20, 7),
        ("seq", "[a, {b: c}, d: e,\n  f\n]", 22, 6),
        ("seq.1", "{b: c}", 22, 10),
        ("seq.1.b", "c", 22, 14),
        ("seq.2", "d: e", 22, 18),
        ("seq.3", "f", 23, 3),
        ("empty", "", 25, 7),
        ("last.a", "", 26, 9),
        ("last.b", "", 26, 13),
        ("last.c", "'x''y'", 26, 19),
    ];
    for (at, written, line, column) in table {
        assert_eq!(place(TEXT, at), (written, line, column), "{at}");
    }
}

#[test]
fn a_comma_behind_the_last_entry_is_inside() {
    let text = "a: {b: {c: d, },  # }\n  # }\n  }\ne: [f, ]\n";
    assert_eq!(place(text, "a").0, "{b: {c: d, },  # }\n  # }\n  }");
    assert_eq!(place(text, "a.b").0, "{c: d, }");
    assert_eq!(place(text, "e").0, "[f, ]");
}

#[test]
fn styles() {
    let root = one(TEXT);
    let table = [
        ("é", Style::Block),
        ("é.wörld", Style::Double),
        ("é.lit", Style::Literal),
        ("é.fold", Style::Folded),
        ("plain", Style::Plain),
        ("list", Style::Block),
        ("list.1", Style::Absent),
        ("list.3", Style::Single),
        ("list.4", Style::Block),
        ("seq", Style::Flow),
        ("seq.1", Style::Flow),
        ("seq.2", Style::Flow),
        ("empty", Style::Absent),
    ];
    for (at, style) in table {
        assert_eq!(root.at(&path(at)).unwrap().style, style, "{at}");
    }
    assert_eq!(root.style, Style::Block);
}

#[test]
fn texts_in_odd_layouts_have_their_places() {
    let text = "é:\n  x: [\n a, \"b\nc\",\nd]\nv:\t5\nz: 'é'#c\nw: 6\n";
    for (at, written, line, column) in [
        ("é.x", "[\n a, \"b\nc\",\nd]", 2, 6),
        ("é.x.0", "a", 3, 2),
        ("é.x.1", "\"b\nc\"", 3, 5),
        ("é.x.2", "d", 5, 1),
        ("v", "5", 6, 4),
        ("z", "'é'", 7, 4),
        ("w", "6", 8, 4),
    ] {
        assert_eq!(place(text, at), (written, line, column), "{at}");
    }
}

#[test]
fn json_places() {
    let text = "\n{\"é\": [1,\n  {\"b\": \"cé\"}, true]}\n";
    assert_eq!(place(text, "é.0"), ("1", 2, 8));
    assert_eq!(place(text, "é.1"), ("{\"b\": \"cé\"}", 3, 3));
    assert_eq!(place(text, "é.1.b"), ("\"cé\"", 3, 9));
    assert_eq!(place(text, "é.2"), ("true", 3, 16));
}

#[test]
fn locate_finds_the_field_or_what_it_is_missing_from() {
    let root = one("spec:\n  containers:\n  - name: a\n    securityContext: {}\n");
    let found = root.locate(&path("spec.containers.0.name"));
    assert_eq!((found.depth, found.node.as_str()), (4, Some("a")));
    assert_eq!(found.key.unwrap().span.line, 3);
    let found = root.locate(&path("spec.containers.0.securityContext.privileged"));
    assert_eq!((found.depth, found.key.unwrap().as_str()), (4, Some("securityContext")));
    let found = root.locate(&path("spec.containers.0.image"));
    assert_eq!((found.depth, found.key.is_none()), (3, true));
    assert_eq!((found.node.span.line, found.node.span.column), (3, 5));
    let found = root.locate(&path("spec.containers.7"));
    assert_eq!((found.depth, found.node.style), (2, Style::Block));
    assert_eq!(root.locate(&[]).depth, 0);
    assert!(root.at(&path("spec.nothing")).is_none());
    assert!(root.get("spec").unwrap().get("containers").is_some());
}

#[test]
fn a_later_document_counts_lines_from_the_start_of_the_text() {
    let text = "é: 1\n---\na:\n  b: é\n";
    let root = &parse(text).documents[1].root;
    let span = root.at(&path("a.b")).unwrap().span;
    assert_eq!((&text[span.range()], span.line, span.column), ("é", 4, 6));
}
