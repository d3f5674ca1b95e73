"""The credential of a certificate, looked at by a library that is not ours."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from flask import Flask
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from sqlalchemy import select
from time_machine import travel

from cme import gateways
from cme.credits import credential, queries, services
from cme.credits.models import LEARNING, SUPERSEDED, VOID, Certificate, IssuerKey
from cme.credits.rules.correcting import CREDIT
from cme.credits.services import correcting, credentials
from cme.credits.services.correcting import Correction
from cme.database import db, lock, transaction
from cme.gateways.letters import missing_letters
from cme.gateways.signing import Issuer, draw_pair
from cme.registration.models import Registration
from cme.values import Credits, CreditType
from tests import factories
from tests.credits import altered

pages = pytest.mark.pages
DID = "did:web:localhost"


def certificate_for(person: Any, clock: Any) -> Certificate:
    """A certificate of 3.75 credits, of a seminar that ended last week."""
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(person, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now - timedelta(days=6))
    services.submit_evaluation(made.id, {"overall": 5}, form_id=None, now=clock.now)
    case = queries.case_of(db.session.get_one(Registration, made.id), now=clock.now)
    kind = next(iter(case.limits))
    [code] = services.claim_credit(
        made.id,
        {kind: Credits(375) if kind == CreditType.AMA_PRA_1 else case.most(kind)},
        attested=True,
        address="203.0.113.9",
        form_id=None,
        may_print=missing_letters,
        now=clock.now,
    )
    return queries.certificate_by_code(code)


@pytest.fixture
def issued(cast: SimpleNamespace, clock: Any) -> Certificate:
    """Ada's certificate."""
    return certificate_for(cast.ada, clock)


class Ink:
    """A press that prints what it is given."""

    def render(self, html: str, attached: Any = ()) -> bytes:
        return altered.blank()


def token_of(issued: Certificate, clock: Any, issuer: Any = None) -> str:
    return services.credential_of(issued.id, issuer=issuer or gateways.issuer(), now=clock.now)


def withdraw(issued: Certificate, status: str) -> None:
    with transaction():
        lock(Certificate, issued.id).status = status


def verified(app: Flask, token: str, clock: Any, *, status: bool = True) -> Any:
    """What the other library makes of a credential: it finds keys and status list by itself, by our name alone."""

    def download(url: str) -> bytes:
        answer = app.test_client().get("/" + url.split("/", 3)[3])
        assert answer.status_code == 200, url
        return answer.data

    with travel(clock.now, tick=False):
        verifier = OB3Verifier.for_issuer_did(DID, download=download)
        return verifier.verify(token, check_status=status, download=download)


def test_another_library_finds_our_keys_and_believes_the_credential(app: Flask, issued: Certificate, clock: Any):
    found = verified(app, token_of(issued, clock), clock)
    assert (found.issuer.id, found.issuer.name) == (DID, "Gulf Coast Medical Seminars")
    assert found.identifiers[0].identity_hash == "Ada Quillfeather, MD"
    assert found.achievement.name == "Cardiology for Primary Care"
    assert (found.credits_earned, found.achievement.credits_available) == (3.75, 4)
    [result] = found.results
    assert (result.value, result.result_description.partition("#")[2]) == ("3.75", "ama-pra-1")
    assert found.raw["credentialSubject"]["licenseNumber"] == issued.number
    assert found.raw["validFrom"] == "2027-03-01T15:00:00Z"


@pages
def test_whoever_took_part_without_credit_is_awarded_none(app: Flask, cast: SimpleNamespace, clock: Any):
    found = verified(app, token_of(certificate_for(cast.nell, clock), clock), clock)
    assert found.name == "Certificate of Participation"
    assert found.credits_earned is None
    assert [result.result_description.partition("#")[2] for result in found.results] == ["participation"]


