//! Asks registries about many images at once.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

use images::{Digest, Entry, Image};
use registry::Images;

/// Most conversations at once, unless somebody says another number: registries count them.
const CONVERSATIONS: usize = 8;

/// A question about one image.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The reference that is asked for.
    pub(super) image: Image,
    /// The digest that it stood for, if somebody knows; it is asked for again only if it is another one now.
    pub(super) known: Option<Digest>,
}

/// The answer to a question.
#[derive(Debug)]
pub(super) enum Answer {
    /// The reference stands for what it stood for.
    Same,
    /// It stands for something else, or nobody knew.
    Now(Box<Entry>),
    /// It stands for another digest; nobody wanted to know more.
    Moved(Digest),
}

/// Asks every question, several at once, and hands each answer to `take` when it comes, in any order. With
/// `digests_only`, no more than the digest is asked for.
pub(super) fn ask(
    images: &Images,
    questions: &[Question],
    jobs: Option<NonZeroUsize>,
    digests_only: bool,
    take: &mut (dyn FnMut(&Question, Result<Answer, registry::Error>) + Send),
) {
    let threads = jobs.map_or(CONVERSATIONS, usize::from).min(questions.len());
    let next = Mutex::new(questions.iter());
    let take = Mutex::new(take);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let question = next.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(question) = question else { break };
                    let answer = answer(images, question, digests_only);
                    take.lock().unwrap_or_else(PoisonError::into_inner)(question, answer);
                }
            });
        }
    });
}

fn answer(images: &Images, question: &Question, digests_only: bool) -> Result<Answer, registry::Error> {
    let Question { image, known } = question;
    let Some(known) = known else { return images.entry(image).map(Box::new).map(Answer::Now) };
    let digest = images.digest(image, Some(known))?;
    if digest == *known {
        return Ok(Answer::Same);
    }
    if digests_only { Ok(Answer::Moved(digest)) } else { images.entry(image).map(Box::new).map(Answer::Now) }
}
