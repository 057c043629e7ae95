//! `harden matrix`: a check that draws workload by rule in the terminal.

use crate::check::CheckArgs;
use lint::config::Format;

/// The arguments of the check: those given, reported as a matrix unless they name a format.
pub fn args(mut given: CheckArgs) -> CheckArgs {
    given.outputs.prefer(Format::Matrix);
    given
}
