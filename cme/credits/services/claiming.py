"""Claiming credit."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from cme import audit
from cme.accounts import queries as accounts
from cme.accounts.services import keep_identifiers
from cme.credits import queries, rules
from cme.credits.models import LEARNING, Award, Claim
from cme.credits.services.issuing import MissingLetters, issue
from cme.database import db, lock, refusing, retried, transaction
from cme.registration.models import Registration
from cme.values import Credits, CreditType

Amounts = Mapping[CreditType, Credits]


CONSTRAINTS = ("uq_claim_current", "uq_claim_registration_id_version", "uq_claim_form_id", "uq_award_current")


ONCE = dict.fromkeys(CONSTRAINTS, rules.AlreadyClaimed)


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
    ticked: Collection[str] | None = None,
    identifiers: Mapping[str, str] | None = None,
) -> list[str]:
    """Grant what is claimed and issue the certificate, all at once or not at all; gives the certificates' codes.

    The same form sent again gives the same certificates; another claim is refused. `shown` is what the page let the
    person attest to, `ticked` the sessions they chose (all they attended unless they say), `identifiers` the numbers
    they gave on the way.
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
        chosen = _chosen(registration, case, ticked)
        rules.check_amounts(asked, case)
        rules.check_chosen(asked, case, queries.minutes_of(chosen))
        given = dict(identifiers or {})
        known = accounts.identifiers_of(registration.account_id) | given
        rules.check_identified(asked, known)
        rules.check_attested(attested)
        claim = grant(
            registration,
            case,
            asked,
            address=address,
            form_id=form_id,
            now=now,
            sessions={str(each.session.id): each.minutes for each in chosen},
            identifiers=rules.used_by(asked, known),
        )
        certificates = issue(claim, case, may_print, now=now)
        audit.record(
            registration.account,
            "claimed",
            claim,
            at=now,
            registration=registration.ref,
            credits={kind.value: amount.hundredths for kind, amount in asked.items()},
            certificates=[each.number for each in certificates],
            personal={"name": claim.professional_name, "address": address},
        )
        keep_identifiers(registration.account, given, now=now)
        return [each.code for each in certificates]


def _chosen(registration: Registration, case: rules.Case, ticked: Collection[str] | None) -> list[queries.Attended]:
    """The sessions a claim is made for; on demand there are none to choose from."""
    if case.ended_at is None:
        return []
    choice = queries.Choice(None if ticked is None else frozenset(ticked))
    return choice.of(queries.sessions_attended(registration))


def grant(
    registration: Registration,
    case: rules.Case,
    asked: Amounts,
    *,
    address: str,
    form_id: str | None,
    now: datetime,
    kind: str = LEARNING,
    made_by: int | None = None,
    reason: str | None = None,
    sessions: Mapping[str, int] | None = None,
    identifiers: Mapping[str, str] | None = None,
) -> Claim:
    """Write the claim down as it was made, and one award for each type of credit."""
    account, main = registration.account, next(iter(case.limits))
    claim = Claim(
        registration=registration,
        kind=kind,
        version=queries.last_version(registration.id) + 1,
        reason=reason,
        professional_name=account.professional_name,
        certification_type=account.certification_type,
        attestation=rules.attestation_for(main),
        attested_at=now,
        attested_from=address[:60],
        supported_minutes=None if case.ended_at is None else case.minutes,
        sessions=dict(sessions or {}),
        identifiers=dict(identifiers or {}),
        made_by=made_by,
        form_id=form_id,
        created_at=now,
        purge_on=rules.purge_on(_ended_on(registration, case)),
        awards=[
            Award(
                account_id=account.id,
                seminar_id=registration.seminar_id,
                credit_type=credit_type.value,
                kind=kind,
                credits=asked[credit_type].hundredths,
                maximum=limit.maximum.hundredths,
                step=limit.step,
                awarded_at=now,
            )
            for credit_type, limit in case.limits.items()
            if credit_type in asked
        ],
    )
    db.session.add(claim)
    with refusing(**ONCE):
        db.session.flush()
    return claim


def _ended_on(registration: Registration, case: rules.Case) -> date:
    return case.today if case.ended_at is None else registration.seminar.ends_on
