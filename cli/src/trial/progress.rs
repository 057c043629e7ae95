//! Says what is being run: one line that is drawn anew on a terminal, a line a run elsewhere.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use engine::{EngineError, Event, Step};
use lint::escape::one_line;
use trial::{Outcome, Readiness};

/// How often the line is drawn.
const INTERVAL: Duration = Duration::from_millis(500);

/// Columns of a terminal whose width is not known.
const WIDTH: usize = 80;

/// The progress of all runs.
pub(super) struct Progress<'p> {
    err: &'p mut dyn Write,
    workload: String,
    label: String,
    begun: Instant,
    line: Option<Line>,
}

/// A line on the terminal, drawn by a thread of its own.
struct Line {
    shared: Arc<(Mutex<Shown>, Condvar)>,
    drawer: Option<JoinHandle<()>>,
}

/// The content of the line.
#[derive(Default)]
struct Shown {
    text: String,
    begun: Option<Instant>,
    is_over: bool,
}

fn shown(shared: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Line {
    fn start() -> Line {
        let shared: Arc<(Mutex<Shown>, Condvar)> = Arc::default();
        let own = Arc::clone(&shared);
        let width = terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0));
        let drawer = thread::spawn(move || {
            let (state, changed) = &*own;
            let mut now = shown(state);
            while !now.is_over {
                if let Some(begun) = now.begun {
                    let seconds = format!(" ({} s)", begun.elapsed().as_secs());
                    let room = width.saturating_sub(seconds.len() + 1);
                    let text: String = now.text.chars().take(room).collect();
                    // Whether it can be drawn, nothing depends on.
                    let _ = write!(io::stderr(), "\r\x1b[K{text}{seconds}");
                    let _ = io::stderr().flush();
                }
                now = changed.wait_timeout(now, INTERVAL).unwrap_or_else(PoisonError::into_inner).0;
            }
            let _ = write!(io::stderr(), "\r\x1b[K");
        });
        Line { shared, drawer: Some(drawer) }
    }

    fn say(&self, text: String, begun: Option<Instant>) {
        let (state, changed) = &*self.shared;
        let mut now = shown(state);
        (now.text, now.begun) = (text, begun);
        drop(now);
        changed.notify_one();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let (state, changed) = &*self.shared;
        shown(state).is_over = true;
        changed.notify_one();
        if let Some(drawer) = self.drawer.take() {
            let _ = drawer.join();
        }
    }
}

impl<'p> Progress<'p> {
    /// Says on `err` what is run, on a line that is drawn anew if it is a terminal.
    pub(super) fn new(err: &'p mut dyn Write, is_terminal: bool) -> Progress<'p> {
        let line = is_terminal.then(Line::start);
        Progress { err, workload: String::new(), label: String::new(), begun: Instant::now(), line }
    }

    /// Begins another workload.
    pub(super) fn workload(&mut self, name: &str) {
        self.workload = one_line(name);
        "its images".clone_into(&mut self.label);
    }

    /// Begins a run, which is one of so many of this workload.
    pub(super) fn begin(&mut self, run: usize, label: &str) {
        self.label = format!("run {run}, {}", one_line(label));
        self.begun = Instant::now();
        self.show("");
    }

    /// Takes what the engine tells.
    pub(super) fn tell(&mut self, event: Event) {
        let container = event.container.as_deref().map(|name| format!("{name} ")).unwrap_or_default();
        let step = match event.step {
            Step::Preparing => "is prepared".to_owned(),
            Step::Started => "runs".to_owned(),
            Step::Ended(code) => format!("ended with {code}"),
            Step::Probed(what) => what,
            Step::Ready => "is ready".to_owned(),
            Step::Removing => "is removed".to_owned(),
            Step::Note(note) => note,
        };
        self.show(&one_line(&format!(": {container}{step}")));
    }

    fn show(&self, more: &str) {
        if let Some(line) = &self.line {
            line.say(format!("{}: {}{more}", self.workload, self.label), Some(self.begun));
        }
    }

    /// Says that the engine failed, and is asked once more.
    pub(super) fn repeat(&mut self, error: &EngineError) {
        if self.line.is_none() {
            let why = one_line(&error.to_string());
            let _ = writeln!(self.err, "{}: {}: {why}; once more", self.workload, self.label);
        }
        self.begun = Instant::now();
    }

    /// Ends a run.
    pub(super) fn end(&mut self, outcome: &Outcome) {
        if let Some(line) = &self.line {
            return line.say(String::new(), None);
        }
        let took = self.begun.elapsed().as_secs_f32();
        let end = match &outcome.readiness {
            Readiness::Ready => "ready".to_owned(),
            Readiness::Not { container, why, .. } => one_line(&format!("not ready: {container}: {why}")),
        };
        // Whoever does not read the progress may read the report.
        let _ = writeln!(self.err, "{}: {}: {end} ({took:.1} s)", self.workload, self.label);
    }
}
