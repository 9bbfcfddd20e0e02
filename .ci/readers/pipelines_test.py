"""What is for pipelines, as far as it runs without them: the action of GitHub and the template of
Azure DevOps step by step, the hooks by pre-commit, and every block of the README's chapter.

    python3 .ci/readers/pipelines_test.py BINARY FOLDER

FOLDER is what install.sh has filled.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(sys.argv[1]).resolve()
FOLDER = Path(sys.argv[2]).resolve()
sys.path.insert(0, str(FOLDER / "python"))

import tree_sitter  # noqa: E402
import tree_sitter_powershell  # noqa: E402
import yaml  # noqa: E402

ENV = {**os.environ, "PATH": f"{BINARY.parent}:{os.environ['PATH']}",
       "PYTHONPATH": str(FOLDER / "python")}
failures = []


def expect(holds, what):
    if not holds:
        failures.append(what)
        print(f"WRONG: {what}")


def run(command, cwd, env=None):
    done = subprocess.run(command, cwd=cwd, env={**ENV, **(env or {})}, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def is_valid(schema, *files):
    status, told = run([sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}",
                        *(["--data-transform", schema] if schema in ("azure-pipelines", "gitlab-ci") else []),
                        *files], ROOT)
    expect(status == 0, f"{files} by {schema}: {told[:1500]}")


def filled(text, values):
    """The expressions of a step, filled in; one that is not known is no step of ours."""
    return re.sub(r"\$\{\{ *([a-z.-]+[A-Za-z.-]*) *\}\}", lambda found: values[found[1]], text)


def bash(script, cwd, env):
    return run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd, env)


def copy(name, folder):
    subprocess.run(["cp", "-r", ROOT / "fixtures/deployments" / name, folder / name], check=True)


def github():
    path = ROOT / ".github/actions/check"
    is_valid("github-actions", path / "action.yml")
    action = yaml.safe_load((path / "action.yml").read_text())
    asked = [
        ({"deployment": "contoso"}, 0, "go"),
        ({"deployment": "litware-half-way"}, 1, "no-go"),
        ({"deployment": "proseware-suomi"}, 1, "undecided"),
        ({"deployment": "proseware-suomi", "allow-undecided": "true"}, 0, "undecided"),
        ({"deployment": "contoso litware-half-way"}, 1, "no-go"),
        ({"deployment": "contoso", "fail-on": "info"}, 1, "go"),
        ({"deployment": "contoso; touch hacked"}, 2, None),
        ({"deployment": "$(touch hacked)"}, 2, None),
        ({"deployment": "nowhere"}, 2, None),
        ({}, 0, "go"),
    ]
    for given, status, verdict in asked:
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            for name in ["contoso", "litware-half-way", "proseware-suomi"]:
                copy(name, folder)
            (folder / "syncgate.toml").write_text('deployment = "contoso"\n')
            values = {f"inputs.{name}": given.get(name, it["default"])
                      for name, it in action["inputs"].items()}
            files = {name: folder / name for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"]}
            told, ended = "", 0
            for step in action["runs"]["steps"]:
                env = {name: filled(value, values) for name, value in step.get("env", {}).items()}
                env |= {name: str(file) for name, file in files.items()}
                ended, out = bash(filled(step["run"], values), folder,
                                  {**env, "GITHUB_ACTION_PATH": str(path)})
                told += out
                if ended:
                    break
            expect(ended == status, f"action {given}: exit {ended}: {told[-800:]}")
            expect(not (folder / "hacked").exists(), f"action {given}: input was run")
            if verdict:
                outputs = files["GITHUB_OUTPUT"].read_text()
                expect(outputs == f"verdict={verdict}\n", f"action {given}: {outputs}")
                summary = files["GITHUB_STEP_SUMMARY"].read_text()
                expect(summary.startswith("## "), f"action {given}: {summary}")
                json.loads((folder / "syncgate.sarif").read_text())
                expect((folder / "syncgate.xml").exists(), f"action {given}: no JUnit")
                expect("title=syncgate::" in told, f"action {given}: {told}")
    return f"{len(asked)} runs"


def azure():
    path = ROOT / ".azure/check.yml"
    is_valid("azure-pipelines", path)
    template = yaml.safe_load(path.read_text())
    asked = [
        ({"deployment": "contoso"}, 0),
        ({"deployment": "litware-half-way"}, 1),
        ({"deployment": "proseware-suomi"}, 1),
        ({"deployment": "proseware-suomi", "allowUndecided": "True"}, 0),
        ({"deployment": "contoso", "failOn": "info"}, 1),
        ({"deployment": "$(touch hacked) `touch hacked`"}, 2),
    ]
    for given, status in asked:
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            for name in ["contoso", "litware-half-way", "proseware-suomi"]:
                copy(name, folder)
            values = {f"parameters.{it['name']}": given.get(it["name"], it["default"])
                      for it in template["parameters"]}
            macros = {"$(Build.ArtifactStagingDirectory)": str(folder / "staged"),
                      "$(Build.SourcesDirectory)": str(folder)}
            told, ended = "", 0
            for step in template["steps"]:
                if "bash" not in step:
                    continue
                env = {name: filled(value, values) for name, value in step.get("env", {}).items()}
                for macro, value in macros.items():
                    env = {name: text.replace(macro, value) for name, text in env.items()}
                ended, out = bash(step["bash"], folder, env)
                told += out
                if ended:
                    break
            expect(ended == status, f"template {given}: exit {ended}: {told[-800:]}")
            expect(not (folder / "hacked").exists(), f"template {given}: a parameter was run")
            if status < 2:
                json.loads((folder / "staged/CodeAnalysisLogs/syncgate.sarif").read_text())
                expect((folder / "staged/syncgate.xml").exists(), f"template {given}: no JUnit")
                expect("##vso[task.uploadsummary]" in told, f"template {given}: no summary")
    return f"{len(asked)} runs"


def hooks():
    pre_commit = [sys.executable, "-m", "pre_commit"]
    status, told = run([*pre_commit, "validate-manifest", ".pre-commit-hooks.yaml"], ROOT)
    expect(status == 0, told)
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        env = {"PRE_COMMIT_HOME": str(folder / "home"), "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@x",
               "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@x",
               "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
        for name, status in [("contoso", 0), ("litware-half-way", 1)]:
            place = folder / name / "repository"
            place.mkdir(parents=True)
            copy(name, place)
            (place / "Cargo.toml").write_text("[package]\n")
            (place / "syncgate.toml").write_text(f'deployment = "{name}"\n')
            run(["git", "init", "-q"], place, env)
            run(["git", "add", "."], place, env)
            ended, told = run([*pre_commit, "try-repo", ROOT, "syncgate-installed", "--all-files",
                               "--verbose"], place, env)
            expect(ended == status, f"hook on {name}: exit {ended}: {told[-1500:]}")
            expect("Cargo.toml" not in told, f"hook on {name}: {told[-1500:]}")
            expect("go: " in told, f"hook on {name}: {told[-1500:]}")
            count += 1
    return f"{count} repositories"


def readme():
    text = (ROOT / "README.md").read_text()
    chapter = text.split("\n## In a pipeline\n", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", chapter, re.M | re.S)
    kinds = {".github/workflows/": "github-workflows", "azure-pipelines.yml": "azure-pipelines",
             ".gitlab-ci.yml": "gitlab-ci", ".pre-commit-config.yaml": None}
    seen = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        subprocess.run(["cp", "-r", ROOT / "fixtures/deployments/contoso", folder / "stores"], check=True)
        for language, block in blocks:
            if language == "yaml":
                name = block.splitlines()[0].removeprefix("# ")
                kind = next(kind for start, kind in kinds.items() if name.startswith(start))
                file = folder / Path(name).name
                file.write_text(block)
                seen.append(name)
                if kind:
                    is_valid(kind, file)
                else:
                    status, told = run([sys.executable, "-m", "pre_commit", "validate-config", file], ROOT)
                    expect(status == 0, told)
                    known = {it["id"] for it in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
                    used = {hook["id"] for repo in yaml.safe_load(block)["repos"] for hook in repo["hooks"]}
                    expect(used <= known, f"{used} are no hooks of {known}")
                if kind == "github-workflows":
                    uses(block, ROOT / ".github/actions/check/action.yml")
                if kind == "gitlab-ci":
                    for line in yaml.safe_load(block)["go-live"]["script"]:
                        if "cargo install" not in line:
                            status, told = bash(line, folder, {})
                            expect(status == 0, f"{line}: {told}")
                    for report in yaml.safe_load(block)["go-live"]["artifacts"]["reports"].values():
                        expect((folder / report).exists(), f"{report} is not made")
            if language == "powershell":
                seen.append(language)
                grammar = tree_sitter.Language(tree_sitter_powershell.language())
                tree = tree_sitter.Parser(grammar).parse(block.encode())
                expect(not tree.root_node.has_error, "PowerShell can't read its block")
                for line in block.splitlines():
                    if line.startswith("syncgate "):
                        status, told = run(shlex.split(line), folder)
                        expect(status == 0, f"{line}: {told}")
    expect(len(seen) == 5, f"the chapter has {seen}")
    return f"{len(blocks)} blocks"


def uses(workflow, action):
    """Whether a workflow gives the action only inputs that it has."""
    inputs = yaml.safe_load(action.read_text())["inputs"]
    for job in yaml.safe_load(workflow)["jobs"].values():
        for step in job["steps"]:
            if "/.github/actions/check@" in step.get("uses", ""):
                expect(set(step.get("with", {})) <= set(inputs), f"{step['with']}")
                return
    expect(False, "the workflow does not use the action")


for what in [github, azure, hooks, readme]:
    begun = time.monotonic()
    told = what()
    print(f"{what.__name__}: {told} ({time.monotonic() - begun:.1f} s)", flush=True)
sys.exit(1 if failures else 0)