@pytest.mark.parametrize("status", [SUPERSEDED, VOID])
def test_a_certificate_that_no_longer_stands_is_in_the_status_list(
    app: Flask, cast: SimpleNamespace, issued: Certificate, clock: Any, status: str
):
    other = token_of(certificate_for(cast.otto, clock), clock)
    token = token_of(issued, clock)
    withdraw(issued, status)
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        verified(app, token, clock)
    assert verified(app, other, clock).identifiers[0].identity_hash == "Otto Stranger, MD"


@pages
def test_staff_who_correct_and_withdraw_flip_the_bits_of_what_counts_no_more(
    app: Flask, cast: SimpleNamespace, issued: Certificate, clock: Any
):
    registration, before = issued.award.claim.registration_id, token_of(issued, clock)
    words: dict[str, Any] = {"reason": "They called", "by": cast.sam, "now": clock.now}
    first = Correction(version=1, why=CREDIT, form_id="the-first-form", **words)
    [code] = correcting.amend(registration, {CreditType.AMA_PRA_1: Credits(200)}, first, may_print=lambda _: ())
    after = token_of(queries.certificate_by_code(code), clock)
    assert verified(app, after, clock).credits_earned == 2
    correcting.void(registration, LEARNING, Correction(version=2, why=CREDIT, form_id="the-second-form", **words))
    for token in (before, after):
        with pytest.raises(OB3VerificationError, match="'revocation' is set"):
            verified(app, token, clock)


@pages
@pytest.mark.parametrize("place", ["header", "claims", "signature"])
def test_a_letter_changed_in_the_credential_is_noticed(app: Flask, issued: Certificate, clock: Any, place: str):
    parts = token_of(issued, clock).split(".")
    at = ["header", "claims", "signature"].index(place)
    parts[at] = parts[at][:20] + ("A" if parts[at][20] != "A" else "B") + parts[at][21:]
    with pytest.raises(OB3VerificationError):
        verified(app, ".".join(parts), clock)


@pages
def test_a_credential_signed_by_a_stranger_in_our_name_is_not_believed(app: Flask, issued: Certificate, clock: Any):
    stranger = Issuer(*draw_pair(now=clock.now))
    claims = credential.read(token_of(issued, clock))
    for name in (gateways.issuer().key_id, stranger.key_id):
        forged = stranger.sign_token(claims, kid=f"{DID}#{name}")
        with pytest.raises(OB3VerificationError):
            verified(app, forged, clock)
        assert credential.code_in(forged, [(each[0], each[1]) for each in queries.keys_of(gateways.issuer())]) is None


def test_a_credential_is_made_once_and_stays_the_same(app: Flask, issued: Certificate, clock: Any):
    first = token_of(issued, clock)
    clock.advance(days=400)
    assert token_of(issued, clock, issuer=Issuer(*draw_pair(now=clock.now))) == first


@pages
def test_an_old_key_stays_published_when_another_signs(
    app: Flask, cast: SimpleNamespace, issued: Certificate, clock: Any
):
    old = Issuer(*draw_pair(now=clock.now), is_demo=True)
    token = token_of(issued, clock, issuer=old)
    token_of(certificate_for(cast.otto, clock), clock)
    assert verified(app, token, clock).issuer.id == DID
    assert [key_id for key_id, *_ in queries.keys_of(gateways.issuer())] == [gateways.issuer().key_id, old.key_id]


def test_a_demo_key_does_not_speak_for_a_real_issuer(app: Flask, issued: Certificate, clock: Any):
    token_of(issued, clock)
    real = Issuer(*draw_pair(now=clock.now))
    assert [key_id for key_id, *_ in queries.keys_of(real)] == [real.key_id]


def test_a_key_that_signed_the_paper_alone_stays_published_too(app: Flask, issued: Certificate, clock: Any):
    token_of(issued, clock)  # somebody asked for the credential; then the key was changed, and then it was printed
    second = Issuer(*draw_pair(now=clock.now), is_demo=True)
    services.print_certificate(issued.id, press=Ink(), issuer=second, now=clock.now)
    third = Issuer(*draw_pair(now=clock.now), is_demo=True)
    assert second.key_id in [key_id for key_id, *_ in queries.keys_of(third)]


