//! `harden images`: every reference with its places and how it stands.

use std::collections::BTreeMap;
use std::io::Write;

use clap::{Args, ValueEnum};
use images::places::Holder;
use images::{Digest, Lock};
use lint::escape::write_line;
use lint::finding::{Object, Problem};
use serde::Serialize;

use super::ProjectArgs;
use super::survey::{Spot, State, Survey, write_problems};
use crate::error::Error;
use crate::render::RenderArgs;
use crate::report::plural;

/// Arguments of `harden images` without a command.
#[derive(Debug, Clone, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    render: RenderArgs,

    /// How to report
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

impl ListArgs {
    /// Whether the list is for people.
    pub(super) fn is_prose(&self) -> bool {
        matches!(self.format, ListFormat::Text)
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ListFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// One reference and everywhere it stands.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'s> {
    /// Written in full; as written, if it is not a reference.
    reference: String,
    state: State,
    /// The digest in the manifests.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'s str>,
    /// The digest in the lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked: Option<&'s Digest>,
    /// Why it is not a reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    places: Vec<Standing<'s>>,
}

/// Where a reference stands.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing<'s> {
    file: &'s str,
    line: usize,
    column: usize,
    object: &'s Object,
    path: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<&'s str>,
    /// Whether `harden images pin` may change it.
    editable: bool,
}

#[derive(Serialize)]
struct Unread<'s> {
    file: &'s str,
    #[serde(flatten)]
    problem: &'s Problem,
}

#[derive(Serialize)]
struct Listing<'s> {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<String>,
    images: Vec<Row<'s>>,
    problems: Vec<Unread<'s>>,
}

/// Lists the images; gives the exit code.
///
/// # Errors
/// A configuration or a lock that cannot be used; an output that cannot be written.
pub(super) fn list(args: &ListArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    let project = args.project.open(&args.render.paths(&args.project.input), &args.render)?;
    let file = args.project.lock_of(&project)?;
    let survey = Survey::of(&project.sources);
    let rows = rows(&survey, &file.lock);
    match args.format {
        ListFormat::Text => {
            rows.iter().try_for_each(|row| row.write(out))?;
            summary(&rows, out)?;
            write_problems(&survey.problems, err)?;
        }
        ListFormat::Json => {
            let problems = survey.problems.iter().map(|(file, problem)| Unread { file, problem }).collect();
            let lock = file.is_there().then(|| file.name());
            let listing = Listing { version: 1, lock, images: rows, problems };
            serde_json::to_writer_pretty(&mut *out, &listing).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
    }
    Ok(if survey.problems.is_empty() { 0 } else { 2 })
}

/// The references, sorted, each once.
fn rows<'s>(survey: &'s Survey, lock: &'s Lock) -> Vec<Row<'s>> {
    let mut rows: BTreeMap<String, Row<'s>> = BTreeMap::new();
    for spot in &survey.spots {
        let reference = match &spot.image {
            Ok(image) => image.to_string(),
            Err(_) => spot.written.clone().unwrap_or_default(),
        };
        let row = || match &spot.image {
            Ok(image) => {
                let locked = lock.get(image).map(|entry| &entry.digest);
                let (state, digest) = (State::of(image, lock), image.digest());
                Row { reference: image.key(), state, digest, locked, why: None, places: Vec::new() }
            }
            Err(why) => {
                let state = if spot.written.is_none() { State::Unknown } else { State::Invalid };
                let reference = reference.clone();
                Row { reference, state, digest: None, locked: None, why: Some(why.to_string()), places: Vec::new() }
            }
        };
        rows.entry(reference.clone()).or_insert_with(row).places.push(Standing::of(spot));
    }
    rows.into_values().collect()
}

impl<'s> Standing<'s> {
    fn of(spot: &'s Spot) -> Standing<'s> {
        Standing {
            file: &spot.file,
            line: spot.place.line,
            column: spot.place.column,
            object: &spot.object,
            path: &spot.path,
            container: match &spot.holder {
                Holder::Container(_, name) => Some(name),
                _ => None,
            },
            written: spot.written.as_deref(),
            editable: spot.holder != Holder::Values,
        }
    }
}

impl Row<'_> {
    /// Writes the reference with its places.
    fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let name = if self.reference.is_empty() { "(written elsewhere)" } else { &self.reference };
        let detail = match (self.state, self.digest, self.locked) {
            (State::Differs, Some(digest), Some(locked)) => format!(" {digest}, the lock has {locked}"),
            (State::Pinned, Some(digest), None) => format!(" {digest}, not in the lock"),
            (_, Some(digest), _) => format!(" {digest}"),
            (_, None, Some(locked)) => format!(" {locked}"),
            _ => self.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default(),
        };
        write_line(out, format_args!("{name}  {}{detail}", self.state.word()))?;
        for place in &self.places {
            let Standing { file, line, column, object, path, .. } = place;
            let object = if object.kind.is_empty() { String::new() } else { format!("{object}: ") };
            write_line(out, format_args!("  {file}:{line}:{column}  {object}{path}"))?;
        }
        Ok(())
    }
}

/// Counts the references by how they stand.
fn summary(rows: &[Row<'_>], out: &mut dyn Write) -> std::io::Result<()> {
    let places: usize = rows.iter().map(|row| row.places.len()).sum();
    let count = |state: State| rows.iter().filter(|row| row.state == state).count();
    let counts = State::ALL.into_iter().map(|state| (count(state), state.word())).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    let colon = if counts.is_empty() { "" } else { ": " };
    let (images, places) = (plural(rows.len(), "image"), plural(places, "place"));
    writeln!(out, "{images} in {places}{colon}{}", counts.join(", "))
}
