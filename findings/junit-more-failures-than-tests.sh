#!/usr/bin/env bash
# junitparser counts results, not test cases: a case with two failures and an error, as a check with
# several findings is written, becomes tests="1" failures="2" errors="1" once the library writes the
# counts, which merging does. Whoever takes failures and errors from the number of tests, to show
# what passed, arrives at minus two. junit-to-ctrf counts the same file as one failed test and keeps
# the first message; junit2html, one failed test with the last. In a suite that stands within
# another, junitparser leaves the old counts as they were.
#
# junitparser 5.0.3, junit2html 31.1.4 (Python), junit-to-ctrf 0.0.14 (npm), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  junitparser==5.0.3 junit2html==31.1.4 jinja2==3.1.6
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts junit-to-ctrf@0.0.14

cat > "$work/one.xml" <<'XML'
<testsuites>
  <testsuite name="go-live" tests="1" failures="1">
    <testcase name="SG101 jobs recur" classname="checks" time="1">
      <failure message="job 1010 does not recur"/>
      <failure message="job 1070 does not recur"/>
      <error message="job 1110 is unknown"/>
    </testcase>
  </testsuite>
</testsuites>
XML
cat > "$work/two.xml" <<'XML'
<testsuites>
  <testsuite name="outer" tests="2">
    <testsuite name="inner" tests="7">
      <testcase name="SG102 features" classname="checks" time="1"/>
    </testsuite>
    <testcase name="SG103 schedules" classname="checks" time="1"/>
  </testsuite>
</testsuites>
XML
cd "$work"
venv/bin/junitparser merge one.xml two.xml merged.xml
node node_modules/junit-to-ctrf/dist/cli.js one.xml -o ctrf.json > /dev/null
{
  python3 - <<'PY'
import json, xml.etree.ElementTree as tree
for suite in tree.parse("merged.xml").iter("testsuite"):
    print("junitparser:", *(f"{key}={suite.get(key)}" for key in
                            ["name", "tests", "failures", "errors"]))
ctrf = json.load(open("ctrf.json"))["results"]
print("junit-to-ctrf:", *(f"{key}={ctrf['summary'][key]}" for key in ["tests", "passed", "failed"]),
      "-", ctrf["tests"][0]["message"])
PY
  venv/bin/junit2html one.xml page.html
  python3 - <<'PY'
import re
text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", open("page.html").read()))
print("junit2html:", *re.search(r"Tests (\d+) Failures (\d+)", text).groups(), "-",
      *[line for line in ["job 1010", "job 1070", "job 1110"] if line in text])
PY
} > seen

cat > expected <<'OUT'
junitparser: name=go-live tests=1 failures=2 errors=1
junitparser: name=outer tests=2 failures=0 errors=0
junitparser: name=inner tests=7 failures=None errors=None
junit-to-ctrf: tests=1 passed=0 failed=1 - job 1010 does not recur
junit2html: 1 1 - job 1110
OUT
cat seen
diff expected seen || { echo "changed: see the lines above" >&2; exit 1; }
