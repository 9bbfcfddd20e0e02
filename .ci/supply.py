"""What syncgate is made of, read from `cargo metadata`, for a test and for a bill of materials."""

import json
import re
import subprocess
import tomllib


def metadata(*options):
    """What cargo says of the package and of everything in its lock file."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", *options]
    said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    said["by_id"] = {package["id"]: package for package in said["packages"]}
    said["nodes"] = {node["id"]: node for node in said["resolve"]["nodes"]}
    return said


def parts(said, kinds):
    """The ids of the packages that the root is built of, itself left out: of the root's own needs
    those of these kinds, of all others what they are built of."""
    root = said["resolve"]["root"]
    found, asked = set(), [root]
    while asked:
        of = asked.pop()
        for need in said["nodes"][of]["deps"]:
            allowed = kinds if of == root else {None, "build"}
            if need["pkg"] not in found and any(it["kind"] in allowed for it in need["dep_kinds"]):
                found.add(need["pkg"])
                asked.append(need["pkg"])
    return found


def checksums():
    """The SHA-256 of each package by name and version."""
    with open("Cargo.lock", "rb") as file:
        packages = tomllib.load(file)["package"]
    return {(it["name"], it["version"]): it.get("checksum") for it in packages}


def licence(text):
    """An expression of SPDX in today's spelling: a slash once stood for `OR`."""
    return re.sub(r"\s*/\s*", " OR ", text)


def licences_for(text, allowed):
    """The licences of an expression by which somebody may use what has it, none but `allowed`;
    `None` where that can't be."""
    words = re.findall(r"[()]|[^\s()]+", licence(text))
    used, rest = either(words, allowed)
    assert not rest, text
    return used


def either(words, allowed):
    used, words = every(words, allowed)
    while words[:1] == ["OR"]:
        other, words = every(words[1:], allowed)
        used = other if used is None else used
    return used, words


def every(words, allowed):
    used, words = one(words, allowed)
    while words[:1] == ["AND"]:
        other, words = one(words[1:], allowed)
        used = None if used is None or other is None else used | other
    return used, words


def one(words, allowed):
    if words[0] == "(":
        used, words = either(words[1:], allowed)
        assert words[0] == ")", words
        return used, words[1:]
    name, words = words[0], words[1:]
    if words[:1] == ["WITH"]:
        name, words = f"{name} WITH {words[1]}", words[2:]
    return ({name} if name in allowed else None), words
