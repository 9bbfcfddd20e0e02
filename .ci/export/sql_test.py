"""The exported SQL against `decide`, in every column, in engines that run here.

    python3 .ci/export/sql_test.py target/release/syncgate PACKAGES [DIALECT…]

PACKAGES is the folder that `install.sh` filled. Without dialects these are sqlite, duckdb and
postgres; clickhouse needs chdb there, spark pyspark and a Java. SYNCGATE_EXPORT_ROWS is how many
dirty rows are decided in all, beside the whole space of every deployment.
"""

import contextlib
import csv
import json
import os
import pathlib
import random
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path[:0] = [str(pathlib.Path(__file__).parent), f"{sys.argv[2]}/python"]

from engines import ENGINES, OUT, rows_of, statements, table_of  # noqa: E402
from material import (  # noqa: E402
    HOSTILE, Program, dirty, generated, operation_names, whole_space)

DIALECTS = sys.argv[3:] or ["sqlite", "duckdb", "postgres"]
ROWS = int(os.environ.get("SYNCGATE_EXPORT_ROWS", "200000"))
CHUNK = 250_000


def channels_of(program, deployment):
    matrix = json.loads(program.run("matrix", deployment, "--format", "json"))
    return [channel for group in matrix["groups"] for channel in group["channels"]]


def script_of(program, deployment, dialect, names=None):
    more = ["--names", names] if names else []
    script = program.run("export", deployment, "--to", "sql", "--dialect", dialect, *more)
    return script.decode()


def compare(engine, rows, expected):
    """How many rows differ; the first are shown."""
    rule = {"spark": "`rule`", "clickhouse": "`rule`"}.get(engine.dialect, '"rule"')
    columns = ", ".join(rule if name == "rule" else name for name in OUT)
    wanted = table_of([row[:3] + answer for row, answer in zip(rows, expected)])
    answers = engine.table(f"SELECT {columns} FROM syncgate_decided").cast(wanted.schema)
    assert len(answers) == len(rows), (engine.dialect, len(answers), len(rows))
    # Of all at once; which differ is looked for where some do.
    if answers.sort_by("id").equals(wanted):
        return 0
    left, differ = {row[0]: row for row in rows_of(wanted)}, 0
    for answer in rows_of(answers):
        # Each is asked for once: a row that is given twice is not found again.
        if left.pop(answer[0], None) != answer:
            differ += 1
            if differ < 4:
                print("differs:", engine.dialect, answer)
    assert differ, engine.dialect
    return differ


def unresolved(rows, expected, known):
    """What is expected where only exact names are known."""
    for row, answer in zip(rows, expected):
        operation, channel = row[1:3]
        if answer[-1] in ("unknown-value", "missing"):
            yield answer
        elif channel not in known["channel"]:
            yield (None,) * 6 + ("unresolved-channel",)
        elif operation not in known["operation"]:
            yield (None,) * 6 + ("unresolved-operation",)
        else:
            yield answer


def held(engine, rows, expected):
    """Those rows that the engine can have, with what is expected of them."""
    kept = [pair for pair in zip(rows, expected) if engine.can_hold(pair[0])]
    return [row for row, _ in kept], [answer for _, answer in kept]


@contextlib.contextmanager
def timed(totals, engine):
    """Adds up rows, differences and seconds of an engine."""
    total, begin = totals[engine.dialect], time.monotonic()

    def told(rows, differ):
        total[0] += len(rows)
        total[1] += differ

    yield told
    total[2] += time.monotonic() - begin


def changed(engine, program, deployments, decided, folder):
    """How many requests `syncgate_changed` takes wrongly for such as end otherwise, or leaves out."""
    decided = [it for it in decided if engine.can_hold(it[0])]
    old, new = deployments
    engine.load([row for row, *_ in decided], False)
    names = folder / "names.csv"
    write_names(engine, script_of(program, new, engine.dialect), names)
    engine.run(program.run("export", new, "--old", old, "--to", "sql", "--dialect", engine.dialect,
                           "--names", names).decode())
    wanted = {}
    for row, before, after in decided:
        # Another outcome, or none.
        if before[0] != after[0]:
            wanted[row[0]] = (*before[:3], before[-1], *after[:3], after[-1])
    quote = "`" if engine.dialect in ("spark", "clickhouse") else '"'
    answers = engine.query(
        "SELECT id, old_outcome, old_reason, old_rule, old_error, outcome, reason, "
        f"{quote}rule{quote}, error FROM syncgate_changed")
    assert wanted and len(answers) == len({it[0] for it in answers})
    answers = {int(it[0]): tuple(it[1:]) for it in answers}
    differ = [key for key in {*wanted, *answers} if wanted.get(key) != answers.get(key)]
    for key in differ[:3]:
        print("differs:", engine.dialect, key, wanted.get(key), answers.get(key))
    by_cause = sorted(int(count) for _, count in engine.query(
        "SELECT cause, count(*) AS requests FROM syncgate_changed GROUP BY cause"))
    causes = causes_of(program, deployments, [row for row, *_ in decided], folder)
    print(f"{engine.dialect}: {len(wanted)} of {len(decided)} end otherwise by {len(causes)} causes, "
          f"{len(differ)} differences")
    return len(differ) + (by_cause != causes)


