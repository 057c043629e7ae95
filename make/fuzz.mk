# Fuzzing: `fuzz/targets` under libFuzzer. `make test` runs the same functions on stable Rust.

# For each target; the lot takes seven times as long.
FUZZ_SECONDS ?= 20
FUZZ_TARGETS = $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))
FUZZ_VERSION = 0.13.2
FUZZ_FLAGS = -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=2048 -dict=fuzz/seeds/json.dict
CARGO_FUZZ = $(CARGO) +nightly fuzz run --sanitizer none --target-dir $(abspath $(TARGET_DIR))/fuzz

.PHONY: fuzz fuzz-tools

# The project forbids `unsafe`, so the address sanitizer would only slow the search down.
fuzz: policies fuzz-tools ## Fuzz every target for FUZZ_SECONDS (20)
	cp Cargo.lock fuzz/Cargo.lock
	@set -e; for target in $(FUZZ_TARGETS); do \
	  echo "== $$target"; mkdir -p fuzz/corpus/$$target; \
	  $(CARGO_FUZZ) $$target fuzz/corpus/$$target fuzz/seeds/$$target -- $(FUZZ_FLAGS) -print_final_stats=1; \
	done

fuzz-tools:
	@rustup toolchain list | grep -q nightly || rustup toolchain install nightly --profile minimal
	@$(CARGO) fuzz --version >/dev/null 2>&1 || $(CARGO) install cargo-fuzz --version $(FUZZ_VERSION) --locked
