"""Who may take a seat, at which tuition, until when."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cme.accounts.rules import CERTIFICATION_TYPES, Tier
from cme.registration.rules.refusals import DetailsFirst, NotForSale, RegistrationClosed
from cme.registration.rules.states import CANCELLED, SETTLEMENT
from cme.values import Mode


def tier_for(certification_type: str | None, offered: Collection[str]) -> str:
    """The tuition tier of a certification type; where it is not offered, the nearest that is, never a cheaper guess."""
    kind = CERTIFICATION_TYPES.get(certification_type or "")
    if kind is None:
        raise DetailsFirst
    nearest = {
        Tier.PHYSICIAN: (Tier.PHYSICIAN, Tier.CLINICIAN),
        Tier.CLINICIAN: (Tier.CLINICIAN, Tier.PHYSICIAN),
        Tier.TRAINEE: (Tier.TRAINEE, Tier.PHYSICIAN if kind.is_physician else Tier.CLINICIAN, Tier.PHYSICIAN),
    }
    for tier in nearest[kind.tier]:
        if tier in offered:
            return tier
    raise NotForSale


def closes_at(mode: str, *, starts_at: datetime, terminates_on: date | None, zone: str) -> datetime | None:
    """When the last person can register: at the start; on demand at the end of the last day, or never."""
    if mode != Mode.ON_DEMAND:
        return starts_at
    if terminates_on is None:
        return None
    return datetime.combine(terminates_on + timedelta(days=1), time(), ZoneInfo(zone))


def check_on(status: str, *, closes: datetime | None, now: datetime, mode: str = Mode.IN_PERSON) -> None:
    """Let somebody attend a seminar that takes place and has not begun, or say why not."""
    if status == CANCELLED:
        raise RegistrationClosed("This seminar has been cancelled.")
    if status != "published":
        raise RegistrationClosed
    if closes is not None and now >= closes:
        over = "this activity has ended" if mode == Mode.ON_DEMAND else "the seminar has begun"
        raise RegistrationClosed(f"Registration is closed: {over}.")


def payment_methods(*, closes: datetime | None, now: datetime) -> list[str] | None:
    """The methods a payment may use: cards alone when a bank debit could arrive after the close; None for any."""
    if closes is None or closes - now >= SETTLEMENT:
        return None
    return ["card"]
