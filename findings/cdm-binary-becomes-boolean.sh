#!/usr/bin/env bash
# A binary column of a Common Data Model manifest becomes a boolean column when Microsoft's library
# saves the manifest as model.json, the older format that Power BI dataflows and many export
# readers still ask for. A reader that trusts the file takes a row version or an image for true or
# false. A byte column becomes "unclassified". No event is logged. The table that maps the types
# names the binary type, so this is no fallback; we found nothing in its documentation on it.
#
# commondatamodel-objectmodel 1.7.6 (Python), seen 2026-11-29.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  commondatamodel-objectmodel==1.7.6 commondatamodel-objectmodel-cdmstandards==2.8.0 \
  msal==1.39.0 msrest==0.7.1 nest-asyncio==1.6.0 python-dateutil==2.9.0.post0 regex==2026.11.19

cat > "$work/run.py" <<'PY'
import asyncio, json, pathlib, sys
from cdm.enums import CdmStatusLevel
from cdm.objectmodel import CdmCorpusDefinition
from cdm.storage import LocalAdapter

root = pathlib.Path(sys.argv[1])
formats = {"rowversion": "Binary", "photobyte": "Byte", "isactive": "Boolean",
           "accountnum": "String"}
(root / "custtable.cdm.json").write_text(json.dumps({
    "jsonSchemaSemanticVersion": "1.1.0",
    "imports": [{"corpusPath": "cdm:/foundations.cdm.json"}],
    "definitions": [{"entityName": "custtable", "hasAttributes": [
        {"name": name, "dataFormat": form} for name, form in formats.items()]}]}))
(root / "export.manifest.cdm.json").write_text(json.dumps({
    "jsonSchemaSemanticVersion": "1.1.0", "manifestName": "export",
    "imports": [{"corpusPath": "cdm:/foundations.cdm.json"}],
    "entities": [{"type": "LocalEntity", "entityName": "custtable",
                  "entityPath": "custtable.cdm.json/custtable"}]}))

async def main():
    corpus = CdmCorpusDefinition()
    corpus.set_event_callback(lambda level, text: print("event:", text), CdmStatusLevel.WARNING)
    corpus.storage.mount("local", LocalAdapter(str(root)))
    manifest = await corpus.fetch_object_async("local:/export.manifest.cdm.json")
    await manifest.save_as_async("model.json", True)
    for attribute in json.loads((root / "model.json").read_text())["entities"][0]["attributes"]:
        print(attribute["name"], formats[attribute["name"]], "->", attribute["dataType"])

asyncio.run(main())
PY
mkdir "$work/data"
"$work/venv/bin/python" "$work/run.py" "$work/data" > "$work/seen"

cat > "$work/expected" <<'OUT'
rowversion Binary -> boolean
photobyte Byte -> unclassified
isactive Boolean -> boolean
accountnum String -> string
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
