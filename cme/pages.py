"""How pages are made: one way to render, the words for dates, money and credit, headers and fingerprints."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import nh3
from flask import Flask, current_app, has_request_context, render_template, request, session
from flask_login import current_user
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from cme import settings
from cme.values import CREDIT_NAMES, MODE_LABELS, Credits, Money

NBSP = "\u00a0"
ZONE = "America/New_York"  # the provider's
# Pictures are left out: pages load images of the house alone, so what asks for one stays readable words.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
ALLOWED = {"a", "p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "blockquote", "code", "pre", "hr", "br"} | {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
SCHEMES = {"https", "http", "mailto", "tel"}
TRADEMARK = re.compile(r"AMA PRA Category 1 Credit(?:s|\(s\))?™?")


def page(template: str, status: int | None = None, **words: Any) -> Any:
    """Render a page; one that shows errors says so in its status and its title."""
    form = words.get("form")
    words.setdefault("has_errors", bool(form is not None and getattr(form, "has_errors", False)))
    if status is None:
        status = form.status if form is not None and hasattr(form, "status") else 200
    return render_template(template, **words), status


def safe_next(target: str | None) -> str | None:
    """A path of ours to come back to, or None: never an address elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(character) < 33 or character == "\\" for character in target) or len(target) > 1000:
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def this_page() -> str | None:
    """The page that was asked for, or whose form was sent, if its address alone opens it."""
    methods = request.url_rule.methods if request.url_rule else None
    return safe_next(request.full_path.rstrip("?")) if "GET" in (methods or ()) else None


def _day(value: date, *, year: bool = True) -> str:
    text = f"{value:%B}{NBSP}{value.day}"
    return f"{text},{NBSP}{value.year}" if year else text


def _here(value: date) -> date:
    """A moment as the database keeps it, by the provider's clock, where it may be the day before; a day as it is."""
    return value.astimezone(ZoneInfo(ZONE)) if isinstance(value, datetime) and value.tzinfo is UTC else value


def long_date(value: date | datetime | None) -> str:
    """March 15, 2027."""
    return "" if value is None else _day(_here(value))


def short_date(value: date | datetime | None) -> str:
    """Mar 15, and the year when it is not the obvious one."""
    return "" if value is None else f"{_here(value):%b}{NBSP}{_here(value).day}"


def weekday_date(value: date) -> str:
    """Monday, March 15."""
    return f"{value:%A}, {_day(value, year=False)}"


def date_range(first: date, last: date | None = None) -> str:
    """March 15–18, 2027, as short as it can be said."""
    last = last or first
    if first == last:
        return _day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%B}{NBSP}{first.day}–{last.day},{NBSP}{first.year}"
    if first.year == last.year:
        return f"{_day(first, year=False)}{NBSP}– {_day(last)}"
    return f"{_day(first)}{NBSP}– {_day(last)}"


def clock(value: Any) -> str:
    """7:30 am."""
    hour = value.hour % 12 or 12
    return f"{hour}:{value.minute:02d}{NBSP}{'am' if value.hour < 12 else 'pm'}"


def moment(value: datetime | None, zone: str = ZONE) -> str:
    """March 15, 2027, 7:30 am EDT."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone))
    return f"{_day(local)}, {clock(local)}{NBSP}{local.tzname()}"


def initials(name: str | None) -> str:
    """The first letters of the first and the last name, degrees left aside."""
    words = [word for word in (name or "").split(",")[0].replace(".", " ").split() if word[0].isalpha()]
    if not words:
        return "·"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def credits1(value: Credits | int) -> str:
    """20.0, as announced."""
    return (value if isinstance(value, Credits) else Credits(value)).short


def credits2(value: Credits | int) -> str:
    """18.75, as claimed."""
    return str(value if isinstance(value, Credits) else Credits(value))


def money(value: Money | int) -> str:
    """$1,095; whole amounts carry no cents."""
    return str(value if isinstance(value, Money) else Money(value))


def italics(statement: str) -> Markup:
    """A statement with the AMA's trademark in italics, wherever it stands."""
    pieces, rest = [], 0
    for found in TRADEMARK.finditer(statement):
        pieces += [escape(statement[rest : found.start()]), Markup("<em>"), escape(found[0]), Markup("</em>")]
        rest = found.end()
    return Markup("").join([*pieces, escape(statement[rest:])])


def is_plain_latin(text: str) -> bool:
    """Say whether the sans face has all letters of a text; if not, the serif draws all of it rather than some of it."""
    return all(sign <= "ſ" or not sign.isalpha() for sign in text)


@lru_cache(maxsize=256)
def markdown(text: str | None) -> Markup:
    """Turn an author's Markdown into safe HTML; any markup in it stays literal, its headings begin below the page's."""
    tokens = MARKDOWN.parse(text or "")
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    levels = sorted({token.tag for token in headings})
    for token in headings:
        token.tag = f"h{min(2 + levels.index(token.tag), 4)}"
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return Markup(nh3.clean(html, tags=ALLOWED, attributes={"a": {"href", "title"}}, url_schemes=SCHEMES))


def _words_for_every_page() -> dict[str, Any]:
    words = {
        "site": settings.provider(),
        "demo_banner": current_app.config["PAYMENTS_MODE"] in {"sandbox", "test"},
        "has_errors": False,
        "in_development": current_app.config["CME_ENV"] == "development",
    }
    if not has_request_context():
        return words  # a letter the worker writes has no reader on the line
    signed_in = current_user.is_authenticated
    return words | {
        "details_missing": current_user.details_missing() if signed_in else [],
        "this_path": request.full_path.rstrip("?"),
    }


def policy(*, frames: str = "'none'", media: str = "'none'") -> str:
    """What a page may load, and where its forms may lead."""
    pay = urlsplit(current_app.config["STRIPE_API_BASE"] or "https://checkout.stripe.com")
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; manifest-src 'self'; frame-src {frames}; media-src {media}; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {pay.scheme}://{pay.netloc}"
    )


def _secure(response: Any) -> Any:
    headers, config = response.headers, current_app.config
    headers.setdefault("Content-Security-Policy", policy())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()")
    if str(config["PUBLIC_URL"]).startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint == "static" and response.status_code < 400:
        pass  # a file is everybody's, and says itself how long it may be kept
    elif response.status_code >= 500:
        headers["Cache-Control"] = "no-store"  # and nobody is asked who is signed in: the database may be away
    elif current_user.is_authenticated or session.modified:
        headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    else:
        headers.setdefault("Cache-Control", "no-cache")
        response.vary.add("Cookie")
    return response


def init_app(app: Flask) -> None:
    """Give templates their words and every answer its headers."""
    words: tuple[Callable[..., Any], ...] = (long_date, short_date, weekday_date, clock, moment, initials)
    words += (credits1, credits2, money, markdown)
    for function in words:
        app.add_template_filter(function, function.__name__)
    app.jinja_env.globals |= {
        "date_range": date_range,
        "MODE_LABELS": MODE_LABELS,
        "CREDIT_NAMES": CREDIT_NAMES,
        "public_url": settings.public_url,
    }
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_words_for_every_page)
    app.after_request(_secure)
