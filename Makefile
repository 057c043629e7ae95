# `make demo` and `make test` do everything; they need rustup and make.

CARGO ?= cargo
TARGET_DIR = $(or $(CARGO_TARGET_DIR),target)
HARDEN = $(TARGET_DIR)/release/harden
WASM_TARGET = wasm32-unknown-unknown

.DEFAULT_GOAL := help
.PHONY: help demo test policies dist bench fmt lint clean wasm-target bless

help: ## Show the targets
	@grep -Eh '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

demo: $(HARDEN) ## Check an insecure application and its hardened twin
	@echo "== harden check examples/insecure"
	@$(HARDEN) check examples/insecure; code=$$?; echo "== exit code $$code (1: there are violations)"; test $$code -eq 1
	@echo
	@echo "== harden check examples/hardened"
	@$(HARDEN) check examples/hardened; code=$$?; echo "== exit code $$code (0: clean)"; test $$code -eq 0

test: policies ## Run every test
	$(CARGO) test --release --workspace --locked

policies: wasm-target ## Build dist/*.wasm, each with its Kubewarden metadata
	$(CARGO) xtask policies

$(HARDEN): policies FORCE
	$(CARGO) build --release --locked --package harden

dist: $(HARDEN) ## Build the policies and the command-line tool to dist/
	cp $(HARDEN) dist/harden

bench: policies ## Measure speed and size
	$(CARGO) bench --package benches

fmt: ## Format the code
	$(CARGO) fmt --all

lint: policies ## Check formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets --locked -- -D warnings

wasm-target:
	@if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx $(WASM_TARGET); then \
	  rustup target add $(WASM_TARGET); fi

clean: ## Remove what was built
	$(CARGO) clean
	rm -rf dist

include make/release.mk

FORCE:
