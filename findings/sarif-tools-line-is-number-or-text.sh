#!/usr/bin/env bash
# sarif-tools writes the line of a finding into a Code Climate report as a number when the SARIF
# file gives one, and as text ("1") when it does not, beside each other in one report. The format
# asks for a whole number, so a strict reader refuses the report because of its first finding
# without a line, which is any that is about a whole file or about nothing in particular. A finding
# without a file is in the file "-".
#
# sarif-tools 3.0.5 (Python), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check sarif-tools==3.0.5

cat > "$work/in.sarif" <<'JSON'
{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "checks"}}, "results": [
  {"ruleId": "SG101", "level": "error", "message": {"text": "a job does not recur"},
   "locations": [{"physicalLocation": {"artifactLocation": {"uri": "deployment.toml"},
                                       "region": {"startLine": 6}}}]},
  {"ruleId": "SG102", "level": "error", "message": {"text": "the file has no channel"},
   "locations": [{"physicalLocation": {"artifactLocation": {"uri": "deployment.toml"}}}]},
  {"ruleId": "SG103", "level": "error", "message": {"text": "no schedule at all"}}
]}]}
JSON
"$work/venv/bin/sarif" codeclimate --output "$work/out.json" "$work/in.sarif" > /dev/null
python3 - "$work/out.json" > "$work/seen" <<'PY'
import json, sys
for issue in json.load(open(sys.argv[1])):
    print(issue["check_name"], json.dumps(issue["location"]))
PY

cat > "$work/expected" <<'OUT'
SG101 {"path": "deployment.toml", "lines": {"begin": 6}}
SG102 {"path": "deployment.toml", "lines": {"begin": "1"}}
SG103 {"path": "-", "lines": {"begin": "1"}}
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
