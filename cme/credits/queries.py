"""What is known of evaluations, claims and certificates."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from cme import settings
from cme.accounts.rules import DetailsMissing
from cme.catalog.cards import day_in
from cme.catalog.models import CANCELLED as OFF
from cme.catalog.models import AgendaSession, Faculty, Seminar, SessionFaculty
from cme.catalog.rules import attended_minutes
from cme.credits import numbers, rules
from cme.credits.certificate import Snapshot
from cme.credits.models import VALID, Award, Certificate, Claim, Document, Evaluation
from cme.database import db
from cme.registration.models import CONFIRMED, HELD, OFFERED, WAITLISTED, Registration
from cme.registration.queries import attended_by_session, registrations_of
from cme.values import Credits, CreditType, Mode

MOST_LISTED = 200


def is_on_demand(registration: Registration) -> bool:
    """Whether the person attends in their own time."""
    return registration.offering.mode == Mode.ON_DEMAND


@dataclass(frozen=True)
class Attended:
    """A session of instruction, and the minutes of it that count for one person."""

    session: AgendaSession
    minutes: int
    is_taught: bool


def sessions_attended(registration: Registration) -> list[Attended]:
    """The instruction of a seminar as one person attended it; nobody learns from a session they teach."""
    minutes = attended_by_session(registration.id)
    taught = set(
        db.session.scalars(
            select(SessionFaculty.session_id)
            .join(Faculty, Faculty.id == SessionFaculty.faculty_id)
            .where(Faculty.account_id == registration.account_id)
        )
    )
    return [
        Attended(each, 0 if each.id in taught else min(minutes.get(each.id, 0), each.minutes), each.id in taught)
        for each in registration.seminar.sessions
        if each.counts and each.mode in ("both", registration.offering.mode)
    ]


def limits_of(registration: Registration) -> dict[CreditType, rules.Limit]:
    """What this person can claim of this seminar, and up to how much; the first is what the certificate is for."""
    certification, offered = registration.account.certification, registration.seminar.designations
    if certification is None:
        return {}
    decided = [each for each in offered if each.maximum and not each.is_pending]
    known = {CreditType(each.credit_type): rules.Limit(each.credits, each.step) for each in decided}
    residents = settings.provider().residents_are_physicians
    kinds = rules.eligible_types(certification, known, residents=residents)
    return {
        kind: rules.Limit(known[CreditType.AMA_PRA_1].maximum) if kind is CreditType.PARTICIPATION else known[kind]
        for kind in kinds
    }


def case_of(registration: Registration, *, now: datetime) -> rules.Case:
    """Gather what a claim of this registration is judged by."""
    seminar, account = registration.seminar, registration.account
    live = not is_on_demand(registration)
    attended = [(each.session, each.minutes) for each in sessions_attended(registration)]
    days = seminar.claim_window_days
    return rules.Case(
        professional_name=account.professional_name,
        certification_type=account.certification_type,
        is_confirmed=registration.status == CONFIRMED,
        minutes=attended_minutes(attended) if live else 0,
        ended_at=seminar.ends_at if live else None,
        window=settings.provider().claim_window if days is None else timedelta(days=days),
        today=day_in(seminar.time_zone, now),
        released_on=seminar.released_on,
        terminates_on=seminar.terminates_on,
        pass_mark=seminar.pass_mark,
        evaluation_required=seminar.evaluation_required,
        has_evaluated=evaluation_of(registration.id) is not None,
        limits=limits_of(registration),
    )


def shown_for(case: rules.Case) -> str:
    """A fingerprint of what a claim's page lets a person attest to: the name printed, the profession, the sentence."""
    sentence = rules.attestation_for(next(iter(case.limits)))
    words = f"{case.professional_name}\n{case.certification_type}\n{sentence}"
    return hashlib.sha256(words.encode()).hexdigest()[:20]


def evaluation_of(registration_id: int) -> Evaluation | None:
    """What a learner said of a seminar."""
    return db.session.scalar(select(Evaluation).where(Evaluation.registration_id == registration_id))


def current_claim(registration_id: int) -> Claim | None:
    """The claim that counts."""
    return db.session.scalar(select(Claim).where(Claim.registration_id == registration_id, Claim.status == VALID))


def last_version(registration_id: int) -> int:
    """The number of claims made with a registration, corrected ones included."""
    latest = select(func.max(Claim.version)).where(Claim.registration_id == registration_id)
    return db.session.scalar(latest) or 0


def codes_of(claim_id: int) -> list[str]:
    """The codes of the certificates a claim led to."""
    chosen = select(Certificate.code).join(Award).where(Award.claim_id == claim_id).order_by(Certificate.id)
    return list(db.session.scalars(chosen))


def is_number_taken(number: str) -> bool:
    """Whether a certificate carries this number."""
    return db.session.scalar(select(Certificate.id).where(Certificate.number == number)) is not None


def certificate_of(account_id: int, code: str) -> Certificate | None:
    """A person's own certificate."""
    return db.session.scalar(select(Certificate).where(Certificate.account_id == account_id, Certificate.code == code))


def certificate_by_code(code: str) -> Certificate | None:
    """The certificate a link or a QR code leads to."""
    return db.session.scalar(select(Certificate).where(Certificate.code == code))


def certificate_by_number(typed: str, name: str) -> Certificate | None:
    """The certificate somebody has in hand, told by its number and a word of the name on it."""
    number = numbers.read_number(typed, "")
    if number is None:
        return None
    # Without its prefix a number is found by the rest: the provider may have had another name when it was drawn.
    same = Certificate.number.endswith(number) if number.startswith("-") else Certificate.number == number
    found = db.session.scalar(select(Certificate).where(same))
    if found is None or not numbers.is_named(name, snapshot_of(found).professional_name):
        return None
    return found


