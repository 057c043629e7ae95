//! Reports tell the truth: over generated folders the summary is what was generated, every format holds the same
//! findings, and nothing that a manifest, a path or a policy says gets out of its place. With the real binary.

mod counts;
mod errors;
mod folders;
mod formats;
mod holes;
mod positions;
