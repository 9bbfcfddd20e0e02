#!/usr/bin/env bash
# Installs readers of other makers into the folder that is named: `python` and `node_modules` in it.
set -euo pipefail
folder=$1
mkdir -p "$folder"

missing=()
command -v npm >/dev/null || missing+=(nodejs npm)
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
if [ "${#missing[@]}" -gt 0 ]; then
    sudo=$(command -v sudo || true)
    $sudo apt-get update -q
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -yq "${missing[@]}"
fi

python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
    --target "$folder/python" \
    junitparser==5.0.3 google-re2==1.1.20251105 check-jsonschema==0.39.0 pre-commit==4.7.0 \
    tree-sitter==0.26.1 tree-sitter-powershell==0.26.4 &
python=$!

cd "$folder"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
    ajv@8.20.0 ajv-formats@3.0.1 @taplo/cli@0.7.0 @microsoft/sarif-multitool-linux@5.7.0
chmod u+x node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
wait "$python"
