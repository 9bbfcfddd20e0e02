"""The exported rules against `decide`, in engines of other makers: DMN read by dmn-moddle and
evaluated by feelin, and served by dsntk where that is installed, Rego in regorus and rego-cpp, JDM
in the ZEN engine.

    python3 .ci/export/rules_test.py target/release/syncgate PACKAGES [dmn|rego|jdm…]

PACKAGES is the folder that `install.sh` filled. Of channels that behave alike one is asked, in every
situation where SYNCGATE_EXPORT_SPACE is large enough; then come requests with values of other kinds,
nulls, unknown words, unknown and hostile names.
"""

import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), f"{sys.argv[2]}/python"]

from material import (  # noqa: E402
    DECIDED, FACTS, HOSTILE, REQUEST, Program, dirty, generated, of_other_kinds, operation_names,
    whole_space)

PACKAGES = pathlib.Path(sys.argv[2])
# So many of each deployment's space are asked for.
SPACE = int(os.environ.get("SYNCGATE_EXPORT_SPACE", "6000"))
FORMS = sys.argv[3:] or ["dmn", "rego", "jdm"]


def columns(answer):
    """What an engine's answer comes to, as `expected` has it."""
    sources = answer.get("sources")
    if isinstance(sources, list):
        sources = " ".join(sources)
    said = {**answer, "sources": sources}
    return tuple(said.get(name) for name in (*DECIDED, "error"))


class Jdm:
    name, form = "zen-engine", "jdm"

    def __init__(self, path):
        import zen
        self.decision = zen.ZenEngine().create_decision(path.read_text(encoding="utf-8"))
        self.decision.validate()

    def decide(self, requests):
        return [columns(self.decision.evaluate(it)["result"]) for it in requests]


class Regorus:
    name, form = "regorus", "rego"

    def __init__(self, path):
        import regorus
        self.engine = regorus.Engine()
        self.engine.add_policy("syncgate.rego", path.read_text(encoding="utf-8"))

    def decide(self, requests):
        answers = []
        for request in requests:
            self.engine.set_input_json(json.dumps(request))
            answers.append(columns(json.loads(
                self.engine.eval_rule_as_json("data.syncgate.decision"))))
        return answers


class RegoCpp:
    name, form = "rego-cpp", "rego"
    # Each query builds everything anew, which takes a quarter of a second.
    most = int(os.environ.get("SYNCGATE_EXPORT_REGO_CPP", "20"))

    def __init__(self, path):
        from regopy import Interpreter
        self.interpreter = Interpreter()
        self.interpreter.add_module("syncgate", path.read_text(encoding="utf-8"))

    def decide(self, requests):
        answers = []
        for request in requests:
            self.interpreter.set_input(request)
            output = json.loads(str(self.interpreter.query("x := data.syncgate.decision")))
            answers.append(columns(output["bindings"]["x"]))
        return answers


class Feelin:
    name, form = "feelin", "dmn"
    command = ["node", HERE / "dmn.mjs", PACKAGES]

    def __init__(self, path):
        self.path = path

    def decide(self, requests):
        lines = "".join(json.dumps(it) + "\n" for it in requests)
        done = subprocess.run(
            [*self.command, self.path], input=lines.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        return [columns(json.loads(line)) for line in done.stdout.decode().splitlines()]


class Dsntk:
    """A server of its own, on a port that was free."""
    name, form = "dsntk", "dmn"
    program = PACKAGES / "bin" / "dsntk"
    # The model's namespace from its end, then its name.
    model = "/evaluate/example/syncgate/decisions/syncgate"

    def __init__(self, path):
        # It reads every model of a folder, and prefers what its environment says.
        folder = path.parent / "dsntk"
        folder.mkdir(exist_ok=True)
        shutil.copy(path, folder)
        self.log = path.parent / "dsntk.log"
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("DSNTK_")}
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with self.log.open("wb") as log:
            # It ends with the test, however that ends.
            self.server = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", self.program, "srv", "--host", "127.0.0.1",
                 "--port", str(port), "-D", folder, "--color", "never"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def _connect(self):
        for _ in range(600):
            assert self.server.poll() is None, self.log.read_text(encoding="utf-8")
            try:
                return self.connection.connect()
            except ConnectionRefusedError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text(encoding="utf-8"))

    def decide(self, requests):
        answers = []
        for request in requests:
            given = {name: request[name] for name in ("channel", *FACTS)}
            # It reads a request as FEEL, which has no pairs of surrogates.
            body = json.dumps(given, ensure_ascii=False).encode()
            self.connection.request("POST", f"{self.model}/{request['decision']}", body)
            answer = json.loads(self.connection.getresponse().read())
            assert "data" in answer, (answer, self.log.read_text(encoding="utf-8"))
            answers.append(columns(answer["data"]))
        return answers

    def close(self):
        self.connection.close()
        self.server.kill()
        self.server.wait()


