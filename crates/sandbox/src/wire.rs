//! The answers of a policy, as Kubewarden defines them.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::error::ErrorKind;
use crate::shorten::shorten;

/// Most entries of a list in an answer that are kept. A list of a megabyte may hold 300,000, and each costs much more
/// to report than to write.
pub(crate) const MOST: usize = 1_000;

/// Answer to `validate`. Unknown keys are ignored, absent and `null` are one.
#[derive(Debug, Default, Deserialize)]
pub struct ValidationResponse {
    /// Whether the request may pass.
    pub accepted: bool,
    /// Why not, for the user.
    #[serde(default)]
    pub message: Option<String>,
    /// HTTP status of a refusal.
    #[serde(default)]
    pub code: Option<u16>,
    /// The object as the policy wants it, as the text the policy sent.
    #[serde(default)]
    pub mutated_object: Option<Box<RawValue>>,
    /// Entries for the audit log, at most 1,000.
    #[serde(default, deserialize_with = "few_annotations")]
    pub audit_annotations: BTreeMap<String, String>,
    /// Texts for the user of an accepted or refused request: the first 1,000, and how many more there were.
    #[serde(default, deserialize_with = "first_warnings")]
    pub warnings: Vec<String>,
}

/// Answer to `validate_settings`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SettingsVerdict {
    /// Whether the policy can work with the settings.
    pub valid: bool,
    /// The problem with them.
    #[serde(default)]
    pub message: Option<String>,
}

/// Reads the answer to `operation`. An error never quotes it, as serde_json's
/// own would: an answer may hold what the request held, secrets included.
pub(super) fn parse<T: DeserializeOwned>(operation: &str, answer: &[u8]) -> Result<T, ErrorKind> {
    let garbage = |reason| ErrorKind::Garbage { operation: operation.to_owned(), reason };
    // No answer is an array, but serde would take one for a struct.
    if answer.trim_ascii_start().starts_with(b"[") {
        return Err(garbage("JSON of another shape (an array)".to_owned()));
    }
    serde_json::from_slice(answer).map_err(|error| {
        let what = match error.classify() {
            Category::Data => "JSON of another shape",
            _ => "no JSON",
        };
        garbage(format!("{what} (line {}, column {})", error.line(), error.column()))
    })
}

/// The first [`MOST`] entries of a list, and how many more there were; these take no memory.
pub struct First<T> {
    /// The first entries.
    pub entries: Vec<T>,
    /// How many more there were.
    pub more: usize,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = First<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<First<T>, A::Error> {
                let mut first = First { entries: Vec::new(), more: 0 };
                while first.entries.len() < MOST {
                    match list.next_element()? {
                        Some(entry) => first.entries.push(entry),
                        None => return Ok(first),
                    }
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    first.more += 1;
                }
                Ok(first)
            }
        }
        deserializer.deserialize_seq(Reader(PhantomData))
    }
}

fn first_warnings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let Some(First { mut entries, more }) = Option::<First<String>>::deserialize(deserializer)? else {
        return Ok(Vec::new());
    };
    if more > 0 {
        entries.push(format!("and {more} more warnings"));
    }
    Ok(entries.into_iter().map(shorten).collect())
}

fn few_annotations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct Few(BTreeMap<String, String>);
    impl<'de> Deserialize<'de> for Few {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Reader;
            impl<'de> Visitor<'de> for Reader {
                type Value = Few;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an object")
                }

                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Few, A::Error> {
                    let mut few = BTreeMap::new();
                    while let Some((key, value)) = map.next_entry()? {
                        few.insert(key, value);
                        if few.len() > MOST {
                            return Err(A::Error::custom("too many"));
                        }
                    }
                    Ok(Few(few))
                }
            }
            deserializer.deserialize_map(Reader)
        }
    }
    Ok(Option::<Few>::deserialize(deserializer)?.map_or_else(BTreeMap::new, |few| few.0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn s8_of_long_lists_the_first_entries_are_kept() {
        let answer = |count: usize| {
            let text = format!(r#"{{"accepted":true,"warnings":["x"{}]}}"#, r#","y""#.repeat(count - 1));
            serde_json::from_str::<ValidationResponse>(&text).unwrap().warnings
        };
        assert_eq!(answer(MOST).len(), MOST);
        let cut = answer(MOST + 7);
        assert_eq!((cut.len(), cut.last().unwrap().as_str()), (MOST + 1, "and 7 more warnings"));
        let many: Vec<String> = (0..=MOST).map(|at| format!(r#""{at}":"""#)).collect();
        let text = format!(r#"{{"accepted":true,"audit_annotations":{{{}}}}}"#, many.join(","));
        assert!(serde_json::from_str::<ValidationResponse>(&text).is_err());
    }

    #[test]
    fn null_and_absent_are_the_same() {
        for text in [
            r#"{"accepted":true}"#,
            r#"{"accepted":true,"message":null,"code":null,"mutated_object":null,
                "audit_annotations":null,"warnings":null,"new":1}"#,
        ] {
            let answer: ValidationResponse = serde_json::from_str(text).unwrap();
            assert!(answer.accepted);
            assert!(answer.message.is_none() && answer.code.is_none());
            assert!(answer.mutated_object.is_none());
            assert!(answer.audit_annotations.is_empty() && answer.warnings.is_empty());
        }
    }
}
