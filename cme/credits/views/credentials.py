"""What machines ask: a certificate as a credential, the keys to check it with, and which ones were withdrawn."""

import re
from typing import Any

from flask import Response, abort, jsonify, request

from cme import gateways, settings
from cme.access import public
from cme.credits import credential, numbers, queries, services
from cme.credits.models import VALID
from cme.credits.views.blueprint import bp, guessed

MEDIA_TYPE = "application/vc+jwt"
SHORT_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")
MINUTES = "public, max-age=300"


def open_to_all(response: Response, kept: str = MINUTES) -> Response:
    """Let a page of any other site read an answer that holds nothing of the visitor's."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = kept
    return response


@bp.route("/certificates/<code>.json")
@public
def certificate_json(code: str) -> Any:
    """Hand out the credential of a certificate to whoever has its code, which stands on the paper."""
    now = gateways.clock()
    found = queries.certificate_by_code(code) if numbers.is_code(code) else None
    if found is None:
        guessed(now)
        abort(404)
    if found.status != VALID:  # what no longer stands names nobody
        return open_to_all(jsonify(status=found.status), "no-store"), 410
    token = services.credential_of(found.id, issuer=gateways.issuer(), now=now)
    if request.accept_mimetypes.best_match(["application/json", MEDIA_TYPE]) == MEDIA_TYPE:
        answer = Response(token, mimetype=MEDIA_TYPE)
    else:
        answer = jsonify(
            status=found.status,
            credential=credential.read(token),
            jwt=token,
            jwks_uri=settings.public_url("/.well-known/jwks.json"),
        )
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.vary.add("Accept")
    return open_to_all(answer, "no-store")


@bp.route("/.well-known/jwks.json")
@public
def jwks() -> Any:
    """Publish every key we ever signed with."""
    return open_to_all(jsonify(credential.key_set(_keys(), public_url=settings.public_url(""))))


@bp.route("/.well-known/did.json")
@public
def did() -> Any:
    """Publish the same keys where the issuer's own name leads."""
    return open_to_all(jsonify(credential.did_document(_keys(), public_url=settings.public_url(""))))


@bp.route("/credentials/status/<listed>")
@public
def status_list(listed: str) -> Any:
    """Say of many credentials at once which no longer stand, without being told which one is asked about."""
    number = int(listed) if SHORT_NUMBER.fullmatch(listed) else abort(404)
    if number > queries.last_place() // credential.PLACES:
        abort(404)
    now, issuer, base = gateways.clock(), gateways.issuer(), settings.public_url("")
    revoked = queries.revoked_places(number, credential.PLACES)
    claims = credential.status_claims(number, revoked, public_url=base, now=now)
    token = issuer.sign_token(claims, kid=credential.key_url(base, issuer.key_id))
    return open_to_all(Response(token, mimetype=MEDIA_TYPE))


def _keys() -> list[tuple[str, dict[str, Any]]]:
    return [(key_id, jwk) for key_id, jwk, _ in queries.keys_of(gateways.issuer())]
