"""Issuing certificates: every word frozen under a number and a code."""

from collections.abc import Callable, Collection
from datetime import datetime

from cme import audit, settings
from cme.accounts.models import Account
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
    long_date,
    words_hash,
)
from cme.credits.models import Award, Certificate, Claim
from cme.database import db
from cme.queue import enqueue
from cme.registration.models import Registration
from cme.values import Credits, CreditType, Mode, new_code, new_number

MissingLetters = Callable[[str], Collection[str]]


# Boards tell learners beforehand how points are reported; these want their approval on the paper itself.
STATED_ON_PAPER = (
    *(CreditType.AAFP_PRESCRIBED, CreditType.AAFP_ELECTIVE, CreditType.AAPA_1),
    *(CreditType.AANP, CreditType.ANCC, CreditType.ACPE),
)


def issue(
    claim: Claim, case: rules.Case, may_print: MissingLetters, *, now: datetime, tell: bool = True
) -> list[Certificate]:
    """Freeze every word of a claim's certificates, ask for their printing, tell the audit log and their owner.

    The first is the one for the claim; the others are for credit whose boards want a certificate of its own.
    """
    papers = [_frozen(claim, case, may_print, now=now)]
    for certificate, _ in papers:
        enqueue(
            "print_certificate",
            {"certificate_id": certificate.id},
            dedupe_key=f"certificate:{certificate.id}",
            run_at=now,
            lane="paper",
        )
    if tell:  # a correction has a letter of its own
        emails.certificate_issued(claim.registration, *papers[0], at=now)
    for certificate, _ in papers:
        fingerprint = words_hash(certificate.snapshot)
        audit.record(_issuer(claim), "issued", certificate, at=now, number=certificate.number, snapshot=fingerprint)
    return [certificate for certificate, _ in papers]


def _issuer(claim: Claim) -> Account:
    """Who brought the certificates about: the learner, or staff in their place."""
    return claim.registration.account if claim.made_by is None else db.session.get_one(Account, claim.made_by)


def _frozen(
    claim: Claim, case: rules.Case, may_print: MissingLetters, *, now: datetime
) -> tuple[Certificate, Snapshot]:
    """Put a certificate into words under a number and a code of its own, and keep them."""
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
    return certificate, snapshot


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
