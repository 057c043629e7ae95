//! A progress bar on the terminal, for runs that take a while.

use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Counts files on standard error; draws nothing for short runs or without a terminal.
pub(crate) struct Bar {
    total: usize,
    done: usize,
    visible: bool,
    drawn: Option<Instant>,
}

/// Fewer files are done before anybody looks.
const WORTH_DRAWING: usize = 200;
const INTERVAL: Duration = Duration::from_millis(100);
const WIDTH: usize = 30;

impl Bar {
    pub(crate) fn new(total: usize, terminal: bool) -> Bar {
        Bar { total, done: 0, visible: terminal && total >= WORTH_DRAWING, drawn: None }
    }

    pub(crate) fn step(&mut self) {
        self.done += 1;
        let due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= INTERVAL);
        if self.visible && due {
            let filled = WIDTH * self.done / self.total;
            let bar = "#".repeat(filled) + &"-".repeat(WIDTH - filled);
            // A terminal that cannot be written to shows no progress; the report does not depend on it.
            let _ = write!(io::stderr(), "\r[{bar}] {}/{} files", self.done, self.total);
            self.drawn = Some(Instant::now());
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
