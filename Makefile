# `make demo` and `make test` do everything; they need rustup and make. The targets of one policy: `make -C policies/ID`.

CARGO ?= cargo
TARGET_DIR = $(or $(CARGO_TARGET_DIR),target)
HARDEN = $(TARGET_DIR)/release/harden
WASM_TARGET = wasm32-unknown-unknown

.DEFAULT_GOAL := help
.PHONY: help demo test policies dist install bench fmt lint e2e-tests generate check-generated clean wasm-target FORCE

help: ## Show the targets
	@grep -hE '^[a-z.-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

demo: $(HARDEN) ## Check an insecure application and its hardened twin
	@echo "== harden check examples/insecure"
	@$(HARDEN) check examples/insecure; code=$$?; echo "== exit code $$code (1: there are violations)"; test $$code -eq 1
	@echo
	@echo "== harden check examples/hardened"
	@$(HARDEN) check examples/hardened; code=$$?; echo "== exit code $$code (0: clean)"; test $$code -eq 0

# Many tests wait, for a container engine or a registry: others run meanwhile.
export RUST_TEST_THREADS ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

test: policies ## Run every test
	$(CARGO) test --release --workspace --locked

# Not `cargo xtask`, which is quiet: from nothing, this takes minutes.
policies: wasm-target ## Build dist/*.wasm, each with its Kubewarden metadata
	@echo "== build the policies to dist/: first the tool that builds them, then one wasm file each"
	$(CARGO) run --release --locked --package xtask -- policies

policy.wasm annotated-policy.wasm: FORCE ## Build the bundle here, without or with its Kubewarden metadata
	$(MAKE) -C policies/hardening $@
	mv policies/hardening/$@ $@

e2e-tests: policies ## Run the end-to-end tests on kwctl
	@e2e-tests/run

generate: ## Write every generated file: what follows from the rules, schemas, deploy/
	$(CARGO) xtask generate
	$(MAKE) policies
	BLESS=1 $(CARGO) test --release --workspace --locked --test it generated

check-generated: ## Fail if a file that follows from the rules is stale; `make test` asks about the others
	$(CARGO) xtask generate --check

$(HARDEN): policies FORCE
	@echo "== build harden"
	$(CARGO) build --release --locked --package harden

dist: $(HARDEN) ## Build the policies and the command-line tool to dist/
	cp $(HARDEN) dist/harden

PREFIX ?= /usr/local
SHARE = $(DESTDIR)$(PREFIX)/share

install: dist ## Install harden, as a kubectl plugin too, with completions and manual pages, below PREFIX
	install -D -m 755 dist/harden $(DESTDIR)$(PREFIX)/bin/harden
	ln -sf harden $(DESTDIR)$(PREFIX)/bin/kubectl-harden
	ln -sf harden $(DESTDIR)$(PREFIX)/bin/kubectl_complete-harden
	mkdir -p $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d $(SHARE)/man/man1
	dist/harden completions bash > $(SHARE)/bash-completion/completions/harden
	dist/harden completions zsh > $(SHARE)/zsh/site-functions/_harden
	dist/harden completions fish > $(SHARE)/fish/vendor_completions.d/harden.fish
	dist/harden man > $(SHARE)/man/man1/harden.1
	for command in $$(dist/harden --help | sed -n '/^Commands:/,/^$$/s/^  \([a-z-]*\) .*/\1/p' | grep -v '^help$$'); do \
	  dist/harden man $$command > $(SHARE)/man/man1/harden-$$command.1 || exit; done

bench: $(HARDEN) ## Measure speed and size
	$(CARGO) bench --package benches

# Every file by name: rustfmt does not see modules that a macro declares.
RUST_FILES = $(shell git ls-files '*.rs')

fmt: ## Format the code
	rustfmt $(RUST_FILES)

lint: policies check-generated ## Check formatting, lints and generated files
	rustfmt --check $(RUST_FILES)
	$(CARGO) clippy --release --workspace --all-targets --locked -- -D warnings
	@if command -v cargo-deny >/dev/null; then echo cargo deny; \
	  $(CARGO) deny --workspace --locked check licenses bans sources; \
	  else echo "skipped: cargo-deny not installed"; fi
	@if command -v yamllint >/dev/null; then echo yamllint --strict .; yamllint --strict .; \
	  else echo "skipped: yamllint not installed"; fi

wasm-target:
	@if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx $(WASM_TARGET); then \
	  rustup target add $(WASM_TARGET); fi

clean: ## Remove what was built
	$(CARGO) clean
	rm -rf dist
	rm -f policy.wasm annotated-policy.wasm policies/*/policy.wasm policies/*/annotated-policy.wasm

include make/release.mk
include make/fuzz.mk

FORCE:
