#!/usr/bin/env bash
# Checks deployments, and tells what is wrong where GitHub shows it. Takes what it is about from the
# environment, never as text of a script.
set -euo pipefail

read -ra asked <<<"${DEPLOYMENT:-}"
if [ -n "${CHECKS:-}" ]; then asked+=(--checks "$CHECKS"); fi
if [ -n "${FAIL_ON:-}" ]; then asked+=(--fail-on "$FAIL_ON"); fi
if [ "${ALLOW_UNDECIDED:-}" = true ]; then asked+=(--allow-undecided); fi
if [ -n "${BASELINE:-}" ]; then asked+=(--baseline "$BASELINE"); fi

# Findings make the exit status 1, which counts at the end; anything else ends the step at once.
check() {
    local status=0
    # An empty list counts as unset to the old bash of macOS.
    syncgate check "$@" ${asked[@]+"${asked[@]}"} || status=$?
    if [ "$status" -gt 1 ]; then exit "$status"; fi
    return "$status"
}

check --format sarif --output "${SARIF:-syncgate.sarif}" || true
check --format junit --output "${JUNIT:-syncgate.xml}" || true
check --format markdown >>"$GITHUB_STEP_SUMMARY" || true
verdict=go
for word in undecided no-go; do
    if grep -q "\"verdict\": \"$word\"" "${SARIF:-syncgate.sarif}"; then verdict=$word; fi
done
echo "verdict=$verdict" >>"$GITHUB_OUTPUT"
check --format github
