"""Issuing papers: a number without gaps and every word, in the transaction of what they are about."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from cme import audit, settings
from cme.audit import AuditHead
from cme.database import db, insert, lock
from cme.registration import funds, rules
from cme.registration.models import (
    CREDIT_NOTE,
    INVITATION,
    INVOICE,
    RECEIPT,
    Paper,
    PaperCount,
    Payment,
    PromoCode,
    Refund,
    Registration,
)
from cme.registration.papers import letters, money
from cme.registration.papers.money import day_of
from cme.registration.papers.words import Head
from cme.values import Money, new_code

DEMOS = ("sandbox", "test")
MANUAL = "manual"


def issue_receipt(registration: Registration, payment: Payment | None, *, now: datetime) -> Paper | None:
    """Give a payment its receipt, once; without one, a move that earlier money paid for. Nothing for what is free."""
    if payment is None and not registration.carried_minor:
        return None
    about = audit.name_of(payment or registration)

    def words(number: str) -> Head:
        return money.receipt(
            registration,
            payment,
            number=number,
            on=day_of(now),
            provider=settings.provider(),
            is_demo=mode_of(payment) in DEMOS,
            code=_code(registration),
            earlier=_receipts_before(registration),
        )

    return _issue(RECEIPT, about, registration, words, mode=mode_of(payment), now=now)


def issue_invoice(registration: Registration, *, now: datetime) -> Paper:
    """Give somebody who pays by check or transfer their invoice, once; it is due when the hold ends."""
    provider = settings.provider()
    due = registration.hold_until or now + timedelta(days=provider.invoice_days)

    def words(number: str) -> Head:
        is_demo, code = mode_of(None) in DEMOS, _code(registration)
        days = {"on": day_of(now), "due_on": day_of(due)}
        return money.invoice(registration, number=number, provider=provider, is_demo=is_demo, code=code, **days)

    return _issue(INVOICE, audit.name_of(registration), registration, words, mode=mode_of(None), now=now)


def issue_credit_note(registration: Registration, refund: Refund, *, now: datetime) -> Paper:
    """Give a refund that went back its credit note, once; a payment older than papers gets its receipt first."""
    payment = refund.payment
    its_receipt = issue_receipt(registration, payment, now=now)

    def words(number: str) -> Head:
        return money.credit_note(
            registration,
            refund,
            number=number,
            on=day_of(now),
            provider=settings.provider(),
            is_demo=mode_of(payment) in DEMOS,
            receipt_number=its_receipt.number if its_receipt else "",
            before=_returned_before(refund),
        )

    return _issue(CREDIT_NOTE, audit.name_of(refund), registration, words, mode=mode_of(payment), now=now)


def issue_invitation(registration: Registration, name: str, country: str, *, now: datetime) -> Paper:
    """Give somebody who needs a visa their letter, once, in the name of their passport."""

    def words(number: str) -> Head:
        is_demo, provider = mode_of(None) in DEMOS, settings.provider()
        person = {"name": name, "country": country}
        return letters.invitation(
            registration, number=number, on=day_of(now), provider=provider, is_demo=is_demo, **person
        )

    return _issue(INVITATION, audit.name_of(registration), registration, words, mode=mode_of(None), now=now)


def mode_of(payment: Payment | None) -> str:
    """The payments mode a paper belongs to; what staff wrote down belongs to the installation's."""
    here = str(current_app.config["PAYMENTS_MODE"])
    return here if payment is None or payment.mode == MANUAL else payment.mode


def next_number(kind: str, year: int) -> int:
    """Take the next number of a kind and a year; a rollback takes the count back too, and so leaves no gap."""
    first = insert(PaperCount).values(kind=kind, year=year, last=1)
    taken = first.on_conflict_do_update(
        index_elements=[PaperCount.kind, PaperCount.year], set_={"last": PaperCount.last + 1}
    )
    return db.session.execute(taken.returning(PaperCount.last)).scalar_one()


def _issue(
    kind: str, about: str, registration: Registration, words: Callable[[str], Head], *, mode: str, now: datetime
) -> Paper:
    # The audit head comes before the count here, and everywhere: a paper may be issued after other entries were
    # written, as often as a transaction likes, and nobody waits in a circle.
    lock(AuditHead, 1)
    if found := db.session.scalar(select(Paper).where(Paper.kind == kind, Paper.about == about)):
        return found
    year = day_of(now).year
    paper = Paper(
        kind=kind,
        year=year,
        seq=next_number(kind, year),
        ref=new_code(),
        about=about,
        registration_id=registration.id,
        mode=mode,
        issued_at=now,
    )
    said = words(paper.number)
    paper.snapshot = said.to_json()
    db.session.add(paper)
    digest = hashlib.sha256(said.canonical.encode()).hexdigest()
    audit.record(None, f"issued {kind}", registration, at=now, number=paper.number, words=digest)
    return paper


def _code(registration: Registration) -> str:
    promo = db.session.get(PromoCode, registration.promo_id) if registration.promo_id else None
    return promo.code if promo else ""


def _receipts_before(registration: Registration) -> list[str]:
    """The receipts of the places whose money was carried on to this one."""
    numbers = [place.id for place in funds.places(registration)][1:]
    if not numbers:
        return []
    found = select(Paper).where(Paper.kind == RECEIPT, Paper.registration_id.in_(numbers)).order_by(Paper.id)
    return [paper.number for paper in db.session.scalars(found)]


def _returned_before(refund: Refund) -> Money:
    """What had gone back of the same payment when this refund arrived."""
    returned = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == refund.payment_id, Refund.status == rules.SUCCEEDED, Refund.id != refund.id
    )
    return Money(int(db.session.scalar(returned) or 0), refund.currency)
