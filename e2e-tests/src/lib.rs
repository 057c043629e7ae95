//! End-to-end tests: what the compiled policies in `dist/` answer. `README.md` describes them.

pub mod kwctl;
pub mod policies;
