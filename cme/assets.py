"""Static files as they are sent: made once at the start, in memory, each with its fingerprint, text compressed.

The stylesheets of a page are one file, and the fonts and pictures they name carry fingerprints too, so that a browser
fetches each thing once and keeps it for as long as its bytes stay the same.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from flask import Flask, Response, abort, current_app, request
from flask.sessions import SecureCookieSessionInterface

FOLDER = Path(__file__).parent / "static"
UNSENT = "fonts/print/"  # whole fonts for certificates; the press reads them, a browser never needs them
SHEETS = (
    "tokens",
    "base",
    "layout",
    "forms",
    "components",
    "catalog",
    "seminar",
    "claim",
    "course",
    "verify",
    "articles",
    "account",
)
JOINED = {"css/site.css": (*SHEETS, "print"), "css/staff.css": (*SHEETS, "admin", "attendance", "print")}
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
NAMED = re.compile(r"""url\((["']?)(?!data:|#|/|https?:)([^"')#]+)""")
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
FOR_EVER = "public, max-age=31536000, immutable"
Files = dict[str, "Asset"]


@dataclass(frozen=True)
class Asset:
    """A static file as it is sent."""

    content_type: str
    body: bytes
    gzipped: bytes | None

    @property
    def is_text(self) -> bool:
        """Whether it shrinks when it is compressed; fonts and photographs are compressed already."""
        return self.gzipped is not None


def make(path: str, body: bytes) -> Asset:
    """Make one file ready to be sent."""
    kind = TYPES.get(Path(path).suffix, "application/octet-stream")
    return Asset(kind, body, gzip.compress(body, 9, mtime=0) if "charset" in kind else None)


def fingerprint(asset: Asset) -> str:
    """What changes whenever the bytes do."""
    return hashlib.sha256(asset.body).hexdigest()[:12]


def with_fingerprints(path: str, css: str, marks: dict[str, str]) -> str:
    """A stylesheet whose fonts and pictures are named as they are sent; one that is not there stops the start."""

    def marked(found: re.Match[str]) -> str:
        target = normpath(join(dirname(path), found[2]))
        if target not in marks:
            raise LookupError(f"{path} names {found[2]}, which is not there.")
        return f"{found[0]}?v={marks[target]}"

    return NAMED.sub(marked, COMMENT.sub("", css))


class Assets:
    """Every static file of one folder, by its path."""

    def __init__(self, raw: dict[str, bytes], joined: dict[str, tuple[str, ...]]) -> None:
        sheets = {path: body.decode() for path, body in raw.items() if path.endswith(".css")}
        for name, parts in joined.items():
            sheets[name] = "\n".join(sheets[f"css/{part}.css"] for part in parts)
        self.files: Files = {path: make(path, body) for path, body in raw.items() if path not in sheets}
        self.marks = {path: fingerprint(asset) for path, asset in self.files.items()}
        for path, css in sheets.items():
            self.files[path] = make(path, with_fingerprints(path, css, self.marks).encode())
            self.marks[path] = fingerprint(self.files[path])

    @property
    def mark(self) -> str:
        """The fingerprint of all files together."""
        return hashlib.sha256(repr(sorted(self.marks.items())).encode()).hexdigest()[:12]

    def answer(self, path: str) -> Response:
        """Send one file, compressed for whoever can read that, and not at all to whoever has it."""
        asset = self.files.get(path) or abort(404)
        mark = self.marks[path]
        packed = asset.gzipped if asset.gzipped is not None and request.accept_encodings["gzip"] else None
        response = Response(asset.body if packed is None else packed, content_type=asset.content_type)
        if packed is not None:
            response.content_encoding = "gzip"
        if asset.is_text:
            response.vary.add("Accept-Encoding")
        response.set_etag(mark if packed is None else f"{mark}-gzip")
        # Only the bytes an address was made for may be kept: while a new version starts, the old one may be asked.
        response.headers["Cache-Control"] = FOR_EVER if request.args.get("v") == mark else "public, no-cache"
        response.make_conditional(request)
        return response


def _stamps(folder: Path) -> tuple[tuple[str, int], ...]:
    files = ((path.relative_to(folder).as_posix(), path) for path in sorted(folder.rglob("*")) if path.is_file())
    return tuple((name, path.stat().st_mtime_ns) for name, path in files if not name.startswith(UNSENT))


@lru_cache(maxsize=2)
def _made(folder: Path, stamps: tuple[tuple[str, int], ...]) -> Assets:
    return Assets({name: (folder / name).read_bytes() for name, _ in stamps}, JOINED)


def look_again(app: Flask, folder: Path = FOLDER) -> None:
    """Make the files again if one has changed."""
    app.extensions["assets"] = _made(folder, _stamps(folder))


def here() -> Assets:
    """The static files of this application."""
    found: Assets = current_app.extensions["assets"]
    return found


def static(path: str) -> str:
    """The address of a static file, changed whenever its bytes do, so that it can be kept for ever."""
    return f"/static/{path}?v={here().marks[path]}"


def _static(filename: str) -> Any:
    return here().answer(filename)


class Sessions(SecureCookieSessionInterface):
    """Keeps sessions out of static files: what depends on a cookie would be fetched again after each sign-in."""

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Write the session into the answer, unless it is a file."""
        if request.endpoint != "static" or response.status_code >= 400:
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Open the shelf; during development, look at every visit whether a file has changed."""
    look_again(app)
    app.session_interface = Sessions()
    app.add_url_rule("/static/<path:filename>", "static", _static)
    app.jinja_env.globals["static"] = static
    if app.config.get("CME_ENV") == "development":
        app.before_request(partial(look_again, app))
