//! Lean reading of JSON: borrowed text, `null` as unset, only the fields a rule looks at.
//!
//! One serde visitor reads every struct: the struct only says, for a key, which [`Slot`] takes the value
//! ([`Object::slot`]). That keeps a policy small (serde's derive compiles a reader for every struct) and
//! lets an error name the field it happened at.
//!
//! Kubernetes decodes field names case-sensitively and treats `null` as unset; so does this module. A field
//! given twice is an error, because two readers could then see two different objects.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::escape::push_key;
pub(crate) use crate::escape::{push_escaped, push_escaped_twice};
pub use crate::escape::{push_string, string};
use crate::index::{Hashed, hash};

/// A JSON string: borrowed from the request unless it contains an escape.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<'a>(pub Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// Up to this many members, lookup is a linear scan; beyond it, an index keeps huge objects from costing quadratic
/// time.
const FEW: usize = 16;

/// The members of a JSON object in the order they stand, as `(key, value)`.
#[derive(Debug, Clone)]
pub struct Pairs<'a, V>(pub Vec<(Text<'a>, V)>, Hashed);

impl<V> Default for Pairs<'_, V> {
    fn default() -> Self {
        Pairs(Vec::new(), Hashed::default())
    }
}

impl<V> Pairs<'_, V> {
    /// The value of `key`; the last one if it stands twice, as Go's decoder takes it.
    pub fn get(&self, key: &str) -> Option<&V> {
        self.place(key).map(|place| &self.0[place].1)
    }

    /// The place of `key`; the last one if it stands twice.
    pub fn place(&self, key: &str) -> Option<usize> {
        let is_it = |place: &usize| *self.0[*place].0 == *key;
        if self.0.len() <= FEW {
            return (0..self.0.len()).rev().find(is_it);
        }
        self.1.places(hash(key)).rev().find(is_it)
    }

    /// Builds the index of a large object's keys; called once, after the last member.
    fn index(&mut self) {
        if self.0.len() > FEW {
            self.1 = Hashed::new(self.0.iter().map(|(key, _)| hash(key)));
        }
    }

    /// The members that [`get`](Self::get) gives, each key once.
    pub fn distinct(&self) -> impl Iterator<Item = (&str, &V)> {
        let counts = |(place, (key, _)): &(usize, &(Text<'_>, V))| self.place(key) == Some(*place);
        self.0.iter().enumerate().filter(counts).map(|(_, (key, value))| (&**key, value))
    }
}

/// A struct that is read from a JSON object.
pub trait Object<'a> {
    /// Where the value of `key` goes; [`Slot::Skip`] for a field that nobody reads.
    fn slot(&mut self, key: &str) -> Slot<'_, 'a>;
}

