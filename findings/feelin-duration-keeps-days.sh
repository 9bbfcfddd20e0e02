#!/usr/bin/env bash
# FEEL's `years and months duration` from one date to another has, as DMN defines it, years and
# months and nothing else; the standard's own example, from 2011-12-22 to 2013-08-24, is P1Y8M.
# feelin, the FEEL interpreter in JavaScript, keeps the days: P1Y8M2D. Added to the first date that
# gives the 24th, not the 22nd. It equals P1Y8M all the same, but from less than a month comes P28D,
# which does not equal P0M and yet is an instance of years and months duration: a rule for "customer
# for less than a month" written as = duration("P0M") never decides. FEEL keeps the two kinds of
# duration apart, and feelin's own addition refuses to mix them. No warning is given.
#
# feelin 8.2.0 (npm), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts feelin@8.2.0

cat > "$work/run.mjs" <<'JS'
import { evaluate } from 'feelin';

const since = (from, to) => `years and months duration(date("${from}"), date("${to}"))`;
const long = since('2011-12-22', '2013-08-24');
const short = since('2026-01-31', '2026-02-28');
for (const expression of [
  `string(${long})`,
  `string(date("2011-12-22") + ${long})`,
  `string(date("2011-12-22") + duration("P1Y8M"))`,
  `${long} = duration("P1Y8M")`,
  `string(${short})`,
  `${short} = duration("P0M")`,
  `${short} instance of years and months duration`,
]) {
  const { value, warnings } = evaluate(expression);
  console.log(`${expression}\n  ${JSON.stringify(value)}, warnings: ${warnings.length}`);
}
JS
node "$work/run.mjs" > "$work/seen"

cat > "$work/expected" <<'OUT'
string(years and months duration(date("2011-12-22"), date("2013-08-24")))
  "P1Y8M2D", warnings: 0
string(date("2011-12-22") + years and months duration(date("2011-12-22"), date("2013-08-24")))
  "2013-08-24", warnings: 0
string(date("2011-12-22") + duration("P1Y8M"))
  "2013-08-22", warnings: 0
years and months duration(date("2011-12-22"), date("2013-08-24")) = duration("P1Y8M")
  true, warnings: 0
string(years and months duration(date("2026-01-31"), date("2026-02-28")))
  "P28D", warnings: 0
years and months duration(date("2026-01-31"), date("2026-02-28")) = duration("P0M")
  false, warnings: 0
years and months duration(date("2026-01-31"), date("2026-02-28")) instance of years and months duration
  true, warnings: 0
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
