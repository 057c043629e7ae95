//! `harden fix`: writes what the policies would fill in into the author's files.
//!
//! The built-in rules list the edits that repair what they find, and another policy's answer becomes edits, too. They
//! are made in the text, which is otherwise left byte for byte as it is, and the policies judge again.

mod args;
pub(crate) mod diff;
pub(crate) mod file;
mod fixing;
mod interactive;
mod krm;
pub(crate) mod leftovers;
pub(crate) mod paths;
mod report;
pub(crate) mod sources;
mod texts;

use std::io::Write;

pub use self::args::FixArgs;
use self::fixing::Fixing;
use self::report::Totals;
use self::texts::Texts;
use crate::console::{self, Console};
use crate::error::Error;
use lint::escape::{write_error, write_line};
use lint::parallel;
use lint::search::Source;

/// Fixes what `args` name, gives the exit code.
///
/// 0: nothing is left; 1: violations are left (with `--diff`: there is something to change); 2: something
/// could not be read, judged or written. Fixed text of standard input and diffs go to `out`, the report
/// goes there too unless one of them does.
///
/// # Errors
/// A configuration or policies that cannot be used; an output that cannot be written.
pub fn fix(args: &FixArgs, console: Console, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    if args.krm {
        return krm::run(args, console, out, err);
    }
    if args.interactive && args.input.names_stdin() {
        return Err(Error::InteractiveStdin);
    }
    let (paths, links) = sources::without_links(&args.render.paths(&args.input));
    let (fixing, sources) = Fixing::open(args, console, &paths)?;
    console::announce_stdin(&sources, err)?;
    let mut totals = Totals::default();
    // The report must not end up in the text that a filter passes on.
    let text_on_out = args.puts_text_out();
    for link in &links {
        (totals.files, totals.problems) = (totals.files + 1, totals.problems + 1);
        let sink: &mut dyn Write = if text_on_out { err } else { out };
        write_error(sink, link)?;
    }
    if !args.diff {
        leftovers::remove_when_interrupted();
        leftovers::sweep(sources.iter().filter_map(Source::file));
    }
    if let Some(note) = fixing.paths.note().filter(|_| args.diff) {
        write_line(err, note)?;
    }
    if args.interactive {
        return interactive::run(&fixing, &sources, totals, out);
    }
    let mut texts = Texts::default();
    parallel::in_order(
        parallel::threads(sources.len()),
        &sources,
        |source| fixing.fix(source, None),
        |done| {
            totals.files += 1;
            totals.add(&done.fixed, done.fail_on);
            if args.diff {
                out.write_all(&done.out)?
            } else {
                texts.write(&done.out, out)?
            }
            let sink: &mut dyn Write = if text_on_out { err } else { out };
            sink.write_all(done.report.as_bytes())
        },
    )?;
    let sink: &mut dyn Write = if text_on_out { err } else { out };
    fixing.end(totals, sink)
}
