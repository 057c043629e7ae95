//! The settings of a suite: its policies and its tests.

use hardening::bundle::{Profile, rules_schema};
use hardening::catalogue::APART;
use hardening::settings::{Setting, SettingsError, entries};
use lint::config::KubernetesVersion;
use serde_json::Value;
use serde_json::value::RawValue;

use super::expect::Expectation;
use lint::config::{RawObject, Rules};

hardening::settings! {
    /// Tests of policies for `harden test`.
    pub struct Suite {
        /// The title of the suite; by default, the file's name.
        name("name"): String = String::new(),
        /// The policies that judge, one after the other, as in a cluster: what one changes the next one sees. If
        /// unset, the `harden.yaml` found upwards from the suite, else the profile `hardening`.
        policies("policies"): Vec<PolicyUnderTest> = Vec::new(),
        /// The tests.
        tests("tests"): Vec<Case> = Vec::new() => serde_json::json!({ "minItems": 1 }),
    }
    check(this) {
        if this.tests.is_empty() {
            return Err(SettingsError::new("must hold at least one test").under("tests"));
        }
        let names = || this.tests.iter().map(|test| &test.name);
        if let Some((at, _)) = names().enumerate().find(|(at, name)| names().take(*at).any(|other| other == *name)) {
            return Err(SettingsError::new("is the name of another test, too").under(&format!("tests[{at}].name")));
        }
    }
}

hardening::settings! {
    /// A policy that judges: one of `policy`, `rule` and `config`, or else the bundle of all rules.
    pub struct PolicyUnderTest {
        /// Any Kubewarden waPC policy: a `.wasm` file relative to the suite, or `registry://…`.
        policy("policy"): Option<String> = None,
        /// A single rule of the bundle, such as `capabilities`.
        rule("rule"): Option<String> = None,
        /// A `harden.yaml` relative to the suite: the settings that the cluster gets from it.
        config("config"): Option<String> = None,
        /// Profile of the bundle.
        profile("profile"): Option<Profile> = None,
        /// Version of the Pod Security Standards that the bundle judges by, such as `v1.33`.
        kubernetes_version("kubernetesVersion"): Option<KubernetesVersion> = None,
        /// Changes of single rules of the profile.
        rules("rules"): BundledRules = BundledRules::default(),
        /// Settings of the policy, of the rule or of the bundle.
        settings("settings"): RawObject = RawObject::default(),
    }
    check(this) {
        let alone = [("policy", this.policy.is_some()), ("rule", this.rule.is_some()), ("config", this.config.is_some())];
        let given: Vec<&str> = alone.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
        if let [first, second, ..] = given[..] {
            return Err(SettingsError::new(format!("stands beside {first}; make it an entry of its own")).under(second));
        }
        let of_bundle = [
            ("profile", this.profile.is_some()),
            ("kubernetesVersion", this.kubernetes_version.is_some()),
            ("rules", this.rules != BundledRules::default()),
            ("settings", this.config.is_some() && !this.settings.0.is_empty()),
        ];
        if let (Some(owner), Some((key, _))) = (given.first(), of_bundle.iter().find(|(_, given)| *given)) {
            return Err(SettingsError::new(format!("has no effect beside {owner}")).under(key));
        }
        let twice = |(key, given): &&(&str, bool)| {
            *given && this.settings.0.contains_key(if *key == "kubernetesVersion" { "version" } else { key })
        };
        if let Some((key, _)) = of_bundle.iter().find(twice) {
            return Err(SettingsError::new("stands in settings as well; keep one").under(key));
        }
        if let Some(rule) = this.rule.as_deref() {
            let known = hardening::catalogue::IDS;
            if !known.contains(&rule) {
                let message = format!("unknown rule{}", lint::suggest::among(rule, known));
                return Err(SettingsError::new(message).under("rule"));
            }
        }
    }
}

