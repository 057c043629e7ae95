#!/bin/sh
# Pushes the layouts in dist/oci/ with oras and writes dist/digests.txt, as make/publish.sh does with harden: for a job
# that holds a password and must not run what was built. Needs oras (logged in) and jq.
# usage: make/push-layouts.sh HOST/NAMESPACE TAG
set -eu

registry=${1#registry://}
tag=$2

dist=${DIST:-dist}
new=$(mktemp "$dist/.digests.XXXXXX")
trap 'rm -f "$new"' EXIT
for layout in "$dist"/oci/*/; do
  test -s "$layout/index.json" || { echo "error: there is no layout in $dist/oci" >&2; exit 1; }
  name=$(basename "$layout")
  digest=$(jq --exit-status --raw-output '.manifests[0].digest' "$layout/index.json")
  oras cp --from-oci-layout "${layout%/}@$digest" "${registry%/}/$name:$tag" >&2
  pushed=$(oras resolve "${registry%/}/$name:$tag")
  test "$pushed" = "$digest" || { echo "error: $name:$tag is $pushed, not $digest" >&2; exit 1; }
  echo "$name registry://${registry%/}/$name:$tag@$digest" | tee -a "$new"
done
chmod 644 "$new"
mv "$new" "$dist/digests.txt"
