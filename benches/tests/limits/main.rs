//! Holds the limits of a policy: instructions and memory, the same numbers on every machine.
#![allow(clippy::unwrap_used)]

mod crowds;

use std::sync::LazyLock;

use benches::meter::{Meter, Spent};
use cases::BUNDLE;
use crowds::{Crowd, PodOf, crowds, pod};
use e2e_tests::policies::modules;
use hardening::catalogue::{APART, IDS};
use hardening::guest::STACK;
use serde_json::{Value, json};

type Policy = (&'static str, Meter);

/// Every compiled policy; the meter answers those that ask their host.
fn policies() -> &'static [Policy] {
    static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
        let ids: Vec<_> = IDS.iter().chain(APART).copied().chain([BUNDLE]).collect();
        let modules = modules(&ids).unwrap();
        std::thread::scope(|scope| {
            let threads = modules.iter().map(|(id, wasm)| scope.spawn(|| (*id, Meter::new(wasm).unwrap())));
            threads.collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    });
    &POLICIES
}

/// The policy that demands digests.
const PINS: &str = "image-digest";

fn payload(settings: &Value, request: &Value) -> Vec<u8> {
    json!({ "settings": settings, "request": request }).to_string().into_bytes()
}

/// Formats the measurements for the message of a limit that does not hold.
fn table(rows: &[String]) -> String {
    format!("\n{}\n", rows.join("\n"))
}

/// Instructions for a kilobyte of an accepted request: those of the rule that takes most but for the exceptions, and a
/// fifth more.
const PER_KILOBYTE: u64 = 72_132;
/// Policies that may take more; two of them read what their host answers.
const EXCEPTIONS: [(&str, u64); 5] = [
    ("image-digest", 112_220),
    ("image-tag", 75_541),
    ("image-user", 92_174),
    ("resources", 82_764),
    (BUNDLE, 106_483),
];

#[test]
fn instructions_for_a_kilobyte() {
    let request = benches::requests::all().unwrap().into_iter().find(|r| r.name == benches::requests::POD).unwrap();
    let payload = request.payload("{}");
    let rows = policies().iter().filter_map(|(id, meter)| {
        let spent = meter.validate(&payload).unwrap();
        let rate = spent.fuel * 1024 / payload.len() as u64;
        let limit = EXCEPTIONS.iter().find(|(known, _)| known == id).map_or(PER_KILOBYTE, |(_, limit)| *limit);
        (rate > limit).then(|| format!("    (\"{id}\", {}), // above the limit of {limit}", rate * 6 / 5))
    });
    let rows: Vec<String> = rows.collect();
    assert!(rows.is_empty(), "{}", table(&rows));
}

/// Instructions that do not depend on how much there is.
const CONSTANT: u64 = 150_000;
/// The factor that sorting and looking up add for each doubling.
const LOGARITHM: f64 = 1.15;
/// Sizes, each twice the one before.
const SIZES: [usize; 4] = [50, 100, 200, 400];

#[test]
fn twice_as_much_takes_at_most_twice_as_long() {
    let mut rows = Vec::new();
    for crowd in crowds() {
        let payloads = SIZES.map(|size| payload_of(&crowd, size));
        for (id, meter) in policies().iter().filter(|(id, _)| crowd.is_for(id)) {
            let fuel = payloads.each_ref().map(|payload| measure(id, meter, &crowd, payload).fuel);
            let grows = |pair: &[u64]| pair[1] as f64 > 2.0 * LOGARITHM * pair[0] as f64 + CONSTANT as f64;
            if fuel.windows(2).any(grows) {
                rows.push(format!("{id}: {}: {fuel:?}", crowd.name));
            }
        }
    }
    assert!(rows.is_empty(), "{}", table(&rows));
}

fn payload_of(crowd: &Crowd, size: usize) -> Vec<u8> {
    let (settings, request) = (crowd.make)(size);
    payload(&settings, &request)
}

fn measure(id: &str, meter: &Meter, crowd: &Crowd, payload: &[u8]) -> Spent {
    let spent = meter.validate(payload).unwrap();
    let answer: Value = serde_json::from_slice(spent.answer.as_ref().unwrap()).unwrap();
    // None of the images has a digest.
    let accepted = crowd.accepted.filter(|accepted| id != PINS || !accepted);
    assert!(accepted.is_none_or(|accepted| answer["accepted"] == accepted), "{id}: {}: {answer}", crowd.name);
    spent
}

/// Pages of 64 KiB that an instance begins with.
const PAGES: [(&str, usize); 2] = [(BUNDLE, 3), ("a rule", 2)];
/// Bytes of memory for each byte of the request and of the answer, and what any call may use.
const MEMORY_FOR_A_BYTE: usize = 12;
const MEMORY: usize = 1 << 20;

