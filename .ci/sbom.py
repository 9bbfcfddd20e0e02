"""Prints a bill of materials for one target as CycloneDX 1.6: every crate that the program is built
of, with its licence and the SHA-256 of its source. The same for the same lock file.

    python3 .ci/sbom.py x86_64-unknown-linux-gnu
"""

import hashlib
import json
import sys
import uuid

from supply import checksums, licence, metadata, parts

target = sys.argv[1]
said = metadata("--filter-platform", target)
sums = checksums()
own = said["by_id"][said["resolve"]["root"]]


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


found = sorted(parts(said, {None, "build"}), key=lambda it: reference(said["by_id"][it]))


def component(package, kind):
    described = {
        "type": kind,
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
    }
    if package["description"]:
        described["description"] = " ".join(package["description"].split())
    if package["license"]:
        described["licenses"] = [{"expression": licence(package["license"])}]
    checksum = sums.get((package["name"], package["version"]))
    if checksum:
        described["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return described


def needs(package):
    below = {it["pkg"] for it in said["nodes"][package]["deps"] if it["pkg"] in found}
    names = sorted(reference(said["by_id"][it]) for it in below)
    return {"ref": reference(said["by_id"][package]), "dependsOn": names}


with open("Cargo.lock", "rb") as file:
    digest = hashlib.sha256(file.read() + target.encode()).digest()
bill = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "serialNumber": f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=4)}",
    "version": 1,
    "metadata": {
        "component": component(own, "application"),
        "properties": [{"name": "cargo:target", "value": target}],
    },
    "components": [component(said["by_id"][it], "library") for it in found],
    "dependencies": [needs(it) for it in [own["id"], *found]],
}
# The same bytes on every system.
sys.stdout.reconfigure(newline="\n")
json.dump(bill, sys.stdout, indent=2)
print()
