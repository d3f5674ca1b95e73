#!/bin/sh
# Run the tests. What this machine lacks a browser or Pango for is left out, and counted in the last line.
# Usage: tools/test.sh [pytest arguments]
set -u
cd "$(dirname "$0")/.."
. tools/install.sh

find_chromium >/dev/null || apt_install chromium-headless-shell || apt_install chromium

missing="" packages=""
if CHROMIUM=$(find_chromium); then
    export CHROMIUM
else
    missing=e2e packages=chromium
fi
has_pango || missing="${missing:+$missing or }paper" packages="${packages:+$packages }$APT_PANGO"

if [ -z "$missing" ]; then exec .venv/bin/python -m pytest "$@"; fi

.venv/bin/python -m pytest -m "not ($missing)" "$@"
status=$?
count=$(.venv/bin/python -m pytest -m "$missing" --collect-only -q -n0 "$@" | grep -c '::')
say "$count tests not run, for want of: $packages. $(remedy "$packages" "chromium $DNF_PANGO" "chromium $BREW_PANGO")"
exit $status
