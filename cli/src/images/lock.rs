//! `harden images lock`: asks the registries, and keeps the answers.

use std::collections::BTreeMap;
use std::io::Write;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use clap::Args;
use hardening::glob::Glob;
use images::{Image, Platform};
use lint::escape::{write_error, write_line};
use registry::{Images, Mirror};

use super::news::{Counts, News};
use super::refresh::{Answer, Question, ask};
use super::survey::{Spot, Survey, write_problems};
use super::{ProjectArgs, built};
use crate::args::jobs;
use crate::console::Console;
use crate::error::Error;
use crate::lock::{FileError, LockFile};
use crate::progress::Bar;
use crate::render::RenderArgs;
use crate::source::RegistryArgs;

pub(super) const CODES: &str = "\
Exit codes:
  0  the lock has every reference; with --check: and every tag stands for what the lock says
  1  with --check: a tag has moved, or the lock lacks a reference
  2  something could not be read or resolved, or the arguments are wrong; what was resolved is in the lock";

/// Arguments of `harden images lock`.
#[derive(Debug, Clone, Args)]
pub(super) struct LockArgs {
    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    render: RenderArgs,

    /// Ask again for what the lock has: references that this glob matches, written in full, with the tag or without, such
    /// as 'docker.io/library/*' or '*'; may be repeated
    #[arg(long, value_name = "GLOB", value_parser = Glob::new)]
    update: Vec<Glob>,

    /// Change nothing; fail if a tag has moved or the lock lacks a reference
    #[arg(long, conflicts_with_all = ["update", "prune"])]
    check: bool,

    /// Remove from the lock what none of the paths names
    #[arg(long)]
    prune: bool,

    /// The platforms that every image must have; linux/amd64 and linux/arm64, as far as an image has them, if left out
    #[arg(long = "platform", value_name = "OS/ARCHITECTURE", value_delimiter = ',')]
    platforms: Vec<Platform>,

    /// How many images are asked for at once; 8 if left out
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    jobs: Option<NonZeroUsize>,

    /// A registry to ask in place of another, such as docker.io=mirror.example.com/hub; may be repeated
    #[arg(long = "mirror", value_name = "REGISTRY=HOST", help_heading = "Registry")]
    mirrors: Vec<Mirror>,

    /// The longest time that a registry may take for one image, in seconds; 600 if left out
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Registry")]
    timeout: Option<u32>,

    /// How to talk to the registries.
    #[command(flatten)]
    registry: RegistryArgs,
}

/// How long answers wait until they are written, so that they are not lost with a run that is ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// Locks the images; gives the exit code.
///
/// # Errors
/// A configuration or a lock that cannot be used; an output that cannot be written.
pub(super) fn lock(args: &LockArgs, console: Console, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    let project = args.project.open(&args.render.paths(&args.project.input), &args.render)?;
    let mut file = args.project.lock_of(&project)?;
    let survey = Survey::of(&project.sources);
    write_problems(&survey.problems, err)?;
    let images = survey.images();
    let questions = args.questions(&images, &file);
    let mut run = Run { args, file: &mut file, saved: Instant::now(), not_saved: None, news: BTreeMap::new() };
    let bar = Bar::of(questions.len(), "images", console.progress);
    let asked = args.registry_images();
    ask(&asked, &questions, args.jobs, args.check, &mut |question, answer| {
        run.take(question, answer);
        bar.step();
    });
    drop(bar);
    let Run { not_saved, mut news, .. } = run;
    if let Some(error) = not_saved {
        return Err(Error::of(error));
    }
    if args.check {
        let lacking = images.iter().filter(|(_, (image, _))| file.lock.get(image).is_none());
        news.extend(lacking.map(|(key, _)| (key.clone(), News::Lacking)));
    }
    let config = project.configs.get(project.main);
    let named = images.values().map(|(image, _)| *image);
    let unread = if args.check { Vec::new() } else { built::file(config, named, &mut file.lock) };
    write_problems(&unread, err)?;
    let is_whole = survey.problems.is_empty() && unread.is_empty();
    let pruned = if args.prune && is_whole { file.lock.retain(|key| images.contains_key(key)) } else { Vec::new() };
    let mut counts = Counts::of(images.len() - news.len());
    for (key, news) in &news {
        news.write(key, images.get(key).map(|(_, spot)| *spot), out, err)?;
        counts.add(news);
    }
    for key in &pruned {
        write_line(out, format_args!("removed {key}: none of the paths names it"))?;
    }
    if args.prune && !is_whole {
        write_error(err, "nothing was removed from the lock: not everything could be read")?;
    }
    let is_saved = !args.check && file.save().map_err(Error::of)?;
    writeln!(out, "{}", counts.sentence(&file, is_saved, args.check))?;
    Ok(counts.exit_code(is_whole, args.check))
}

