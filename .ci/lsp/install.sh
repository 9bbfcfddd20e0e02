#!/usr/bin/env bash
# Installs a client of the Language Server Protocol into the folder that is named.
set -euo pipefail
folder=$1
if ! python3 -m pip --version >/dev/null 2>&1; then
    sudo=$(command -v sudo || true)
    $sudo apt-get update -q
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -yq python3-pip
fi
python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
    --target "$folder" pytest-lsp==1.0.1 pygls==2.1.1 lsprotocol==2025.0.0
