"""Every promise of claims and certificates is verified: each check is seen to find what it looks for."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, text

from cme import audit, gateways
from cme.credits import invariants, services
from cme.credits.certificate import Snapshot
from cme.credits.models import Award, Certificate, Claim, Document, IssuerKey
from cme.database import db, transaction
from cme.registration.models import Registration
from cme.values import Credits, CreditType
from tests import factories

pytestmark = pytest.mark.pages  # what is found depends on the rows, not on the engine


class Ink:
    """A press that prints what it is given."""

    def render(self, html: str, attached: Any = ()) -> bytes:
        return html.encode()


@pytest.fixture
def issued(app: Flask, cast: SimpleNamespace, clock: Any) -> None:
    """Certificates of a physician and of a nurse practitioner, printed, for three of four hours."""
    held = factories.seminar(now=clock.now, starts_in=-8)
    for person, kind in ((cast.ada, CreditType.AMA_PRA_1), (cast.nell, CreditType.PARTICIPATION)):
        made = factories.registration(person, held, now=clock.now - timedelta(days=30))
        factories.attend(made, now=clock.now)
        services.submit_evaluation(made.id, {"overall": 5}, form_id=None, now=clock.now)
        services.claim_credit(
            made.id,
            {kind: Credits(300)},
            attested=True,
            address="203.0.113.9",
            form_id=None,
            now=clock.now,
            may_print=lambda words: (),
        )
    for number in list(db.session.scalars(select(Certificate.id))):
        services.print_certificate(number, press=Ink(), issuer=gateways.issuer(), now=clock.now)


def change(kind: str, /, **words: Any) -> Any:
    """Falsify words of the snapshot of one kind of certificate."""

    def do(session: Any) -> None:
        for row in session.scalars(select(Certificate)):
            known = Snapshot.from_json(row.snapshot)
            if known.kind == kind:
                told = {**{name: getattr(known, name) for name in known.__dataclass_fields__}, **words}
                row.snapshot = Snapshot(**told).to_json()

    return do


def write(model: Any, **values: Any) -> Any:
    """Set columns of every row of a table."""

    def do(session: Any) -> None:
        for row in session.scalars(select(model)):
            for name, value in values.items():
                setattr(row, name, value)

    return do


def without_checks(statement: str) -> Any:
    """Write past the database's own checks."""

    def do(session: Any) -> None:
        session.execute(text("PRAGMA ignore_check_constraints = ON"))
        session.execute(text(statement))
        session.execute(text("PRAGMA ignore_check_constraints = OFF"))

    return do


def lose_papers(session: Any) -> None:
    session.execute(delete(Document))
    session.execute(delete(Certificate))


def lose_awards(session: Any) -> None:
    lose_papers(session)
    session.execute(delete(Award))


def double(session: Any) -> None:
    session.execute(text("DROP INDEX uq_award_current"))
    one = session.scalars(select(Award)).first()
    columns = {c.key: getattr(one, c.key) for c in Award.__table__.columns if c.key != "id"}
    session.add(Award(**columns))


def swap_owner(session: Any) -> None:
    for row in session.scalars(select(Certificate)):
        row.account_id = row.account_id % 2 + 1


def lose_keys(session: Any) -> None:
    session.execute(delete(IssuerKey))


