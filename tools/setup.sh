#!/bin/sh
# Prepare this machine: .venv from the hashed lock, and the libraries that PDFs need.
# Usage: tools/setup.sh [dev]. Running it again does nothing when nothing has changed.
set -eu
cd "$(dirname "$0")/.."
. tools/install.sh

lock=requirements.txt
[ "${1:-}" = dev ] && lock=requirements-dev.txt

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if is_recent "$python"; then return 0; fi
    done
    return 1
}

make_venv() {
    if ! find_python; then
        apt_install python3 python3-venv && find_python ||
            die "Python 3.11 or newer is needed. $(remedy "$APT_PYTHON" "$DNF_PYTHON" "$BREW_PYTHON")"
    fi
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        apt_install "$package" ||
            die "Python's venv module is needed. $(remedy "$package" "$DNF_PYTHON" "$BREW_PYTHON")"
    fi
    rm -rf .venv
    "$python" -m venv .venv
}

install_lock() {
    if command -v uv >/dev/null && uv pip install --compile-bytecode --quiet --python .venv/bin/python \
        --require-hashes --only-binary :all: -r "$1" 2>/dev/null; then return 0; fi
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$1" ||
        die "The packages of $1 could not be installed; the lines above say why."
}

state_of() { echo "$(.venv/bin/python -V) $(cksum <"$1")"; }

is_installed() { [ "$(state_of "$1")" = "$(cat ".venv/$1.installed" 2>/dev/null)" ]; }

is_recent .venv/bin/python || make_venv
if ! is_installed "$lock"; then
    say "Installing the packages of $lock into .venv…"
    install_lock "$lock"
    state_of "$lock" >".venv/$lock.installed"
    # Everything the site needs is in the developers' lock too.
    [ "$lock" = requirements.txt ] || state_of requirements.txt >.venv/requirements.txt.installed
fi

if ! has_pango; then
    apt_install $APT_PANGO && has_pango ||
        say "Pango is missing: the site works, and PDFs wait until it is there. $(remedy "$APT_PANGO" "$DNF_PANGO" "$BREW_PANGO")"
fi