def test_a_key_is_remembered_once(app: Flask, issued: Certificate, clock: Any):
    issuer = gateways.issuer()
    with transaction():
        credentials.remember_key(issuer, now=clock.now)
        credentials.remember_key(issuer, now=clock.now)
    assert db.session.scalars(select(IssuerKey.key_id)).all() == [issuer.key_id]


def test_a_place_that_is_taken_is_drawn_again(
    app: Flask, cast: SimpleNamespace, issued: Certificate, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    drawn = iter([7, 7, 8])
    monkeypatch.setattr("cme.credits.services.credentials.secrets.randbelow", lambda most: next(drawn))
    other = certificate_for(cast.otto, clock)
    for each in (issued, other):
        token_of(each, clock)
    assert (queries.certificate_by_code(issued.code).status_index, other.status_index) == (7, 8)


@pages
def test_whoever_has_the_code_reads_the_credential(app: Flask, issued: Certificate, clock: Any):
    token, address = token_of(issued, clock), f"/certificates/{issued.code}.json"
    answer = app.test_client().get(address)
    assert answer.json["jwt"] == token
    assert answer.json["status"] == "valid"
    assert answer.json["credential"] == jwt.decode(token, options={"verify_signature": False})
    assert answer.json["credential"]["id"] == "http://localhost" + address
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    bare = app.test_client().get(address, headers={"Accept": "application/vc+jwt"})
    assert (bare.text, bare.mimetype) == (token, "application/vc+jwt")


@pages
def test_a_credential_asked_for_before_it_was_printed_is_made_then(app: Flask, issued: Certificate, clock: Any):
    answer = app.test_client().get(f"/certificates/{issued.code}.json")
    assert answer.json["jwt"] == token_of(issued, clock)


@pages
def test_a_withdrawn_certificate_says_so_and_names_nobody(app: Flask, issued: Certificate, clock: Any):
    withdraw(issued, VOID)
    for wish in ("application/json", "application/vc+jwt"):
        answer = app.test_client().get(f"/certificates/{issued.code}.json", headers={"Accept": wish})
        assert (answer.status_code, answer.json) == (410, {"status": "void"})


@pages
def test_guessing_codes_of_credentials_is_slowed_down(app: Flask, issued: Certificate, clock: Any):
    client = app.test_client()
    answers = [client.get(f"/certificates/{'7' * 26}.json").status_code for _ in range(12)]
    assert answers == [404] * 10 + [429] * 2
    assert client.get(f"/certificates/{issued.code}.json").status_code == 200


@pages
def test_the_keys_are_those_that_signed_and_tell_no_secret(app: Flask, issued: Certificate, clock: Any):
    token = token_of(issued, clock)
    answer = app.test_client().get("/.well-known/jwks.json")
    [key] = jwt.PyJWKSet.from_dict(answer.json).keys
    assert key.key_id == jwt.get_unverified_header(token)["kid"]
    with travel(clock.now, tick=False):
        assert jwt.decode(token, key, algorithms=["ES256"])["iss"] == DID
    assert '"d"' not in answer.text


@pages
@pytest.mark.parametrize("number", [1, "00", "-1", "x", "٣", 2**63])
def test_a_status_list_nobody_began_is_not_there(app: Flask, number: Any):
    assert app.test_client().get(f"/credentials/status/{number}").status_code == 404


@pages
def test_a_status_list_hides_who_is_asked_about_among_many(app: Flask, issued: Certificate, clock: Any):
    token_of(issued, clock)
    claims = jwt.decode(app.test_client().get("/credentials/status/0").text, options={"verify_signature": False})
    assert claims["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert claims["validUntil"] == "2027-03-02T15:00:00Z"
    assert credential.PLACES >= 131_072


@pages
def test_the_paper_itself_stays_its_owners(app: Flask, issued: Certificate):
    assert app.test_client().get(f"/certificates/{issued.code}.pdf").status_code == 303
