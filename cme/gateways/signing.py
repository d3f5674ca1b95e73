"""The issuer: the key that signs certificates as PDF and as credentials, so that anybody can tell a changed one."""

import asyncio
import json
import secrets
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID
from jwt.algorithms import ECAlgorithm

from cme.gateways.press import PressError

ALGORITHM, CURVE = "ES256", ec.SECP256R1()
DEMO_NAME = "Demo key, for trying out only"
DEMO_YEARS = 10
FIELD = "Issuer"
ROOM_FOR_SIGNATURE = 8192  # bytes, twice as many as hexadecimal digits; a chain of three certificates takes half


class CannotSign(PressError):
    """The signing certificate has run out, or is not valid yet: the paper waits until there is another."""


class Issuer:
    """One key of elliptic curve P-256, and the certificate that says whose it is."""

    def __init__(self, key_pem: str, certificate_pem: str, *, is_demo: bool = False) -> None:
        key = load_pem_private_key(key_pem.encode(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("The signing key is not one of elliptic curve P-256")
        self._key, self.certificate_pem, self.is_demo = key, certificate_pem, is_demo
        self.certificate = x509.load_pem_x509_certificates(certificate_pem.encode())[0]
        if self.certificate.public_key() != key.public_key():
            raise ValueError("The signing certificate belongs to another key")

    @classmethod
    def demo(cls) -> Self:
        """An issuer with a key drawn this moment, which nobody has reason to trust."""
        return cls(*draw_pair(now=datetime.now(UTC)), is_demo=True)

    @cached_property
    def jwk(self) -> dict[str, Any]:
        """The public half of the key, as the web writes keys."""
        return {**json.loads(ECAlgorithm.to_jwk(self._key.public_key())), "alg": ALGORITHM, "use": "sig"}

    @cached_property
    def key_id(self) -> str:
        """The key's own thumbprint (RFC 7638), so that no two keys can be confused."""
        named = json.dumps({name: self.jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
        return jwt.utils.base64url_encode(sha256(named.encode()).digest()).decode()

    def sign_token(self, claims: dict[str, Any], *, kid: str, typ: str = "JWT") -> str:
        """Sign a credential as a JSON Web Token; the header says where the public key is found."""
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": kid, "typ": typ})

    def sign_pdf(self, pdf: bytes, *, at: datetime) -> bytes:
        """Certify a PDF (PAdES): from now on every change to it shows."""
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import signers
        from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter

        class Addition(IncrementalPdfFileWriter):
            def _update_meta(self) -> None:
                """What the paper says of itself stays as it was printed: its dates, and the standards it keeps."""

        if not self.certificate.not_valid_before_utc <= at <= self.certificate.not_valid_after_utc:
            raise CannotSign("The signing certificate is not valid today; SIGNING_CERTIFICATE needs another.")
        words = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            reason="Issued",
            name=self.owner,
        )
        field = SigFieldSpec(FIELD, readable_field_name="Signature of the issuer")
        signer = signers.PdfSigner(words, signer=self._pen, new_field_spec=field)
        session = signer.init_signing_session(Addition(BytesIO(pdf)))
        session.system_time = at  # whatever the machine's own clock says
        document = session.prepare_tbs_document(validation_info=None, bytes_reserved=ROOM_FOR_SIGNATURE)
        digest, signed = document.digest_tbs_document()
        attributes = signers.pdf_cms.PdfCMSSignedAttributes(signing_time=at)
        _apart(document.perform_signature(digest.document_digest, attributes))
        signed.seek(0)
        return signed.read()

    @property
    def owner(self) -> str:
        """Whose key this is, as its certificate says."""
        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else self.certificate.subject.rfc4514_string()

    @cached_property
    def _pen(self) -> Any:
        """The key as pyHanko takes it: loaded once, where pyHanko itself would load it for every signature."""
        from asn1crypto import pem
        from asn1crypto.x509 import Certificate
        from pyhanko.sign.signers import Signer
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        key = self._key

        class Pen(Signer):
            async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
                return key.sign(data, ec.ECDSA(SHA256()))

        chain = [Certificate.load(der) for *_, der in pem.unarmor(self.certificate_pem.encode(), multiple=True)]
        return Pen(signing_cert=chain[0], cert_registry=SimpleCertificateStore.from_certs(chain[1:]))


def _apart(work: Coroutine[Any, Any, Any]) -> None:
    """Run to its end what wants an event loop of its own: one may be running in this thread already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def draw_pair(*, now: datetime, curve: ec.EllipticCurve = CURVE) -> tuple[str, str]:
    """Draw a key for demos, and a certificate it signs itself: both as PEM."""
    key = ec.generate_private_key(curve)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEMO_NAME)])
    signs = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * DEMO_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(signs, critical=True)
        .sign(key, SHA256())
    )
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key_pem.decode(), certificate.public_bytes(Encoding.PEM).decode()


def kept_demo(folder: Path) -> Issuer:
    """The demo issuer of this installation, drawn on the first start and kept readable by its owner only."""
    file = folder / "signing.pem"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"signing.{secrets.token_hex(6)}"
        draft.touch(mode=0o600)
        draft.write_text("".join(draw_pair(now=datetime.now(UTC))))
        # A link is made whole or not at all, so two first starts at once agree on one key.
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key, mark, certificate = file.read_text().partition("-----BEGIN CERTIFICATE-----")
    return Issuer(key, mark + certificate, is_demo=True)


def issuer_of(config: Any) -> Issuer:
    """The issuer the settings name; in development one of its own."""
    if config.signing_key:
        return Issuer(config.signing_key, config.signing_certificate)
    return kept_demo(config.demo_keys) if config.demo_keys else Issuer.demo()
