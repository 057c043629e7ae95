//! `harden run` over real files.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guests::{LOOP, VALID, accepting, answering, answering_with, assemble, failing, guest, on_validate};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

const UID: &str = "705ab4f5-6393-11e8-b7cc-42010a800002";

/// One run of a policy over files in a folder of its own.
struct Case {
    folder: TempDir,
    args: RunArgs,
    stdin: String,
}

struct Outcome {
    code: u8,
    out: String,
    err: String,
}

impl Case {
    fn new(policy: &[u8], request: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let case = Self {
            args: RunArgs {
                policy: folder.path().join("policy.wasm"),
                request_path: folder.path().join("request.json"),
                settings_json: None,
                settings_path: None,
                lock: None,
                allow_wasi: false,
                timeout: Duration::from_millis(200),
                registry: RegistryArgs::default(),
            },
            folder,
            stdin: String::new(),
        };
        fs::write(&case.args.policy, policy).unwrap();
        fs::write(&case.args.request_path, request).unwrap();
        case
    }

    fn settings(mut self, text: &str) -> Self {
        self.args.settings_json = Some(text.to_owned());
        self
    }

    fn run(&self) -> Outcome {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = finish(&self.args, &mut self.stdin.as_bytes(), &mut out, &mut err);
        Outcome {
            code,
            out: String::from_utf8(out).unwrap(),
            err: String::from_utf8(err).unwrap().replace(&format!("{}/", self.folder.path().display()), ""),
        }
    }

    /// The answer of a run that exits with 0.
    fn answer(&self) -> Value {
        let outcome = self.run();
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        assert_eq!(outcome.out.matches('\n').count(), 1, "one line");
        serde_json::from_str(&outcome.out).unwrap()
    }

    /// The error of a run that exits with 1 and prints no answer.
    fn error(&self) -> String {
        let outcome = self.run();
        assert_eq!((outcome.code, &*outcome.out), (1, ""), "{}", outcome.err);
        let lines = outcome.err.lines().filter(|line| !line.starts_with("warning: "));
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn request() -> String {
    json!({
        "uid": UID,
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "operation": "CREATE",
        "userInfo": {},
        "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}},
    })
    .to_string()
}

const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"}}"#;

/// A policy that answers `validate` with its own payload as the message.
fn telling() -> Vec<u8> {
    // {"accepted":false,"message":<JSON string>}: instead of escaping, the
    // payload becomes the mutated object.
    let head = r#"{"accepted":true,"mutated_object":"#;
    on_validate(
        &format!(
            "(call $request (i32.const 100) (i32.const {at}))
            (i32.store8 (i32.add (i32.const {at}) (local.get $len)) (i32.const 125))
            (call $response (i32.const 9000) (i32.add (local.get $len) (i32.const {})))
            (return (i32.const 1))",
            head.len() + 1,
            at = 9000 + head.len(),
        ),
        &format!("(data (i32.const 9000) \"{}\")", head.replace('"', "\\22")),
    )
}

/// The payload that `telling` got, recovered from the patch.
fn told(case: &Case, object: &str) -> Value {
    let answer = case.answer();
    let patch = STANDARD.decode(answer["patch"].as_str().unwrap()).unwrap();
    let patch: json_patch::Patch = serde_json::from_slice(&patch).unwrap();
    let mut object = serde_json::from_str(object).unwrap();
    json_patch::patch(&mut object, &patch).unwrap();
    object
}

#[test]
fn an_accepted_request_has_kwctls_shape() {
    let outcome = Case::new(&accepting(), &request()).run();
    assert_eq!(
        outcome.out,
        format!("{{\"uid\":\"{UID}\",\"allowed\":true,\"auditAnnotations\":null,\"warnings\":null}}\n")
    );
    assert_eq!(outcome.err, "warning: policy `policy.wasm` has no Kubewarden metadata: policy-server refuses it\n");
}

#[test]
fn a_refused_request_exits_with_0() {
    let answer = r#"{"accepted":false,"message":"no","code":403,"mutated_object":null,
        "audit_annotations":{"k":"v"},"warnings":["careful"]}"#;
    assert_eq!(
        Case::new(&answering(answer, VALID), &request()).answer(),
        json!({"uid": UID, "allowed": false, "status": {"message": "no", "code": 403},
            "auditAnnotations": {"k": "v"}, "warnings": ["careful"]})
    );
}

#[test]
fn a_mutation_becomes_a_patch() {
    let mutated = r#"{"accepted":true,"mutated_object":{"apiVersion":"v1","kind":"Pod",
        "metadata":{"name":"web","labels":{"a":"b"}}}}"#;
    let answer = Case::new(&answering(mutated, VALID), &request()).answer();
    assert_eq!(answer["patchType"], json!("JSONPatch"));
    let patch = STANDARD.decode(answer["patch"].as_str().unwrap()).unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&patch).unwrap(),
        json!([{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}])
    );
}

