"""The pages for every no, and for the surprises; the last ones need no database."""

import secrets
from typing import Any

from flask import Flask, current_app, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from cme.database import db
from cme.errors import Busy, Refusal
from cme.mail import without_tokens
from cme.pages import this_page

SHOWN = {400, 403, 404, 405, 409, 413, 422, 429, 500, 503}
BARE = {500, 503}


def _show(status: int, **words: Any) -> tuple[str, int]:
    if status in BARE:
        # No database, no session, no settings: this page must come when nothing else does.
        template = current_app.jinja_env.get_template(f"errors/{status}.html")
        return template.render(**words), status
    return render_template(f"errors/{status}.html", **words), status


def refused(refusal: Refusal) -> Any:
    """A refusal nobody showed in a form gets a page of its own."""
    db.session.rollback()
    return _show(refusal.status if refusal.status in SHOWN else 409, message=str(refusal))


def failed(error: HTTPException) -> Any:
    """An HTTP error gets our page, and keeps its headers."""
    status = error.code or 500
    if isinstance(error, SecurityError):
        return "This site does not answer under that name.", 400, {"Content-Type": "text/plain; charset=utf-8"}
    if status not in SHOWN or (error.response is not None):
        return error
    body, code = _show(status, message=None, grown_old=isinstance(error, CSRFError), again=this_page())
    response = current_app.make_response((body, code))
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def surprised(error: Exception) -> Any:
    """Anything else is a surprise: logged under a number the person can tell us."""
    number = secrets.token_hex(4)
    db.session.rollback()
    if isinstance(error, OperationalError) and "locked" in str(error.orig):
        return _show(503, message=Busy.message, number=number)
    where = without_tokens(request.path)
    current_app.logger.error("surprise %s at %s %s", number, request.method, where, exc_info=error)
    return _show(500, number=number)


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, failed)
    app.register_error_handler(Exception, surprised)
