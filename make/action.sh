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

if [[ $HARDEN_VERSION == installed ]]; then
  harden=$(command -v harden) || fail "harden is not installed; name a version, as v0.1.0"
else
  [[ $HARDEN_VERSION =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "version must be installed, or be like v0.1.0"
  [[ $HARDEN_REPOSITORY =~ ^[0-9A-Za-z_.-]+/[0-9A-Za-z_.-]+$ ]] || fail "repository must be like owner/name"
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  release="https://github.com/$HARDEN_REPOSITORY/releases/download/$HARDEN_VERSION"
  download() {
    curl --fail --silent --show-error --location --proto '=https' --retry 3 --output "$folder/$1" "$release/$1" ||
      fail "cannot download $release/$1"
  }
  download harden
  download SHA256SUMS
  (cd "$folder" && sha256sum --check --ignore-missing --strict --quiet SHA256SUMS) || fail "harden is not what SHA256SUMS says"
  grep -q '  harden$' "$folder/SHA256SUMS" || fail "SHA256SUMS does not list harden"
  # The sums are from where the file is: they find damage. Who built it, the provenance says.
  if gh attestation verify --help > /dev/null 2>&1; then
    download provenance.json
    gh attestation verify "$folder/harden" --bundle "$folder/provenance.json" --repo "$HARDEN_REPOSITORY" \
      --signer-workflow "$HARDEN_REPOSITORY/.github/workflows/release.yml" \
      --source-ref "refs/tags/$HARDEN_VERSION" > /dev/null || fail "harden was not built by the release of $HARDEN_REPOSITORY"
  elif [[ -z $HARDEN_SHA256 ]]; then
    echo "::warning::gh is not installed: who built harden was not verified; the input sha256 pins it"
  fi
  harden=$folder/harden
  chmod +x "$harden"
fi
[[ -z $HARDEN_SHA256 ]] || echo "$HARDEN_SHA256  $harden" | sha256sum --check --strict --quiet ||
  fail "harden is not what sha256 says"

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
