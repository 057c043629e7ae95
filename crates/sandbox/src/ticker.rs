//! The clock that ends a policy's call: advances the engine's epoch.

use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::error::ErrorKind;

/// Ticks per timeout: how exact a timeout is (a call may last this share longer).
const RESOLUTION: u32 = 20;
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(100);

/// Advances an engine's epoch, from the first call on until it is dropped.
pub(super) struct Ticker {
    engine: wasmtime::Engine,
    tick: Duration,
    /// Dropping the sender is what ends the thread.
    running: OnceLock<Result<Sender<()>, ErrorKind>>,
}

impl Ticker {
    /// A clock fine enough for calls of at most `timeout`. Starts nothing yet.
    pub(super) fn new(engine: &wasmtime::Engine, timeout: Duration) -> Self {
        Self { engine: engine.clone(), tick: (timeout / RESOLUTION).clamp(SHORTEST, LONGEST), running: OnceLock::new() }
    }

    /// Ticks after which `timeout` has certainly passed.
    pub(super) fn ticks(&self, timeout: Duration) -> u64 {
        let ticks = timeout.as_nanos().div_ceil(self.tick.as_nanos());
        // One more: the first tick may come right after the call began. The
        // bound keeps "current epoch + deadline" from overflowing.
        u64::try_from(ticks).unwrap_or(u64::MAX).min(u64::from(u32::MAX)) + 1
    }

    /// Starts the clock unless it runs; without it no call may start.
    pub(super) fn start(&self) -> Result<(), ErrorKind> {
        match self.running.get_or_init(|| self.spawn()) {
            Ok(_) => Ok(()),
            Err(why) => Err(why.clone()),
        }
    }

    fn spawn(&self) -> Result<Sender<()>, ErrorKind> {
        let (stop, stopped) = mpsc::channel::<()>();
        // Weak: the clock must not keep the engine alive.
        let engine = self.engine.weak();
        let tick = self.tick;
        thread::Builder::new()
            .name("harden-timeout".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
                    match engine.upgrade() {
                        Some(engine) => engine.increment_epoch(),
                        None => break,
                    }
                }
            })
            .map(|_| stop)
            .map_err(|error| ErrorKind::Sandbox(format!("no thread for the timeout: {error}")))
    }
}
