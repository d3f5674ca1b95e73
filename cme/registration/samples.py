"""The letters of this room about somebody invented, for staff to look at."""

from collections.abc import Callable
from datetime import datetime, timedelta

from cme.accounts.models import Account
from cme.accounts.samples import somebody
from cme.catalog import samples as catalog
from cme.mail import Letter, Sample
from cme.registration import emails
from cme.registration.models import LEARNER, Paper, Payment, Refund, Registration
from cme.settings import public_url
from cme.values import Money

REF = "7ZKSAMPLE0000000000000000X"
PRICE = 109500
LEARNERS, WAITING = "Whoever is registered", "Whoever waits"


def place(
    at: datetime, *, mode: str = "in-person", starts_in: int = 42, title: str = "", **more: object
) -> Registration:
    """A place at a seminar that never was."""
    seminar = catalog.seminar(at, starts_in=starts_in, mode=mode, title=title)
    values = {"id": 0, "ref": REF, "status": "confirmed", "confirmed_at": at, "tier": "physician", "place": LEARNER}
    values |= {"list_minor": PRICE, "discount_minor": 0, "amount_due_minor": PRICE, "carried_minor": 0}
    values |= {"currency": "USD", "told": {}, "created_at": at, "account": somebody()}
    return Registration(**values | more, seminar_id=id(seminar), seminar=seminar, offering=seminar.offerings[0])


def payment(at: datetime) -> Payment:
    """Money that never came."""
    return Payment(
        id=0, amount_minor=PRICE, currency="USD", means="card", status="paid", paid_at=at, intent_id="pi_sample"
    )


def _confirmed(mode: str) -> Callable[[datetime], Letter]:
    return lambda at: emails.confirmed(place(at, mode=mode), payment(at), access_until=None, at=at)


def _hold_ending(at: datetime) -> Letter:
    held = place(at, status="held", confirmed_at=None, hold_until=at + timedelta(minutes=20))
    return emails.hold_ending(held, at=at)


def _invoice_ending(at: datetime) -> Letter:
    due = at + timedelta(days=3)
    return emails.hold_ending(place(at, status="held", confirmed_at=None, hold_until=due, invoiced_at=at), at=at)


def _invoice(at: datetime) -> Letter:
    held = place(at, status="held", confirmed_at=None, hold_until=at + timedelta(days=14), invoiced_at=at)
    return emails.invoice(held, Paper(id=0, kind="invoice", year=at.year, seq=123), at=at)


def _expired(at: datetime) -> Letter:
    return emails.expired(place(at, status="expired", confirmed_at=None), None, at=at)


def _returned(at: datetime) -> Letter:
    late = place(at, status="expired", confirmed_at=None)
    return emails.payment_returned(late, payment(at), Money(PRICE), "the seminar is full", at=at)


def _waiting(at: datetime) -> Registration:
    return place(at, status="waitlisted", confirmed_at=None, offer_until=at + timedelta(days=2))


def _moved(at: datetime) -> Letter:
    new = place(at, starts_in=90, title="Dermatology on the Gulf", amount_due_minor=89500)
    return emails.moved(place(at), new, Money(20000), at=at)


def _switched(at: datetime) -> Letter:
    old, new = place(at), place(at, mode="livestream")
    old.seminar_id = new.seminar_id
    return emails.moved(old, new, Money(0), at=at)


def _called_off(at: datetime) -> Letter:
    found = place(at)
    found.seminar.cancelled_reason = "The hurricane closed the hotel."
    return emails.called_off(found, (at + timedelta(days=14)).date(), at=at)


def _on_hold(at: datetime, days: int) -> Registration:
    return place(at, status="cancelled", credit_until=(at + timedelta(days=days)).date())


def _refund_sent(at: datetime) -> Letter:
    paid = payment(at)
    paid.registration = place(at, status="cancelled")
    return emails.refund_sent(Refund(id=0, payment=paid, amount_minor=104500, currency="USD"), at=at)


