#!/usr/bin/env python3
"""Prints which crates the library is linked with, in which version and under which license, and the texts
of their licenses: what has to go along wherever the library goes. Reads what `cargo metadata` prints."""

import json
import pathlib
import sys

metadata = json.load(sys.stdin)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
(ours,) = (id for id, package in packages.items() if package["name"] == "hogsend")


def is_linked(dependency):
    """Is it needed at run time, and not only to build or to test?"""
    return any(kind["kind"] is None for kind in dependency["dep_kinds"])


def runs_in_the_compiler(package):
    return any("proc-macro" in target["kind"] for target in package["targets"])


linked, waiting = set(), [ours]
while waiting:
    id = waiting.pop()
    if id in linked or runs_in_the_compiler(packages[id]):
        continue
    linked.add(id)
    waiting += [d["pkg"] for d in nodes[id]["deps"] if is_linked(d)]

texts = {}
print("hogsend.so is linked with these crates, and with Rust's standard library (MIT OR Apache-2.0).\n")
for package in sorted((packages[id] for id in linked), key=lambda p: p["name"]):
    if package["source"] is None:
        continue
    if not package["license"]:
        sys.exit(f"third-party: {package['name']} does not say under which license it is")
    name = f"{package['name']} {package['version']}"
    print(f"{name}: {package['license']}")
    home = pathlib.Path(package["manifest_path"]).parent
    for file in sorted(home.iterdir()):
        if file.is_file() and file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "UNLICENSE")):
            texts.setdefault(file.read_text(errors="replace").strip(), []).append(f"{name} ({file.name})")
for text, owners in texts.items():
    print(f"\n{'=' * 78}\n{', '.join(owners)}\n{'-' * 78}\n{text}")
