//! Services: the names under which a pod is found, and the variables that pods get of them.

use serde_json::Value;

use super::given::Given;
use super::template::Container;
use crate::objects::{Service, ServicePort};
use crate::pod::Forward;

/// The names of the services that select the pod, and of the pod itself in its subdomain.
pub(super) fn names(given: &Given<'_>, hostname: &str) -> Vec<String> {
    let services = given.objects.services_of(given.workload).map(|(name, _)| name.to_owned());
    let subdomain = match given.template.spec.subdomain.as_str() {
        "" => given.workload.service_name.as_deref().unwrap_or_default(),
        subdomain => subdomain,
    };
    let own = (!subdomain.is_empty()).then(|| format!("{hostname}.{subdomain}"));
    services.chain(own).flat_map(|name| forms(given, &name)).collect()
}

/// A name within the namespace, and its longer forms.
fn forms(given: &Given<'_>, name: &str) -> [String; 4] {
    let namespaced = format!("{name}.{}", given.namespace_name());
    let short = format!("{namespaced}.svc");
    let full = format!("{short}.cluster.local");
    [name.to_owned(), namespaced, short, full]
}

/// The services that lead from one port to another. Without an address of its own, a service leads to the pod itself.
pub(super) fn forwards(given: &Given<'_>) -> Vec<Forward> {
    let services = given.objects.services_of(given.workload).filter(|(_, service)| has_address(service));
    let forward = |(name, service): (&str, &Service)| {
        let is_tcp = |port: &&ServicePort| matches!(port.protocol.as_str(), "" | "TCP");
        let target = |port: &ServicePort| Some((port.port, target(given, port)?));
        let ports: Vec<(u16, u16)> = service.ports.iter().filter(is_tcp).filter_map(target).collect();
        let differs = ports.iter().any(|(port, target)| port != target);
        differs.then(|| Forward { names: forms(given, name).to_vec(), ports })
    };
    services.filter_map(forward).collect()
}

/// The port of the pod that a service's port leads to; none where no container has it.
fn target(given: &Given<'_>, port: &ServicePort) -> Option<u16> {
    let number = match &port.target_port {
        None => Some(port.port),
        Some(Value::String(name)) => given.containers().find_map(|(_, container)| port_named(container, name)),
        Some(number) => number.as_u64().and_then(|number| number.try_into().ok()),
    };
    // Some tools write 0 for none.
    number.map(|number| if number == 0 { port.port } else { number })
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
