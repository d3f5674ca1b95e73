"""Letters: written with the fact they tell, kept for staff, sent by a job after the commit."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from sqlalchemy import JSON, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from cme.database import Row, db
from cme.queue import enqueue

LANE = "letters"
# These links work for whoever has them: neither staff nor logs are to read their tokens.
PERSONAL = re.compile(r"(/(?:reset-password|verify-email|disclosures|substitutions)/)[\w.~-]+")
REHEARSING: ContextVar[bool] = ContextVar("rehearsing", default=False)


class Letter(Row):
    """One letter to one person, once per key."""

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_account_id_created_at", "account_id", "created_at"),)

    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    to: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(250))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    # What goes along, by kind and number: made when the letter is sent.
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


def without_tokens(text: str) -> str:
    """A text, or an address, in which no personal link works any more."""
    return PERSONAL.sub(r"\1…", text)


def write_letter(
    template: str,
    *,
    key: str,
    to: str,
    subject: str,
    at: datetime,
    account_id: int | None = None,
    attachments: Sequence[dict[str, Any]] = (),
    **words: object,
) -> Letter:
    """Write a letter from `<room>/emails/<name>.txt` and `.html` and ask for its sending; the key makes it one.

    `template` is the room and the letter's name, like "registration/confirmed".
    """
    if is_rehearsal():
        return _compose(template, key, to, subject, at, account_id, attachments, words)
    known = db.session.scalar(select(Letter).where(Letter.key == key))
    if known is not None:
        return known
    letter = _compose(template, key, to, subject, at, account_id, attachments, words)
    db.session.add(letter)
    db.session.flush()
    enqueue("send_letter", {"letter_id": letter.id}, dedupe_key=f"letter:{letter.id}", run_at=at, lane=LANE)
    return letter


def _compose(
    template: str,
    key: str,
    to: str,
    subject: str,
    at: datetime,
    account_id: int | None,
    attachments: Sequence[dict[str, Any]],
    words: dict[str, Any],
) -> Letter:
    room, name = template.split("/")
    subject = " ".join(subject.split())
    return Letter(
        key=key,
        kind=template,
        account_id=account_id,
        to=to,
        subject=subject[:250],
        text=render_template(f"{room}/emails/{name}.txt", subject=subject, **words),
        html=render_template(f"{room}/emails/{name}.html", subject=subject, **words),
        message_id=f"<{key.replace(':', '.')}@cme>",
        attachments=list(attachments),
        created_at=at,
    )


@dataclass(frozen=True)
class Sample:
    """One kind of letter, as staff look at it before anybody gets one: when it is written, to whom, and how."""

    when: str
    to: str
    write: Callable[[datetime], Letter]

    def rehearse(self, at: datetime) -> Letter:
        """The letter about invented people, composed as ever, neither kept nor sent."""
        with rehearsal():
            return self.write(at)


def is_rehearsal() -> bool:
    """Whether the letter at hand is about nobody."""
    return REHEARSING.get()


@contextmanager
def rehearsal() -> Iterator[None]:
    """Let letters be composed as ever, but neither kept nor sent: how staff see one before anybody gets it."""
    token = REHEARSING.set(True)
    try:
        yield
    finally:
        REHEARSING.reset(token)
