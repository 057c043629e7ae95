//! `USER` of an image, as container runtimes read it.

/// Whom an image runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User<'u> {
    /// The user.
    pub user: Id<'u>,
    /// The group; `None` leaves it to the image's own files, or to the runtime.
    pub group: Option<Id<'u>>,
}

/// A user or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id<'u> {
    /// Root: id 0, its name, or a user that is not written.
    Root,
    /// Another id.
    Number(u32),
    /// A name, which only the image's own files resolve.
    Name(&'u str),
    /// A number that no id can be; the runtime takes it for a name.
    OutOfRange(&'u str),
}

impl<'u> User<'u> {
    /// Reads `USER`.
    pub fn of(text: &'u str) -> User<'u> {
        let (user, group) = text.split_once(':').map_or((text, ""), |(user, group)| (user, group));
        User { user: Id::of(user), group: Some(group).filter(|group| !group.is_empty()).map(Id::of) }
    }
}

impl<'u> Id<'u> {
    fn of(text: &'u str) -> Id<'u> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return if text == "root" { Id::Root } else { Id::Name(text) };
        }
        match text.parse() {
            _ if text.is_empty() => Id::Root,
            Ok(0) => Id::Root,
            Ok(id) if id <= i32::MAX.cast_unsigned() => Id::Number(id),
            _ => Id::OutOfRange(text),
        }
    }

    /// The id that a manifest can repeat.
    pub fn number(self) -> Option<u32> {
        match self {
            Id::Number(id) => Some(id),
            Id::Root | Id::Name(_) | Id::OutOfRange(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read_as_runtimes_do() {
        for (text, user, group) in [
            ("", Id::Root, None),
            ("root", Id::Root, None),
            ("0", Id::Root, None),
            ("00", Id::Root, None),
            ("0:1000", Id::Root, Some(Id::Number(1000))),
            (":1000", Id::Root, Some(Id::Number(1000))),
            ("1000", Id::Number(1000), None),
            ("1000:", Id::Number(1000), None),
            ("1000:0", Id::Number(1000), Some(Id::Root)),
            ("1000:root", Id::Number(1000), Some(Id::Root)),
            ("1000:app", Id::Number(1000), Some(Id::Name("app"))),
            ("app:app", Id::Name("app"), Some(Id::Name("app"))),
            ("+5", Id::Name("+5"), None),
            ("-1", Id::Name("-1"), None),
            ("2147483647", Id::Number(2_147_483_647), None),
            ("2147483648", Id::OutOfRange("2147483648"), None),
            ("99999999999999999999", Id::OutOfRange("99999999999999999999"), None),
        ] {
            assert_eq!(User::of(text), User { user, group }, "{text}");
        }
    }
}
