//! Keeps what a policy says to a length that can be read, and rendered.

/// Longest text that is passed on whole, in bytes.
const LONGEST: usize = 16 << 10;

/// The text, or its beginning and how much more there was.
pub fn shorten(mut text: String) -> String {
    if text.len() > LONGEST {
        let end = text.floor_char_boundary(LONGEST);
        let more = text.len() - end;
        text.truncate(end);
        text.shrink_to_fit();
        text += &format!("… ({more} more bytes)");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_too_long_is_cut() {
        let longest = "x".repeat(LONGEST);
        assert_eq!(shorten(longest.clone()), longest);
        assert_eq!(shorten(longest.clone() + "yz"), longest.clone() + "… (2 more bytes)");
        // Not inside of a character.
        assert_eq!(shorten(longest[1..].to_owned() + "éz"), longest[1..].to_owned() + "… (3 more bytes)");
    }
}
