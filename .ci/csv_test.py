"""Reads every CSV that syncgate prints by Python's csv module: what another maker's reader sees is
what was meant, in cells that a spreadsheet shows and never runs.

    python3 .ci/csv_test.py target/release/syncgate
"""

import csv
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

BINARY = sys.argv[1]
CONTOSO = "fixtures/deployments/contoso"
# What a spreadsheet takes for a formula begins with one of these.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NAMES = [
    "=1+1",
    "+49 30 1234",
    "-1",
    "@sum",
    "\t=1",
    "\r=1",
    "\n=1",
    "a,b",
    'say "hi"',
    "two\nlines",
    "two\r\nlines",
    "'=1",
    "; DROP",
    " blank ",
    "Zoë Ångström",
    "顧客",
]


def run(*arguments):
    """What the program prints; it may find something, but must not fail."""
    done = subprocess.run([BINARY, *arguments], capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr.decode()
    return done.stdout.decode()


def harmless(text):
    """The cell that a text becomes."""
    return "'" + text if text.startswith(FORMULA) else text


def table(*arguments):
    """The lines of a command's CSV, by the names in the first."""
    text = run(*arguments, "--format", "csv")
    assert text.endswith("\r\n"), arguments
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    head, *rows = lines
    assert rows and len(set(head)) == len(head), (arguments, head)
    for number, row in enumerate(rows):
        assert len(row) == len(head), (arguments, number, row)
        for cell in row:
            assert not cell.startswith(FORMULA), (arguments, number, cell)
    return [dict(zip(head, row)) for row in rows]


def findings():
    """A line for each finding, with its message, then one for each level that lowers an error."""
    for deployment in ("fixtures/report/hostile.toml", "fixtures/deployments/wingtip-policy"):
        rows = table("check", deployment)
        told = json.loads(run("check", deployment, "--format", "json"))
        found, levels = told["findings"], told["levels"]
        assert [row["code"] for row in rows] == [it["code"] for it in found + levels], deployment
        for row, finding in zip(rows, found):
            assert row["message"] == harmless(finding["message"]), row


def matrices():
    """Every operation in every group of channels."""
    for deployment in ("fixtures/report/hostile.toml", CONTOSO):
        rows = table("matrix", deployment)
        told = json.loads(run("matrix", deployment, "--format", "json"))
        asked = {operation["operation"] for group in told["groups"] for operation in group["operations"]}
        assert {row["operation"] for row in rows} == asked, deployment


def journals():
    """Customers whose names are what spreadsheets run."""
    with tempfile.TemporaryDirectory() as directory:
        store, events = f"{directory}/day.redb", f"{directory}/day.jsonl"
        with open(events, "w", encoding="utf-8") as file:
            for name in NAMES:
                event = {"operation": "create-customer", "channel": "houston", "customer": name}
                file.write(json.dumps(event) + "\n")
        run("replay", CONTOSO, "--events", events, "--store", store, "--id-seed", "1")
        rows = [row for row in table("store", "audit", "--store", store) if row["customer"]]
        assert [row["customer"] for row in rows] == [harmless(name) for name in NAMES], rows


def hours():
    """A simulated day of a deployment whose name is a formula."""
    with tempfile.TemporaryDirectory() as directory:
        shutil.copytree(CONTOSO, directory, dirs_exist_ok=True)
        file = pathlib.Path(directory, "deployment.toml")
        text = file.read_text(encoding="utf-8")
        named = text.replace('"Contoso go-live"', '"=1+1"')
        assert named != text
        file.write_text(named, encoding="utf-8")
        rows = table("simulate", directory, "--load", "fixtures/loads/peak-day.toml")
        assert {row["name"] for row in rows} == {"'=1+1"} and len(rows) > 1, rows[0]
        assert all(row["sync"].isdigit() and row["hour"].endswith("Z") for row in rows), rows[0]


for test in (findings, matrices, journals, hours):
    test()
    print(f"{test.__name__}: read back by Python {sys.version.split()[0]}")