/// A place for a value: what type it must have, and where it goes.
pub enum Slot<'s, 'a> {
    /// Any value, not kept.
    Skip,
    /// A boolean.
    Bool(&'s mut Option<bool>),
    /// A whole number.
    Int(&'s mut Option<i64>),
    /// A string.
    Text(&'s mut Option<Text<'a>>),
    /// Any value, as JSON text.
    Raw(&'s mut Option<&'a RawValue>),
    /// An object that nobody looks into, as JSON text.
    RawObject(&'s mut Option<&'a RawValue>),
    /// An object that becomes a struct.
    Object(&'s mut dyn Maybe<'a>),
    /// An object, read into a struct that is there already.
    Into(&'s mut dyn Object<'a>),
    /// A list of objects.
    List(&'s mut dyn List<'a>),
    /// A list of strings.
    Texts(&'s mut Option<Vec<Text<'a>>>),
    /// A list of whole numbers.
    Ints(&'s mut Option<Vec<i64>>),
    /// A list of any values.
    Raws(&'s mut Option<Vec<&'a RawValue>>),
    /// An object of any values.
    RawPairs(&'s mut Option<Pairs<'a, &'a RawValue>>),
    /// An object of strings; `null` counts as the empty string, as in Kubernetes.
    TextPairs(&'s mut Option<Pairs<'a, Option<Text<'a>>>>),
}

/// An optional struct.
pub trait Maybe<'a> {
    /// Whether it has been read already.
    fn is_set(&self) -> bool;
    /// Makes the struct, ready to be filled.
    fn begin(&mut self) -> &mut dyn Object<'a>;
}

/// An optional list of structs.
pub trait List<'a> {
    /// Whether it has been read already.
    fn is_set(&self) -> bool;
    /// Makes the empty list.
    fn begin(&mut self);
    /// Adds a struct, ready to be filled.
    fn add(&mut self) -> &mut dyn Object<'a>;
}

impl<'a, T: Object<'a> + Default> Maybe<'a> for Option<T> {
    fn is_set(&self) -> bool {
        self.is_some()
    }
    fn begin(&mut self) -> &mut dyn Object<'a> {
        self.insert(T::default())
    }
}

impl<'a, T: Object<'a> + Default> List<'a> for Option<Vec<T>> {
    fn is_set(&self) -> bool {
        self.is_some()
    }
    fn begin(&mut self) {
        *self = Some(Vec::new());
    }
    fn add(&mut self) -> &mut dyn Object<'a> {
        let list = self.get_or_insert_default();
        list.push(T::default());
        let last = list.len() - 1;
        &mut list[last]
    }
}

/// The type of a field, which knows its slot.
pub trait Field<'a> {
    /// The slot that fills this field.
    fn slot(&mut self) -> Slot<'_, 'a>;
}

macro_rules! fields {
    ($($ty:ty => $variant:ident,)*) => {
        $(impl<'a> Field<'a> for Option<$ty> {
            fn slot(&mut self) -> Slot<'_, 'a> {
                Slot::$variant(self)
            }
        })*
    };
}
fields! {
    bool => Bool,
    i64 => Int,
    Text<'a> => Text,
    &'a RawValue => Raw,
    Vec<Text<'a>> => Texts,
    Vec<i64> => Ints,
    Pairs<'a, &'a RawValue> => RawPairs,
    Pairs<'a, Option<Text<'a>>> => TextPairs,
}

/// Why JSON could not be read: where and what, never the value itself, which may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// Field path; empty if the text is not JSON.
    pub path: String,
    /// The problem: the end of the sentence "*path* …".
    pub problem: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            f.write_str(&self.path)?;
            f.write_str(" ")?;
        }
        f.write_str(&self.problem)
    }
}

/// Reads the JSON text into `slot`.
///
/// # Errors
/// Text that is not JSON, a value of another type than its slot, a field given twice.
pub fn read<'a>(text: &'a str, slot: Slot<'_, 'a>) -> Result<(), ReadError> {
    let trail = RefCell::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let result = Reader { slot, trail: &trail }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    result.map_err(|error| match (error.classify(), trail.into_inner()) {
        (Category::Data, Trail { path, problem }) if !problem.is_empty() => {
            ReadError { path, problem: problem.to_owned() }
        }
        _ => {
            let problem = format!("malformed JSON at line {} column {}", error.line(), error.column());
            ReadError { path: String::new(), problem }
        }
    })
}

/// Reads the JSON text into a new struct.
///
/// # Errors
/// See [`read`].
pub fn read_object<'a, T: Object<'a> + Default>(text: &'a str) -> Result<T, ReadError> {
    let mut object = None;
    read(text, Slot::Object(&mut object))?;
    object.ok_or_else(|| ReadError { path: String::new(), problem: MUST_BE_AN_OBJECT.to_owned() })
}

/// Where reading failed, filled on the way out.
#[derive(Default)]
struct Trail {
    path: String,
    problem: &'static str,
}

impl Trail {
    fn under(&mut self, step: String) {
        let joint = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = step + joint + &self.path;
    }
}

