use super::*;

fn user(text: &str) -> Result<ImageUser, String> {
    image_user(text, None, &BTreeMap::new()).map_err(|error| error.to_string())
}

fn written(user: Id, group: Option<Id>, line: usize) -> ImageUser {
    ImageUser::Written(User { user, group, line })
}

#[test]
fn the_last_user_of_the_last_stage_counts() {
    use Id::{Name, Number};
    let inherited = |base: &str, line| ImageUser::Inherited { base: base.to_owned(), line };
    for (text, expected) in [
        ("FROM alpine\nUSER 1000\n", written(Number(1000), None, 2)),
        ("from alpine\nuser 1:2\nUSER app:app\n", written(Name("app".into()), Some(Name("app".into())), 3)),
        ("FROM alpine\n", inherited("alpine", 1)),
        ("FROM scratch\nCOPY a /\n", inherited("scratch", 1)),
        ("FROM a AS build\nUSER 0\nFROM --platform=linux/amd64 b:1\nUSER 7\n", written(Number(7), None, 4)),
        ("FROM a AS base\nUSER 7\nFROM base\nRUN x\n", written(Number(7), None, 2)),
        ("FROM a AS a\nRUN x\n", inherited("a", 1)),
        ("ARG TAG=1\nFROM a:${TAG}\n", inherited("a:1", 2)),
        ("ARG ID=5\nFROM a\nARG ID\nUSER $ID:${GROUP:-6}\n", written(Number(5), Some(Number(6)), 4)),
        ("ARG ID=5\nFROM a\nUSER ${ID:-9}\n", written(Number(9), None, 3)),
        ("FROM a\nENV ID=8 NAME=\"x y\"\nARG ID=3\nUSER ${ID}\n", written(Number(8), None, 4)),
        ("FROM a\nENV ID 8\nUSER ${ID:+10}\n", written(Number(10), None, 3)),
        ("FROM a AS b\nENV ID=8\nFROM b\nUSER $ID\n", written(Number(8), None, 4)),
        ("# escape=`\nFROM a\nRUN x `\n  # USER 0\n\n  y\nUSER 4\n", written(Number(4), None, 7)),
        ("FROM a\nRUN x \\\n# comment\n  USER 0 \\\n  y\nUSER 4\n", written(Number(4), None, 6)),
        ("FROM a\nUSER 4\nRUN <<EOF\nUSER 0\nEOF\n", written(Number(4), None, 2)),
        ("FROM a\nUSER 4\nCOPY <<-\"END\" /x\nUSER 0\n\tEND\n", written(Number(4), None, 2)),
        ("FROM a\r\nUSER 4\r\n", written(Number(4), None, 2)),
        ("FROM a\nUSER \"4\"\n", written(Number(4), None, 2)),
        ("FROM a\nUSER 4:\n", written(Number(4), None, 2)),
    ] {
        assert_eq!(user(text), Ok(expected), "{text}");
    }
}

#[test]
fn a_target_and_build_args_are_taken() {
    let text = "ARG ID=1\nFROM a AS one\nARG ID\nUSER $ID\nFROM a AS two\nUSER 2\n";
    let args = BTreeMap::from([("ID".to_owned(), "77".to_owned())]);
    assert_eq!(image_user(text, Some("ONE"), &args), Ok(written(Id::Number(77), None, 4)));
    assert_eq!(image_user(text, Some("0"), &args), Ok(written(Id::Number(77), None, 4)));
    assert_eq!(image_user(text, None, &args), Ok(written(Id::Number(2), None, 6)));
    assert_eq!(image_user(text, Some("three"), &args).unwrap_err().message, "there is no stage three");
}

#[test]
fn what_is_no_dockerfile_is_said() {
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