BREACHES = {
    "no attestation": (write(Claim, attestation=""), "has no attestation"),
    "no awards": (lose_awards, "granted nothing"),
    "no certificate": (lose_papers, "has no certificate"),
    "not confirmed": (write(Registration, status="cancelled"), "stands on a registration that is cancelled"),
    "too much": (without_checks("UPDATE award SET credits = 425"), "granted 4.25 ama-pra-1 against the rules"),
    "no name": (write(Claim, professional_name=" "), "was made without a name or a certification type"),
    "no type": (write(Claim, certification_type="wizard"), "was made without a name or a certification type"),
    "absent": (write(Claim, supported_minutes=0), "was made by somebody who did not attend"),
    "too early": (write(Claim, created_at=datetime(2027, 1, 1, tzinfo=UTC)), "was made before the seminar ended"),
    "left early": (write(Claim, supported_minutes=120), "granted 3.00 ama-pra-1 where attendance supported 2.00"),
    "no physician": (write(Claim, certification_type="np"), "granted ama-pra-1 to the certification type np"),
    "a physician": (write(Claim, certification_type="md"), "granted participation to the certification type md"),
    "no step": (without_checks("UPDATE award SET credits = 310"), "granted 3.10 ama-pra-1 against the rules"),
    "somebody else's": (swap_owner, "belongs to somebody who was not awarded it"),
    "twice": (double, "holds 2 awards of ama-pra-1"),
    "number": (change("credit", number="GCMS-0000-0000-00"), "another number"),
    "code": (change("credit", code="0" * 26), "prints another number or code"),
    "name": (change("credit", professional_name="Otto Stranger, MD"), "prints another name"),
    "amount": (change("credit", credit_amount="4.00"), "prints 4.00 where 3.00 of 4.00 were granted"),
    "designated": (change("participation", credit_amount="3.00"), "prints 3.00 where 3.00 of 4.00 were granted"),
    "hours": (change("participation", hours="4.00 hours"), "prints 4.00 hours where 3.00 were attended"),
    "awarded": (change("participation", kind="credit"), "is a certificate of credit for participation"),
    "not awarded": (change("credit", kind="participation"), "is a certificate of participation for ama-pra-1"),
    "other credit": (change("credit", other_credits=("2.00 ABIM MOC points",)), "does not print the other credit"),
    "title": (change("credit", activity_title="Another Seminar"), "has other words than it was issued with"),
    "place": (change("participation", location="Paris"), "has other words than it was issued with"),
    "stands for": (change("credit", granted={"ama-pra-1": "4.00"}), "stands for other credit than was granted"),
    "no assets": (write(Certificate, assets={}), "does not say what it is drawn with"),
    "unreadable": (write(Certificate, snapshot="{}"), "cannot be read"),
    "paper": (write(Document, content=b"forged"), "is not the one that was printed"),
    "key": (lose_keys, "is signed by a key that nobody can look up"),
    "no key": (write(Document, key_id=None), "is signed by a key that nobody can look up"),
    "credential": (write(Certificate, credential="e30.e30.e30"), "has a credential that is not its own"),
    "status list": (write(Certificate, status_index=None), "has a credential that no status list speaks of"),
}


def test_what_was_issued_keeps_every_promise(issued: None, clock: Any):
    assert list(invariants.breaches(now=clock.now)) == []


@pytest.mark.parametrize(("breach", "said"), BREACHES.values(), ids=BREACHES)
def test_a_broken_promise_is_found(issued: None, clock: Any, breach: Any, said: str):
    with transaction() as session:
        breach(session)
    found = list(invariants.breaches(now=clock.now))
    assert [sentence for sentence in found if said in sentence], found


@pytest.mark.parametrize("number", ["7F3K-Q9XD-2M", "GCMS-7F3K-Q9XD-2O", "gcms-7F3K-Q9XD-2M"])
def test_a_number_nobody_could_have_drawn_is_found(issued: None, clock: Any, number: str):
    with transaction() as session:
        first = session.scalars(select(Certificate)).first()
        first.number = number
    assert any("number or code that is none" in sentence for sentence in invariants.breaches(now=clock.now))


def test_credit_that_needs_a_certificate_of_its_own_and_has_none_is_found(issued: None, clock: Any):
    with transaction() as session:
        first = session.scalars(select(Award).where(Award.credit_type == "participation")).one()
        same = {name: getattr(first, name) for name in ("claim_id", "account_id", "seminar_id", "awarded_at")}
        session.add(Award(**same, credit_type="ancc", credits=300, maximum=400))
    found = list(invariants.breaches(now=clock.now))
    assert any("prints credit that needs a certificate of its own" in sentence for sentence in found)
    assert any("does not print the other credit" in sentence for sentence in found)


def test_what_was_logged_with_the_claim_in_the_beginning_is_still_understood(issued: None, clock: Any):
    with transaction():
        audit.record("system", "claimed", "claim:9", at=clock.now, certificate="GCMS-OLD", snapshot="its words")
    assert invariants._logged()["GCMS-OLD"] == "its words"
