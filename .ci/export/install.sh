#!/usr/bin/env bash
# Installs engines of other makers into the folder that is named: `python`, `node_modules` and `bin`
# in it.
set -euo pipefail
folder=$1
mkdir -p "$folder"

missing=()
command -v npm >/dev/null || missing+=(nodejs npm)
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
command -v initdb >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || missing+=(postgresql)
if [ "${#missing[@]}" -gt 0 ]; then
    sudo=$(command -v sudo || true)
    $sudo apt-get update -q
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${missing[@]}"
fi

# Named alone these are what CI runs; `clickhouse`, `spark` and `dsntk` after the folder add those.
packages=(duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1 zen-engine==2.1.3 gordon-to-regorus==0.13.0 regopy==1.5.2)
for more in "${@:2}"; do
    case "$more" in
        clickhouse) packages+=(chdb==4.4.0) ;;
        spark) packages+=(pyspark==4.3.0) ;;
        dsntk) cargo install --quiet --locked --root "$folder" dsntk@0.3.0 ;;
        *) echo "no engine: $more" >&2 && exit 2 ;;
    esac
done
python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
    --target "$folder/python" "${packages[@]}"

cd "$folder"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts feelin@8.2.0 dmn-moddle@12.2.1