struct Reader<'s, 't, 'a> {
    slot: Slot<'s, 'a>,
    trail: &'t RefCell<Trail>,
}

const MUST_BE_AN_OBJECT: &str = "must be an object";
const GIVEN_TWICE: &str = "is given twice";

impl<'a> Reader<'_, '_, 'a> {
    fn fail<T, E: serde::de::Error>(&self, problem: &'static str) -> Result<T, E> {
        self.trail.borrow_mut().problem = problem;
        Err(E::custom(""))
    }

    fn wrong_type<T, E: serde::de::Error>(&self) -> Result<T, E> {
        self.fail(match self.slot {
            Slot::Bool(_) => "must be true or false",
            Slot::Int(_) => "must be a whole number",
            Slot::Text(_) => "must be a string",
            Slot::Skip | Slot::Raw(_) => "must be JSON",
            Slot::Object(_) | Slot::Into(_) | Slot::RawObject(_) | Slot::RawPairs(_) | Slot::TextPairs(_) => {
                MUST_BE_AN_OBJECT
            }
            Slot::List(_) | Slot::Texts(_) | Slot::Ints(_) | Slot::Raws(_) => "must be a list",
        })
    }

    fn is_set(&self) -> bool {
        match &self.slot {
            Slot::Skip | Slot::Into(_) => false,
            Slot::Bool(place) => place.is_some(),
            Slot::Int(place) => place.is_some(),
            Slot::Text(place) => place.is_some(),
            Slot::Raw(place) | Slot::RawObject(place) => place.is_some(),
            Slot::Object(place) => place.is_set(),
            Slot::List(place) => place.is_set(),
            Slot::Texts(place) => place.is_some(),
            Slot::Ints(place) => place.is_some(),
            Slot::Raws(place) => place.is_some(),
            Slot::RawPairs(place) => place.is_some(),
            Slot::TextPairs(place) => place.is_some(),
        }
    }

    fn text<E: serde::de::Error>(self, text: Cow<'a, str>) -> Result<(), E> {
        match self.slot {
            Slot::Text(place) => {
                *place = Some(Text(text));
                Ok(())
            }
            _ => self.wrong_type(),
        }
    }
}

