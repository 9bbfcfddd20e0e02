#!/usr/bin/env bash
# SpiffWorkflow treats all hit policies of DMN but COLLECT as "the first rule that matches", without
# a word. Under UNIQUE, the default, two rules that match are a mistake of the table by the standard;
# under ANY they must agree; RULE ORDER gives a list. Here each gives the first outcome: a table
# whose rules overlap by accident decides by the order of its rows, and one that is meant to list
# every job that is due lists one. We found nothing in its documentation that says so.
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

rules = [('"houston"', "sync"), ("", "async")]
for hit_policy in ["UNIQUE", "ANY", "FIRST", "RULE ORDER", "COLLECT"]:
    print(f"{hit_policy}: {decide(hit_policy, rules, 'houston')}")
PY
"$work/venv/bin/python" "$work/run.py" "$work" > "$work/seen"

cat > "$work/expected" <<'OUT'
UNIQUE: sync
ANY: sync
FIRST: sync
RULE ORDER: sync
COLLECT: ['sync', 'async']
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
