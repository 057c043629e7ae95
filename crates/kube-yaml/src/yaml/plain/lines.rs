//! Lines: their indentation, comments and ends.

use super::super::position::{Place, check_characters};
use super::{Chunk, Keep, Reader};
use memchr::{memchr, memmem};

impl<'a> Reader<'a> {
    /// A reader at the start of a chunk; `None` for characters that need a closer look.
    pub(super) fn new(chunk: &Chunk<'a>, keep: Keep) -> Option<Self> {
        check_characters(chunk).ok()?;
        let ascii = chunk.text.is_ascii();
        // The byte order mark may be in a document, or between two of them.
        if !ascii && memmem::find(chunk.text.as_bytes(), "\u{feff}".as_bytes()).is_some() {
            return None;
        }
        let text = chunk.text;
        let lone_return = |at| text.as_bytes().get(at + 1) != Some(&b'\n');
        if memchr::memchr_iter(b'\r', text.as_bytes()).any(lone_return) {
            return None;
        }
        Some(Reader {
            chunk: *chunk,
            text,
            at: 0,
            line: chunk.line,
            line_start: 0,
            next: None,
            last_end: 0,
            depth: 0,
            ascii,
            tabs: memchr(b'\t', text.as_bytes()).is_some(),
            seen: (0, 0),
            keep,
            keys: Vec::new(),
        })
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The place of the next byte.
    pub(super) fn place(&mut self) -> Place {
        // Of what is not kept, nobody asks for the column.
        if self.ascii || self.is_outline() {
            return Place { byte: self.at, line: self.line, column: self.at - self.line_start + 1 };
        }
        let (from, before) =
            if self.seen.0 >= self.line_start && self.seen.0 <= self.at { self.seen } else { (self.line_start, 0) };
        // Every byte of UTF-8 but the continuations.
        let between = self.text.as_bytes()[from..self.at].iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        self.seen = (self.at, before + between);
        Place { byte: self.at, line: self.line, column: before + between + 1 }
    }

    /// Whether the byte at `at` is a blank, the end of a line or of the text.
    pub(super) fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
    }

    /// Whether a list item starts here.
    pub(super) fn at_dash(&self) -> bool {
        self.peek() == Some(b'-') && self.is_blank(self.at + 1)
    }

    pub(super) fn skip_spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// Where the line ends, its line break left out.
    pub(super) fn line_end(&self, from: usize) -> usize {
        let bytes = self.text.as_bytes();
        let end = memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |len| from + len);
        if end > from && bytes[end - 1] == b'\r' { end - 1 } else { end }
    }

    /// Goes to the start of the line behind the one that ends at `end`.
    pub(super) fn break_line(&mut self, end: usize) {
        let bytes = self.text.as_bytes();
        self.at = end + usize::from(bytes.get(end) == Some(&b'\r'));
        if self.at < bytes.len() {
            self.at += 1;
            self.line += 1;
        }
        self.line_start = self.at;
    }

    /// Takes the rest of a line, blanks and a comment at most, and goes to the next one with content.
    pub(super) fn finish_line(&mut self) -> Option<()> {
        let content_end = self.at;
        self.skip_spaces();
        match self.peek() {
            None | Some(b'\n' | b'\r') => {}
            Some(b'#') if self.at > content_end || self.at == self.line_start => {}
            _ => return None,
        }
        self.break_line(self.line_end(self.at));
        self.find_content()
    }

    /// From the start of a line to the next content; `next` says how far it is indented.
    pub(super) fn find_content(&mut self) -> Option<()> {
        loop {
            self.skip_spaces();
            match self.peek() {
                None => {
                    self.next = None;
                    return Some(());
                }
                Some(b'\n' | b'\r' | b'#') => self.break_line(self.line_end(self.at)),
                Some(b'\t') => return None,
                Some(_) => {
                    let indent = self.at - self.line_start;
                    // What is behind `...` may be one more document.
                    if indent == 0 && self.text.as_bytes()[self.at..].starts_with(b"...") {
                        return None;
                    }
                    self.next = Some(indent);
                    return Some(());
                }
            }
        }
    }

    /// Takes the `---` line, if there is one, and goes to the first content.
    pub(super) fn marker(&mut self) -> Option<bool> {
        let marked = self.text.starts_with("---") && self.is_blank(3);
        if marked {
            self.at = 3;
            self.finish_line()?;
        } else {
            self.find_content()?;
        }
        Some(marked)
    }
}
