#!/usr/bin/env python3
"""Packs the binary `harden` for package managers; called by make/release.mk.

Every package holds the same bytes, and the same input gives the same package: no dates, no users, no order of a
folder. Nothing but Python's own library is needed, and nothing that is packed is run.
"""

import argparse
import base64
import csv
import gzip
import hashlib
import io
import json
import re
import string
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAME = "harden-k8s"
SUMMARY = "Check and fix Kubernetes manifests with the WebAssembly policies that guard the cluster"
LICENSE = "Apache-2.0"

# By target of the compiler: tags of wheels, then `os` and `cpu` of npm. The binaries for Linux are static, so they run
# with any C library; those for macOS, from the version that the compiler builds for.
PLATFORMS = {
    "x86_64-unknown-linux-musl": (
        ["manylinux_2_17_x86_64", "manylinux2014_x86_64", "musllinux_1_1_x86_64"],
        "linux",
        "x64",
    ),
    "aarch64-unknown-linux-musl": (
        ["manylinux_2_17_aarch64", "manylinux2014_aarch64", "musllinux_1_1_aarch64"],
        "linux",
        "arm64",
    ),
    "x86_64-apple-darwin": (["macosx_10_12_x86_64"], "darwin", "x64"),
    "aarch64-apple-darwin": (["macosx_11_0_arm64"], "darwin", "arm64"),
}


class Entry:
    """A file of a package."""

    def __init__(self, path, content, runs=False):
        self.path = path
        self.content = content if isinstance(content, bytes) else content.encode()
        self.mode = 0o755 if runs else 0o644


def write_tar(path, entries):
    """Writes a compressed tar file."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as zipped:
        with tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for entry in entries:
                info = tarfile.TarInfo(entry.path)
                info.size = len(entry.content)
                info.mode = entry.mode
                tar.addfile(info, io.BytesIO(entry.content))


def write_zip(path, entries):
    """Writes a zip file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.path)
            info.create_system = 3  # Unix: modes count
            info.external_attr = (0o100000 | entry.mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.content)


def python_version(version):
    """Writes a version as Python's packages do: 1.2.3rc1 for 1.2.3-rc.1."""
    match = re.fullmatch(r"(\d+\.\d+\.\d+)(?:-(a|b|rc)[a-z]*\.?(\d+))?", version)
    if not match:
        sys.exit(f"error: Python's packages cannot have the version {version}: use -alpha.N, -beta.N or -rc.N")
    return "".join(part or "" for part in match.groups())


def wheel(release, target, binary):
    """Writes the wheel for pip, uv and pre-commit: the program in `scripts`, and no Python."""
    tags = PLATFORMS[target][0]
    version = python_version(release.version)
    stem = f"{NAME.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    metadata = [
        "Metadata-Version: 2.4",
        f"Name: {NAME}",
        f"Version: {version}",
        f"Summary: {SUMMARY}",
        f"License-Expression: {LICENSE}",
        "License-File: LICENSE",
        f"Project-URL: Repository, {release.repository}",
        "Requires-Python: >=3.8",
        "Description-Content-Type: text/markdown",
        "",
        release.readme,
    ]
    description = ["Wheel-Version: 1.0", "Generator: harden", "Root-Is-Purelib: false"]
    description += [f"Tag: py3-none-{tag}" for tag in tags]
    # `uvx harden-k8s` looks for a program of that name, and kubectl for its plugin and what completes it. A wheel holds
    # no links, so the program is told its name.
    alias = '#!/bin/sh\nexport HARDEN_CALLED_AS="${0##*/}"\nexec "${0%/*}/harden" "$@"\n'
    names = [NAME, "kubectl-harden", "kubectl_complete-harden"]
    entries = [
        Entry(f"{stem}.data/scripts/harden", binary, runs=True),
        *(Entry(f"{stem}.data/scripts/{name}", alias, runs=True) for name in names),
        Entry(f"{info}/licenses/LICENSE", release.license),
        Entry(f"{info}/METADATA", "\n".join(metadata)),
        Entry(f"{info}/WHEEL", "\n".join(description) + "\n"),
    ]
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    for entry in entries:
        sum_ = base64.urlsafe_b64encode(hashlib.sha256(entry.content).digest()).rstrip(b"=").decode()
        rows.writerow([entry.path, f"sha256={sum_}", len(entry.content)])
    rows.writerow([f"{info}/RECORD", "", ""])
    path = release.out / f"{stem}-py3-none-{'.'.join(tags)}.whl"
    write_zip(path, [*entries, Entry(f"{info}/RECORD", record.getvalue())])
    return [path]


