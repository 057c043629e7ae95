//! The admission requests of a test.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::Error;
use super::file::SuiteFile;
use super::model::{Case, Operation};
use kube_yaml::yaml::{self, Node, Parsed};
use lint::finding::Object;
use lint::objects::{Item, items};
use sandbox::request::{Kind, admission_request};

/// A request, and what it is about.
#[derive(Debug)]
pub(super) struct Request {
    /// The object as reports name it; for a DELETE, the one that is deleted.
    pub(super) object: Object,
    /// The object as JSON, `null` if there is none.
    pub(super) object_json: String,
    /// The request as JSON.
    pub(super) json: String,
}

const NO_OBJECT: &str = "null";

/// The requests that a test hands to its policies: one for every object.
///
/// # Errors
/// A file that cannot be read or holds something else.
pub(super) fn requests(case: &Case, file: &SuiteFile) -> Result<Vec<Request>, Error> {
    if let Some(request) = &case.request {
        let parsed = yaml::parse(&request.0);
        return read(&parsed, |root| Ok(vec![given(reviewed(root)?)])).map_err(Error::part("request"));
    }
    if let Some(object) = &case.object {
        let parsed = yaml::parse(&object.0);
        return read(&parsed, |root| created(root, case)).map_err(Error::part("object"));
    }
    let Some(name) = case.file.as_deref().map(|path| file.resolve(path)).transpose()? else { return Ok(Vec::new()) };
    let text = name.read_to_string().map_err(|error| Error::Read(name.to_string(), error))?;
    let parsed = yaml::parse(&text);
    let found = match parsed.documents.as_slice() {
        [only] if is_request(&only.root) => read(&parsed, |root| of_review(root, case)),
        _ => of_objects(&parsed, case),
    };
    let found = found.and_then(|found| if found.is_empty() { Err(Error::NoObject) } else { Ok(found) });
    found.map_err(Error::part(name.to_string()))
}

/// Reads the only document of a text.
fn read<T>(parsed: &Parsed<'_>, read: impl FnOnce(&Node<'_>) -> Result<T, Error>) -> Result<T, Error> {
    check(parsed)?;
    read(&parsed.documents.first().ok_or(Error::Empty)?.root)
}

fn check(parsed: &Parsed<'_>) -> Result<(), Error> {
    let Some(error) = parsed.errors.first() else { return Ok(()) };
    Err(Error::Yaml(error.line, error.column, error.message.clone()))
}

/// Whether a document is an AdmissionReview or an admission request rather than an object.
fn is_request(root: &Node<'_>) -> bool {
    let kind = root.get("kind");
    let is_bare = kind.is_some_and(|kind| kind.as_mapping().is_some()) || root.get("operation").is_some();
    is_review(root) || (is_bare && root.get("apiVersion").is_none())
}

fn is_review(root: &Node<'_>) -> bool {
    root.get("kind").and_then(Node::as_str) == Some("AdmissionReview")
}

/// The request in an AdmissionReview; anything else is the request itself.
fn reviewed<'n, 'a>(root: &'n Node<'a>) -> Result<&'n Node<'a>, Error> {
    if !is_review(root) {
        return Ok(root);
    }
    root.get("request").ok_or(Error::NoRequest)
}

fn of_review(root: &Node<'_>, case: &Case) -> Result<Vec<Request>, Error> {
    let of_object = [
        ("operation", case.operation.is_some()),
        ("oldObject", case.old_object.is_some()),
        ("subresource", case.subresource.is_some()),
        ("namespace", case.namespace.is_some()),
        ("userInfo", case.user_info.is_some()),
    ];
    match of_object.iter().find(|(_, given)| *given) {
        Some((key, _)) => Err(Error::InRequest(key)),
        None => Ok(vec![given(reviewed(root)?)]),
    }
}

/// A request as it is written.
fn given(request: &Node<'_>) -> Request {
    let object = request.get("object").filter(|object| !object.is_null());
    let named = object.or_else(|| request.get("oldObject"));
    Request {
        object: named.map(Object::of).unwrap_or_default(),
        object_json: object.map_or_else(|| NO_OBJECT.to_owned(), Node::to_json),
        json: request.to_json(),
    }
}

fn created(root: &Node<'_>, case: &Case) -> Result<Vec<Request>, Error> {
    let object = Object::of(root);
    if object.kind.is_empty() || object.api_version.is_empty() {
        return Err(Error::NoKind);
    }
    of_object(root, &object, case).map(|request| vec![request])
}

/// A request for every object of a file.
fn of_objects(parsed: &Parsed<'_>, case: &Case) -> Result<Vec<Request>, Error> {
    check(parsed)?;
    let mut found = Vec::new();
    for item in items(parsed) {
        match item {
            Item::Object { node, object, .. } => found.push(of_object(node, &object, case)?),
            Item::NotKubernetes => return Err(Error::OtherDocument),
            Item::Unclear { message, .. } => return Err(Error::Unclear(message)),
            Item::Empty => {}
        }
    }
    Ok(found)
}

