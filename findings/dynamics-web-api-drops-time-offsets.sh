#!/usr/bin/env bash
# dynamics-web-api, a client for Dataverse, turns every text that looks like a moment into a Date,
# and throws the offset away: 10:30 at +02:00, which is 08:30 UTC, becomes 10:30 UTC. The service
# itself writes Z; moments with an offset stand in text columns that an integration fills and in
# JSON from custom APIs and virtual tables, and those columns become Dates too, as no column's type
# is asked. With a fraction of a second the same column stays text, so that its type changes from
# row to row. We found nothing in its documentation on the conversion or how to turn it off.
#
# dynamics-web-api 2.5.0 (npm), seen 2026-11-29. The answer comes from a server of the script's own.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts dynamics-web-api@2.5.0

cat > "$work/run.cjs" <<'JS'
const { createServer } = require('http');
const { DynamicsWebApi } = require('dynamics-web-api');

const moments = ['2026-11-29T10:30:00Z', '2026-11-29T10:30:00+02:00', '2026-11-29T10:30:00-05:00',
                 '2026-11-29T10:30:00.500Z', '2026-11-29'];
const server = createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'OData-Version': '4.0' });
  response.end(JSON.stringify({ value: moments.map((description) => ({ description })) }));
});
server.listen(0, '127.0.0.1', async () => {
  const client = new DynamicsWebApi({ serverUrl: `http://127.0.0.1:${server.address().port}` });
  const { value } = await client.retrieveMultiple({ collection: 'accounts' });
  value.forEach(({ description: read }, i) => console.log(
    `${moments[i]}: ${read instanceof Date ? `Date ${read.toISOString()}` : `text ${read}`}`));
  server.close();
});
JS
(cd "$work" && node run.cjs) > "$work/seen"

cat > "$work/expected" <<'OUT'
2026-11-29T10:30:00Z: Date 2026-11-29T10:30:00.000Z
2026-11-29T10:30:00+02:00: Date 2026-11-29T10:30:00.000Z
2026-11-29T10:30:00-05:00: Date 2026-11-29T10:30:00.000Z
2026-11-29T10:30:00.500Z: text 2026-11-29T10:30:00.500Z
2026-11-29: text 2026-11-29
OUT
cat "$work/seen"
diff "$work/expected" "$work/seen" || { echo "changed: see the lines above" >&2; exit 1; }
