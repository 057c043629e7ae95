//! An API server on loopback that knows a few kinds, accepts whatever is created and remembers it.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// Group and version, and for each of its kinds the resource and whether it lives in a namespace.
type Kinds = (&'static str, &'static [(&'static str, &'static str, bool)]);

const KINDS: [Kinds; 3] = [
    (
        "v1",
        &[
            ("pods", "Pod", true),
            ("configmaps", "ConfigMap", true),
            ("services", "Service", true),
            ("podtemplates", "PodTemplate", true),
            ("replicationcontrollers", "ReplicationController", true),
            ("namespaces", "Namespace", false),
        ],
    ),
    (
        "apps/v1",
        &[
            ("deployments", "Deployment", true),
            ("daemonsets", "DaemonSet", true),
            ("statefulsets", "StatefulSet", true),
            ("replicasets", "ReplicaSet", true),
        ],
    ),
    ("batch/v1", &[("jobs", "Job", true), ("cronjobs", "CronJob", true)]),
];

/// The server; it ends with the test.
pub(crate) struct Server {
    port: u16,
    created: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    pub(crate) fn start() -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let created = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&created);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let created = Arc::clone(&shared);
                thread::spawn(move || serve(&stream, &created));
            }
        });
        Server { port, created }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the objects created since the last call, in order.
    pub(crate) fn take_created(&self) -> Vec<Value> {
        std::mem::take(&mut *self.created.lock().unwrap())
    }
}

/// Answers the requests of a connection until it ends.
fn serve(stream: &TcpStream, created: &Mutex<Vec<Value>>) {
    // Or else every answer waits for the client's next packet.
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    while let Some((method, path, body)) = read_request(&mut reader) {
        let (status, answer) = match method.as_str() {
            "POST" => {
                let object: Value = serde_json::from_slice(&body).unwrap();
                created.lock().unwrap().push(object.clone());
                ("201 Created", object)
            }
            _ => match discovery(path.split('?').next().unwrap()) {
                Some(answer) => ("200 OK", answer),
                None => {
                    ("404 Not Found", json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404}))
                }
            },
        };
        let body = answer.to_string();
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        let mut stream = stream;
        if stream.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

/// Method, path and body; `None` at the end.
fn read_request(reader: &mut impl BufRead) -> Option<(String, String, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok().filter(|length| *length > 0)?;
        match header.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((method, path, body))
}

/// Returns the API server's discovery document.
fn discovery(path: &str) -> Option<Value> {
    let kinds = |version: &str| {
        let (version, kinds) = KINDS.iter().find(|(name, _)| *name == version)?;
        let verbs = ["create", "get"];
        let resources = kinds.iter().map(|(name, kind, namespaced)| {
            let singular = kind.to_lowercase();
            json!({"name": name, "singularName": singular, "kind": kind, "namespaced": namespaced, "verbs": verbs})
        });
        let resources: Vec<Value> = resources.collect();
        Some(json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}))
    };
    match path {
        "/version" => Some(json!({"major": "1", "minor": "35", "gitVersion": "v1.35.0"})),
        "/api" => Some(json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})),
        "/apis" => {
            let groups = KINDS.iter().filter_map(|(name, _)| {
                let (group, version) = name.split_once('/')?;
                let version = json!({"groupVersion": name, "version": version});
                Some(json!({"name": group, "versions": [version], "preferredVersion": version}))
            });
            let groups: Vec<Value> = groups.collect();
            Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
        }
        _ => kinds(path.strip_prefix("/apis/").or_else(|| path.strip_prefix("/api/"))?),
    }
}
