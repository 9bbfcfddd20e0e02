#!/usr/bin/env bash
# Microsoft's Common Data Model library reads the precision and scale of a decimal column from a
# model.json, keeps them in memory, and leaves them out when it saves the same model.json.
# Amounts and credit limits of an exported entity then have no declared digits for whoever reads
# the saved file. The reader keeps the trait is.dataFormat.numeric.shaped with its arguments; the
# writer skips every trait whose name starts with is.dataFormat, assuming that `dataType` says it.
# No event is logged, and we found nothing in its documentation on it. A trait by another name
# survives the same round trip. In memory the column has the trait twice, the one without arguments
# (from `dataType`) first, so that asking for it by name finds no precision either.
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

source, saved = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
column = {"name": "creditmax", "dataType": "decimal", "cdm:traits": [
    {"traitReference": "is.dataFormat.numeric.shaped",
     "arguments": [{"name": "precision", "value": 32}, {"name": "scale", "value": 6}]},
    {"traitReference": "means.measurement.currency"}]}
model = {"name": "export", "version": "1.0", "entities": [
    {"$type": "LocalEntity", "name": "custtable", "attributes": [column]}]}
(source / "model.json").write_text(json.dumps(model))

def traits(attribute):
    return [t if isinstance(t, str) else t["traitReference"]
            for t in attribute.get("cdm:traits", [])]

async def main():
    corpus = CdmCorpusDefinition()
    corpus.set_event_callback(lambda level, text: print("event:", text), CdmStatusLevel.WARNING)
    corpus.storage.mount("in", LocalAdapter(str(source)))
    corpus.storage.mount("out", LocalAdapter(str(saved)))
    manifest = await corpus.fetch_object_async("in:/model.json")
    entity = await corpus.fetch_object_async(manifest.entities[0].entity_path, manifest)
    for trait in entity.attributes[0].applied_traits:
        print("in memory:", trait.named_reference, {a.name: a.value for a in trait.arguments})
    corpus.storage.fetch_root_folder("out").documents.append(manifest)
    await manifest.save_as_async("model.json", True)
    after = json.loads((saved / "model.json").read_text())["entities"][0]["attributes"][0]
    print("read:", traits(column))
    print("saved:", after["dataType"], traits(after))

asyncio.run(main())
PY
mkdir "$work/in" "$work/out"
"$work/venv/bin/python" "$work/run.py" "$work/in" "$work/out" > "$work/seen"

cat > "$work/expected" <<'OUT'
in memory: is.dataFormat.numeric.shaped {}
in memory: is.dataFormat.numeric.shaped {'precision': 32, 'scale': 6}
in memory: means.measurement.currency {}
read: ['is.dataFormat.numeric.shaped', 'means.measurement.currency']
saved: decimal ['means.measurement.currency']
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
