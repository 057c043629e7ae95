//! Objects that carry a pod template, from careless to hardened.

use crate::random::Random;
use crate::tree::{Tree, map, object, some};
use crate::words;

/// How much care was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// No word about security.
    None,
    /// Something is set, not everything.
    Some,
    /// Everything is.
    All,
}

/// A workload; with `aliases`, what its containers share is written once.
pub(crate) fn workload(random: &mut Random, aliases: bool) -> Tree {
    let name = words::name(random);
    let care = match random.below(20) {
        0..=2 => Care::All,
        3..=7 => Care::Some,
        _ => Care::None,
    };
    let (api_version, kind) = random.pick(&[
        ("apps/v1", "Deployment"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "DaemonSet"),
        ("apps/v1", "ReplicaSet"),
        ("batch/v1", "Job"),
        ("batch/v1", "CronJob"),
        ("v1", "Pod"),
        ("argoproj.io/v1alpha1", "Rollout"),
        ("serving.knative.dev/v1", "Service"),
    ]);
    let short_lived = kind.ends_with("Job");
    let spec = pod(random, care, short_lived, aliases);
    let metadata = words::metadata(random, &name, true);
    if kind == "Pod" {
        return object(api_version, kind, metadata, vec![("spec", spec)]);
    }
    let labels = words::labels(random, &name);
    let template = map([("metadata", map([("labels", labels)])), ("spec", spec)]);
    let selector = map([("matchLabels", map([("app.kubernetes.io/name", Tree::text(&name))]))]);
    let spec = match kind {
        "Job" => map([("backoffLimit", Tree::Number(2)), ("template", template)]),
        "CronJob" => map([
            ("schedule", Tree::text("*/5 * * * *")),
            ("concurrencyPolicy", Tree::text("Forbid")),
            ("jobTemplate", map([("spec", map([("template", template)]))])),
        ]),
        "Service" => map([("template", template)]),
        _ => map([("replicas", Tree::Number(random.below(6))), ("selector", selector), ("template", template)]),
    };
    object(api_version, kind, metadata, vec![("spec", spec)])
}

fn pod(random: &mut Random, care: Care, short_lived: bool, aliases: bool) -> Tree {
    let count = if aliases { 2 } else { random.pick(&[1, 1, 1, 1, 2, 2, 3]) };
    let care = if aliases && care == Care::None { Care::Some } else { care };
    let mut containers: Vec<Tree> = Vec::new();
    for index in 0..count {
        let context = match (care, aliases && index > 0) {
            (Care::None, _) => None,
            (_, true) => Some(Tree::Alias("context")),
            (care, false) => {
                let context = container_context(random, care);
                Some(if aliases { Tree::Anchor("context", Box::new(context)) } else { context })
            }
        };
        containers.push(container(random, care, index, context));
    }
    let init = random.chance(15).then(|| {
        let context = (care == Care::All).then(|| container_context(random, care));
        Tree::List(vec![container(random, care, 9, context)])
    });
    let volumes = Tree::List(vec![
        map([("name", Tree::text("tmp")), ("emptyDir", map([]))]),
        map([("name", Tree::text("config")), ("configMap", map([("name", Tree::text("config"))]))]),
    ]);
    let pull = Tree::List(vec![map([("name", Tree::text("registry"))])]);
    some([
        ("serviceAccountName", random.chance(40).then(|| Tree::Text(words::name(random)))),
        ("hostNetwork", (care == Care::None && random.chance(5)).then_some(Tree::Word("true"))),
        ("securityContext", pod_context(care)),
        ("imagePullSecrets", random.chance(15).then_some(pull)),
        ("initContainers", init),
        ("containers", Some(Tree::List(containers))),
        ("restartPolicy", short_lived.then(|| Tree::text("OnFailure"))),
        ("volumes", Some(volumes)),
        ("nodeSelector", random.chance(15).then(|| map([("kubernetes.io/os", Tree::text("linux"))]))),
        ("tolerations", random.chance(10).then(|| Tree::List(vec![map([("operator", Tree::text("Exists"))])]))),
    ])
}

