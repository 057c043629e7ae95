//! Images that are built here: their Dockerfiles say whom they run as.

use images::facts::Source;
use images::{Image, Lock};
use lint::config::ConfigFile;
use lint::dockerfile::Users;
use lint::finding::Problem;

/// Files what the Dockerfiles of a configuration say beside the facts about these images, and takes away what they said
/// before. Gives the Dockerfiles that cannot be read.
pub(super) fn file<'i>(
    config: Option<&ConfigFile>,
    images: impl Iterator<Item = &'i Image>,
    lock: &mut Lock,
) -> Vec<(String, Problem)> {
    let users = config.map(Users::of);
    for image in images {
        let facts = users.as_ref().and_then(|users| users.of_image(&image.to_string()));
        let Some(entry) = lock.get_mut(image) else { continue };
        for build in entry.platforms.values_mut() {
            match &facts {
                Some(facts) => drop(build.facts.insert(Source::Dockerfile, facts.clone())),
                None => drop(build.facts.remove(&Source::Dockerfile)),
            }
        }
    }
    users.iter().flat_map(Users::problems).collect()
}
