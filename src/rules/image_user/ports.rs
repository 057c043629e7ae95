//! Ports that a container may be unable to listen on.

use crate::json::list;
use crate::view::{ContainerView, View};

/// The capability to listen below [`PRIVILEGED`].
const CAPABILITY: &str = "NET_BIND_SERVICE";
/// The first port that everybody may listen on, unless a sysctl says otherwise.
const PRIVILEGED: u32 = 1024;
/// The sysctl that says otherwise.
const FIRST_FREE: &str = "net.ipv4.ip_unprivileged_port_start";

/// Whether `EXPOSE` names a port below 1024, and the container lacks what it may need to listen there.
pub(super) fn is_out_of_reach(exposed: &str, view: &View<'_>, container: &ContainerView<'_>) -> bool {
    let Some(port) = first(exposed).filter(|port| *port < first_free(view)) else { return false };
    let Some(capabilities) = &container.security_context().capabilities else { return false };
    let has = |names: &Option<Vec<crate::json::Text<'_>>>| {
        list(names).iter().any(|name| name.eq_ignore_ascii_case("all") || &**name == CAPABILITY)
    };
    port > 0 && has(&capabilities.drop) && !has(&capabilities.add)
}

/// The first port of `80/tcp`, `80` or `8000-8010/tcp`.
fn first(exposed: &str) -> Option<u32> {
    let end = exposed.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(exposed.len());
    exposed[..end].parse().ok()
}

/// The first port that everybody may listen on.
fn first_free(view: &View<'_>) -> u32 {
    let mut first = PRIVILEGED;
    for sysctl in list(&view.security_context().sysctls) {
        if sysctl.name.as_deref().is_some_and(is_first_free) {
            first = sysctl.value.as_deref().and_then(|value| value.parse().ok()).unwrap_or(first);
        }
    }
    first.min(PRIVILEGED)
}

/// Whether a sysctl is the one that says it, with dots or slashes.
fn is_first_free(name: &str) -> bool {
    let is_same = |(byte, wanted): (u8, u8)| byte == wanted || (byte == b'/' && wanted == b'.');
    name.len() == FIRST_FREE.len() && name.bytes().zip(FIRST_FREE.bytes()).all(is_same)
}
