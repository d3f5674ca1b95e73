"""Issuing certificates: every word frozen under a number and a code."""

from collections.abc import Callable, Collection
from datetime import datetime

from cme import audit, settings
from cme.accounts.models import Account
from cme.credits import emails, numbers, queries, rules
from cme.credits.certificate import Snapshot, assets_of, words_hash
from cme.credits.models import Award, Certificate, Claim
from cme.credits.services.wording import papers_of, words_of
from cme.database import db
from cme.queue import enqueue
from cme.values import new_code, new_number

MissingLetters = Callable[[str], Collection[str]]


def issue(
    claim: Claim, case: rules.Case, may_print: MissingLetters, *, now: datetime, tell: bool = True
) -> list[Certificate]:
    """Freeze every word of a claim's certificates, ask for their printing, tell the audit log and their owner.

    The first is the one for the claim; the others are for credit whose boards want a certificate of its own.
    """
    papers = [_frozen(claim, case, awards, may_print, now=now) for awards in papers_of(claim.awards)]
    for certificate, _ in papers:
        enqueue(
            "print_certificate",
            {"certificate_id": certificate.id},
            dedupe_key=f"certificate:{certificate.id}",
            run_at=now,
            lane="paper",
        )
    if tell:  # a correction has a letter of its own
        further = [snapshot for _, snapshot in papers[1:]]
        emails.certificate_issued(claim.registration, *papers[0], at=now, further=further)
    for certificate, _ in papers:
        fingerprint = words_hash(certificate.snapshot)
        audit.record(_issuer(claim), "issued", certificate, at=now, number=certificate.number, snapshot=fingerprint)
    return [certificate for certificate, _ in papers]


def _issuer(claim: Claim) -> Account:
    """Who brought the certificates about: the learner, or staff in their place."""
    return claim.registration.account if claim.made_by is None else db.session.get_one(Account, claim.made_by)


def _frozen(
    claim: Claim, case: rules.Case, awards: list[Award], may_print: MissingLetters, *, now: datetime
) -> tuple[Certificate, Snapshot]:
    """Put a certificate into words under a number and a code of its own, and keep them."""
    number, code = _free_number(), new_code()
    snapshot = words_of(claim, case, awards, number, code, now=now)
    rules.check_printable(may_print(snapshot.words), may_print(snapshot.professional_name))
    certificate = Certificate(
        award=awards[0],
        account_id=claim.registration.account_id,
        number=number,
        code=code,
        snapshot=snapshot.to_json(),
        snapshot_version=snapshot.version,
        template=f"v{snapshot.version}",
        assets=assets_of(snapshot.version),
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
