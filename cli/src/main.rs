//! The `harden` command.

fn main() {}
