#!/usr/bin/env bash
# A value that does not conform to the type of its variable is null, as DMN defines it, and dsntk
# makes null of it: the number 5 as a text is given back as null by string(). It is not equal to null,
# though: `channel = null` is itself a null, `if channel = null` takes the other way, the cell `null`
# of a decision table does not match, and not("houston") does. So a table whose first rule is "the
# channel is missing" takes a channel of the wrong type for one that is given. The null of a division
# by zero does equal null.
#
# dsntk 0.3.0 (a crate), seen 2026-11-30.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo install --quiet --locked --root "$work" dsntk@0.3.0

cat > "$work/shop.dmn" <<'XML'
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="shop" name="shop"
    namespace="https://shop.example/decisions">
  <inputData id="channel" name="channel">
    <variable id="given" name="channel" typeRef="string"/></inputData>
  <decision id="expressions" name="expressions">
    <variable id="answer" name="expressions" typeRef="Any"/>
    <informationRequirement id="needs"><requiredInput href="#channel"/></informationRequirement>
    <literalExpression id="text"><text>[string(channel), channel = null,
      if channel = null then "missing" else "given", 1/0 = null]</text></literalExpression>
  </decision>
  <decision id="table" name="table"><variable id="answer_too" name="table" typeRef="string"/>
    <informationRequirement id="needs_too"><requiredInput href="#channel"/></informationRequirement>
    <decisionTable id="rules" hitPolicy="FIRST">
      <input id="in"><inputExpression id="expression"><text>channel</text></inputExpression></input>
      <output id="out" name="table" typeRef="string"/>
      <rule id="r1"><inputEntry id="i1"><text>null</text></inputEntry>
        <outputEntry id="o1"><text>"missing"</text></outputEntry></rule>
      <rule id="r2"><inputEntry id="i2"><text>not("houston")</text></inputEntry>
        <outputEntry id="o2"><text>"not houston"</text></outputEntry></rule>
      <rule id="r3"><inputEntry id="i3"><text>-</text></inputEntry>
        <outputEntry id="o3"><text>"houston"</text></outputEntry></rule>
    </decisionTable></decision>
</definitions>
XML
for channel in '"houston"' null 5; do
    echo "{channel: $channel}" > "$work/input"
    for decision in expressions table; do
        echo "$channel, $decision:" \
            "$("$work/bin/dsntk" edm -i "$decision" "$work/input" "$work/shop.dmn")"
    done
done | tee "$work/out"

diff - "$work/out" <<'OUT'
"houston", expressions: ["houston", false, "given", true]
"houston", table: "houston"
null, expressions: [null, true, "missing", true]
null, table: "missing"
5, expressions: [null, "null(equal err 'null(after coercion)' =?= 'null')", "given", true]
5, table: "not houston"
OUT
echo "as described: what is made null for its type does not equal null"
