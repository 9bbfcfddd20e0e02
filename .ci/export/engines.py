"""Engines that run the exported script: each holds a table of requests, runs scripts, and gives
back what the view says. `typed` says whether truth values are such, or text."""

import csv
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

from material import DECIDED, FACTS, REQUEST

OUT = ["id", "operation", "channel", *DECIDED, "error"]


def as_text(value):
    """A truth value as text."""
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


def statements(script):
    """The statements of a script: each ends where a line ends with a semicolon."""
    for statement in script.split(";\n"):
        lines = [line for line in statement.split("\n") if not line.startswith("--")]
        if any(line.strip() for line in lines):
            yield "\n".join(lines)


def arrow(rows, typed):
    """Requests as a table of Arrow."""
    import pyarrow
    columns = list(zip(*rows))
    kinds = {"id": pyarrow.int64()}
    if typed:
        kinds |= {name: pyarrow.bool_() for name in list(FACTS)[4:]}
    else:
        columns = [tuple(map(as_text, column)) for column in columns]
    arrays = [pyarrow.array(column, kinds.get(name, pyarrow.string()))
              for name, column in zip(REQUEST, columns)]
    return pyarrow.Table.from_arrays(arrays, names=REQUEST)


def parquet(folder, rows, typed):
    """Writes requests as Parquet; where."""
    import pyarrow.parquet
    path = folder / "requests.parquet"
    pyarrow.parquet.write_table(arrow(rows, typed), path)
    return path


