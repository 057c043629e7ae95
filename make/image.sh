#!/bin/sh
# From `registry://HOST/REPO:TAG@sha256:…` to `HOST/REPO@sha256:…`, which is how cosign and others name it.
# usage: make/image.sh REFERENCE
set -eu
echo "$1" | sed -E 's|^registry://||; s|:[^:/@]+@|@|'
