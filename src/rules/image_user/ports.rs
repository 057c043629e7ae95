//! Ports that a container may be unable to listen on.

use crate::json::{Text, list};
use crate::view::{ContainerView, View};

/// The capability to listen below [`PRIVILEGED`].
const CAPABILITY: &str = "NET_BIND_SERVICE";
/// The first port that everybody may listen on, unless a sysctl says otherwise.
const PRIVILEGED: u32 = 1024;
/// The sysctl that says otherwise.
const FIRST_FREE: &str = "net.ipv4.ip_unprivileged_port_start";

/// The first port that the container may surely listen on.
pub(super) fn first_in_reach(view: &View<'_>, container: &ContainerView<'_>) -> u32 {
    let Some(capabilities) = &container.security_context().capabilities else { return 0 };
    if has(list(&capabilities.drop)) && !has(list(&capabilities.add)) { first_free(view) } else { 0 }
}

#[inline(never)]
fn has(names: &[Text<'_>]) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case("all") || &**name == CAPABILITY)
}

/// The first port of `80/tcp`, `80` or `8000-8010/tcp`; none is 0.
#[inline(never)]
pub(super) fn first(exposed: &str) -> u32 {
    let mut port = 0_u32;
    for byte in exposed.bytes().take_while(u8::is_ascii_digit) {
        port = port.saturating_mul(10).saturating_add(u32::from(byte - b'0'));
    }
    port
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
