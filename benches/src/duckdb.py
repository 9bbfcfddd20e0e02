"""What DuckDB does for the measurements.

    python3 duckdb.py PACKAGES write CSV PARQUET [ROWS]
    python3 duckdb.py PACKAGES count PARQUET SCRIPT

`write` makes a table of requests of their CSV. `count` decides one by the exported script, and prints
how many seconds the query alone kept cores busy, then the requests by reason.
"""

import resource
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])

import duckdb  # noqa: E402

KINDS = {
    "id": "BIGINT",
    **dict.fromkeys(["operation", "channel", "connection", "real_time_service", "customer", "order"], "VARCHAR"),
    "loyalty_enrollment_blocked": "BOOLEAN",
    "affiliation_hidden_in_channels": "BOOLEAN",
}


def busy():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def write(table, target, rows=None):
    requests = duckdb.connect().read_csv(table, dtype=KINDS)
    (requests.limit(int(rows)) if rows else requests).write_parquet(target)


def count(table, script):
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(f"CREATE VIEW syncgate_request AS SELECT * FROM '{table}'")
    with open(script, encoding="utf-8") as text:
        connection.execute(text.read())
    before = busy()
    counted = connection.execute("SELECT reason, count(*) FROM syncgate_decided GROUP BY ALL").fetchall()
    print(busy() - before)
    for reason, requests in sorted((reason or "", requests) for reason, requests in counted):
        print(f"{reason}\t{requests}")


{"write": write, "count": count}[sys.argv[2]](*sys.argv[3:])
