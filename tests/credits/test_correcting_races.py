"""Staff who correct the same claim in the same moment make one new version; the others are told to look again."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from cme.credits import invariants, queries, services
from cme.credits.models import Extension
from cme.credits.queries import desk
from cme.credits.services import correcting, extending
from cme.database import db
from cme.errors import Refusal
from cme.registration.models import Registration
from cme.registration.queries import attended_by_session
from cme.registration.services import attendance
from cme.values import Credits, CreditType
from tests import factories
from tests.credits.test_correcting import MAY_PRINT, claimed, versions

AMA, MANY = CreditType.AMA_PRA_1, 6


def all_at_once(app: Flask, acts: list[Callable[[], object]]) -> Counter[str]:
    """Let everybody act in the same moment, and count what became of it."""
    gate, answers = threading.Barrier(len(acts)), Counter[str]()

    def act(do: Callable[[], object]) -> None:
        with app.app_context():
            gate.wait()
            try:
                do()
            except Refusal as refusal:
                answers[type(refusal).__name__] += 1
            else:
                answers["done"] += 1
            db.session.remove()

    threads = [threading.Thread(target=act, args=[each]) for each in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return answers


def correction(sam: Any, clock: Any, form_id: str) -> correcting.Correction:
    told = {"why": "credit", "reason": "They called", "by": sam, "now": clock.now}
    return correcting.Correction(version=1, form_id=form_id, **told)


def test_amending_and_withdrawing_at_once_leave_one_new_version(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    number, sam = made.id, SimpleNamespace(id=cast.sam.id, __tablename__="account")

    def amend(place: int) -> Callable[[], object]:
        told = correction(sam, clock, f"form-number-{place:08}")
        return lambda: correcting.amend(number, {AMA: Credits(200 + 25 * place)}, told, **MAY_PRINT)

    def void(place: int) -> Callable[[], object]:
        return lambda: correcting.void(number, "learning", correction(sam, clock, f"void-number-{place:08}"))

    answers = all_at_once(app, [act(place) for place in range(MANY // 2) for act in (amend, void)])
    assert answers["done"] == 1
    assert answers.total() == MANY
    assert len(versions(db.session.get_one(Registration, number))) <= 2
    assert list(invariants.breaches(now=clock.now)) == []


def test_one_form_sent_many_times_amends_once_and_says_so_each_time(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    number, sam = made.id, SimpleNamespace(id=cast.sam.id, __tablename__="account")
    told = correction(sam, clock, "the-same-form-id-00")
    acts = [lambda: correcting.amend(number, {AMA: Credits(300)}, told, **MAY_PRINT)] * MANY
    assert all_at_once(app, acts) == {"done": MANY}
    assert versions(db.session.get_one(Registration, number)) == [(1, "superseded", 400), (2, "valid", 300)]


@pytest.mark.parametrize("guarded", [True, False])
def test_without_the_lock_and_the_look_back_the_database_still_keeps_one_version(
    app: Flask, cast: SimpleNamespace, clock: Any, monkeypatch: pytest.MonkeyPatch, guarded: bool
):
    made = claimed(cast.ada, clock)
    number, sam = made.id, SimpleNamespace(id=cast.sam.id, __tablename__="account")
    if not guarded:
        monkeypatch.setattr(correcting, "lock", lambda model, key: db.session.get_one(model, key))

    def amend(place: int) -> Callable[[], object]:
        told = correction(sam, clock, f"form-number-{place:08}")
        return lambda: correcting.amend(number, {AMA: Credits(200 + 25 * place)}, told, **MAY_PRINT)

    answers = all_at_once(app, [amend(place) for place in range(MANY)])
    assert answers["done"] == 1
    assert [each[1] for each in versions(db.session.get_one(Registration, number))] == ["superseded", "valid"]


def test_a_claim_and_a_correction_of_what_was_attended_never_cross(app: Flask, cast: SimpleNamespace, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-8, evaluation_required=False)
    made = factories.registration(cast.ada, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now)
    sam, on_file = SimpleNamespace(id=cast.sam.id, __tablename__="account"), attended_by_session(made.id)
    told: dict[str, Any] = {"shown": on_file, "reason": "Left at noon", "by": sam, "now": clock.now}
    half = dict.fromkeys(list(on_file)[2:], 0)
    form: dict[str, Any] = {"attested": True, "address": "203.0.113.9", "now": clock.now, **MAY_PRINT}

    def claim() -> object:
        return services.claim_credit(made.id, {AMA: Credits(400)}, form_id=None, **form)

    answers = all_at_once(app, [claim, lambda: attendance.correct(made.id, half, **told), claim])
    granted = queries.current_claim(made.id)
    if granted is None:  # the correction came first, and no claim went past it
        assert answers == {"done": 1, "TooMuchCredit": 2}
    else:  # the claim came first, for what was on file then, and staff are shown that it is too much by now
        assert answers == {"done": 2, "AlreadyClaimed": 1}
        assert granted.supported_minutes == 240
        assert desk.File(granted.registration, clock.now).too_much == [(AMA, Credits(400), Credits(200))]


def test_who_claims_in_the_moment_of_a_withdrawal_gets_nothing_new(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    number, sam = made.id, SimpleNamespace(id=cast.sam.id, __tablename__="account")
    form: dict[str, Any] = {"attested": True, "address": "203.0.113.9", "now": clock.now, **MAY_PRINT}

    def claim() -> object:
        return services.claim_credit(number, {AMA: Credits(400)}, form_id=None, **form)

    void = correction(sam, clock, "void-number-00000001")
    answers = all_at_once(app, [claim, lambda: correcting.void(number, "learning", void), claim])
    assert answers["done"] == 1
    assert answers["AlreadyClaimed"] + answers["ClaimWithdrawn"] == 2
    assert versions(db.session.get_one(Registration, number)) == [(1, "void", 400)]
    assert list(invariants.breaches(now=clock.now)) == []


def test_a_request_answered_by_two_is_answered_once(app: Flask, cast: SimpleNamespace, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-100)
    made = factories.registration(cast.ada, held, now=clock.now - timedelta(days=120))
    factories.attend(made, now=clock.now)
    asked = extending.ask_extension(made.id, "In hospital", form_id="x" * 20, now=clock.now)
    sam, today = SimpleNamespace(id=cast.sam.id, __tablename__="account"), clock.now.date()
    acts = [lambda: extending.decide_extension(asked, today, "Yes", by=sam, now=clock.now)] * 2
    acts += [lambda: extending.decide_extension(asked, None, "No", by=sam, now=clock.now)] * 2
    assert all_at_once(app, acts) == {"done": 1, "ExtensionDecided": 3}
    kept = db.session.get_one(Extension, asked)
    assert (kept.status == "granted") == (kept.until is not None)
