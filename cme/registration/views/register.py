"""Registering: choose how to attend, and hold a seat."""

from typing import Any

from flask import abort, g, request
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.accounts.services import save_details
from cme.catalog.queries import card_of, seminar_by_slug
from cme.catalog.tuition import policy_of
from cme.errors import Refusal
from cme.gateways.letters import missing_letters
from cme.pages import page
from cme.registration import checkout as till
from cme.registration import queries, rules, services
from cme.registration.forms import RegisterForm, RegisterWithDetailsForm
from cme.registration.models import Registration
from cme.registration.offers import Way, ways_to_attend
from cme.registration.standing import Stage, Standing, terms_in_words
from cme.registration.views.blueprint import bp, stripe_here, to_registration


@bp.app_template_global()
def my_registration(seminar_id: int) -> Registration | None:
    """The registration with which the person who is here attends a seminar; a page may ask more than once."""
    # A page kept for everybody of one profession is written for a likeness of them, who has no number.
    if not current_user.is_authenticated or current_user.id is None:
        return None
    found: dict[tuple[int, int], Registration | None] = g.setdefault("my_registrations", {})
    asked = (current_user.id, seminar_id)
    if asked not in found:
        found[asked] = queries.registration_for(*asked)
    return found[asked]


@bp.route("/seminars/<slug>/register", methods=["GET", "POST"])
@learners_only
def register(slug: str) -> Any:
    """Choose how to attend, and hold a seat; whoever has one goes to it."""
    seminar = seminar_by_slug(slug) or abort(404)
    now = gateways.clock()
    mine = queries.registration_for(current_user.id, seminar.id)
    if mine and Standing(mine, now).stage is not Stage.LAPSED and request.method == "GET":
        return to_registration(mine.ref)
    ways = ways_to_attend(seminar, current_user.certification_type, now=now)
    form = _register_form(ways)
    if form.validate_on_submit():
        try:
            return to_registration(_register(form, ways, mine))
        except rules.AlreadyRegistered as refusal:
            if refusal.ref:
                return to_registration(refusal.ref)
            form.refuse(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        ways = ways_to_attend(seminar, current_user.certification_type, now=now)
    open_ways = [way for way in ways if not way.refusal]
    if not open_ways and not form.refusal:
        form.refuse(ways[0].refusal if ways and ways[0].refusal else rules.RegistrationClosed())
    chosen = next((way for way in open_ways if way.offering.mode == form.mode.data), next(iter(open_ways), None))
    terms = _policy_today(chosen) if chosen else []
    card = card_of(seminar, now=now)
    words: dict[str, Any] = {"ways": ways, "open_ways": open_ways, "chosen": chosen, "terms": terms, "card": card}
    return page("registration/register.html", form=form, seminar=seminar, **words)


def _register_form(ways: list[Way]) -> RegisterForm:
    if current_user.details_missing():
        known = {name: getattr(current_user, name) or "" for name in ("professional_name", "certification_type")}
        form: RegisterForm = RegisterWithDetailsForm(missing_letters=missing_letters, data=known)
    else:
        form = RegisterForm()
    open_modes = [way.offering.mode for way in ways if not way.refusal]
    asked = request.args.get("mode")
    first = open_modes[0] if open_modes else None
    form.offer({way.offering.mode: way.label for way in ways}, asked if asked in open_modes else first)
    return form


def _register(form: RegisterForm, ways: list[Way], mine: Registration | None) -> str:
    """Keep the details that were missing, let go of a hold that ran out, take the seat."""
    now, account_id = gateways.clock(), current_user.id
    offering_id = next(way.offering.id for way in ways if way.offering.mode == form.mode.data)
    if isinstance(form, RegisterWithDetailsForm):
        save_details(
            account_id,
            professional_name=form.professional_name.data or "",
            certification_type=form.certification_type.data,
            specialty=current_user.specialty or "",
            phone=current_user.phone or "",
            now=now,
        )
    if mine and mine.form_id != form.form_id.data and Standing(mine, now).stage is Stage.LAPSED:
        till.give_up(mine.id, payments=stripe_here(), by=current_user, now=now)
    return services.register(account_id, offering_id, form_id=form.form_id.data, now=now)


def _policy_today(way: Way) -> list[str]:
    price = way.quote.price if way.quote else way.prices[-1][1]
    seminar = way.offering.seminar
    return terms_in_words(policy_of(seminar).to_json(), price, seminar, now=gateways.clock())
