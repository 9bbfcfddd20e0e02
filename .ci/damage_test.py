"""Damages a store in many places and asks the program about it, as it is built for release: what
makes no sense is told as damage, whatever the storage library makes of it, and nothing panics.

    python3 .ci/damage_test.py target/release/syncgate
"""

import collections
import os
import subprocess
import sys
import tempfile

BINARY = sys.argv[1]
DAY = "fixtures/events/first-day.jsonl"
PAGE = 4096


def run(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, check=False)


def damages(sound):
    """Pages wiped, pages in each other's place, and bits flipped all over."""
    pages = range(0, len(sound), PAGE)
    for page in pages:
        if any(sound[page : page + PAGE]):
            yield f"page {page // PAGE} wiped", sound[:page] + bytes(PAGE) + sound[page + PAGE :]
            other = sound[PAGE : 2 * PAGE] if page else sound[-PAGE:]
            yield f"page {page // PAGE} another", sound[:page] + other + sound[page + PAGE :]
    used = [at for at, byte in enumerate(sound) if byte]
    for at in used[:: max(1, len(used) // 150)] + list(range(0, 320, 16)):
        flipped = bytes([sound[at] ^ 0x80])
        yield f"byte {at} flipped", sound[:at] + flipped + sound[at + 1 :]


def main():
    told = collections.Counter()
    with tempfile.TemporaryDirectory() as directory:
        store = os.path.join(directory, "day.redb")
        done = run("replay", "fixtures/deployments/contoso", "--events", DAY, "--store", store, "--id-seed", "1")
        assert done.returncode == 0, done.stderr.decode()
        with open(store, "rb") as file:
            sound = file.read()
        for what, damaged in damages(sound):
            with open(store, "wb") as file:
                file.write(damaged)
            for command in ("verify", "export"):
                done = run("store", command, "--store", store)
                said = done.stderr.decode() + done.stdout.decode()
                assert done.returncode in (0, 1, 2), (what, command, done.returncode, said)
                assert "panicked" not in said, (what, command, said)
                told[done.returncode] += 1
                told["pages make no sense"] += "its pages make no sense" in said
    print(dict(told))
    assert told["pages make no sense"] and told[1] + told[2] > told[0] // 4, told


main()
