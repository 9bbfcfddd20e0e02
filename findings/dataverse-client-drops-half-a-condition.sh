#!/usr/bin/env bash
# Conditions of Microsoft's Dataverse client are Python objects, and Python's own words for joining
# them are accepted and lose a part: a range written as 1000 <= col("revenue") <= 5000, or with
# `and`, asks for the second half only, `or` for the first only. Other builders of this kind
# (pandas, SQLAlchemy) refuse to be asked whether a condition is true; this one says yes. Likewise
# where(): "multiple calls are AND-joined", but raw text is joined without brackets, so that an `or`
# in it takes the next condition for its own right side only. The result is a longer list of
# customers than asked for (for `or` a shorter one), without an error.
#
# PowerPlatform-Dataverse-Client 1.1.0 (Python), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  PowerPlatform-Dataverse-Client==1.1.0

"$work/venv/bin/python" - > "$work/seen" <<'PY'
from PowerPlatform.Dataverse.models.filters import col, raw
from PowerPlatform.Dataverse.models.query_builder import QueryBuilder

revenue, state = col("revenue"), col("statecode")
print("&:       ", ((revenue >= 1000) & (revenue <= 5000)).to_odata())
print("between: ", revenue.between(1000, 5000).to_odata())
print("chained: ", (1000 <= revenue <= 5000).to_odata())
print("and:     ", (revenue >= 1000 and revenue <= 5000).to_odata())
print("or:      ", (state == 0 or state == 1).to_odata())

either = raw("statecode eq 0 or statecode eq 1")
print("raw, &:  ", (either & (revenue >= 1000)).to_odata())
print("where x2:", QueryBuilder("account").where(either).where(revenue >= 1000).build()["filter"])
PY

cat > "$work/expected" <<'OUT'
&:        (revenue ge 1000 and revenue le 5000)
between:  (revenue ge 1000 and revenue le 5000)
chained:  revenue le 5000
and:      revenue le 5000
or:       statecode eq 0
raw, &:   (statecode eq 0 or statecode eq 1 and revenue ge 1000)
where x2: statecode eq 0 or statecode eq 1 and revenue ge 1000
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
