#!/usr/bin/env bash
# Microsoft's SARIF Multitool, asked to rewrite or merge a log, turns results that passed into
# failures. A result with "kind": "pass" (or "open", "notApplicable", ...) and no level is complete:
# the standard (3.27.10) gives it the level "none". The tool drops the kind and writes nothing in
# its place, which means "fail"; in its own projection the checks that passed are errors. Only
# "level": "none" beside the kind saves it. And a level "warning" that is written out is dropped as
# well, so that a rule whose default is "error" raises the result to an error. Its validation finds
# nothing wrong with the input. A log that lists go-live checks that hold comes out as a list of
# mistakes. The project knows since 2020 (microsoft/sarif-sdk 2077, 2024); it is so in 5.7.0 still.
#
# @microsoft/sarif-multitool 5.7.0 (npm, Linux x64), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_BUNDLE_EXTRACT_BASE_DIR="$work/net"
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts \
  @microsoft/sarif-multitool-linux@5.7.0
tool="$work/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
chmod u+x "$tool"

cat > "$work/in.sarif" <<'JSON'
{"version": "2.1.0", "runs": [{
  "tool": {"driver": {"name": "checks", "rules": [
    {"id": "SG101", "defaultConfiguration": {"level": "error"}}]}},
  "results": [
    {"ruleId": "SG101", "ruleIndex": 0, "kind": "pass", "message": {"text": "passed"}},
    {"ruleId": "SG101", "ruleIndex": 0, "kind": "open", "message": {"text": "undecided"}},
    {"ruleId": "SG101", "ruleIndex": 0, "kind": "notApplicable", "message": {"text": "no till"}},
    {"ruleId": "SG101", "ruleIndex": 0, "kind": "pass", "level": "none",
     "message": {"text": "passed, level none"}},
    {"ruleId": "SG101", "ruleIndex": 0, "level": "warning", "message": {"text": "a warning"}}
  ]}]}
JSON
"$tool" validate "$work/in.sarif" | grep -c 'error SARIF' > "$work/errors" || true
"$tool" rewrite "$work/in.sarif" --output "$work/out.sarif" --log ForceOverwrite > /dev/null

{
  echo "validation errors: $(cat "$work/errors")"
  node - "$work/in.sarif" "$work/out.sarif" <<'JS'
const { readFileSync } = require('fs');
const results = (path) => JSON.parse(readFileSync(path, 'utf8')).runs[0].results;
const said = ({ kind, level }) => `${kind ?? '-'}/${level ?? '-'}`;
const [before, after] = process.argv.slice(2).map(results);
before.forEach((result, i) =>
  console.log(`${result.message.text}: ${said(result)} -> ${said(after[i])}`));
JS
  "$tool" project "$work/in.sarif" --columns Message.Text,Kind,Level | tr -d '\r'
} > "$work/seen"

cat > "$work/expected" <<'OUT'
validation errors: 0
passed: pass/- -> -/-
undecided: open/- -> -/-
no till: notApplicable/- -> -/-
passed, level none: pass/none -> pass/none
a warning: -/warning -> -/-
"Message.Text","Kind","Level"
"passed","Fail","Error"
"undecided","Fail","Error"
"no till","Fail","Error"
"passed, level none","Pass","None"
"a warning","Fail","Error"
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