hardening::settings! {
    /// A test: one of `object`, `file` and `request`, and what is expected of it.
    pub struct Case {
        /// A sentence that says what the test shows; unique in its suite.
        name("name"): String = String::new() => serde_json::json!({ "minLength": 1 }),
        /// Policies of this test, in place of the suite's.
        policies("policies"): Vec<PolicyUnderTest> = Vec::new(),
        /// A Kubernetes object.
        object("object"): Option<Json> = None,
        /// File relative to the suite with objects, with an AdmissionReview or with an admission request.
        file("file"): Option<String> = None,
        /// An AdmissionReview, an admission request, or what else a policy takes.
        request("request"): Option<Json> = None,
        /// The operation on the object; `CREATE`, or `UPDATE` if there is an `oldObject`.
        operation("operation"): Option<Operation> = None,
        /// The object before an `UPDATE`.
        old_object("oldObject"): Option<Json> = None,
        /// Subresource of the request, such as `ephemeralcontainers`.
        subresource("subresource"): Option<String> = None,
        /// Namespace of the request; the object's if unset, else `default`.
        namespace("namespace"): Option<String> = None,
        /// Who asks: `{username, uid, groups, extra}`.
        user_info("userInfo"): Option<Json> = None,
        /// Why the test is not run.
        skip("skip"): Option<String> = None,
        /// The expectation for every object that `objects` does not name.
        expect("expect"): Option<Expectation> = None,
        /// Expectations for single objects of a file.
        objects("objects"): Vec<ObjectExpectation> = Vec::new(),
    }
    check(this) {
        if this.name.is_empty() {
            return Err(SettingsError::new("must say what the test shows").under("name"));
        }
        let sources = [("object", this.object.is_some()), ("file", this.file.is_some()), ("request", this.request.is_some())];
        let given: Vec<&str> = sources.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
        match given[..] {
            // Bad settings are bad whatever they judge.
            [] if this.expect.as_ref().is_none_or(Expectation::needs_object) => {
                return Err(SettingsError::new("needs one of: object, file, request"));
            }
            [first, second, ..] => {
                return Err(SettingsError::new(format!("stands beside {first}; a test has one of them")).under(second));
            }
            _ => {}
        }
        if this.expect.is_none() && this.objects.is_empty() {
            return Err(SettingsError::new("must say what is expected: allowed, denied, or more").under("expect"));
        }
        let of_object = [
            ("operation", this.operation.is_some()),
            ("oldObject", this.old_object.is_some()),
            ("subresource", this.subresource.is_some()),
            ("namespace", this.namespace.is_some()),
            ("userInfo", this.user_info.is_some()),
        ];
        if let (true, Some((key, _))) = (this.request.is_some(), of_object.iter().find(|(_, given)| *given)) {
            return Err(SettingsError::new("belongs in the request itself").under(key));
        }
        match (this.operation, &this.old_object) {
            (Some(Operation::Update), None) => {
                return Err(SettingsError::new("an UPDATE needs the object before it").under("oldObject"));
            }
            (None | Some(Operation::Update), _) | (_, None) => {}
            (Some(_), Some(_)) => return Err(SettingsError::new("is for an UPDATE only").under("oldObject")),
        }
    }
}

hardening::settings! {
    /// The expectation for one object of a file.
    pub struct ObjectExpectation {
        /// The object as reports name it: `Deployment web`, or `Deployment shop/web` with its namespace.
        object("object"): String = String::new(),
        /// The expectation for it.
        expect("expect"): Expectation = Expectation::default(),
    }
    check(this) {
        if this.object.is_empty() {
            return Err(SettingsError::new("must name an object, such as `Deployment web`").under("object"));
        }
        if this.expect == Expectation::default() {
            return Err(SettingsError::new("must say what is expected: allowed, denied, or more").under("expect"));
        }
    }
}

hardening::setting_words! {
    /// The operation of a request.
    pub enum Operation {
        /// The object is new.
        Create = "CREATE",
        /// The object takes the place of `oldObject`.
        Update = "UPDATE",
        /// The object is to go.
        Delete = "DELETE",
        /// A connection to the object.
        Connect = "CONNECT",
    }
}

/// A JSON object as its text: numbers and order stay as they are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(pub String);

impl Setting for Json {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        entries(Some(raw)).map_err(|error| SettingsError { message: "must be an object".to_owned(), ..error })?;
        if raw.get() == "null" {
            return Err(SettingsError::new("must be an object"));
        }
        Ok(Json(raw.get().to_owned()))
    }

    fn schema() -> Value {
        serde_json::json!({ "type": "object" })
    }

    fn to_json(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

/// Changes of single rules of the bundle, which has none that asks its host.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BundledRules(Rules);

impl Setting for BundledRules {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let rules = Rules::read(raw)?;
        match rules.0.iter().find(|(id, _)| APART.contains(&id.as_str())) {
            Some((id, _)) => {
                let why = "is a policy of its own, outside the bundle: name its module as `policy`";
                Err(SettingsError::new(why).under(id))
            }
            None => Ok(BundledRules(rules)),
        }
    }

    fn schema() -> Value {
        rules_schema()
    }

    fn to_json(&self) -> Value {
        self.0.to_json()
    }
}
