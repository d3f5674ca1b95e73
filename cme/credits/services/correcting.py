"""Correcting what was claimed: a new version with a reason; the old one stays, and is known as replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cme import audit, settings
from cme.accounts.models import Account
from cme.catalog.cards import day_in
from cme.catalog.models import Faculty
from cme.credits import emails, queries, rules
from cme.credits.models import LEARNING, SUPERSEDED, TEACHING, VALID, VOID, Certificate, Claim
from cme.credits.queries import desk
from cme.credits.rules import correcting
from cme.credits.services.claiming import Amounts, grant
from cme.credits.services.issuing import MissingLetters, issue
from cme.database import db, lock, retried, transaction
from cme.registration.models import Registration
from cme.registration.services.desk import was_done
from cme.values import Credits, CreditType


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Who corrects which version and why, and what may be said of that in public."""

    version: int  # the one the page showed; 0: there was none
    is_anew: bool = False  # and whether it showed it as withdrawn
    why: str
    reason: str
    form_id: str | None
    by: Account
    now: datetime


@retried
def amend(registration_id: int, asked: Amounts, correction: Correction, *, may_print: MissingLetters) -> list[str]:
    """Grant other amounts than were claimed, never above the maximum; gives the new certificates' codes."""
    with transaction():
        registration = lock(Registration, registration_id)
        if (made := _made_with(correction)) is not None:
            return queries.codes_of(made.id)
        last = _before(registration, LEARNING, correction)
        if last.status == VALID and dict(asked) == desk.amounts_of(last):
            raise correcting.NothingToCorrect
        case = _case(registration, last, now=correction.now)
        correcting.check_correction(asked, case)
        return _renew(case, asked, last, correction, may_print)


@retried
def reissue(
    registration_id: int,
    professional_name: str,
    certification_type: str,
    correction: Correction,
    *,
    may_print: MissingLetters,
) -> list[str]:
    """Correct a name or a certification type on file, and replace what was printed with it by new certificates."""
    with transaction():
        registration = lock(Registration, registration_id)
        if (made := _made_with(correction)) is not None:
            return queries.codes_of(made.id)
        learned = desk.claim_to_correct(registration.id, LEARNING)
        last = _before(registration, LEARNING if learned else TEACHING, correction)
        account, printed = lock(Account, registration.account_id), (last.professional_name, last.certification_type)
        if last.status == VALID and printed == (professional_name, certification_type):
            raise correcting.NothingToCorrect
        changed = _correct(account, professional_name, certification_type, now=correction.now)
        case = _case(registration, last, now=correction.now)
        if last.certification_type == certification_type:
            case = _as_granted(case, last)
        taught, codes = desk.claim_to_correct(registration.id, TEACHING), list[str]()
        stands = taught is not None and (learned is None or taught.status == VALID)
        if stands and CreditType.AMA_PRA_1 not in case.limits:
            raise correcting.StillTeaching
        if learned is not None:
            asked = correcting.carried(desk.amounts_of(last), case)
            correcting.check_correction(asked, case)
            codes = _renew(case, asked, last, correction, may_print)
        if taught is not None and stands:
            given = _taught_case(case, taught.awards[0].amount)
            also = replace(correction, form_id=None) if codes else correction
            codes += _renew(given, desk.amounts_of(taught), taught, also, may_print)
        if changed:
            facts = {"changed": sorted(changed)}
            audit.record(correction.by, "corrected details", account, at=correction.now, personal=changed, **facts)
        return codes


def _correct(account: Account, professional_name: str, certification_type: str, *, now: datetime) -> dict[str, Any]:
    """Write the right details into an account; gives what changed, as it was and as it is."""
    told = {"professional_name": professional_name, "certification_type": certification_type}
    changed = {name: [getattr(account, name), value] for name, value in told.items() if getattr(account, name) != value}
    for name in changed:
        setattr(account, name, told[name])
    if changed:
        account.updated_at = now
        db.session.flush()
    return changed


@retried
def void(registration_id: int, kind: str, correction: Correction) -> None:
    """Withdraw a claim: its credit counts no more, and its certificates say so to whoever verifies them."""
    with transaction():
        registration = lock(Registration, registration_id)
        made = desk.claim_to_correct(registration.id, kind)
        if made is not None and made.status == VOID:
            if was_done(made, correction.form_id or ""):
                return
            raise correcting.NothingToVoid
        last = _before(registration, kind, correction)
        last.status, last.reason = VOID, correction.reason
        for award in last.awards:
            award.status = VOID
        withdrawn = _withdraw(last, VOID, correction)
        numbers = [each.number for each in withdrawn]
        emails.claim_withdrawn(registration, numbers, correcting.REASONS[correction.why], at=correction.now)
        _record("withdrew claim", last, correction, replaced=numbers, reported="delete")


@retried
def give_teaching(
    registration_id: int, asked: Mapping[int, int], correction: Correction, *, may_print: MissingLetters
) -> list[str]:
    """Grant somebody credit for what they originally presented, in minutes by session: two credits an hour, once."""
    with transaction():
        registration = lock(Registration, registration_id)
        if (made := _made_with(correction)) is not None:
            return queries.codes_of(made.id)
        last = desk.claim_to_correct(registration.id, TEACHING)
        if last is None and correction.version:
            raise correcting.ClaimChanged
        if last is not None:
            last = _before(registration, TEACHING, correction)
        case = queries.case_of(registration, now=correction.now)
        earned = correcting.check_teaching(asked, desk.taught_by(registration), case, now=correction.now)
        certification = registration.account.certification
        residents = settings.provider().residents_are_physicians
        if certification is None or not rules.may_be_awarded(certification, residents=residents):
            raise correcting.NotAPhysician
        sessions = {str(number): minutes for number, minutes in asked.items()}
        given, amounts = _taught_case(case, earned), {CreditType.AMA_PRA_1: earned}
        if last is not None:
            if last.status == VALID and last.sessions == sessions:
                raise correcting.NothingToCorrect
            return _renew(given, amounts, last, correction, may_print, sessions=sessions)
        claim = _grant(registration, given, amounts, correction, kind=TEACHING, sessions=sessions)
        certificates = issue(claim, given, may_print, now=correction.now)
        _record("gave teaching credit", claim, correction, issued=certificates, reported="add")
        return [each.code for each in certificates]


@retried
def link_teacher(registration_id: int, faculty_id: int, *, by: Account, now: datetime) -> None:
    """Say which of a seminar's faculty this person is: what they teach earns credit for teaching, none for learning."""
    with transaction():
        registration = lock(Registration, registration_id)
        possible = {each.id for each in desk.could_be(registration)}
        faculty = lock(Faculty, faculty_id) if faculty_id in possible else None
        if faculty is None or faculty.account_id is not None:
            raise correcting.NotTeaching
        faculty.account_id = registration.account_id
        audit.record(by, "linked faculty", faculty, at=now, account=registration.account_id)


def _made_with(correction: Correction) -> Claim | None:
    """The claim this very form led to when it was sent before."""
    same = select(Claim).where(Claim.form_id == correction.form_id)
    return db.session.scalar(same) if correction.form_id else None


def _before(registration: Registration, kind: str, correction: Correction) -> Claim:
    """The claim to be corrected, if it is still the one that staff had before them."""
    last = desk.claim_to_correct(registration.id, kind)
    if last is None:
        raise correcting.NothingToCorrect("Nothing was claimed here yet.")
    # A claim withdrawn keeps its version: who did not see that must not grant it anew.
    if last.version != correction.version or (last.status == VOID) != correction.is_anew:
        raise correcting.ClaimChanged
    return lock(Claim, last.id)


def _case(registration: Registration, last: Claim, *, now: datetime) -> rules.Case:
    """What a correction is judged by; what was completed on demand stays completed on the day it was."""
    case = queries.case_of(registration, now=now)
    if case.ended_at is not None:
        return case
    first = min(each.created_at for each in desk.claims_of(registration.id) if each.kind == last.kind)
    return replace(case, today=day_in(registration.seminar.time_zone, first))


