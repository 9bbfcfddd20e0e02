// Reads a DMN model by dmn-moddle and decides requests, one a line, by feelin: the table of the
// request's `decision`, of which the first rule decides whose cells all hold.
//
//     node .ci/export/dmn.mjs PACKAGES MODEL <requests.jsonl

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const [packages, model] = process.argv.slice(2);
const from = createRequire(path.resolve(packages, "package.json"));
const load = async (name) => import(pathToFileURL(from.resolve(name)).href);
const { DmnModdle } = await load("dmn-moddle");
const { evaluate, unaryTest } = await load("feelin");

const { rootElement, warnings } = await new DmnModdle().fromXML(readFileSync(model, "utf8"));
if (warnings.length) throw new Error(warnings.map((it) => it.message).join("\n"));
const decisions = new Map();
for (const element of rootElement.drgElement) {
  if (element.$type === "dmn:Decision") decisions.set(element.id, element);
}

// What an engine gives is a value, or a value with what it warns of.
const plain = (result) => (result !== null && typeof result === "object" && "value" in result ? result.value : result);

// A cell says the same of the same value, whichever request it comes from.
const known = new Map();
function holds(cell, value) {
  const key = `${cell}\u0000${JSON.stringify(value)}`;
  if (!known.has(key)) known.set(key, plain(unaryTest(cell, { "?": value })) === true);
  return known.get(key);
}
const said = new Map();
function value(text, context) {
  // An expression says the same of the same values of the names in it.
  const named = Object.entries(context).filter(([name]) => text.includes(name));
  const key = `${text}\u0000${JSON.stringify(named)}`;
  if (!said.has(key)) said.set(key, plain(evaluate(text, context)) ?? null);
  return said.get(key);
}

function decide(id, context) {
  const decision = decisions.get(id);
  const table = decision.decisionLogic;
  if (table.hitPolicy !== "FIRST") throw new Error(`${id} has the hit policy ${table.hitPolicy}`);
  const given = { ...context };
  for (const { requiredDecision } of decision.informationRequirement ?? []) {
    if (!requiredDecision) continue;
    const needed = requiredDecision.href.slice(1);
    given[needed] = Object.values(decide(needed, context))[0];
  }
  const inputs = table.input.map((it) => value(it.inputExpression.text, given));
  const rule = table.rule.find((rule) => rule.inputEntry.every((it, place) => holds(it.text, inputs[place])));
  const answer = {};
  if (rule) table.output.forEach((it, place) => (answer[it.name] = value(rule.outputEntry[place].text, {})));
  return answer;
}

const lines = readFileSync(0, "utf8").split("\n").filter(Boolean);
const answers = lines.map((line) => {
  const request = JSON.parse(line);
  return JSON.stringify(decide(request.decision, request));
});
process.stdout.write(answers.join("\n") + "\n");
