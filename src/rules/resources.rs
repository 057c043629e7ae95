//! Rule `resources`.

mod demand;
mod pair;

pub use demand::{ByResource, Demand, Ratio, Required};

use super::check::Standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::quantity::Quantity;
use crate::settings::SettingsError;
use crate::view::{ContainerKind, View};
use crate::violation::Report;
use demand::{demanded, may_differ, not_above, zero_means_unlimited};
use pair::{ResourceOwner, claimed};

crate::settings! {
    /// Containers state what they request and may use at most, within the bounds that are set.
    ///
    /// A container without a limit can take the processors and the memory of its whole node, by fault or
    /// by intent, and its neighbours starve or are killed. Without a request the scheduler reserves
    /// nothing for it, and it is among the first to be evicted.
    ///
    /// A limit of 0 is none for Kubernetes, so it does not count for `cpu`, `memory` and
    /// `ephemeral-storage`. A request that is left out equals the limit once the pod is made, so a limit is
    /// enough for both unless `required` is `explicit`; `min` and `max` of the request judge that value too.
    /// A request above its limit is refused by Kubernetes and always reported, as are quantities that are
    /// negative or none.
    ///
    /// A repair fills in `default`, keeping the request at or below the limit; a request that equals a limit
    /// above its `max` is written as its `default` or `max`. With `overwrite`, values outside `min` and
    /// `max` become `min` or `max`, and a limit that is `required: never` is taken away. Nothing is repaired in a resource that the pod states as a whole.
    ///
    /// **Restricted fields:** `resources.requests` and `resources.limits` of containers and init containers
    /// (ephemeral containers cannot have them), and `spec.resources` of the pod.
    ///
    /// **Allowed values:** a quantity from `min` to `max` for every resource that is `required`. What the pod
    /// states in `spec.resources` (cpu, memory, huge pages) covers its containers that state nothing, and is
    /// itself held to `min`, `max` and `maxLimitRequestRatio`.
    ///
    /// **Kubernetes:** all versions; `spec.resources` since 1.34 (1.32 with a feature gate). A `LimitRange`
    /// fills in pods before policies see them, but not the templates of workloads.
    pub struct Resources {
        /// Demands on requests, by resource: `cpu`, `memory`, `ephemeral-storage`, `hugepages-2Mi` or `domain/name`.
        /// Replaces the default as a whole.
        requests("requests"): ByResource<Demand> = demanded(&["cpu", "memory"]) => serde_json::json!({
            "additionalProperties": { "properties": { "required": { "enum": [true, false, "explicit"] } } },
        }),
        /// Demands on limits, by resource. Replaces the default as a whole.
        limits("limits"): ByResource<Demand> = demanded(&["cpu", "memory"]) => serde_json::json!({
            "additionalProperties": { "properties": { "required": { "enum": [true, false, "never"] } } },
        }),
        /// How many times its request a limit may be at most, by resource, such as `{cpu: 4, memory: 1.5}`.
        max_limit_request_ratio("maxLimitRequestRatio"): ByResource<Ratio> = ByResource::default(),
    }
    check(this) {
        for (name, request) in &this.requests.0 {
            this.verify_request(name, request).map_err(|error| error.under(name).under("requests"))?;
        }
        for (name, limit) in &this.limits.0 {
            verify_limit(name, limit).map_err(|error| error.under(name).under("limits"))?;
        }
    }
}

/// Refuses demands that no limit meets.
fn verify_limit(name: &str, limit: &Demand) -> Result<(), SettingsError> {
    if limit.required == Required::Explicit {
        let error = SettingsError::new("must be true, false or \"never\": a limit is not taken from elsewhere");
        return Err(error.under("required"));
    }
    for (key, amount) in [("default", &limit.default), ("max", &limit.max)] {
        if zero_means_unlimited(name) && amount.as_ref().is_some_and(|amount| amount.quantity.is_zero()) {
            let error = SettingsError::new("must be greater than 0, which Kubernetes takes as no limit");
            return Err(error.under(key));
        }
    }
    Ok(())
}

impl Resources {
    /// Refuses demands on a request that those on its limit contradict.
    fn verify_request(&self, name: &str, request: &Demand) -> Result<(), SettingsError> {
        if request.required == Required::Never {
            return Err(SettingsError::new("must be true, false or \"explicit\"").under("required"));
        }
        if request.default.is_some() && !may_differ(name) {
            let error = SettingsError::new("give the default in limits: Kubernetes wants both to be equal");
            return Err(error.under("default"));
        }
        let Some(limit) = self.limits.get(name) else { return Ok(()) };
        for (key, low) in [("min", &request.min), ("default", &request.default)] {
            for (limit_key, high) in [("default", &limit.default), ("max", &limit.max)] {
                let limit_key = ["limits.", name, ".", limit_key].concat();
                not_above(low.as_ref(), &limit_key, high.as_ref()).map_err(|error| error.under(key))?;
            }
        }
        if let (Some(low), Some(high)) = (&request.default, &limit.default)
            && !self.is_in_ratio(name, low.quantity, high.quantity)
        {
            let error =
                SettingsError::new(["limits.", name, ".default is more than maxLimitRequestRatio times this"].concat());
            return Err(error.under("default"));
        }
        Ok(())
    }

    fn is_in_ratio(&self, name: &str, request: Quantity, limit: Quantity) -> bool {
        self.max_limit_request_ratio.get(name).is_none_or(|ratio| limit.is_within(request, ratio.thousandths))
    }
}

impl RuleMeta for Resources {
    const ID: &'static str = "resources";
    const TITLE: &'static str = "Containers state requests and limits";
    const SEVERITY: Severity = Severity::Medium;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = true;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
        "https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/",
    ];
    const BY_HAND: &'static str = "choose an amount";
    const EXAMPLE: Example = Example {
        rejected: "containers: [{resources: {limits: {memory: 256Mi}}}]",
        accepted: "containers: [{resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {cpu: 500m, memory: \
              256Mi}}}]",
        fix: "Measure what the program uses (`kubectl top pod --containers`), request that, and limit it to what \
              it may use in bad times. Above the memory limit it is killed, above the cpu limit it is slowed down.",
    };
}

impl Standard for Resources {}

impl Rule for Resources {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        let claimed = &claimed(view);
        ResourceOwner { view, container: None, claimed }.judge(self, report);
        for container in view.containers().filter(|container| container.kind != ContainerKind::Ephemeral) {
            ResourceOwner { view, container: Some(&container), claimed }.judge(self, report);
        }
    }
}

#[cfg(test)]
mod tests;