impl<'a> DeserializeSeed<'a> for Reader<'_, '_, 'a> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.is_set() {
            return self.fail(GIVEN_TWICE);
        }
        match self.slot {
            Slot::Skip => deserializer.deserialize_ignored_any(IgnoredAny).map(drop),
            Slot::Raw(place) => {
                *place = Some(<&RawValue>::deserialize(deserializer)?).filter(|raw| !is_null(raw));
                Ok(())
            }
            Slot::RawObject(place) => {
                *place = Some(<&RawValue>::deserialize(deserializer)?).filter(|raw| !is_null(raw));
                if place.is_none_or(is_object) {
                    return Ok(());
                }
                self.trail.borrow_mut().problem = MUST_BE_AN_OBJECT;
                Err(D::Error::custom(""))
            }
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'a> Visitor<'a> for Reader<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        match self.slot {
            Slot::Bool(place) => {
                *place = Some(value);
                Ok(())
            }
            _ => self.wrong_type(),
        }
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        match self.slot {
            Slot::Int(place) => {
                *place = Some(value);
                Ok(())
            }
            _ => self.wrong_type(),
        }
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => self.wrong_type(),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.wrong_type()
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'a str) -> Result<(), E> {
        self.text(Cow::Borrowed(text))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.text(Cow::Owned(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let Reader { slot, trail } = self;
        let mut value: Option<&'a RawValue> = None;
        let mut text: Option<Text<'a>> = None;
        let mut target = match slot {
            Slot::Object(maybe) => Target::Object(maybe.begin()),
            Slot::Into(object) => Target::Object(object),
            Slot::RawPairs(pairs) => Target::RawPairs(pairs.insert(Pairs::default())),
            Slot::TextPairs(pairs) => Target::TextPairs(pairs.insert(Pairs::default())),
            slot => return Reader { slot, trail }.wrong_type(),
        };
        while let Some(key) = map.next_key::<Text<'a>>()? {
            let slot = match &mut target {
                Target::Object(object) => object.slot(&key),
                Target::RawPairs(_) => Slot::Raw(&mut value),
                Target::TextPairs(_) => Slot::Text(&mut text),
            };
            if let Err(error) = map.next_value_seed(Reader { slot, trail }) {
                let mut step = String::new();
                push_key(&mut step, &key);
                trail.borrow_mut().under(step);
                return Err(error);
            }
            match &mut target {
                Target::Object(_) => {}
                Target::RawPairs(pairs) => pairs.0.push((key, value.take().unwrap_or(RawValue::NULL))),
                Target::TextPairs(pairs) => pairs.0.push((key, text.take())),
            }
        }
        match target {
            Target::Object(_) => {}
            Target::RawPairs(pairs) => pairs.index(),
            Target::TextPairs(pairs) => pairs.index(),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        let Reader { mut slot, trail } = self;
        match &mut slot {
            Slot::List(list) => list.begin(),
            Slot::Texts(list) => **list = Some(Vec::new()),
            Slot::Ints(list) => **list = Some(Vec::new()),
            Slot::Raws(list) => **list = Some(Vec::new()),
            _ => return Reader { slot, trail }.wrong_type(),
        }
        let mut index = 0usize;
        loop {
            match seq.next_element_seed(NextElement { slot: &mut slot, trail }) {
                Ok(None) => return Ok(()),
                Ok(Some(())) => index += 1,
                Err(error) => {
                    trail.borrow_mut().under(format!("[{index}]"));
                    return Err(error);
                }
            }
        }
    }
}

/// The destination of the members of an object.
enum Target<'s, 'a> {
    Object(&'s mut dyn Object<'a>),
    RawPairs(&'s mut Pairs<'a, &'a RawValue>),
    TextPairs(&'s mut Pairs<'a, Option<Text<'a>>>),
}

/// Reads one element into the list of `slot`, which grows only if there is one.
struct NextElement<'l, 's, 't, 'a> {
    slot: &'l mut Slot<'s, 'a>,
    trail: &'t RefCell<Trail>,
}

impl<'a> DeserializeSeed<'a> for NextElement<'_, '_, '_, 'a> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        let NextElement { slot, trail } = self;
        let (mut text, mut int, mut raw) = (None, None, None);
        let element = match slot {
            Slot::List(list) => Slot::Into(list.add()),
            Slot::Texts(_) => Slot::Text(&mut text),
            Slot::Ints(_) => Slot::Int(&mut int),
            _ => Slot::Raw(&mut raw),
        };
        Reader { slot: element, trail }.deserialize(deserializer)?;
        match (slot, text, int) {
            (Slot::Texts(Some(list)), Some(text), _) => list.push(text),
            (Slot::Ints(Some(list)), _, Some(int)) => list.push(int),
            (Slot::Raws(Some(list)), ..) => list.push(raw.unwrap_or(RawValue::NULL)),
            (Slot::List(_), ..) => {}
            _ => {
                trail.borrow_mut().problem = "must not be null";
                return Err(D::Error::custom(""));
            }
        }
        Ok(())
    }
}

/// The members of the object `raw`, values as text.
///
/// # Errors
/// If `raw` is not an object.
pub fn members(raw: &RawValue) -> Result<Pairs<'_, &RawValue>, ReadError> {
    let mut pairs = None;
    read(raw.get(), Slot::RawPairs(&mut pairs))?;
    pairs.ok_or_else(|| ReadError { path: String::new(), problem: MUST_BE_AN_OBJECT.to_owned() })
}

