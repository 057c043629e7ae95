//! Work on many things by several threads, with the results in order.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use thiserror::Error;

/// Items that a thread is given in a row before results are taken.
const BATCH: usize = 16;

/// A panic while one file was judged or fixed; the text follows the file's name.
#[derive(Debug, Error)]
#[error("was skipped: harden panicked ({0}); please report this as a bug")]
pub struct Panicked(String);

/// Runs `work`, which must leave nothing half done that is used again.
///
/// # Errors
/// A panic in it.
pub fn caught<R>(work: impl FnOnce() -> R) -> Result<R, Panicked> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Panicked(text.unwrap_or("without a message").to_owned())
    })
}

/// How many threads are worthwhile for `count` things.
pub fn threads(count: usize) -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(count)
}

/// Starts so many threads; `None` if one is enough, which is the caller's, or if the system has no more.
pub(crate) fn pool(threads: usize) -> Option<ThreadPool> {
    if threads <= 1 { None } else { ThreadPoolBuilder::new().num_threads(threads).build().ok() }
}

/// Does `work` on every item, on so many threads, and hands each result to `take` in the order of the items, batch by
/// batch, so that not all results are held at once.
///
/// # Errors
/// The first that `take` gives; no further batch is begun then.
pub fn in_order<T: Sync, R: Send, E>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.min(items.len());
    let Some(pool) = pool(threads) else { return items.iter().try_for_each(|item| take(work(item))) };
    items.chunks(threads * BATCH).try_for_each(|batch| {
        let results: Vec<R> = pool.install(|| batch.par_iter().map(&work).collect());
        results.into_iter().try_for_each(&mut take)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_order() {
        let items: Vec<u64> = (0..200).collect();
        let work = |item: &u64| {
            // The first ones take longest.
            thread::sleep(std::time::Duration::from_micros(400 - 2 * item));
            *item
        };
        let mut seen = Vec::new();
        let done: Result<(), ()> = in_order(4, &items, work, |item| {
            seen.push(item);
            Ok(())
        });
        assert_eq!((done, seen), (Ok(()), items));
    }

    #[test]
    fn an_error_ends_the_work() {
        let items: Vec<usize> = (0..10_000).collect();
        let begun = AtomicUsize::new(0);
        let work = |item: &usize| {
            begun.fetch_add(1, Ordering::Relaxed);
            *item
        };
        let done = in_order(4, &items, work, |item| if item == 3 { Err("full") } else { Ok(()) });
        assert_eq!(done, Err("full"));
        assert!(begun.load(Ordering::Relaxed) < items.len());
    }
}
