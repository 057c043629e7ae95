//! A progress bar on the terminal, for runs that take a while.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Counts files on standard error; draws nothing for short runs or without a terminal.
pub(crate) struct Bar {
    total: usize,
    visible: bool,
    state: Mutex<State>,
}

/// How many files are done, and when that was drawn last.
#[derive(Default)]
struct State {
    done: usize,
    drawn: Option<Instant>,
}

/// Shorter runs finish before a progress bar is of use.
const WORTH_DRAWING: usize = 200;
const INTERVAL: Duration = Duration::from_millis(100);
const WIDTH: usize = 30;

impl Bar {
    pub(crate) fn new(total: usize, terminal: bool) -> Bar {
        Bar { total, visible: terminal && total >= WORTH_DRAWING, state: Mutex::default() }
    }

    /// Counts one more file; any thread may.
    pub(crate) fn step(&self) {
        if !self.visible {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done += 1;
        if state.drawn.is_none_or(|drawn| drawn.elapsed() >= INTERVAL) {
            let filled = WIDTH * state.done / self.total;
            let bar = "#".repeat(filled) + &"-".repeat(WIDTH - filled);
            // A terminal that cannot be written to shows no progress; the report does not depend on it.
            let _ = write!(io::stderr(), "\r[{bar}] {}/{} files", state.done, self.total);
            state.drawn = Some(Instant::now());
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.state.get_mut().is_ok_and(|state| state.drawn.is_some()) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
