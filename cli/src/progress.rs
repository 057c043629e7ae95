//! A progress bar on the terminal, for runs that take a while.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Counts things on standard error; draws nothing for short runs or without a terminal.
pub(crate) struct Bar {
    total: usize,
    things: &'static str,
    visible: bool,
    state: Mutex<State>,
}

/// How many things are done, and when that was drawn last.
#[derive(Default)]
struct State {
    done: usize,
    drawn: Option<Instant>,
}

/// Runs over fewer files finish before a progress bar is of use.
const WORTH_DRAWING: usize = 200;
const INTERVAL: Duration = Duration::from_millis(100);
const WIDTH: usize = 30;

impl Bar {
    /// Counts files.
    pub(crate) fn new(total: usize, terminal: bool) -> Bar {
        Bar { total, things: "files", visible: terminal && total >= WORTH_DRAWING, state: Mutex::default() }
    }

    /// Counts things that take a while each.
    pub(crate) fn of(total: usize, things: &'static str, terminal: bool) -> Bar {
        Bar { total, things, visible: terminal && total > 0, state: Mutex::default() }
    }

    /// Counts one more; any thread may.
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
            let _ = write!(io::stderr(), "\r[{bar}] {}/{} {}", state.done, self.total, self.things);
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
