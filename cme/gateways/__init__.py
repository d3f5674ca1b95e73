"""The outside world, one file per neighbour; views ask here for the neighbour they need."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from flask import current_app

from cme.values import Attached

if TYPE_CHECKING:
    from email.message import EmailMessage

    from stripe import StripeClient


class Mailer(Protocol):
    """Whoever carries letters."""

    def send(self, message: "EmailMessage") -> None:
        """Carry one letter, or raise."""


class Printer(Protocol):
    """Whoever turns a page into a PDF."""

    def render(self, html: str, attached: Sequence[Attached] = ()) -> bytes:
        """Print one document, with files inside."""

    def many(self) -> Any:
        """As many of this kind as there are processors, to be closed after use."""

    def close(self) -> None:
        """Stop printing."""


class Issuer(Protocol):
    """Whoever signs certificates."""

    certificate_pem: str
    is_demo: bool

    @property
    def key_id(self) -> str:
        """The name of the key."""

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half of the key."""

    def sign_pdf(self, pdf: bytes, *, at: datetime) -> bytes:
        """Sign a PDF so that every later change shows."""

    def sign_token(self, claims: dict[str, Any], *, kid: str, typ: str = "JWT") -> str:
        """Sign a credential."""


class Findings(Protocol):
    """What a PDF came to."""

    @property
    def verdict(self) -> str:
        """Whether our signature is on it, and holds."""

    @property
    def changes(self) -> tuple[str, ...]:
        """Where it was changed since."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The credentials attached to it, not yet believed."""


class Examiner(Protocol):
    """Whoever looks at PDFs from strangers."""

    def examine(self, pdf: bytes, *, certificates: Iterable[str], original: bytes = b"") -> Findings:
        """Look at one file."""

    def close(self) -> None:
        """Stop looking."""


def _new_examiner() -> Examiner:
    from cme.gateways.examining import Examiner as Warm

    return Warm()


def _demo_issuer() -> Issuer:
    from cme.gateways.signing import Issuer as Demo

    return Demo.demo()


@dataclass(frozen=True)
class Gateways:
    """All neighbours of one application."""

    payments: Callable[[], "StripeClient"] | None
    mailer: Mailer
    press: Printer
    clock: Callable[[], datetime]
    issuer: Issuer = field(default_factory=_demo_issuer)
    examiner: Examiner = field(default_factory=_new_examiner)


def real_clock() -> datetime:
    """The time it is."""
    return datetime.now(UTC)


def real_gateways(config: Any) -> Gateways:
    """The neighbours the settings name."""
    from cme.gateways.mailer import mailer_of
    from cme.gateways.payments import stripe_gateway
    from cme.gateways.press import Press
    from cme.gateways.signing import issuer_of

    return Gateways(
        payments=stripe_gateway(config),
        mailer=mailer_of(config.mail_url),
        press=Press(),
        clock=real_clock,
        issuer=issuer_of(config),
    )


def here() -> Gateways:
    """The neighbours of the application at hand."""
    found: Gateways = current_app.extensions["gateways"]
    return found


def clock() -> datetime:
    """The time it is, as the application at hand sees it."""
    return here().clock()


def stripe() -> "StripeClient":
    """The conversation with Stripe."""
    gateway = here().payments
    if gateway is None:
        raise RuntimeError("PAYMENTS_MODE is off: nothing can be paid here.")
    return gateway()


def printer() -> Printer:
    """The press, whichever it is."""
    return here().press


def post() -> Mailer:
    """The post, whichever it is."""
    return here().mailer


def issuer() -> Issuer:
    """The issuer, with the key of the moment."""
    return here().issuer


def examiner() -> Examiner:
    """Whoever looks at dropped files."""
    return here().examiner
