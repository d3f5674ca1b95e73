"""The page of one seminar, and the picture a link to it shows."""

import hashlib
from collections.abc import Callable
from typing import Any, cast

from flask import Response, abort, current_app, request
from flask_login import current_user

from cme import gateways, settings
from cme.access import public
from cme.accounts.models import Account
from cme.catalog import queries
from cme.catalog.cards import card_of
from cme.catalog.jsonld import structured
from cme.catalog.leaflet import leaflet
from cme.catalog.queries.seminars import seminar_and_handouts, seminar_on_cards
from cme.catalog.share_image import Picture, dates_in_words, png
from cme.catalog.views.blueprint import bp
from cme.catalog.views.programs import address
from cme.catalog.worth import counting
from cme.page_cache import STRANGER, kept
from cme.pages import page


def reader_like_me(state: queries.SeminarState) -> tuple[str, Any] | None:
    """Somebody who sees the same page as the person who is here: tuition goes by their certification type.

    Staff, and whoever is registered, have a page of their own.
    """
    if not current_user.is_authenticated:
        return "", STRANGER
    my_registration = cast(Callable[[int], Any], current_app.jinja_env.globals["my_registration"])
    if current_user.is_staff or my_registration(state.id):
        return None
    profession = current_user.certification_type or ""
    return profession, Account(certification_type=profession, roles=[])


@bp.route("/seminars/<slug>")
@public
@kept(queries.seminar_state, clock=gateways.clock, like=reader_like_me)
def seminar(slug: str) -> Any:
    """Show one seminar; staff see it before it is published."""
    preview = current_user.is_authenticated and current_user.may("seminars")
    found, handouts = seminar_and_handouts(slug, preview=preview) or abort(404)
    us = settings.provider()
    shown = leaflet(found, us, mode=request.args.get("mode"), now=gateways.clock())
    me = current_user.certification if current_user.is_authenticated else None
    return page(
        "catalog/seminar.html",
        leaflet=shown,
        seminar=found,
        counting=counting(found, request.args, certification=me, residents=us.residents_are_physicians),
        handouts=handouts,
        structured=structured(shown, address),
        here=address(".seminar", slug=found.slug),
    )


@bp.route("/seminars/<slug>/share.png")
@public
def share_image(slug: str) -> Any:
    """Give the picture that a link to a seminar shows; it is drawn only for those who do not have it as it is."""
    found = seminar_on_cards(slug) or abort(404)
    card = card_of(found, now=gateways.clock())
    dates = dates_in_words(card.starts_on, card.ends_on) if card.starts_on and card.ends_on else "On demand"
    where = card.place if "in-person" in card.modes else "" if dates == card.mode_label else card.mode_label
    credits = f"{card.credits.short} credit{'' if card.credits.hundredths == 100 else 's'}" if card.credits else ""
    facts = ("Cancelled" if card.is_cancelled else dates, where, credits)
    picture = Picture(
        title=card.title,
        provider=settings.provider().name,
        label=card.specialty_label,
        facts=tuple(fact for fact in facts if fact),
        tone=card.tone,
        contour=card.contour,
    )
    response = Response(content_type="image/png")
    response.set_etag(hashlib.sha256(repr(picture).encode()).hexdigest()[:32])
    response.cache_control.public = True
    response.cache_control.max_age = 3600
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(png(picture))
    return response
