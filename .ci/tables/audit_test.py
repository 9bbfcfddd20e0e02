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
# What came before the first job: customers wait.
HOUR = os.path.abspath("fixtures/events/first-hour.jsonl")
CHAPTER = pathlib.Path("README.md").read_text(encoding="utf-8").split("## What auditors ask")[1]
QUERIES = re.findall(r"```sql\n(.*?)```", CHAPTER.split("\n## ")[0], re.DOTALL)


def run(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, check=True).stdout.decode()


def kept(folder, events, name):
    """Puts the tables of a store where the README has them; what the store itself exports."""
    store = f"{folder}/{name}.redb"
    run("replay", CONTOSO, "--events", events, "--store", store, "--id-seed", "1")
    run("store", "export", "--store", store, "--to", "parquet", "--output", f"{folder}/target/{name}")
    return [json.loads(line) for line in run("store", "export", "--store", store).splitlines()]


assert len(QUERIES) == 4, QUERIES
with tempfile.TemporaryDirectory() as folder:
    day, first = kept(folder, EVENTS, "first-day"), kept(folder, HOUR, "first-hour")
    run("export", CONTOSO, "--to", "csv", "--output", f"{folder}/target/contoso-tables")
    os.chdir(folder)
    decided, pending, configured, unused = [duckdb.sql(query).fetchall() for query in QUERIES]
    journal = [line for line in day if line["record"] == "journal" and "rule" in line]
    counted = collections.Counter((line["at"][:10], line["outcome"], line["reason"]) for line in journal)
    assert {(str(day), outcome, reason): n for day, outcome, reason, n in decided} == counted
    assert [(row[0], row[-1]) for row in configured] == [(0, len(journal))], configured
    fired = {line["rule"] for line in journal}
    assert unused and not fired & {row[0] for row in unused}
    print(f"first day: {len(journal)} decisions, {len(unused)} rules that never fired")
    names = {line["customer"] for line in first
             if line.get("state") == "pending" and line["record"] == "channel-customer"}
    assert names and {row[1] for row in pending} == names, (pending, names)
    print(f"first hour: {len(names)} customers pending, and what each waits for")
