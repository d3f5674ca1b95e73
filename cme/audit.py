"""The audit log: who did what to which record, chained so that a change to the past shows."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from cme.database import Base, Key, Row, db, lock

GENESIS = "0" * 64


class AuditHead(Base):
    """The end of the chain: one row, locked by whoever appends."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    length: Mapped[int] = mapped_column(Key)


class AuditEntry(Row):
    """One link of the chain; its payload holds no personal data, only salted digests of it."""

    __tablename__ = "audit_entry"

    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    payload: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class AuditDetail(Row):
    """What the digest in an entry stands for; may be purged without breaking the chain."""

    __tablename__ = "audit_detail"

    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entry.id"), unique=True)
    salt: Mapped[str] = mapped_column(String(32))
    values: Mapped[dict[str, Any]] = mapped_column(JSON)


SYSTEM = "system"


def name_of(thing: Any) -> str:
    """Name a record in the log, like "registration:41"."""
    return thing if isinstance(thing, str) else f"{thing.__tablename__}:{thing.id}"


def canonical(values: Any) -> str:
    """Write values in the one way that can be hashed again later."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digest(salt: str, values: dict[str, Any]) -> str:
    """Stand in for personal values; without the salt it tells nothing."""
    return hashlib.sha256((salt + canonical(values)).encode()).hexdigest()


def link(previous: str, entry: "AuditEntry") -> str:
    """Compute an entry's hash from its own words and the hash before it."""
    own = [entry.at.isoformat(), entry.actor, entry.action, entry.subject, entry.payload]
    return hashlib.sha256((previous + canonical(own)).encode()).hexdigest()


def record(
    who: Any, did: str, what: Any, *, at: datetime, personal: dict[str, Any] | None = None, **facts: Any
) -> AuditEntry:
    """Append to the chain, inside the transaction that makes the change; call it last, the head is locked last."""
    db.session.flush()  # the subject needs its number
    head = lock(AuditHead, 1)
    salt = secrets.token_hex(16)
    if personal:
        facts["personal"] = digest(salt, personal)
    entry = AuditEntry(
        at=at,
        actor=name_of(who or SYSTEM),
        action=did,
        subject=name_of(what),
        payload=canonical(facts),
        previous_hash=head.hash,
    )
    entry.hash = link(head.hash, entry)
    head.hash, head.length = entry.hash, head.length + 1
    db.session.add(entry)
    db.session.flush()
    if personal:
        db.session.add(AuditDetail(entry_id=entry.id, salt=salt, values=personal))
    return entry


def breaches() -> Iterator[str]:
    """Walk the chain and say where it does not hold."""
    previous, length = GENESIS, 0
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=500)):
        if entry.previous_hash != previous or link(previous, entry) != entry.hash:
            yield f"audit entry {entry.id} does not follow from the one before it"
        previous, length = entry.hash, length + 1
    head = db.session.get(AuditHead, 1)
    if head is None:
        yield "the audit log has no head"
    elif (head.hash, head.length) != (previous, length):
        yield "the audit log's head does not match its last entry"
    for detail in db.session.scalars(select(AuditDetail).execution_options(yield_per=500)):
        payload = json.loads(db.session.get_one(AuditEntry, detail.entry_id).payload)
        if payload.get("personal") != digest(detail.salt, detail.values):
            yield f"the details of audit entry {detail.entry_id} were changed"


# The migrations make these tables refuse changes to their past; a test holds head to it.
INSERT_ONLY = ("audit_entry", "ledger")
