#!/bin/sh
# Writes the policies in dist/ to dist/oci/ as OCI image layouts, from which make/push-layouts.sh pushes them without
# running anything that was built.
# usage: make/layouts.sh HARDEN TAG
set -eu

harden=$1
tag=$2

dist=${DIST:-dist}
sums=$dist/SHA256SUMS
test -s "$sums" || { echo "error: there is no $sums: run \`make policies\` first" >&2; exit 1; }
(cd "$dist" && sha256sum --check --quiet --ignore-missing SHA256SUMS >&2)

rm -rf "$dist/oci"
sed -n 's|^[0-9a-f]*  \([^/]*\)\.wasm$|\1|p' "$sums" | while read -r name; do
  "$harden" push "$dist/$name.wasm" "oci:$dist/oci/$name:$tag"
done
test -d "$dist/oci" || { echo "error: $sums names no policy" >&2; exit 1; }
