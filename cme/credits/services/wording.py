"""What stands on a certificate: every word put together from the claim, the seminar and the provider."""

from collections.abc import Sequence
from datetime import date, datetime

from cme import settings
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
from cme.credits import models, queries, rules
from cme.credits.certificate import (
    CONTACT,
    OWN_PAPER,
    PARTICIPATION,
    TEACHING,
    Snapshot,
    compose,
    date_span,
    kind_of,
    long_date,
)
from cme.credits.models import Award, Claim
from cme.settings import Provider
from cme.values import Credits, CreditType, Mode

# Boards tell learners beforehand how points are reported; these want their approval on the paper itself.
STATED_ON_PAPER = (
    *(CreditType.AAFP_PRESCRIBED, CreditType.AAFP_ELECTIVE, CreditType.AAPA_1),
    *(CreditType.AANP, CreditType.ANCC, CreditType.ACPE),
)
TAUGHT = (
    "Credit for learning from teaching is awarded to the physician who taught: up to 2 AMA PRA Category 1 Credits™ for "
    "each hour of an original presentation, once however often it is repeated."
)


def papers_of(awards: Sequence[Award]) -> list[list[Award]]:
    """Which awards share a certificate: the first and what may stand beside it, and each other one by itself."""
    alone = [each for each in awards[1:] if each.credit_type in OWN_PAPER]
    return [[each for each in awards if each not in alone], *([each] for each in alone)]


def words_of(
    claim: Claim, case: rules.Case, awards: Sequence[Award], number: str, code: str, *, now: datetime
) -> Snapshot:
    """Put the certificate of some of a claim's awards into words."""
    registration, provider = claim.registration, settings.provider()
    seminar, (main, *others) = registration.seminar, awards
    live, kind = case.ended_at is not None, _kind_of(main)
    participated = kind == PARTICIPATION
    return compose(
        kind=kind,
        professional_name=claim.professional_name,
        provider_name=provider.name,
        activity_title=seminar.title,
        learning_format=seminar.learning_format,
        held="held" if live else "completed",
        dates=date_span(seminar.starts_on, seminar.ends_on) if live else long_date(case.today),
        location=seminar.place if registration.offering.mode == Mode.IN_PERSON else "",
        claimed=None if participated else main.amount,
        hours=main.amount if participated and main.credits else None,
        designated=Credits(main.maximum),
        unit=_contact_hours(main) if kind == CONTACT else "",
        other_credits=[_also(each, participated) for each in others],
        topic_lines=_topics(claim, main.amount) if kind != TEACHING else (),
        accreditation_statement=_accreditation(seminar, provider, kind),
        designation_statement=_designation(seminar, provider, main),
        statements=[statement_for(seminar, provider, each) for each in _stated(others)],
        term="" if live else _term(seminar.released_on, seminar.terminates_on),
        granted={each.credit_type: str(each.amount) for each in awards},
        signatory_name=provider.signatory,
        signatory_title=provider.signatory_title,
        issued_on=day_in(seminar.time_zone, now),
        number=number,
        code=code,
        public_url=settings.public_url(""),
    )


def _kind_of(award: Award) -> str:
    return kind_of(award.credit_type, is_teaching=award.kind == models.TEACHING)


def _also(award: Award, participated: bool) -> str:
    # Under "is awarded" the amount says it all; under "was designated for" it must say whose it is.
    return f"{award.amount} {credit_unit(award.amount, award.credit_type)}{' earned' if participated else ''}"


def _contact_hours(award: Award) -> str:
    """The unit beside an amount; pharmacists also count a tenth of it as CEU."""
    unit = credit_unit(award.amount, award.credit_type)
    if award.credits == 100:
        unit = unit.removesuffix("s")
    if award.credit_type != CreditType.ACPE:
        return unit
    units = f"{award.credits // 1000}.{award.credits % 1000:03d}".rstrip("0").removesuffix(".")
    return f"{unit} ({units} CEU)"


def _topics(claim: Claim, most: Credits) -> list[str]:
    """How much of what was claimed was on topics that states ask for, as far as it was surely heard."""
    registration = claim.registration
    if queries.is_on_demand(registration):
        minutes = topic_minutes(registration.seminar.sessions)
    else:
        heard = queries.sessions_attended(registration)
        if said := claim.sessions:
            told = [(each.session, min(each.minutes, said.get(str(each.session.id), 0))) for each in heard]
        else:
            told = [(each.session, each.minutes) for each in heard]
        minutes = attended_topic_minutes(told)
    line = topic_line(minutes, most=most)
    return [line] if line else []


def _accreditation(seminar: Seminar, provider: Provider, kind: str) -> str:
    """Who accredits the provider; physicians' accreditor says nothing of nurses' and pharmacists' contact hours."""
    if kind == CONTACT and provider.accreditation != "joint":
        return ""
    return accreditation(seminar, provider).text


def _designation(seminar: Seminar, provider: Provider, award: Award) -> str:
    """What the activity was designated for; teaching is awarded without a designation."""
    kind = _kind_of(award)
    if kind == TEACHING:
        return TAUGHT
    if kind == CONTACT:
        return statement_for(seminar, provider, award.credit_type)
    return designation_statement(provider.name, seminar.learning_format, Credits(award.maximum), CreditType.AMA_PRA_1)


def _stated(others: Sequence[Award]) -> list[str]:
    return [each.credit_type for each in others if each.credit_type in STATED_ON_PAPER]


def _term(released_on: date | None, terminates_on: date | None) -> str:
    """From when until when credit can be claimed for a recording."""
    said = [
        f"Released {long_date(released_on)}." if released_on else "",
        f"Credit can be claimed until {long_date(terminates_on)}." if terminates_on else "",
    ]
    return " ".join(filter(None, said))
