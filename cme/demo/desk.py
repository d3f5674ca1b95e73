"""What else happens in the demo: codes, questions, a waitlist, a guest, a refund, tuition on hold."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cme.accounts.models import Account
from cme.catalog.models import Offering, Seminar
from cme.database import db
from cme.demo import going
from cme.demo.people import LEARNERS
from cme.registration import queries, services
from cme.registration.changes import Changes
from cme.registration.checkout import send_refund
from cme.registration.models import CONFIRMED, FACULTY, PromoCode, Registration
from cme.registration.services.codes import CodeValues
from cme.registration.services.granting import Grant, give_place

CODES = {
    "WELCOME100": CodeValues(note="For a first seminar with us", amount_minor=10000),
    "RESIDENTS": CodeValues(note="Teaching hospitals, this year", percent=50, tiers=("trainee",), most_uses=40),
    "HARBOR25": CodeValues(note="Newsletter readers", percent=25, most_uses=5),
}
ASKING = ("cardiology-for-primary-care", "endocrinology-for-the-busy-clinic")
FULL, TAUGHT, CANCELS, PUTS_ON_HOLD = (
    "point-of-care-ultrasound",
    "cardiology-for-primary-care",
    "womens-health-across-the-lifespan",
    "pain-opioids-safe-prescribing",
)
WAITING = 2  # learners in line before the nurse practitioner


def run(people: dict[str, Account], *, payments: Any, now: datetime) -> None:
    """Do all of it; what was done before an interruption is found and left."""
    staff = people[going.ADMIN]
    for name, code in CODES.items():
        if db.session.scalar(select(PromoCode.id).where(PromoCode.code == name)) is None:
            services.add_code(name, code, form_id=None, by=staff, now=now - timedelta(days=60))
    for slug in ASKING:
        services.add_usual(_offering(slug).seminar_id, by=staff, now=now)
    _wait(people, now - timedelta(days=3))
    guest = _somebody_free(people, TAUGHT)
    grant = Grant(guest.email, FACULTY, "Teaches the workshop on the second day")
    give_place(_offering(TAUGHT).id, grant, form_id="demo-faculty-place", by=staff, now=now)
    _change(payments, now)


def _offering(slug: str) -> Offering:
    return db.session.scalars(
        select(Offering).join(Seminar).where(Seminar.slug == slug).order_by(Offering.id).limit(1)
    ).one()


def _somebody_free(people: dict[str, Account], slug: str) -> Account:
    seminar_id = _offering(slug).seminar_id
    free = (people[each.email] for each in reversed(LEARNERS))
    return next(each for each in free if _is_demo_free(each.id, seminar_id))


def _is_demo_free(account_id: int, seminar_id: int) -> bool:
    mine = queries.registration_for(account_id, seminar_id)
    return mine is None or mine.form_id == "demo-faculty-place"


def _wait(people: dict[str, Account], at: datetime) -> None:
    offering = _offering(FULL)
    seminar_id, offering_id = offering.seminar_id, offering.id
    learners = [people[each.email].id for each in LEARNERS]
    waiting = [each for each in learners if not queries.registration_for(each, seminar_id)][:WAITING]
    if queries.registration_for(people[going.NP].id, seminar_id):
        return
    for number, account_id in enumerate([*waiting, people[going.NP].id]):
        services.join_waitlist(account_id, offering_id, form_id=None, now=at + timedelta(hours=number))


def _change(payments: Any, now: datetime) -> None:
    """One person cancels and gets the tuition back; another keeps it for a later seminar."""
    if (place := _first_confirmed(CANCELS)) is not None:
        amount = Changes(place, now).refund.amount.minor
        refunds = services.cancel(place.id, expected_minor=amount, by=place.account, now=now)
        for refund_id in refunds:
            send_refund(refund_id, payments=payments, now=now)
    if (place := _first_confirmed(PUTS_ON_HOLD)) is not None:
        until = Changes(place, now).hold_until
        services.put_on_hold(place.id, until=until, by=place.account, now=now)


def _first_confirmed(slug: str) -> Registration | None:
    """The first place of a seminar that nobody changed yet; none where one was changed before."""
    seminar_id = _offering(slug).seminar_id
    changed = select(Registration.id).where(Registration.seminar_id == seminar_id, Registration.end_reason != "")
    if db.session.scalar(changed.limit(1)):
        return None
    found = select(Registration).where(
        Registration.seminar_id == seminar_id, Registration.status == CONFIRMED, Registration.amount_due_minor > 0
    )
    return db.session.scalars(found.order_by(Registration.id)).first()
