//! The variables of a container.

use super::error::{Refusal, TranslateError};
use super::expand::expand_known;
use super::fields::{self, For};
use super::given::Given;
use super::resources;
use super::template::{Container, EnvFrom, KeyRef, ValueFrom};

/// The variables of a container: `envFrom`, and over them `env` in its order, which sees those of services.
pub(super) fn env(
    given: &Given<'_>,
    at: &str,
    container: &Container,
    services: &[(String, String)],
) -> Result<Vec<(String, String)>, TranslateError> {
    let mut set = Vec::new();
    for (index, source) in container.env_from.iter().enumerate() {
        for (name, value) in all_of(given, &format!("{at}.envFrom[{index}]"), container, source)? {
            put(&mut set, name, value);
        }
    }
    for (index, variable) in container.env.iter().enumerate() {
        let at = format!("{at}.env[{index}]");
        if !is_name(&variable.name) {
            let why = format!("{:?} must be printable ASCII without `=`", variable.name);
            return Err(given.value(&format!("{at}.name"), why));
        }
        let value = match &variable.value_from {
            Some(source) if variable.value.is_empty() => match value_from(given, &at, container, source)? {
                Some(value) => value,
                None => continue,
            },
            _ => expand_known(&variable.value, |name| get(&set, name).or_else(|| get(services, name))),
        };
        put(&mut set, variable.name.clone(), value);
    }
    if given.workload.indexed && get(&set, "JOB_COMPLETION_INDEX").is_none() {
        put(&mut set, "JOB_COMPLETION_INDEX".to_owned(), "0".to_owned());
    }
    Ok(set)
}

/// The value of a variable.
pub(super) fn get<'v>(set: &'v [(String, String)], name: &str) -> Option<&'v str> {
    set.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn put(set: &mut Vec<(String, String)>, name: String, value: String) {
    match set.iter_mut().find(|(known, _)| *known == name) {
        Some((_, old)) => *old = value,
        None => set.push((name, value)),
    }
}

/// Whether a variable may have this name, since Kubernetes 1.34.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'=')
}

/// Every key of a ConfigMap or a Secret with its value; those that no variable can have are left out.
fn all_of(
    given: &Given<'_>,
    at: &str,
    container: &Container,
    source: &EnvFrom,
) -> Result<Vec<(String, String)>, TranslateError> {
    let (what, reference) = match (&source.config_map_ref, &source.secret_ref) {
        (Some(reference), _) => ("configmap", reference),
        (None, Some(reference)) => ("secret", reference),
        (None, None) => return Err(given.value(at, "has neither configMapRef nor secretRef; write one")),
    };
    let name = &reference.name;
    let found: Option<Vec<(&String, String)>> = if what == "configmap" {
        let map = given.objects.config_map(given.namespace(), name);
        map.map(|map| map.data.iter().map(|(key, value)| (key, value.clone())).collect())
    } else {
        let secret = given.objects.secret(given.namespace(), name);
        secret.map(|secret| secret.data.iter().map(|(key, value)| (key, text(given, name, key, value))).collect())
    };
    let Some(found) = found else {
        if reference.optional {
            return Ok(Vec::new());
        }
        return Err(given.refused(&container.name, Refusal::NotFound { kind: what, name: name.clone() }));
    };
    let mut set = Vec::new();
    for (key, value) in found {
        let variable = [source.prefix.as_str(), key].concat();
        if is_name(&variable) && !value.contains('\0') {
            set.push((variable, value));
        } else {
            given.note(format!(
                "Container {}: key {key:?} of {what} {name} cannot be a variable, and is skipped.",
                container.name
            ));
        }
    }
    Ok(set)
}

/// The value of a variable from elsewhere; none where an optional one is not there.
fn value_from(
    given: &Given<'_>,
    at: &str,
    container: &Container,
    source: &ValueFrom,
) -> Result<Option<String>, TranslateError> {
    let at = format!("{at}.valueFrom");
    if let Some(field) = &source.field_ref {
        return fields::field(given, &format!("{at}.fieldRef"), &field.field_path, For::Variable).map(Some);
    }
    if let Some(field) = &source.resource_field_ref {
        return resources::field(given, &format!("{at}.resourceFieldRef"), Some(container), field).map(Some);
    }
    if let Some(key) = &source.config_map_key_ref {
        let map = given.objects.config_map(given.namespace(), &key.name).map(|map| map.data.get(&key.key).cloned());
        return key_of(given, container, key, ["configmap", "ConfigMap"], map);
    }
    if let Some(key) = &source.secret_key_ref {
        let value = |data: &Vec<u8>| text(given, &key.name, &key.key, data);
        let secret = given.objects.secret(given.namespace(), &key.name).map(|all| all.data.get(&key.key).map(value));
        return key_of(given, container, key, ["secret", "Secret"], secret);
    }
    Err(given
        .value(&at, "has none of configMapKeyRef, fieldRef, resourceFieldRef and secretKeyRef, which a trial can read"))
}

fn key_of(
    given: &Given<'_>,
    container: &Container,
    wanted: &KeyRef,
    [kind, title]: [&'static str; 2],
    found: Option<Option<String>>,
) -> Result<Option<String>, TranslateError> {
    let name = wanted.name.clone();
    match found {
        Some(Some(value)) => Ok(Some(value)),
        Some(None) | None if wanted.optional => Ok(None),
        None => Err(given.refused(&container.name, Refusal::NotFound { kind, name })),
        Some(None) => {
            let namespace = given.namespace_name().to_owned();
            let refusal = Refusal::NoKey { key: wanted.key.clone(), kind: title, namespace, name };
            Err(given.refused(&container.name, refusal))
        }
    }
}

/// The value of a Secret as text, which a variable has to be here.
fn text(given: &Given<'_>, name: &str, key: &str, value: &[u8]) -> String {
    if std::str::from_utf8(value).is_err() {
        given.note(format!("Secret {name}: {key} is not UTF-8; as a variable, what is not is replaced."));
    }
    String::from_utf8_lossy(value).into_owned()
}
