"""Engines that run the exported script: each holds a table of requests, runs scripts, and gives
back what a query says, as rows, or as a table of Arrow where that is much. `typed` says whether
truth values are such, or text."""

import csv
import io
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

from material import DECIDED, FACTS, REQUEST

OUT = ["id", "operation", "channel", *DECIDED, "error"]
TRUTHS = [name for name, words in FACTS.items() if words == [False, True]]


def columns_of(rows, typed):
    """The columns of requests; unless they are typed, truth values are text."""
    texts = {True: "true", False: "false"}
    return [column if typed or name not in TRUTHS else [texts.get(it, it) for it in column]
            for name, column in zip(REQUEST, zip(*rows))]


def statements(script):
    """The statements of a script: each ends where a line ends with a semicolon."""
    for statement in script.split(";\n"):
        lines = [line for line in statement.split("\n") if not line.startswith("--")]
        if any(line.strip() for line in lines):
            yield "\n".join(lines)


def arrow(rows, typed):
    """Requests as a table of Arrow."""
    import pyarrow
    kinds = {"id": pyarrow.int64()}
    if typed:
        kinds |= {name: pyarrow.bool_() for name in TRUTHS}
    arrays = [pyarrow.array(column, kinds.get(name, pyarrow.string()))
              for name, column in zip(REQUEST, columns_of(rows, typed))]
    return pyarrow.Table.from_arrays(arrays, names=REQUEST)


def table_of(rows):
    """Rows of the view as a table of Arrow."""
    import pyarrow
    kinds = [pyarrow.int64() if name == "id" else pyarrow.string() for name in OUT]
    arrays = [pyarrow.array(column, kind) for column, kind in zip(zip(*rows), kinds)]
    return pyarrow.Table.from_arrays(arrays, names=OUT)


def rows_of(table):
    """The rows of a table of Arrow; some engines say that text is bytes."""
    columns = [column.to_pylist() for column in table.columns]
    return list(zip(*([it.decode() if isinstance(it, bytes) else it for it in column]
                      for column in columns)))


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
        columns = [f'"{name}" {kind if name in TRUTHS else "TEXT"}' for name in REQUEST[1:]]
        execute = self.connection.execute
        execute("DROP TABLE IF EXISTS syncgate_request")
        # What a column says of its collation must not decide.
        execute(f"CREATE TABLE syncgate_request (id INTEGER, {', '.join(columns)})".replace(
            '"channel" TEXT', '"channel" TEXT COLLATE NOCASE'))
        execute("BEGIN")
        marks = ", ".join("?" * len(REQUEST))
        self.connection.executemany(f"INSERT INTO syncgate_request VALUES ({marks})",
                                    zip(*columns_of(rows, typed)))
        execute("COMMIT")

    def run(self, script):
        self.connection.executescript(script)

    def query(self, query):
        return self.connection.execute(query).fetchall()

    def table(self, query):
        return table_of(self.query(query))


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
        # A result that is left halfway stands in the way of what comes next.
        self.connection.execute(script).fetchall()

    def query(self, query):
        return self.connection.execute(query).fetchall()

    def table(self, query):
        return self.connection.sql(query).to_arrow_table()


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
        import pyarrow.csv
        kinds = ["boolean" if typed and name in TRUTHS else "text" for name in REQUEST[1:]]
        columns = ", ".join(f'"{name}" {kind}' for name, kind in zip(REQUEST[1:], kinds))
        path = self.folder.parent / "requests.csv"
        # What is not quoted is null, here and there.
        pyarrow.csv.write_csv(arrow(rows, typed), path, pyarrow.csv.WriteOptions(
            include_header=False, quoting_style="all_valid"))
        if getattr(self, "wanted", None) != columns:
            # A view holds on to the types of its columns.
            self._psql("DROP TABLE IF EXISTS syncgate_request CASCADE;\n"
                       f"CREATE TABLE syncgate_request (id bigint, {columns});")
            self.wanted = columns
        self._psql("TRUNCATE syncgate_request;\n\\copy syncgate_request from "
                   f"'{path}' with (format csv)\nANALYZE syncgate_request;")

    def run(self, script):
        self._psql("SET standard_conforming_strings = on;\n" + script)

    def query(self, query):
        text = self._psql(f"\\copy ({query}) to stdout with (format csv, null '\\N!')\n")
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        return [tuple(None if cell == "\\N!" else cell for cell in row) for row in rows]

    def table(self, query):
        import pyarrow.csv
        path = self.folder.parent / "answers.csv"
        self._psql(f"\\copy ({query}) to '{path}' with (format csv, force_quote *)\n")
        kinds = {name: pyarrow.string() for name in OUT[1:]} | {"id": pyarrow.int64()}
        return pyarrow.csv.read_csv(
            path, pyarrow.csv.ReadOptions(column_names=OUT),
            pyarrow.csv.ParseOptions(newlines_in_values=True),
            pyarrow.csv.ConvertOptions(column_types=kinds, null_values=[""],
                                       strings_can_be_null=True, quoted_strings_can_be_null=False))


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
        return rows_of(self.table(query))

    def table(self, query):
        import pyarrow.parquet
        return pyarrow.parquet.read_table(io.BytesIO(self.session.query(query, "Parquet").bytes()))


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
        return rows_of(self.table(query))

    def table(self, query):
        import pyarrow.parquet
        out = self.folder / "answers.parquet"
        self.session.sql(query).write.mode("overwrite").parquet(str(out))
        return pyarrow.parquet.read_table(str(out))


ENGINES = {engine.dialect: engine for engine in (SQLite, DuckDB, Postgres, ClickHouse, Spark)}
