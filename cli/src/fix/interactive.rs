//! `harden fix --interactive`: asks about each change, as `git add -p` does.

use std::cell::RefCell;
use std::io::{self, BufRead, Write};

use super::diff;
use super::fixing::Fixing;
use super::report::Totals;
use crate::error::Error;
use lint::escape::one_line;
use lint::fix::Hunk;
use lint::search::Source;

/// Shown for `?`.
const HELP: &str = "\
y - fix this
n - leave this
q - leave this and all that follows in every file; what was chosen before is written
a - fix this and all that follows in this file
d - leave this and all that follows in this file
? - show this help
";

/// Asks about each change of the files, one after the other; gives the exit code.
///
/// # Errors
/// An output that cannot be written, and answers that cannot be read.
pub(super) fn run(
    fixing: &Fixing<'_>,
    sources: &[Source],
    mut totals: Totals,
    out: &mut dyn Write,
) -> Result<u8, Error> {
    let mut answers = io::stdin().lock();
    let asker = Asker::new(&mut answers, out, fixing.colours);
    for source in sources {
        if !asker.begin(&source.name) {
            totals.unasked += 1;
            continue;
        }
        let done = fixing.fix(source, Some(&|hunk| asker.choose(hunk)));
        totals.files += 1;
        totals.add(&done.fixed, done.fail_on);
        asker.say(&done.report)?;
    }
    fixing.end(totals, out)
}

/// Asks on standard output and reads the answers.
struct Asker<'w> {
    state: RefCell<State<'w>>,
}

struct State<'w> {
    input: &'w mut dyn BufRead,
    out: &'w mut dyn Write,
    colours: bool,
    /// The file that is asked about.
    file: String,
    /// The answer to everything else in this file.
    rest: Option<bool>,
    has_quit: bool,
    /// Why no more can be asked.
    failed: Option<io::Error>,
}

impl<'w> Asker<'w> {
    fn new(input: &'w mut dyn BufRead, out: &'w mut dyn Write, colours: bool) -> Asker<'w> {
        let state = State { input, out, colours, file: String::new(), rest: None, has_quit: false, failed: None };
        Asker { state: RefCell::new(state) }
    }

    /// Goes on with the next file; `false` after `q` and at the end of the answers.
    fn begin(&self, file: &str) -> bool {
        let mut state = self.state.borrow_mut();
        file.clone_into(&mut state.file);
        state.rest = None;
        !state.has_quit
    }

    /// Asks whether a change should be made. If nobody can be asked, it is left, as by `q`.
    fn choose(&self, hunk: &Hunk<'_>) -> bool {
        let state = &mut *self.state.borrow_mut();
        if let Some(rest) = state.rest {
            return rest;
        }
        state.ask(hunk).unwrap_or_else(|error| {
            state.failed = Some(error);
            state.quit()
        })
    }

    /// Writes a report where the questions are asked.
    fn say(&self, text: &str) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        match state.failed.take() {
            Some(error) => Err(error),
            None => state.out.write_all(text.as_bytes()),
        }
    }
}

impl State<'_> {
    fn ask(&mut self, hunk: &Hunk<'_>) -> io::Result<bool> {
        for (rule, said) in &hunk.repairs {
            writeln!(self.out, "{}", one_line(&format!("{}: [{rule}] {said}", self.file)))?;
        }
        let (number, count) = hunk.number;
        diff::write_hunks(hunk.old, hunk.new, self.colours, self.out)?;
        loop {
            write!(self.out, "({number}/{count}) Fix this [y,n,q,a,d,?]? ")?;
            self.out.flush()?;
            let mut line = String::new();
            if self.input.read_line(&mut line)? == 0 {
                writeln!(self.out)?;
                return Ok(self.quit());
            }
            match line.trim() {
                "y" => return Ok(true),
                "n" => return Ok(false),
                "a" => return Ok(*self.rest.insert(true)),
                "d" => return Ok(*self.rest.insert(false)),
                "q" => return Ok(self.quit()),
                _ => write!(self.out, "{HELP}")?,
            }
        }
    }

    /// Leaves everything from here on.
    fn quit(&mut self) -> bool {
        self.has_quit = true;
        *self.rest.insert(false)
    }
}
