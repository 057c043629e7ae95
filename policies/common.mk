# The targets of every policy's folder, named as in Kubewarden's own policies. The folder's name is the policy's id.

CARGO ?= cargo
ID := $(notdir $(CURDIR))
ROOT := $(abspath $(CURDIR)/../..)
TARGET_DIR = $(abspath $(or $(CARGO_TARGET_DIR),$(ROOT)/target))
# Without its metadata; `cargo xtask policies` adds that.
PLAIN = $(TARGET_DIR)/wasm32-unknown-unknown/wasm/policy_$(subst -,_,$(ID)).wasm
# Unit tests of the rule in the core crate; its cases run natively, too.
TESTS := $(if $(filter hardening,$(ID)),policy::bundle,rules::$(subst -,_,$(ID))::)

.DEFAULT_GOAL := help
.PHONY: help policies dist fmt lint test e2e-tests clean wasm-target FORCE

help: ## Show the targets
	@grep -hE '^[a-z.-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

policy.wasm: FORCE wasm-target ## Build the policy, without metadata
	cd $(ROOT) && $(CARGO) xtask policies $(ID)
	cp $(PLAIN) $@

annotated-policy.wasm: policies ## Build the policy with its Kubewarden metadata
	cp $(ROOT)/dist/$(ID).wasm $@

policies dist: wasm-target ## Build the policy to dist/ of the repository
	cd $(ROOT) && $(CARGO) xtask policies $(ID)

fmt: ## Format the code
	cd $(ROOT) && $(CARGO) fmt --package policy-$(ID) --package hardening

lint: ## Check formatting and lints
	cd $(ROOT) && $(CARGO) fmt --check --package policy-$(ID) --package hardening
	cd $(ROOT) && $(CARGO) clippy --release --package policy-$(ID) --package hardening --all-targets --locked -- -D warnings

test: wasm-target ## Run the tests of the rule and its cases on the compiled policy
	cd $(ROOT) && $(CARGO) test --release --locked --package hardening --lib $(TESTS)
	cd $(ROOT) && $(CARGO) test --release --locked --package hardening --test cases -- "$(ID): "
	cd $(ROOT) && $(CARGO) xtask policies $(sort $(ID) hardening)
	cd $(ROOT) && $(CARGO) test --release --locked --package e2e-tests --test cases -- "$(ID): "

e2e-tests: annotated-policy.wasm ## Run the end-to-end tests on kwctl
	@$(ROOT)/e2e-tests/run $(ID)

clean: ## Remove what was built here
	rm -f policy.wasm annotated-policy.wasm $(ROOT)/dist/$(ID).wasm

wasm-target:
	@$(MAKE) --no-print-directory -C $(ROOT) wasm-target

FORCE:
