//! Judges and repairs the request and the limit of one resource of one owner.

use serde_json::value::RawValue;

use super::Resources;
use super::demand::{Demand, Required, is_pod_level, may_differ, zero_means_unlimited};
use crate::json;
use crate::path::push_key;
use crate::pod;
use crate::quantity::{Amount, Quantity, unquoted};
use crate::view::{ContainerKind, ContainerView, View};
use crate::violation::{Edit, Fix, Found, Report, Violation};

/// The owner of resources: a container, or the pod for all of them.
pub(super) struct ResourceOwner<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) container: Option<&'a ContainerView<'a>>,
    /// The result of [`claimed`].
    pub(super) claimed: &'a [bool],
}

/// For each of the pod's own limits, whether a container states something about that resource.
pub(super) fn claimed(view: &View<'_>) -> Vec<bool> {
    let own = view.spec().resources.as_ref();
    let Some(limits) = own.and_then(|own| own.limits.as_ref()) else { return Vec::new() };
    let mut claimed = vec![false; limits.0.len()];
    for container in view.all_containers().filter(|container| container.kind != ContainerKind::Ephemeral) {
        let Some(own) = &container.container.resources else { continue };
        for (name, raw) in [&own.requests, &own.limits].into_iter().flatten().flat_map(|list| list.distinct()) {
            if let Some(index) = limits.place(name).filter(|_| !json::is_null(raw)) {
                claimed[index] = true;
            }
        }
    }
    claimed
}

/// The two lists of quantities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Requests,
    Limits,
}

/// One resource of one owner, and what is asked of it there.
struct Pair<'a> {
    rule: &'a Resources,
    name: &'a str,
    request: Option<&'a Amount>,
    limit: Option<&'a Amount>,
    /// Whether a request that is left out becomes the limit.
    is_copied: bool,
    request_required: Required,
    limit_required: bool,
    /// Whether there must be no limit.
    is_unlimited: bool,
}

/// The quantity that `resources` states; `null` is none.
fn stated<'a>(resources: Option<&'a pod::Resources<'a>>, list: List, name: &str) -> Option<&'a RawValue> {
    let quantities = match list {
        List::Requests => resources?.requests.as_ref()?,
        List::Limits => resources?.limits.as_ref()?,
    };
    quantities.get(name).copied().filter(|raw| !json::is_null(raw))
}

/// Whether `resources` states anything of the resource.
fn states(resources: Option<&pod::Resources<'_>>, name: &str) -> bool {
    [List::Requests, List::Limits].into_iter().any(|list| stated(resources, list, name).is_some())
}

impl<'a> ResourceOwner<'a> {
    /// Reports what the rule does not accept there.
    pub(super) fn judge(&self, rule: &Resources, report: &mut Report) {
        for name in self.names(rule) {
            let (request, limit) = (self.amount(List::Requests, name), self.amount(List::Limits, name));
            let (Ok(request), Ok(limit)) = (&request, &limit) else {
                for (list, error) in [(List::Requests, request.err()), (List::Limits, limit.err())] {
                    if let Some(error) = error {
                        report.add(self.violation(list, name, error.to_owned()));
                    }
                }
                continue;
            };
            let pair = self.pair(rule, name, request.as_ref(), limit.as_ref());
            for (list, wanted) in pair.problems() {
                let mut violation = self.violation(list, name, wanted);
                violation.fix = if self.is_repairable(name) { self.fix(&pair, list) } else { None };
                report.add(violation);
            }
        }
    }

    fn own(&self) -> Option<&'a pod::Resources<'a>> {
        let own = self.container.map_or(&self.view.spec().resources, |c| &c.container.resources);
        own.as_ref()
    }

    /// The resources to judge: those of the settings, and those stated here.
    fn names<'n>(&self, rule: &'n Resources) -> Vec<&'n str>
    where
        'a: 'n,
    {
        let mut names: Vec<&'n str> = Vec::new();
        let ratios = rule.max_limit_request_ratio.0.iter().map(|(name, _)| name);
        for name in
            [&rule.requests, &rule.limits].into_iter().flat_map(|list| &list.0).map(|(name, _)| name).chain(ratios)
        {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        // A container may state any number of others.
        let asked = names.len();
        if let Some(own) = self.own() {
            for (list, quantities) in [(List::Requests, &own.requests), (List::Limits, &own.limits)] {
                for (name, _) in quantities.iter().flat_map(|quantities| quantities.distinct()) {
                    let is_known = list == List::Limits
                        && own.requests.as_ref().is_some_and(|requests| requests.place(name).is_some());
                    if !is_known && !names[..asked].contains(&name) {
                        names.push(name);
                    }
                }
            }
        }
        names
    }

    /// The quantity that is stated here.
    ///
    /// # Errors
    /// Something that is not a quantity, or a negative one.
    fn amount(&self, list: List, name: &str) -> Result<Option<Amount>, &'static str> {
        let Some(raw) = stated(self.own(), list, name) else { return Ok(None) };
        match Quantity::from_json(raw)? {
            quantity if quantity.is_negative() => Err("must not be negative"),
            quantity => Ok(Some(Amount { text: unquoted(raw).to_owned(), quantity })),
        }
    }

    fn pair<'p>(
        &self,
        rule: &'p Resources,
        name: &'p str,
        request: Option<&'p Amount>,
        limit: Option<&'p Amount>,
    ) -> Pair<'p> {
        let pod = self.view.spec().resources.as_ref().filter(|_| is_pod_level(name));
        let pod_limit = stated(pod, List::Limits, name).is_some();
        // Kubernetes makes the pod's request of its limit unless a container requests something.
        let at = pod.and_then(|pod| pod.limits.as_ref()).and_then(|limits| limits.place(name));
        let is_pod_copied = pod_limit && !at.is_some_and(|index| self.claimed[index]);
        let mut request_required = rule.requests.get(name).map_or(Required::No, |demand| demand.required);
        let limit_demand = rule.limits.get(name).map_or(Required::No, |demand| demand.required);
        let is_unlimited = limit_demand == Required::Never;
        let mut limit_required = !matches!(limit_demand, Required::No | Required::Never);
        // A limit that must go cannot stand in for the request.
        if is_unlimited && request_required == Required::Yes {
            request_required = Required::Explicit;
        }
        let pod_request =
            stated(pod, List::Requests, name).is_some() || (is_pod_copied && request_required == Required::Yes);
        if self.container.is_none() || pod_request {
            request_required = Required::No;
        }
        if self.container.is_none() || pod_limit {
            limit_required = false;
        }
        let is_copied = self.container.is_some() || is_pod_copied;
        Pair { rule, name, request, limit, is_copied, request_required, limit_required, is_unlimited }
    }

    /// The field path of a quantity.
    fn path(&self, list: List, name: &str) -> String {
        let field = match list {
            List::Requests => "resources.requests",
            List::Limits => "resources.limits",
        };
        let mut path = self.container.map_or_else(|| self.view.spec_path(field), |c| c.path(field));
        push_key(&mut path, name);
        path
    }

    fn violation(&self, list: List, name: &str, wanted: String) -> Violation {
        let found = stated(self.own(), list, name).map_or(Found::Unset, |raw| Found::Json(raw.get().to_owned()));
        let path = self.path(list, name);
        match self.container {
            Some(container) => Violation::in_container(container, path, found, wanted),
            None => Violation::at(path, found, wanted),
        }
    }

    /// Whether a repair may touch the resource here. Where the pod states it, the sum of all containers
    /// must fit, so a person has to decide.
    fn is_repairable(&self, name: &str) -> bool {
        self.container.is_some() && !states(self.view.spec().resources.as_ref(), name)
    }

    fn fix(&self, pair: &Pair<'_>, list: List) -> Option<Fix> {
        let set = |list, to: &Amount| Edit::Set { path: self.path(list, pair.name), value: json::string(&to.text) };
        let filled = match list {
            List::Requests if pair.request.is_none() => pair.fill_request(),
            // No other repair sets a limit.
            List::Limits if pair.limit.is_none() => Some(pair.fill_limit()?),
            _ => None,
        };
        if let Some(value) = filled {
            return Some(Fix { edits: vec![set(list, value)], overwrites: false });
        }
        if pair.is_unlimited && list == List::Limits {
            let edits = vec![Edit::Remove { path: self.path(list, pair.name) }];
            return Some(Fix { edits, overwrites: true });
        }
        let (request, limit) = pair.clamp()?;
        if list == List::Requests && !request.or(limit).is_some_and(|value| pair.is_in_bounds(list, value)) {
            return None;
        }
        let mut edits = Vec::new();
        for (list, before, after) in [(List::Requests, pair.request, request), (List::Limits, pair.limit, limit)] {
            if let Some(after) = after.filter(|after| before.is_none_or(|before| before.quantity != after.quantity)) {
                edits.push(set(list, after));
            }
        }
        if edits.is_empty() { None } else { Some(Fix { edits, overwrites: true }) }
    }
}

impl<'a> Pair<'a> {
    fn asked(&self, list: List) -> Option<&'a Demand> {
        match list {
            List::Requests => self.rule.requests.get(self.name),
            List::Limits => self.rule.limits.get(self.name),
        }
    }

    /// Returns the problems: in which list, and the end of the message.
    fn problems(&self) -> Vec<(List, String)> {
        let mut problems = Vec::new();
        if let Some(wanted) = self.limit_problem() {
            problems.push((List::Limits, wanted));
        }
        let name = self.name;
        let bound = |value: &Amount| {
            let (words, amount) = self.asked(List::Requests)?.broken_bound(value.quantity)?;
            Some([words, " ", &shown(name, amount)].concat())
        };
        match (self.request, self.limit) {
            (Some(request), limit) => {
                if let Some(bound) = bound(request) {
                    problems.push((List::Requests, ["must be ", &bound].concat()));
                }
                let Some(limit) = limit.filter(|_| !self.is_unlimited) else { return problems };
                let at = &limit.text;
                if !may_differ(name) && request.quantity != limit.quantity {
                    problems.push((List::Requests, ["must equal the limit, ", at, REFUSED].concat()));
                } else if request.quantity > limit.quantity {
                    problems.push((List::Requests, ["must be at most the limit, ", at, REFUSED].concat()));
                } else if !self.rule.is_in_ratio(name, request.quantity, limit.quantity) {
                    let ratio = self.rule.max_limit_request_ratio.get(name).map_or("", |ratio| &ratio.text);
                    let wanted = ["must be at most ", ratio, " times the request, ", &request.text].concat();
                    problems.push((List::Limits, wanted));
                }
            }
            (None, Some(limit)) if self.is_copied => {
                if self.request_required == Required::Explicit {
                    problems.push((List::Requests, ["must be set", COPIED, &limit.text].concat()));
                } else if let Some(bound) = bound(limit) {
                    let wanted = ["must be set, ", &bound, COPIED, &limit.text].concat();
                    problems.push((List::Requests, wanted));
                }
            }
            _ if self.request_required != Required::No => {
                let wanted = "must be set: without a request the scheduler reserves nothing".to_owned();
                problems.push((List::Requests, wanted));
            }
            _ => {}
        }
        problems
    }

    fn limit_problem(&self) -> Option<String> {
        let demand = self.asked(List::Limits)?;
        if self.is_unlimited {
            return self.limit.map(|_| "must not be set: the settings allow no limit".to_owned());
        }
        // Why a limit is wanted, and what it does.
        let (unlimited, limited) = match self.name {
            "cpu" => (
                ": without a limit one container can take the node's processors",
                ": beyond its limit a container is throttled",
            ),
            "memory" => (
                ": without a limit one container can take the node's memory",
                ": a container that exceeds its memory limit is killed",
            ),
            "ephemeral-storage" => (
                ": without a limit one container can fill the node's disk",
                ": a pod that exceeds the limit is evicted",
            ),
            _ => ("", ""),
        };
        let Some(limit) = self.limit else {
            return self.limit_required.then(|| ["must be set", unlimited].concat());
        };
        if self.is_no_limit(limit) {
            return Some("must be greater than 0, which Kubernetes takes as no limit".to_owned());
        }
        let (words, amount) = demand.broken_bound(limit.quantity)?;
        Some(["must be ", words, " ", &shown(self.name, amount), limited].concat())
    }

    /// Whether the limit is 0, which means none, where one is demanded.
    fn is_no_limit(&self, limit: &Amount) -> bool {
        let asked =
            |demand: &Demand| !matches!(demand.required, Required::No | Required::Never) || demand.max.is_some();
        zero_means_unlimited(self.name) && limit.quantity.is_zero() && self.asked(List::Limits).is_some_and(asked)
    }

    fn is_in_bounds(&self, list: List, value: &Amount) -> bool {
        self.asked(list).is_none_or(|demand| demand.broken_bound(value.quantity).is_none())
    }

    /// Whether the two go together, whatever their bounds.
    fn go_together(&self, request: Option<&Amount>, limit: Option<&Amount>) -> bool {
        let (Some(request), Some(limit)) = (request, limit) else { return true };
        let is_allowed =
            if may_differ(self.name) { request.quantity <= limit.quantity } else { request.quantity == limit.quantity };
        is_allowed && self.rule.is_in_ratio(self.name, request.quantity, limit.quantity)
    }

    /// A value for the request that is not set: its default, or what comes next to it beside the limit.
    fn fill_request(&self) -> Option<&'a Amount> {
        let demand = self.asked(List::Requests)?;
        // Without a limit only the default is known to be meant.
        let max = demand.max.as_ref().filter(|_| self.limit.is_some());
        let candidates = [demand.default.as_ref(), max, self.limit];
        let fits = |v: &&Amount| self.is_in_bounds(List::Requests, v) && self.go_together(Some(v), self.limit);
        candidates.into_iter().flatten().find(fits)
    }

    /// A value for the limit that is not set: its default, or the request if that does not fit.
    fn fill_limit(&self) -> Option<&'a Amount> {
        let default = self.asked(List::Limits)?.default.as_ref()?;
        let fits = |v: &&Amount| {
            self.is_in_bounds(List::Limits, v) && self.go_together(self.request, Some(v)) && !self.is_no_limit(v)
        };
        [Some(default), self.request].into_iter().flatten().find(fits)
    }

    /// Moves the author's values into bounds so that request and limit still go together; the same answer for every
    /// problem of the pair, so that their repairs agree.
    ///
    /// Leaves a limit alone that has to go: taking it away is the repair of another problem.
    fn clamp(&self) -> Option<(Option<&'a Amount>, Option<&'a Amount>)> {
        let moved = |list, value: &'a Amount| {
            let bound = self.asked(list).and_then(|demand| demand.broken_bound(value.quantity));
            bound.map_or(value, |(_, amount)| amount)
        };
        let mut request = self.request.map(|request| moved(List::Requests, request));
        if self.is_unlimited {
            let is_good = request.is_none_or(|request| self.is_in_bounds(List::Requests, request))
                && self.go_together(request, self.limit);
            return is_good.then_some((request, None));
        }
        let mut limit = match self.limit {
            Some(limit) if self.is_no_limit(limit) => {
                let demand = self.asked(List::Limits)?;
                Some(demand.default.as_ref().or(demand.max.as_ref())?)
            }
            limit => limit.map(|limit| moved(List::Limits, limit)),
        };
        if let Some(high) = limit {
            match request {
                Some(low) if low.quantity > high.quantity || !may_differ(self.name) => {
                    // The limit decides if it can, else the request as far as the limit may go.
                    if !self.is_in_bounds(List::Requests, high) {
                        limit = Some(moved(List::Limits, low));
                    }
                    request = limit;
                }
                // The limit becomes the request too.
                None if self.is_copied => {
                    let least = self.asked(List::Requests).and_then(|demand| demand.min.as_ref());
                    if let Some(least) = least.filter(|least| least.quantity > high.quantity) {
                        limit = Some(least);
                    }
                }
                _ => {}
            }
        }
        let is_good = limit.is_none_or(|limit| self.is_in_bounds(List::Limits, limit))
            && request.is_none_or(|request| self.is_in_bounds(List::Requests, request))
            && self.go_together(request, limit);
        is_good.then_some((request, limit))
    }
}

/// How the API server answers.
const REFUSED: &str = ", or Kubernetes refuses it";
/// The message for a request that is not set, before the limit.
const COPIED: &str = ": left out it is made the limit, ";

/// A bound of the settings for a message: cpu in millicores, others as written.
fn shown(name: &str, value: &Amount) -> String {
    match value.quantity.millis().filter(|_| name == "cpu") {
        Some(millis) => millis.to_string() + "m",
        None => value.text.clone(),
    }
}
