#!/usr/bin/env bash
# Microsoft's Dataverse client refuses to look a customer up by SQL when the name has "union" or
# "having" in it: WHERE name = 'Contoso Credit Union' is "UNION is not supported". The client checks
# a query before sending it; for words that write, it looks outside of quoted text, so that a
# customer called Delete Me passes; for the words that the server cannot do, it looks into the text
# as well. Credit unions, trade unions and a LIKE 'Union%' are out of reach of this function.
# The documentation lists the words, and not that a name must not contain them.
#
# PowerPlatform-Dataverse-Client 1.1.0 (Python), seen 2026-11-29. Nothing is sent: the stand-in for
# the login refuses, which shows that a query passed the check.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  PowerPlatform-Dataverse-Client==1.1.0

"$work/venv/bin/python" - > "$work/seen" <<'PY'
from PowerPlatform.Dataverse.client import DataverseClient

class NoLogin:
    def get_token(self, *scopes, **options):
        raise RuntimeError("passed the check")

client = DataverseClient("https://contoso.crm.dynamics.com", NoLogin())
for condition in ["name = 'Contoso'", "name = 'Delete Me'", "name = 'Contoso; North'",
                  "name = 'Contoso Credit Union'", "name LIKE 'Union%'",
                  "name = 'Having Foods'"]:
    try:
        client.query.sql(f"SELECT name FROM account WHERE {condition}")
    except Exception as problem:
        print(f"{condition:30} {type(problem).__name__}: {str(problem).split('. ')[0]}")
PY

cat > "$work/expected" <<'OUT'
name = 'Contoso'               RuntimeError: passed the check
name = 'Delete Me'             RuntimeError: passed the check
name = 'Contoso; North'        RuntimeError: passed the check
name = 'Contoso Credit Union'  ValidationError: UNION is not supported by the Dataverse SQL endpoint
name LIKE 'Union%'             ValidationError: UNION is not supported by the Dataverse SQL endpoint
name = 'Having Foods'          ValidationError: HAVING is not supported by the Dataverse SQL endpoint
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
