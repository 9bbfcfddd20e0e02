#!/usr/bin/env bash
# A partition pattern of a Common Data Model manifest says by a glob which files hold an entity's
# rows. Microsoft's library reads the globs otherwise than its documentation says. `**` is "zero or
# more directories", yet **/*.csv leaves out the files of the folder itself (with a slash before it,
# it finds them; other patterns need no slash). After `**` a file's name may begin with anything:
# /**/2026.csv finds copy-of-2026.csv too. `?` is "any character that isn't a path separator", and
# matches a slash. A plus sign is no plus sign: the name is part of a regular expression. Rows of
# customers are left out, or read twice from a copy, and no event is logged.
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
for name in ["2026.csv", "2026+1.csv", "old/2026.csv", "old/copy-of-2026.csv"]:
    path = root / "custtable" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("C-1\n")
(root / "custtable.cdm.json").write_text(json.dumps({
    "jsonSchemaSemanticVersion": "1.1.0", "imports": [], "definitions": [
        {"entityName": "custtable", "hasAttributes": [{"name": "id", "dataFormat": "String"}]}]}))

async def found(glob):
    (root / "export.manifest.cdm.json").write_text(json.dumps({
        "jsonSchemaSemanticVersion": "1.1.0", "manifestName": "export", "imports": [], "entities": [
            {"type": "LocalEntity", "entityName": "custtable",
             "entityPath": "custtable.cdm.json/custtable", "dataPartitionPatterns": [
                 {"name": "files", "rootLocation": "custtable", "globPattern": glob}]}]}))
    corpus = CdmCorpusDefinition()
    corpus.set_event_callback(lambda level, text: print("event:", text), CdmStatusLevel.WARNING)
    corpus.storage.mount("local", LocalAdapter(str(root)))
    manifest = await corpus.fetch_object_async("local:/export.manifest.cdm.json")
    await manifest.file_status_check_async()
    return sorted(p.location.removeprefix("custtable/")
                  for p in manifest.entities[0].data_partitions)

for glob in ["*.csv", "/**/*.csv", "**/*.csv", "/**/2026.csv", "/old?2026.csv", "/2026+1.csv"]:
    print(f"{glob:14}", *asyncio.run(found(glob)))
PY
mkdir "$work/data"
"$work/venv/bin/python" "$work/run.py" "$work/data" | sed 's/ *$//' > "$work/seen"

cat > "$work/expected" <<'OUT'
*.csv          2026+1.csv 2026.csv
/**/*.csv      2026+1.csv 2026.csv old/2026.csv old/copy-of-2026.csv
**/*.csv       old/2026.csv old/copy-of-2026.csv
/**/2026.csv   2026.csv old/2026.csv old/copy-of-2026.csv
/old?2026.csv  old/2026.csv
/2026+1.csv
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
