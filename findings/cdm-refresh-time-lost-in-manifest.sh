#!/usr/bin/env bash
# A model.json says for each partition when its data was refreshed (refreshTime). Microsoft's
# Common Data Model library reads that, keeps it on the partition, and writes it back to a
# model.json; converted to a manifest (.manifest.cdm.json, the format that replaces model.json) the
# value is gone and nothing takes its place, so that a reader of the manifest cannot tell how old
# the exported customers are. The library's own field for it (refresh_time) exists on manifests
# too, and stays None after reading one that has it. Beside it, the model's modifiedTime loses all
# digits below the millisecond in the manifest. No event is logged.
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
location = str(root / "custtable" / "2026.csv")
(root / "model.json").write_text(json.dumps({
    "name": "export", "version": "1.0", "modifiedTime": "2026-11-29T01:02:03.4567891Z",
    "entities": [{"$type": "LocalEntity", "name": "custtable",
                  "attributes": [{"name": "accountnum", "dataType": "string"}],
                  "partitions": [{"name": "2026", "refreshTime": "2026-11-28T23:00:00Z",
                                  "location": location}]}]}))

async def main():
    corpus = CdmCorpusDefinition()
    corpus.set_event_callback(lambda level, text: print("event:", text), CdmStatusLevel.WARNING)
    corpus.storage.mount("local", LocalAdapter(str(root)))
    model = await corpus.fetch_object_async("local:/model.json")
    print("model.json:", model.entities[0].data_partitions[0].refresh_time)
    await model.save_as_async("export.manifest.cdm.json", True)
    saved = json.loads((root / "export.manifest.cdm.json").read_text())
    print("manifest:", sorted(saved["entities"][0]["dataPartitions"][0]))
    print("manifest, lastFileModifiedTime:", saved["lastFileModifiedTime"])

    saved["entities"][0]["dataPartitions"][0]["refreshTime"] = "2026-11-28T23:00:00Z"
    (root / "again.manifest.cdm.json").write_text(json.dumps(saved))
    again = await corpus.fetch_object_async("local:/again.manifest.cdm.json")
    print("manifest with refreshTime:", again.entities[0].data_partitions[0].refresh_time)

asyncio.run(main())
PY
mkdir -p "$work/data/custtable"
printf 'C-1\n' > "$work/data/custtable/2026.csv"
"$work/venv/bin/python" "$work/run.py" "$work/data" > "$work/seen"

cat > "$work/expected" <<'OUT'
model.json: 2026-11-28T23:00:00Z
manifest: ['location', 'name']
manifest, lastFileModifiedTime: 2026-11-29T01:02:03.456Z
manifest with refreshTime: None
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
