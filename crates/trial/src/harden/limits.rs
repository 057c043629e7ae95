//! The limits of containers.

use std::collections::BTreeMap;
use std::time::Duration;

use hardening::quantity::Quantity;
use serde_json::{Value, json};

use super::Given;
use crate::need::{self, MEBIBYTE};
use crate::outcome::Evidence;
use crate::spec;

/// The least that is asked for or allowed: measuring a small program says little.
const LEAST_MEMORY: u64 = 16 * MEBIBYTE;
const LEAST_CPU: u64 = 100;
const LEAST_CPU_REQUEST: u64 = 10;

/// Fills in the limits that a container and its pod leave unset, so much above what was measured, and the requests.
pub(super) fn fill(
    pod: &mut Value,
    container: &str,
    (evidence, took): (&Evidence, Duration),
    head_room: u32,
    given: &mut Vec<Given>,
) {
    let with_room = |measured: u64| measured.saturating_mul(100 + u64::from(head_room)).div_ceil(100);
    let of_pod = pod["resources"]["limits"].clone();
    if let Some(peak) = evidence.memory.filter(|_| of_pod["memory"].is_null()) {
        let limit = with_room(peak).max(LEAST_MEMORY);
        let shown = |bytes: u64| need::memory(bytes);
        let filled = one(pod, container, "memory", (peak.max(LEAST_MEMORY), limit), 1000, shown);
        given.extend(filled.map(|limit| Given::Limit { container: container.to_owned(), resource: "memory", limit }));
    }
    if let Some(used) = evidence.processor.filter(|_| of_pod["cpu"].is_null()) {
        let measured = u64::try_from(used.as_micros() * 1000 / took.as_micros().max(1)).unwrap_or(u64::MAX);
        let measured = measured.max(LEAST_CPU_REQUEST).next_multiple_of(10);
        let limit = with_room(measured).max(LEAST_CPU).next_multiple_of(50);
        let filled = one(pod, container, "cpu", (measured, limit), 1, |millis| format!("{millis}m"));
        given.extend(filled.map(|limit| Given::Limit { container: container.to_owned(), resource: "cpu", limit }));
    }
}

/// The containers that a run did not measure, and that have no limit of memory for this reason.
pub(super) fn unmeasured<'e>(pod: &Value, evidence: &'e BTreeMap<String, Evidence>) -> impl Iterator<Item = &'e str> {
    let limit = |of: &Value| of["resources"]["limits"]["memory"].is_null();
    let is_bare = move |name: &str| limit(pod) && spec::container(pod, name).is_some_and(limit);
    let unseen = evidence.iter().filter(|(_, evidence)| evidence.memory.is_none());
    unseen.map(|(name, _)| name.as_str()).filter(move |name| is_bare(name))
}

/// Fills in the limit of one resource, and its request; gives the limit. What was measured is in units of so many
/// thousandths.
fn one(
    pod: &mut Value,
    container: &str,
    resource: &str,
    (request, limit): (u64, u64),
    thousandths: u64,
    shown: impl Fn(u64) -> String,
) -> Option<String> {
    let own = spec::container_mut(pod, container)?;
    let resources = spec::object(own, "resources");
    let written = |value: Option<&Value>| value.filter(|value| !value.is_null()).cloned();
    if written(resources.get("limits").and_then(|limits| limits.get(resource))).is_some() {
        return None;
    }
    // A limit below the author's own request is refused.
    let wanted = written(resources.get("requests").and_then(|requests| requests.get(resource)));
    let least = wanted.as_ref().map(|wanted| quantity(wanted).map(|millis| millis.div_ceil(thousandths)));
    let limit = match least {
        Some(least) => limit.max(least?),
        None => {
            spec::object(resources, "requests").insert(resource.to_owned(), json!(shown(request)));
            limit
        }
    };
    let limit = shown(limit);
    spec::object(resources, "limits").insert(resource.to_owned(), json!(limit));
    Some(limit)
}

/// A quantity in thousandths.
fn quantity(value: &Value) -> Option<u64> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Quantity::parse(&text).ok()?.millis()
}
