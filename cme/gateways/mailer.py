"""The post: SMTP, or an outbox that keeps letters for staff to read."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from cme.gateways import Mailer


class Outbox:
    """Carries nothing: staff read the letters in the administration."""

    def send(self, message: EmailMessage) -> None:
        """Leave the letter where it is kept."""


class Smtp:
    """Carries letters to a mail server; `smtps` speaks TLS from the first byte, `smtp` asks for it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.tls = parts.hostname or "localhost", parts.scheme == "smtps"
        self.port = parts.port or (465 if self.tls else 587)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")

    def send(self, message: EmailMessage) -> None:
        """Hand one letter over, or raise."""
        context = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(self.host, self.port, timeout=20, context=context)
            if self.tls
            else smtplib.SMTP(self.host, self.port, timeout=20)
        )
        with server:
            loopback = self.host in {"localhost", "127.0.0.1", "::1"}
            if not self.tls and (not loopback or server.has_extn("starttls")):
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)


def mailer_of(url: str) -> Mailer:
    """The post a setting names."""
    return Outbox() if url == "outbox:" else Smtp(url)
