#!/bin/sh
# Pushes the policies in dist/ and writes dist/digests.txt: one `name registry://HOST/REPO:TAG@sha256:…` a line,
# in the order of dist/SHA256SUMS, and dist/manifests/PROFILE/, the bundle's policies pinned to that. Both appear when
# all are there.
# usage: make/publish.sh HARDEN HOST/NAMESPACE TAG [options of `harden push`]
set -eu

harden=$1
registry=${2#registry://}
tag=$3
shift 3

dist=${DIST:-dist}
sums=$dist/SHA256SUMS
test -s "$sums" || { echo "error: there is no $sums: run \`make policies\` first" >&2; exit 1; }
(cd "$dist" && sha256sum --check --quiet SHA256SUMS >&2)

new=$(mktemp "$dist/.digests.XXXXXX")
manifests=$(mktemp -d "$dist/.manifests.XXXXXX")
trap 'rm -rf "$new" "$manifests"' EXIT
sed -n 's|^[0-9a-f]*  \([^/]*\)\.wasm$|\1|p' "$sums" | while read -r name; do
  pinned=$("$harden" push "$@" "$dist/$name.wasm" "registry://${registry%/}/$name:$tag")
  echo "$name $pinned" | tee -a "$new"
done
test -s "$new" || { echo "error: $sums names no policy" >&2; exit 1; }
chmod 644 "$new"
mv "$new" "$dist/digests.txt"
for profile in hardening baseline restricted; do
  "$harden" manifests --no-config --profile "$profile" --digests "$dist/digests.txt" --output "$manifests/$profile" \
    >/dev/null 2>"$manifests/errors" || { cat "$manifests/errors" >&2; exit 1; }
done
rm -f "$manifests/errors"
chmod 755 "$manifests"
rm -rf "$dist/manifests"
mv "$manifests" "$dist/manifests"
echo "wrote $dist/digests.txt and $dist/manifests/" >&2
