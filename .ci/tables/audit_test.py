"""Runs by DuckDB what the README asks of a store's tables, and compares the answers with the store's
own.

    python3 .ci/tables/audit_test.py target/release/syncgate FOLDER

FOLDER has the packages, as .ci/export/install.sh puts them there.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, f"{sys.argv[2]}/python")

import duckdb

BINARY = os.path.abspath(sys.argv[1])
CONTOSO = os.path.abspath("fixtures/deployments/contoso")
EVENTS = os.path.abspath("fixtures/events/first-day.jsonl")
CHAPTER = pathlib.Path("README.md").read_text(encoding="utf-8").split("## What auditors ask")[1]
QUERIES = re.findall(r"```sql\n(.*?)```", CHAPTER.split("\n## ")[0], re.DOTALL)


def run(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, check=True).stdout.decode()


def pending_midway(folder):
    """A store of the first hours, in which customers wait."""
    with open(EVENTS, encoding="utf-8") as events, open(f"{folder}/some.jsonl", "w", encoding="utf-8") as some:
        some.writelines(events.readlines()[:14])
    return f"{folder}/some.jsonl"


def answers(folder, events):
    store = f"{folder}/{pathlib.Path(events).stem}.redb"
    run("replay", CONTOSO, "--events", events, "--store", store, "--id-seed", "1")
    run("store", "export", "--store", store, "--to", "parquet", "--output", f"{folder}/target/first-day")
    run("export", CONTOSO, "--to", "csv", "--output", f"{folder}/target/contoso-tables")
    lines = [json.loads(line) for line in run("store", "export", "--store", store).splitlines()]
    os.chdir(folder)
    return [duckdb.sql(query).fetchall() for query in QUERIES], lines


assert len(QUERIES) == 4, QUERIES
with tempfile.TemporaryDirectory() as folder:
    (decided, pending, configured, unused), lines = answers(folder, EVENTS)
    journal = [line for line in lines if line["record"] == "journal" and "rule" in line]
    counted = collections.Counter((line["at"][:10], line["outcome"], line["reason"]) for line in journal)
    assert {(str(day), outcome, reason): n for day, outcome, reason, n in decided} == counted
    assert pending == [], pending
    assert [(row[0], row[-1]) for row in configured] == [(0, len(journal))], configured
    fired = {line["rule"] for line in journal}
    assert unused and not fired & {row[0] for row in unused}
    print(f"first day: {len(journal)} decisions, {len(unused)} rules that never fired")
    (_, pending, _, _), lines = answers(folder, pending_midway(folder))
    names = {line["customer"] for line in lines if line.get("state") == "pending" and line["record"] == "channel-customer"}
    assert names and {row[1] for row in pending} == names, (pending, names)
    print(f"midway: {len(names)} customers pending, and what each waits for")
