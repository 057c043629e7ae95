//! The messages of `harden images lock`.

use std::io::Write;

use images::Digest;
use lint::escape::{write_error, write_line};

use super::survey::{Spot, at};
use crate::lock::LockFile;
use crate::report::plural;

/// Something to say about a reference.
pub(super) enum News {
    Locked(Digest),
    Moved(Digest, Digest),
    Lacking,
    Failed(registry::Error),
}

impl News {
    /// Writes the line about a reference, which `spot` names first.
    ///
    /// # Errors
    /// Fails if the output cannot be written.
    pub(super) fn write(
        &self,
        key: &str,
        spot: Option<&Spot>,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> std::io::Result<()> {
        let placed = |message: &str| match spot {
            Some(spot) => at(&spot.file, Some(spot.place), message),
            None => message.to_owned(),
        };
        match self {
            News::Locked(digest) => write_line(out, format_args!("locked {key}: {digest}")),
            News::Moved(from, to) => write_line(out, format_args!("moved {key}: {from} is now {to}")),
            News::Lacking => write_line(out, placed(&format!("{key} is not in the lock"))),
            News::Failed(error) => write_error(err, placed(&error.to_string())),
        }
    }
}

/// How many references there are of each kind.
#[derive(Default)]
pub(super) struct Counts {
    locked: usize,
    moved: usize,
    lacking: usize,
    failed: usize,
    same: usize,
}

impl Counts {
    /// Counts these as being as they were.
    pub(super) fn of(same: usize) -> Counts {
        Counts { same, ..Counts::default() }
    }

    pub(super) fn add(&mut self, news: &News) {
        *match news {
            News::Locked(_) => &mut self.locked,
            News::Moved(..) => &mut self.moved,
            News::Lacking => &mut self.lacking,
            News::Failed(_) => &mut self.failed,
        } += 1;
    }

    pub(super) fn sentence(&self, file: &LockFile, is_saved: bool, is_check: bool) -> String {
        let images = plural(self.locked + self.moved + self.lacking + self.failed + self.same, "image");
        let counts = [
            (self.locked, "locked"),
            (self.moved, "moved"),
            (self.lacking, "not in the lock"),
            (self.failed, "not resolved"),
            (self.same, "as they were"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
        let counts: Vec<String> = counts.collect();
        let colon = if counts.is_empty() { "" } else { ": " };
        let end = match (is_saved, is_check) {
            (true, _) => format!("; wrote {}", file.name()),
            (false, false) if file.is_there() => format!("; {} is as it was", file.name()),
            _ => String::new(),
        };
        format!("{images}{colon}{}{end}", counts.join(", "))
    }

    pub(super) fn exit_code(&self, is_whole: bool, is_check: bool) -> u8 {
        if !is_whole || self.failed > 0 { 2 } else { u8::from(is_check && self.moved + self.lacking > 0) }
    }
}
