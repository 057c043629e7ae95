#!/bin/sh
# Writes the image of both architectures, dist/bin/*-linux-musl/harden, to FOLDER as an OCI image layout, from which
# oras pushes it. Needs podman; runs nothing of the image.
# usage: packaging/image/layout.sh FOLDER TAG REPOSITORY
set -eu

folder=$1
tag=$2
repository=$3
list=localhost/harden-layout:$$

trap 'podman manifest rm "$list" >/dev/null' EXIT
podman manifest create "$list" >/dev/null
for platform in amd64:x86_64 arm64:aarch64; do
  podman build --quiet --no-cache --timestamp 0 --platform "linux/${platform%:*}" --manifest "$list" \
    --label "org.opencontainers.image.version=$tag" --label "org.opencontainers.image.source=$repository" \
    --label org.opencontainers.image.licenses=Apache-2.0 \
    --file packaging/image/Containerfile "dist/bin/${platform#*:}-unknown-linux-musl" >/dev/null
done
mkdir -p "$folder"
podman manifest push --quiet --all "$list" "oci:$folder:$tag"