def _substitute_asked(at: datetime) -> Letter:
    return emails.substitute_asked(place(at), "robin@example.org", public_url("/substitutions/sample"), at=at)


def _substituted(at: datetime) -> Letter:
    colleague = Account(id=0, email="robin@example.org", professional_name="Robin B. Sample, NP")
    return emails.substituted(place(at), place(at, account=colleague), at=at)


def _changed(at: datetime) -> Letter:
    found = place(at)
    today = emails.facts_of(found)
    earlier = (found.seminar.starts_at - timedelta(minutes=30)).isoformat()
    told = today | {"starts_at": earlier, "where": "Gulfside Hall, Sarasota, FL"}
    return emails.changed(found, emails.changes_in(told, today), at=at)


SAMPLES = {
    "registration/confirmed": Sample("When a seat is confirmed", LEARNERS, _confirmed("in-person")),
    "registration/confirmed-livestream": Sample(
        "When a seat at a livestream is confirmed", LEARNERS, _confirmed("livestream")
    ),
    "registration/confirmed-on-demand": Sample(
        "When an activity on demand was bought", LEARNERS, _confirmed("on-demand")
    ),
    "registration/hold_ending": Sample(
        "Ten minutes before an open payment page closes", "Whoever has not finished paying", _hold_ending
    ),
    "registration/expired": Sample("When a seat was not paid in time", "Whoever had it on hold", _expired),
    "registration/payment_returned": Sample("When money arrives for which there is no seat", "Whoever paid", _returned),
    "registration/invoice": Sample("When somebody pays by check or transfer", LEARNERS, _invoice),
    "registration/hold_ending-invoice": Sample(
        "Three days before an invoice is due", "Whoever pays by check or transfer", _invoice_ending
    ),
    "registration/waitlisted": Sample(
        "When somebody joins a waitlist", WAITING, lambda at: emails.waitlisted(_waiting(at), 3, at=at)
    ),
    "registration/seat_offered": Sample(
        "When a seat comes free", "The first in line", lambda at: emails.seat_offered(_waiting(at), at=at)
    ),
    "registration/offer_lapsed": Sample(
        "When an offered seat was not taken in time", WAITING, lambda at: emails.offer_lapsed(_waiting(at), at=at)
    ),
    "registration/no_seat_came": Sample(
        "When registration closes", "Whoever still waits", lambda at: emails.no_seat_came(_waiting(at), at=at)
    ),
    "registration/cancelled": Sample(
        "When a seat is given up",
        LEARNERS,
        lambda at: emails.cancelled(place(at, status="cancelled"), Money(104500), at=at),
    ),
    "registration/refund_sent": Sample("When a refund has left", "Whoever paid", _refund_sent),
    "registration/moved": Sample("When somebody moves to another seminar", LEARNERS, _moved),
    "registration/moved-switch": Sample("When somebody changes how they attend", LEARNERS, _switched),
    "registration/put_on_hold": Sample(
        "When tuition is put on hold", LEARNERS, lambda at: emails.put_on_hold(_on_hold(at, 365), at=at)
    ),
    "registration/credit_ending": Sample(
        "30 days before tuition on hold is lost",
        "Whoever has it",
        lambda at: emails.credit_ending(_on_hold(at, 30), at=at),
    ),
    "registration/substitute_asked": Sample(
        "When somebody asks a colleague to take their place", "The colleague", _substitute_asked
    ),
    "registration/substituted": Sample("When the colleague accepted", "Whoever gave the place", _substituted),
    "registration/called_off": Sample("When we cancel a seminar", "Everybody registered or waiting", _called_off),
    "registration/changed": Sample(
        "15 minutes after the last change to days, hours, place or link", LEARNERS, _changed
    ),
    "registration/week_before": Sample(
        "Seven days before a seminar",
        LEARNERS,
        lambda at: emails.week_before(place(at, starts_in=7), at=at),
    ),
    "registration/join_link": Sample(
        "A day before a livestream",
        "Whoever watches it",
        lambda at: emails.join_link(place(at, starts_in=1, mode="livestream"), at=at),
    ),
}
