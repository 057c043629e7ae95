# Fuzzing: `fuzz/targets` under libFuzzer. `make test` runs the same functions on stable Rust.

# For each target; the lot takes nine times as long.
FUZZ_SECONDS ?= 20
FUZZ_TARGETS = $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))
FUZZ_VERSION = 0.13.2
# The address sanitizer watches the code that wasmtime compiled ahead of time or took from the cache (sandbox/aot.rs).
FUZZ_SANITIZER ?= address
# Outside the sources, so that the next run, in a new clone, too, begins where the last one ended.
FUZZ_CORPUS ?= $(abspath $(TARGET_DIR))/fuzz-corpus
FUZZ_HOST = $(shell rustc --print host-tuple)

.PHONY: fuzz fuzz-build fuzz-tools

fuzz: fuzz-build ## Fuzz every target for FUZZ_SECONDS (20)
	FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_FLAGS="$(FUZZ_FLAGS)" FUZZ_CORPUS=$(FUZZ_CORPUS) \
	  FUZZ_BINARIES=$(abspath $(TARGET_DIR))/fuzz/$(FUZZ_HOST)/release make/fuzz.sh $(FUZZ_TARGETS)

fuzz-build: policies fuzz-tools
	cp Cargo.lock fuzz/Cargo.lock
	RUSTC_WRAPPER=$(abspath fuzz/rustc) $(CARGO) +nightly fuzz build --sanitizer $(FUZZ_SANITIZER) \
	  --target-dir $(abspath $(TARGET_DIR))/fuzz

fuzz-tools:
	@rustup toolchain list | grep -q nightly || rustup toolchain install nightly --profile minimal
	@$(CARGO) fuzz --version >/dev/null 2>&1 || $(CARGO) install cargo-fuzz --version $(FUZZ_VERSION) --locked
