"""What must always hold of claims that were corrected or withdrawn, of teaching, and of more time granted."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from cme.credits.models import (
    ASKED,
    GRANTED,
    SUPERSEDED,
    TEACHING,
    VALID,
    VOID,
    Award,
    Certificate,
    Claim,
    Extension,
)
from cme.credits.rules import correcting
from cme.database import db
from cme.values import CreditType


def breaches() -> Iterator[str]:
    """Read every version, and say where one does not follow from the other."""
    claims = list(db.session.scalars(select(Claim).order_by(Claim.registration_id, Claim.version)))
    known, of_registration = {each.id: each for each in claims}, defaultdict(list)
    for claim in claims:
        of_registration[claim.registration_id].append(claim)
    for registration, versions in of_registration.items():
        if [each.version for each in versions] != list(range(1, len(versions) + 1)):
            yield f"registration {registration} has claims that do not count up"
    for claim in claims:
        yield from (f"claim {claim.id} {broken}" for broken in _of_version(claim, known))
        if claim.kind == TEACHING:
            yield from (f"claim {claim.id} {broken}" for broken in _of_teaching(claim))
    certificates = select(Certificate).order_by(Certificate.id).execution_options(yield_per=500)
    for certificate in db.session.scalars(certificates):
        yield from (f"certificate {certificate.number} {broken}" for broken in _of_paper(certificate))
    for extension in db.session.scalars(select(Extension)):
        yield from (f"extension {extension.id} {broken}" for broken in _of_extension(extension))


def _of_version(claim: Claim, known: dict[int, Claim]) -> Iterator[str]:
    heir = known.get(claim.superseded_by or 0)
    if claim.status == SUPERSEDED and heir is None:
        yield "was replaced by nothing"
    if claim.status == VALID and claim.superseded_by is not None:
        yield "counts, and was replaced"
    if heir is not None:
        if (heir.registration_id, heir.kind) != (claim.registration_id, claim.kind) or heir.version <= claim.version:
            yield "was replaced by something else"
        if not heir.reason or heir.made_by is None:
            yield "was replaced, and nobody says by whom or why"
    if claim.status == VOID and not claim.reason:
        yield "was withdrawn without a reason"
    for award in claim.awards:
        yield from _of_award(award, claim)


def _of_award(award: Award, claim: Claim) -> Iterator[str]:
    if award.kind != claim.kind:
        yield f"granted {award.credit_type} for {award.kind}"
    if award.status != claim.status:
        yield f"is {claim.status}, and its {award.credit_type} is {award.status}"
    heir = db.session.get(Award, award.superseded_by) if award.superseded_by else None
    if (heir is None) != (claim.superseded_by is None):
        yield f"and its {award.credit_type} were not replaced together"
    elif heir is not None and heir.claim_id != claim.superseded_by:
        yield f"has {award.credit_type} that something else replaced"


def _of_teaching(claim: Claim) -> Iterator[str]:
    earned = correcting.teaching_credit(sum(claim.sessions.values()))
    if [(each.credit_type, each.amount) for each in claim.awards] != [(CreditType.AMA_PRA_1, earned)]:
        yield f"granted something else than {earned} for teaching"


def _of_paper(certificate: Certificate) -> Iterator[str]:
    claim = certificate.award.claim
    if certificate.status != claim.status:
        yield f"is {certificate.status}, and its claim is {claim.status}"
    if certificate.status == VALID:
        return
    if certificate.status_since is None or certificate.status_reason not in correcting.REASONS.values():
        yield "does not count, and does not say since when or why"
    if certificate.status == SUPERSEDED:
        heir = db.session.get(Certificate, certificate.superseded_by) if certificate.superseded_by else None
        if heir is None or heir.award.claim_id != claim.superseded_by:
            yield "was replaced by no certificate of the claim that replaced its own"


def _of_extension(extension: Extension) -> Iterator[str]:
    if (extension.status == ASKED) != (extension.decided_at is None and extension.decided_by is None):
        yield "was decided by nobody"
    if (extension.status == GRANTED) != (extension.until is not None):
        yield f"is {extension.status} until {extension.until}"
