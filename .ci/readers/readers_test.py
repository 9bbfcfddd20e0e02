"""What syncgate prints and writes, read by readers of other makers: JUnit by junitparser, SARIF by
the validator of its makers, schemas by ajv and RE2, files by taplo and by Python's TOML 1.0.

    python3 .ci/readers/readers_test.py BINARY FOLDER

FOLDER is what install.sh has filled. Every fixture is read, good and broken ones.
"""

import datetime
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(sys.argv[1]).resolve()
FOLDER = Path(sys.argv[2]).resolve()
sys.path.insert(0, str(FOLDER / "python"))

import junitparser  # noqa: E402
import re2  # noqa: E402

SCHEMA_LINE = "#:schema ./.deployment-part.schema.json\n"
# What Python's reader of TOML raises, also where a file nests deeper than it goes.
NOT_TOML = (tomllib.TOMLDecodeError, RecursionError)
failures = []


def expect(holds, what):
    if not holds:
        failures.append(what)
        print(f"WRONG: {what}")


def syncgate(*arguments, cwd=ROOT, env=None):
    done = subprocess.run([BINARY, *map(str, arguments)], cwd=cwd, env=env, capture_output=True)
    return done.returncode, done.stdout.decode()


def directories(*folders):
    """Every directory below that has TOML, good and broken deployments."""
    found = []
    for folder in folders:
        for directory in sorted({file.parent for file in (ROOT / folder).rglob("*.toml")}):
            found.append(directory.relative_to(ROOT))
    return found


def deployments():
    """What can be checked: directories, and each of the small files of fixtures/checks."""
    found = [path for path in directories("fixtures/deployments", "fixtures/broken", "fixtures/whatif")
             if "rules" not in path.parts]
    found += [file.relative_to(ROOT) for file in sorted((ROOT / "fixtures/checks").rglob("*.toml"))]
    return found + [Path("fixtures/report/hostile.toml")]


@functools.cache
def findings_of(path):
    status, out = syncgate("check", path, "--format", "json")
    return json.loads(out) if status < 2 else None


def junit():
    read = 0
    for path in deployments():
        for noted in ([], ["--fail-on", "info"]):
            status, out = syncgate("check", path, "--format", "junit", *noted)
            if status == 2:
                continue
            report = junitparser.JUnitXml.fromstring(out.encode())
            cases = [case for suite in report for case in suite]
            names = [case.name for case in cases]
            expect(len(names) == len(set(names)), f"{path}: two cases of one name")
            expect(all(not re.search(r"\.(toml|csv|json|xlsx):\d", name) for name in names),
                   f"{path}: a line in the name of a case")
            expect(all(case.time is not None for case in cases), f"{path}: a case without time")
            expect(all(suite.time is not None for suite in report), f"{path}: a suite without time")
            failed = sum(bool(case.is_failure) for case in cases)
            expect(report.failures == failed, f"{path}: the report counts other failures")
            document = findings_of(path)
            counting = [it for it in document["findings"] if "waived" not in it]
            if not noted:
                counting = [it for it in counting if it["severity"] != "info"]
            expect((failed > 0) == bool(counting), f"{path} {noted}: {failed} failures")
            read += 1
    # Of several deployments too, the same one in two places among them.
    status, out = syncgate("check", "fixtures/deployments/contoso", "fixtures/deployments/wingtip-policy",
                           "fixtures/deployments/litware-half-way", "--format", "junit")
    names = [case.name for suite in junitparser.JUnitXml.fromstring(out.encode()) for case in suite]
    expect(len(names) == len(set(names)) > 150, "several deployments: two cases of one name")
    status, out = syncgate("test", "fixtures/scenarios", "--coverage", "--format", "junit")
    names = [case.name for suite in junitparser.JUnitXml.fromstring(out.encode()) for case in suite]
    expect(len(names) == len(set(names)) > 50, "test: two cases of one name")
    return f"{read} reports"


# What the agent of Azure Pipelines sets.
PIPELINE = {
    "TF_BUILD": "True",
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/",
    "SYSTEM_TEAMPROJECTID": "8f3c2b0e-5d0a-4b8e-9b1a-3f2f0f5f6a11",
    "SYSTEM_DEFINITIONID": "12",
    "BUILD_DEFINITIONNAME": "go-live",
    "BUILD_BUILDID": "981",
    "BUILD_SOURCEBRANCH": "refs/heads/main",
    "SYSTEM_PHASEID": "3a3a2a60-14c7-570b-14a4-fa42ad92f52a",
    "SYSTEM_PHASENAME": "check",
}