class SQLite:
    dialect = "sqlite"

    def __init__(self, folder):
        self.connection = sqlite3.connect(folder / "test.sqlite", isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = OFF")
        self.connection.execute("PRAGMA synchronous = OFF")

    def can_hold(self, row):
        return True

    def load(self, rows, typed):
        kind = {True: "INTEGER", False: "TEXT"}[typed]
        columns = [f'"{name}" {kind if FACTS.get(name) == [False, True] else "TEXT"}'
                   for name in REQUEST[1:]]
        execute = self.connection.execute
        execute("DROP TABLE IF EXISTS syncgate_request")
        # What a column says of its collation must not decide.
        execute(f"CREATE TABLE syncgate_request (id INTEGER, {', '.join(columns)})".replace(
            '"channel" TEXT', '"channel" TEXT COLLATE NOCASE'))
        execute("BEGIN")
        rows = rows if typed else (tuple(map(as_text, row)) for row in rows)
        marks = ", ".join("?" * len(REQUEST))
        self.connection.executemany(f"INSERT INTO syncgate_request VALUES ({marks})", rows)
        execute("COMMIT")

    def run(self, script):
        self.connection.executescript(script)

    def query(self, query):
        return self.connection.execute(query).fetchall()


class DuckDB:
    dialect = "duckdb"

    def __init__(self, folder):
        import duckdb
        self.folder = folder
        self.connection = duckdb.connect(str(folder / "test.duckdb"))
        self.connection.execute("SET threads = 2")

    def can_hold(self, row):
        return True

    def load(self, rows, typed):
        self.connection.register("incoming", arrow(rows, typed))
        self.connection.execute(
            "CREATE OR REPLACE TABLE syncgate_request AS SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def run(self, script):
        self.connection.execute(script)

    def query(self, query):
        return self.connection.execute(query).fetchall()


class Postgres:
    """A server of its own, on a socket in the folder."""
    dialect = "postgres"

    def __init__(self, folder):
        self.folder = folder / "postgres"
        self.folder.mkdir()
        self.data = self.folder / "data"
        self.bin = self._programs()
        if os.geteuid() == 0:
            folder.chmod(0o755)
            shutil.chown(self.folder, "postgres", "postgres")
        self._as_server("initdb", "--pgdata", self.data, "--auth", "trust", "--encoding", "UTF8",
                        "--locale", "C.UTF-8", "--no-sync", "--username", "postgres")
        options = (f"-k {self.folder} -c listen_addresses= -c fsync=off "
                   "-c max_wal_size=4GB -c shared_buffers=256MB -c work_mem=64MB")
        self._as_server("pg_ctl", "start", "--wait", "--pgdata", self.data,
                        "--log", self.folder / "log", "--options", options)

    @staticmethod
    def _programs():
        found = shutil.which("initdb")
        if found:
            return pathlib.Path(found).resolve().parent
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        assert found, "no PostgreSQL is installed"
        return found[-1].parent

    def _as_server(self, program, *arguments):
        """Runs a program as a user that is not root: a server refuses that one."""
        command = [str(self.bin / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def close(self):
        self._as_server("pg_ctl", "stop", "--mode", "immediate", "--pgdata", self.data)

    def can_hold(self, row):
        # Text there has no such character.
        return not any("\0" in value for value in row if isinstance(value, str))

    def _psql(self, script, *more):
        # The settings that some servers have must not decide how a literal is read.
        done = subprocess.run(
            [str(self.bin / "psql"), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1",
             "--host", str(self.folder), "--username", "postgres", *more],
            input=script.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[:2000]
        return done.stdout.decode()

    def load(self, rows, typed):
        kinds = ["boolean" if typed and FACTS.get(name) == [False, True] else "text"
                 for name in REQUEST[1:]]
        columns = ", ".join(f'"{name}" {kind}' for name, kind in zip(REQUEST[1:], kinds))
        path = self.folder.parent / "requests.csv"
        with path.open("w", encoding="utf-8", newline="") as out:
            lines = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
            for row in rows:
                lines.writerow("\\N!" if value is None else as_text(value) for value in row)
        wanted = f"{columns}"
        if getattr(self, "wanted", None) != wanted:
            # A view holds on to the types of its columns.
            self._psql("DROP TABLE IF EXISTS syncgate_request CASCADE;\n"
                       f"CREATE TABLE syncgate_request (id bigint, {columns});")
            self.wanted = wanted
        names = ", ".join(f'"{name}"' for name in REQUEST)
        self._psql("TRUNCATE syncgate_request;\n\\copy syncgate_request from "
                   f"'{path}' with (format csv, null '\\N!', force_null ({names}))\n"
                   "ANALYZE syncgate_request;")

    def run(self, script):
        self._psql("SET standard_conforming_strings = on;\n" + script)

    def query(self, query):
        text = self._psql(f"\\copy ({query}) to stdout with (format csv, null '\\N!')\n")
        import io
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        return [tuple(None if cell == "\\N!" else cell for cell in row) for row in rows]


class ClickHouse:
    dialect = "clickhouse"

    def __init__(self, folder):
        from chdb import session
        self.session = session.Session(str(folder / "clickhouse"))
        self.folder = folder
        self.session.query("CREATE DATABASE test")
        self.session.query("USE test")

    def can_hold(self, row):
        return True

    def load(self, rows, typed):
        path = parquet(self.folder, rows, typed)
        self.session.query("DROP TABLE IF EXISTS syncgate_request")
        self.session.query("CREATE TABLE syncgate_request ENGINE = Memory AS "
                           f"SELECT * FROM file('{path}', Parquet)")

    def run(self, script):
        for statement in statements(script):
            self.session.query(statement)

    def query(self, query):
        import io
        import pyarrow.parquet
        text = self.session.query(query, "Parquet").bytes()
        table = pyarrow.parquet.read_table(io.BytesIO(text))
        columns = [column.to_pylist() for column in table.columns]
        columns = [[v.decode() if isinstance(v, bytes) else v for v in c] for c in columns]
        return list(zip(*columns))


class Spark:
    dialect = "spark"

    def __init__(self, folder):
        from pyspark.sql import SparkSession
        self.folder = folder
        self.session = (
            SparkSession.builder.master("local[2]")
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.ui.enabled", "false")
            .config("spark.driver.memory", "6g")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.legacy.createHiveTableByDefault", "false")
            .getOrCreate())
        self.session.sparkContext.setLogLevel("ERROR")

    def can_hold(self, row):
        return True

    def load(self, rows, typed):
        path = parquet(self.folder, rows, typed)
        self.session.sql("DROP TABLE IF EXISTS syncgate_request")
        self.session.catalog.clearCache()
        self.session.read.parquet(str(path)).write.saveAsTable("syncgate_request")

    def run(self, script):
        for statement in statements(script):
            self.session.sql(statement)

    def query(self, query):
        import pyarrow.parquet
        out = self.folder / "answers.parquet"
        self.session.sql(query).write.mode("overwrite").parquet(str(out))
        table = pyarrow.parquet.read_table(str(out))
        columns = [column.to_pylist() for column in table.columns]
        return list(zip(*columns))


ENGINES = {engine.dialect: engine for engine in (SQLite, DuckDB, Postgres, ClickHouse, Spark)}
