//! The many small objects beside the workloads, and documents that are not Kubernetes objects.

use crate::random::Random;
use crate::schema::capital;
use crate::tree::{Tree, map, object};
use crate::words;

/// A small object without a pod template.
pub(crate) fn small(random: &mut Random) -> Tree {
    let name = words::name(random);
    let name = name.as_str();
    match random.below(12) {
        0..=2 => service(random, name),
        3 => {
            let metadata = words::metadata(random, name, true);
            object("v1", "ServiceAccount", metadata, vec![("automountServiceAccountToken", Tree::Word("false"))])
        }
        4 | 5 => role(random, name),
        6 => binding(random, name),
        7 => ingress(random, name),
        8 => network_policy(random, name),
        9 => claim(random, name),
        10 => scaler(random, name),
        _ => custom(random, name),
    }
}

fn service(random: &mut Random, name: &str) -> Tree {
    let mut ports = Vec::new();
    for index in 0..random.between(1, 3) {
        let number = random.between(1024, 9999);
        ports.push(map([
            ("name", Tree::Text(format!("port-{index}"))),
            ("port", Tree::Number(number)),
            ("targetPort", if random.chance(50) { Tree::text("http") } else { Tree::Number(number) }),
        ]));
    }
    let selector = map([("app.kubernetes.io/name", Tree::text(name))]);
    let spec = map([("type", Tree::text("ClusterIP")), ("ports", Tree::List(ports)), ("selector", selector)]);
    object("v1", "Service", words::metadata(random, name, true), vec![("spec", spec)])
}

fn role(random: &mut Random, name: &str) -> Tree {
    const RESOURCES: [&str; 6] = ["pods", "deployments", "configmaps", "secrets", "events", "jobs"];
    let mut rules = Vec::new();
    for _ in 0..random.between(1, 12) {
        rules.push(map([
            ("apiGroups", Tree::texts([random.pick(&["", "apps", "batch"])])),
            ("resources", Tree::texts([random.pick(&RESOURCES), "pods/log"])),
            ("verbs", Tree::texts(["get", "list", "watch"])),
        ]));
    }
    let namespaced = random.chance(50);
    let kind = if namespaced { "Role" } else { "ClusterRole" };
    let metadata = words::metadata(random, name, namespaced);
    object("rbac.authorization.k8s.io/v1", kind, metadata, vec![("rules", Tree::List(rules))])
}

fn binding(random: &mut Random, name: &str) -> Tree {
    let role = map([
        ("apiGroup", Tree::text("rbac.authorization.k8s.io")),
        ("kind", Tree::text("ClusterRole")),
        ("name", Tree::text(name)),
    ]);
    let subject = map([
        ("kind", Tree::text("ServiceAccount")),
        ("name", Tree::text(name)),
        ("namespace", Tree::text(words::team(random))),
    ]);
    let body = vec![("roleRef", role), ("subjects", Tree::List(vec![subject]))];
    object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", words::metadata(random, name, false), body)
}

fn ingress(random: &mut Random, name: &str) -> Tree {
    let backend = map([("service", map([("name", Tree::text(name)), ("port", map([("number", Tree::Number(80))]))]))]);
    let path = map([("path", Tree::text("/")), ("pathType", Tree::text("Prefix")), ("backend", backend)]);
    let rule =
        map([("host", Tree::Text(format!("{name}.example.com"))), ("http", map([("paths", Tree::List(vec![path]))]))]);
    let spec = map([("ingressClassName", Tree::text("nginx")), ("rules", Tree::List(vec![rule]))]);
    object("networking.k8s.io/v1", "Ingress", words::metadata(random, name, true), vec![("spec", spec)])
}

fn network_policy(random: &mut Random, name: &str) -> Tree {
    let spec = map([
        ("podSelector", map([("matchLabels", map([("app.kubernetes.io/name", Tree::text(name))]))])),
        ("policyTypes", Tree::texts(["Ingress", "Egress"])),
        ("ingress", Tree::List(vec![map([("from", Tree::List(vec![map([("podSelector", map([]))])]))])])),
        ("egress", Tree::List(Vec::new())),
    ]);
    object("networking.k8s.io/v1", "NetworkPolicy", words::metadata(random, name, true), vec![("spec", spec)])
}

