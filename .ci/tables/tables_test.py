"""Decides tables in Parquet that PyArrow, DuckDB and Polars write, in every way they write them, and
reads by the same what is written: each request is decided as its line of JSON is.

    python3 .ci/tables/tables_test.py target/release/syncgate FOLDER

FOLDER has the packages, as .ci/export/install.sh puts them there.
"""

import itertools
import json
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, f"{sys.argv[2]}/python")

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

BINARY = sys.argv[1]
CONTOSO = "fixtures/deployments/contoso"
WORDS = {
    "operation": ["create-customer", "edit-customer", "612", "Edit-Customer", "issue-loyalty-card"],
    "channel": ["houston", "seattle", " HOUSTON "],
    "connection": ["online", "offline"],
    "real_time_service": ["available", "communication-failure", "other-failure"],
    "customer": ["none", "pending", "synced"],
    "order": ["none", "pending", "in-headquarters"],
}
FLAGS = ["loyalty_enrollment_blocked", "affiliation_hidden_in_channels"]
ANSWER = ["outcome", "reason", "rule", "basis", "error_id"]
ROWS = 30_000


def requests(is_required):
    """Requests of which some are wrong; where nothing is required, some values are left out."""
    chance = random.Random(7)
    rows = []
    for number in range(ROWS):
        row = {"id": number}
        for key, words in WORDS.items():
            row[key] = chance.choice(words)
            if not is_required and chance.random() < 0.2:
                row[key] = None
            if chance.random() < 0.01:
                row[key] = chance.choice(["houstn", "ß", "x" * 300, f"other {number}"])
        for key in FLAGS:
            row[key] = chance.random() < 0.5
            if not is_required and chance.random() < 0.2:
                row[key] = None
        rows.append(row)
    return rows


def decide(path, *more):
    done = subprocess.run(
        [BINARY, "decide", CONTOSO, "--input", path, *more], capture_output=True, check=False
    )
    assert done.returncode == 1, (path, more, done.stderr.decode())
    return done.stdout.decode()


def schema(is_required):
    text = [pa.field(key, pa.string(), not is_required) for key in WORDS]
    flags = [pa.field(key, pa.bool_(), not is_required) for key in FLAGS]
    return pa.schema([pa.field("id", pa.int64(), not is_required), *text, *flags])


def as_pyarrow(folder, rows, is_required):
    table = pa.Table.from_pylist(rows, schema(is_required))
    ways = itertools.product(["1.0", "2.0"], [True, False], ["snappy", "none"], [700, 1 << 20])
    for page, dictionary, packed, group in ways:
        path = f"{folder}/pyarrow.parquet"
        pq.write_table(
            table,
            path,
            data_page_version=page,
            use_dictionary=dictionary,
            compression=packed,
            row_group_size=group if group > 1000 else 7001,
            data_page_size=2000 if group < 1000 else None,
        )
        yield f"pyarrow, pages {page}, dictionary {dictionary}, {packed}, {group}", path
    encodings = {key: "DELTA_BYTE_ARRAY" for key in WORDS}
    encodings["id"] = "DELTA_BINARY_PACKED"
    encodings["customer"] = "DELTA_LENGTH_BYTE_ARRAY"
    path = f"{folder}/delta.parquet"
    pq.write_table(table, path, use_dictionary=False, column_encoding=encodings)
    yield "pyarrow, delta", path
    # Dictionaries that outgrow their pages are given up halfway.
    path = f"{folder}/outgrown.parquet"
    pq.write_table(table, path, dictionary_pagesize_limit=100, data_page_size=1000)
    yield "pyarrow, outgrown dictionaries", path


def as_duckdb(folder, rows, is_required):
    table = pa.Table.from_pylist(rows, schema(is_required))
    for version in ("V1", "V2"):
        path = f"{folder}/duckdb.parquet"
        query = "copy (select * from requests) to '{}' (format parquet, parquet_version {}, compression snappy)"
        connection = duckdb.connect()
        connection.register("requests", table)
        connection.execute(query.format(path, version))
        yield f"duckdb {version}", path


def as_polars(folder, rows, is_required):
    frame = polars.from_arrow(pa.Table.from_pylist(rows, schema(is_required)))
    path = f"{folder}/polars.parquet"
    frame.write_parquet(path, compression="snappy")
    yield "polars", path
    frame.with_columns(polars.col("customer").cast(polars.Categorical)).write_parquet(
        path, compression="uncompressed", row_group_size=5000
    )
    yield "polars, categories", path


def message(answer):
    """What is wrong with a request, apart from how a value is said to be none."""
    said = answer["error"]["message"]
    return "no value" if "is no value of" in said else said.split(";")[0]


def same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other):
        if "error" in a or "error" in b:
            assert a.get("id") == b.get("id") and message(a) == message(b), (a, b)
        else:
            assert a == b, (a, b)


def read():
    with tempfile.TemporaryDirectory() as folder:
        for is_required in (True, False):
            rows = requests(is_required)
            jsonl = f"{folder}/requests.jsonl"
            with open(jsonl, "w", encoding="utf-8") as file:
                for row in rows:
                    file.write(json.dumps(row) + "\n")
            expected = [json.loads(line) for line in decide(jsonl).splitlines()]
            for make in (as_pyarrow, as_duckdb, as_polars):
                for what, path in make(folder, rows, is_required):
                    answers = decide(path, "--jobs", "2")
                    same(expected, [json.loads(line) for line in answers.splitlines()])
                    print(f"  {what}, {'required' if is_required else 'optional'}: as JSON Lines")


def written():
    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/requests.parquet", f"{folder}/answers.parquet"
        rows = requests(False) * 6
        pq.write_table(pa.Table.from_pylist(rows, schema(False)), source)
        expected = [json.loads(line) for line in decide(source).splitlines()]
        for jobs in ("1", "3"):
            decide(source, "--output", target, "--jobs", jobs)
            frames = {
                "pyarrow": pq.read_table(target).to_pylist(),
                "duckdb": duckdb.sql(f"select * from '{target}'").arrow().read_all().to_pylist(),
                "polars": polars.read_parquet(target).to_dicts(),
            }
            for maker, answers in frames.items():
                assert len(answers) == len(expected), (maker, len(answers))
                for wanted, answer in zip(expected, answers):
                    assert answer["id"] == wanted["id"]
                    if "error" in wanted:
                        error = wanted["error"]
                        told = f"line {error['line']}: {error['message']}"
                        assert answer["error"] == told and answer["rule"] is None, (answer, wanted)
                        continue
                    for key in ANSWER:
                        assert answer[key] == wanted.get(key), (maker, key, answer, wanted)
                    assert answer["sources"] == " ".join(wanted["sources"]), (answer, wanted)
                    assert answer["error"] is None
                print(f"  {maker}: reads what {jobs} threads wrote")


for test in (read, written):
    print(test.__name__)
    test()
