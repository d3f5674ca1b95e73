"""People, seminars and money for papers, made without a database."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from cme.accounts.rules import CERTIFICATION_TYPES
from cme.registration.papers import money
from cme.registration.papers.words import Sheet
from cme.settings import Provider
from cme.values import Credits, Money

AT = datetime(2027, 3, 1, 15, tzinfo=UTC)
REF = "7F3KQ9XD2M0123456789ABCDEF"
US = Provider(tax_line="Federal tax ID (EIN) 00-0000000", remittance="Lighthouse Community Bank, account 000 000 000")
LONGEST_NAME = (
    "Nguyễn Thị Ánh Nguyệt-Đặng, MD, PhD, FACC, FAHA, of a name that has one hundred and twenty letters, no fewer "
    "and no more"
)
LONG_TITLE = (
    "Comprehensive Cardiovascular Medicine and Cardiometabolic Risk Reduction for the Practising Primary Care "
    "Clinician: Evidence, Guidelines, Controversies and Decisions at the Bedside in Twelve Cases"
)
KINDS = ("ama-pra-1", "aafp-prescribed", "aapa-1")


def designation(credit_type: str, maximum: int, *, is_pending: bool = False) -> Any:
    """What a seminar is designated for."""
    credits = Credits(maximum)
    return SimpleNamespace(credit_type=credit_type, maximum=maximum, is_pending=is_pending, credits=credits)


def place(**more: Any) -> Any:
    """A place in person at $1,195, taken at the early rate of $1,095, but for what is given."""
    tier = SimpleNamespace(tier="physician", amount_minor=119500, early_minor=109500, early_until=date(2027, 3, 1))
    seminar = SimpleNamespace(
        title=more.pop("title", "Cardiology for Primary Care"),
        venue="Harborlight Hotel",
        place="Sarasota, FL",
        address="200 Marina Way",
        country="US",
        starts_on=date(2027, 4, 15),
        ends_on=date(2027, 4, 18),
        time_zone="America/New_York",
        designations=more.pop("designations", [designation(kind, 2000) for kind in KINDS]),
        sessions=[],
        day_themes={},
        providership="direct",
        joint_providers=[],
    )
    account = SimpleNamespace(
        professional_name=more.pop("name", "Marisol Thackeray-Lund, MD"),
        email="marisol@example.test",
        certification=CERTIFICATION_TYPES["md"],
    )
    words = {"tier": "physician", "list_minor": 109500, "discount_minor": 0, "carried_minor": 0, "currency": "USD"}
    words |= {"ref": REF, "created_at": AT, "waived_by": None} | more
    offering = SimpleNamespace(mode=words.pop("mode", "in-person"), tiers=[tier])
    made = SimpleNamespace(seminar=seminar, account=account, offering=offering, **words)
    made.amount_due = Money(made.list_minor - made.discount_minor, made.currency)
    made.to_pay = Money(made.amount_due.minor - made.carried_minor, made.currency)
    return made


def payment(of: Any, **more: Any) -> Any:
    """The card payment for all of it, but for what is given."""
    words = {
        "means": "card",
        "reference": "Visa ending in 4242",
        "paid_at": AT,
        "charge_id": "ch_3Pk2",
        "intent_id": "pi_3",
    }
    made = SimpleNamespace(**words | {"amount": of.to_pay, "currency": of.currency} | more)
    made.amount_minor = made.amount.minor
    return made


def receipt(of: Any | None = None, **more: Any) -> Sheet:
    """A receipt for a place."""
    of = of or place()
    words = {"number": "R-2027-000123", "on": date(2027, 3, 1), "provider": US, "is_demo": False} | more
    return money.receipt(of, words.pop("payment", None) or payment(of), **words)


def full_receipt(**more: Any) -> Sheet:
    """A receipt with everything a receipt can have."""
    of = place(discount_minor=15000, carried_minor=50000, name=LONGEST_NAME, title=LONG_TITLE)
    return receipt(of, is_demo=True, code="SPRING-CARDIOLOGY-2027", earlier=["R-2026-000911"], **more)


def invoice(of: Any | None = None, **more: Any) -> Sheet:
    """An invoice for a place."""
    days = {"on": date(2027, 3, 1), "due_on": date(2027, 3, 15)}
    words = {"number": "I-2027-000003", "provider": US, "is_demo": False, **days} | more
    return money.invoice(of or place(), **words)


def credit_note(of: Any | None = None, amount: int = 104500, **more: Any) -> Sheet:
    """A credit note for a card payment."""
    of = of or place()
    refund = SimpleNamespace(amount=Money(amount), amount_minor=amount, settled_at=AT, stripe_id="re_3Pk2")
    refund.payment = more.pop("payment", None) or payment(of)
    words = {"number": "C-2027-000007", "on": date(2027, 3, 9), "provider": US, "is_demo": False}
    told = {"receipt_number": "R-2027-000123", "before": Money(0)}
    return money.credit_note(of, refund, **words | told | more)
