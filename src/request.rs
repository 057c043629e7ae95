//! The payload of `validate`: settings and an admission request.

use serde_json::value::RawValue;

use crate::json::{Text, json_object};

json_object! {
    /// The payload of `validate`.
    pub struct Payload<'a> {
        /// The operator's settings, as text.
        settings: &'a RawValue = "settings",
        /// The admission request.
        request: AdmissionRequest<'a> = "request",
    }
}

json_object! {
    /// Kubernetes' `AdmissionRequest` (admission.k8s.io/v1), as far as a rule needs it.
    pub struct AdmissionRequest<'a> {
        /// Kind of the object, after conversion to what the webhook matched.
        kind: GroupVersionKind<'a> = "kind",
        /// Subresource: `status`, `scale`, `ephemeralcontainers`, `resize` …; empty for the object itself.
        sub_resource: Text<'a> = "subResource" | "sub_resource",
        /// Namespace of the object; empty for cluster-wide kinds.
        namespace: Text<'a> = "namespace",
        /// Name of the object; empty if the API server is to make one.
        name: Text<'a> = "name",
        /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
        operation: Text<'a> = "operation",
        /// The object, as text.
        object: &'a RawValue = "object",
        /// The object before the change, as text.
        old_object: &'a RawValue = "oldObject" | "old_object",
    }
}

json_object! {
    /// `GroupVersionKind`
    pub struct GroupVersionKind<'a> {
        /// API group; empty for core.
        group: Text<'a> = "group",
        /// Kind.
        kind: Text<'a> = "kind",
    }
}

json_object! {
    /// Type and metadata of any object.
    pub struct ObjectHead<'a> {
        /// `apiVersion`: `group/version`, or `version` for core.
        api_version: Text<'a> = "apiVersion",
        /// `kind`
        kind: Text<'a> = "kind",
        /// `metadata`
        metadata: crate::pod::Metadata<'a> = "metadata",
    }
}

impl AdmissionRequest<'_> {
    /// Whether the operation is `name`, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.operation.as_deref().is_some_and(|operation| operation.eq_ignore_ascii_case(name))
    }
}
