//! Services: the names under which a pod is found, and the variables that pods get of them.

use super::given::Given;
use super::template::Container;
use crate::objects::{Service, ServicePort};

/// The names of the services that select the pod, and of the pod itself in its subdomain.
pub(super) fn names(given: &Given<'_>, hostname: &str) -> Vec<String> {
    let namespace = given.namespace_name();
    let mut names = Vec::new();
    let mut add = |name: &str| {
        let namespaced = format!("{name}.{namespace}");
        let short = format!("{namespaced}.svc");
        let full = format!("{short}.cluster.local");
        names.extend([name.to_owned(), namespaced, short, full]);
    };
    for (name, service) in given.objects.services_of(given.workload) {
        add(name);
        service.ports.iter().for_each(|port| note_translated(given, name, port));
    }
    let subdomain = match given.template.spec.subdomain.as_str() {
        "" => given.workload.service_name.as_deref().unwrap_or_default(),
        subdomain => subdomain,
    };
    if !subdomain.is_empty() {
        add(&format!("{hostname}.{subdomain}"));
    }
    names
}

/// Says where a service's port is not the container's: a name leads to the pod, and translates no ports.
fn note_translated(given: &Given<'_>, name: &str, port: &ServicePort) {
    let target = match &port.target_port {
        None => Some(port.port),
        Some(target) => target.as_str().map_or_else(
            || target.as_u64().and_then(|port| port.try_into().ok()),
            |target| given.containers().find_map(|(_, container)| port_named(container, target)),
        ),
    };
    match target.filter(|target| *target != 0) {
        Some(target) if target == port.port => {}
        Some(target) => given.note(format!(
            "Service {name} leads from port {} to {target}; here its name leads to the pod itself, so that other workloads reach it at port {target} only.",
            port.port
        )),
        None => given.note(format!("Service {name}: no container has the port that its port {} leads to.", port.port)),
    }
}

/// The number of a port by its name.
pub(super) fn port_named(container: &Container, name: &str) -> Option<u16> {
    container.ports.iter().find(|port| port.name == name && !name.is_empty()).map(|port| port.container_port)
}

/// The variables of the services of the pod's namespace, sorted by service. A cluster puts the service's address into
/// them, and here stands its name.
pub(super) fn variables(given: &Given<'_>) -> Vec<(String, String)> {
    if given.template.spec.enable_service_links == Some(false) {
        return Vec::new();
    }
    let mut variables = Vec::new();
    for (name, service) in given.objects.services(given.namespace()) {
        if has_address(service) {
            add(&mut variables, name, service);
        }
    }
    if !variables.is_empty() {
        given.note("Variables of services (such as NAME_SERVICE_HOST) hold the name of the service, where a cluster has its address.".to_owned());
    }
    variables
}

fn has_address(service: &Service) -> bool {
    service.cluster_ip != "None" && service.kind != "ExternalName" && !service.ports.is_empty()
}

fn add(variables: &mut Vec<(String, String)>, host: &str, service: &Service) {
    let name = as_variable(host);
    let mut put = |name: String, value: &str| variables.push((name, value.to_owned()));
    put(format!("{name}_SERVICE_HOST"), host);
    for (at, port) in service.ports.iter().enumerate() {
        let number = port.port.to_string();
        if at == 0 {
            put(format!("{name}_SERVICE_PORT"), &number);
        }
        if !port.name.is_empty() {
            put(format!("{name}_SERVICE_PORT_{}", as_variable(&port.name)), &number);
        }
    }
    for (at, port) in service.ports.iter().enumerate() {
        let protocol = if port.protocol.is_empty() { "TCP" } else { &port.protocol };
        let (upper, lower, number) = (protocol.to_uppercase(), protocol.to_lowercase(), port.port.to_string());
        let url = format!("{lower}://{host}:{number}");
        if at == 0 {
            put(format!("{name}_PORT"), &url);
        }
        let prefix = format!("{name}_PORT_{number}_{upper}");
        put(prefix.clone(), &url);
        put(format!("{prefix}_PROTO"), &lower);
        put(format!("{prefix}_PORT"), &number);
        put(format!("{prefix}_ADDR"), host);
    }
}

fn as_variable(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}
