#!/usr/bin/env bash
# sqlglot, translating a view from Spark to SQLite, writes the word "strict" into every month, day,
# hour, minute and second of a time format: 'yyyy-MM-dd HH:mm' becomes
# '%Y-%mstrict-%dstrict %Hstrict:%Mstrict'. That is valid SQLite, so nothing fails; the rows say
# 2026-11strict-29strict. sqlglot marks Spark's two-digit parts for itself that way and takes the
# mark off for the dialects that have a table for it (DuckDB, PostgreSQL, T-SQL's FORMAT), not for
# the others. Times of T-SQL, Fabric, MySQL and more come out so too when the source is
# from_unixtime. It stays quiet when told to raise on what it can't translate.
# Exports of Dynamics 365 are often read by views that are written for Spark.
#
# sqlglot 30.30.0 (Python), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check sqlglot==30.30.0

"$work/venv/bin/python" - > "$work/seen" <<'PY'
import re, sqlite3, sqlglot

def translate(query, dialect):
    return sqlglot.transpile(query, read="spark", write=dialect,
                             unsupported_level=sqlglot.ErrorLevel.RAISE)[0]

def format_in(query):
    return re.search("'([^']*[Yy][^']*)'", query.replace("'2026-11-29 10:30:00'", "")).group(1)

view = "SELECT date_format('2026-11-29 10:30:00', 'yyyy-MM-dd HH:mm') AS created"
for dialect in ["duckdb", "postgres", "sqlite"]:
    print(f"{dialect}: {format_in(translate(view, dialect))}")
answer = sqlite3.connect(":memory:").execute(translate(view, "sqlite")).fetchone()[0]
print("SQLite's answer:", answer)
for dialect in ["duckdb", "fabric", "mysql"]:
    query = translate("SELECT from_unixtime(created) FROM customers", dialect)
    print(f"{dialect}, from_unixtime: {format_in(query)}")
PY

cat > "$work/expected" <<'OUT'
duckdb: %Y-%m-%d %H:%M
postgres: YYYY-MM-DD HH24:MI
sqlite: %Y-%mstrict-%dstrict %Hstrict:%Mstrict
SQLite's answer: 2026-11strict-29strict 10strict:30strict
duckdb, from_unixtime: %Y-%m-%d %H:%M:%S
fabric, from_unixtime: %Y-%mstrict-%dstrict %Hstrict:%Mstrict:%Sstrict
mysql, from_unixtime: %Y-%mstrict-%dstrict %Hstrict:%Mstrict:%Sstrict
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
