"""Holds what syncgate is made of against `.ci/deny.toml`: licences, versions of one crate beside
each other, where crates come from; and against the version of Rust that `Cargo.toml` states. It
does what `cargo-deny` does where that is not installed, except to ask for advisories.

    python3 .ci/supply_test.py
"""

import collections
import tomllib

from supply import licences_for, metadata, parts

with open(".ci/deny.toml", "rb") as file:
    policy = tomllib.load(file)
said = metadata("--all-features")
packages = [said["by_id"][it] for it in parts(said, {None, "build", "dev"})]
own = said["by_id"][said["resolve"]["root"]]


def name(package):
    return f"{package['name']}@{package['version']}"


def licences():
    """Each may be used by licences that are allowed, and every one of these is needed."""
    allowed = set(policy["licenses"]["allow"])
    needed = set()
    for package in packages:
        used = licences_for(package["license"] or "none", allowed)
        assert used is not None, f"{name(package)}: {package['license']}"
        needed |= used
    unused = allowed - needed
    assert not unused, f"allowed and had by none: {sorted(unused)}"
    return f"{len(packages)} crates"


def duplicates():
    """One version of each, but for those that are listed with a reason."""
    listed = {skip["crate"] for skip in policy["bans"]["skip"]}
    assert all(skip["reason"] for skip in policy["bans"]["skip"])
    versions = collections.defaultdict(list)
    for package in packages:
        versions[package["name"]].append(name(package))
    for several in versions.values():
        left = [it for it in several if it not in listed]
        assert len(left) <= 1, f"beside each other: {sorted(left)}"
    there = {it for several in versions.values() if len(several) > 1 for it in several}
    assert listed <= there, f"listed and not there twice: {sorted(listed - there)}"
    return f"{len(listed)} listed"


def sources():
    """All from one registry."""
    found = {package["source"] for package in packages}
    assert len(found) == 1 and all(it.startswith("registry+") for it in found), found
    wild = [need["name"] for need in own["dependencies"] if need["req"] == "*"]
    assert not wild, f"any version will do for {wild}"
    return "one registry"


def rust():
    """The version stated is the least that everything needs, tests included."""
    def number(text):
        return [int(part) for part in f"{text}.0.0".split(".")[:3]]

    asking = [package for package in packages if package["rust_version"]]
    most = max(asking, key=lambda package: number(package["rust_version"]))
    stated = own["rust_version"]
    assert number(stated) >= number(most["rust_version"]), f"{name(most)}: {most['rust_version']}"
    assert number(stated) == number(most["rust_version"]), f"nobody asks for {stated}"
    return f"{stated}, for {name(most)}"


for test in (licences, duplicates, sources, rust):
    print(f"{test.__name__}: {test()}")
