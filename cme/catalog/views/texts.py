"""The plain texts for everybody."""

from typing import Any

from cme import settings
from cme.access import public
from cme.catalog import texts
from cme.catalog.views.blueprint import bp
from cme.pages import page


def _text(key: str) -> Any:
    text = settings.text(key)
    title, body = (text.title, text.body) if text else texts.FIRST[key]
    return page("catalog/text.html", text=text, title=title, body=body)


@bp.route("/terms")
@public
def terms() -> Any:
    """Show the terms."""
    return _text("terms")


@bp.route("/privacy")
@public
def privacy() -> Any:
    """Say what is kept about people."""
    return _text("privacy")


@bp.route("/refunds")
@public
def refunds() -> Any:
    """Show the refund policy."""
    return _text("refunds")


@bp.route("/accessibility")
@public
def accessibility() -> Any:
    """Say how everybody can take part."""
    return _text("accessibility")


@bp.route("/contact")
@public
def contact() -> Any:
    """Say how to reach us."""
    return _text("contact")
