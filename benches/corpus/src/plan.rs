//! Which documents a corpus has, and in which files.

use crate::random::Random;
use crate::style::Style;
use crate::tree::{Tree, map, object};
use crate::{Census, config, emit, json, schema, small, words, workload};

/// The size of a corpus.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Files.
    pub files: usize,
    /// Documents.
    pub documents: usize,
    /// Objects with a pod template.
    pub workloads: usize,
    /// Bytes, roughly.
    pub bytes: usize,
}

impl Shape {
    /// The combined contents of 60 public repositories.
    pub const REPOSITORIES: Shape = Shape { files: 2_068, documents: 5_466, workloads: 786, bytes: 52_000_000 };

    /// The same proportions for so many documents.
    pub fn of(documents: usize) -> Shape {
        let full = Shape::REPOSITORIES;
        let share = |of: usize| (of * documents / full.documents).max(1);
        Shape { files: share(full.files), documents, workloads: share(full.workloads), bytes: share(full.bytes) }
    }
}

/// A file of the corpus.
#[derive(Debug, Clone)]
pub struct File {
    /// Path below the corpus' folder, with `/`.
    pub path: String,
    /// Its contents.
    pub text: String,
    /// The same, counted; one file.
    pub census: Census,
}

/// A document before it is put into a file.
struct Document {
    text: String,
    census: Census,
    is_json: bool,
}

/// The files of a corpus.
pub fn files(shape: &Shape, seed: u64) -> Vec<File> {
    let mut random = Random::new(seed);
    let documents = documents(shape, &mut random);
    pack(documents, shape.files.clamp(1, shape.documents.max(1)), &mut random)
}

/// How many of a hundred documents without a workload are definitions.
const DEFINITIONS: usize = 8;
/// The weight of the largest definition.
const LARGEST: usize = 1_000_000;
/// The smallest one has this part of it.
const SPREAD: usize = 15;

fn documents(shape: &Shape, random: &mut Random) -> Vec<Document> {
    let mut documents = Vec::new();
    let mut workloads = shape.workloads;
    for _ in 0..shape.documents / 120 {
        let inside = workloads.min(random.between(1, 3));
        workloads -= inside;
        documents.push(list(random, inside));
    }
    for _ in 0..workloads.min(shape.documents.saturating_sub(documents.len())) {
        documents.push(one_workload(random));
    }
    let rest = shape.documents.saturating_sub(documents.len());
    let definitions = rest * DEFINITIONS / 100;
    for index in 0..rest - definitions {
        documents.push(other(random, index * 100 / (rest - definitions).max(1)));
    }
    let written: usize = documents.iter().map(|document| document.text.len()).sum();
    let mut bytes = shape.bytes.saturating_sub(written);
    let weights: Vec<usize> = (0..definitions).map(|_| LARGEST / random.between(1, SPREAD)).collect();
    let mut weight: usize = weights.iter().sum();
    for share in weights {
        let tree = schema::definition(random, bytes * share / weight);
        let definition = document(&tree, &Style::generated(random), false, random, without_template(1));
        // What one is larger than planned, the next ones are smaller.
        bytes = bytes.saturating_sub(definition.text.len());
        weight -= share;
        documents.push(definition);
    }
    random.shuffle(&mut documents);
    documents
}

fn document(tree: &Tree, style: &Style, is_json: bool, random: &mut Random, census: Census) -> Document {
    let text = if is_json {
        let indent = random.pick(&[0, 2, 4]);
        json::json(tree, indent)
    } else {
        emit::yaml(tree, style, random)
    };
    Document { text, census: Census { documents: 1, ..census }, is_json }
}

fn without_template(count: usize) -> Census {
    Census { without_template: count, ..Census::default() }
}

fn one_workload(random: &mut Random) -> Document {
    let is_json = random.chance(4);
    let aliases = !is_json && random.chance(6);
    let tree = workload::workload(random, aliases);
    let style = if random.chance(50) { Style::by_hand(random) } else { Style::generated(random) };
    document(&tree, &style, is_json, random, Census { workloads: 1, ..Census::default() })
}

