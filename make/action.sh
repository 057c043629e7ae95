#!/usr/bin/env bash
# What action.yml runs: gets harden and calls it with what the inputs say.
#
# HARDEN_PATHS and HARDEN_ARGS hold one path or argument a line, so that blanks in them are no trouble.
set -euo pipefail

fail() {
  echo "::error::$1"
  exit 2
}

case "$HARDEN_COMMAND" in
  check | level | test) ;;
  *) fail "command must be check, level or test" ;;
esac

case "$HARDEN_STRICT" in
  true | false) ;;
  *) fail "strict must be true or false" ;;
esac
[[ -z $HARDEN_SINCE || $HARDEN_COMMAND == check ]] || fail "since must be empty unless command is check"
[[ $HARDEN_SHA256 =~ ^([0-9a-f]{64})?$ ]] || fail "sha256 must be 64 hexadecimal digits, or empty"

digest() {
  # macOS may have only the second.
  { sha256sum "$1" 2> /dev/null || shasum --algorithm 256 "$1"; } | cut -d ' ' -f 1
}

if [[ $HARDEN_VERSION == installed ]]; then
  harden=$(command -v harden) || fail "harden is not installed; name a version, as v0.1.0"
  file=$harden
else
  [[ $HARDEN_VERSION =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "version must be installed, or be like v0.1.0"
  [[ $HARDEN_REPOSITORY =~ ^[0-9A-Za-z_.-]+/[0-9A-Za-z_.-]+$ ]] || fail "repository must be like owner/name"
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) target=x86_64-unknown-linux-musl ;;
    Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
    Darwin-x86_64) target=x86_64-apple-darwin ;;
    Darwin-arm64) target=aarch64-apple-darwin ;;
    *) fail "there is no release for $(uname -s) on $(uname -m); install harden, and say version: installed" ;;
  esac
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  release="https://github.com/$HARDEN_REPOSITORY/releases/download/$HARDEN_VERSION"
  download() {
    curl --fail --silent --show-error --location --proto '=https' --retry 3 --output "$folder/$1" "$release/$1" ||
      fail "cannot download $release/$1"
  }
  archive=harden-$HARDEN_VERSION-$target.tar.gz
  file=$folder/$archive
  download "$archive"
  download SHA256SUMS
  sum=$(awk -v name="$archive" '$2 == name { print $1 }' "$folder/SHA256SUMS")
  [[ -n $sum ]] || fail "SHA256SUMS does not list $archive"
  [[ $(digest "$file") == "$sum" ]] || fail "$archive is not what SHA256SUMS says"
  # The sums are from where the file is: they find damage. Who built it, the provenance says.
  if gh attestation verify --help > /dev/null 2>&1; then
    download provenance.json
    gh attestation verify "$file" --bundle "$folder/provenance.json" --repo "$HARDEN_REPOSITORY" \
      --signer-workflow "$HARDEN_REPOSITORY/.github/workflows/release.yml" \
      --source-ref "refs/tags/$HARDEN_VERSION" > /dev/null || fail "harden was not built by the release of $HARDEN_REPOSITORY"
  elif [[ -z $HARDEN_SHA256 ]]; then
    echo "::warning::gh is not installed: who built harden was not verified; the input sha256 pins it"
  fi
fi
[[ -z $HARDEN_SHA256 || $(digest "$file") == "$HARDEN_SHA256" ]] || fail "harden is not what sha256 says"
if [[ $HARDEN_VERSION != installed ]]; then
  tar -xzf "$file" -C "$folder" harden
  harden=$folder/harden
fi

args=()
[[ $HARDEN_COMMAND != check ]] || args+=("--format=$HARDEN_FORMAT")
[[ $HARDEN_COMMAND != check || $HARDEN_STRICT != true ]] || args+=(--strict)
[[ -z $HARDEN_SINCE ]] || args+=("--since=$HARDEN_SINCE")
while IFS= read -r arg; do
  [[ -z $arg ]] || args+=("$arg")
done <<< "$HARDEN_ARGS"
# Whatever a path looks like, it is no option.
args+=(--)
while IFS= read -r path; do
  [[ -z $path ]] || args+=("$path")
done <<< "$HARDEN_PATHS"

"$harden" "$HARDEN_COMMAND" "${args[@]}"
