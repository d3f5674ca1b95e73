"""Twenty claims at once make one certificate; with the guards taken away they make more."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text

from cme import gateways
from cme.credits import invariants, queries, services
from cme.credits.models import Award, Certificate, Claim, Document
from cme.database import db
from cme.errors import Refusal
from cme.values import Credits, CreditType
from tests import factories

MANY = 20
INDEXES = ("uq_award_current", "uq_claim_current")


@pytest.fixture
def attended(app: Flask, cast: SimpleNamespace, clock: Any) -> int:
    """The registration of somebody with everything ready to claim."""
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(cast.ada, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now)
    services.submit_evaluation(made.id, {"overall": 5}, form_id=None, now=clock.now)
    return made.id


def all_at_once(app: Flask, registration_id: int, clock: Any, *, form_ids: list[str]) -> Counter[str]:
    """Let every form be sent in the same moment, and count the answers: a code, or the name of a refusal."""
    gate, answers = threading.Barrier(len(form_ids)), Counter[str]()

    def send(form_id: str) -> None:
        with app.app_context():
            gate.wait()
            try:
                [answer] = services.claim_credit(
                    registration_id,
                    {CreditType.AMA_PRA_1: Credits(400)},
                    attested=True,
                    address="203.0.113.9",
                    form_id=form_id,
                    now=clock.now,
                    may_print=lambda text: (),
                )
            except Refusal as refusal:
                answer = type(refusal).__name__
            answers[answer] += 1
            db.session.remove()

    threads = [threading.Thread(target=send, args=[form_id]) for form_id in form_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return answers


def certificates() -> int:
    return db.session.scalar(select(func.count()).select_from(Certificate)) or 0


def test_twenty_claims_make_one_certificate(app: Flask, attended: int, clock: Any):
    answers = all_at_once(app, attended, clock, form_ids=[f"form-number-{n:06}" for n in range(MANY)])
    assert answers.pop("AlreadyClaimed") == MANY - 1
    assert sum(answers.values()) == certificates() == 1
    assert list(invariants.breaches(now=clock.now)) == []


def test_one_form_sent_twenty_times_makes_one_certificate_and_says_so_twenty_times(
    app: Flask, attended: int, clock: Any
):
    answers = all_at_once(app, attended, clock, form_ids=["the-same-form-id"] * MANY)
    assert list(answers.values()) == [MANY]
    assert certificates() == 1
    assert list(invariants.breaches(now=clock.now)) == []


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the lock on the registration and the look at what was claimed before."""
    monkeypatch.setattr(queries, "current_claim", lambda registration_id: None)
    monkeypatch.setattr(services.claiming, "lock", lambda model, key: db.session.get_one(model, key))


@pytest.mark.usefixtures("forgetful")
def test_without_the_lock_the_database_still_lets_one_through(app: Flask, attended: int, clock: Any):
    answers = all_at_once(app, attended, clock, form_ids=[f"form-number-{n:06}" for n in range(MANY)])
    assert answers.pop("AlreadyClaimed") == MANY - 1
    assert sum(answers.values()) == certificates() == 1


@pytest.fixture
def unguarded(app: Flask) -> Iterator[None]:
    """Take away the constraints as well, and put them back."""
    indexes = [index for table in (Award, Claim) for index in table.__table__.indexes if index.name in INDEXES]
    versions = "CONSTRAINT uq_claim_registration_id_version"
    on_postgres = db.engine.dialect.name == "postgresql"
    with db.engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
        if on_postgres:  # SQLite, which writes in turn, never counts to the same version twice
            connection.execute(text(f"ALTER TABLE claim DROP {versions}"))
    yield
    db.session.rollback()
    with db.engine.begin() as connection:
        for model in (Document, Certificate, Award, Claim):
            connection.execute(delete(model))
        for index in indexes:
            index.create(connection)
        if on_postgres:
            connection.execute(text(f"ALTER TABLE claim ADD {versions} UNIQUE (registration_id, version)"))


@pytest.mark.usefixtures("forgetful", "unguarded")
def test_control_without_any_guard_there_are_many_certificates_and_the_invariants_say_so(
    app: Flask, attended: int, clock: Any
):
    answers = all_at_once(app, attended, clock, form_ids=[f"form-number-{n:06}" for n in range(MANY)])
    assert "AlreadyClaimed" not in answers
    assert certificates() == MANY
    assert any("holds 20 awards" in breach for breach in invariants.breaches(now=clock.now))


class Meeting:
    """A press on which nobody's page is done before the other's."""

    def __init__(self, workers: int) -> None:
        self.gate = threading.Barrier(workers, timeout=20)

    def render(self, html: str, attached: Any = ()) -> bytes:
        self.gate.wait()
        return html.encode()


def printed_by_two(app: Flask, certificate_id: int, clock: Any) -> list[str]:
    """Let two workers print one certificate, and tell what went wrong."""
    press, wrong = Meeting(2), []

    def work() -> None:
        with app.app_context():
            try:
                services.print_certificate(certificate_id, press=press, issuer=gateways.issuer(), now=clock.now)
            except Exception as error:
                wrong.append(type(error).__name__)
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    db.session.rollback()
    return wrong


def test_two_workers_who_print_the_same_keep_one_paper(app: Flask, attended: int, clock: Any):
    all_at_once(app, attended, clock, form_ids=["the-only-form"])
    [issued] = db.session.scalars(select(Certificate.id))
    assert printed_by_two(app, issued, clock) == []
    [kept] = db.session.scalars(select(Document))
    assert kept.content.endswith(b" sealed")
    assert list(invariants.breaches(now=clock.now)) == []


def test_without_a_second_look_the_database_still_keeps_one(
    app: Flask, attended: int, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    all_at_once(app, attended, clock, form_ids=["the-only-form"])
    [issued] = db.session.scalars(select(Certificate.id))
    monkeypatch.setattr(queries, "document_of", lambda certificate_id: None)
    assert printed_by_two(app, issued, clock) == ["IntegrityError"]
    assert db.session.scalar(select(func.count()).select_from(Document)) == 1