/// A `List` with so many workloads, and other objects.
fn list(random: &mut Random, workloads: usize) -> Document {
    let others = random.between(0, 6);
    let mut items: Vec<Tree> = (0..workloads).map(|_| workload::workload(random, false)).collect();
    items.extend((0..others).map(|_| small::small(random)));
    random.shuffle(&mut items);
    let tree = object("v1", "List", map([]), vec![("items", Tree::List(items))]);
    let style = Style::generated(random);
    let is_json = random.chance(20);
    document(&tree, &style, is_json, random, Census { workloads, ..without_template(others) })
}

/// A document without a workload; `place` of a hundred decides its kind.
fn other(random: &mut Random, place: usize) -> Document {
    let is_json = random.chance(3);
    let style = if random.chance(50) { Style::by_hand(random) } else { Style::generated(random) };
    let one = without_template(1);
    match place {
        0..14 => {
            let bytes = random.pick(&[200, 500, 2_000, 2_000, 8_000, 40_000]);
            let tree = config::config_map(random, bytes);
            document(&tree, &style, is_json, random, one)
        }
        14..20 => {
            let tree = config::secret(random);
            document(&tree, &style, is_json, random, one)
        }
        20..86 => {
            let tree = small::small(random);
            document(&tree, &style, is_json, random, one)
        }
        86..97 => {
            let tree = small::foreign(random);
            document(&tree, &style, is_json, random, Census { not_kubernetes: 1, ..Census::default() })
        }
        97 => {
            let bytes = random.pick(&[3_000, 20_000, 100_000]);
            let text = config::dashboard(random, bytes);
            Document { text, census: Census { documents: 1, not_kubernetes: 1, ..Census::default() }, is_json: true }
        }
        _ => Document {
            text: "# nothing but a comment: containers: []\n".to_owned(),
            census: Census { documents: 1, empty: 1, ..Census::default() },
            is_json: false,
        },
    }
}

/// Most files get one document, some very many.
fn pack(documents: Vec<Document>, files: usize, random: &mut Random) -> Vec<File> {
    let mut counts = vec![1_usize; files];
    let mut left = documents.len() - files;
    while left > 0 {
        let more = left.min(random.pick(&[1, 2, 3, 5, 12, 40, 120]));
        // A quarter of the files hold what is more than one each.
        let index = random.below(files.div_ceil(4));
        counts[index] += more;
        left -= more;
    }
    random.shuffle(&mut counts);
    let mut documents = documents.into_iter();
    let file = |(index, count)| file(index, documents.by_ref().take(count).collect(), random);
    counts.into_iter().enumerate().map(file).collect()
}

fn file(index: usize, documents: Vec<Document>, random: &mut Random) -> File {
    let rendered = random.chance(50);
    let mut text = String::new();
    for (place, document) in documents.iter().enumerate() {
        // A comment in front of a marker would be no document of its own.
        if place > 0 || rendered || document.census.empty > 0 {
            text.push_str("---\n");
        }
        if rendered && !document.is_json {
            text.push_str(&format!("# Source: {0}/templates/{0}.yaml\n", words::word(random)));
        }
        text.push_str(&document.text);
    }
    let alone = documents.len() == 1 && !text.starts_with('-') && documents.iter().all(|document| document.is_json);
    let ending = if alone { "json" } else { random.pick(&["yaml", "yaml", "yaml", "yml"]) };
    let path = format!("{}/{}/{index:05}-{}.{ending}", words::team(random), words::word(random), words::name(random));
    let mut file = File { path, text, census: Census::default() };
    for document in documents {
        let (sum, more) = (file.census, document.census);
        file.census = Census {
            files: 1,
            documents: sum.documents + 1,
            workloads: sum.workloads + more.workloads,
            without_template: sum.without_template + more.without_template,
            not_kubernetes: sum.not_kubernetes + more.not_kubernetes,
            empty: sum.empty + more.empty,
            bytes: 0,
        };
    }
    file
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