def _as_granted(case: rules.Case, last: Claim) -> rules.Case:
    """A case with the types of credit a claim holds: another spelling of a name takes none of them away."""
    held = {CreditType(award.credit_type): award for award in last.awards}
    kept = {kind: case.limits.get(kind, rules.Limit(Credits(e.maximum), e.step)) for kind, e in held.items()}
    return replace(case, limits=kept)


def _taught_case(case: rules.Case, earned: Credits) -> rules.Case:
    return replace(case, limits={CreditType.AMA_PRA_1: rules.Limit(earned)})


def _renew(
    case: rules.Case,
    asked: Amounts,
    last: Claim,
    correction: Correction,
    may_print: MissingLetters,
    *,
    sessions: Mapping[str, int] | None = None,
) -> list[str]:
    """Put a new version in the place of a claim, with certificates of its own; all of it, or nothing."""
    registration, now = last.registration, correction.now
    replaced = _withdraw(last, SUPERSEDED, correction)
    last.status = SUPERSEDED if last.status == VALID else last.status
    for award in last.awards:
        award.status = SUPERSEDED if award.status == VALID else award.status
        award.superseded_by = award.id  # makes way: each type is granted once, and its heir has no number yet
    db.session.flush()
    claim = _grant(registration, case, asked, correction, kind=last.kind, last=last, sessions=sessions)
    last.superseded_by = claim.id
    heirs = {award.credit_type: award for award in claim.awards}
    for award in last.awards:
        award.superseded_by = heirs.get(award.credit_type, claim.awards[0]).id
    certificates = issue(claim, case, may_print, now=now, tell=False)
    by_award = {each.award_id: each for each in certificates}
    for old in replaced:
        heir = heirs.get(old.award.credit_type, claim.awards[0])
        old.superseded_by = by_award.get(heir.id, certificates[0]).id
    papers = [queries.snapshot_of(each) for each in certificates]
    numbers = [each.number for each in replaced]
    emails.claim_corrected(registration, papers, numbers, correcting.REASONS[correction.why], at=now)
    _record("corrected claim", claim, correction, issued=certificates, replaced=numbers, reported="delete and add")
    return [each.code for each in certificates]


def _grant(
    registration: Registration,
    case: rules.Case,
    asked: Amounts,
    correction: Correction,
    *,
    kind: str,
    last: Claim | None = None,
    sessions: Mapping[str, int] | None = None,
) -> Claim:
    """Write a claim that staff make; what a learner attested stays what they attested, when and where."""
    claim = grant(
        registration,
        case,
        asked,
        address="",
        form_id=correction.form_id,
        now=correction.now,
        kind=kind,
        made_by=correction.by.id,
        reason=correction.reason,
        sessions=sessions if sessions is not None or last is None else last.sessions,
        identifiers=None if last is None else last.identifiers,
    )
    if kind == TEACHING:
        claim.attestation, claim.supported_minutes = correcting.TEACHING_STATEMENT, None
    elif last is not None:
        claim.attestation = last.attestation
        claim.attested_at, claim.attested_from = last.attested_at, last.attested_from
    db.session.flush()
    return claim


def _withdraw(claim: Claim, status: str, correction: Correction) -> list[Certificate]:
    """Let the certificates of a claim count no more, each with a reason that names nobody; gives those that did."""
    every = [lock(Certificate, award.certificate.id) for award in claim.awards if award.certificate is not None]
    valid = [each for each in every if each.status == VALID]
    for certificate in valid:
        certificate.status, certificate.status_since = status, correction.now
        certificate.status_reason = correcting.REASONS[correction.why]
    db.session.flush()
    return valid


def _record(
    did: str, claim: Claim, correction: Correction, *, issued: list[Certificate] | None = None, **facts: Any
) -> None:
    """Write into the log what was corrected, and what becomes of what was reported of it."""
    audit.record(
        correction.by,
        did,
        claim,
        at=correction.now,
        personal={"reason": correction.reason, "name": claim.professional_name},
        form=correction.form_id,
        why=correction.why,
        version=claim.version,
        credits={kind.value: amount.hundredths for kind, amount in desk.amounts_of(claim).items()},
        numbers=[each.number for each in issued or ()],
        **facts,
    )
