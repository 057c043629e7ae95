//! Several fixed texts on one output.

use std::io::{self, Write};

/// Writes texts as one stream of YAML documents.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// The end of the last one that is not empty.
    last: Option<u8>,
}

impl Texts {
    /// Writes the next text, byte for byte; `---` stands before it if it needs that.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub(super) fn write(&mut self, text: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let Some(end) = text.last() else { return Ok(()) };
        if self.last.is_some_and(|last| last != b'\n') {
            out.write_all(b"\n")?;
        }
        if self.last.is_some() && !text.starts_with(b"---") {
            out.write_all(b"---\n")?;
        }
        self.last = Some(*end);
        out.write_all(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn texts_are_separate_documents() {
        let mut out = Vec::new();
        let mut texts = Texts::default();
        for text in ["", "a: 1", "---\nb: 2\n", "", "c: 3\n"] {
            assert!(texts.write(text.as_bytes(), &mut out).is_ok());
        }
        assert_eq!(String::from_utf8_lossy(&out), "a: 1\n---\nb: 2\n---\nc: 3\n");
    }
}
