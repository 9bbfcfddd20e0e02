#!/usr/bin/env bash
# rego-cpp, by its Python package regopy, gives answers as JSON whose texts are not escaped. A text of
# the input that has a quote or a line end in it makes an answer that no JSON reader takes, its own
# included: query() raises JSONDecodeError. Worse, a text with a backslash is read back as another
# one, without a word: the channel `a\b` of the request becomes `a` and a backspace in the answer, and
# `\u0024` a dollar. Who joins decisions to requests by such a name loses them, or finds another's.
#
# regopy 1.5.2, seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check regopy==1.5.2

cat > "$work/run.py" <<'PY'
import json
from regopy import Interpreter

interpreter = Interpreter()
for channel in ["houston", 'the "old" mill', "two\nlines", "a\\b", "\\u0024"]:
    interpreter.set_input({"channel": channel})
    try:
        answer = json.loads(str(interpreter.query("x := input.channel")))["bindings"]["x"]
        print(f"{channel!r:18} is answered as {answer!r}")
    except json.JSONDecodeError:
        print(f"{channel!r:18} is answered by what is not JSON")
PY
"$work/venv/bin/python" "$work/run.py" | tee "$work/out"

diff - "$work/out" <<'OUT'
'houston'          is answered as 'houston'
'the "old" mill'   is answered by what is not JSON
'two\nlines'       is answered by what is not JSON
'a\\b'             is answered as 'a\x08'
'\\u0024'          is answered as '$'
OUT
echo "as described: texts in answers are not escaped"
