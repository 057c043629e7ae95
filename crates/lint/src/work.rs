//! Spreads sources, and the chunks of large ones, over threads.

use std::cell::Cell;
use std::num::NonZeroUsize;
use std::thread;

use kube_yaml::yaml::{self, Chunk, Parsed};
use rayon::prelude::*;

use crate::outcome::FileReport;
use crate::parallel;
use crate::scan::Part;
use crate::search::Source;
use crate::session::Session;
use crate::text::{Text, parse_chunks};

/// From here on a text is worth spreading.
const LARGE: usize = 256 << 10;
/// The share of a large text that a thread takes at once, in bytes.
const SHARE: usize = 64 << 10;

thread_local! {
    /// The buffer into which a thread reads one source after the other.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

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

/// Judges every source and calls `step` after each; the reports come in the order of the sources. A panic while a
/// source is judged becomes its problem, and the others are judged all the same.
pub fn judge_all(session: &Session, sources: &[Source], threads: usize, step: &(dyn Fn() + Sync)) -> Vec<FileReport> {
    each(session, sources, threads, step, |source| judge(session, source, threads > 1))
}

/// Calls `judge` for every source, and `step` after each.
fn each(
    session: &Session,
    sources: &[Source],
    threads: usize,
    step: &(dyn Fn() + Sync),
    judge: impl Fn(&Source) -> FileReport + Sync,
) -> Vec<FileReport> {
    let one = |source: &Source| {
        let report = parallel::caught(|| judge(source));
        step();
        report.unwrap_or_else(|panic| session.unreadable(source, panic.to_string()))
    };
    match parallel::pool(threads) {
        Some(pool) => pool.install(|| sources.par_iter().map(one).collect()),
        None => sources.iter().map(one).collect(),
    }
}

fn judge(session: &Session, source: &Source, may_share: bool) -> FileReport {
    // A thread that waits for the shares of a large text judges another one meanwhile, with a buffer of its own.
    let mut buffer = BUFFER.take();
    let report = match source.read_into(&mut buffer) {
        Err(why) => session.unreadable(source, why.to_string()),
        Ok(text) if may_share && text.len() > LARGE && !source.is_patch() => {
            let (bench, keeps) = (session.bench_of(source), session.needs_whole(source, text));
            let of_share = |share| {
                if keeps {
                    let parsed = parse_chunks(share);
                    (Part::of_parsed(bench, &parsed, false), parsed)
                } else {
                    (Part::of_chunks(bench, share), Parsed::default())
                }
            };
            let (parts, trees): (Vec<Part>, Vec<Parsed<'_>>) = shares(text).into_par_iter().map(of_share).unzip();
            let mut part = Part::default();
            parts.into_iter().for_each(|later| part.append(later));
            let whole = if keeps { Text::of_parts(text, trees) } else { Text::new(text) };
            session.finish(source, &whole, part)
        }
        Ok(text) => session.judge_text(source, text),
    };
    BUFFER.set(buffer);
    report
}

/// The chunks of a text, in groups of about [`SHARE`] bytes.
fn shares(text: &str) -> Vec<Vec<Chunk<'_>>> {
    let mut shares = Vec::new();
    let mut share = Vec::new();
    let mut bytes = 0;
    for chunk in yaml::chunks(text) {
        bytes += chunk.text.len();
        share.push(chunk);
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

#[cfg(test)]
mod tests;
