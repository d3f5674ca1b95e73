"""What must always hold of corrected claims is seen when it is broken behind everybody's back."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from cme.credits import lineage
from cme.credits.queries import desk
from cme.credits.services import correcting, extending
from cme.database import db
from cme.registration.models import Registration
from cme.values import Credits, CreditType
from tests import factories
from tests.credits.test_correcting import MAY_PRINT, by, claimed, teach

AMA = CreditType.AMA_PRA_1
BROKEN = {
    "was replaced by nothing": "UPDATE claim SET superseded_by = NULL WHERE version = 1",
    "counts, and was replaced": "UPDATE claim SET superseded_by = 1 WHERE version = 2",
    "was replaced by something else": "UPDATE claim SET superseded_by = 3 WHERE version = 1",
    "was replaced, and nobody says by whom or why": "UPDATE claim SET reason = NULL WHERE version = 2",
    "and nobody says by whom": "UPDATE claim SET made_by = NULL WHERE version = 2",
    "was withdrawn without a reason": "UPDATE claim SET status = 'void', reason = NULL WHERE version = 2",
    "has claims that do not count up": "UPDATE claim SET version = 7 WHERE version = 2",
    "granted ama-pra-1 for teaching": "UPDATE award SET kind = 'teaching' WHERE claim_id = 1",
    "is superseded, and its ama-pra-1 is valid": "UPDATE award SET status = 'valid' WHERE claim_id = 1",
    "were not replaced together": "UPDATE award SET superseded_by = 2 WHERE claim_id = 2",
    "that something else replaced": "UPDATE award SET superseded_by = 1 WHERE claim_id = 1",
    "is valid, and its claim is superseded": "UPDATE certificate SET status = 'valid' WHERE id = 1",
    "does not say since when or why": "UPDATE certificate SET status_since = NULL WHERE id = 1",
    "say since when or why": "UPDATE certificate SET status_reason = 'Ada called' WHERE id = 1",
    "was replaced by no certificate": "UPDATE certificate SET superseded_by = NULL WHERE id = 1",
    "for teaching": "UPDATE award SET credits = 125 WHERE claim_id = 3",
    "was decided by nobody": "UPDATE claim_extension SET decided_by = NULL, decided_at = NULL",
    "is refused until 2027-03-09": "UPDATE claim_extension SET status = 'refused'",
}


@pytest.fixture
def corrected(app: Flask, cast: SimpleNamespace, clock: Any) -> Registration:
    """A claim in its second version, credit for teaching beside it, and more time granted for another seminar."""
    made = claimed(cast.ada, clock)
    correcting.amend(made.id, {AMA: Credits(200)}, by(cast, clock), **MAY_PRINT)
    [talk] = teach(cast.ada, made)
    correcting.give_teaching(made.id, {talk: 45}, by(cast, clock, version=0, form_id="t" * 20), **MAY_PRINT)
    held = factories.seminar(now=clock.now, starts_in=-100)
    late = factories.registration(cast.ada, held, now=clock.now - timedelta(days=120))
    factories.attend(late, now=clock.now - timedelta(days=98))
    asked = extending.ask_extension(late.id, "In hospital", form_id="x" * 20, now=clock.now)
    extending.decide_extension(asked, date(2027, 3, 9), "", by=cast.sam, now=clock.now)
    assert [each.version for each in desk.claims_of(made.id)] == [3, 2, 1]
    return made


def test_what_was_corrected_holds_and_whatever_is_broken_is_named(corrected: Registration):
    assert list(lineage.breaches()) == []
    db.session.rollback()
    silent = {}
    for said, statement in BROKEN.items():
        db.session.execute(text(statement))
        found = list(lineage.breaches())
        if not any(said in each for each in found):
            silent[said] = found
        db.session.rollback()
    assert silent == {}
