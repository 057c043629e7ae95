//! Reports, one file a format.

#[cfg(feature = "embedded")]
pub mod json;
#[cfg(feature = "embedded")]
pub mod text;
