"""Public pages, kept warm: what everybody is shown alike is made once for each state of what it shows.

A view marked `@kept(state, clock=…)` is asked as a stranger would ask, with the visitor's own parts left open: the door
in the header, notices, the theme. The page is kept under the state's value and its address; the open parts are filled
for each visitor. A stranger, who has no session, also gets it compressed, with an ETag made from the state, so that
whoever has the page already is told so before anything is rendered.

The state must change with everything the page shows; it is read at most once a second in each process, and again as
soon as this process has written anything.
"""

import gzip
import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache, wraps
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, g, get_flashed_messages, has_app_context, request, session
from flask_login import AnonymousUserMixin, current_user
from markupsafe import Markup
from sqlalchemy import event

from cme import assets
from cme.access import wants_fragment
from cme.database import db

ROOT = Path(__file__).parent.parent
FRESH = timedelta(seconds=1)
MOST_BYTES, MOST_STATES = 32_000_000, 1_000
VARY = ("Accept-Encoding", "X-Fragment", "Cookie")
LEFT_OUT = {"content-type", "content-length", "vary"}
STRANGER = AnonymousUserMixin()
View = Callable[..., Any]


# The parts of a page that are the visitor's own.


def _macros(name: str) -> Any:
    return current_app.jinja_env.get_template(f"components/{name}.html").module


def theme() -> str:
    """The theme the visitor chose, if they chose one."""
    chosen = request.cookies.get("theme")
    return chosen if chosen in {"light", "dark"} else ""


def _theme() -> str:
    return f' data-theme="{theme()}"' if theme() else ""


def _door() -> Any:
    return _macros("shell").door(current_user)


def _gate() -> Any:
    missing = current_user.details_missing() if current_user.is_authenticated else []
    # From Account Details itself the way back stays the one it came with.
    back = request.args.get("next") if request.endpoint == "accounts.details" else request.full_path.rstrip("?")
    return _macros("notice").gate_banner(missing, back) if missing else ""


def _flashes() -> Any:
    return _macros("notice").flashes(get_flashed_messages(with_categories=True))


OWN: dict[str, Callable[[], Any]] = {"theme": _theme, "door": _door, "gate": _gate, "flashes": _flashes}
OPEN = re.compile("\0({})\0".format("|".join(OWN)).encode())


def own(part: str) -> Markup:
    """A part of the page that is the visitor's own; left open while a page is made for everybody."""
    return Markup(f"\0{part}\0" if g.get("for_everybody") else OWN[part]())


def fill(pieces: Iterable[bytes]) -> bytes:
    """Close a page's open parts with those of the visitor."""
    return b"".join(str(own(piece.decode())).encode() if at % 2 else piece for at, piece in enumerate(pieces))


# What is kept.


class Shelf:
    """Keeps what was used last, up to so many bytes."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.most, self.bytes, self.lock = most, 0, Lock()
        self.kept: OrderedDict[str, tuple[Any, int]] = OrderedDict()

    def get(self, key: str) -> Any:
        """What is kept under a key, or None."""
        with self.lock:
            if key not in self.kept:
                return None
            self.kept.move_to_end(key)
            return self.kept[key][0]

    def put(self, key: str, value: Any, size: int) -> None:
        """Keep something, and let go of what has not been asked for the longest."""
        with self.lock:
            self.bytes += size - self.kept.pop(key, (None, 0))[1]
            self.kept[key] = (value, size)
            while self.bytes > self.most:
                _, (_, gone) = self.kept.popitem(last=False)
                self.bytes -= gone


class Page(NamedTuple):
    """A page as everybody is shown it: what stands between its open parts, the parts' names at odd places."""

    pieces: list[bytes]
    headers: list[tuple[str, str]]


class Cache:
    """What one application keeps: pages, and for a second the states they are kept under."""

    def __init__(self, mark: str) -> None:
        self.mark, self.shelf = mark, Shelf()
        self.states: dict[Any, tuple[datetime, Any, dict[str, Any]]] = {}

    def clear(self) -> None:
        """Forget everything."""
        self.shelf, self.states = Shelf(), {}

    def state(self, key: Any, now: datetime, read: Callable[[], Any]) -> Any:
        """The state of what a page shows, less than a second old, with what its reading left in `g`."""
        at, value, along = self.states.get(key, (None, None, {}))
        if at is not None and timedelta(0) <= now - at < FRESH:
            for name, brought in along.items():
                setattr(g, name, brought)
            return value
        if len(self.states) > MOST_STATES:
            self.states.clear()
        before = set(g)
        value = read()
        self.states[key] = (now, value, {name: g.get(name) for name in g if name not in before})
        return value


