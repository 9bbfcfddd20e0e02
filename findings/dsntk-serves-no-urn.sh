#!/usr/bin/env bash
# The namespace of a DMN model is any URI by its schema, and a URN is one that many tools write.
# `dsntk edm` evaluates such a model; `dsntk srv`, which serves models below the domain and path of
# their namespace, does not load it: "invalid namespace", and it goes on to serve nothing, without
# an exit status. Whoever moves a model from the one to the other finds it missing by a request.
#
# dsntk 0.3.0 (a crate), seen 2026-11-30.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo install --quiet --locked --root "$work" dsntk@0.3.0

for namespace in https://shop.example/decisions urn:uuid:0f2c9a4e-6d0b-4a55-9f0e-6d1f0d3f9b11; do
    rm -rf "$work/models"
    mkdir "$work/models"
    cat > "$work/models/shop.dmn" <<XML
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="shop" name="shop"
    namespace="$namespace">
  <decision id="said" name="said"><variable id="answer" name="said" typeRef="string"/>
    <literalExpression id="text"><text>"sync"</text></literalExpression></decision>
</definitions>
XML
    echo "{}" > "$work/input"
    echo "$namespace"
    echo "edm: $("$work/bin/dsntk" edm -i said "$work/input" "$work/models/shop.dmn")"
    # It serves until it is ended.
    timeout 5 "$work/bin/dsntk" srv -H 127.0.0.1 -P 0 -D "$work/models" --color never 2>&1 ||
        echo "ended by $?"
done | tee "$work/out"

diff - "$work/out" <<'OUT'
https://shop.example/decisions
edm: "sync"
Found 1 model.
Loaded 1 model.
Deployed 1 invocable.
dsntk 127.0.0.1:0
ended by 124
urn:uuid:0f2c9a4e-6d0b-4a55-9f0e-6d1f0d3f9b11
edm: "sync"
[error][shop.dmn] invalid namespace: 'urn:uuid:0f2c9a4e-6d0b-4a55-9f0e-6d1f0d3f9b11'
Found 1 model.
Failed to load 1 model.
Deployed 0 invocables.
dsntk 127.0.0.1:0
ended by 124
OUT
echo "as described: a model is served only where its namespace has a domain"
