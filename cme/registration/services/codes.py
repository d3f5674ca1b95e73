"""Promo codes: issued and changed by staff, used and dropped by whoever holds a seat."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from cme import audit, limits
from cme.database import db, lock, refusing, retried, transaction
from cme.errors import EditedMeanwhile, Refusal
from cme.registration import codes, queries, rules
from cme.registration.checkout.conversation import place
from cme.registration.models import HELD, PromoCode, Registration
from cme.registration.rules.codes import CodeInTheWay, CodeUnknown, clean_code

GUESSES, GUESSED_PER = 20, timedelta(hours=1)


class CodeTaken(Refusal):
    """There is such a code already."""

    message = "There is a promo code with these letters already. Choose another, or edit that one."


class FewerThanUsed(Refusal):
    """A limit cannot lie below what was used."""

    message = "This promo code has been used more often than that. Enter a higher limit, or switch the code off."


@dataclass(frozen=True)
class CodeValues:
    """What staff decide about a code."""

    note: str = ""
    percent: int | None = None
    amount_minor: int | None = None
    most_uses: int | None = None
    once_each: bool = True
    first_on: date | None = None
    last_on: date | None = None
    seminar_id: int | None = None
    tiers: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    is_active: bool = True


@retried
def add_code(name: str, values: CodeValues, *, form_id: str | None, by: Any, now: datetime) -> str:
    """Issue a code; answers it as it is compared."""
    with transaction() as session:
        if form_id and (issued := session.scalar(select(PromoCode.code).where(PromoCode.form_id == form_id))):
            return issued
        code = PromoCode(code=clean_code(name), form_id=form_id, created_by=by.id, created_at=now, **_columns(values))
        session.add(code)
        with refusing(uq_promo_code_code=CodeTaken, uq_promo_code_form_id=rules.FormUsed):
            session.flush()
        audit.record(by, "issued code", code, at=now, code=code.code, **_facts(values))
        return code.code


@retried
def edit_code(code_id: int, values: CodeValues, *, seen: int, by: Any, now: datetime) -> None:
    """Change what a code gives from now on; seats that are confirmed keep their price."""
    with transaction():
        code = lock(PromoCode, code_id)
        if code.version != seen:
            raise EditedMeanwhile
        if values.most_uses is not None and values.most_uses < code.used:
            raise FewerThanUsed
        for name, value in _columns(values).items():
            setattr(code, name, value)
        code.version += 1
        audit.record(by, "edited code", code, at=now, **_facts(values))


@retried
def switch_code(code_id: int, *, on: bool, by: Any, now: datetime) -> None:
    """Let a code be used, or no longer; uses that are reserved stay."""
    with transaction():
        code = lock(PromoCode, code_id)
        if code.is_active != on:
            code.is_active, code.version = on, code.version + 1
            audit.record(by, "switched code on" if on else "switched code off", code, at=now)


def _columns(values: CodeValues) -> dict[str, Any]:
    return asdict(values) | {"tiers": list(values.tiers), "modes": list(values.modes)}


def _facts(values: CodeValues) -> dict[str, Any]:
    return {"percent": values.percent, "amount": values.amount_minor, "most_uses": values.most_uses}


def look_up(typed: str | None, *, account_id: int, now: datetime) -> PromoCode | None:
    """The code somebody typed; whoever tries many that nobody issued has to wait."""
    limits.check("promo code", str(account_id), most=GUESSES, now=now)
    try:
        return codes.find(typed)
    except CodeUnknown:
        limits.count("promo code", str(account_id), most=GUESSES, per=GUESSED_PER, now=now)
        raise


@retried
def use_code(registration_id: int, typed: str, *, now: datetime) -> None:
    """Use a code for a seat that is held and not paid yet; an empty one lets go of the code it had."""
    found = codes.find(typed)
    with transaction():
        # The code that comes is locked before the registration, like the one that goes.
        offering, registration = place(registration_id, code_to_come=found.id if found else None)
        _check_open(registration, now)
        if registration.promo_id is not None:
            codes.leave(registration)
            db.session.flush()
        if found is not None:
            asked = queries.quote(offering, registration.account.certification_type, now=now)
            code = lock(PromoCode, found.id)
            off = codes.discount(code, offering, asked, registration.account_id, now=now)
            registration.tier, registration.list_minor = asked.tier, asked.price.minor
            codes.use(registration, code, off)
        due = registration.amount_due_minor
        audit.record(registration.account, "changed code", registration, at=now, code=registration.promo_id, amount=due)


def _check_open(registration: Registration, now: datetime) -> None:
    is_held = registration.status == HELD and registration.hold_until is not None and registration.hold_until > now
    if not is_held or not codes.may_change(registration):
        raise CodeInTheWay