#[test]
fn memory() {
    let mut rows = Vec::new();
    for crowd in crowds() {
        for size in [1, 400] {
            let payload = payload_of(&crowd, size);
            for (id, meter) in policies().iter().filter(|(id, _)| crowd.is_for(id)) {
                let spent = meter.validate(&payload).unwrap();
                let pages = PAGES.iter().find(|(known, _)| known == id).unwrap_or(&PAGES[1]).1;
                if spent.initial_memory > pages << 16 {
                    rows.push(format!("{id}: begins with {} pages", spent.initial_memory >> 16));
                }
                let grown = spent.memory - spent.initial_memory;
                let bytes = payload.len() + spent.answer.as_ref().unwrap().len();
                if grown > MEMORY + MEMORY_FOR_A_BYTE * bytes {
                    rows.push(format!("{id}: {} of {size}: {grown} bytes for {bytes}", crowd.name));
                }
            }
        }
    }
    assert!(rows.is_empty(), "{}", table(&rows));
}

/// A stack that overflows runs into the end of the memory and traps.
#[test]
fn the_stack_lies_below_the_data() {
    for (id, meter) in policies() {
        let spent = meter.validate(b"{}").unwrap();
        assert!((STACK..STACK + 1024).contains(&spent.data), "{id}: data begin at {}", spent.data);
    }
}

/// A value in so many brackets.
fn nested(depth: usize, open: &str, close: &str) -> String {
    [&open.repeat(depth), "1", &close.repeat(depth)].concat()
}

/// Payloads of objects with a value as deep as can be read, everywhere that one can stand.
fn deep() -> Vec<String> {
    let mut payloads = Vec::new();
    let mut add = |settings: &str, kind: &str, object: &str| {
        let request = format!(r#"{{"operation":"CREATE","kind":{{"group":"","kind":"{kind}"}},"object":{object}}}"#);
        for mode in ["", r#","action":"mutate","overwrite":true,"unfixable":"warn""#] {
            payloads.push(format!(r#"{{"settings":{{"podTemplates":[{settings}]{mode}}},"request":{request}}}"#));
        }
    };
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        for depth in 100..130 {
            let deep = nested(depth, open, close);
            for spec in [
                format!(r#""containers":[{{"name":"a","x":{deep}}}]"#),
                format!(r#""containers":[{{"name":"a","resources":{{"limits":{{"cpu":{deep}}}}}}}]"#),
                format!(r#""containers":[{deep}]"#),
                format!(r#""containers":[{{"name":"a","securityContext":{{"seccompProfile":{{"x":{deep}}}}}}}]"#),
                format!(r#""containers":[{{"name":"a"}}],"volumes":[{{"name":"v","csi":{{"x":{deep}}}}}]"#),
            ] {
                add("", "Pod", &format!(r#"{{"spec":{{{spec}}}}}"#));
            }
            // A template as deep down as a pointer can lead.
            let template =
                [&r#"{"a":"#.repeat(depth), r#"{"spec":{"containers":[{"name":"a"}]}}"#, &"}".repeat(depth)].concat();
            add(&format!(r#""{}""#, "/a".repeat(depth)), "Widget", &template);
        }
    }
    payloads
}

/// With the deepest input, what is accepted is answered, and the rest is refused with an error; either way half of
/// the stack is left.
#[test]
fn the_deepest_request_takes_half_of_the_stack() {
    let mut rows = Vec::new();
    let payloads = deep();
    let crowds: Vec<_> = crowds().into_iter().map(|crowd| (payload_of(&crowd, 100), crowd)).collect();
    for (id, meter) in policies() {
        let (mut deepest, mut read, mut refused) = (0, 0, 0);
        for payload in &payloads {
            let spent = meter.validate(payload.as_bytes()).unwrap_or_else(|trap| panic!("{id}: {trap}: {payload}"));
            deepest = deepest.max(spent.stack);
            *(if spent.answer.is_ok() { &mut read } else { &mut refused }) += 1;
        }
        for (payload, crowd) in crowds.iter().filter(|(_, crowd)| crowd.is_for(id)) {
            deepest = deepest.max(measure(id, meter, crowd, payload).stack);
        }
        assert!(read > 0 && refused > 0, "{id}: {read} are read, {refused} refused");
        if deepest > STACK / 2 {
            rows.push(format!("{id}: {deepest} of {STACK} bytes"));
        }
    }
    assert!(rows.is_empty(), "{}", table(&rows));
}

/// The crowds mean what they say.
#[test]
fn the_hardened_pod_is_accepted_and_the_other_refused_by_every_policy() {
    for (id, meter) in policies() {
        for (spec, accepted) in [(PodOf::Hardened, *id != PINS), (PodOf::Worst, false)] {
            let spent = meter.validate(&payload(&json!({}), &pod(&spec, 2))).unwrap();
            let answer: Value = serde_json::from_slice(spent.answer.as_ref().unwrap()).unwrap();
            assert_eq!(answer["accepted"], accepted, "{id}: {answer}");
        }
    }
}
