"""The certificate as machines read it: an Open Badges 3.0 achievement, which is a W3C Verifiable Credential 2.0."""

import base64
import gzip
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import jwt

from cme.credits.certificate import Snapshot
from cme.credits.models import Award, Certificate
from cme.values import CREDIT_NAMES, Credits, CreditType

VC = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0"
PLACES = 131_072  # in one status list; with fewer, the place asked for would tell whose it is
LIST_LASTS = timedelta(days=1)


def did_of(public_url: str) -> str:
    """The issuer's name: it leads to the keys at our own address, did:web:cme.example.org."""
    return f"did:web:{quote(urlsplit(public_url).netloc, safe='')}"


def key_url(public_url: str, key_id: str) -> str:
    """The name of one of our keys, by which a credential says whose signature it carries."""
    return f"{did_of(public_url)}#{key_id}"


def claims_of(certificate: Certificate, paper: Snapshot, *, public_url: str) -> dict[str, Any]:
    """Everything a certificate says, as the claims of a credential."""
    seminar, issued = certificate.award.seminar, _moment(certificate.issued_at)
    identity = f"{public_url}/certificates/{certificate.code}.json"
    activity = f"{public_url}/seminars/{seminar.slug}"
    granted = credits_on(certificate)
    earned = [award for award in granted if award.credit_type != CreditType.PARTICIPATION]
    achievement: dict[str, Any] = {
        "id": activity,
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": paper.activity_title,
        "description": _sentence(paper.learning_format, paper.held, paper.dates, paper.location),
        "criteria": {"narrative": f"{paper.accreditation_statement} {paper.designation_statement}".strip()},
        "resultDescription": [_measure(activity, award) for award in granted],
    }
    subject: dict[str, Any] = {
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": paper.professional_name,
                "identityType": "name",
            }
        ],
        "licenseNumber": certificate.number,
        "narrative": " ".join([*paper.other_credits, *paper.topic_lines]),
        "result": [_result(activity, award) for award in granted],
        "achievement": achievement,
    }
    if earned:
        subject["creditsEarned"] = _number(earned[0].credits)
        achievement["creditsAvailable"] = _number(earned[0].maximum)
    return {
        "@context": [VC, f"{OPEN_BADGES}/context-3.0.3.json", f"{OPEN_BADGES}/extensions.json"],
        "id": identity,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": paper.heading,
        "issuer": {"id": did_of(public_url), "type": ["Profile"], "name": paper.provider_name, "url": public_url},
        "validFrom": issued,
        "awardedDate": issued,
        "credentialSubject": {name: value for name, value in subject.items() if value},
        "credentialStatus": _status(certificate.status_index or 0, public_url),
        "credentialSchema": [
            {
                "id": f"{OPEN_BADGES}/schema/json/ob_v3p0_achievementcredential_schema.json",
                "type": "1EdTechJsonSchemaValidator2019",
            }
        ],
        "iss": did_of(public_url),
        "jti": identity,
        "nbf": int(certificate.issued_at.timestamp()),
    }


def credits_on(certificate: Certificate) -> list[Award]:
    """The awards a certificate speaks for: its own, and with the first those that have no certificate of their own."""
    own, awards = certificate.award, certificate.award.claim.awards
    if own is not awards[0]:
        return [own]
    return [own, *(award for award in awards[1:] if award.certificate is None)]


def _sentence(learning_format: str, held: str, dates: str, location: str) -> str:
    where = f" in {location}" if location else ""
    return f"{learning_format} {held} {dates}{where}".replace("\N{NO-BREAK SPACE}", " ").strip()


def _measure(activity: str, award: Award) -> dict[str, Any]:
    kind = CreditType(award.credit_type)
    return {
        "id": f"{activity}#{kind}",
        "type": ["ResultDescription"],
        "name": CREDIT_NAMES[kind],
        "resultType": "Result",
        "valueMin": "0.00",
        "valueMax": str(Credits(award.maximum)),
    }


def _result(activity: str, award: Award) -> dict[str, Any]:
    return {
        "type": ["Result"],
        "resultDescription": f"{activity}#{award.credit_type}",
        "value": str(award.amount),
    }


def _status(index: int, public_url: str) -> dict[str, str]:
    number, place = divmod(index, PLACES)
    address = status_list_url(public_url, number)
    return {
        "id": f"{address}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(place),
        "statusListCredential": address,
    }


def status_list_url(public_url: str, number: int) -> str:
    """Where one of our status lists is published."""
    return f"{public_url}/credentials/status/{number}"


def status_claims(number: int, revoked: Iterable[int], *, public_url: str, now: datetime) -> dict[str, Any]:
    """A status list, true for a day: one bit for each place, set where a certificate no longer stands."""
    address = status_list_url(public_url, number)
    return {
        "@context": [VC],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did_of(public_url),
        "validFrom": _moment(now),
        "validUntil": _moment(now + LIST_LASTS),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": _bits(revoked),
        },
        "iss": did_of(public_url),
        "jti": address,
        "nbf": int(now.timestamp()),
        "exp": int((now + LIST_LASTS).timestamp()),
    }


def _bits(places: Iterable[int]) -> str:
    bits = bytearray(PLACES // 8)
    for place in places:
        bits[place // 8] |= 0x80 >> place % 8
    packed = base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).rstrip(b"=")
    return f"u{packed.decode()}"


def key_set(keys: Sequence[tuple[str, dict[str, Any]]], *, public_url: str) -> dict[str, Any]:
    """All keys we ever signed with, as a JSON Web Key Set."""
    return {"keys": [{**jwk, "kid": key_url(public_url, key_id)} for key_id, jwk in keys]}


def did_document(keys: Sequence[tuple[str, dict[str, Any]]], *, public_url: str) -> dict[str, Any]:
    """The same keys as a DID document, by which the issuer's name leads to them; the newest comes first."""
    did = did_of(public_url)
    names = [key_url(public_url, key_id) for key_id, _ in keys]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did,
        "verificationMethod": [
            {"id": name, "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk}
            for name, (_, jwk) in zip(names, keys, strict=True)
        ],
        "assertionMethod": names,
    }


def _number(hundredths: int) -> int | float:
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def code_in(token: str, keys: Iterable[tuple[str, dict[str, Any]]]) -> str | None:
    """The code of the certificate a credential speaks of, when one of these keys signed it."""
    try:
        name = str(jwt.get_unverified_header(token).get("kid", "")).partition("#")[2]
        key = next((jwk for key_id, jwk in keys if key_id == name), None)
        if key is None:
            return None
        claims = jwt.decode(token, jwt.PyJWK(key), algorithms=["ES256"], options={"verify_nbf": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None
    found = re.search(r"/certificates/([0-9A-Z]{26})\.json\Z", str(claims.get("jti", "")))
    return found[1] if found else None


def read(token: str) -> dict[str, Any]:
    """The claims of a credential of our own, which nobody has to doubt."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims
