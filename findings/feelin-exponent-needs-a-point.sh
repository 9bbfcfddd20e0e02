#!/usr/bin/env bash
# feelin, the FEEL interpreter in JavaScript, reads numbers with an exponent, as DMN's grammar has
# them: 1.5e3 is 1500. Without a decimal point it reads only what stands before the e: 1e3 is 1, and
# 123e4 is 123. No error, no warning: the whole literal is accepted. A credit limit or a volume
# written as 1e3 in a decision table then matches 1, and "below 1e3" is false for 500.
#
# feelin 8.2.0 (npm), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts feelin@8.2.0

cat > "$work/run.mjs" <<'JS'
import { evaluate, unaryTest } from 'feelin';

for (const expression of ['1.5e3', '1.0e3', '1e3', '1E+3', '123e4', '1e3 = 1000']) {
  const { value, warnings } = evaluate(expression);
  console.log(`${expression} -> ${value}, warnings: ${warnings.length}`);
}
for (const [cell, input] of [['< 1.0e3', 500], ['< 1e3', 500], ['1e3', 1000], ['1e3', 1]]) {
  const { value, warnings } = unaryTest(cell, { '?': input });
  console.log(`cell ${cell} for ${input} -> ${value}, warnings: ${warnings.length}`);
}
JS
node "$work/run.mjs" > "$work/seen"

cat > "$work/expected" <<'OUT'
1.5e3 -> 1500, warnings: 0
1.0e3 -> 1000, warnings: 0
1e3 -> 1, warnings: 0
1E+3 -> 1, warnings: 0
123e4 -> 123, warnings: 0
1e3 = 1000 -> false, warnings: 0
cell < 1.0e3 for 500 -> true, warnings: 0
cell < 1e3 for 500 -> false, warnings: 0
cell 1e3 for 1000 -> false, warnings: 0
cell 1e3 for 1 -> true, warnings: 0
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
