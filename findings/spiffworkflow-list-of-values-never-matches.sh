#!/usr/bin/env bash
# SpiffWorkflow runs DMN tables with Python as the expression language, so that two cells from any
# other DMN tool are valid and never match: "houston","seattle" is a tuple, and the channel is
# compared with the tuple; not("houston") is False, and the channel is compared with that. No error:
# the last, open rule decides for every channel. `-` is understood as DMN's "any". Cells that are no
# Python, such as a range [1..5], do raise an error, so a table that runs looks like one that works.
# A list of values is written ? in ("houston", "seattle") here.
#
# SpiffWorkflow 3.2.0 (Python), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check SpiffWorkflow==3.2.0 lxml==6.1.3

cat > "$work/process.bpmn" <<'XML'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="ops"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
  <process id="decide" isExecutable="true">
    <startEvent id="start"><outgoing>one</outgoing></startEvent>
    <sequenceFlow id="one" sourceRef="start" targetRef="rule"/>
    <businessRuleTask id="rule" camunda:decisionRef="outcome">
      <incoming>one</incoming><outgoing>two</outgoing></businessRuleTask>
    <sequenceFlow id="two" sourceRef="rule" targetRef="end"/>
    <endEvent id="end"><incoming>two</incoming></endEvent>
  </process>
</definitions>
XML
cat > "$work/run.py" <<'PY'
import pathlib, sys
from xml.sax.saxutils import escape
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.camunda.parser.CamundaParser import CamundaParser

here = pathlib.Path(sys.argv[1])

def decide(hit_policy, rules, channel):
    rows = "".join(
        f"""<rule id="r{i}"><inputEntry id="i{i}"><text>{escape(cell)}</text></inputEntry>
        <outputEntry id="o{i}"><text>"{outcome}"</text></outputEntry></rule>"""
        for i, (cell, outcome) in enumerate(rules))
    (here / "table.dmn").write_text(f"""
        <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="ops" name="ops"
            namespace="ops"><decision id="outcome" name="outcome">
        <decisionTable id="table" hitPolicy="{hit_policy}">
          <input id="in" label="Channel"><inputExpression id="expression" typeRef="string">
            <text>channel</text></inputExpression></input>
          <output id="out" name="outcome" typeRef="string"/>{rows}
        </decisionTable></decision></definitions>""".strip())
    parser = CamundaParser()
    parser.add_bpmn_file(str(here / "process.bpmn"))
    parser.add_dmn_file(str(here / "table.dmn"))
    workflow = BpmnWorkflow(parser.get_spec("decide"))
    workflow.task_tree.set_data(channel=channel)
    workflow.do_engine_steps()
    return workflow.last_task.data.get("outcome")

channels = ["houston", "seattle", "web"]
print(f"{'':30}", *channels)
for cell in ['"houston"', '"houston","seattle"', '? in ("houston", "seattle")', 'not("web")', "-"]:
    outcomes = [decide("FIRST", [(cell, "sync"), ("", "rejected")], it) for it in channels]
    print(f"{cell:30}", *outcomes)
PY
"$work/venv/bin/python" "$work/run.py" "$work" > "$work/seen"

cat > "$work/expected" <<'OUT'
                               houston seattle web
"houston"                      sync rejected rejected
"houston","seattle"            rejected rejected rejected
? in ("houston", "seattle")    sync sync rejected
not("web")                     rejected rejected rejected
-                              sync sync sync
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
