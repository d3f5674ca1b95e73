"""What staff see of claims: the list, everything about one registration's, who waits for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from cme import audit
from cme.accounts.models import Account
from cme.audit import AuditDetail, AuditEntry
from cme.catalog.models import AgendaSession, Faculty, Seminar, SessionFaculty
from cme.credits import numbers, rules
from cme.credits.models import ASKED, LEARNING, TEACHING, VALID, VOID, Award, Certificate, Claim, Extension
from cme.credits.queries.cases import case_of
from cme.credits.rules.correcting import Taught
from cme.database import db
from cme.registration.models import CONFIRMED, Registration
from cme.registration.queries import PER_PAGE, REF, Part
from cme.values import Credits, CreditType

MOST_SEMINARS = 300


def claims_page(*, q: str = "", status: str = "", seminar: str = "", number: int = 1) -> Part[Claim]:
    """Claims for staff, the newest first; `q` looks for name, e-mail, seminar, ref and the number of a certificate."""
    found: Select[Any] = select(Claim).join(Claim.registration).join(Registration.account).join(Registration.seminar)
    if status == TEACHING:
        found = found.where(Claim.kind == TEACHING)
    elif status:
        found = found.where(Claim.status == status)
    if seminar:
        found = found.where(Seminar.slug == seminar)
    found = _matching(found, q)
    total = db.session.scalar(select(func.count()).select_from(found.with_only_columns(Claim.id).subquery())) or 0
    number = max(1, min(number, -(-total // PER_PAGE) or 1))
    shown = found.options(
        joinedload(Claim.registration).joinedload(Registration.seminar),
        joinedload(Claim.registration).joinedload(Registration.account),
        selectinload(Claim.awards).joinedload(Award.certificate).joinedload(Certificate.document),
    )
    items = db.session.scalars(shown.order_by(Claim.id.desc()).limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return Part(list(items), total, number)


def _matching(found: Select[Any], q: str) -> Select[Any]:
    for word in q.split():
        columns = (Claim.professional_name, Account.professional_name, Account.email, Registration.ref, Seminar.title)
        numbered = exists().where(
            Award.claim_id == Claim.id,
            Certificate.award_id == Award.id,
            Certificate.number.icontains(word, autoescape=True),
        )
        found = found.where(or_(numbered, *(column.icontains(word, autoescape=True) for column in columns)))
    return found


def claimed_seminars() -> list[Seminar]:
    """The seminars somebody has claimed, the latest first: what a list of claims can be narrowed to."""
    claimed = exists().where(Award.seminar_id == Seminar.id)
    return list(
        db.session.scalars(select(Seminar).where(claimed).order_by(Seminar.ends_on.desc()).limit(MOST_SEMINARS))
    )


def ref_of_number(number: str) -> str | None:
    """The registration that the certificate with this number belongs to."""
    read = numbers.read_number(number, "")
    if read is None:
        return None
    found = select(Registration.ref).join(Claim, Claim.registration_id == Registration.id).join(Award).join(Certificate)
    return db.session.scalar(found.where(Certificate.number == read))


def claim_to_correct(registration_id: int, kind: str) -> Claim | None:
    """The claim a correction follows: the one that counts, or the last that was withdrawn."""
    chosen = select(Claim).where(Claim.registration_id == registration_id, Claim.kind == kind)
    chosen = chosen.where(Claim.status.in_((VALID, VOID)), Claim.superseded_by.is_(None))
    return db.session.scalar(chosen.order_by(Claim.version.desc()).limit(1))


def heir_of(certificate: Certificate) -> Certificate | None:
    """The certificate that counts in the place of one that was replaced, however often."""
    heir: Certificate | None = certificate
    while heir is not None and heir.superseded_by is not None:
        heir = db.session.get(Certificate, heir.superseded_by)
    return heir if heir is not None and heir.id != certificate.id and heir.status == VALID else None


def claims_of(registration_id: int) -> list[Claim]:
    """Every version of what was claimed with a registration, the latest first."""
    chosen = select(Claim).where(Claim.registration_id == registration_id).order_by(Claim.version.desc())
    return list(db.session.scalars(chosen))


def amounts_of(claim: Claim) -> dict[CreditType, Credits]:
    """What a claim granted, by type of credit, the first first."""
    return {CreditType(award.credit_type): award.amount for award in claim.awards}


# More time


def extensions_of(registration_id: int) -> list[Extension]:
    """Every request for more time, the latest first."""
    asked = select(Extension).where(Extension.registration_id == registration_id)
    return list(db.session.scalars(asked.order_by(Extension.id.desc())))


def extensions_asked() -> list[Extension]:
    """The requests that wait for an answer, the oldest first."""
    asked = select(Extension).where(Extension.status == ASKED).order_by(Extension.id)
    registration = joinedload(Extension.registration)
    options = (registration.joinedload(Registration.account), registration.joinedload(Registration.seminar))
    return list(db.session.scalars(asked.options(*options)))


def extensions_waiting() -> int:
    """How many requests for more time wait for an answer."""
    return db.session.scalar(select(func.count(Extension.id)).where(Extension.status == ASKED)) or 0


# Teaching


def taught_by(registration: Registration) -> list[Taught]:
    """The instruction somebody gives at a seminar; what they were given credit for elsewhere is a repeat."""
    mine = (
        select(SessionFaculty.session_id)
        .join(Faculty, Faculty.id == SessionFaculty.faculty_id)
        .where(Faculty.account_id == registration.account_id)
    )
    taught = db.session.scalars(select(AgendaSession).where(AgendaSession.id.in_(mine)))
    every = [each for each in taught if each.counts]
    credited = {number for claim in _teaching_elsewhere(registration) for number in claim.sessions}
    repeated = {_subject(each) for each in every if str(each.id) in credited}
    own = sorted(
        (each for each in every if each.seminar_id == registration.seminar_id), key=lambda e: (e.starts_at, e.id)
    )
    lines, seen = [], set(repeated)
    for each in own:
        lines.append(Taught(each.id, each.title, each.minutes, is_repeat=_subject(each) in seen))
        seen.add(_subject(each))
    return lines


def _subject(session: AgendaSession) -> str:
    """A presentation is known by its title, however it is spaced or capitalized."""
    return " ".join(session.title.casefold().split())


def _teaching_elsewhere(registration: Registration) -> Sequence[Claim]:
    other = select(Claim).join(Registration, Registration.id == Claim.registration_id)
    return db.session.scalars(
        other.where(
            Registration.account_id == registration.account_id,
            Registration.id != registration.id,
            Claim.kind == TEACHING,
            Claim.status == VALID,
        )
    ).all()


def could_be(registration: Registration) -> list[Faculty]:
    """The faculty of a seminar's sessions whom no account is linked to: one of them may be this person."""
    teaching = (
        select(Faculty)
        .join(SessionFaculty, SessionFaculty.faculty_id == Faculty.id)
        .join(AgendaSession, AgendaSession.id == SessionFaculty.session_id)
        .where(AgendaSession.seminar_id == registration.seminar_id, Faculty.account_id.is_(None))
        .distinct()
        .order_by(Faculty.name)
    )
    return list(db.session.scalars(teaching))


