//! `kubectl` as the oracle: what it would create from a text, `harden` sees alike or refuses.
//!
//! Generated texts go through the real `kubectl`, which sends what it reads to an API server on loopback; each object
//! that it sends must be one that `harden` finds in the text, equal as JSON, unless `harden` refuses the text. Where
//! `kubectl` is not installed these tests say that they were skipped; a corpus of texts with its answers is always
//! read. `KUBECTL_TEXTS` is the number of texts a mode of the generator makes, `KUBECTL_SEED` the first seed.

mod binary;
mod corpus;
mod differential;
mod fix;
mod generate;
mod holes;
mod oracle;
mod seen;
mod server;
