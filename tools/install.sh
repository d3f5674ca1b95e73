# What the other scripts share: how to say things, and how to get what only the system can give.

APT_PANGO="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
APT_PYTHON="python3 python3-venv"
DNF_PANGO="pango harfbuzz"
DNF_PYTHON="python3"
BREW_PANGO="pango"
BREW_PYTHON="python"

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# The one line that installs packages here; $1, $2 and $3 are their names for apt, dnf and brew.
remedy() {
    if command -v apt-get >/dev/null; then
        echo "Run: sudo apt-get update && sudo apt-get install --no-install-recommends $1"
    elif command -v dnf >/dev/null; then
        echo "Run: sudo dnf install $2"
    elif command -v brew >/dev/null; then
        echo "Run: brew install $3"
    else
        echo "Install with your system's package manager: $1"
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

# Install Debian packages where this user may; fails where not, so that the caller can name the remedy.
apt_install() {
    command -v apt-get >/dev/null && as_root true || return 1
    say "Installing $*…"
    # A fresh machine has no package lists yet; one broken source must not hide what the others offer.
    apt_get update || true
    apt_get install --no-install-recommends "$@"
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -y -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=20 "$@" </dev/null >/dev/null
}

# Whether the three libraries of WeasyPrint load, under their Linux or macOS names.
has_pango() {
    .venv/bin/python - <<'PYTHON'
import ctypes

def loads(file):
    try:
        return ctypes.CDLL(file)
    except OSError:
        return None

names = "pango-1.0", "pangoft2-1.0", "harfbuzz-subset"
raise SystemExit(not all(loads(f"lib{name}.so.0") or loads(f"lib{name}.0.dylib") for name in names))
PYTHON
}

# A Chromium that starts; prints its path.
find_chromium() {
    for browser in "${CHROMIUM:-}" chromium-headless-shell chromium google-chrome; do
        if [ -n "$browser" ] && "$browser" --version >/dev/null 2>&1; then
            command -v "$browser"
            return 0
        fi
    done
    return 1
}
