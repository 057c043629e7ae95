#!/bin/sh
# Adds a version of every policy to the branch `artifacthub`, which is what Artifact Hub reads: a folder for each
# policy, in it one for each version. The first run makes the branch.
# usage: make/artifacthub.sh VERSION
set -eu

version=$1
tree=$(mktemp -d)
trap 'git worktree remove --force "$tree"; rm -rf "$tree"' EXIT
if git fetch --depth 1 origin artifacthub 2>/dev/null; then
  git worktree add --force --detach "$tree" FETCH_HEAD
else
  git worktree add --force --orphan -b artifacthub "$tree"
fi

cp artifacthub-repo.yml "$tree/"
for package in policies/*/artifacthub-pkg.yml; do
  policy=$(dirname "$package")
  found=$(sed -n "s/^version: *[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}\$/\1/p" "$package")
  test "$found" = "$version" || { echo "error: $package is of version $found, not $version" >&2; exit 1; }
  mkdir -p "$tree/$(basename "$policy")/$version"
  cp "$package" "$policy/README.md" "$tree/$(basename "$policy")/$version/"
done
git -C "$tree" add .
git -C "$tree" diff --cached --quiet && { echo "version $version is there already"; exit 0; }
git -C "$tree" -c user.name="github-actions[bot]" -c user.email="41898282+github-actions[bot]@users.noreply.github.com" \
  commit --quiet -m "Packages of version $version"
git -C "$tree" push origin HEAD:refs/heads/artifacthub
