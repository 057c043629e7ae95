//! Custom resource definitions: long schemas, many with a pod template's fields in them.

use crate::random::Random;
use crate::tree::{Tree, map, object, some};
use crate::words;

/// A definition of about `bytes` bytes.
pub(crate) fn definition(random: &mut Random, bytes: usize) -> Tree {
    let singular = words::word(random);
    let group = format!("{}.example.com", words::team(random));
    let versions = if bytes > 40_000 && random.chance(40) { 2 } else { 1 };
    let versions = (0..versions)
        .map(|index| {
            let mut schema = Schema { random, left: bytes / versions };
            let spec = schema.object(0);
            let status = Schema { random, left: bytes / versions / 20 }.object(0);
            let root = map([
                ("description", Tree::Prose(words::prose(random, 120))),
                ("type", Tree::text("object")),
                ("properties", map([("apiVersion", string()), ("kind", string()), ("spec", spec), ("status", status)])),
            ]);
            map([
                ("name", Tree::text(["v1", "v1beta1"][index])),
                ("served", Tree::Word("true")),
                ("storage", Tree::Word(["true", "false"][index])),
                ("schema", map([("openAPIV3Schema", root)])),
                ("subresources", map([("status", map([]))])),
            ])
        })
        .collect();
    let names = map([
        ("kind", Tree::text(capital(singular))),
        ("plural", Tree::Text(format!("{singular}s"))),
        ("singular", Tree::text(singular)),
    ]);
    let metadata = map([
        ("annotations", map([("controller-gen.kubebuilder.io/version", Tree::text("v0.16.1"))])),
        ("name", Tree::Text(format!("{singular}s.{group}"))),
    ]);
    let spec = map([
        ("group", Tree::Text(group)),
        ("names", names),
        ("scope", Tree::text("Namespaced")),
        ("versions", Tree::List(versions)),
    ]);
    object("apiextensions.k8s.io/v1", "CustomResourceDefinition", metadata, vec![("spec", spec)])
}

fn string() -> Tree {
    map([("type", Tree::text("string"))])
}

pub(crate) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

const FIELDS: [&str; 40] = [
    "affinity",
    "annotations",
    "args",
    "claimName",
    "command",
    "conditions",
    "config",
    "containers",
    "endpoint",
    "env",
    "ephemeralContainers",
    "failureThreshold",
    "hostPath",
    "image",
    "imagePullPolicy",
    "initContainers",
    "interval",
    "items",
    "jobTemplate",
    "key",
    "kind",
    "labels",
    "matchExpressions",
    "mode",
    "name",
    "namespace",
    "nodeSelector",
    "operator",
    "path",
    "ports",
    "replicas",
    "resources",
    "secretRef",
    "securityContext",
    "selector",
    "spec",
    "template",
    "timeoutSeconds",
    "tolerations",
    "volumes",
];

struct Schema<'r> {
    random: &'r mut Random,
    /// Bytes that may still be written, roughly.
    left: usize,
}

impl Schema<'_> {
    fn object(&mut self, depth: usize) -> Tree {
        let wanted = if depth == 0 { usize::MAX } else { self.random.between(1, 9) };
        let mut fields: Vec<(String, Tree)> = Vec::new();
        while fields.len() < wanted && (self.left > 0 || fields.is_empty()) {
            let mut name = self.random.pick(&FIELDS).to_owned();
            while fields.iter().any(|(known, _)| *known == name) {
                name.push_str(&capital(self.random.pick(&FIELDS)));
            }
            let field = self.field(depth + 1);
            fields.push((name, field));
        }
        let required = fields.iter().filter(|_| self.random.chance(20)).map(|(name, _)| Tree::text(name)).collect();
        let required = Some(required).filter(|list: &Vec<Tree>| !list.is_empty()).map(Tree::List);
        some([
            ("description", self.description(depth)),
            ("properties", Some(Tree::Map(fields))),
            ("required", required),
            ("type", Some(Tree::text("object"))),
        ])
    }

    fn description(&mut self, depth: usize) -> Option<Tree> {
        if !self.random.chance(80) {
            return None;
        }
        let length = self.random.pick(&[20, 60, 120, 300, 900]);
        self.spend(length + length / 60 * (8 + 4 * depth));
        Some(Tree::Prose(words::prose(self.random, length)))
    }

    fn spend(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }

    fn field(&mut self, depth: usize) -> Tree {
        self.spend(3 * (12 + 4 * depth));
        let choice = if depth > 9 { self.random.below(6) } else { self.random.below(10) };
        match choice {
            0 | 1 => some([
                ("description", self.description(depth)),
                ("pattern", self.random.chance(15).then(|| Tree::text("^([a-z0-9]+[-._]?)*[a-z0-9]$"))),
                ("type", Some(Tree::text("string"))),
            ]),
            2 => some([
                ("description", self.description(depth)),
                ("default", self.random.chance(20).then_some(Tree::Number(3))),
                ("format", Some(Tree::text("int32"))),
                ("type", Some(Tree::text("integer"))),
            ]),
            3 => some([("description", self.description(depth)), ("type", Some(Tree::text("boolean")))]),
            4 => some([
                ("description", self.description(depth)),
                ("enum", Some(Tree::texts(["Always", "IfNotPresent", "Never"]))),
                ("type", Some(Tree::text("string"))),
            ]),
            5 => some([
                ("anyOf", Some(Tree::List(vec![map([("type", Tree::text("integer"))]), string()]))),
                ("description", self.description(depth)),
                ("x-kubernetes-int-or-string", Some(Tree::Word("true"))),
            ]),
            6 | 7 => some([
                ("description", self.description(depth)),
                ("items", Some(self.object(depth + 1))),
                ("type", Some(Tree::text("array"))),
                ("x-kubernetes-list-type", Some(Tree::text("atomic"))),
            ]),
            8 => some([
                ("additionalProperties", Some(string())),
                ("description", self.description(depth)),
                ("type", Some(Tree::text("object"))),
            ]),
            _ => self.object(depth),
        }
    }
}
