#!/usr/bin/env bash
# sarif-tools takes the rule's ID off the front of a message that begins with it, and keeps one
# character of the rest: "SG108: asynchronous editing is ..." is described by nothing at all (the
# character is a blank), "SG108 asynchronous ..." by "a". All of its reports start from there:
# whoever repeats the ID in the message, as compilers do, loses every explanation, and different
# mistakes look alike. The project knows (microsoft/sarif-tools 109); no release has the mend.
#
# sarif-tools 3.0.5 (Python), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check sarif-tools==3.0.5

cat > "$work/in.sarif" <<'JSON'
{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "checks"}}, "results": [
  {"ruleId": "SG108", "level": "error", "message": {"text": "asynchronous editing is enabled"}},
  {"ruleId": "SG108", "level": "error", "message": {"text": "SG108: editing is enabled"}},
  {"ruleId": "SG108", "level": "error", "message": {"text": "SG108 asynchronous editing is on"}},
  {"ruleId": "SG108", "level": "error", "message": {"text": "SG108 addresses are created late"}}
]}]}
JSON
"$work/venv/bin/sarif" csv --output "$work/out.csv" "$work/in.sarif" > /dev/null
tr -d '\r' < "$work/out.csv" > "$work/seen"

cat > "$work/expected" <<'OUT'
Tool,Severity,Code,Description,Location,Line
checks,error,SG108,,-,1
checks,error,SG108,a,-,1
checks,error,SG108,a,-,1
checks,error,SG108,asynchronous editing is enabled,-,1
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
