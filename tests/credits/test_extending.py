"""More time to claim: who may ask, how often, until when it can be granted, and that each answer is given once."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cme.credits import queries, rules, services
from cme.credits.models import Extension
from cme.credits.queries import desk
from cme.credits.rules import correcting as corrections
from cme.credits.services import extending
from cme.database import db
from cme.mail import Letter
from cme.registration.models import Registration
from tests import factories

TODAY = date(2027, 3, 1)


def place(person: Any, clock: Any, *, starts_in: int = -100, came: bool = True, **more: Any) -> Registration:
    held = factories.seminar(now=clock.now, starts_in=starts_in, **more.pop("seminar", {}))
    made = factories.registration(person, held, now=clock.now - timedelta(days=120), **more)
    if came:
        factories.attend(made, now=clock.now)
    return db.session.get_one(Registration, made.id)


def ask(made: Registration, clock: Any, form_id: str = "x" * 20) -> int:
    return extending.ask_extension(made.id, "In hospital", form_id=form_id, now=clock.now)


def decide(number: int, until: date | None, cast: SimpleNamespace, clock: Any) -> None:
    extending.decide_extension(number, until, "Get well", by=cast.sam, now=clock.now)


def step(made: Registration, clock: Any) -> str:
    return queries.standing_of(db.session.get_one(Registration, made.id), now=clock.now).step


def test_time_granted_opens_the_claim_and_ends_with_its_last_day(app: Flask, cast: SimpleNamespace, clock: Any):
    made = place(cast.ada, clock)
    assert step(made, clock) == "closed"
    decide(ask(made, clock), TODAY, cast, clock)
    assert step(made, clock) == "evaluate"
    clock.advance(hours=14)  # past midnight where the seminar is
    assert step(made, clock) == "closed"


def test_a_refusal_opens_nothing_and_is_told(app: Flask, cast: SimpleNamespace, clock: Any):
    made = place(cast.ada, clock)
    decide(ask(made, clock), None, cast, clock)
    assert step(made, clock) == "closed"
    [letter] = db.session.scalars(select(Letter).where(Letter.kind == "credits/extension_decided")).all()
    assert "We cannot give it." in letter.text
    assert "Get well" in letter.text


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"starts_in": -8}, corrections.ExtensionNotNeeded),  # the window is open
        ({"came": False}, rules.NotAttended),
        ({"status": "cancelled"}, rules.NotRegistered),
        ({"starts_in": 8, "came": False}, rules.SeminarNotEnded),
        ({"seminar": {"modes": ("on-demand",)}}, corrections.ExtensionNotNeeded),
    ],
)
def test_who_has_nothing_to_extend_is_told_so(
    app: Flask, cast: SimpleNamespace, clock: Any, facts: dict[str, Any], refusal: Any
):
    made = place(cast.ada, clock, **facts)
    with pytest.raises(refusal):
        ask(made, clock)
    assert db.session.scalar(select(func.count(Extension.id))) == 0


def test_who_has_claimed_needs_no_time(app: Flask, cast: SimpleNamespace, clock: Any):
    made = place(cast.ada, clock, starts_in=-8)
    services.submit_evaluation(made.id, {"overall": 5}, form_id=None, now=clock.now)
    case = queries.case_of(made, now=clock.now)
    told: dict[str, Any] = {"attested": True, "address": "::1", "form_id": None, "may_print": lambda _: ()}
    services.claim_credit(made.id, {kind: case.most(kind) for kind in case.limits}, now=clock.now, **told)
    clock.advance(days=200)
    with pytest.raises(rules.AlreadyClaimed):
        ask(made, clock)


def test_one_request_at_a_time_and_the_same_form_is_one(app: Flask, cast: SimpleNamespace, clock: Any):
    made = place(cast.ada, clock)
    first = ask(made, clock)
    assert ask(made, clock) == first
    with pytest.raises(corrections.ExtensionAsked):
        ask(made, clock, "y" * 20)
    assert desk.extensions_waiting() == 1


def test_nobody_asks_more_than_three_times(app: Flask, cast: SimpleNamespace, clock: Any):
    made = place(cast.ada, clock)
    for form_id in ("a" * 20, "b" * 20, "c" * 20):
        decide(ask(made, clock, form_id), None, cast, clock)
    with pytest.raises(corrections.ExtensionNotNeeded, match="Call us"):
        ask(made, clock, "d" * 20)


def test_a_request_is_answered_once(app: Flask, cast: SimpleNamespace, clock: Any):
    number = ask(place(cast.ada, clock), clock)
    decide(number, TODAY, cast, clock)
    with pytest.raises(corrections.ExtensionDecided):
        decide(number, None, cast, clock)
    kept = db.session.get_one(Extension, number)
    assert (kept.status, kept.until, kept.decided_by) == ("granted", TODAY, cast.sam.id)


@pytest.mark.parametrize("until", [TODAY - timedelta(days=1), TODAY + timedelta(days=367), date(9999, 12, 31)])
def test_time_is_granted_from_today_and_for_a_year_at_most(app: Flask, cast: SimpleNamespace, clock: Any, until: date):
    number = ask(place(cast.ada, clock), clock)
    with pytest.raises(corrections.ExtensionNotNeeded):
        decide(number, until, cast, clock)
    assert db.session.get_one(Extension, number).status == "asked"
