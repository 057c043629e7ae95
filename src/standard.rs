//! The Pod Security Standards, levels baseline and restricted, verdict for verdict as Kubernetes' own Pod
//! Security Admission decides, for every version since 1.0: the checks that the rules' files declare, as one table.

pub mod docs;
mod version;

pub use crate::rules::check::{Check, CheckFn, Level};
pub use version::Version;

use crate::catalogue;

const COUNT: usize = {
    let (mut count, mut rule) = (0, 0);
    while rule < catalogue::CHECKS.len() {
        count += catalogue::CHECKS[rule].len();
        rule += 1;
    }
    count
};

/// Every check of the standard, sorted by level, then in the order of the rules.
pub static CHECKS: [Check; COUNT] = by_level(catalogue::CHECKS);

/// The entries of all lists, those of the baseline level first.
const fn by_level(lists: &[&[Check]]) -> [Check; COUNT] {
    let mut all = [lists[0][0]; COUNT];
    let (mut next, mut round) = (0, 0);
    while round < 2 {
        let mut list = 0;
        while list < lists.len() {
            let mut at = 0;
            while at < lists[list].len() {
                if matches!(lists[list][at].level, Level::Baseline) == (round == 0) {
                    all[next] = lists[list][at];
                    next += 1;
                }
                at += 1;
            }
            list += 1;
        }
        round += 1;
    }
    all
}

/// The checks that `level` has at `version`, each with the behaviour of that version. No id comes twice.
pub fn checks(level: Level, version: Version) -> impl Iterator<Item = (&'static str, CheckFn)> {
    active(level, version).map(|(check, (_, function))| (check.id, function))
}

fn active(level: Level, version: Version) -> impl Iterator<Item = (&'static Check, (u8, CheckFn))> {
    let is_overridden = move |id| {
        let mut stricter = CHECKS.iter().filter(|check| check.level <= level && check.overrides == Some(id));
        stricter.any(|check| check.at(version.minor()).is_some())
    };
    let of_level = CHECKS.iter().filter(move |check| check.level <= level);
    let asked = of_level.filter(move |check| check.level != Level::Baseline || !is_overridden(check.id));
    asked.filter_map(move |check| Some((check, check.at(version.minor())?)))
}

#[cfg(test)]
mod tests;