ENGINES = [Jdm, Regorus, RegoCpp, Feelin]
if Dsntk.program.exists():
    ENGINES.append(Dsntk)


def request_of(row, form):
    """A request; DMN has a decision for each operation, which the caller names."""
    request = dict(zip(REQUEST, row))
    if form == "dmn" and request["operation"] is not None:
        request["decision"] = request["operation"].replace("-", "_")
    return request


def expected_there(row, answer, form, known):
    """What `decide` says, less what only it knows: spellings that it folds."""
    operation, channel = row[1:3]
    error = answer[-1]
    if error not in ("unknown-value", "missing"):
        if channel not in known:
            error, answer = "unresolved-channel", (None,) * 7
        elif operation not in NAMES:
            error, answer = "unresolved-operation", (None,) * 7
    if error is None:
        return answer
    return ("invalid" if form == "dmn" else None, *(None,) * 5, error)


@contextlib.contextmanager
def running(engine, path):
    """An engine that has read an export; what it started has ended afterwards."""
    started = engine(path)
    try:
        yield started
    finally:
        getattr(started, "close", lambda: None)()


def is_plain(name):
    """Whether rego-cpp prints a name as JSON; a finding says which it does not."""
    return name is None or name.isprintable() and not {'"', "\\"} & {*name}


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="syncgate-rules-"))
    program = Program(sys.argv[1], folder)
    chance = random.Random(20261120)
    deployments = [pathlib.Path("fixtures/deployments", name)
                   for name in ("contoso", "adventure-works-backup", "lamna-search")]
    deployments.append(generated(folder / "generated", 1, [f"store {it}" for it in range(5)]))
    deployments.append(generated(folder / "hostile", 7, HOSTILE))
    totals = {}
    for deployment in deployments:
        matrix = json.loads(program.run("matrix", deployment, "--format", "json"))
        groups = [group["channels"] for group in matrix["groups"]]
        channels = [channel for group in groups for channel in group]
        rows = list(whole_space(list(OPERATIONS), [group[0] for group in groups]))
        if len(rows) > SPACE:
            rows = chance.sample(rows, SPACE)
        clean = len(rows)
        rows += of_other_kinds(chance.sample(rows, 300), chance)
        rows += dirty(list(NAMES), channels, 3000, chance)
        answers = program.decide(deployment, rows)
        for form in FORMS:
            path = folder / f"export.{form}"
            program.run("export", deployment, "--to", form, "--output", path)
            for engine in (it for it in ENGINES if it.form == form):
                tried = zip(rows, answers)
                if form == "dmn":
                    # There is a decision for each operation by its id, and no other.
                    tried = (it for it in tried if it[0][1] in OPERATIONS)
                tried = list(tried)
                if engine is RegoCpp:
                    tried = [it for it in tried if all(map(is_plain, it[0][1:3]))]
                if len(tried) > getattr(engine, "most", len(tried)):
                    tried = chance.sample(tried, engine.most)
                with running(engine, path) as it:
                    got = it.decide([request_of(row, form) for row, _ in tried])
                assert len(got) == len(tried)
                total = totals.setdefault(engine.name, [0, 0])
                for (row, answer), told in zip(tried, got):
                    wanted = expected_there(row, answer, form, set(channels))
                    total[0] += 1
                    if told != wanted:
                        total[1] += 1
                        if total[1] < 6:
                            print("differs:", engine.name, row, told, wanted, sep="\n  ")
        print(f"{deployment.name}: {clean} of the space and {len(rows) - clean} others", flush=True)
    for name, (count, differ) in totals.items():
        print(f"{name}: {count} requests, {differ} differences")
    assert all(differ == 0 for _, differ in totals.values())


OPERATIONS = operation_names()
NAMES = {name for names in OPERATIONS.values() for name in names}

if __name__ == "__main__":
    main()
