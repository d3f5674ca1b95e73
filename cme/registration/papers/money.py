"""Receipts, invoices and credit notes in words."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cme.accounts.rules import TIER_LABELS
from cme.catalog import rules as catalog
from cme.catalog.independence import CALENDAR
from cme.pages import date_range, long_date
from cme.registration.papers.words import Pairs, Sheet, exact, head, per_credit
from cme.values import MODE_LABELS, CreditType, Mode, Money

MEANS = {"card": "Card or account", "check": "Check", "transfer": "Bank transfer", "cash": "Cash"}
BACK_TO = {
    "card": "The card or account it was paid with",
    "check": "By check",
    "transfer": "By bank transfer",
    "cash": "In cash",
}
NO_TAX = "Sales tax (none applies)"
ATTENDANCE = (
    "This paper is about the payment. Attendance and the credit claimed are confirmed by the certificate issued "
    "after the activity."
)
PER_CREDIT = (
    "Credit is the most that can be claimed; the cost of one is the tuition, before anything carried over, divided by "
    "that amount."
)


def day_of(moment: datetime) -> date:
    """The day it is at the provider's, whose calendar counts papers and their years, wherever a seminar is."""
    return moment.astimezone(CALENDAR).date()


def receipt(
    registration: Any,
    payment: Any | None,
    *,
    number: str,
    on: date,
    provider: Any,
    is_demo: bool,
    code: str = "",
    earlier: Sequence[str] = (),
) -> Sheet:
    """What was paid, for what, by whom and how; without a payment, that earlier money covered all of the price."""
    due, currency = registration.to_pay, registration.currency
    paid = payment.amount if payment else Money(0, currency)
    is_whole = payment is None or paid == due
    lines = price_lines(registration, code) if is_whole else [("Payment received", paid)]
    if payment is None and due.minor:
        lines.append(("Waived", Money(-due.minor, currency)))
    notes = [ATTENDANCE, PER_CREDIT]
    if registration.carried_minor and earlier:
        notes.insert(0, f"Carried over from what was paid before: see {_listed(earlier)}.")
    return Sheet(
        **head("receipt", "Receipt", number, on=on, is_demo=is_demo, provider=provider, issued=long_date(on)),
        **_about(registration),
        person_label="Received from",
        lines=(*((words, exact(amount)) for words, amount in lines), *_untaxed(paid)),
        total=("Paid", exact(paid)),
        settled=_paid_how(payment) if payment else (),
        credits=credit_costs(registration) if is_whole else (),
        notes=tuple(notes) if is_whole else (ATTENDANCE,),
    )


def invoice(
    registration: Any, *, number: str, on: date, due_on: date, provider: Any, is_demo: bool, code: str = ""
) -> Sheet:
    """What is to be paid, until when, and how by check or by transfer."""
    due = registration.to_pay
    transfer = provider.remittance or f"Write to {provider.email} for our bank details"
    return Sheet(
        **head("invoice", "Invoice", number, on=on, is_demo=is_demo, provider=provider, issued=long_date(on)),
        **_about(registration),
        person_label="Billed to",
        lines=(*((words, exact(amount)) for words, amount in price_lines(registration, code)), *_untaxed(due)),
        total=("Amount due", exact(due)),
        settled=(
            ("Due", long_date(due_on)),
            ("By check", f"Payable to {provider.name}, {provider.address}"),
            ("By bank transfer", transfer),
            ("Say what it is for", f"Write {number} on the check or the transfer"),
        ),
        credits=credit_costs(registration),
        notes=(
            f"The seat is held until {long_date(due_on)}. If the money has not come by then, it goes to somebody else.",
            PER_CREDIT,
        ),
    )


def credit_note(
    registration: Any,
    refund: Any,
    *,
    number: str,
    on: date,
    provider: Any,
    is_demo: bool,
    receipt_number: str,
    before: Money,
) -> Sheet:
    """What went back of which receipt, where to, and what is left of it."""
    payment = refund.payment
    lines = [(f"Paid, receipt {receipt_number}", payment.amount)]
    if before.minor:
        lines.append(("Returned before", Money(-before.minor, before.currency)))
    left = Money(payment.amount_minor - before.minor - refund.amount_minor, payment.currency)
    return Sheet(
        **head("credit-note", "Credit note", number, on=on, is_demo=is_demo, provider=provider, issued=long_date(on)),
        **_about(registration),
        person_label="Returned to",
        lines=(*((words, exact(amount)) for words, amount in lines), ("Left of this payment", exact(left))),
        total=("Returned", exact(refund.amount)),
        settled=(
            ("Returned", long_date(day_of(refund.settled_at)) if refund.settled_at else long_date(on)),
            ("To", BACK_TO[payment.means]),
            *((("Reference", refund.stripe_id),) if refund.stripe_id else ()),
        ),
        credits=(),
        notes=(f"This note corrects receipt {receipt_number}. Banks take some days to show what is returned.",),
    )


