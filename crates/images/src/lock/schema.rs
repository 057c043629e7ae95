//! The JSON schema of a lock.

use serde_json::{Value, json};

use super::VERSION;
use crate::facts::{LONGEST, MOST, Source};

/// Builds the JSON schema (2020-12) of `harden.lock`.
pub fn schema() -> Value {
    let object = |properties: Value, required: &[&str]| json!({ "type": "object", "additionalProperties": false, "properties": properties, "required": required });
    let with = |mut schema: Value, description: &str| {
        schema["description"] = description.into();
        schema
    };
    let map =
        |keys: Value, values: Value| json!({ "type": "object", "propertyNames": keys, "additionalProperties": values });
    let digest = |what: &str| json!({ "type": "string", "pattern": "^sha256:[0-9a-f]{64}$", "description": what });
    let texts = |what: &str| {
        json!({
            "type": "array", "maxItems": MOST, "uniqueItems": true, "description": what,
            "items": { "type": "string", "maxLength": LONGEST },
        })
    };
    let id = |what: &str| json!({ "type": "integer", "minimum": 0, "maximum": i32::MAX, "description": what });
    let facts = object(
        json!({
            "user": {
                "type": "string", "maxLength": LONGEST,
                "description": "`USER` as it is written; the empty text stands for root.",
            },
            "uid": id("The user's id, if it is numeric."),
            "gid": id("The group's id, if it is numeric."),
            "volumes": texts("The paths of `VOLUME`."),
            "exposedPorts": texts("`EXPOSE` with the protocol, such as `8080/tcp`."),
            "os": { "type": "string", "description": "The operating system." },
            "writtenPaths": texts("The directories that a container wrote to in a trial."),
            "capabilities": texts("The capabilities without which a container does not run."),
            "memory": {
                "type": "integer", "minimum": 0,
                "description": "The most memory that a container used in a trial, in bytes.",
            },
        }),
        &[],
    );
    let sources = Source::ALL.map(|(_, word)| word);
    let build = object(
        json!({
            "digest": digest("The digest of the platform's manifest."),
            "facts": with(map(json!({ "enum": sources }), facts), "What each source knows about the image."),
        }),
        &["digest", "facts"],
    );
    let platforms = map(json!({ "pattern": "^[a-z0-9_.-]+/[a-z0-9_.-]+(/[a-z0-9_.-]+)?$" }), build);
    let entry = object(
        json!({
            "digest": digest(
                "The digest that the tag stood for: of the index where there is one, else of the manifest."
            ),
            "platforms": with(platforms, "The image of each platform, such as `linux/amd64`."),
        }),
        &["digest", "platforms"],
    );
    let images = json!({ "type": "object", "additionalProperties": entry });
    let what = "Entries by reference, written in full with the tag, such as `docker.io/library/nginx:1.27`; with the \
                digest where there is no tag.";
    let mut schema =
        object(json!({ "version": { "const": VERSION }, "images": with(images, what) }), &["version", "images"]);
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = super::NAME.into();
    with(schema, "What `harden images lock` found out about the images of a project.")
}