def _here() -> Cache:
    found: Cache = current_app.extensions["page_cache"]
    return found


@event.listens_for(db.session, "after_commit")
def _forget_states(_session: Any) -> None:
    # Whoever changes something sees it at once; other processes learn of it within the second.
    if has_app_context() and "page_cache" in current_app.extensions:
        _here().states.clear()


# How a page is asked for.


def kept(
    state: Callable[..., Any], *, clock: Callable[[], datetime], like: Callable[[Any], Any] | None = None
) -> Callable[[View], View]:
    """Keep a view's pages for as long as `state(now=…, **parts of the address)` stays the same; None keeps nothing.

    `like(state)` gives somebody who stands for all who see the same page as the visitor, as a word for them and a user;
    None where the visitor's page is theirs alone. Without it everybody sees what a stranger sees.
    """

    def around(view: View) -> View:
        @wraps(view)
        def shown(**parts: Any) -> Any:
            cache, now = _here(), clock()
            if current_app.debug or request.method not in {"GET", "HEAD"}:
                return view(**parts)
            found = cache.state((request.endpoint, *parts.items()), now, lambda: state(now=now, **parts))
            if found is None:
                return view(**parts)
            is_stranger = current_app.config["SESSION_COOKIE_NAME"] not in request.cookies
            group = ("", STRANGER) if is_stranger or like is None else like(found)
            if group is None:
                return view(**parts)
            word, somebody = group
            asked = (found, request.full_path, wants_fragment(), word)
            key = hashlib.sha256(repr((cache.mark, assets.here().mark, request.endpoint, asked)).encode()).hexdigest()

            def page() -> Page | Response:
                return cache.shelf.get(key) or _make(cache.shelf, key, lambda: view(**parts), somebody)

            return _for_a_stranger(cache.shelf, key, page) if is_stranger else _filled(page())

        return shown

    return around


def _make(shelf: Shelf, key: str, view: View, somebody: Any) -> Page | Response:
    """Ask the view as somebody would, and keep what it answers if that is for everybody."""
    me, token, changed = g.pop("_login_user", None), g.pop("csrf_token", None), session.modified
    g._login_user, g.for_everybody = somebody, True
    try:
        answer = current_app.make_response(view())
    finally:
        is_personal = "csrf_token" in g
        g.pop("for_everybody")
        g.pop("_login_user")
        if me is not None:
            g._login_user = me
        if token is not None:
            g.csrf_token = token
    pieces = OPEN.split(answer.get_data())
    is_personal = is_personal or "Set-Cookie" in answer.headers or (session.modified and not changed)
    if answer.status_code != 200 or is_personal:
        answer.set_data(fill(pieces))
        return answer
    page = Page(pieces, [(name, value) for name, value in answer.headers if name.lower() not in LEFT_OUT])
    shelf.put(key, page, sum(map(len, pieces)))
    return page


def _answer(body: bytes, headers: list[tuple[str, str]]) -> Response:
    answer = Response(body, mimetype="text/html")
    answer.headers.extend(headers)
    answer.vary.update(VARY)
    return answer


def _filled(page: Page | Response) -> Response:
    # Never compressed: beside a secret of the visitor, the size of a compressed page tells what is in it.
    return page if isinstance(page, Response) else _answer(fill(page.pieces), page.headers)


def _for_a_stranger(shelf: Shelf, key: str, page: Callable[[], Page | Response]) -> Response:
    tag = f"{key[:40]}{theme()}"
    if request.if_none_match.contains_weak(tag) and not request.if_none_match.star_tag:
        answer = _answer(b"", [])
        answer.status_code = 304
        answer.set_etag(tag, weak=True)
        return answer
    found = page()
    if isinstance(found, Response):
        return found
    packed = None
    if request.accept_encodings["gzip"]:
        packed = shelf.get(tag)
        if packed is None:
            packed = gzip.compress(fill(found.pieces), 5, mtime=0)
            shelf.put(tag, packed, len(packed))
    answer = _answer(fill(found.pieces) if packed is None else packed, found.headers)
    if packed is not None:
        answer.content_encoding = "gzip"
    answer.set_etag(tag, weak=True)
    return answer


@cache
def _mark_of_the_code() -> str:
    files = sorted(
        [*(ROOT / "cme").rglob("*.py"), *(path for path in (ROOT / "templates").rglob("*") if path.is_file())]
    )
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def init_app(app: Flask) -> None:
    """Give the application a shelf, and layouts their open parts."""
    settings = [str(app.config[name]) for name in ("CME_ENV", "PUBLIC_URL", "PAYMENTS_MODE")]
    app.extensions["page_cache"] = Cache(" ".join([_mark_of_the_code(), *settings]))
    app.jinja_env.globals["own"] = own
