//! Checks what Kubewarden's CRDs (policies.kubewarden.io/v1) and its controller's webhooks accept, as far as
//! `harden manifests` may use it: unknown fields are errors, as for `kubectl apply`.

use serde_json::{Map, Value, json};

/// Everything that is wrong with an object; empty if the cluster would take it.
pub(crate) fn problems(object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let kind = object["kind"].as_str().unwrap_or_default();
    if kind == "ClusterRole" {
        return role(object);
    }
    let Some(spec) = spec(kind) else { return vec![format!("kind {kind} is not Kubewarden's")] };
    let namespaced = matches!(kind, "AdmissionPolicy" | "AdmissionPolicyGroup");
    let mut metadata = json!({"name": text(), "labels": texts(), "annotations": texts()});
    if namespaced {
        metadata["namespace"] = text();
    }
    let required: &[&str] = if namespaced { &["name", "namespace"] } else { &["name"] };
    let whole = fields(
        &["apiVersion", "kind", "metadata", "spec"],
        json!({"apiVersion": one_of(&["policies.kubewarden.io/v1"]), "kind": text(), "metadata": fields(required, metadata), "spec": spec}),
    );
    compare(object, &whole, "", &mut found);
    webhook(kind, object, &mut found);
    found
}

/// A role of the audit scanner is Kubernetes' own kind.
fn role(object: &Value) -> Vec<String> {
    let rule = fields(
        &["apiGroups", "resources", "verbs"],
        json!({"apiGroups": list(text()), "resources": list(text()), "verbs": list(one_of(&["get", "list", "watch"]))}),
    );
    let metadata = fields(&["name"], json!({"name": text(), "labels": texts()}));
    let api = one_of(&["rbac.authorization.k8s.io/v1"]);
    let whole = json!({"apiVersion": api, "kind": text(), "metadata": metadata, "rules": list(rule)});
    let mut found = Vec::new();
    compare(object, &fields(&["apiVersion", "kind", "metadata", "rules"], whole), "", &mut found);
    found
}

fn spec(kind: &str) -> Option<Value> {
    let mut common = json!({
        "policyServer": text(),
        "mode": one_of(&["protect", "monitor"]),
        "backgroundAudit": {"type": "boolean"},
        "failurePolicy": one_of(&["Fail", "Ignore"]),
        "matchPolicy": one_of(&["Equivalent", "Exact"]),
        "timeoutSeconds": {"type": "integer"},
        "rules": list(fields(&["apiGroups", "apiVersions", "operations", "resources"], json!({
            "apiGroups": list(text()), "apiVersions": list(text()), "resources": list(text()),
            "operations": list(one_of(&["CREATE", "UPDATE", "DELETE", "CONNECT"])),
        }))),
    });
    if kind.starts_with("Cluster") {
        common["namespaceSelector"] = selector();
    }
    let member = fields(&["module"], json!({"module": text(), "settings": {"type": "object"}}));
    let of_group = json!({"expression": text(), "message": text(), "policies": {"type": "object", "each": member}});
    let of_policy = json!({"module": text(), "mutating": {"type": "boolean"}, "settings": {"type": "object"}});
    Some(match kind {
        "ClusterAdmissionPolicy" | "AdmissionPolicy" => {
            fields(&["module", "mutating", "rules"], merged(common, of_policy))
        }
        "ClusterAdmissionPolicyGroup" | "AdmissionPolicyGroup" => {
            fields(&["expression", "message", "policies", "rules"], merged(common, of_group))
        }
        "PolicyServer" => server(),
        _ => return None,
    })
}

fn server() -> Value {
    let term = fields(&["topologyKey"], json!({"labelSelector": selector(), "topologyKey": text()}));
    let preferred =
        fields(&["weight", "podAffinityTerm"], json!({"weight": {"type": "integer"}, "podAffinityTerm": term}));
    let anti = fields(&[], json!({"preferredDuringSchedulingIgnoredDuringExecution": list(preferred)}));
    fields(
        &["image", "replicas"],
        json!({
            "image": text(),
            "replicas": {"type": "integer"},
            "minAvailable": {"type": "integer or string"},
            "maxUnavailable": {"type": "integer or string"},
            "requests": {"type": "object", "each": {"type": "integer or string"}},
            "limits": {"type": "object", "each": {"type": "integer or string"}},
            "affinity": fields(&[], json!({"podAntiAffinity": anti})),
            "imagePullSecret": text(),
            "verificationConfig": text(),
            "namespacedPoliciesCapabilities": list(text()),
        }),
    )
}

