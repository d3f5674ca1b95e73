"""The hosted pay page, and the one that plays the bank afterwards. They work without JavaScript."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from . import refunds, sessions
from .accepted import WITHOUT_MINOR_UNIT
from .control import ACTS
from .errors import ApiError
from .shop import Shop
from .store import Json

SIGNS = {"usd": "$", "eur": "€", "gbp": "£"}
FROM_THE_PAGE = frozenset({"decline", "settle", "fail", "refund", "dispute", "win_dispute", "lose_dispute"})


def money(minor: int, currency: str) -> str:
    """An amount as a customer reads it."""
    exact = f"{minor:,}" if currency in WITHOUT_MINOR_UNIT else f"{minor // 100:,}.{minor % 100:02}"
    return SIGNS[currency] + exact if currency in SIGNS else f"{currency.upper()} {exact}"


def origin(url: str) -> str:
    """Scheme and host of an address, as a content security policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def moment(seconds: int) -> str:
    """A moment as the page shows it."""
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M} UTC"


def state_of(shop: Shop, session: Json) -> tuple[str, Json | None]:
    """The page's own word for where a session stands, and its charge if there is one."""
    intent = shop.store.get("payment_intent", session["payment_intent"] or "")
    charge = shop.store.get("charge", intent["latest_charge"] or "") if intent else None
    if session["status"] != "complete":
        return ("declined" if charge and session["status"] == "open" else session["status"]), charge
    if session["payment_status"] != "paid":
        return ("processing" if intent and intent["status"] == "processing" else "failed"), charge
    if charge and refunds.open_disputes(shop, charge["payment_intent"]):
        return "disputed", charge
    return ("refunded" if charge and charge["refunded"] else "paid"), charge


def pages(shop: Shop) -> Blueprint:
    """Everything a browser sees."""
    bp = Blueprint("pages", __name__)
    bp.add_app_template_filter(money)
    bp.add_app_template_filter(moment)

    def page(template: str, session_id: str, *, refused: str = "", status: int = 200) -> Response:
        sessions.lapse(shop)
        session = shop.fetch("checkout.session", session_id)
        state, charge = state_of(shop, session)
        answer = make_response(
            render_template(
                template,
                session=session,
                state=state,
                charge=charge,
                refused=refused,
                debit=sessions.bank_debit(session),
                takes_cards="card" in session["payment_method_types"],
                merchant=session["_display_name"] or urlsplit(session["success_url"]).hostname,
                success_url=sessions.success_url(session),
            ),
            410 if state == "expired" and status == 200 else status,
        )
        # Chromium holds the redirect that answers a POST against form-action too, so the way back is listed.
        back = {origin(url) for url in (session["success_url"], session["cancel_url"]) if url}
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {' '.join(sorted(back))}"
        )
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    @bp.errorhandler(ApiError)
    def not_here(error: ApiError) -> tuple[str, int, dict[str, str]]:
        csp = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'"
        return render_template("missing.html"), error.status, {"Content-Security-Policy": csp}

    @bp.get("/pay/<session_id>")
    def show(session_id: str) -> Response:
        return page("pay.html", session_id)

    @bp.get("/pay/<session_id>/closed")
    def closed(session_id: str) -> Response:
        return page("closed.html", session_id)

    @bp.post("/pay/<session_id>")
    def act(session_id: str) -> AnyResponse:
        """Do what the button says; the browser is then sent on, so a reload repeats nothing."""
        wanted, email = request.form.get("act", ""), request.form.get("email", "")[:500]
        here = url_for(".show", session_id=session_id)
        shop.fetch("checkout.session", session_id)
        try:
            if wanted == "close":
                return redirect(url_for(".closed", session_id=session_id), 303)
            if wanted == "pay":
                return redirect(sessions.success_url(sessions.pay(shop, session_id, email)), 303)
            if wanted == "pay_later":
                sessions.pay_later(shop, session_id, email)
            elif wanted in FROM_THE_PAGE:
                ACTS[wanted](shop, session_id)
            return redirect(here, 303)
        except ApiError as no:
            return page("pay.html", session_id, refused=str(no), status=409)

    return bp
