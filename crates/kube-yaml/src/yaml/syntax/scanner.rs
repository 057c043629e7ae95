//! Text to tokens.

use super::cursor::Cursor;
use super::keys::SimpleKey;
use super::token::{Kind, Token};
use super::{Error, Mark};
use std::collections::VecDeque;

/// Reads a text token by token. A token that may begin a simple key waits until the `:` is found or can no
/// longer come, so the queue never holds more than a key may be long.
pub(super) struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    tokens: VecDeque<Token<'a>>,
    /// Tokens that have left the queue.
    taken: usize,
    finished: bool,
    /// The column of the open block collection, and of those around it; -1 outside of all.
    pub(super) indent: isize,
    pub(super) indents: Vec<isize>,
    /// Open brackets.
    pub(super) flow_level: usize,
    pub(super) key_allowed: bool,
    /// The possible keys, for each open bracket and outside all brackets.
    pub(super) keys: Vec<SimpleKey>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Scanner {
            cursor: Cursor::new(text),
            tokens: VecDeque::new(),
            taken: 0,
            finished: false,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            key_allowed: true,
            keys: vec![SimpleKey::default()],
        }
    }

    /// The next token. After an error, and behind the end, there is always the end.
    pub(super) fn peek(&mut self) -> Result<&Token<'a>, Error> {
        while self.needs_more()? {
            self.fetch()?;
        }
        Ok(&self.tokens[0])
    }

    /// Takes the token that [`Self::peek`] shows.
    pub(super) fn take(&mut self) -> Option<Token<'a>> {
        self.taken += 1;
        self.tokens.pop_front()
    }

    fn needs_more(&mut self) -> Result<bool, Error> {
        let Some(first) = self.tokens.front() else { return Ok(true) };
        let level = first.key.filter(|&level| self.keys.get(level).is_some_and(|key| key.token == self.taken));
        match level {
            Some(level) if !self.finished => self.is_key_possible(level),
            _ => Ok(false),
        }
    }

    /// The number of the next token that is scanned.
    pub(super) fn next_number(&self) -> usize {
        self.taken + self.tokens.len()
    }

    pub(super) fn push(&mut self, token: Token<'a>) {
        self.tokens.push_back(token);
    }

    /// Puts a token that nobody wrote in front of one that waits.
    pub(super) fn insert(&mut self, number: usize, kind: Kind<'a>, mark: Mark) {
        let at = number.saturating_sub(self.taken).min(self.tokens.len());
        self.tokens.insert(at, Token::empty(kind, mark));
    }

    fn fetch(&mut self) -> Result<(), Error> {
        self.skip_to_token();
        let column = self.cursor.column();
        self.end_blocks(column.cast_signed());
        let Some(byte) = self.cursor.peek() else {
            return self.fetch_end();
        };
        let spaced = self.cursor.is_space(1);
        let in_flow = self.flow_level > 0;
        if column == 0 && byte == b'%' {
            return self.fetch_directive();
        }
        if self.cursor.is_document_indicator() {
            self.end_document()?;
            let kind = if byte == b'-' { Kind::DocumentStart } else { Kind::DocumentEnd };
            self.push_indicator(kind, 3);
            return Ok(());
        }
        match byte {
            b'[' => self.fetch_flow_start(Kind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Kind::FlowMappingStart),
            b']' => self.fetch_flow_end(Kind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Kind::FlowMappingEnd),
            b',' => {
                self.forget_key()?;
                self.key_allowed = true;
                self.push_indicator(Kind::FlowEntry, 1);
                Ok(())
            }
            b'-' if spaced => self.fetch_block_entry(),
            b'?' if in_flow || spaced => self.fetch_key(),
            b':' if in_flow || spaced => self.fetch_value(),
            b'*' => self.fetch_scalar_like(|scanner| scanner.anchor(true)),
            b'&' => self.fetch_scalar_like(|scanner| scanner.anchor(false)),
            b'!' => self.fetch_scalar_like(Scanner::tag),
            b'|' | b'>' if !in_flow => {
                self.forget_key()?;
                self.key_allowed = true;
                let token = self.block_scalar(byte == b'|')?;
                self.push(token);
                Ok(())
            }
            b'\'' | b'"' => self.fetch_scalar_like(|scanner| scanner.quoted(byte)),
            b'\t' => Err(self.cursor.error("a tab is not allowed as indentation")),
            b'|' | b'>' | b'%' | b'@' | b'`' => {
                Err(self.cursor.error(format!("`{}` cannot start a value here", char::from(byte))))
            }
            _ => self.fetch_scalar_like(Scanner::plain),
        }
    }

    /// Goes to the next token, over blanks, comments and line breaks. Where a key may start, a tab does not count as a
    /// blank.
    fn skip_to_token(&mut self) {
        loop {
            while match self.cursor.peek() {
                Some(b' ') => true,
                Some(b'\t') => self.flow_level > 0 || !self.key_allowed,
                _ => false,
            } {
                self.cursor.skip(1);
            }
            if self.cursor.peek() == Some(b'#') {
                let end = self.cursor.line_end();
                self.cursor.go_to(end);
            }
            if !self.cursor.take_break() {
                return;
            }
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    /// A token of some bytes that are the same wherever they stand.
    pub(super) fn push_indicator(&mut self, kind: Kind<'a>, length: usize) {
        let start = self.cursor.mark();
        self.cursor.skip(length);
        let end = self.cursor.mark();
        self.push(Token { kind, start, end, key: None });
    }

    /// A token that may be a simple key, and behind which none may start.
    fn fetch_scalar_like(&mut self, scan: impl FnOnce(&mut Self) -> Result<Token<'a>, Error>) -> Result<(), Error> {
        let key = self.save_key()?;
        self.key_allowed = false;
        let token = scan(self)?;
        self.push(Token { key, ..token });
        Ok(())
    }

    /// Ends everything that belongs to a document.
    pub(super) fn end_document(&mut self) -> Result<(), Error> {
        self.end_blocks(-1);
        self.forget_key()?;
        self.key_allowed = false;
        Ok(())
    }

    fn fetch_end(&mut self) -> Result<(), Error> {
        self.cursor.take_break_or_end();
        self.end_document()?;
        self.finished = true;
        let mark = self.cursor.mark();
        self.push(Token::empty(Kind::StreamEnd, mark));
        Ok(())
    }
}
