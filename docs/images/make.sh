#!/usr/bin/env bash
# Makes report.png, the picture in README.md, from a simulated market: bash docs/images/make.sh
# Needs `tradeline` on the path and Debian's chromium.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
tradeline world --enterprises 600 --seed 3 --out "$work/world"
tradeline assess "$work/world" --budget 30000000 --as-of 2024-12-31 --out "$work/results"
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --user-data-dir="$work/profile" --window-size=1280,1270 --hide-scrollbars \
    --screenshot="$here/report.png" "file://$work/results/report.html"