/// The request that the API server would send for an object, changed as the test says.
fn of_object(node: &Node<'_>, object: &Object, case: &Case) -> Result<Request, Error> {
    let kind = Kind::of(&object.api_version, &object.kind);
    let own = Some(object.namespace.as_str()).filter(|namespace| !namespace.is_empty());
    let namespace = case.namespace.as_deref().or(own).unwrap_or("default");
    let name = Some(object.name.as_str()).filter(|name| !name.is_empty());
    let json = object.to_json(node);
    let request = admission_request(&json, &kind, name, kind.namespaced.then_some(namespace));
    let by_default = if case.old_object.is_some() { Operation::Update } else { Operation::Create };
    let operation = case.operation.unwrap_or(by_default);
    let mut changes: Vec<(&str, String)> = vec![("operation", quoted(operation.word()))];
    let options = match operation {
        Operation::Create => "CreateOptions",
        Operation::Update => "UpdateOptions",
        Operation::Delete => "DeleteOptions",
        Operation::Connect => NO_OBJECT,
    };
    changes.push((
        "options",
        match options {
            NO_OBJECT => NO_OBJECT.to_owned(),
            kind => format!(r#"{{"kind":"{kind}","apiVersion":"meta.k8s.io/v1"}}"#),
        },
    ));
    changes.extend(case.old_object.as_ref().map(|old| ("oldObject", old.0.clone())));
    changes.extend(case.user_info.as_ref().map(|user| ("userInfo", user.0.clone())));
    for key in ["subResource", "requestSubResource"] {
        changes.extend(case.subresource.as_ref().map(|subresource| (key, quoted(subresource))));
    }
    let object_json = if operation == Operation::Delete {
        changes.extend([("oldObject", json), ("object", NO_OBJECT.to_owned())]);
        NO_OBJECT.to_owned()
    } else {
        json
    };
    let json = with(&request, &changes)?;
    Ok(Request { object: object.clone(), object_json, json })
}

/// Replaces the values of some keys of a JSON object.
///
/// # Errors
/// A text that is not a JSON object.
pub(super) fn with(json: &str, changes: &[(&str, String)]) -> Result<String, Error> {
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json)?;
    for (key, value) in changes {
        members.insert((*key).to_owned(), RawValue::from_string(value.clone())?);
    }
    Ok(serde_json::to_string(&members)?)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::PathBuf;

    use hardening::settings::read_group;
    use serde_json::{Value as Json, json};

    use super::super::model::Suite;
    use super::*;

    /// The request of a test that has these keys.
    fn request(keys: Json) -> Json {
        let mut case = json!({"name": "t", "expect": "allowed", "object": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "x": 1.50}});
        case.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let raw = serde_json::value::to_raw_value(&json!({"tests": [case]})).unwrap();
        let suite: Suite = read_group(&raw).unwrap();
        let file = SuiteFile { folder: PathBuf::from("."), limit: None, suite, lines: vec![1] };
        let found = requests(&file.suite.tests[0], &file).unwrap();
        assert_eq!(found.len(), 1);
        serde_json::from_str(&found[0].json).unwrap()
    }

    #[test]
    fn it_is_the_creation_of_the_object_unless_said() {
        let created = request(json!({}));
        for (pointer, expected) in [
            ("/operation", json!("CREATE")),
            ("/name", json!("web")),
            ("/namespace", json!("shop")),
            ("/resource/resource", json!("deployments")),
            ("/options/kind", json!("CreateOptions")),
            ("/oldObject", Json::Null),
            ("/object/x", json!(1.5)),
        ] {
            assert_eq!(created.pointer(pointer), Some(&expected), "{pointer}");
        }
    }

    #[test]
    fn it_is_what_the_test_says() {
        let old = json!({"apiVersion": "apps/v1", "kind": "Deployment", "old": true});
        let updated = request(json!({
            "oldObject": old, "userInfo": {"username": "jane"}, "subresource": "scale", "namespace": "other",
        }));
        for (pointer, expected) in [
            ("/operation", json!("UPDATE")),
            ("/options/kind", json!("UpdateOptions")),
            ("/oldObject/old", json!(true)),
            ("/userInfo", json!({"username": "jane"})),
            ("/subResource", json!("scale")),
            ("/requestSubResource", json!("scale")),
            ("/namespace", json!("other")),
        ] {
            assert_eq!(updated.pointer(pointer), Some(&expected), "{pointer}");
        }
        let deleted = request(json!({"operation": "DELETE"}));
        assert_eq!((&deleted["object"], &deleted["oldObject"]["kind"]), (&Json::Null, &json!("Deployment")));
        assert_eq!(request(json!({"operation": "CONNECT"}))["options"], Json::Null);
    }
}