fn selector() -> Value {
    let expression = fields(
        &["key", "operator"],
        json!({"key": text(), "operator": one_of(&["In", "NotIn", "Exists", "DoesNotExist"]), "values": list(text())}),
    );
    fields(&[], json!({"matchLabels": texts(), "matchExpressions": list(expression)}))
}

fn text() -> Value {
    json!({"type": "string"})
}

fn texts() -> Value {
    json!({"type": "object", "each": text()})
}

fn one_of(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn fields(required: &[&str], properties: Value) -> Value {
    json!({"type": "object", "required": required, "properties": properties})
}

fn merged(mut a: Value, b: Value) -> Value {
    let (Some(fields), Value::Object(more)) = (a.as_object_mut(), b) else { return a };
    fields.extend(more);
    a
}

fn compare(value: &Value, schema: &Value, path: &str, found: &mut Vec<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let wanted = schema["type"].as_str().unwrap_or_default();
    if !wanted.split(" or ").any(|word| word == kind) {
        found.push(format!("{path}: is {kind}, must be {wanted}"));
        return;
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        found.push(format!("{path}: {value} is not allowed"));
    }
    value
        .as_array()
        .into_iter()
        .flatten()
        .for_each(|item| compare(item, &schema["items"], &format!("{path}[]"), found));
    let Some(object) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            found.push(format!("{path}.{name}: is required"));
        }
    }
    for (name, value) in object {
        match (schema.get("properties").and_then(|known| known.get(name)), schema.get("each")) {
            (Some(schema), _) | (None, Some(schema)) => compare(value, schema, &format!("{path}.{name}"), found),
            (None, None) if schema.get("properties").is_some() => found.push(format!("{path}.{name}: unknown field")),
            (None, None) => {}
        }
    }
}

/// Checks what the controller's webhooks check beyond the schema.
fn webhook(kind: &str, object: &Value, found: &mut Vec<String>) {
    let spec = &object["spec"];
    let mut expect = |good: bool, what: &str| {
        if !good {
            found.push(what.to_owned())
        }
    };
    expect(object["metadata"]["name"].as_str().is_some_and(|name| name.len() <= 63), "metadata.name: too long");
    if kind == "PolicyServer" {
        expect(
            spec["minAvailable"].is_null() || spec["maxUnavailable"].is_null(),
            "both minAvailable and maxUnavailable",
        );
        return;
    }
    let rules = spec["rules"].as_array().map(Vec::as_slice).unwrap_or_default();
    expect(!rules.is_empty(), "spec.rules: empty");
    for rule in rules {
        for list in ["apiVersions", "resources", "operations"] {
            let values = rule[list].as_array().map(Vec::as_slice).unwrap_or_default();
            expect(!values.is_empty() && values.iter().all(|value| value != ""), "spec.rules: an empty value");
        }
        let resources = rule["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
        let audits = !resources.contains(&json!("podtemplates"));
        expect(audits, "spec.rules: the audit scanner may not list podtemplates");
    }
    expect(spec["timeoutSeconds"].as_i64().is_none_or(|seconds| (1..=30).contains(&seconds)), "spec.timeoutSeconds");
    if let Some(policies) = spec["policies"].as_object() {
        expect(!policies.is_empty() && policies.keys().all(|name| is_member(name)), "spec.policies: names");
        expect(spec["message"] != "" && spec["expression"] != "", "spec.message, spec.expression: empty");
    }
}

fn is_member(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !["true", "false", "null", "in", "namespace"].contains(&name)
}

/// Every null in an object but for those in settings, which are the user's.
pub(crate) fn nulls(value: &Value) -> usize {
    match value {
        Value::Null => 1,
        Value::Array(items) => items.iter().map(nulls).sum(),
        Value::Object(fields) => without_settings(fields).map(|(_, value)| nulls(value)).sum(),
        _ => 0,
    }
}

fn without_settings(fields: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    fields.iter().filter(|(key, _)| *key != "settings")
}
