use super::*;

const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

const WHOLE: &str = r#"{
  "version": 1,
  "images": {
    "docker.io/library/nginx:1.27": {
      "digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "platforms": {
        "linux/amd64": {
          "digest": "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
          "facts": {
            "dockerfile": {
              "user": "app"
            },
            "image": {
              "user": "101:102",
              "uid": 101,
              "gid": 102,
              "volumes": [
                "/data"
              ],
              "exposedPorts": [
                "80/tcp"
              ],
              "os": "linux",
              "writtenPaths": [
                "/run"
              ],
              "capabilities": [
                "CHOWN"
              ],
              "memory": 1048576
            },
            "try": {}
          }
        }
      }
    },
    "ghcr.io/org/chart@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": {
      "digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "platforms": {}
    }
  }
}
"#;

fn error(text: &str) -> String {
    Lock::parse(text).unwrap_err().to_string()
}

#[test]
fn a_lock_is_written_with_the_bytes_it_was_read_from() {
    let lock = Lock::parse(WHOLE).unwrap();
    assert_eq!(lock.to_text().unwrap(), WHOLE);
    let entry = lock.get(&Image::parse("nginx:1.27").unwrap()).unwrap();
    assert_eq!(entry.digest.to_string(), A);
    let facts = &entry.platforms[&"linux/amd64".parse().unwrap()].facts;
    assert_eq!(facts[&Source::Image].volumes, ["/data"]);
    assert!(lock.get(&Image::parse("nginx").unwrap()).is_none());
}

#[test]
fn what_is_not_understood_is_refused() {
    let with = |from: &str, to: &str| {
        assert!(WHOLE.contains(from));
        error(&WHOLE.replacen(from, to, 1))
    };
    for (said, expected) in [
        (error("{"), "is not a lock: EOF"),
        (error("{}"), "missing field `version`"),
        (error(r#"{"version":2,"pictures":[]}"#), "is a lock of version 2"),
        (error(r#"{"version":1,"images":{},"more":1}"#), "unknown field `more`"),
        (with("\"os\": \"linux\"", "\"shell\": \"sh\""), "unknown field `shell`"),
        (with("docker.io/library/nginx:1.27", "nginx:1.27"), "`nginx:1.27` is written in full as `docker.io/lib"),
        (with("docker.io/library/nginx:1.27", "docker.io/library/Nginx:1.27"), "is not the name of an image"),
        (with("sha256:bbbb", "sha256:BBBB"), "is not a digest"),
        (with("linux/amd64", "linux"), "\"linux\" is not a platform"),
        (with("\"try\"", "\"guess\""), "unknown variant `guess`"),
        (with("\"try\"", "\"image\""), "\"image\" stands twice"),
        (with("chart@sha256:aa", "chart@sha256:ba"), "the entry of `ghcr.io/org/chart@sha256:ba"),
        (with("\"/data\"", &format!("\"{}\"", "x".repeat(5000))), "a volume of 5000 bytes"),
        (error(&" ".repeat(LONGEST + 1)), "no more than"),
    ] {
        assert!(said.contains(expected), "{said}");
    }
    let twice = r#"{"version":1,"images":{"docker.io/a/b:1":{"digest":"D","platforms":{}},"docker.io/a/b:1":{"digest":"D","platforms":{}}}}"#;
    assert!(error(&twice.replace('D', A)).contains("\"docker.io/a/b:1\" stands twice"));
}

#[test]
fn an_index_finds_the_same_entries_and_reads_no_others() {
    let (lock, index) = (Lock::parse(WHOLE).unwrap(), Index::parse(WHOLE.to_owned()).unwrap());
    for (key, entry) in lock.entries() {
        let image = Image::parse(key).unwrap();
        assert_eq!((index.get(&image).unwrap().as_ref(), index.has(&image)), (Some(entry), true), "{key}");
    }
    let [nginx, other] = ["nginx:1.27", "nginx:1.28"].map(|text| Image::parse(text).unwrap());
    assert!(index.get(&other).unwrap().is_none() && !index.has(&other));
    let pinned = Image::parse(&format!("nginx:1.27@sha256:{}", "c".repeat(64))).unwrap();
    assert!(index.get(&pinned).unwrap().is_some(), "the caller compares the digests");
    for (from, to, expected) in [
        (
            "\"user\": \"app\"",
            "\"user\": 5",
            "is not a lock: the entry of `docker.io/library/nginx:1.27`: invalid type",
        ),
        ("\"/data\"", &*format!("\"{}\"", "x".repeat(5000)), "a volume of 5000 bytes"),
    ] {
        let index = Index::parse(WHOLE.replacen(from, to, 1)).unwrap();
        assert!(index.get(&nginx).unwrap_err().to_string().contains(expected));
        assert!(index.get(&other).unwrap().is_none());
    }
    for text in ["{", "{}", "<<<<<<< HEAD", r#"{"version":2,"images":{}}"#] {
        assert_eq!(Index::parse(text.to_owned()).unwrap_err().to_string(), error(text), "{text}");
    }
}

#[test]
fn entries_come_and_go() {
    let mut lock = Lock::parse(WHOLE).unwrap();
    assert_eq!(lock.retain(|key| key.contains("nginx")), [format!("ghcr.io/org/chart@{A}")]);
    let image = Image::parse("busybox").unwrap();
    let entry = Entry { digest: Digest::parse(A).unwrap(), platforms: BTreeMap::new() };
    lock.insert(&image, entry.clone());
    assert_eq!(lock.get_mut(&image), Some(&mut entry.clone()));
    assert!(!lock.is_empty() && lock.to_text().unwrap().find("busybox") < lock.to_text().unwrap().find("nginx"));
}

/// Every key that a lock may have is in the schema, and no other.
#[test]
fn the_schema_knows_every_key() {
    let schema = schema();
    let lock: serde_json::Value = serde_json::from_str(WHOLE).unwrap();
    fn compare(schema: &serde_json::Value, value: &serde_json::Value, at: &str) {
        let Some(object) = value.as_object() else { return };
        match schema["properties"].as_object() {
            Some(properties) => {
                let known: Vec<&String> = properties.keys().collect();
                let is_whole = object.len() == known.len();
                for (key, value) in object {
                    assert!(known.contains(&key), "{at}.{key}");
                    compare(&properties[key], value, &format!("{at}.{key}"));
                }
                assert!(is_whole || at.ends_with("dockerfile") || at.ends_with("try"), "{at}: {known:?}");
            }
            None => object.iter().for_each(|(key, value)| {
                compare(&schema["additionalProperties"], value, &format!("{at}.{key}"));
            }),
        }
    }
    compare(&schema, &lock, "");
    let sources = &schema["properties"]["images"]["additionalProperties"]["properties"]["platforms"];
    let sources = &sources["additionalProperties"]["properties"]["facts"]["propertyNames"]["enum"];
    assert_eq!(*sources, serde_json::json!(["dockerfile", "image", "try"]));
}
