//! `%YAML` and `%TAG`.

use super::Error;
use super::scanner::Scanner;
use super::token::{Kind, Token};

impl<'a> Scanner<'a> {
    /// The directive whose `%` begins this line.
    pub(super) fn fetch_directive(&mut self) -> Result<(), Error> {
        self.end_document()?;
        let start = self.cursor.mark();
        let refuse = |message: &str| Err(Error { mark: start, message: message.to_owned() });
        self.cursor.skip(1);
        let name = self.name();
        if !self.cursor.is_space(0) {
            return refuse("the name of a directive is made of letters");
        }
        self.cursor.skip_blanks();
        let kind = match name {
            "YAML" => {
                let from = self.cursor.at();
                while self.cursor.peek().is_some_and(|byte| byte.is_ascii_digit() || byte == b'.') {
                    self.cursor.skip(1);
                }
                match self.cursor.slice(from, self.cursor.at()) {
                    "1.1" | "01.1" | "1.01" | "01.01" => Kind::Version,
                    _ => return refuse("`kubectl` reads YAML 1.1 and no other version"),
                }
            }
            "TAG" => {
                let handle = if self.cursor.peek() == Some(b'!') { self.tag_handle() } else { "" };
                if handle.is_empty() || (handle.len() > 1 && !handle.ends_with('!')) || !self.cursor.is_blank() {
                    return refuse("the handle of a tag directive is `!`, `!!` or `!name!`");
                }
                self.cursor.skip_blanks();
                let prefix = self.uri(start)?;
                if prefix.is_empty() || !self.cursor.is_space(0) {
                    return refuse("a tag directive has to name a prefix");
                }
                Kind::TagDirective { handle, prefix }
            }
            _ => return refuse("there is no such directive: only `%YAML` and `%TAG`"),
        };
        let end = self.cursor.mark();
        self.cursor.skip_blanks();
        if self.cursor.peek() == Some(b'#') {
            let line_end = self.cursor.line_end();
            self.cursor.go_to(line_end);
        }
        if !self.cursor.is_line_end() {
            return refuse("behind a directive may only be a comment");
        }
        self.cursor.take_break();
        self.push(Token { kind, start, end, key: None });
        Ok(())
    }
}