/// The elements of the array `raw`, as text.
///
/// # Errors
/// If `raw` is not an array.
pub fn elements(raw: &RawValue) -> Result<Vec<&RawValue>, ReadError> {
    let mut list = None;
    read(raw.get(), Slot::Raws(&mut list))?;
    list.ok_or_else(|| ReadError { path: String::new(), problem: "must be a list".to_owned() })
}

/// The string `raw`; `None` if it is another value.
pub fn text(raw: &RawValue) -> Option<Text<'_>> {
    let mut text = None;
    read(raw.get(), Slot::Text(&mut text)).ok()?;
    text
}

/// `text` as a value.
///
/// # Errors
/// Text that is not JSON.
pub fn raw(text: &str) -> Result<&RawValue, ReadError> {
    let mut raw = None;
    read(text, Slot::Raw(&mut raw))?;
    Ok(raw.unwrap_or(RawValue::NULL))
}

/// Whether `raw` is the JSON `null`.
pub fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

/// Whether `raw` is a JSON object.
pub fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// The elements of a list; none if it is unset.
pub(crate) fn list<T>(list: &Option<Vec<T>>) -> &[T] {
    list.as_deref().unwrap_or_default()
}

/// Declares a struct that is read from a JSON object. Every field is an `Option`; other keys are skipped.
macro_rules! json_object {
    ($(#[$meta:meta])* pub struct $name:ident<'a> {
        $($(#[$field_meta:meta])* $field:ident: $ty:ty = $key:literal $(| $alias:literal)*,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default)]
        pub struct $name<'a> {
            $($(#[$field_meta])* pub $field: Option<$ty>,)*
            #[doc(hidden)]
            pub borrows: std::marker::PhantomData<&'a ()>,
        }

        impl $name<'static> {
            /// With nothing set.
            pub const EMPTY: Self = $name { $($field: None,)* borrows: std::marker::PhantomData };
        }

        impl<'a> $crate::json::Object<'a> for $name<'a> {
            fn slot(&mut self, key: &str) -> $crate::json::Slot<'_, 'a> {
                match key {
                    $($key $(| $alias)* => $crate::json::Field::slot(&mut self.$field),)*
                    _ => $crate::json::Slot::Skip,
                }
            }
        }

        impl<'a> $crate::json::Field<'a> for Option<$name<'a>> {
            fn slot(&mut self) -> $crate::json::Slot<'_, 'a> {
                $crate::json::Slot::Object(self)
            }
        }

        impl<'a> $crate::json::Field<'a> for Option<Vec<$name<'a>>> {
            fn slot(&mut self) -> $crate::json::Slot<'_, 'a> {
                $crate::json::Slot::List(self)
            }
        }
    };
}
pub(crate) use json_object;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    json_object! {
        /// A struct with every kind of slot.
        pub struct Sample<'a> {
            /// boolean
            flag: bool = "flag",
            /// number
            number: i64 = "number",
            /// string
            text: Text<'a> = "text" | "alias",
            /// nested
            inner: Inner<'a> = "inner",
            /// nested list
            inners: Vec<Inner<'a>> = "inners",
            /// strings
            texts: Vec<Text<'a>> = "texts",
            /// map
            map: Pairs<'a, Option<Text<'a>>> = "map",
            /// raw map
            raw: Pairs<'a, &'a RawValue> = "raw",
        }
    }

    json_object! {
        /// Inner struct.
        pub struct Inner<'a> {
            /// numbers
            numbers: Vec<i64> = "numbers",
            /// borrowed
            name: Text<'a> = "name",
        }
    }

    #[test]
    fn every_slot_is_filled() {
        let text = r#"{"flag":true,"number":-7,"alias":"a\u0062","inner":{"numbers":[1,2],"x":{"y":[{}]}},
            "inners":[{},{"name":"n"}],"texts":["a"],"map":{"k":"v","n":null},"raw":{"a":1.50,"b":null},"other":[1e400]}"#;
        let sample: Sample<'_> = read_object(text).unwrap();
        assert_eq!((sample.flag, sample.number, sample.text.as_deref()), (Some(true), Some(-7), Some("ab")));
        assert_eq!(sample.inner.unwrap().numbers.unwrap(), [1, 2]);
        let inners = sample.inners.unwrap();
        assert_eq!((inners.len(), inners[1].name.as_deref()), (2, Some("n")));
        let map = sample.map.unwrap();
        assert_eq!((map.get("k").unwrap().as_deref(), map.get("n").unwrap().as_deref()), (Some("v"), None));
        let raw: Vec<_> = sample.raw.unwrap().0.iter().map(|(k, v)| format!("{}={v}", &**k)).collect();
        assert_eq!(raw, ["a=1.50", "b=null"]);
    }

    #[test]
    fn null_is_unset() {
        let sample: Sample<'_> =
            read_object(r#"{"flag":null,"flag":true,"inner":null,"inners":null,"texts":null,"map":null}"#).unwrap();
        assert_eq!(sample.flag, Some(true));
        assert!(sample.inner.is_none() && sample.inners.is_none() && sample.texts.is_none() && sample.map.is_none());
    }

    #[test]
    fn errors_name_the_field_and_never_the_value() {
        for (text, expected) in [
            (r#"{"flag":"secret"}"#, "flag must be true or false"),
            (r#"{"number":1.5}"#, "number must be a whole number"),
            (r#"{"number":18446744073709551615}"#, "number must be a whole number"),
            (r#"{"text":7}"#, "text must be a string"),
            (r#"{"inner":"secret"}"#, "inner must be an object"),
            (r#"{"inner":[]}"#, "inner must be an object"),
            (r#"{"inners":{}}"#, "inners must be a list"),
            (r#"{"inners":[{},{"numbers":[1,"secret"]}]}"#, "inners[1].numbers[1] must be a whole number"),
            (r#"{"inners":[{},5]}"#, "inners[1] must be an object"),
            (r#"{"texts":["a",null]}"#, "texts[1] must not be null"),
            (r#"{"map":{"a.b":5}}"#, "map[\"a.b\"] must be a string"),
            (r#"{"flag":true,"flag":false}"#, "flag is given twice"),
            (r#"{"text":"a","alias":"b"}"#, "alias is given twice"),
            (r#"{"inner":{},"inner":{}}"#, "inner is given twice"),
            (r#"{"flag":tru}"#, "malformed JSON at line 1 column 12"),
            (r#"{} x"#, "malformed JSON at line 1 column 4"),
            (r#"[]"#, "must be an object"),
            (r#"null"#, "must be an object"),
        ] {
            assert_eq!(read_object::<Sample<'_>>(text).unwrap_err().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn strings_are_written_as_json() {
        let text = "a\"b\\c\nd\u{1}é\u{7f}";
        assert_eq!(serde_json::from_str::<String>(&string(text)).unwrap(), text);
        assert_eq!(string("\u{1f}\t"), "\"\\u001f\\t\"");
        // Every byte at every place of a word.
        for (byte, at) in (0..0x80u8).flat_map(|byte| (0..17).map(move |at| (byte, at))) {
            let text = ["é".repeat(at / 2), "x".repeat(at % 2), char::from(byte).into(), "tail of it".into()].concat();
            assert_eq!(serde_json::from_str::<String>(&string(&text)).unwrap(), text);
            let needs = byte < 0x20 || byte == b'"' || byte == b'\\';
            assert_eq!(string(&text).len() > text.len() + 2, needs, "{byte}");
        }
        for text in ["plain", text, "\"\"\\\\", "\u{1f}\t\r\u{0}"] {
            let mut twice = String::new();
            push_escaped_twice(&mut twice, text);
            assert_eq!(string(&string(text)), ["\"\\\"", &twice, "\\\"\""].concat());
        }
    }
}
