//! Reads texts and collects the references in them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use images::places::Holder;
use images::{Image, ImageError, Lock};
use lint::escape::write_error;
use lint::finding::{Object, Place, Problem};
use lint::images::named;
use lint::search::Source;
use lint::{parallel, text::Text};
use serde::Serialize;
use thiserror::Error;

/// A reference where it stands.
#[derive(Debug)]
pub(super) struct Spot {
    pub(super) file: String,
    pub(super) place: Place,
    pub(super) object: Object,
    /// The field path in the object.
    pub(super) path: String,
    pub(super) holder: Holder,
    /// The reference as written; `None` where a part of it comes from elsewhere.
    pub(super) written: Option<String>,
    /// The reference as read, or why it is not one.
    pub(super) image: Result<Image, NoImage>,
}

/// Why a reference is not one.
#[derive(Debug, Error)]
pub(super) enum NoImage {
    /// It cannot be read.
    #[error(transparent)]
    Invalid(#[from] ImageError),
    /// A part of it comes from elsewhere.
    #[error("its tag or digest is not written here")]
    Elsewhere,
}

/// How a reference stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// It has a digest, and the lock has no other.
    Pinned,
    /// It has none, and the lock has one.
    Locked,
    /// It has another digest than the lock.
    Differs,
    /// It has none, and the lock neither.
    Unknown,
    /// It is not the name of an image.
    Invalid,
}

impl State {
    /// Every state, in the order of the summary.
    pub(super) const ALL: [State; 5] = [State::Pinned, State::Locked, State::Differs, State::Unknown, State::Invalid];

    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            State::Pinned => "pinned",
            State::Locked => "locked",
            State::Differs => "differs",
            State::Unknown => "unknown",
            State::Invalid => "invalid",
        }
    }

    /// How an image stands by the lock.
    pub(super) fn of(image: &Image, lock: &Lock) -> State {
        match (image.digest(), lock.get(image)) {
            (Some(digest), Some(entry)) if entry.digest.to_string() != digest => State::Differs,
            (Some(_), _) => State::Pinned,
            (None, Some(_)) => State::Locked,
            (None, None) => State::Unknown,
        }
    }
}

/// All references of some texts, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) spots: Vec<Spot>,
    pub(super) problems: Vec<(String, Problem)>,
}

impl Survey {
    /// Reads every source, on several threads.
    pub(super) fn of(sources: &[Source]) -> Survey {
        let mut survey = Survey::default();
        let read = |source: &Source| {
            let panicked = |panic: parallel::Panicked| Survey::problem(source, Problem::new(panic.to_string()));
            parallel::caught(|| Survey::of_source(source)).unwrap_or_else(panicked)
        };
        // Nothing fails that is taken over.
        let _ = parallel::in_order(parallel::threads(sources.len()), sources, read, |part: Survey| {
            survey.spots.extend(part.spots);
            survey.problems.extend(part.problems);
            Ok::<(), std::convert::Infallible>(())
        });
        survey
    }

    fn problem(source: &Source, problem: Problem) -> Survey {
        Survey { problems: vec![(source.name.clone(), problem)], ..Survey::default() }
    }

    fn of_source(source: &Source) -> Survey {
        let text = match source.read() {
            Ok(text) => text,
            Err(why) => return Survey::problem(source, Problem::new(why.to_string())),
        };
        let text = Text::new(&text);
        let (named, problems) = named(text.parsed(), source.place());
        let spots = named.into_iter().map(|named| {
            let place = named.place();
            let mention = named.mention;
            let written = mention.reference.as_deref().map(str::to_owned);
            let image = match &written {
                Some(written) => Image::parse(written).map_err(NoImage::from),
                None => Err(NoImage::Elsewhere),
            };
            let path = mention.path_text();
            Spot {
                file: source.name.clone(),
                place,
                object: named.object,
                path,
                holder: mention.holder,
                written,
                image,
            }
        });
        let problems = problems.into_iter().map(|problem| (source.name.clone(), problem));
        Survey { spots: spots.collect(), problems: problems.collect() }
    }

    /// Every image once, by its key in the lock, with the first place that names it. Of several with the same tag, one
    /// that has a digest stands for all.
    pub(super) fn images(&self) -> BTreeMap<String, (&Image, &Spot)> {
        let mut images: BTreeMap<String, (&Image, &Spot)> = BTreeMap::new();
        for spot in &self.spots {
            let Ok(image) = &spot.image else { continue };
            let known = images.entry(image.key()).or_insert((image, spot));
            if known.0.digest().is_none() && image.digest().is_some() {
                *known = (image, spot);
            }
        }
        images
    }
}

/// Writes everything that could not be read to standard error, each with its file.
///
/// # Errors
/// Fails if `err` cannot be written.
pub(super) fn write_problems(problems: &[(String, Problem)], err: &mut dyn Write) -> io::Result<()> {
    problems.iter().try_for_each(|(file, problem)| write_error(err, at(file, problem.place, &problem.message)))
}

/// A message with the place that it is about.
pub(super) fn at(file: &str, place: Option<Place>, message: &str) -> String {
    match place {
        Some(place) => format!("{file}:{}:{}: {message}", place.line, place.column),
        None => format!("{file}: {message}"),
    }
}
