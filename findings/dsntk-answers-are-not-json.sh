#!/usr/bin/env bash
# dsntk prints what a DMN decision gives as JSON, by `edm` and over HTTP by `srv`, and escapes no text
# in it. A text that has a quote or a line end makes an answer that no JSON reader takes; one with a
# backslash is read back as another, without a word: the channel `a\b` becomes `a` and a backspace,
# `\u0024` a dollar. A null that has a reason is not null there but the text `null(…)`, which nothing
# tells from a text that says so. Who joins decisions to requests by a name loses them, or finds
# another's.
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
  <decision id="said" name="said"><variable id="answer" name="said" typeRef="string"/>
    <informationRequirement id="needs"><requiredInput href="#channel"/></informationRequirement>
    <literalExpression id="text"><text>channel</text></literalExpression></decision>
</definitions>
XML
cat > "$work/run.py" <<'PY'
import json, pathlib, subprocess, sys

work = pathlib.Path(sys.argv[1])
for channel in ["houston", 'the "old" mill', "two\nlines", "a\\b", "\\u0024", None, 5]:
    (work / "input").write_text(json.dumps({"channel": channel}))
    answer = subprocess.check_output(
        [work / "bin/dsntk", "edm", "-i", "said", work / "input", work / "shop.dmn"], text=True)
    try:
        print(f"{channel!r:18} is answered as {json.loads(answer)!r}")
    except json.JSONDecodeError:
        print(f"{channel!r:18} is answered by what is not JSON")
PY
python3 "$work/run.py" "$work" | tee "$work/out"

diff - "$work/out" <<'OUT'
'houston'          is answered as 'houston'
'the "old" mill'   is answered by what is not JSON
'two\nlines'       is answered by what is not JSON
'a\\b'             is answered as 'a\x08'
'\\u0024'          is answered as '$'
None               is answered as None
5                  is answered as 'null(after coercion)'
OUT
echo "as described: texts in answers are not escaped, and a null may be a text"