fn claim(random: &mut Random, name: &str) -> Tree {
    let requests = map([("storage", Tree::Text(format!("{}Gi", random.between(1, 500))))]);
    let spec = map([
        ("accessModes", Tree::texts(["ReadWriteOnce"])),
        ("resources", map([("requests", requests)])),
        ("storageClassName", Tree::text("standard")),
    ]);
    object("v1", "PersistentVolumeClaim", words::metadata(random, name, true), vec![("spec", spec)])
}

fn scaler(random: &mut Random, name: &str) -> Tree {
    let target =
        map([("apiVersion", Tree::text("apps/v1")), ("kind", Tree::text("Deployment")), ("name", Tree::text(name))]);
    let metric = map([
        ("type", Tree::text("Resource")),
        (
            "resource",
            map([
                ("name", Tree::text("cpu")),
                ("target", map([("averageUtilization", Tree::Number(80)), ("type", Tree::text("Utilization"))])),
            ]),
        ),
    ]);
    let spec = map([
        ("scaleTargetRef", target),
        ("minReplicas", Tree::Number(random.between(1, 3))),
        ("maxReplicas", Tree::Number(random.between(4, 20))),
        ("metrics", Tree::List(vec![metric])),
    ]);
    object("autoscaling/v2", "HorizontalPodAutoscaler", words::metadata(random, name, true), vec![("spec", spec)])
}

/// A custom resource, with a template that is not a pod's.
fn custom(random: &mut Random, name: &str) -> Tree {
    let template = map([("metadata", map([("labels", words::labels(random, name))])), ("type", Tree::text("Opaque"))]);
    let spec = map([
        ("interval", Tree::text("30s")),
        ("template", template),
        ("values", map([("containers", Tree::Number(3)), ("replicas", Tree::Number(random.below(5)))])),
        ("endpoints", Tree::List(vec![map([("port", Tree::text("http")), ("path", Tree::text("/metrics"))])])),
    ]);
    let kind = capital(words::word(random));
    object("example.com/v1alpha1", &kind, words::metadata(random, name, true), vec![("spec", spec)])
}

/// YAML that is not a Kubernetes object: values, pipelines, compose files.
pub(crate) fn foreign(random: &mut Random) -> Tree {
    match random.below(3) {
        0 => {
            let mut values = Vec::new();
            for index in 0..random.between(3, 30) {
                let image = map([
                    ("repository", Tree::text(words::word(random))),
                    ("tag", Tree::Text(format!("{}.{}", random.below(9), random.below(9)))),
                    ("pullPolicy", Tree::text("IfNotPresent")),
                ]);
                let value = map([
                    ("enabled", Tree::Word(if random.chance(50) { "true" } else { "false" })),
                    ("image", image),
                    ("securityContext", map([])),
                    ("nodeSelector", map([])),
                    ("tolerations", Tree::List(Vec::new())),
                    ("description", Tree::Prose(words::prose(random, 50))),
                ]);
                values.push((format!("{}{index}", words::word(random)), value));
            }
            Tree::Map(values)
        }
        1 => {
            let steps = ["actions/checkout@v4", "actions/setup-go@v5"].map(|step| map([("uses", Tree::text(step))]));
            let run =
                map([("name", Tree::text("Test: all")), ("run", Tree::Lines("make lint\nmake test\n".to_owned()))]);
            let steps = Tree::List(steps.into_iter().chain([run]).collect());
            let job = map([("runs-on", Tree::text("ubuntu-24.04")), ("steps", steps)]);
            map([
                ("name", Tree::text("CI")),
                (
                    "on",
                    map([("push", map([("branches", Tree::texts(["main"]))])), ("pull_request", Tree::Word("null"))]),
                ),
                ("jobs", map([("test", job)])),
            ])
        }
        _ => {
            let mut services = Vec::new();
            for index in 0..random.between(1, 8) {
                let service = map([
                    ("<<", Tree::Alias("defaults")),
                    ("image", Tree::Text(words::image(random))),
                    ("ports", Tree::texts(["8080:80"])),
                    ("environment", Tree::texts(["A=b", "C=d"])),
                ]);
                services.push((format!("{}{index}", words::word(random)), service));
            }
            let defaults = map([("restart", Tree::text("always")), ("init", Tree::Word("true"))]);
            map([("x-defaults", Tree::Anchor("defaults", Box::new(defaults))), ("services", Tree::Map(services))])
        }
    }
}