fn pod_context(care: Care) -> Option<Tree> {
    match care {
        Care::None => None,
        Care::Some => Some(map([("runAsNonRoot", Tree::Word("true"))])),
        Care::All => Some(map([
            ("runAsNonRoot", Tree::Word("true")),
            ("runAsUser", Tree::Number(10001)),
            ("runAsGroup", Tree::Number(10001)),
            ("seccompProfile", map([("type", Tree::text("RuntimeDefault"))])),
        ])),
    }
}

fn container_context(random: &mut Random, care: Care) -> Tree {
    let drop = if care == Care::All || random.chance(70) { "ALL" } else { "all" };
    let set = |percent: usize, random: &mut Random| care == Care::All || random.chance(percent);
    some([
        ("privileged", set(40, random).then_some(Tree::Word("false"))),
        ("allowPrivilegeEscalation", set(60, random).then_some(Tree::Word("false"))),
        ("readOnlyRootFilesystem", set(30, random).then_some(Tree::Word("true"))),
        ("capabilities", set(60, random).then(|| map([("drop", Tree::texts([drop]))]))),
    ])
}

fn container(random: &mut Random, care: Care, index: usize, context: Option<Tree>) -> Tree {
    let image = if care == Care::All { words::pinned_image(random) } else { words::image(random) };
    let script = "set -eu\nwhile true; do\n  echo \"containers: []\"\n  sleep 60 # kind: Pod\ndone\n";
    let command = ["/bin/sh", "-c"].map(Tree::text).into_iter().chain([Tree::Lines(script.to_owned())]);
    let command = Tree::List(command.collect());
    let args = Tree::texts(["--log-level=info", "--port=8080", "--config=/etc/app/config.yaml"]);
    let probe = map([
        ("httpGet", map([("path", Tree::text("/healthz")), ("port", Tree::text("http"))])),
        ("periodSeconds", Tree::Number(10)),
    ]);
    let mounts = Tree::List(vec![
        map([("name", Tree::text("tmp")), ("mountPath", Tree::text("/tmp"))]),
        map([("name", Tree::text("config")), ("mountPath", Tree::text("/etc/app")), ("readOnly", Tree::Word("true"))]),
    ]);
    let ports = Tree::List(vec![map([("containerPort", Tree::Number(8080)), ("name", Tree::text("http"))])]);
    some([
        ("name", Some(Tree::Text(format!("{}-{index}", words::word(random))))),
        ("image", Some(Tree::Text(image))),
        ("imagePullPolicy", random.chance(30).then(|| Tree::text("IfNotPresent"))),
        ("command", random.chance(20).then_some(command)),
        ("args", random.chance(40).then_some(args)),
        ("env", random.chance(50).then(|| env(random))),
        ("ports", random.chance(60).then_some(ports)),
        ("resources", (care == Care::All || random.chance(40)).then(resources)),
        ("livenessProbe", random.chance(40).then(|| probe.clone())),
        ("readinessProbe", random.chance(40).then_some(probe)),
        ("securityContext", context),
        ("volumeMounts", Some(mounts)),
    ])
}

fn env(random: &mut Random) -> Tree {
    let mut list = Vec::new();
    for index in 0..random.between(1, 12) {
        let name = ("name", Tree::Text(format!("{}_{index}", words::word(random).to_uppercase())));
        list.push(match random.below(4) {
            0 => {
                let key = map([("name", Tree::text("secrets")), ("key", Tree::text("password"))]);
                map([name, ("valueFrom", map([("secretKeyRef", key)]))])
            }
            1 => map([name, ("value", Tree::Text(random.below(10_000).to_string()))]),
            2 => map([name, ("value", Tree::Prose(words::prose(random, 40)))]),
            _ => map([name, ("value", Tree::text("true"))]),
        });
    }
    Tree::List(list)
}

fn resources() -> Tree {
    let amounts = |cpu, memory| map([("cpu", Tree::text(cpu)), ("memory", Tree::text(memory))]);
    map([("requests", amounts("100m", "128Mi")), ("limits", amounts("500m", "256Mi"))])
}
