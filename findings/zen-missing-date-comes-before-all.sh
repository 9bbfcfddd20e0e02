#!/usr/bin/env bash
# In the ZEN engine a date that is missing, null or no date at all is before every date: d(null)
# and d("soon") are an "Invalid date" that raises nothing, and `<` and `<=` say true against any
# valid date. A rule "created before 2026" then decides for customers whose date the export left
# empty. Three ways to write the same condition disagree: d($) < d("2026-01-01") matches without a
# date, while < d("2026-01-01") and d($).isBefore(...) do not. Two missing dates are equal.
# We found nothing in its documentation on how an invalid date compares.
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

def decide(cell, customer):
    table = {"hitPolicy": "first",
             "inputs": [{"id": "in", "name": "Created", "field": "created"}],
             "outputs": [{"id": "out", "name": "Which", "field": "which"}],
             "rules": [{"_id": "1", "in": cell, "out": '"old"'},
                       {"_id": "2", "in": "", "out": '"new"'}]}
    decision = zen.ZenEngine().create_decision(json.dumps({
        "nodes": [node("request", "inputNode", {}), node("table", "decisionTableNode", table),
                  node("response", "outputNode", {})],
        "edges": [{"id": "a", "sourceId": "request", "targetId": "table"},
                  {"id": "b", "sourceId": "table", "targetId": "response"}]}))
    return decision.evaluate(customer)["result"]["which"]

customers = [{"created": "2025-06-01"}, {"created": "2026-06-01"}, {"created": None},
             {"created": "soon"}, {}]
print(f"{'':31}", *(f"{json.dumps(c.get('created', 'absent')):13}" for c in customers))
for cell in ['d($) < d("2026-01-01")', '< d("2026-01-01")', 'd($).isBefore(d("2026-01-01"))']:
    print(f"{cell:31}", *(f"{decide(cell, customer):13}" for customer in customers))
for expression in ["d(null)", "d(null) < d('0001-01-01')", "d(null) == d('soon')"]:
    print(expression, "is", zen.evaluate_expression(expression, {}))
PY
"$work/venv/bin/python" "$work/run.py" | sed 's/ *$//' > "$work/seen"

cat > "$work/expected" <<'OUT'
                                "2025-06-01"  "2026-06-01"  null          "soon"        "absent"
d($) < d("2026-01-01")          old           new           old           old           old
< d("2026-01-01")               old           new           new           new           new
d($).isBefore(d("2026-01-01"))  old           new           new           new           new
d(null) is Invalid date
d(null) < d('0001-01-01') is True
d(null) == d('soon') is True
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
