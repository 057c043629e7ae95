//! Spreads sources, and the chunks of large ones, over threads.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::outcome::FileReport;
use crate::scan::Part;
use crate::search::Source;
use crate::session::Session;
use kube_yaml::yaml::{self, Chunk};

/// From here on a text is worth spreading.
const LARGE: usize = 256 << 10;
/// The share of a large text that a thread takes at once, in bytes.
const SHARE: usize = 64 << 10;

/// How many threads judge `sources`: at most `jobs`, else the number of cores.
pub fn threads(jobs: Option<NonZeroUsize>, sources: &[Source]) -> usize {
    // A small file needs one; finding out how many there are takes longer than judging it.
    let alone = matches!(sources, [] | [_]);
    if alone && !sources.iter().any(|source| source.may_be_longer_than(LARGE)) {
        return 1;
    }
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    let wanted = jobs.map_or_else(cores, usize::from);
    if alone { wanted } else { wanted.min(sources.len()) }
}

/// Judges every source and calls `step` after each; the reports come in the order of the sources.
pub fn judge_all(
    session: &Session,
    sources: &[Source],
    threads: usize,
    step: &mut (dyn FnMut() + Send),
) -> Vec<FileReport> {
    let mut reports: Vec<FileReport> = Vec::new();
    reports.resize_with(sources.len(), FileReport::default);
    let queue = Queue::new(sources);
    let done = Mutex::new(Done { reports, step });
    let work = || Worker { session, queue: &queue, done: &done, buffer: Vec::new() }.run();
    thread::scope(|scope| {
        for _ in 1..threads {
            // With fewer threads than wanted, it only takes longer.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).reports
}

/// The finished work.
struct Done<'p> {
    /// By the index of their sources.
    reports: Vec<FileReport>,
    step: &'p mut (dyn FnMut() + Send),
}

/// The open work.
struct Queue<'s> {
    sources: &'s [Source],
    state: Mutex<State<'s>>,
    /// There is something new to do, or nothing any more.
    changed: Condvar,
}

struct State<'s> {
    /// The next source to read.
    next: usize,
    /// Shares of large texts; the first comes last.
    shares: Vec<(Arc<Large<'s>>, usize)>,
    /// Sources that are being read, and may turn out to be large.
    reading: usize,
    /// Threads with nothing to do until that is known.
    waiting: usize,
}

enum Task<'s> {
    Read(&'s Source),
    Judge(Arc<Large<'s>>, usize),
}

/// A text whose chunks several threads judge.
struct Large<'s> {
    source: &'s Source,
    text: String,
    shares: Vec<Vec<Bounds>>,
    parts: Mutex<Vec<Part>>,
    left: AtomicUsize,
}

/// A chunk without its text.
struct Bounds {
    start: usize,
    len: usize,
    line: usize,
}

impl<'s> Queue<'s> {
    fn new(sources: &'s [Source]) -> Queue<'s> {
        let state = State { next: 0, shares: Vec::new(), reading: 0, waiting: 0 };
        Queue { sources, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State<'s>> {
        lock(&self.state)
    }

    /// The next thing to do; `None` when everything is done or taken by another thread.
    fn take(&self) -> Option<Task<'s>> {
        let mut state = self.state();
        loop {
            if let Some((large, share)) = state.shares.pop() {
                return Some(Task::Judge(large, share));
            }
            if let Some(source) = self.sources.get(state.next) {
                state.next += 1;
                state.reading += 1;
                return Some(Task::Read(source));
            }
            if state.reading == 0 {
                return None;
            }
            state.waiting += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// There is a source less to be read, and this to do.
    fn add(&self, shares: Vec<(Arc<Large<'s>>, usize)>) {
        let mut state = self.state();
        state.reading -= 1;
        state.shares.extend(shares);
        // Waking costs a call of the kernel, even when nobody sleeps.
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }
}

/// A source that is being read; the others wait until it is let go of.
struct Reading<'q, 's> {
    queue: &'q Queue<'s>,
    /// The open shares; the first is on top.
    shares: Vec<(Arc<Large<'s>>, usize)>,
}

impl Drop for Reading<'_, '_> {
    fn drop(&mut self) {
        self.queue.add(std::mem::take(&mut self.shares));
    }
}

/// A thread that panicked has ended the run anyway.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Worker<'q, 's, 'p> {
    session: &'q Session,
    queue: &'q Queue<'s>,
    done: &'q Mutex<Done<'p>>,
    buffer: Vec<u8>,
}

impl<'s> Worker<'_, 's, '_> {
    fn run(mut self) {
        while let Some(task) = self.queue.take() {
            match task {
                Task::Read(source) => self.read(source),
                Task::Judge(large, share) => self.judge(&large, share),
            }
        }
    }

    fn read(&mut self, source: &'s Source) {
        let mut reading = Reading { queue: self.queue, shares: Vec::new() };
        let text = match source.read_into(&mut self.buffer) {
            Ok(text) => text,
            Err(message) => return self.finish(source, self.session.unreadable(source, message)),
        };
        let is_large = text.len() > LARGE && !source.is_patch();
        let shares = if is_large { shares(text) } else { Vec::new() };
        if shares.len() < 2 {
            drop(reading);
            let report = self.session.judge_text(source, text);
            return self.finish(source, report);
        }
        let left = AtomicUsize::new(shares.len());
        let mut parts = Vec::new();
        parts.resize_with(shares.len(), Part::default);
        let text = text.to_owned();
        let large = Arc::new(Large { source, text, shares, parts: Mutex::new(parts), left });
        reading.shares = (0..large.shares.len()).rev().map(|share| (Arc::clone(&large), share)).collect();
    }

    fn judge(&self, large: &Large<'_>, share: usize) {
        let chunks = large.shares[share].iter().map(|bounds| bounds.of(&large.text));
        let part = Part::of_chunks(self.session.judge_of(large.source), chunks);
        lock(&large.parts)[share] = part;
        // The last one puts the parts together; the lock above made them visible.
        if large.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            let parts = std::mem::take(&mut *lock(&large.parts));
            let mut whole = Part::default();
            parts.into_iter().for_each(|part| whole.append(part));
            self.finish(large.source, self.session.finish(large.source, &large.text, whole));
        }
    }

    fn finish(&self, source: &Source, report: FileReport) {
        let mut done = lock(self.done);
        done.reports[source.index] = report;
        (done.step)();
    }
}

/// The chunks of a text, in groups of about [`SHARE`] bytes.
fn shares(text: &str) -> Vec<Vec<Bounds>> {
    let mut shares = Vec::new();
    let mut share = Vec::new();
    let mut bytes = 0;
    for chunk in yaml::chunks(text) {
        bytes += chunk.text.len();
        share.push(Bounds { start: chunk.start, len: chunk.text.len(), line: chunk.line });
        if bytes >= SHARE {
            shares.push(std::mem::take(&mut share));
            bytes = 0;
        }
    }
    if !share.is_empty() {
        shares.push(share);
    }
    shares
}

impl Bounds {
    fn of<'t>(&self, text: &'t str) -> Chunk<'t> {
        let text = text.get(self.start..self.start + self.len).unwrap_or_default();
        Chunk { text, start: self.start, line: self.line }
    }
}

#[cfg(test)]
mod tests;
