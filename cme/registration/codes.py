"""Uses of promo codes: taken by one conditional update, given back only with the state change that ends their use."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload

from cme.catalog.models import DRAFT, PUBLISHED, Offering, Seminar
from cme.database import db, lock, rows
from cme.registration import queries
from cme.registration.models import SEATED, PromoCode, Registration
from cme.registration.queries import Quote
from cme.registration.rules.codes import (
    CodeDoesNotFit,
    CodeNotNeeded,
    CodeUnknown,
    CodeUsedBefore,
    CodeUsedUp,
    check_code,
    clean_code,
    take_off,
)
from cme.values import Money

MOST_LISTED = 500
LEFT = or_(PromoCode.most_uses.is_(None), PromoCode.used < PromoCode.most_uses)


def find(typed: str | None) -> PromoCode | None:
    """The code somebody typed, none where nothing was typed; refused when it is unreadable or unknown."""
    name = clean_code(typed)
    if not name:
        return None
    found = db.session.scalar(select(PromoCode).where(PromoCode.code == name))
    if found is None:
        raise CodeUnknown
    return found


def issued(words: Iterable[str]) -> list[PromoCode]:
    """Every code whose letters or note have these words, those in use first."""
    found = select(PromoCode).options(joinedload(PromoCode.seminar))
    for word in words:
        matches = (column.icontains(word, autoescape=True) for column in (PromoCode.code, PromoCode.note))
        found = found.where(or_(*matches))
    return list(db.session.scalars(found.order_by(PromoCode.is_active.desc(), PromoCode.id.desc()).limit(MOST_LISTED)))


def seminars_to_choose() -> list[Seminar]:
    """The seminars a code may be for, the latest first."""
    found = select(Seminar).where(Seminar.status.in_((DRAFT, PUBLISHED)))
    return list(db.session.scalars(found.order_by(Seminar.starts_at.desc(), Seminar.id).limit(MOST_LISTED)))


def discount(code: PromoCode, offering: Offering, asked: Quote, account_id: int, *, now: datetime) -> Money:
    """What a code takes off this seat for this person today, or why it cannot be used; takes nothing yet."""
    if not asked.price.minor:
        raise CodeNotNeeded
    today = now.astimezone(ZoneInfo(offering.seminar.time_zone)).date()
    check_code(code.terms, seminar_id=offering.seminar_id, tier=asked.tier, mode=offering.mode, today=today)
    if code.once_each and _uses_of(code.id, account_id):
        raise CodeUsedBefore
    if code.uses_left == 0:
        raise CodeUsedUp
    return take_off(asked.price, code.terms)


def _uses_of(code_id: int, account_id: int) -> bool:
    mine = select(Registration.id).where(Registration.promo_id == code_id, Registration.account_id == account_id)
    return db.session.scalar(mine.where(Registration.status.in_(SEATED)).limit(1)) is not None


def take(code_id: int) -> bool:
    """Take one use if one is left; the database counts, so two people never get the last one."""
    taken = update(PromoCode).where(PromoCode.id == code_id, LEFT).values(used=PromoCode.used + 1)
    return rows(db.session.execute(taken.execution_options(synchronize_session=False))) == 1


def give_back(registration: Registration) -> None:
    """Put back the use a registration had, with the change that ends its seat."""
    if registration.promo_id is not None:
        given = update(PromoCode).where(PromoCode.id == registration.promo_id).values(used=PromoCode.used - 1)
        db.session.execute(given.execution_options(synchronize_session=False))


def may_change(registration: Registration) -> bool:
    """Whether the code of a held seat can still be another: nothing is being paid, and nothing was paid before."""
    is_moved = registration.moved_from_id is not None or registration.invoiced_at is not None
    return registration.list_minor > 0 and not is_moved and queries.payable_payment(registration.id) is None


def take_again(registration: Registration) -> bool:
    """Take the use again for a hold that ended and was paid after all; True where no code is concerned."""
    if registration.promo_id is None:
        return True
    code = lock(PromoCode, registration.promo_id)
    is_spent = code.once_each and _uses_of(code.id, registration.account_id)
    return not is_spent and take(code.id)


def use(registration: Registration, code: PromoCode, off: Money) -> None:
    """Tie a use to a seat that is held, and lower its price."""
    if not take(code.id):
        raise CodeUsedUp
    registration.promo_id, registration.discount_minor = code.id, off.minor
    registration.amount_due_minor = registration.list_minor - off.minor


def leave(registration: Registration) -> None:
    """Let go of a code while the seat stays held, at the full price."""
    give_back(registration)
    registration.promo_id, registration.discount_minor = None, 0
    registration.amount_due_minor = registration.list_minor


def price_again(registration: Registration, offering: Offering, *, now: datetime) -> None:
    """Price a held seat as the database asks today; the code reserved with it stays, while it fits the person."""
    asked = queries.quote(offering, registration.account.certification_type, now=now)
    # An offer from the waitlist and an invoice keep their price, for as long as it is the same person's price.
    is_promised = registration.offer_until is not None or registration.invoiced_at is not None
    if not is_promised or registration.tier != asked.tier:
        registration.tier, registration.list_minor = asked.tier, asked.price.minor
        registration.currency = asked.price.currency
    price = registration.list_minor
    code = lock(PromoCode, registration.promo_id) if registration.promo_id is not None else None
    if code is None:
        # What an earlier place allowed off its price, without a code of this one.
        registration.discount_minor = min(registration.discount_minor, price)
        registration.amount_due_minor = price - registration.discount_minor
    elif (off := _still_off(code, registration)) is not None:
        registration.discount_minor = off.minor
        registration.amount_due_minor = price - off.minor
    else:
        leave(registration)


def _still_off(code: PromoCode, registration: Registration) -> Money | None:
    """What a reserved code takes off now; days and the switch decided when it was reserved, the group may change."""
    if code.tiers and registration.tier not in code.tiers:
        return None
    try:
        return take_off(Money(registration.list_minor, registration.currency), code.terms)
    except CodeDoesNotFit:
        return None