def sarif():
    runs, paths = [], []
    # The validator takes a while for each; every code of a file is among these, and every format
    # of a place. What each deployment has as SARIF is tested in Rust.
    chosen = [path for path in deployments()
              if path.parts[1] != "checks" and (path.parts[1] != "broken" or len(path.parts) == 3)]
    for number, path in enumerate(chosen):
        env = {**os.environ, **(PIPELINE if number % 2 else {})}
        status, out = syncgate("check", path, "--format", "sarif", env=env)
        if status == 2:
            continue
        log = json.loads(out)
        run = log["runs"][0]
        undecided = {it["code"] for it in run["properties"]["checks"] if it["result"] == "undecided"}
        is_open = {it["ruleId"] for it in run["results"] if it.get("kind") == "open"}
        expect(undecided == is_open - {"SG002"}, f"{path}: {undecided} undecided, {is_open} open")
        runs.append(run)
        paths.append(path)
    # The last one lacks something, which shows that the validator looks.
    broken = json.loads(json.dumps(runs[0]))
    del broken["tool"]["driver"]["fullName"]
    runs.append(broken)
    paths.append("broken")
    validator = FOLDER / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
    seen = {}
    with tempfile.TemporaryDirectory() as folder:
        # Few logs, since the validator asks for the address of the schema for each; services take
        # no more than 20 runs in one.
        for first in range(0, len(runs), 20):
            file, found = Path(folder) / f"{first}.sarif", Path(folder) / "found.json"
            file.write_text(json.dumps({**log, "runs": runs[first:first + 20]}))
            subprocess.run(
                [validator, "validate", file, "--rule-kind", "Sarif;Ado;Ghas", "--level", "Error",
                 "--max-file-size-in-kb", "1000000", "--output", found, "--log", "ForceOverwrite"],
                env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
                stdout=subprocess.DEVNULL, check=True)
            for result in json.loads(found.read_text())["runs"][0].get("results", []):
                place = result["message"]["arguments"][0]
                number = re.match(r"runs\[(\d+)\]", place)
                whose = paths[first + int(number[1])] if number else ""
                seen.setdefault(result["ruleId"], []).append(f"{whose} {place}: {result['message']}")
    lacking = seen.pop("GHAzDO1018", [])
    expect(len(lacking) == 1 and lacking[0].startswith("broken"), f"the validator tells {lacking}")
    for rule, places in seen.items():
        expect(False, f"SARIF {rule}: {len(places)} times, first {places[0]}")
    return f"{len(runs)} runs, {len(seen)} rules broken"


def as_json(value):
    """TOML as JSON; moments and days as text."""
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    return value


# Codes of mistakes that one file shows by itself: wrong types and names, unknown keys, values out of
# range, nesting that no part has.
OF_A_FILE = {"SG001", "SG003", "SG007", "SG008", "SG011"}


@functools.cache
def schema_of_parts():
    return json.loads(syncgate("schema", "deployment-part")[1])


def lacks_its_name(finding):
    """Whether a record lacks what tells it apart, which no other file can add."""
    missing = re.match(r"missing `(.+)` in `(.+)`", finding["message"])
    if finding["code"] != "SG004" or not missing:
        return False
    section = schema_of_parts()["properties"].get(missing[2], {})
    return missing[1] in section.get("items", {}).get("required", [])


def cannot(finding, text):
    """Whether no schema can tell a mistake: JSON has one kind of number and no dates, and a schema
    does not compare one value with another."""
    line = text.splitlines()[finding["location"]["line"] - 1] if finding["location"] else ""
    message = finding["message"]
    return (
        re.search(r"the (number|whole number) -?[0-9]+\.0+\b", message)
        or ("expected a date" in message and re.search(r"the date `[0-9]{4}-[0-9]{2}-[0-9]{2}", message))
        or finding["code"] == "SG001" and "not valid TOML" in message
        or "is not a section" in message
        or line is None
    )


def parts():
    """Every TOML file of a deployment with whether its own values are right: (path, text, right)."""
    for path in deployments() + directories("fixtures/exports"):
        directory = path if (ROOT / path).is_dir() else None
        document = findings_of(path)
        if document is None:
            continue
        files = sorted((ROOT / path).glob("*.toml")) if directory else [ROOT / path]
        for file in files:
            try:
                text = file.read_bytes().decode("utf-8-sig")
            except (OSError, UnicodeDecodeError):
                continue
            if re.search(r"^\s*\[\[\s*step\s*\]\]", text, re.M):
                continue
            own = [it for it in document["findings"]
                   if it["location"] and Path(it["location"]["file"]).name == file.name
                   and (it["code"] in OF_A_FILE or lacks_its_name(it))
                   and it["severity"] == "error"]
            yield file.relative_to(ROOT), text, own