#[test]
fn an_unchanged_object_is_no_mutation() {
    let answer = format!(r#"{{"accepted":true,"mutated_object":{POD}}}"#);
    let answer = Case::new(&answering(&answer, VALID), &request()).answer();
    assert!(answer.get("patch").is_none() && answer.get("patchType").is_none());
}

#[test]
fn a_deletion_cannot_be_mutated() {
    let wasm = answering(r#"{"accepted":true,"mutated_object":{}}"#, VALID);
    let request = r#"{"uid":"u","kind":{},"operation":"DELETE","object":null}"#;
    let answer = Case::new(&wasm, request).answer();
    assert_eq!(answer["allowed"], json!(false));
    assert_eq!(answer["status"]["message"], json!("the policy changes an object that is null, as in a DELETE request"));
}

#[test]
fn a_review_is_unwrapped() {
    let review = format!(r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}}"#, request());
    let case = Case::new(&telling(), &review).settings(r#"{"user": 1}"#);
    assert_eq!(case.answer()["uid"], json!(UID));
    let request: Value = serde_json::from_str(&request()).unwrap();
    assert_eq!(told(&case, POD), json!({"settings": {"user": 1}, "request": request}));
}

#[test]
fn a_bare_object_becomes_a_create_request() {
    for (object, namespace) in [
        (POD.to_owned(), json!("default")),
        (POD.replace("\"name\"", "\"namespace\":\"shop\",\"name\""), json!("shop")),
        (POD.replace("Pod", "Node"), Value::Null),
    ] {
        let case = Case::new(&telling(), &object);
        let request = &told(&case, &object)["request"];
        assert_eq!(request["operation"], json!("CREATE"));
        assert_eq!(request["name"], json!("web"));
        assert_eq!(request["namespace"], namespace);
        assert_eq!(request["object"], serde_json::from_str::<Value>(&object).unwrap());
        assert_eq!(request["uid"], case.answer()["uid"]);
    }
}

#[test]
fn a_raw_policy_gets_the_text_as_it_is() {
    let section = r#"(@custom "io.kubewarden.metadata" "{\"policyType\":\"raw\"}")"#;
    let wasm = answering_with(r#"{"accepted":true}"#, VALID, section);
    let outcome = Case::new(&wasm, r#"{"uid":"r","user":"tom"}"#).run();
    assert!(outcome.out.starts_with(r#"{"uid":"r","allowed":true"#), "{}", outcome.out);
    assert_eq!(outcome.err, "");
}

#[test]
fn standard_input_is_read() {
    let mut case = Case::new(&accepting(), "");
    case.args.request_path = PathBuf::from("-");
    case.stdin = request();
    assert_eq!(case.answer()["uid"], json!(UID));
    case.stdin = "{".to_owned();
    assert_eq!(case.error(), "error: standard input: not JSON (line 1, column 1)");
}

#[test]
fn refused_settings_exit_with_1() {
    let verdict = r#"{"valid":false,"message":"unknown key \"usr\""}"#;
    assert_eq!(
        Case::new(&answering("{}", verdict), &request()).error(),
        r#"error: Provided settings are not valid: "unknown key \"usr\"""#
    );
    assert_eq!(
        Case::new(&guest("unreachable", ""), &request()).error(),
        "error: Provided settings are not valid: \"policy `policy.wasm` trapped: wasm \
         `unreachable` instruction executed (a panic or an abort in the policy)\""
    );
}

#[test]
fn settings_are_read_from_a_file() {
    let mut case = Case::new(&telling(), &request());
    let path = case.folder.path().join("settings.json");
    fs::write(&path, r#" {"user":2} "#).unwrap();
    case.args.settings_path = Some(path.clone());
    assert_eq!(told(&case, POD)["settings"], json!({"user": 2}));
    for (text, settings) in [("", json!({})), ("null", json!({}))] {
        fs::write(&path, text).unwrap();
        assert_eq!(told(&case, POD)["settings"], settings);
    }
    for (text, error) in [
        ("{", "not JSON (line 1, column 1)"),
        ("[1]", "settings must be a mapping of keys to values"),
        ("7", "settings must be a mapping of keys to values"),
        // Must not reach the policy: it would become a second request.
        (r#"{},"request":{}"#, "not JSON (line 1, column 3)"),
    ] {
        fs::write(&path, text).unwrap();
        assert_eq!(case.error(), format!("error: settings.json: {error}"));
    }
}

#[test]
fn a_failing_policy_refuses_with_500() {
    for (wasm, message) in [
        (failing("odd"), "answered with an error: odd"),
        (on_validate(LOOP, ""), "did not answer within 200 ms"),
        (answering("secret", VALID), "gave an unreadable answer to `validate`: no JSON (line 1, column 1)"),
    ] {
        let case = Case::new(&wasm, &request());
        let answer = case.answer();
        assert_eq!(answer["allowed"], json!(false));
        assert_eq!(answer["status"]["code"], json!(500));
        let text = answer["status"]["message"].as_str().unwrap();
        assert!(text.starts_with("internal server error: policy `"), "{text}");
        assert!(text.ends_with(message), "{text}");
        let told = format!("error: policy `policy.wasm` {message}\n");
        assert!(case.run().err.ends_with(&told), "{}", case.run().err);
    }
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let mut case = Case::new(&accepting(), &request());
    case.args.request_path = case.folder.path().join("none.json");
    let error = case.error();
    assert!(error.starts_with("error: cannot read request `none.json`: "), "{error}");

    let mut case = Case::new(&accepting(), &request());
    case.args.settings_path = Some(case.folder.path().to_owned());
    assert!(case.error().starts_with("error: cannot read settings `"));

    let mut case = Case::new(&accepting(), &request());
    case.args.policy = case.folder.path().join("none.wasm");
    assert!(case.error().starts_with("error: cannot read policy `none.wasm`: "));

    let case = Case::new(b"text", &request());
    assert_eq!(
        case.error(),
        "error: policy `policy.wasm` is not a WebAssembly module: \
         it does not begin as one (`\\0asm`)"
    );
    let wasi = r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))"#;
    assert_eq!(
        Case::new(&assemble(wasi), &request()).error(),
        "error: policy `policy.wasm` imports `wasi_snapshot_preview1.proc_exit`; \
         `--allow-wasi` permits it for a policy you trust"
    );
}

#[test]
fn requests_that_are_none_are_refused() {
    for (text, error) in [
        ("{", "not JSON (line 1, column 1)"),
        (r#"["v1","Pod"]"#, "an array, not an object"),
        (r#"{"kind":"AdmissionReview","request":["u"]}"#, "the admission request is an array, not an object"),
        ("7", "not of the expected shape (line 1, column 1)"),
        (r#"{"kind":"AdmissionReview"}"#, "the AdmissionReview has no `request`"),
        (r#"{"kind":"AdmissionReview","request":null}"#, "the AdmissionReview has no `request`"),
        (
            "{}",
            "neither an AdmissionReview nor an admission request (`kind`, `operation`, \
             `object`) nor a Kubernetes object (`apiVersion`, `kind`)",
        ),
        (r#"{"kind":{},"uid":7}"#, "the admission request is not of the expected shape (line 1, column 18)"),
        (
            r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":7}}"#,
            "the object's `metadata` is not of the expected shape (line 1, column 9)",
        ),
    ] {
        let error = format!("error: request.json: {error}");
        assert_eq!(Case::new(&accepting(), text).error(), error, "{text}");
    }
}

#[test]
fn timeouts_are_sensible_numbers() {
    assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
    for text in ["0", "-1", "inf", "NaN", "1e300", "two", ""] {
        assert!(seconds(text).is_err(), "{text}");
    }
}

#[test]
fn the_command_line_is_kwctls() {
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        run: RunArgs,
    }
    let parse = |args: &str| <Cli as clap::Parser>::try_parse_from(args.split(' '));
    let cli = parse("run p.wasm --request-path r.json --settings-json {}").unwrap();
    assert_eq!(cli.run.timeout, Duration::from_secs(2));
    assert!(parse("run p.wasm -r - -s s.yml --allow-wasi --timeout 0.5").is_ok());
    assert!(parse("run p.wasm").is_err());
    assert!(parse("run p.wasm -r - --settings-json {} --settings-path s").is_err());
}
