use super::*;

fn user(text: &str) -> Result<ImageUser, String> {
    image_user(text, None, &BTreeMap::new()).map_err(|error| error.to_string())
}

fn written(user: &str, line: usize) -> ImageUser {
    ImageUser::Written { user: user.to_owned(), line }
}

#[test]
fn the_last_user_of_the_last_stage_counts() {
    let inherited = |base: &str, line| ImageUser::Inherited { base: base.to_owned(), line };
    for (text, expected) in [
        ("FROM alpine\nUSER 1000\n", written("1000", 2)),
        ("from alpine\nuser 1:2\nUSER app:app\n", written("app:app", 3)),
        ("FROM alpine\n", inherited("alpine", 1)),
        ("FROM scratch\nCOPY a /\n", inherited("scratch", 1)),
        ("FROM a AS build\nUSER 0\nFROM --platform=linux/amd64 b:1\nUSER 7\n", written("7", 4)),
        ("FROM a AS base\nUSER 7\nFROM base\nRUN x\n", written("7", 2)),
        ("FROM a AS a\nRUN x\n", inherited("a", 1)),
        ("ARG TAG=1\nFROM a:${TAG}\n", inherited("a:1", 2)),
        ("ARG ID=5\nFROM a\nARG ID\nUSER $ID:${GROUP:-6}\n", written("5:6", 4)),
        ("ARG ID=5\nFROM a\nUSER ${ID:-9}\n", written("9", 3)),
        ("FROM a\nENV ID=8 NAME=\"x y\"\nARG ID=3\nUSER ${ID}\n", written("8", 4)),
        ("FROM a\nENV ID 8\nUSER ${ID:+10}\n", written("10", 3)),
        ("FROM a AS b\nENV ID=8\nFROM b\nUSER $ID\n", written("8", 4)),
        ("# escape=`\nFROM a\nRUN x `\n  # USER 0\n\n  y\nUSER 4\n", written("4", 7)),
        ("FROM a\nRUN x \\\n# comment\n  USER 0 \\\n  y\nUSER 4\n", written("4", 6)),
        ("FROM a\nUSER 4\nRUN <<EOF\nUSER 0\nEOF\n", written("4", 2)),
        ("FROM a\nUSER 4\nCOPY <<-\"END\" /x\nUSER 0\n\tEND\n", written("4", 2)),
        ("FROM a\r\nUSER 4\r\n", written("4", 2)),
        ("FROM a\nUSER \"4\"\n", written("4", 2)),
        ("FROM a\nUSER 4:\n", written("4:", 2)),
    ] {
        assert_eq!(user(text), Ok(expected), "{text}");
    }
}

#[test]
fn a_target_and_build_args_are_taken() {
    let text = "ARG ID=1\nFROM a AS one\nARG ID\nUSER $ID\nFROM a AS two\nUSER 2\n";
    let args = BTreeMap::from([("ID".to_owned(), "77".to_owned())]);
    assert_eq!(image_user(text, Some("ONE"), &args), Ok(written("77", 4)));
    assert_eq!(image_user(text, Some("0"), &args), Ok(written("77", 4)));
    assert_eq!(image_user(text, None, &args), Ok(written("2", 6)));
    assert_eq!(image_user(text, Some("three"), &args).unwrap_err().message, "there is no stage three");
}

#[test]
fn a_text_that_is_not_a_dockerfile_is_refused() {
    for (text, message) in [
        ("", "line 1: there is no FROM"),
        ("kind: Pod\n", "line 1: expected FROM or ARG"),
        ("FROM\n", "line 1: FROM needs an image"),
        ("FROM a b c d\n", "line 1: FROM needs an image"),
        ("FROM a\nUSER $ID\n", "line 2: USER is empty"),
        ("FROM a\nRUN <<EOF\nx\n", "line 2: the here-document <<EOF has no end"),
    ] {
        assert!(user(text).unwrap_err().starts_with(message), "{text}: {:?}", user(text));
    }
}

#[test]
fn variables_within_variables() {
    for (user_text, expected) in [
        ("${A:-${B:-5}}", "5"),
        ("${SET:-${B:-5}}7", "37"),
        ("${SET:+${SET}1}", "31"),
        ("${A:+1}2", "2"),
        ("${EMPTY-1}2", "2"),
        ("${EMPTY:-1}2", "12"),
        ("${EMPTY+1}2", "12"),
        ("${A-1}2", "12"),
        ("${A+1}2", "2"),
        // What is not closed is no variable, and what is no name has no value.
        ("${A", "${A"),
        ("{${SET}", "{3"),
        ("${ ${SET}", "${ 3"),
        ("${\u{feff}V:-10}8", "8"),
        ("${é}8", "8"),
        ("\\$SET", "$SET"),
        ("a\\b", "a\\b"),
        ("a$", "a$"),
    ] {
        let text = format!("FROM a\nENV SET=3 EMPTY=\nUSER {user_text}\n");
        let found = match user(&text) {
            Ok(ImageUser::Written { user, .. }) => user,
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{user_text}");
    }
}

#[test]
fn what_grows_without_end_has_one() {
    let doubling = "ENV A=$A$A\n".repeat(100);
    let deep = ["${A:-".repeat(100_000), "}".repeat(100_000)].concat();
    let variables: String = (0..100_000).map(|n| format!("ENV V{n}={}\n", "x".repeat(200))).collect();
    let stages: String = (0..100_000).map(|n| format!("FROM s{n} AS s{}\n", n + 1)).collect();
    for (text, message) in [
        (format!("FROM a\nENV A=xx\n{doubling}"), "line 18: variables make more than 64 KiB of it"),
        (format!("ARG B=xx\n{}FROM a\n", "ARG B=$B$B\n".repeat(100)), "line 17: variables make more than 64 KiB of it"),
        (format!("FROM a\nUSER {deep}\n"), "line 2: its variables are nested more than 32 deep"),
        (format!("FROM a\n{variables}"), "the variables of all stages have more than 16 MiB"),
        (stages, "line 1001: there are more than 1,000 stages"),
        // Each stage has all variables of the one before it.
        (
            format!("FROM s AS s\n{}{}", variables.get(..1 << 20).unwrap(), "FROM s AS s\n".repeat(900)),
            "the variables of all stages have more than 16 MiB",
        ),
    ] {
        let error = user(&text).unwrap_err();
        assert!(error.contains(message), "{error} is not {message}");
    }
    // Nothing is wrong with these, and they are read in one go.
    assert_eq!(user(&format!("FROM a\nENV A={}\nUSER 7\n", "${".repeat(30_000))), Ok(written("7", 3)));
    let many: String = (0..50_000).map(|n| format!("ARG V{n}=x\nENV V{n}=$V{n}\n")).collect();
    assert_eq!(user(&format!("FROM a\n{many}USER 7\n")), Ok(written("7", 100_002)));
}
