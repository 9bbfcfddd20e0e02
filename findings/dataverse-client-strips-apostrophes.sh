#!/usr/bin/env bash
# Microsoft's Dataverse client asks for another customer when a name begins or ends with an
# apostrophe. in_() and not_in() quote a value as a literal of OData and then take *all* quote marks
# off both ends again: 't Hart, a common Dutch surname, becomes t Hart, and Boys' becomes Boys. An
# apostrophe inside stays doubled, O''Neil, where the function's list takes plain strings in double
# quotes. == with the same values is right. No error: not_in() then returns those that it was to
# leave out. We found nothing on it in the documentation or the tracker.
#
# PowerPlatform-Dataverse-Client 1.1.0 (Python), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  PowerPlatform-Dataverse-Client==1.1.0

"$work/venv/bin/python" - > "$work/seen" <<'PY'
from PowerPlatform.Dataverse.models.filters import col

for name in ["'t Hart", "Boys'", "O'Neil", "Hart"]:
    print(name)
    print("  ", (col("lastname") == name).to_odata())
    print("  ", col("lastname").in_([name]).to_odata())
    print("  ", col("lastname").not_in([name]).to_odata())
PY

cat > "$work/expected" <<'OUT'
't Hart
   lastname eq '''t Hart'
   Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=["t Hart"])
   Microsoft.Dynamics.CRM.NotIn(PropertyName='lastname',PropertyValues=["t Hart"])
Boys'
   lastname eq 'Boys'''
   Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=["Boys"])
   Microsoft.Dynamics.CRM.NotIn(PropertyName='lastname',PropertyValues=["Boys"])
O'Neil
   lastname eq 'O''Neil'
   Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=["O''Neil"])
   Microsoft.Dynamics.CRM.NotIn(PropertyName='lastname',PropertyValues=["O''Neil"])
Hart
   lastname eq 'Hart'
   Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=["Hart"])
   Microsoft.Dynamics.CRM.NotIn(PropertyName='lastname',PropertyValues=["Hart"])
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
