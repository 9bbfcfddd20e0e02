#!/usr/bin/env bash
# The ZEN engine has a function that validates a cell of a decision table and one that evaluates it,
# and they read different languages. validate_unary_expression rejects a bare comparison, "not in"
# and a list of values, the plainest cells there are, all of which evaluate and match; and it passes
# not("pending"), DMN's negation, which fails when it runs. In a table such a cell is a dead rule (a
# row is skipped when a cell fails, says the documentation), the last, open rule answers, and
# validate() of the whole decision passes everything. Who guards rules with the validator throws
# good ones out and lets a rule in that never decides.
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

def decide(cell):
    table = {"hitPolicy": "first",
             "inputs": [{"id": "in", "name": "Customer", "field": "customer"}],
             "outputs": [{"id": "out", "name": "Outcome", "field": "outcome"}],
             "rules": [{"_id": "1", "in": cell, "out": '"sync"'},
                       {"_id": "2", "in": "", "out": '"rejected"'}]}
    decision = zen.ZenEngine().create_decision(json.dumps({
        "nodes": [node("request", "inputNode", {}), node("table", "decisionTableNode", table),
                  node("response", "outputNode", {})],
        "edges": [{"id": "a", "sourceId": "request", "targetId": "table"},
                  {"id": "b", "sourceId": "table", "targetId": "response"}]}))
    decision.validate()
    return decision.evaluate({"customer": "confirmed"})["result"]["outcome"]

for cell in ['"confirmed"', '== "confirmed"', '!= "pending"', '"new","confirmed"',
             'not in ["pending"]', 'not("pending")', "-"]:
    problem = zen.validate_unary_expression(cell)
    try:
        runs = zen.evaluate_unary_expression(cell, {"$": "confirmed"})
    except Exception:
        runs = "error"
    print(f"{cell:20} validates: {problem['type'] if problem else 'yes':12}",
          f"evaluates: {runs!s:6} in a table: {decide(cell)}")
PY
"$work/venv/bin/python" "$work/run.py" > "$work/seen"

cat > "$work/expected" <<'OUT'
"confirmed"          validates: yes          evaluates: True   in a table: sync
== "confirmed"       validates: parserError  evaluates: True   in a table: sync
!= "pending"         validates: parserError  evaluates: True   in a table: sync
"new","confirmed"    validates: parserError  evaluates: True   in a table: sync
not in ["pending"]   validates: parserError  evaluates: True   in a table: sync
not("pending")       validates: yes          evaluates: error  in a table: rejected
-                    validates: parserError  evaluates: error  in a table: rejected
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
