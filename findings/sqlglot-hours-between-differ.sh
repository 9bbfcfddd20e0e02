#!/usr/bin/env bash
# date_diff('hour', a, b) of DuckDB counts how often the clock passes a full hour between two times;
# the SQL that sqlglot writes for SQLite counts how many whole hours lie between them. From 10:59 to
# 11:01 is one hour in the one and none in the other, from 10:00 to 11:59 one in both. From
# late evening to early morning is one day, or none. For PostgreSQL sqlglot does keep DuckDB's
# meaning, so this is no policy of the tool. It stays quiet when told to raise on what it can't
# translate. Whoever counts how long customers stay pending gets other numbers from the same view.
#
# sqlglot 30.30.0, duckdb 2.0.1 (Python), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check sqlglot==30.30.0 duckdb==2.0.1

"$work/venv/bin/python" - > "$work/seen" <<'PY'
import duckdb, sqlite3, sqlglot

for part, start, end in [("hour", "2026-11-29 10:59:00", "2026-11-29 11:01:00"),
                         ("hour", "2026-11-29 10:00:00", "2026-11-29 11:59:00"),
                         ("day", "2026-11-28 23:00:00", "2026-11-29 01:00:00")]:
    query = f"SELECT date_diff('{part}', TIMESTAMP '{start}', TIMESTAMP '{end}')"
    lite = sqlglot.transpile(query, read="duckdb", write="sqlite",
                             unsupported_level=sqlglot.ErrorLevel.RAISE)[0]
    print(part, start[11:16], "to", end[11:16], "DuckDB:", duckdb.sql(query).fetchall()[0][0],
          "SQLite:", sqlite3.connect(":memory:").execute(lite).fetchone()[0])
PY

cat > "$work/expected" <<'OUT'
hour 10:59 to 11:01 DuckDB: 1 SQLite: 0
hour 10:00 to 11:59 DuckDB: 1 SQLite: 1
day 23:00 to 01:00 DuckDB: 1 SQLite: 0
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