def snapshot_of(certificate: Certificate) -> Snapshot:
    """Every printed word of a certificate."""
    return Snapshot.from_json(certificate.snapshot)


def document_of(certificate_id: int) -> Document | None:
    """The printed bytes of a certificate, once the press has printed them."""
    return db.session.scalar(select(Document).where(Document.certificate_id == certificate_id))


def certificate_of_registration(registration_id: int) -> Certificate | None:
    """The certificate of the claim that counts."""
    chosen = select(Certificate).join(Award).join(Claim).where(Claim.registration_id == registration_id)
    return db.session.scalar(chosen.where(Claim.status == VALID).order_by(Certificate.id).limit(1))


@dataclass(frozen=True)
class Line:
    """One award in a transcript, as its certificate prints it."""

    award: Award
    certificate: Certificate
    snapshot: Snapshot
    mode: str

    @property
    def year(self) -> int:
        """The year it counts for: that of the activity's last day, or of its completion."""
        return (self.award.seminar.ends_on if self.mode != Mode.ON_DEMAND else self.award.awarded_at).year


def transcript_of(account_id: int) -> list[Line]:
    """Everything a person was granted and still holds, the latest activity first."""
    chosen = (
        select(Award)
        .join(Seminar)
        .where(Award.account_id == account_id, Award.status == VALID)
        .options(
            joinedload(Award.seminar),
            joinedload(Award.claim).joinedload(Claim.registration).joinedload(Registration.offering),
            joinedload(Award.claim).selectinload(Claim.awards).joinedload(Award.certificate),
        )
        .order_by(Seminar.ends_on.desc(), Award.id)
    )
    lines = []
    for award in db.session.scalars(chosen):
        certificate = next(each.certificate for each in award.claim.awards if each.certificate is not None)
        mode = award.claim.registration.offering.mode
        lines.append(Line(award, certificate, snapshot_of(certificate), mode))
    return lines


def totals_of(lines: Iterable[Line]) -> dict[CreditType, Credits]:
    """The sum of each type of credit."""
    sums: dict[CreditType, int] = {}
    for line in lines:
        kind = CreditType(line.award.credit_type)
        sums[kind] = sums.get(kind, 0) + line.award.credits
    return {kind: Credits(total) for kind, total in sums.items()}


def sum_of(lines: Iterable[Line]) -> tuple[Credits, bool]:
    """The AMA PRA credit of some lines; where there is none, the hours of participation, and that it is hours."""
    totals = totals_of(lines)
    credit = totals.get(CreditType.AMA_PRA_1)
    return (credit, False) if credit else (totals.get(CreditType.PARTICIPATION, Credits(0)), True)


def newest_claims(*, most: int = MOST_LISTED) -> list[Claim]:
    """What was claimed last, for staff."""
    chosen = (
        select(Claim)
        .options(
            joinedload(Claim.registration).joinedload(Registration.seminar),
            joinedload(Claim.registration).joinedload(Registration.account),
            joinedload(Claim.awards).joinedload(Award.certificate).joinedload(Certificate.document),
        )
        .order_by(Claim.id.desc())
        .limit(most)
    )
    return list(db.session.scalars(chosen).unique())


PAY, OFFER, WAITING, CHOOSE, COMING = "pay", "offer", "waiting", "choose", "coming"
DETAILS, EVALUATE, CLAIM = "details", "evaluate", "claim"
CLAIMED, ABSENT, CLOSED, OVER = "claimed", "absent", "closed", "over"
AHEAD = (PAY, OFFER, WAITING, CHOOSE, COMING)
TO_DO = (PAY, OFFER, CHOOSE, DETAILS, EVALUATE, CLAIM)


@dataclass(frozen=True)
class Standing:
    """Where one registration stands between the held seat and the certificate, and what its person can do next."""

    registration: Registration
    case: rules.Case
    step: str
    certificate: Certificate | None

    @property
    def amount(self) -> Credits:
        """The most that can be claimed, or what it will be."""
        return self.case.most(next(iter(self.case.limits))) if self.case.limits else Credits(0)

    @property
    def unit(self) -> str:
        """What the amount counts."""
        return "credits" if CreditType.AMA_PRA_1 in self.case.limits else "hours of participation"


def standings_of(account_id: int, *, now: datetime) -> list[Standing]:
    """All registrations of a person, in the order they were made known by the registration room."""
    return [standing_of(each, now=now) for each in registrations_of(account_id)]


def standing_of(registration: Registration, *, now: datetime) -> Standing:
    """Where one registration stands."""
    case = case_of(registration, now=now)
    certificate = certificate_of_registration(registration.id)
    return Standing(registration, case, _step(registration, case, certificate, now), certificate)


def _step(registration: Registration, case: rules.Case, certificate: Certificate | None, now: datetime) -> str:
    if certificate is not None:
        return CLAIMED
    waiting = {HELD: PAY, OFFERED: OFFER, WAITLISTED: WAITING}
    if registration.status != CONFIRMED:
        return waiting.get(registration.status, OVER)
    if registration.seminar.status == OFF:
        return CHOOSE
    try:
        rules.check_participation(case, now=now)
        rules.check_claimable(case, now=now)
    except (rules.SeminarNotEnded, rules.NotReleased, rules.AssessmentNotPassed):
        return COMING
    except rules.NotAttended:
        return ABSENT
    except DetailsMissing:
        return DETAILS
    except rules.EvaluationMissing:
        return EVALUATE
    except (rules.ClaimWindowClosed, rules.NothingToClaim):
        return CLOSED
    return CLAIM
