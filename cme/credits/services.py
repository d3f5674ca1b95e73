"""Evaluating, claiming, printing."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any, Protocol

from cme import audit, settings
from cme.catalog.cards import day_in
from cme.catalog.models import Seminar
from cme.catalog.rules import (
    accreditation,
    attended_topic_minutes,
    credit_unit,
    designation_statement,
    statement_for,
    topic_line,
    topic_minutes,
)
from cme.credits import emails, numbers, queries, rules
from cme.credits.certificate import (
    CREDIT,
    PARTICIPATION,
    Snapshot,
    compose,
    date_span,
    html_of,
    long_date,
    sha256_of,
    words_hash,
)
from cme.credits.models import Award, Certificate, Claim, Document, Evaluation
from cme.database import db, lock, refusing, retried, transaction
from cme.queue import enqueue
from cme.registration.models import Registration
from cme.values import Credits, CreditType, Mode, new_code, new_number

Amounts = Mapping[CreditType, Credits]
MissingLetters = Callable[[str], Collection[str]]
CONSTRAINTS = ("uq_claim_current", "uq_claim_registration_id_version", "uq_claim_form_id", "uq_award_current")
# Boards tell learners beforehand how points are reported; these want their approval on the paper itself.
STATED_ON_PAPER = (
    *(CreditType.AAFP_PRESCRIBED, CreditType.AAFP_ELECTIVE, CreditType.AAPA_1),
    *(CreditType.AANP, CreditType.ANCC, CreditType.ACPE),
)
ONCE = dict.fromkeys(CONSTRAINTS, rules.AlreadyClaimed)


class Press(Protocol):
    """Whoever turns a page into a PDF."""

    def render(self, html: str) -> bytes:
        """Print one document."""


class PrintDiffers(Exception):
    """A certificate printed again is not the one that was issued."""


@retried
def submit_evaluation(registration_id: int, answers: Mapping[str, Any], *, form_id: str | None, now: datetime) -> int:
    """Keep what a learner says of a seminar; said twice, the first answer stays."""
    with transaction():
        registration = lock(Registration, registration_id)
        known = queries.evaluation_of(registration.id)
        if known is not None:
            return known.id
        rules.check_participation(queries.case_of(registration, now=now), now=now)
        evaluation = Evaluation(
            registration_id=registration.id, answers=dict(answers), form_id=form_id, submitted_at=now
        )
        db.session.add(evaluation)
        with refusing(uq_evaluation_form_id=rules.AlreadyEvaluated):
            db.session.flush()
        audit.record(registration.account, "evaluated", registration, at=now)
        return evaluation.id


@retried
def claim_credit(
    registration_id: int,
    asked: Amounts,
    *,
    attested: bool,
    address: str,
    form_id: str | None,
    now: datetime,
    may_print: MissingLetters,
    shown: str | None = None,
) -> list[str]:
    """Grant what is claimed and issue the certificate, all at once or not at all; gives the certificates' codes.

    The same form sent again gives the same certificates; another claim is refused. `shown` is what the page let the
    person attest to.
    """
    with transaction():
        registration = lock(Registration, registration_id)
        made = queries.current_claim(registration.id)
        if made is not None:
            if form_id is None or made.form_id != form_id:
                raise rules.AlreadyClaimed
            return queries.codes_of(made.id)
        case = queries.case_of(registration, now=now)
        rules.check_claimable(case, now=now)
        if shown is not None and shown != queries.shown_for(case):
            raise rules.DetailsChanged
        rules.check_amounts(asked, case)
        rules.check_attested(attested)
        claim = _grant(registration, case, asked, address=address, form_id=form_id, now=now)
        certificate = _issue(claim, case, may_print, now=now)
        audit.record(
            registration.account,
            "claimed",
            claim,
            at=now,
            registration=registration.ref,
            credits={kind.value: amount.hundredths for kind, amount in asked.items()},
            certificate=certificate.number,
            snapshot=words_hash(certificate.snapshot),
            personal={"name": claim.professional_name, "address": address},
        )
        return [certificate.code]


def _grant(
    registration: Registration, case: rules.Case, asked: Amounts, *, address: str, form_id: str | None, now: datetime
) -> Claim:
    """Write the claim down as it was made, and one award for each type of credit."""
    account, main = registration.account, next(iter(case.limits))
    claim = Claim(
        registration=registration,
        version=queries.last_version(registration.id) + 1,
        professional_name=account.professional_name,
        certification_type=account.certification_type,
        attestation=rules.attestation_for(main),
        attested_at=now,
        attested_from=address[:60],
        supported_minutes=None if case.ended_at is None else case.minutes,
        form_id=form_id,
        created_at=now,
        purge_on=rules.purge_on(_ended_on(registration, case)),
        awards=[
            Award(
                account_id=account.id,
                seminar_id=registration.seminar_id,
                credit_type=kind.value,
                credits=asked[kind].hundredths,
                maximum=limit.maximum.hundredths,
                step=limit.step,
                awarded_at=now,
            )
            for kind, limit in case.limits.items()
            if kind in asked
        ],
    )
    db.session.add(claim)
    with refusing(**ONCE):
        db.session.flush()
    return claim


def _ended_on(registration: Registration, case: rules.Case) -> date:
    return case.today if case.ended_at is None else registration.seminar.ends_on


def _issue(claim: Claim, case: rules.Case, may_print: MissingLetters, *, now: datetime) -> Certificate:
    """Freeze every word of the certificate under a number and a code, ask for its printing, tell its owner."""
    number, code = _free_number(), new_code()
    snapshot = _compose(claim, case, number, code, now=now)
    rules.check_printable(may_print(snapshot.words), may_print(snapshot.professional_name))
    certificate = Certificate(
        award=claim.awards[0],
        account_id=claim.registration.account_id,
        number=number,
        code=code,
        snapshot=snapshot.to_json(),
        snapshot_version=snapshot.version,
        template=f"v{snapshot.version}",
        issued_at=now,
        purge_on=claim.purge_on,
    )
    db.session.add(certificate)
    db.session.flush()
    enqueue(
        "print_certificate",
        {"certificate_id": certificate.id},
        dedupe_key=f"certificate:{certificate.id}",
        run_at=now,
        lane="paper",
    )
    emails.certificate_issued(claim.registration, certificate, snapshot, at=now)
    return certificate


def _free_number() -> str:
    """Draw a number nobody has; the unique constraint answers for the draw that falls in the same moment."""
    prefix = numbers.number_prefix(settings.provider().name)
    while queries.is_number_taken(number := f"{prefix}-{new_number()}"):
        pass
    return number


def _compose(claim: Claim, case: rules.Case, number: str, code: str, *, now: datetime) -> Snapshot:
    registration, provider = claim.registration, settings.provider()
    seminar, (main, *others) = registration.seminar, claim.awards
    live = case.ended_at is not None
    is_credit = main.credit_type == CreditType.AMA_PRA_1
    designated = Credits(main.maximum)
    return compose(
        kind=CREDIT if is_credit else PARTICIPATION,
        professional_name=claim.professional_name,
        provider_name=provider.name,
        activity_title=seminar.title,
        learning_format=seminar.learning_format,
        held="held" if live else "completed",
        dates=date_span(seminar.starts_on, seminar.ends_on) if live else long_date(case.today),
        location=seminar.place if registration.offering.mode == Mode.IN_PERSON else "",
        claimed=main.amount if is_credit else None,
        hours=main.amount if main.credits and not is_credit else None,
        designated=designated,
        other_credits=[_also(each, is_credit) for each in others],
        topic_lines=_topics(registration, main.amount),
        accreditation_statement=accreditation(seminar, provider).text,
        designation_statement=_designation(seminar, designated, others),
        signatory_name=provider.signatory,
        signatory_title=provider.signatory_title,
        issued_on=day_in(seminar.time_zone, now),
        number=number,
        code=code,
        public_url=settings.public_url(""),
    )


def _also(award: Award, is_credit: bool) -> str:
    # Under "is awarded" the amount says it all; under "was designated for" it must say whose it is.
    return f"{award.amount} {credit_unit(award.amount, award.credit_type)}{'' if is_credit else ' earned'}"


def _topics(registration: Registration, most: Credits) -> list[str]:
    """How much of what was claimed was on topics that states ask for, as far as it was surely heard."""
    if queries.is_on_demand(registration):
        minutes = topic_minutes(registration.seminar.sessions)
    else:
        attended = queries.sessions_attended(registration)
        minutes = attended_topic_minutes((each.session, each.minutes) for each in attended)
    line = topic_line(minutes, most=most)
    return [line] if line else []


def _designation(seminar: Seminar, designated: Credits, others: Collection[Award]) -> str:
    """What the activity was designated for, and what those who approved the other credit granted ask to be said."""
    provider = settings.provider()
    ama = designation_statement(provider.name, seminar.learning_format, designated, CreditType.AMA_PRA_1)
    approved = [each.credit_type for each in others if each.credit_type in STATED_ON_PAPER]
    return " ".join([ama, *filter(None, (statement_for(seminar, provider, kind) for kind in approved))])


def print_certificate(certificate_id: int, *, press: Press, now: datetime) -> None:
    """Print a certificate from its snapshot and keep the bytes, once; printing again must give the same."""
    html = html_of(queries.snapshot_of(db.session.get_one(Certificate, certificate_id)))
    db.session.rollback()  # the press takes its time, and nobody should wait for our read meanwhile
    pdf = press.render(html)
    with transaction():
        certificate = lock(Certificate, certificate_id)
        known = queries.document_of(certificate.id)
        if known is None:
            db.session.add(
                Document(certificate_id=certificate.id, content=pdf, unsigned_sha256=sha256_of(pdf), rendered_at=now)
            )
        elif known.unsigned_sha256 != sha256_of(pdf):
            raise PrintDiffers(f"Certificate {certificate.number} printed again is not the one that was issued.")
