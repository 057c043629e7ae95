//! The demands of the settings on each resource.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::json;
use crate::quantity::{self, Amount, Quantity};
use crate::settings::{Setting, SettingsError, entries};

crate::settings! {
    /// The demands on the requests or the limits of one resource.
    pub struct Demand {
        /// Whether the quantity must be stated. For requests also `explicit`: a limit does not stand in for
        /// the request. For limits also `never`: it must not be stated.
        required("required"): Required = Required::Yes,
        /// Smallest quantity.
        min("min"): Option<Amount> = None,
        /// Largest quantity.
        max("max"): Option<Amount> = None,
        /// The quantity that a fix fills in when it is required and not stated.
        default("default"): Option<Amount> = None,
    }
    check(this) {
        let idle = match this.required {
            Required::No if this.default.is_some() => Some(("default", "false")),
            Required::Never => [("default", &this.default), ("min", &this.min), ("max", &this.max)]
                .into_iter()
                .find_map(|(key, amount)| Some((key, amount.as_ref().map(|_| "never")?))),
            _ => None,
        };
        if let Some((key, word)) = idle {
            return Err(SettingsError::new(["has no effect while required is ", word].concat()).under(key));
        }
        for (key, low) in [("min", &this.min), ("default", &this.default)] {
            for (high_key, high) in [("default", &this.default), ("max", &this.max)] {
                if let (Some(low), Some(high)) = (low, high) && low.quantity > high.quantity {
                    let message = format!("must not be greater than {high_key} ({} > {})", low.text, high.text);
                    return Err(SettingsError::new(message).under(key));
                }
            }
        }
    }
}

impl Demand {
    /// The bound that `quantity` breaks, in words and as it is: `at least` or `at most`.
    pub(super) fn broken_bound(&self, quantity: Quantity) -> Option<(&'static str, &Amount)> {
        let low = self.min.as_ref().filter(|min| quantity < min.quantity).map(|min| ("at least", min));
        low.or_else(|| self.max.as_ref().filter(|max| quantity > max.quantity).map(|max| ("at most", max)))
    }
}

/// Whether a quantity must be stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// It need not be.
    No,
    /// It must be, by the author or by what Kubernetes fills in.
    Yes,
    /// The author must state it.
    Explicit,
    /// It must not be.
    Never,
}

impl Setting for Required {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        match raw.get() {
            "true" => Ok(Required::Yes),
            "false" => Ok(Required::No),
            "\"explicit\"" => Ok(Required::Explicit),
            "\"never\"" => Ok(Required::Never),
            _ => Err(SettingsError::new("must be true, false or, for requests, \"explicit\", for limits \"never\"")),
        }
    }

    fn schema() -> Value {
        json!({ "enum": [true, false, "explicit", "never"] })
    }

    fn to_json(&self) -> Value {
        match self {
            Required::No => false.into(),
            Required::Yes => true.into(),
            Required::Explicit => "explicit".into(),
            Required::Never => "never".into(),
        }
    }
}

/// How many times its request a limit may be, in thousandths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ratio {
    /// As written.
    pub text: String,
    /// The ratio times 1000.
    pub thousandths: u32,
}

impl Setting for Ratio {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let range = 1000..=1_000_000_000;
        let amount = Amount::read(raw).ok();
        let ratio = amount.and_then(|Amount { text, quantity }| {
            let thousandths = u32::try_from(quantity.millis()?).ok().filter(|t| range.contains(t))?;
            Some(Ratio { text, thousandths })
        });
        ratio.ok_or_else(|| SettingsError::new("must be a number from 1 to 1000000 with at most 3 decimals"))
    }

    fn schema() -> Value {
        // Thousandths, with or without the other ways to write a quantity.
        json!({ "type": ["string", "number"], "minimum": 1, "maximum": 1_000_000, "pattern": quantity::PATTERN })
    }

    fn to_json(&self) -> Value {
        self.text.as_str().into()
    }
}

/// A setting for each of some resources, in the order they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByResource<T>(pub Vec<(String, T)>);

impl<T> Default for ByResource<T> {
    fn default() -> Self {
        ByResource(Vec::new())
    }
}

impl<T> ByResource<T> {
    /// The setting for `resource`.
    pub fn get(&self, resource: &str) -> Option<&T> {
        self.0.iter().find(|(name, _)| name == resource).map(|(_, value)| value)
    }
}

impl<T: Setting> Setting for ByResource<T> {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let mut settings = Vec::new();
        for (name, raw) in by_name(raw)? {
            let value = T::read(raw).map_err(|error| error.under(&name))?;
            settings.push((name, value));
        }
        Ok(ByResource(settings))
    }

    fn schema() -> Value {
        json!({ "type": "object", "propertyNames": { "pattern": NAME }, "additionalProperties": T::schema() })
    }

    fn to_json(&self) -> Value {
        Value::Object(self.0.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
    }
}

/// Refuses a `low` above `high`, which stands at `high_key`.
pub(super) fn not_above(low: Option<&Amount>, high_key: &str, high: Option<&Amount>) -> Result<(), SettingsError> {
    match (low, high) {
        (Some(low), Some(high)) if low.quantity > high.quantity => Err(SettingsError::new(
            ["must not be greater than ", high_key, " (", &low.text, " > ", &high.text, ")"].concat(),
        )),
        _ => Ok(()),
    }
}

/// Requires a quantity for each resource, without bounds.
pub(super) fn demanded(names: &[&str]) -> ByResource<Demand> {
    ByResource(names.iter().map(|name| ((*name).to_owned(), Demand::default())).collect())
}

/// The entries of an object whose keys are resources.
fn by_name(raw: &RawValue) -> Result<Vec<(String, &RawValue)>, SettingsError> {
    if json::is_null(raw) {
        return Err(SettingsError::new("must be an object of resources"));
    }
    let entries = entries(Some(raw))?;
    for (name, _) in &entries {
        check_name(name).map_err(|error| error.under(name))?;
    }
    Ok(entries)
}

/// The names that `check_name` accepts, for the schema.
const NAME: &str = "^(cpu|memory|ephemeral-storage|hugepages-.+|[A-Za-z0-9.-]+/[A-Za-z0-9._-]+)$";

/// Refuses a key that names no resource, such as `cpus`.
fn check_name(name: &str) -> Result<(), SettingsError> {
    let is_part = |part: &str, more: &[u8]| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
    };
    let is_extended = |(domain, name): (&str, &str)| is_part(domain, b"-.") && is_part(name, b"-._");
    if may_differ(name) || is_huge_pages(name) || name.split_once('/').is_some_and(is_extended) {
        return Ok(());
    }
    Err(SettingsError::new(
        "is not a resource of containers: must be cpu, memory, ephemeral-storage, hugepages-<size> or domain/name",
    ))
}

fn is_huge_pages(name: &str) -> bool {
    name.strip_prefix("hugepages-").is_some_and(|size| !size.is_empty())
}

/// Whether a request of the resource may be lower than its limit; of all others Kubernetes wants both equal.
pub(super) fn may_differ(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage")
}

/// Whether a limit of 0 leaves the resource without a limit.
pub(super) fn zero_means_unlimited(name: &str) -> bool {
    // The same three: of anything else, a container with 0 gets none.
    may_differ(name)
}

/// Whether Kubernetes takes the resource in a pod's `spec.resources`.
pub(super) fn is_pod_level(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || is_huge_pages(name)
}