def price_lines(registration: Any, code: str = "") -> list[tuple[str, Money]]:
    """How the price came about, step by step, from the full tuition to what was asked for."""
    currency = registration.currency
    listed, full = Money(registration.list_minor, currency), _full_price(registration)
    mode = MODE_LABELS[Mode(registration.offering.mode)].lower()
    lines = [(f"Tuition: {TIER_LABELS[registration.tier]}, {mode}", full or listed)]
    if full is not None:
        lines.append(("Early rate", Money(listed.minor - full.minor, currency)))
    if registration.discount_minor:
        named = f"Discount, code {code}" if code else "Discount"
        lines.append((named, Money(-registration.discount_minor, currency)))
    if registration.carried_minor:
        lines.append(("Carried over from an earlier registration", Money(-registration.carried_minor, currency)))
    return lines


def _full_price(registration: Any) -> Money | None:
    """The price without the early rate, where somebody registered while it held."""
    tier = next((each for each in registration.offering.tiers if each.tier == registration.tier), None)
    if tier is None or tier.early_until is None or tier.early_minor != registration.list_minor:
        return None
    day = registration.created_at.astimezone(ZoneInfo(registration.seminar.time_zone)).date()
    is_early = day <= tier.early_until and tier.amount_minor > tier.early_minor
    return Money(tier.amount_minor, registration.currency) if is_early else None


def credit_costs(registration: Any) -> tuple[tuple[str, str, str], ...]:
    """The credit a seminar is designated for, by type, and what one costs; nothing where nothing was to be paid."""
    price = registration.amount_due
    if not price.minor:
        return ()
    return tuple(
        (
            catalog.credit_unit(each.credits, each.credit_type),
            each.credits.short,
            exact(per_credit(price, each.maximum)),
        )
        for each in registration.seminar.designations
        if each.maximum and not each.is_pending and each.credit_type != CreditType.PARTICIPATION
    )


def person_lines(account: Any) -> tuple[str, ...]:
    """Somebody as papers name them: professional name, certification, e-mail."""
    label = account.certification.label if account.certification else ""
    return tuple(line for line in (account.professional_name, label, account.email) if line)


def seminar_facts(seminar: Any, mode: str) -> Pairs:
    """When, where and how, as papers have it."""
    is_on_demand = mode == Mode.ON_DEMAND
    where = ", ".join(part for part in (seminar.venue, seminar.place) if part) if mode == Mode.IN_PERSON else ""
    dates = "On demand" if is_on_demand else date_range(seminar.starts_on, seminar.ends_on)
    told = (("Dates", dates), ("Place", where), ("Attending", "" if is_on_demand else MODE_LABELS[Mode(mode)]))
    return tuple((label, value) for label, value in told if value)


def _about(registration: Any) -> dict[str, Any]:
    facts = seminar_facts(registration.seminar, registration.offering.mode)
    return {
        "person": person_lines(registration.account),
        "seminar": registration.seminar.title,
        "facts": (*facts, ("Registration", registration.ref)),
    }


def _untaxed(amount: Money) -> Pairs:
    return (("Net", exact(amount)), (NO_TAX, exact(Money(0, amount.currency))))


def _paid_how(payment: Any) -> Pairs:
    bank = payment.charge_id or payment.intent_id
    told = (
        ("Paid on", long_date(day_of(payment.paid_at)) if payment.paid_at else ""),
        ("Paid by", _by(payment)),
        ("Reference", bank or ""),
    )
    return tuple((label, value) for label, value in told if value)


def _by(payment: Any) -> str:
    """Visa ending in 4242, through Stripe; Check, 1042."""
    if payment.means == "card":
        return f"{payment.reference or MEANS['card']}, through Stripe"
    return ", ".join(part for part in (MEANS[payment.means], payment.reference) if part)


def _listed(numbers: Sequence[str]) -> str:
    return f"receipt {numbers[0]}" if len(numbers) == 1 else f"receipts {', '.join(numbers[:-1])} and {numbers[-1]}"
