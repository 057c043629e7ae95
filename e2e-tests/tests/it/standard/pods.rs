//! Pods in which the fields hold every value: one by one, the pod's against a container's, and at random.

use serde_json::{Value, json};

use super::fields::{At, Field, fields};

/// The lists of containers.
const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// A pod with containers in every list; `hardened` if it passes restricted at every version.
pub(crate) fn base(hardened: bool) -> Value {
    let container = |name: &str| {
        let plain = json!({ "name": name, "image": "registry.example/app:1" });
        if !hardened {
            return plain;
        }
        let mut container = plain;
        container["securityContext"] =
            json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } });
        container
    };
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "pod", "namespace": "default" },
        "spec": {
            "containers": [container("first"), container("second")],
            "initContainers": [container("init")],
            "ephemeralContainers": [container("debug")],
        },
    });
    if hardened {
        pod["spec"]["securityContext"] =
            json!({ "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } });
    }
    pod
}

/// Puts `value` to `path`, making the objects on the way.
pub(crate) fn put(target: &mut Value, path: &[&str], value: Value) {
    let place = path.iter().fold(target, |place, step| match step.parse::<usize>() {
        Ok(index) => &mut place[index],
        Err(_) => {
            if !place.is_object() {
                *place = json!({});
            }
            &mut place[*step]
        }
    });
    *place = value;
}

/// The places of a field: one for the pod, or one for each list of containers.
pub(crate) fn places(field: &Field) -> Vec<Vec<&'static str>> {
    let of_containers = |below: &'static [&'static str]| {
        let at = move |list| [&["spec", list, "0"], below, &[field.key]].concat();
        LISTS.map(at).to_vec()
    };
    match field.at {
        At::Metadata => vec![vec!["metadata", field.key]],
        At::Spec => vec![vec!["spec", field.key]],
        At::PodContext => vec![vec!["spec", "securityContext", field.key]],
        At::Container => of_containers(&[]),
        At::ContainerContext => of_containers(&["securityContext"]),
        At::Contexts => {
            let mut places = of_containers(&["securityContext"]);
            places.push(vec!["spec", "securityContext", field.key]);
            places
        }
    }
}

/// Properties that turn checks off or on for the whole pod: its system and whether it has users of its own.
const KINDS_OF_POD: [(Option<&str>, Option<bool>); 5] = [
    (None, None),
    (None, Some(false)),
    (Some("windows"), None),
    (Some("windows"), Some(false)),
    (Some("linux"), Some(true)),
];

fn of_kind(mut pod: Value, (os, host_users): (Option<&str>, Option<bool>)) -> Value {
    if let Some(os) = os {
        pod["spec"]["os"] = json!({ "name": os });
    }
    if let Some(host_users) = host_users {
        pod["spec"]["hostUsers"] = json!(host_users);
    }
    pod
}

/// Gives `take` pods that differ from the base in one field, or in one field of the pod and of a container.
pub(crate) fn systematic(take: &mut dyn FnMut(Value)) {
    let fields = fields();
    for hardened in [false, true] {
        for kind in KINDS_OF_POD {
            let pod = of_kind(base(hardened), kind);
            take(pod.clone());
            for field in &fields {
                for place in places(field) {
                    for value in &field.values {
                        let mut pod = pod.clone();
                        put(&mut pod, &place, value.clone());
                        take(pod);
                    }
                }
            }
        }
    }
    for kind in &KINDS_OF_POD[..3] {
        let pod = of_kind(base(true), *kind);
        for field in fields.iter().filter(|field| field.at == At::Contexts) {
            for (of_pod, of_container) in pairs(&field.values) {
                for list in LISTS {
                    let mut pod = pod.clone();
                    put(&mut pod, &["spec", "securityContext", field.key], of_pod.clone());
                    put(&mut pod, &["spec", list, "0", "securityContext", field.key], of_container.clone());
                    take(pod);
                }
            }
        }
    }
}

fn pairs(values: &[Value]) -> impl Iterator<Item = (&Value, &Value)> {
    values.iter().flat_map(|first| values.iter().map(move |second| (first, second)))
}

/// Numbers that look random and are the same every time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = u64::try_from(bound).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % bound).unwrap()
    }
}

/// Gives `take` pods in which some of all fields, in all places, hold any of their values.
pub(crate) fn random(count: usize, seed: u64, take: &mut dyn FnMut(Value)) {
    let fields = fields();
    let places: Vec<_> = fields.iter().map(|field| (field, places(field))).collect();
    let mut dice = Dice::new(seed);
    for _ in 0..count {
        let mut pod = base(dice.below(4) != 0);
        for list in ["initContainers", "ephemeralContainers"] {
            if dice.below(3) == 0 {
                pod["spec"][list] = [json!([]), json!(null)][dice.below(2)].clone();
            }
        }
        // Few changes leave pods that pass.
        let one_in = [6, 20, 60][dice.below(3)];
        for (field, places) in &places {
            for place in places {
                let stands = place[0] != "spec" || place.len() < 4 || pod["spec"][place[1]].get(0).is_some();
                if stands && dice.below(one_in) == 0 {
                    put(&mut pod, place, field.values[dice.below(field.values.len())].clone());
                }
            }
        }
        take(pod);
    }
}
