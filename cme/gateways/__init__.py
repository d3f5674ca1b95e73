"""The outside world, one file per neighbour; views ask here for the neighbour they need."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from flask import current_app

if TYPE_CHECKING:
    from email.message import EmailMessage

    from stripe import StripeClient


class Mailer(Protocol):
    """Whoever carries letters."""

    def send(self, message: "EmailMessage") -> None:
        """Carry one letter, or raise."""


class Printer(Protocol):
    """Whoever turns a page into a PDF."""

    def render(self, html: str) -> bytes:
        """Print one document."""

    def close(self) -> None:
        """Stop printing."""


@dataclass(frozen=True)
class Gateways:
    """All neighbours of one application."""

    payments: Callable[[], "StripeClient"] | None
    mailer: Mailer
    press: Printer
    clock: Callable[[], datetime]


def real_clock() -> datetime:
    """The time it is."""
    return datetime.now(UTC)


def real_gateways(config: Any) -> Gateways:
    """The neighbours the settings name."""
    from cme.gateways.mailer import mailer_of
    from cme.gateways.payments import stripe_gateway
    from cme.gateways.press import Press

    return Gateways(payments=stripe_gateway(config), mailer=mailer_of(config.mail_url), press=Press(), clock=real_clock)


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
