"""Runs the ready clients of `fixtures/clients/`, each by its own language, against the program: all
must say what `day.txt` says, and none has 60 lines.

    python3 .ci/clients_test.py target/release/syncgate
"""

import pathlib
import subprocess
import sys
import tempfile

BINARY = str(pathlib.Path(sys.argv[1]).resolve())
CLIENTS = pathlib.Path("fixtures/clients")
DAY = ["fixtures/deployments/contoso"]


def run(*command):
    """What a command prints, which must end well."""
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
    assert ended.returncode == 0, f"{command}: {ended.returncode}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


def python(client, _):
    return [sys.executable, str(client)]


def typescript(client, directory):
    """Types taken away, as newer versions of node do by themselves."""
    program = directory / "till.mjs"
    run("esbuild", str(client), "--format=esm", f"--outfile={program}", "--log-level=warning")
    return ["node", str(program)]


def csharp(client, directory):
    program = directory / "Till.exe"
    run("mcs", "-warnaserror", "-r:System.Web.Extensions", f"-out:{program}", str(client))
    return ["mono", str(program)]


LANGUAGES = {".py": python, ".ts": typescript, ".cs": csharp}

expected = (CLIENTS / "day.txt").read_text(encoding="utf-8")
ran = set()
with tempfile.TemporaryDirectory() as directory:
    for client in sorted(CLIENTS.iterdir()):
        if client.suffix == ".txt":
            continue
        lines = client.read_text(encoding="utf-8").count("\n")
        assert lines < 60, f"{client}: {lines} lines"
        command = LANGUAGES[client.suffix](client, pathlib.Path(directory))
        said = run(*command, BINARY, *DAY)
        assert said == expected, f"{client} says\n{said}"
        ran.add(client.suffix)
        print(f"{client}: {lines} lines, as expected")
assert ran == set(LANGUAGES), f"not all languages were run: {ran}"
