#!/usr/bin/env node
// Runs the binary in the package for this platform, which npm installs as an optional dependency.
"use strict";

const { spawnSync } = require("node:child_process");
const { basename } = require("node:path");

const name = `harden-k8s-${process.platform}-${process.arch}`;
let binary;
try {
  binary = require.resolve(`${name}/bin/harden`);
} catch {
  console.error(`error: the package ${name} is not installed: the platform is not supported, or npm was told to leave out optional dependencies`);
  process.exit(2);
}
// By its name the program knows that kubectl calls it.
const argv0 = basename(process.argv[1]);
const { error, signal, status } = spawnSync(binary, process.argv.slice(2), { argv0, stdio: "inherit" });
if (error) {
  console.error(`error: cannot run ${binary}: ${error.message}`);
  process.exit(2);
}
if (signal) {
  process.kill(process.pid, signal);
}
process.exitCode = status ?? 2;