def schemas():
    _, listed = syncgate("schema")
    names = [line.split()[0] for line in listed.splitlines()[1:] if line.strip()]
    all_of = {name: json.loads(syncgate("schema", name)[1]) for name in names}
    patterns = 0
    for name, schema in all_of.items():
        for pattern in patterns_of(schema):
            patterns += 1
            try:
                re2.compile(pattern)
            except re2.error as error:
                expect(False, f"{name}: RE2 does not take {pattern[:80]}: {error}")
    documents = []
    for file, text, own in parts():
        try:
            document = as_json(tomllib.loads(text))
        except NOT_TOML:
            continue
        if any(cannot(finding, text) for finding in own):
            continue
        documents.append({"schema": "deployment-part", "what": str(file), "document": document,
                          "valid": not own})
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "manifest.json"
        manifest.write_text(json.dumps({"schemas": all_of, "documents": documents}))
        done = subprocess.run(["node", ROOT / ".ci/readers/ajv.mjs", manifest], cwd=FOLDER,
                              capture_output=True, text=True)
    print(done.stdout, done.stderr, sep="", end="")
    expect(done.returncode == 0, "ajv")
    refused = sum(not it["valid"] for it in documents)
    return f"{len(names)} schemas, {patterns} patterns, {len(documents)} files, {refused} refused"


def patterns_of(schema):
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        yield from schema.get("patternProperties", {})
        for value in schema.values():
            yield from patterns_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from patterns_of(value)


def taplo():
    program = FOLDER / "node_modules/.bin/taplo"
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)

        def check(*files):
            done = subprocess.run([program, "check", *files], cwd=folder, capture_output=True, text=True)
            return done.returncode, done.stdout + done.stderr

        syncgate("init", folder / "begun")
        syncgate("import", "fixtures/exports/contoso", "--output", folder / "imported")
        syncgate("import", "fixtures/exports/contoso-odata", "--output", folder / "answers")
        for file in ["begun/deployment.toml", "imported/imported.toml", "imported/answers.toml",
                     "answers/answers.toml"]:
            text = (folder / file).read_text()
            # Answers that people wrote are left as they are.
            if file != "imported/answers.toml":
                expect(text.startswith(SCHEMA_LINE), f"{file} does not begin with its schema")
        # One schema for many files: taplo compiles it once for each address.
        for name in ["good", "broken"]:
            (folder / name).mkdir()
            text = (folder / "begun/.deployment-part.schema.json").read_text()
            (folder / name / ".deployment-part.schema.json").write_text(text)
        count, refused = 0, []
        for number, (file, text, own) in enumerate(parts()):
            copied = folder / ("broken" if own else "good") / f"{number}-{'-'.join(file.parts[1:])}"
            try:
                tomllib.loads(text)
            except NOT_TOML:
                continue
            if any(cannot(finding, text) for finding in own):
                continue
            # A schema that the file names already would count.
            copied.write_text(SCHEMA_LINE + text.removeprefix(SCHEMA_LINE))
            count += 1
            if own:
                refused.append(copied.relative_to(folder))
        for file in (folder / "begun", folder / "imported", folder / "answers", folder / "good"):
            status, told = check(*sorted(str(each.relative_to(folder)) for each in file.rglob("*.toml")))
            expect(status == 0, f"taplo refuses what is right: {told[:2000]}")
        status, told = check(*map(str, refused))
        for file in refused:
            expect(str(file) in told, f"taplo takes {file}")
        return f"{count} files, {len(refused)} refused"


# What the README says of TOML, beyond version 1.0.
NEWER = {
    "a moment without seconds": "[deployment]\ncommerce-version = \"10.0.40\"\nas-of = 2026-11-20T08:00Z\n",
    "an inline table over lines":
        "[deployment]\ncommerce-version = \"10.0.40\"\n[levels]\nSG106 = {\n  level = \"warning\",\n"
        "  reason = \"one till is being repaired\",\n  owner = \"retail IT\",\n}\n",
}


def toml():
    read = 0
    for file, text, own in parts():
        if not own and "\r\r" not in text:
            try:
                tomllib.loads(text)
                read += 1
            except NOT_TOML as error:
                expect(False, f"{file} is not TOML 1.0: {error}")
    with tempfile.TemporaryDirectory() as folder:
        for what, text in NEWER.items():
            file = Path(folder) / "deployment.toml"
            file.write_text(text)
            document = findings_of(file)
            wrong = [it for it in document["findings"] if it["code"] == "SG001"]
            expect(not wrong, f"{what}: {wrong}")
            try:
                tomllib.loads(text)
                expect(False, f"{what} is TOML 1.0 after all, and the README says otherwise")
            except NOT_TOML:
                pass
    return f"{read} files"


for reader in [junit, sarif, schemas, taplo, toml]:
    begun = time.monotonic()
    told = reader()
    print(f"{reader.__name__}: {told} ({time.monotonic() - begun:.1f} s)", flush=True)
sys.exit(1 if failures else 0)
