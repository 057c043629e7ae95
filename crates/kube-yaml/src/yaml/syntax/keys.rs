//! Simple keys, and the block collections that indentation opens and ends.
//!
//! `a: b` has a key that nothing announces: `a` may be one until its `:` is found, the line ends, or 1,024
//! characters have passed. Then the key, and the mapping it opens, are put in front of it.

use super::scanner::Scanner;
use super::token::{Kind, Token};
use super::{Error, Mark};

/// The most characters between the start of a simple key and its colon.
const LONGEST_KEY: usize = 1024;

/// How deep brackets and indentation may go. go-yaml has the same limits.
const DEEPEST: usize = 10_000;

/// A possible simple key.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SimpleKey {
    possible: bool,
    /// In this place there has to be a key.
    required: bool,
    /// The number of its first token.
    pub(super) token: usize,
    mark: Mark,
}

impl<'a> Scanner<'a> {
    /// Whether what may be a key at a level of brackets still may be one.
    pub(super) fn is_key_possible(&mut self, level: usize) -> Result<bool, Error> {
        let line = self.cursor.line();
        let column = self.cursor.column();
        let Some(key) = self.keys.get_mut(level) else { return Ok(false) };
        if key.possible && (key.mark.line < line || key.mark.column + LONGEST_KEY < column) {
            if key.required {
                return Err(no_colon(*key));
            }
            key.possible = false;
        }
        Ok(key.possible)
    }

    /// Remembers that a key may start here, and says at which level; nowhere if keys are not allowed here.
    pub(super) fn save_key(&mut self) -> Result<Option<usize>, Error> {
        if !self.key_allowed {
            return Ok(None);
        }
        let mark = self.cursor.mark();
        let required = self.flow_level == 0 && self.indent == mark.column.cast_signed();
        self.forget_key()?;
        let token = self.next_number();
        let level = self.keys.len().checked_sub(1);
        if let Some(key) = self.keys.last_mut() {
            *key = SimpleKey { possible: true, required, token, mark };
        }
        Ok(level)
    }

    /// Forgets the possible key at this level of brackets.
    pub(super) fn forget_key(&mut self) -> Result<(), Error> {
        match self.keys.last_mut() {
            Some(key) if key.possible && key.required => Err(no_colon(*key)),
            Some(key) => {
                key.possible = false;
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub(super) fn fetch_flow_start(&mut self, kind: Kind<'a>) -> Result<(), Error> {
        let key = self.save_key()?;
        self.flow_level += 1;
        if self.flow_level > DEEPEST {
            return Err(self.cursor.error(format!("brackets are nested deeper than {DEEPEST} levels")));
        }
        self.keys.push(SimpleKey::default());
        self.key_allowed = true;
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let end = self.cursor.mark();
        self.push(Token { kind, start, end, key });
        Ok(())
    }

    pub(super) fn fetch_flow_end(&mut self, kind: Kind<'a>) -> Result<(), Error> {
        self.forget_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.keys.pop();
        }
        self.key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    pub(super) fn fetch_block_entry(&mut self) -> Result<(), Error> {
        self.begin_in_block(Kind::BlockSequenceStart, "a list item is not allowed here")?;
        self.forget_key()?;
        self.key_allowed = true;
        self.push_indicator(Kind::BlockEntry, 1);
        Ok(())
    }

    /// `?`
    pub(super) fn fetch_key(&mut self) -> Result<(), Error> {
        self.begin_in_block(Kind::BlockMappingStart, "mapping keys are not allowed here")?;
        self.forget_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_indicator(Kind::Key, 1);
        Ok(())
    }

    /// `:`
    pub(super) fn fetch_value(&mut self) -> Result<(), Error> {
        let level = self.keys.len().saturating_sub(1);
        if self.is_key_possible(level)? {
            let key = std::mem::take(&mut self.keys[level]);
            self.insert(key.token, Kind::Key, key.mark);
            if self.begin_block(key.mark)? {
                self.insert(key.token, Kind::BlockMappingStart, key.mark);
            }
            self.key_allowed = false;
        } else {
            self.begin_in_block(Kind::BlockMappingStart, "mapping values are not allowed here")?;
            self.key_allowed = self.flow_level == 0;
        }
        self.push_indicator(Kind::Value, 1);
        Ok(())
    }

    /// Begins a block collection here unless it is open; in brackets there are none.
    fn begin_in_block(&mut self, kind: Kind<'a>, refusal: &str) -> Result<(), Error> {
        if self.flow_level > 0 {
            return Ok(());
        }
        if !self.key_allowed {
            return Err(self.cursor.error(refusal));
        }
        let mark = self.cursor.mark();
        if self.begin_block(mark)? {
            self.push(Token::empty(kind, mark));
        }
        Ok(())
    }

    /// Whether a block collection begins in this column, for which it is noted.
    fn begin_block(&mut self, mark: Mark) -> Result<bool, Error> {
        let column = mark.column.cast_signed();
        if self.flow_level > 0 || self.indent >= column {
            return Ok(false);
        }
        if self.indents.len() >= DEEPEST {
            return Err(Error { mark, message: format!("blocks are nested deeper than {DEEPEST} levels") });
        }
        self.indents.push(self.indent);
        self.indent = column;
        Ok(true)
    }

    /// Ends the block collections that are indented deeper than this column.
    pub(super) fn end_blocks(&mut self, column: isize) {
        while self.flow_level == 0 && self.indent > column {
            let mark = self.cursor.mark();
            self.push(Token::empty(Kind::BlockEnd, mark));
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }
}

fn no_colon(key: SimpleKey) -> Error {
    Error { mark: key.mark, message: "this has to be a key, but no `:` follows on its line".to_owned() }
}
