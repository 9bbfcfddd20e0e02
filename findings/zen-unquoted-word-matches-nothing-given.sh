#!/usr/bin/env bash
# A word without quotes in a decision table of the ZEN engine is the name of a field. Where no such
# field exists it is null, without an error, and the cell then matches exactly those requests that
# do not give the column: the rule for the channel houston decides for requests without any channel,
# and never for houston. In an output cell the forgotten quotes leave the key out of the answer
# altogether: the rule decides, with nothing. validate() passes both. We found nothing in its
# documentation on what an unknown name means in a cell.
#
# zen-engine 2.1.3 (Python), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check zen-engine==2.1.3

cat > "$work/run.py" <<'PY'
import json, zen

def node(name, kind, content):
    return {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0},
            "content": content}

def decide(cell, outcome, request):
    table = {"hitPolicy": "first",
             "inputs": [{"id": "in", "name": "Channel", "field": "channel"}],
             "outputs": [{"id": "out", "name": "Outcome", "field": "outcome"}],
             "rules": [{"_id": "1", "in": cell, "out": outcome},
                       {"_id": "2", "in": "", "out": '"rejected"'}]}
    decision = zen.ZenEngine().create_decision(json.dumps({
        "nodes": [node("request", "inputNode", {}), node("table", "decisionTableNode", table),
                  node("response", "outputNode", {})],
        "edges": [{"id": "a", "sourceId": "request", "targetId": "table"},
                  {"id": "b", "sourceId": "table", "targetId": "response"}]}))
    decision.validate()
    return json.dumps(decision.evaluate(request)["result"])

for cell, outcome in [('"houston"', '"sync"'), ("houston", '"sync"'), ('"houston"', "sync")]:
    for request in [{"channel": "houston"}, {"channel": "seattle"}, {"channel": None}, {}]:
        print(f"{cell:9} -> {outcome:6} for {json.dumps(request):22}",
              decide(cell, outcome, request))
PY
"$work/venv/bin/python" "$work/run.py" > "$work/seen"

cat > "$work/expected" <<'OUT'
"houston" -> "sync" for {"channel": "houston"} {"outcome": "sync"}
"houston" -> "sync" for {"channel": "seattle"} {"outcome": "rejected"}
"houston" -> "sync" for {"channel": null}      {"outcome": "rejected"}
"houston" -> "sync" for {}                     {"outcome": "rejected"}
houston   -> "sync" for {"channel": "houston"} {"outcome": "rejected"}
houston   -> "sync" for {"channel": "seattle"} {"outcome": "rejected"}
houston   -> "sync" for {"channel": null}      {"outcome": "sync"}
houston   -> "sync" for {}                     {"outcome": "sync"}
"houston" -> sync   for {"channel": "houston"} {}
"houston" -> sync   for {"channel": "seattle"} {"outcome": "rejected"}
"houston" -> sync   for {"channel": null}      {"outcome": "rejected"}
"houston" -> sync   for {}                     {"outcome": "rejected"}
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
