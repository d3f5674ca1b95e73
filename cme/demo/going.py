"""Who goes in the demo, who has paid, who came, and what they claimed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cme.accounts import services as accounts
from cme.accounts.models import Account
from cme.catalog.models import Seminar
from cme.credits import queries as earned
from cme.credits import services as credits
from cme.credits.queries import evaluations
from cme.database import db, lock, transaction
from cme.demo import content
from cme.demo.people import LEARNERS
from cme.gateways.letters import missing_letters
from cme.registration import checkout, queries, services
from cme.registration.models import CONFIRMED, HELD, Registration

PASSWORD = "demo-seminars-2026"
ADMIN, MD, NP, NEW = "admin@demo.test", "md@demo.test", "np@demo.test", "new@demo.test"
SIGN_INS = (
    (ADMIN, "Robin Quayle", "other"),
    (MD, "Marisol Thackeray-Lund, MD", "md"),
    (NP, "Bettina Hargrove-Lim, DNP, FNP-C", "np"),
    (NEW, None, None),
)
CLAIMED, TO_CLAIM, GATED, CLOSED = (
    "heart-failure-in-the-clinic",
    "diabetes-technology-week",
    "common-fractures",
    "winter-infections",
)
RATINGS = (5, 4, 5, 3, 4, 5, 5, 4, 2, 5, 4)  # taken in turn, each person from another place on
WORDS = {
    1: "More cases from our own clinics, please.",
    4: "I will follow up by telephone within a week.",
    6: "The room was cold on the first morning.",
    9: "Slides the evening before would help.",
}


@dataclass(frozen=True)
class Place:
    """One person's place at one seminar, and when it was taken."""

    email: str
    seminar: str
    at: datetime


def join(*, now: datetime) -> dict[str, Account]:
    """Make the people; the four demo sign-ins come first."""
    kept = accounts.hash_password(PASSWORD)
    joined = now - timedelta(days=200)
    with transaction() as session:
        known = set(session.scalars(select(Account.email)))
        for email, name, certification in (*SIGN_INS, *LEARNERS):
            if email not in known:
                session.add(
                    Account(
                        email=email,
                        email_key=email,
                        password_hash=kept,
                        professional_name=name,
                        certification_type=certification,
                        created_at=joined,
                        updated_at=joined,
                        terms_version=1,
                    )
                )
    accounts.make_staff(ADMIN, "Administrator", now=joined)
    return {account.email: account for account in db.session.scalars(select(Account))}


def places(now: datetime) -> list[Place]:
    """Who goes where: learners take turns, the same way every time."""
    seminars = {s.slug: s for s in db.session.scalars(select(Seminar))}
    going, turn = [], 0
    for plan in content.seminars()[0]:
        starts = seminars[plan.slug].starts_at
        wanted = plan.capacity if plan.full else plan.filled
        for number in range(wanted):
            learner = LEARNERS[(turn + number) % len(LEARNERS)]
            at = min(starts, now) - timedelta(days=2 + (number * 17 + turn * 7) % 110, hours=number)
            going.append(Place(learner.email, plan.slug, at))
        turn += wanted
    for email in (MD, NP):
        for slug in (CLAIMED, TO_CLAIM):
            going.append(Place(email, slug, seminars[slug].starts_at - timedelta(days=25)))
    going.append(Place(NEW, GATED, seminars[GATED].starts_at - timedelta(days=20)))
    return going


def register_all(people: dict[str, Account], *, payments: Any, now: datetime) -> None:
    """Register and pay, each in its own time, through the sandbox."""
    with transaction():
        # Whoever registers says what they are; this person's details were lost later, as imports lose them.
        lock(Account, people[NEW].id).certification_type = "pa"
    for place in sorted(places(now), key=lambda place: place.at):
        person = people[place.email].id
        seminar = db.session.scalars(select(Seminar).where(Seminar.slug == place.seminar)).one()
        known = queries.registration_for(person, seminar.id)
        if known is not None and known.status == CONFIRMED:
            continue
        offerings = seminar.offerings
        offering = offerings[(person + seminar.id) % len(offerings)]
        ref = services.register(person, offering.id, form_id=None, now=place.at) if known is None else known.ref
        _pay(ref, payments, place.at + timedelta(minutes=3))
    payments.raw_request("post", "/_clock")
    with transaction():
        lock(Account, people[NEW].id).certification_type = None


def _pay(ref: str, payments: Any, at: datetime) -> None:
    registration = db.session.scalars(select(Registration).where(Registration.ref == ref)).one()
    if registration.status != HELD:
        return
    due, key = registration.amount_due_minor, registration.id
    payments.raw_request("post", "/_clock", now=str(int(at.timestamp())))
    checkout.start(key, shown_minor=due, form_id=None, payments=payments, now=at)
    payment = queries.payable_payment(key)
    if payment is None or payment.session_id is None:
        raise RuntimeError(f"The sandbox opened no session for {ref}.")
    session_id = payment.session_id
    db.session.rollback()
    payments.raw_request("post", "/_act", act="pay", id=session_id)
    checkout.apply(session_id, payments=payments, now=at + timedelta(minutes=2))


def attend_and_claim(people: dict[str, Account], *, now: datetime) -> None:
    """Mark who came, and claim for some of them; the demo sign-ins keep one seminar to claim."""
    staff = people[ADMIN]
    for seminar in db.session.scalars(select(Seminar).where(Seminar.ends_at < now).order_by(Seminar.starts_at)).all():
        after, sessions = seminar.ends_at, [s for s in seminar.sessions if s.counts]
        for number, registration in enumerate(queries.roster(seminar.id)):
            if registration.status != CONFIRMED:
                continue
            demo = registration.account.email in {MD, NP, NEW}
            missed = 0 if demo else number % 3
            came = {s.id: s.minutes for s in sessions[: len(sessions) - missed]}
            services.mark_attendance(registration.id, came, by=staff, now=after)
            if seminar.slug == CLAIMED or (not demo and number % 2 == 0):
                _claim(registration.id, after + timedelta(days=1 + number % 4, hours=number), now)


def _answers(registration_id: int) -> dict[str, Any]:
    """A believable opinion, the same at each start."""
    answers: dict[str, Any] = {}
    for place, item in enumerate(evaluations.asked_of(db.session.get_one(Registration, registration_id))):
        turn = registration_id + 3 * place
        if item.kind == "rating":
            answers[item.key] = RATINGS[turn % len(RATINGS)]
        elif item.kind == "bias":
            answers[item.key] = turn % 23 != 0
            answers["bias_noticed"] = "" if answers[item.key] else "One brand name was used more than once."
        elif item.kind == "choices":
            answers[item.key] = [item.options[turn % len(item.options)]]
        elif turn % 11 in WORDS:
            answers[item.key] = WORDS[turn % 11]
    return answers


def _claim(registration_id: int, at: datetime, now: datetime) -> None:
    at = min(at, now)
    if earned.current_claim(registration_id) is not None:
        return
    if earned.evaluation_of(registration_id) is None:
        credits.submit_evaluation(registration_id, _answers(registration_id), form_id=None, now=at)
    case = earned.case_of(db.session.get_one(Registration, registration_id), now=at)
    kind = next(iter(case.limits))
    credits.claim_credit(
        registration_id,
        {kind: case.most(kind)},
        attested=True,
        address="127.0.0.1",
        form_id=None,
        now=at,
        may_print=missing_letters,
    )
