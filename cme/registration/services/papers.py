"""Papers as commands: those of money are issued by whoever moves the money, in the same transaction."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol

from cme import audit
from cme.database import lock, retried, transaction
from cme.registration import rules
from cme.registration.models import CREDIT_NOTE, PAID, RECEIPT, Paper, Payment, Refund, Registration
from cme.registration.papers import issue_credit_note, issue_invitation, issue_invoice, issue_receipt
from cme.registration.papers.pages import html_of
from cme.registration.papers.promises import lacking
from cme.registration.rules.papers import CannotBePrinted, check_invitable

__all__ = ["invite", "issue_credit_note", "issue_invoice", "issue_missing", "issue_receipt", "pdf_of"]


class Press(Protocol):
    """Whoever turns a page into a PDF."""

    def render(self, html: str) -> bytes:
        """Print one document."""


def pdf_of(paper: Paper, *, press: Press) -> bytes:
    """A paper as it was issued; the same words give the same bytes."""
    return press.render(html_of(paper))


@retried
def invite(
    registration_id: int,
    name: str,
    country: str,
    *,
    by: Any,
    now: datetime,
    may_print: Callable[[str], Iterable[str]],
) -> str:
    """Issue the letter for a visa, and from then on give back only what the policy leaves; answers the paper's ref."""
    if letters := set(may_print(f"{name}\n{country}")):
        raise CannotBePrinted.without(letters)
    with transaction():
        registration = lock(Registration, registration_id)
        if registration.invitation_at is None:
            seminar, mode = registration.seminar, registration.offering.mode
            check_invitable(registration.status, mode, seminar.status, ends_at=seminar.ends_at, now=now)
            registration.invitation_at = now
            audit.record(by, "asked for invitation", registration, at=now, personal={"name": name, "country": country})
        return issue_invitation(registration, name, country, now=now).ref


def issue_missing(*, now: datetime) -> int:
    """Issue what payments and refunds from before there were papers still lack; answers how many papers."""
    payments = lacking(Payment, RECEIPT, Payment.status == PAID)
    for number in payments:
        _receipt(number, now)
    refunds = lacking(Refund, CREDIT_NOTE, Refund.status == rules.SUCCEEDED)
    for number in refunds:
        _credit_note(number, now)
    return len(payments) + len(refunds)


@retried
def _receipt(payment_id: int, now: datetime) -> None:
    with transaction() as session:
        payment = session.get_one(Payment, payment_id)
        issue_receipt(lock(Registration, payment.registration_id), payment, now=now)


@retried
def _credit_note(refund_id: int, now: datetime) -> None:
    with transaction() as session:
        refund = session.get_one(Refund, refund_id)
        issue_credit_note(lock(Registration, refund.payment.registration_id), refund, now=now)