def teachers_waiting(now: datetime) -> list[Registration]:
    """Faculty with a place at a seminar that has ended, who teach there and have no credit for it yet."""
    teaches = (
        exists()
        .where(AgendaSession.seminar_id == Registration.seminar_id, SessionFaculty.session_id == AgendaSession.id)
        .where(Faculty.id == SessionFaculty.faculty_id, Faculty.account_id == Registration.account_id)
    )
    given = exists().where(Claim.registration_id == Registration.id, Claim.kind == TEACHING)
    found = (
        select(Registration)
        .join(Registration.seminar)
        .where(Registration.status == CONFIRMED, Seminar.ends_at <= now, teaches, ~given)
        .options(joinedload(Registration.account), joinedload(Registration.seminar))
        .order_by(Seminar.ends_at.desc(), Registration.id)
        .limit(PER_PAGE)
    )
    return list(db.session.scalars(found))


# One registration's claims, whole


@dataclass(frozen=True)
class File:
    """All about the claims of one registration, as staff see it at one moment."""

    registration: Registration
    now: datetime

    @cached_property
    def case(self) -> rules.Case:
        """What a claim of it would be judged by today."""
        return case_of(self.registration, now=self.now)

    @cached_property
    def claims(self) -> list[Claim]:
        """Every version, the latest first."""
        return claims_of(self.registration.id)

    @cached_property
    def learning(self) -> Claim | None:
        """The claim of what was learned that counts, or the last that was withdrawn."""
        return claim_to_correct(self.registration.id, LEARNING)

    @cached_property
    def teaching(self) -> Claim | None:
        """The credit for teaching that counts, or was withdrawn last."""
        return claim_to_correct(self.registration.id, TEACHING)

    @cached_property
    def taught(self) -> list[Taught]:
        """What this person teaches there."""
        return taught_by(self.registration)

    @cached_property
    def extensions(self) -> list[Extension]:
        """Their requests for more time."""
        return extensions_of(self.registration.id)

    @property
    def request(self) -> Extension | None:
        """The request that waits for an answer."""
        return next((each for each in self.extensions if each.status == ASKED), None)

    @property
    def too_much(self) -> list[tuple[CreditType, Credits, Credits]]:
        """What counts and is more than today's attendance supports: type, granted, supported."""
        claim = self.learning
        if claim is None or claim.status != VALID:
            return []
        held = amounts_of(claim).items()
        return [
            (kind, amount, self.case.most(kind))
            for kind, amount in held
            if kind in self.case.limits and amount > self.case.most(kind)
        ]

    @property
    def is_outdated(self) -> bool:
        """Whether the person's details are not those that were printed."""
        account, claim = self.registration.account, self.learning or self.teaching
        printed = claim and (claim.professional_name, claim.certification_type)
        return claim is not None and printed != (account.professional_name, account.certification_type)

    @cached_property
    def trail(self) -> list[tuple[AuditEntry, str, str]]:
        """Who did what to these claims, the latest first: the entry, who, and the words kept beside it."""
        names = [audit.name_of(each) for each in (*self.claims, *self.extensions)]
        names += [
            audit.name_of(award.certificate) for each in self.claims for award in each.awards if award.certificate
        ]
        found = (
            select(AuditEntry, AuditDetail)
            .outerjoin(AuditDetail, AuditDetail.entry_id == AuditEntry.id)
            .where(AuditEntry.subject.in_(names))
            .order_by(AuditEntry.id.desc())
        )
        rows = list(db.session.execute(found))
        ids = {int(entry.actor.partition(":")[2]) for entry, _ in rows if entry.actor.startswith("account:")}
        people = db.session.scalars(select(Account).where(Account.id.in_(ids)))
        names_of = {audit.name_of(each): each.professional_name or each.email for each in people}
        return [
            (entry, names_of.get(entry.actor, "The system"), (detail.values.get("reason") or "") if detail else "")
            for entry, detail in rows
        ]


def registration_to_correct(ref: str) -> Registration | None:
    """One registration, whosever it is."""
    return db.session.scalar(select(Registration).where(Registration.ref == ref)) if REF.fullmatch(ref) else None