def npm_package(release, name, members, files):
    """Writes a package for npm."""
    manifest = {
        "name": name,
        "version": release.version,
        "description": SUMMARY,
        "license": LICENSE,
        "repository": {"type": "git", "url": f"git+{release.repository}.git"},
        **members,
    }
    path = release.out / f"{name}-{release.version}.tgz"
    texts = [
        Entry("package/package.json", json.dumps(manifest, indent=2) + "\n"),
        Entry("package/README.md", release.readme),
        Entry("package/LICENSE", release.license),
    ]
    write_tar(path, [*texts, *files])
    return path


def npm(release, target, binary):
    """Writes the package that holds this platform's binary, and the one that depends on all of these and runs one."""
    # npm installs of these what `os` and `cpu` allow.
    names = {target: f"{NAME}-{os}-{cpu}" for target, (_, os, cpu) in PLATFORMS.items()}
    launcher = {
        "bin": dict.fromkeys(["harden", NAME, "kubectl-harden", "kubectl_complete-harden"], "harden.js"),
        "engines": {"node": ">=18"},
        "optionalDependencies": {name: release.version for name in names.values()},
    }
    script = (HERE / "npm/harden.js").read_bytes()
    _, os, cpu = PLATFORMS[target]
    # Without preferUnplugged, yarn leaves the program in an archive.
    platform = {"os": [os], "cpu": [cpu], "preferUnplugged": True}
    return [
        npm_package(release, names[target], platform, [Entry("package/bin/harden", binary, runs=True)]),
        npm_package(release, NAME, launcher, [Entry("package/harden.js", script, runs=True)]),
    ]


def archive_path(release, target):
    """Says where the archive of a platform is."""
    return release.out / f"harden-v{release.version}-{target}.tar.gz"


def archive(release, target, binary):
    """Writes the archive for everybody else."""
    path = archive_path(release, target)
    write_tar(path, [Entry("harden", binary, runs=True), Entry("LICENSE", release.license)])
    return [path]


def krew(release):
    """Writes the manifest for krew, which names the archives of all platforms by their sums."""
    values = {"version": release.version, "repository": release.repository}
    for target in PLATFORMS:
        path = archive_path(release, target)
        if not path.is_file():
            sys.exit(f"error: there is no {path}: krew's manifest names every platform")
        values[target.replace("-", "_")] = hashlib.sha256(path.read_bytes()).hexdigest()
    path = release.out / "harden.yaml"
    path.write_text(string.Template((HERE / "krew/harden.yaml").read_text()).substitute(values))
    return [path]


def main():
    """Packs what the command line names."""
    of_binary = {"wheel": wheel, "npm": npm, "archive": archive}
    parser = argparse.ArgumentParser(description="Pack the binary harden for package managers.")
    parser.add_argument("package", choices=[*of_binary, "krew"], nargs="+")
    parser.add_argument("--version", required=True)
    parser.add_argument("--repository", required=True, help="address of the repository, whose releases hold the archives")
    parser.add_argument("--out", required=True, type=Path, help="folder for what is written")
    parser.add_argument("--target", choices=PLATFORMS, help="what the binary was compiled for")
    parser.add_argument("--binary", type=Path)
    release = parser.parse_args()
    release.repository = release.repository.rstrip("/")
    release.license = (HERE / "../LICENSE").read_bytes()
    release.readme = (HERE / "README.md").read_text()
    release.out.mkdir(parents=True, exist_ok=True)
    for package in release.package:
        if package == "krew":
            written = krew(release)
        elif release.target and release.binary:
            written = of_binary[package](release, release.target, release.binary.read_bytes())
        else:
            parser.error(f"{package} needs --target and --binary")
        for path in written:
            print(f"wrote {path}: {path.stat().st_size} bytes")


main()
