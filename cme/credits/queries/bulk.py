"""All certificates of a seminar at once: which there are, how a printing of them goes, who has not claimed."""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import joinedload

from cme.accounts.models import Account
from cme.accounts.rules import DetailsMissing
from cme.audit import AuditEntry
from cme.credits import rules
from cme.credits.models import LEARNING, VALID, Award, Certificate, Claim, Document, PrintRun
from cme.credits.queries.cases import case_of, deadline_of
from cme.database import db
from cme.errors import Refusal
from cme.queue import READY, RUNNING, Job
from cme.registration.models import CONFIRMED, Registration

TOGETHER = 200  # rows in memory at once
NOT_PRINTED = "not printed"


def _of_seminar(seminar_id: int, *columns: Any) -> Select[Any]:
    chosen = select(*columns).select_from(Certificate).join(Award, Award.id == Certificate.award_id)
    return chosen.where(Award.seminar_id == seminar_id, Certificate.status == VALID)


@dataclass(frozen=True)
class Shelf:
    """How many certificates of a seminar count, and how many of them are printed."""

    issued: int
    printed: int

    @property
    def missing(self) -> int:
        """How many wait for the press."""
        return self.issued - self.printed


def shelf_of(seminar_id: int) -> Shelf:
    """Count the certificates of a seminar."""
    counted = _of_seminar(seminar_id, func.count(Certificate.id), func.count(Document.id))
    issued, printed = db.session.execute(counted.outerjoin(Document, Document.certificate_id == Certificate.id)).one()
    return Shelf(issued, printed)


def certificates_after(seminar_id: int, after: int, *, last: int, most: int) -> list[tuple[int, bool]]:
    """The next certificates in order of issue, no later than the last one asked for; and whether each is printed."""
    chosen = (
        _of_seminar(seminar_id, Certificate.id, Document.id.is_not(None))
        .outerjoin(Document, Document.certificate_id == Certificate.id)
        .where(Certificate.id > after, Certificate.id <= last)
        .order_by(Certificate.id)
        .limit(most)
    )
    return [(number, printed) for number, printed in db.session.execute(chosen)]


def last_certificate(seminar_id: int) -> int:
    """The certificate that was issued last; 0 where there is none."""
    return db.session.scalar(_of_seminar(seminar_id, func.max(Certificate.id))) or 0


@dataclass(frozen=True)
class Paper:
    """A printed certificate in an archive."""

    file: str
    number: str
    name: str
    kind: str
    credits: str
    sha256: str
    printed_at: datetime
    content: bytes


def papers_of(seminar_id: int) -> Iterator[Paper]:
    """The printed certificates of a seminar, one after the other: never more than one of them is held."""
    after = 0
    columns = (Certificate.id, Certificate.number, Certificate.snapshot, Claim.professional_name)
    while True:
        chosen = (
            _of_seminar(seminar_id, *columns, Document.id, Document.rendered_at, Document.sha256)
            .join(Claim, Claim.id == Award.claim_id)
            .join(Document, Document.certificate_id == Certificate.id)
            .where(Certificate.id > after)
            .order_by(Certificate.id)
            .limit(TOGETHER)
        )
        found = db.session.execute(chosen).all()
        for number, name_of, snapshot, name, document, printed_at, sha256 in found:
            content = db.session.scalar(select(Document.content).where(Document.id == document)) or b""
            db.session.rollback()  # whoever fetches slowly must not keep a read open all the while
            words = json.loads(snapshot)
            yield Paper(
                file=f"{file_name(name)}-{name_of}.pdf",
                number=name_of,
                name=name,
                kind=words["heading"],
                credits=f"{words['credit_amount']} {words['credit_unit']}",
                sha256=sha256 or "",
                printed_at=printed_at,
                content=content,
            )
            after = number
        if len(found) < TOGETHER:
            return


def file_name(name: str) -> str:
    """A name as part of a file's: letters and digits of the alphabet all systems share."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:60] or "certificate"


def run_of(seminar_id: int, ref: str) -> PrintRun | None:
    """One printing of a seminar's certificates."""
    return db.session.scalar(select(PrintRun).where(PrintRun.seminar_id == seminar_id, PrintRun.ref == ref))


def runs_of(seminar_id: int, *, most: int = 5) -> list[PrintRun]:
    """The latest printings of a seminar's certificates."""
    chosen = select(PrintRun).where(PrintRun.seminar_id == seminar_id).order_by(PrintRun.id.desc()).limit(most)
    return list(db.session.scalars(chosen))


def job_key(ref: str, after: int) -> str:
    """The name of the job that prints what comes after a certificate."""
    return f"print-run:{ref}:{after}"


def is_alive(run: PrintRun) -> bool:
    """Whether the press still works on it; a run whose job was given up never ends by itself."""
    if run.finished_at is not None:
        return False
    ours = Job.dedupe_key.startswith(job_key(run.ref, 0)[:-1], autoescape=True)
    return bool(db.session.scalar(select(exists().where(ours, Job.state.in_([READY, RUNNING])))))


@dataclass(frozen=True)
class Failure:
    """A certificate a run could not print, and why."""

    number: str
    why: str


def failures_of(run: PrintRun) -> list[Failure]:
    """What went wrong in a run, as the log has it."""
    told = select(AuditEntry.payload).where(AuditEntry.action == NOT_PRINTED, AuditEntry.at >= run.asked_at)
    facts = [json.loads(payload) for payload in db.session.scalars(told.order_by(AuditEntry.id).limit(10_000))]
    return [Failure(fact["number"], fact["why"]) for fact in facts if fact.get("run") == run.ref]


DETAILS, EVALUATION, CLAIM = "details", "evaluation", "claim"


@dataclass(frozen=True)
class Unclaimed:
    """Somebody who took part, could claim, and has not; what they have to do first, and until when they can."""

    registration: Registration
    lacks: str
    until: datetime | None


def unclaimed(seminar_id: int, *, now: datetime) -> list[Unclaimed]:
    """Everybody who could claim credit for a seminar today and has not."""
    claimed = exists().where(Claim.registration_id == Registration.id, Claim.status == VALID, Claim.kind == LEARNING)
    chosen = (
        select(Registration)
        .join(Registration.account)
        .where(
            Registration.seminar_id == seminar_id,
            Registration.status == CONFIRMED,
            Account.status == "active",
            ~claimed,
        )
        .options(joinedload(Registration.account), joinedload(Registration.offering))
        .order_by(Registration.id)
    )
    found = (unclaimed_by(each, now=now) for each in db.session.scalars(chosen))
    return [each for each in found if each is not None]


def unclaimed_by(registration: Registration, *, now: datetime) -> Unclaimed | None:
    """What one person has to do to claim today; None where they cannot."""
    case = case_of(registration, now=now)
    lacks = CLAIM
    try:
        rules.check_participation(case, now=now)
        rules.check_claimable(case, now=now)
    except DetailsMissing:
        lacks = DETAILS
    except rules.EvaluationMissing:
        lacks = EVALUATION
    except Refusal:
        return None
    return Unclaimed(registration, lacks, deadline_of(registration, case))
