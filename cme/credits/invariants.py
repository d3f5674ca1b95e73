"""What must always hold of claims, awards and certificates; each breach is one sentence."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cme.accounts.rules import CERTIFICATION_TYPES, missing_details
from cme.audit import AuditEntry
from cme.credits import answered, credential, lineage, queries, rules, said
from cme.credits.certificate import OWN_PAPER, PARTICIPATION, Snapshot, kind_of, words_hash
from cme.credits.models import TEACHING, VALID, Award, Certificate, Claim, Document, IssuerKey
from cme.database import db
from cme.registration.models import CONFIRMED
from cme.values import CROCKFORD, Credits, CreditType

NUMBER = re.compile(rf"[A-Z]{{1,4}}-[{CROCKFORD}]{{4}}-[{CROCKFORD}]{{4}}-[{CROCKFORD}]{{2}}")
CODE = re.compile(rf"[{CROCKFORD}]{{26}}")


def breaches(*, now: datetime) -> Iterator[str]:
    """Read every claim, award, certificate and document, and say where a promise is broken."""
    yield from _doubles()
    yield from answered.breaches()
    yield from lineage.breaches()
    yield from said.breaches()
    for claim in db.session.scalars(select(Claim).order_by(Claim.id).execution_options(yield_per=500)):
        yield from (f"claim {claim.id} {broken}" for broken in _of_claim(claim, now))
    certificates = select(Certificate).order_by(Certificate.id).execution_options(yield_per=500)
    logged, keys = _logged(), _published()
    for certificate in db.session.scalars(certificates):
        if logged.get(certificate.number) != words_hash(certificate.snapshot):
            yield f"certificate {certificate.number} has other words than it was issued with"
        yield from (f"certificate {certificate.number} {broken}" for broken in _of_certificate(certificate))
        yield from (f"certificate {certificate.number} {broken}" for broken in _of_credential(certificate, keys))
    for document in db.session.scalars(select(Document).order_by(Document.id).execution_options(yield_per=50)):
        # The first documents were not signed: what was printed is what is handed out.
        if hashlib.sha256(document.content).hexdigest() != (document.sha256 or document.unsigned_sha256):
            yield f"document {document.id} is not the one that was printed"
        if (document.sha256 or document.key_id) and document.key_id not in keys:
            yield f"document {document.id} is signed by a key that nobody can look up"


def _doubles() -> Iterator[str]:
    current = select(Award.account_id, Award.seminar_id, Award.credit_type, Award.kind)
    current = current.where(Award.superseded_by.is_(None))
    for (account, seminar, kind, _), times in Counter(map(tuple, db.session.execute(current))).items():
        if times > 1:
            yield f"account {account} holds {times} awards of {kind} for seminar {seminar}"


def _logged() -> dict[str, str]:
    """The fingerprint of each certificate's words, as the audit log has it from the day of issue."""
    told = select(AuditEntry.payload).where(AuditEntry.action.in_(["claimed", "issued"])).order_by(AuditEntry.id)
    facts = map(json.loads, db.session.scalars(told))
    # The first certificates were logged with their claim.
    return {fact.get("number") or fact.get("certificate", ""): fact.get("snapshot", "") for fact in facts}


def _published() -> dict[str, dict[str, Any]]:
    """The public half of every key that signed, by its name."""
    return dict(map(tuple, db.session.execute(select(IssuerKey.key_id, IssuerKey.jwk))))


