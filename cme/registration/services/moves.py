"""Moving to another place: another seminar, or another way to attend the same one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cme import audit, settings
from cme.catalog.models import Offering
from cme.catalog.tuition import policy_of
from cme.database import db, lock, refusing, retried, transaction
from cme.registration import moving, rules, seats
from cme.registration.changes import Changes
from cme.registration.checkout import moves
from cme.registration.models import HELD, PromoCode, Registration
from cme.registration.moving import Move
from cme.registration.services.questions import answered
from cme.values import new_code


@dataclass(frozen=True)
class Moved:
    """The new place, and the refunds that `send_refund` then sends."""

    ref: str
    refunds: tuple[int, ...] = ()


@retried
def move(
    registration_id: int,
    offering_id: int,
    *,
    shown_minor: int | None,
    form_id: str | None,
    by: Any,
    now: datetime,
    answers: Mapping[str, Any] | None = None,
) -> Moved:
    """Hold a new place while the old one stays, or exchange them at once where there is nothing to pay."""
    with transaction() as session:
        offering, old = _locked(registration_id, offering_id)
        begun = select(Registration.ref).where(Registration.moved_from_id == old.id)
        if form_id and (ref := session.scalar(begun.where(Registration.form_id == form_id))):
            return Moved(ref)
        session.refresh(offering.seminar)
        planned = moving.move_to(old, offering, now=now)
        if planned.sum_minor != shown_minor:
            raise rules.PriceChanged(f"{_said(planned)} now. Nothing was changed: check the sum, then confirm.")
        if not seats.take(offering_id):
            raise rules.SeminarFull("The last seat was taken while you were deciding. Your place is as it was.")
        new = _new_place(planned, form_id, now)
        new.questions = (old.questions if planned.is_switch else {}) | answered(offering, answers or {})
        session.add(new)
        with refusing(
            uq_registration_active=rules.AlreadyRegistered,
            uq_registration_moved_from_id=rules.MovePending,
            uq_registration_form_id=rules.FormUsed,
        ):
            session.flush()
        refunds = [] if planned.to_pay.minor else moves.confirm(new, None, now=now)
        audit.record(by, "began move", new, at=now, before=old.id, sum_minor=planned.sum_minor)
        return Moved(new.ref, tuple(refunds))


def _locked(registration_id: int, offering_id: int) -> tuple[Offering, Registration]:
    """The target and the place to leave, locked in the order everybody locks: offerings, code, registration."""
    place = select(Registration.offering_id, Registration.promo_id).where(Registration.id == registration_id)
    here, code = db.session.execute(place).one()
    offerings = {each: lock(Offering, each) for each in sorted({here, offering_id})}
    if code is not None:
        lock(PromoCode, code)
    return offerings[offering_id], lock(Registration, registration_id)


def _said(planned: Move) -> str:
    return planned.words if planned.sum_minor else "There is nothing to pay"


def _new_place(planned: Move, form_id: str | None, now: datetime) -> Registration:
    old, seminar = planned.old, planned.offering.seminar
    is_counted = not planned.is_switch and not Changes(old, now).is_called_off
    return Registration(
        ref=new_code(),
        account_id=old.account_id,
        seminar_id=seminar.id,
        offering_id=planned.offering.id,
        status=HELD,
        hold_until=now + rules.HOLD,
        tier=planned.quote.tier,
        list_minor=planned.price.minor,
        amount_due_minor=planned.price.minor,
        currency=planned.price.currency,
        carried_minor=planned.carried.minor,
        moved_from_id=old.id,
        is_switch=planned.is_switch,
        transfers=old.transfers + is_counted,
        # A switch keeps the terms of the seminar as they were accepted.
        policy=old.policy if planned.is_switch else policy_of(seminar).to_json(),
        terms_version=settings.terms_version(),
        form_id=form_id,
        created_at=now,
    )
