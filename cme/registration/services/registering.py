"""Taking a seat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cme import audit
from cme.accounts.models import Account
from cme.catalog.models import Offering
from cme.database import db, lock, retried, transaction
from cme.registration import codes, queries, rules, seats, waitlist
from cme.registration.models import HELD, PromoCode
from cme.registration.queries import Quote
from cme.registration.services.placing import by_form, write_down
from cme.registration.services.questions import answered, keep_consents
from cme.values import Money


@dataclass(frozen=True)
class Said:
    """What somebody said who registers: the amounts their page showed, a promo code, answers, consents."""

    shown: Mapping[str, int] | None = None  # by tuition group, in minor units; none where no page showed any
    code: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)  # by the ref of the question
    consents: Mapping[str, bool] = field(default_factory=dict)


NOTHING = Said()


def register(account_id: int, offering_id: int, *, form_id: str | None, now: datetime, said: Said = NOTHING) -> str:
    """Hold a seat until it is paid, or give a free one at once; answers the registration's ref."""
    try:
        return _register(account_id, offering_id, said, form_id=form_id, now=now)
    except rules.AlreadyRegistered as refusal:
        offering = db.session.get_one(Offering, offering_id)
        found = queries.registration_for(account_id, offering.seminar_id)
        refusal.ref = found.ref if found else None
        raise


@retried
def _register(account_id: int, offering_id: int, said: Said, *, form_id: str | None, now: datetime) -> str:
    with transaction() as session:
        offering = lock(Offering, offering_id)
        if ref := by_form(form_id, account_id):
            return ref
        if queries.registration_for(account_id, offering.seminar_id):
            raise rules.AlreadyRegistered
        seminar = offering.seminar
        session.refresh(seminar)
        queries.check_on_sale(offering, now=now)
        if offering.status != "open":
            raise rules.RegistrationClosed
        account = session.get_one(Account, account_id)
        asked = queries.quote(offering, account.certification_type, now=now)
        found = codes.find(said.code)
        code = lock(PromoCode, found.id) if found else None
        off = codes.discount(code, offering, asked, account_id, now=now) if code else Money(0, asked.price.currency)
        check_shown(said.shown, asked, off, code)
        if not seats.take(offering_id):
            raise waitlist.full(offering_id)
        said_so = answered(offering, said.answers)
        held: dict[str, Any] = {"status": HELD, "hold_until": now + rules.HOLD, "questions": said_so}
        registration = write_down(account_id, offering, asked, form_id=form_id, now=now, **held)
        if code:
            codes.use(registration, code, off)
        keep_consents(account_id, said.consents, registration_id=registration.id, now=now)
        if registration.amount_due_minor == 0:
            seats.confirm(registration, None, now=now)
        facts: dict[str, Any] = {"offering": offering_id, "tier": asked.tier, "amount": registration.amount_due_minor}
        facts |= {"code": code.id} if code else {}
        audit.record(account, "registered", registration, at=now, **facts)
        return registration.ref


def check_shown(shown: Mapping[str, int] | None, asked: Quote, off: Money, code: PromoCode | None) -> None:
    """Take no seat at another price than the page showed: the person sees the new one first."""
    due = Money(asked.price.minor - off.minor, asked.price.currency)
    if shown is None or shown.get(asked.tier) == due.minor:
        return
    price = str(due) if due.minor else "free"
    if code is not None and shown.get(asked.tier) == asked.price.minor:
        raise rules.PriceChanged(f"With the promo code {code.code} the tuition is {price}. Check it, then continue.")
    raise rules.PriceChanged(f"The tuition is {price} now. No seat was taken: check the new amount, then continue.")
