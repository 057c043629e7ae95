//! Limits, and the values that `resourceFieldRef` takes from them.

use std::collections::BTreeMap;

use hardening::quantity::Quantity;
use serde_json::Value;

use super::error::TranslateError;
use super::given::Given;
use super::template::{Container, ResourceFieldRef};

/// The resources of a node, which stand for a limit that is not set. A cluster has its own.
const NODE: [(&str, &str); 3] = [("cpu", "2"), ("memory", "8Gi"), ("ephemeral-storage", "100Gi")];

/// The limit of memory in bytes and of processor time in thousandths of a core: the container's, else the pod's.
pub(super) fn limits(
    given: &Given<'_>,
    at: &str,
    container: &Container,
) -> Result<(Option<u64>, Option<u64>), TranslateError> {
    let limit = |resource: &str, unit: &str| {
        let own = (format!("{at}.resources.limits.{resource}"), container.resources.limits.get(resource));
        let pods = (format!("spec.resources.limits.{resource}"), given.template.spec.resources.limits.get(resource));
        let (field, value) = if own.1.is_some() { own } else { pods };
        let amount = value.map(|value| rounded_up(given, &field, value, unit)).transpose()?;
        Ok::<_, TranslateError>(amount.filter(|amount| *amount > 0))
    };
    Ok((limit("memory", "")?, limit("cpu", "m")?))
}

/// The value of a `resourceFieldRef`, as text.
pub(super) fn field(
    given: &Given<'_>,
    at: &str,
    own: Option<&Container>,
    wanted: &ResourceFieldRef,
) -> Result<String, TranslateError> {
    let mut all = given.containers().map(|(_, container)| container);
    let container = match wanted.container_name.as_str() {
        "" => own,
        name => all.find(|container| container.name == name),
    };
    let Some(container) = container else {
        let why = format!("there is no container {:?} in this pod; write the name of one", wanted.container_name);
        return Err(given.value(&format!("{at}.containerName"), why));
    };
    let (list, resource) = wanted.resource.split_once('.').unwrap_or_default();
    let unit = if resource == "cpu" { "m" } else { "" };
    let field = format!("{at}.resource");
    let ask = |values: &BTreeMap<String, Value>| {
        values.get(resource).map(|value| rounded_up(given, &field, value, unit)).transpose()
    };
    let known = NODE.iter().find(|(name, _)| *name == resource);
    if !matches!(list, "limits" | "requests") || known.is_none() && !resource.starts_with("hugepages-") {
        let why = format!("{:?} is none of limits.cpu, limits.memory, requests.cpu and their like", wanted.resource);
        return Err(given.value(&field, why));
    }
    let limit = ask(&container.resources.limits)?;
    let amount = if list == "requests" {
        // The API server fills in requests from limits.
        ask(&container.resources.requests)?.or(limit).unwrap_or(0)
    } else if let Some(limit) = limit.or(ask(&given.template.spec.resources.limits)?).filter(|limit| *limit > 0) {
        limit
    } else if let Some((_, node)) = known {
        let why = format!(
            "Container {}: no {resource} limit is set, so {} is {node}, as if that were what the node has.",
            container.name, wanted.resource
        );
        given.note(why);
        rounded_up(given, &field, &Value::from(*node), unit)?
    } else {
        0
    };
    let divisor = if wanted.divisor.is_null() { Value::from(1) } else { wanted.divisor.clone() };
    let divisor = match rounded_up(given, &format!("{at}.divisor"), &divisor, unit)? {
        0 => rounded_up(given, &field, &Value::from(1), unit)?,
        divisor => divisor,
    };
    Ok(amount.div_ceil(divisor).to_string())
}

/// A quantity in whole units of `unit`, rounded up.
fn rounded_up(given: &Given<'_>, field: &str, value: &Value, unit: &str) -> Result<u64, TranslateError> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let quantity = Quantity::parse(text.trim_ascii()).map_err(|why| given.value(field, format!("{text} {why}")))?;
    if quantity.is_negative() {
        return Err(given.value(field, format!("{text} must not be negative")));
    }
    let is_enough = |units: u64| Quantity::parse(&format!("{units}{unit}")).is_ok_and(|units| units >= quantity);
    // The smallest number of units that is enough, halving what is between too few and enough.
    let (mut few, mut enough) = (0, u64::MAX);
    if is_enough(0) {
        return Ok(0);
    }
    while enough - few > 1 {
        let middle = few + (enough - few) / 2;
        if is_enough(middle) { enough = middle } else { few = middle }
    }
    Ok(enough)
}
