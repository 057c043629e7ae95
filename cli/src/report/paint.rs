//! Colours where annotate-snippets does not set them.

/// Red, for what fails.
pub(crate) const ERROR: &str = "1;31";
/// Yellow, for what is not as bad.
pub(crate) const WARNING: &str = "1;33";
/// For what the eye is to find first.
pub(crate) const BOLD: &str = "1";

/// The text in a colour, which is a parameter of the terminal's SGR sequence, if colours are wanted.
pub(crate) fn painted(text: &str, colour: &str, wanted: bool) -> String {
    if wanted { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
}