impl LockArgs {
    fn registry_images(&self) -> Images {
        Images {
            transport: self.registry.transport(),
            mirrors: self.mirrors.clone(),
            platforms: self.platforms.clone(),
            patience: self.timeout.map(|seconds| Duration::from_secs(seconds.into())),
        }
    }

    /// Asks for references that the lock lacks, or lacks a platform of, and for those that are checked or updated.
    fn questions(&self, images: &BTreeMap<String, (&Image, &Spot)>, file: &LockFile) -> Vec<Question> {
        let question = |(image, _): &(&Image, &Spot)| {
            let Some(entry) = file.lock.get(image) else {
                // With --check, what the lock lacks is said and not asked for.
                return (!self.check).then(|| Question { image: (*image).clone(), known: None });
            };
            // An artifact has no platforms at all.
            let lacks = |platform: &Platform| !entry.platforms.is_empty() && !entry.platforms.contains_key(platform);
            let lacks_one = !self.check && self.platforms.iter().any(lacks);
            let goes_by_tag = image.tag().is_some() && (self.check || self.updates(image));
            match (goes_by_tag, lacks_one) {
                (false, false) => None,
                (false, true) => Some(Question { image: image.at(&entry.digest), known: None }),
                (true, false) => Some(Question { image: image.by_tag(), known: Some(entry.digest.clone()) }),
                (true, true) => Some(Question { image: image.by_tag(), known: None }),
            }
        };
        images.values().filter_map(question).collect()
    }

    fn updates(&self, image: &Image) -> bool {
        self.update.iter().any(|glob| glob.matches(&image.key()) || glob.matches(&image.name()))
    }
}

/// A run under way.
struct Run<'r> {
    args: &'r LockArgs,
    file: &'r mut LockFile,
    saved: Instant,
    not_saved: Option<FileError>,
    /// The messages, by key.
    news: BTreeMap<String, News>,
}

impl Run<'_> {
    /// Takes an answer into the lock.
    fn take(&mut self, question: &Question, answer: Result<Answer, registry::Error>) {
        let image = &question.image;
        let before = self.file.lock.get(image).map(|entry| entry.digest.clone());
        let news = match answer {
            Ok(Answer::Same) => return,
            Ok(Answer::Moved(now)) => News::Moved(before.unwrap_or_else(|| now.clone()), now),
            Ok(Answer::Now(entry)) => {
                let mut entry = *entry;
                let now = entry.digest.clone();
                if let Some(old) = self.file.lock.get(image).filter(|old| old.digest == now) {
                    // What is known about this digest stays, whatever its source.
                    entry.platforms.extend(old.platforms.clone());
                }
                self.file.lock.insert(image, entry);
                match before {
                    Some(before) if before != now => News::Moved(before, now),
                    _ => News::Locked(now),
                }
            }
            Err(error) => News::Failed(error),
        };
        self.news.insert(image.key(), news);
        if !self.args.check && self.saved.elapsed() >= PATIENCE {
            self.not_saved = self.file.save().err();
            self.saved = Instant::now();
        }
    }
}