def _of_claim(claim: Claim, now: datetime) -> Iterator[str]:
    if not claim.attestation or claim.attested_at > now:
        yield "has no attestation"
    if not claim.awards:
        yield "granted nothing"
    elif claim.status == VALID and claim.awards[0].certificate is None:
        yield "has no certificate"
    if claim.status == VALID and claim.registration.status != CONFIRMED:
        yield f"stands on a registration that is {claim.registration.status}"
    if missing_details(claim.professional_name, claim.certification_type):
        yield "was made without a name or a certification type"
    if claim.supported_minutes is not None:
        if not claim.supported_minutes:
            yield "was made by somebody who did not attend"
        if claim.created_at < claim.registration.seminar.ends_at:
            yield "was made before the seminar ended"
    for award in claim.awards:
        kind = CreditType(award.credit_type)
        if not is_for(kind, claim.certification_type):
            yield f"granted {kind} to the certification type {claim.certification_type}"
        if claim.supported_minutes is not None:
            most = rules.supported(claim.supported_minutes, rules.Limit(Credits(award.maximum), award.step))
            if award.amount > most:
                yield f"granted {award.amount} {kind} where attendance supported {most}"
        if award.credits > award.maximum or award.credits % award.step:
            yield f"granted {award.amount} {award.credit_type} against the rules"
        if (award.account_id, award.seminar_id) != (claim.registration.account_id, claim.registration.seminar_id):
            yield f"granted {award.credit_type} to somebody else, or for something else"


def is_for(kind: CreditType, certification_type: str) -> bool:
    """Whether somebody of this type can hold it; who is in training may be given credit or participation."""
    certification = CERTIFICATION_TYPES.get(certification_type)
    if certification is None:
        return False
    if kind is CreditType.PARTICIPATION:
        return not rules.may_be_awarded(certification, residents=False)
    return kind in rules.eligible_types(certification, [CreditType.AMA_PRA_1, kind])


def _of_certificate(certificate: Certificate) -> Iterator[str]:
    if not NUMBER.fullmatch(certificate.number) or not CODE.fullmatch(certificate.code):
        yield "has a number or code that is none"
    try:
        snapshot = queries.snapshot_of(certificate)
    except ValueError as error:
        yield f"cannot be read: {error}"
        return
    award, claim = certificate.award, certificate.award.claim
    if (snapshot.number, snapshot.code) != (certificate.number, certificate.code):
        yield "prints another number or code"
    if snapshot.professional_name != claim.professional_name:
        yield "prints another name than was claimed under"
    if certificate.account_id != award.account_id:
        yield "belongs to somebody who was not awarded it"
    yield from _of_wording(snapshot, award)
    yield from _of_company(snapshot, award)
    if snapshot.version > 1 and not certificate.assets:
        yield "does not say what it is drawn with"


def _of_credential(certificate: Certificate, keys: dict[str, dict[str, Any]]) -> Iterator[str]:
    """A credential that was handed out can be checked with a key we publish, and withdrawn."""
    if certificate.credential is None:
        return
    if credential.code_in(certificate.credential, keys.items()) != certificate.code:
        yield "has a credential that is not its own"
    if certificate.status_index is None:
        yield "has a credential that no status list speaks of"


def _of_company(snapshot: Snapshot, award: Award) -> Iterator[str]:
    """The first certificate of a claim prints the other credit, too, but for what has a certificate of its own."""
    awards = award.claim.awards
    others = [each for each in awards[1:] if each.certificate is None] if award is awards[0] else []
    lines = [f"{each.amount} " for each in others]
    if len(lines) != len(snapshot.other_credits) or not all(map(str.startswith, snapshot.other_credits, lines)):
        yield "does not print the other credit that was granted"
    if snapshot.version > 1:
        if any(each.credit_type in OWN_PAPER for each in others):
            yield "prints credit that needs a certificate of its own"
        if snapshot.granted != {each.credit_type: str(each.amount) for each in [award, *others]}:
            yield "stands for other credit than was granted"


def _of_wording(snapshot: Snapshot, award: Award) -> Iterator[str]:
    """Physicians are awarded what they claimed; others took part in what was designated."""
    kind = kind_of(award.credit_type, is_teaching=award.kind == TEACHING)
    participated = kind == PARTICIPATION
    if snapshot.kind != kind:
        yield f"is a certificate of {snapshot.kind} for {award.credit_type}"
    if snapshot.credit_amount != str(Credits(award.maximum) if participated else award.amount):
        yield f"prints {snapshot.credit_amount} where {award.amount} of {Credits(award.maximum)} were granted"
    if participated and snapshot.hours.partition(" ")[0] != (str(award.amount) if award.credits else ""):
        yield f"prints {snapshot.hours or 'no hours'} where {award.amount} were attended"