def causes_of(program, deployments, rows, folder):
    """How many requests end otherwise by each cause, as `diff` says."""
    program.write(rows, folder / "history.json-lines")
    told = json.loads(program.run("diff", *deployments, "--requests", folder / "history.json-lines",
                                  "--input-format", "jsonl", "--format", "json", fine=(1,)))
    told = told["requests"]
    of_channels = [told["of_channels_added"], told["of_channels_removed"]]
    return sorted(count for count in [*of_channels, *(it["changed"] for it in told["causes"])] if count)


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="syncgate-export-"))
    program = Program(sys.argv[1], folder)
    named = operation_names()
    operations, every_name = list(named), sorted({name for it in named.values() for name in it})
    chance = random.Random(20261120)
    deployments = sorted(pathlib.Path("fixtures/deployments").iterdir())
    few = [f"store {number}" for number in range(8)]
    for seed in range(4):
        deployments.append(generated(folder / f"generated-{seed}", seed, few))
    # The one with the most to get wrong has most of the rows.
    hostile = generated(folder / "hostile", 7, HOSTILE)
    deployments.append(hostile)
    engines = [ENGINES[dialect](folder) for dialect in DIALECTS]
    totals = {dialect: [0, 0, 0.0] for dialect in DIALECTS}
    weights = {hostile: 20} if ROWS > 10**6 else {}
    share = ROWS // sum(weights.get(it, 1) for it in deployments)
    for deployment in deployments:
        channels = channels_of(program, deployment)
        known = {"channel": set(channels), "operation": set(every_name)}
        total = 0
        # Of channels that behave alike one stands for all, but for their names.
        some = channels if len(channels) <= 12 else chance.sample(channels, 4)
        space = list(whole_space(operations, some))
        total = len(space)
        expected = program.decide(deployment, space)
        for engine in engines:
            with timed(totals, engine) as told:
                rows, answers = held(engine, space, expected)
                engine.load(rows, True)
                engine.run(script_of(program, deployment, engine.dialect))
                told(rows, compare(engine, rows, answers))
        left = share * weights.get(deployment, 1)
        while left > 0:
            count = min(left, CHUNK)
            left -= count
            total += count
            chunk = list(dirty(every_name, channels, count, chance))
            expected = program.decide(deployment, chunk)
            for engine in engines:
                with timed(totals, engine) as told:
                    rows, answers = held(engine, chunk, expected)
                    engine.load(rows, False)
                    script = script_of(program, deployment, engine.dialect)
                    if left == 0:
                        engine.run(script)
                        few_known = list(unresolved(rows, answers, known))
                        told([], compare(engine, rows, few_known))
                    names = folder / "names.csv"
                    write_names(engine, script, names)
                    # Again over what is there.
                    engine.run(script_of(program, deployment, engine.dialect, names))
                    told(rows, compare(engine, rows, answers))
        print(f"{deployment.name}: {total} rows", flush=True)
    old, new = (folder / f"generated-{seed}" for seed in (0, 1))
    rows = list(dirty(every_name, channels_of(program, new), min(ROWS, 20_000), chance))
    before, after = program.decide(old, rows), program.decide(new, rows)
    for engine in engines:
        with timed(totals, engine) as told:
            told([], changed(engine, program, (old, new), list(zip(rows, before, after)), folder))
    for engine in engines:
        # Another type of id over the same view.
        for more in (["--request-columns", "operation,channel"], []):
            engine.run(program.run("export", new, "--to", "sql", "--dialect", engine.dialect, *more).decode())
        if hasattr(engine, "close"):
            engine.close()
    for dialect, (rows, differ, seconds) in totals.items():
        print(f"{dialect}: {rows} rows, {differ} differences, {seconds:.0f} s")
    assert all(differ == 0 for _, differ, _ in totals.values())


def write_names(engine, script, path):
    """The result of the script's last query, as CSV."""
    *_, query = statements(script)
    with path.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["kind", "name"])
        lines.writerows(engine.query(query.replace("\n", " ")))


if __name__ == "__main__":
    main()
