"""What the database itself refuses to write twice, whoever forgets to look."""

from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from cme.database import constraint_name, db
from cme.registration import checkout, services
from cme.registration.models import (
    Dispute,
    LedgerEntry,
    Paper,
    PaperCount,
    Payment,
    PromoCode,
    Refund,
    Registration,
    Substitution,
)
from cme.registration.services.codes import CodeValues

ALONE = ("ref", "form_id", "idem_key", "session_id", "stripe_id", "token_hash", "about", "code", "attempt_no", "seq")


@pytest.fixture
def world(desk: Any, cast: Any) -> None:
    """At least one row of everything."""
    now, form = desk.clock.now, "i" * 20
    desk.open(starts_in=60)
    services.add_code("ONCE", CodeValues(percent=10), form_id=form, by=cast.sam, now=now)
    held = desk.hold()
    desk.start(held, form_id=form)
    mine = desk.pay(cast.otto)
    number = checkout.request_refund(desk.payment(mine).id, 1, reason="Rain", by=cast.sam, now=now)
    checkout.send_refund(number, payments=desk.client, now=now)
    whole = desk.pay(cast.nell)
    services.ask_colleague(whole.id, "ruth@example.test", by=cast.nell, now=now)
    desk.sandbox.dispute(desk.session(mine))
    desk.tell(mine, "charge.dispute.created")


@pytest.mark.parametrize(
    ("model", "same", "changed", "name"),
    [
        (Registration, (), {}, "uq_registration_active"),
        (Registration, ("ref",), {"status": "expired"}, "uq_registration_ref"),
        (Payment, (), {}, "uq_payment_payable"),
        (Payment, ("session_id",), {"status": "expired"}, "uq_payment_session_id"),
        (Payment, ("idem_key",), {"status": "expired"}, "uq_payment_idem_key"),
        (Payment, ("form_id",), {"status": "expired"}, "uq_payment_form_id"),
        (Payment, ("attempt_no",), {"status": "expired"}, "uq_payment_registration_id_attempt_no"),
        (Refund, ("stripe_id",), {}, "uq_refund_stripe_id"),
        (Refund, ("idem_key",), {}, "uq_refund_idem_key"),
        (Refund, ("seq",), {}, "uq_refund_payment_id_seq"),
        (Dispute, ("stripe_id",), {}, "uq_dispute_stripe_id"),
        (LedgerEntry, ("stripe_id",), {}, "uq_ledger_kind_stripe_id"),
        (PaperCount, (), {}, "uq_paper_count_kind_year"),
        (Paper, ("about",), {}, "uq_paper_kind_about"),
        (Paper, ("seq",), {}, "uq_paper_kind_year_seq"),
        (Substitution, (), {}, "uq_substitution_open"),
        (Substitution, ("token_hash",), {"registration_id": 1}, "uq_substitution_token_hash"),
        (PromoCode, ("code",), {}, "uq_promo_code_code"),
        (PromoCode, ("form_id",), {}, "uq_promo_code_form_id"),
    ],
)
def test_the_same_is_not_written_twice(world, model, same, changed, name):
    row = db.session.scalars(select(model).order_by(model.id)).first()
    values = {column.key: getattr(row, column.key) for column in model.__table__.columns if column.key != "id"}
    for each in set(ALONE) & values.keys() - {*same}:
        values[each] = values[each] + 100 if isinstance(values[each], int) else "another"
    with pytest.raises(IntegrityError) as broken:
        db.session.execute(insert(model).values(values | changed))
    db.session.rollback()
    assert constraint_name(broken.value) == name
