"""Registering: choose how to attend, and hold a seat."""

from typing import Any

from flask import abort, g, request
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.accounts.rules import CERTIFICATION_TYPES as CERTIFICATIONS
from cme.accounts.services import save_details
from cme.catalog.models import Seminar
from cme.catalog.queries import card_of, seminar_by_slug
from cme.catalog.tuition import policy_of
from cme.errors import Refusal
from cme.fields import blame
from cme.gateways.letters import missing_letters
from cme.pages import page
from cme.registration import asked, queries, rules, services
from cme.registration import checkout as till
from cme.registration.forms import RegisterForm, RegisterWithDetailsForm
from cme.registration.forms.questions import answers_in, asking_for, consents_in
from cme.registration.forms.registering import TYPED_CODE
from cme.registration.models import Registration
from cme.registration.offers import Way, shown_in, ways_to_attend
from cme.registration.rules.codes import CodeRefused
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
    asking = _Asking(seminar, ways_to_attend(seminar, current_user.certification_type, now=now))
    form = asking.form
    if form.is_submitted() and "apply" not in request.form and form.validate():
        try:
            return to_registration(_register(asking, mine))
        except rules.AlreadyRegistered as refusal:
            if refusal.ref:
                return to_registration(refusal.ref)
            form.refuse(refusal)
        except CodeRefused as refusal:
            blame(form.code, str(refusal))
        except Refusal as refusal:
            form.refuse(refusal)
    ways = asking.ways_now()
    open_ways = [way for way in ways if not way.refusal]
    if not open_ways and not form.refusal:
        form.refuse(ways[0].refusal if ways and ways[0].refusal else rules.RegistrationClosed())
    chosen = next((way for way in open_ways if way.offering.mode == form.mode.data), next(iter(open_ways), None))
    form.shown.data = shown_in(open_ways)
    words: dict[str, Any] = {"ways": ways, "open_ways": open_ways, "chosen": chosen, "asking": asking}
    words["terms"] = _policy_today(chosen) if chosen else []
    return page("registration/register.html", form=form, seminar=seminar, card=card_of(seminar, now=now), **words)


class _Asking:
    """What the page asks: how to attend, a promo code, the seminar's questions, what was never agreed to yet."""

    def __init__(self, seminar: Seminar, ways: list[Way]) -> None:
        self.seminar, self.ways = seminar, ways
        self.code_problem = ""  # of a code that came with the link
        modes = {way.offering.mode for way in ways if not way.refusal}
        questions = asked.questions_for(seminar.id)
        self.questions = [each for each in questions if not each.modes or modes & set(each.modes)]
        self.consents = asked.consents_to_ask(current_user.id)
        self.form = self._form(len(modes) == 1)

    def _form(self, alone: bool) -> RegisterForm:
        more: dict[str, Any] = {"questions": self.questions, "consents": self.consents, "alone": alone}
        typed = {"code": request.args.get("code", "")[:TYPED_CODE]}
        if current_user.details_missing():
            typed |= {name: getattr(current_user, name) or "" for name in ("professional_name", "certification_type")}
            with_details = asking_for(RegisterWithDetailsForm, **more)
            form: RegisterForm = with_details(missing_letters=missing_letters, data=typed)
        else:
            form = asking_for(RegisterForm, **more)(data=typed)
        open_modes = [way.offering.mode for way in self.ways if not way.refusal]
        wished = request.args.get("mode")
        first = open_modes[0] if open_modes else None
        form.offer({way.offering.mode: way.label for way in self.ways}, wished if wished in open_modes else first)
        return form

    def fields(self, what: str) -> list[Any]:
        """The fields of the questions, or those of the consents."""
        return [each for each in self.form if each.name.startswith(what)]

    def said(self) -> services.Said:
        """What was said, for the command that takes the seat."""
        form = self.form
        return services.Said(
            shown=form.shown_for(form.mode.data),
            code=form.code.data or "",
            answers=answers_in(form, self.questions),
            consents=consents_in(form, self.consents),
        )

    def ways_now(self) -> list[Way]:
        """The ways to attend at this moment, with what the promo code takes off; why it takes nothing stands at it."""
        now, form = gateways.clock(), self.form
        kind = current_user.certification_type
        if not kind and isinstance(form, RegisterWithDetailsForm) and form.certification_type.data in CERTIFICATIONS:
            kind = form.certification_type.data
        ways = ways_to_attend(self.seminar, kind, now=now)
        if not form.code.data or form.code.errors:
            return ways
        try:
            code = services.look_up(form.code.data, account_id=current_user.id, now=now)
        except Refusal as refusal:
            self._say(str(refusal))
            return ways
        ways = [way.with_code(code, current_user.id) if code and not way.refusal else way for way in ways]
        chosen = next((way for way in ways if way.offering.mode == form.mode.data), None)
        if chosen and chosen.code_refusal:
            self._say(str(chosen.code_refusal))
        return ways

    def _say(self, problem: str) -> None:
        if request.method == "GET":
            self.code_problem = problem
        elif not self.form.errors and not self.form.refusal:
            blame(self.form.code, problem)


def _register(asking: _Asking, mine: Registration | None) -> str:
    """Keep the details that were missing, let go of a hold that ran out, take the seat."""
    now, account_id, form = gateways.clock(), current_user.id, asking.form
    services.look_up(form.code.data, account_id=account_id, now=now)
    offering_id = next(way.offering.id for way in asking.ways if way.offering.mode == form.mode.data)
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
    return services.register(account_id, offering_id, form_id=form.form_id.data, now=now, said=asking.said())


def _policy_today(way: Way) -> list[str]:
    price = way.price or way.prices[-1][1]
    seminar = way.offering.seminar
    return terms_in_words(policy_of(seminar).to_json(), price, seminar, now=gateways.clock(), mode=way.offering.mode)
