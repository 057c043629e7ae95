//! The types a setting can have.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Setting, SettingsError};
use crate::glob::Glob;
use crate::json::{self as lean, Text};
use crate::workload::Pointer;

impl Setting for bool {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        match raw.get() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(SettingsError::new("must be true or false")),
        }
    }
    fn schema() -> Value {
        json!({ "type": "boolean" })
    }
    fn to_json(&self) -> Value {
        (*self).into()
    }
}

impl Setting for u32 {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        raw.get().parse().map_err(|_| SettingsError::new("must be a whole number from 0 to 4294967295"))
    }
    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX })
    }
    fn to_json(&self) -> Value {
        (*self).into()
    }
}

impl Setting for String {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        text(raw).map(|text| text.0.into_owned())
    }
    fn schema() -> Value {
        json!({ "type": "string" })
    }
    fn to_json(&self) -> Value {
        self.as_str().into()
    }
}

impl Setting for Glob {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let text = text(raw)?;
        Glob::new(&text).map_err(|why| SettingsError::new([&lean::string(&text), " is not a glob: ", why].concat()))
    }
    fn schema() -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
    fn to_json(&self) -> Value {
        self.as_str().into()
    }
}

impl Setting for Pointer {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        Pointer::new(&text(raw)?).map_err(SettingsError::new)
    }
    fn schema() -> Value {
        json!({ "type": "string", "pattern": "^(/([^~]|~[01])*)?$" })
    }
    fn to_json(&self) -> Value {
        self.to_text().into()
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        // A loop, because `collect` into a `Result` is three times the code for every type.
        let items = lean::elements(raw).map_err(|_| SettingsError::new("must be a list"))?;
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            list.push(T::read(item).map_err(|error| error.within("", index))?);
        }
        Ok(list)
    }
    fn schema() -> Value {
        json!({ "type": "array", "items": T::schema() })
    }
    fn to_json(&self) -> Value {
        self.iter().map(Setting::to_json).collect::<Vec<_>>().into()
    }
}

/// `null` and absent are both `None`.
impl<T: Setting> Setting for Option<T> {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        if lean::is_null(raw) { Ok(None) } else { T::read(raw).map(Some) }
    }
    fn schema() -> Value {
        let mut schema = T::schema();
        schema["type"] = match &schema["type"] {
            Value::Array(types) => types.iter().cloned().chain(["null".into()]).collect(),
            one => json!([one, "null"]),
        };
        if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            words.push(Value::Null);
        }
        schema
    }
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Setting::to_json)
    }
}

fn text(raw: &RawValue) -> Result<Text<'_>, SettingsError> {
    lean::text(raw).ok_or_else(|| SettingsError::new("must be a string"))
}

/// Words that a field of the pod may hold, compared exactly.
pub type Names = Vec<String>;

/// Names as settings write them.
pub(crate) fn names(names: &[&str]) -> Names {
    names.iter().map(|name| (*name).to_owned()).collect()
}

crate::settings! {
    /// A range of numeric ids, both ends included.
    pub struct IdRange {
        /// Smallest id.
        min("min"): u32 = 0,
        /// Largest id.
        max("max"): u32 = u32::MAX,
    }
    check(this) {
        ordered(this.min, this.max)?;
    }
}

/// Refuses a range whose ends are the wrong way round.
pub(crate) fn ordered(min: u32, max: u32) -> Result<(), SettingsError> {
    if min <= max {
        return Ok(());
    }
    Err(SettingsError::new(format!("must not be greater than max ({min} > {max})")).under("min"))
}

/// Appends ranges to what is demanded: ` 1 or from 5 to 9`.
pub(crate) fn push_ranges(out: &mut String, ranges: impl Iterator<Item = (u32, u32)>) {
    for (index, (min, max)) in ranges.enumerate() {
        out.push_str(if index == 0 { " " } else { " or " });
        out.push_str(&if min == max { min.to_string() } else { format!("from {min} to {max}") });
    }
}

impl IdRange {
    /// Whether `id` lies in the range.
    pub fn contains(&self, id: i64) -> bool {
        i64::from(self.min) <= id && id <= i64::from(self.max)
    }
}
