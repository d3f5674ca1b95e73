"""All that is known about one registration, for staff: its money, papers, letters, answers, and who did what."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select

from cme import audit
from cme.accounts.models import Account
from cme.audit import AuditDetail, AuditEntry
from cme.database import db
from cme.mail import Letter
from cme.registration import funds, queries
from cme.registration.changes import Changes
from cme.registration.models import CANCELLED, CONFIRMED, EXPIRED, HELD, Dispute, Paper, Payment, Registration
from cme.registration.offers import bill
from cme.registration.services import desk
from cme.registration.standing import Standing
from cme.values import Money

HIDDEN = {"form", "personal", "words", "offering", "payment", "refund"}  # what the log needs and nobody reads


def registration_by_ref(ref: str) -> Registration | None:
    """One registration, whosever it is."""
    if not queries.REF.fullmatch(ref):
        return None
    return db.session.scalar(select(Registration).where(Registration.ref == ref))


@dataclass(frozen=True)
class Entry:
    """One thing somebody did, in words."""

    at: datetime
    who: str
    did: str
    facts: str
    said: str


@dataclass(frozen=True)
class Dossier:
    """One registration as staff see it at one moment."""

    registration: Registration
    now: datetime

    @cached_property
    def standing(self) -> Standing:
        """Where it stands."""
        return Standing(self.registration, self.now)

    @cached_property
    def changes(self) -> Changes:
        """What its policy gives back now."""
        return Changes(self.registration, self.now)

    @property
    def bill(self) -> list[tuple[str, Money]]:
        """The price, line by line."""
        return bill(self.registration)

    @cached_property
    def left(self) -> Money:
        """What can still be given back."""
        return desk.left_of(self.registration)

    @property
    def by_policy(self) -> Money:
        """What the policy gives back to whoever cancels now."""
        is_theirs = self.registration.status == CONFIRMED
        return self.changes.refund.amount if is_theirs else Money(0, self.registration.currency)

    @cached_property
    def payments(self) -> list[Payment]:
        """Every attempt behind this place, those of earlier places too, the first first."""
        return [payment for place in reversed(list(funds.places(self.registration))) for payment in place.payments]

    @cached_property
    def disputes(self) -> dict[int, list[Dispute]]:
        """The disputes of each payment."""
        found = select(Dispute).where(Dispute.payment_id.in_([payment.id for payment in self.payments]))
        by: dict[int, list[Dispute]] = {}
        for dispute in db.session.scalars(found.order_by(Dispute.id)):
            by.setdefault(dispute.payment_id, []).append(dispute)
        return by

    def due(self, payment: Payment) -> datetime | None:
        """Until when the bank waits for our side of a dispute, as Stripe last said."""
        told = select(AuditEntry.payload).where(
            AuditEntry.subject == audit.name_of(payment), AuditEntry.action.startswith("dispute ")
        )
        for payload in db.session.scalars(told.order_by(AuditEntry.id.desc())):
            if text := json.loads(payload).get("due"):
                return datetime.fromisoformat(text)
        return None

    @property
    def in_review(self) -> list[Payment]:
        """The payments that wait for a decision."""
        return [payment for payment in self.payments if payment.review_since is not None]

    def refundable(self, payment: Payment) -> int:
        """What can still go back of one payment."""
        return funds.refundable(payment)

    @property
    def is_lost(self) -> bool:
        """Whether the bank took the money back, and staff have not said what becomes of the seat."""
        every = [dispute for found in self.disputes.values() for dispute in found]
        return self.registration.disputed_at is not None and bool(every) and all(each.closed_at for each in every)

    @cached_property
    def moved_to(self) -> Registration | None:
        """The place this one was given up for, or is about to be."""
        newer = select(Registration).where(Registration.moved_from_id == self.registration.id)
        return db.session.scalar(newer.order_by(Registration.id.desc()).limit(1))

    @property
    def papers(self) -> list[Paper]:
        """The numbered papers, the first first."""
        mine = select(Paper).where(Paper.registration_id == self.registration.id)
        return list(db.session.scalars(mine.order_by(Paper.id)))

    @property
    def letters(self) -> list[Letter]:
        """The letters written about this place."""
        found = select(Letter).where(Letter.kind.startswith("registration/"))
        found = found.where(Letter.account_id == self.registration.account_id).order_by(Letter.id)
        return [letter for letter in db.session.scalars(found) if self._concerns(letter.key)]

    def _concerns(self, key: str) -> bool:
        """Whether a letter is about this place: the key names what it is about first."""
        kind, _, rest = key.partition(":")
        number = rest.partition(":")[0]
        if kind == "refund-sent":
            return number in {str(refund.id) for payment in self.payments for refund in payment.refunds}
        if kind == "invoice":
            return number in {str(paper.id) for paper in self.papers}
        return number == str(self.registration.id)

    @property
    def attended(self) -> int:
        """How many minutes of instruction they attended."""
        return queries.attended_minutes(self.registration.id)

    @property
    def answers(self) -> list[tuple[str, str]]:
        """What they were asked, and what they said."""
        said = self.registration.questions or {}
        return [(str(kept["asked"]), _spoken(kept.get("answer"))) for kept in said.values()]

    @property
    def can(self) -> dict[str, bool]:
        """What can be done about it now."""
        status = self.registration.status
        return {
            "refund": self.left.minor > 0 and status != HELD,
            "cancel": status in (CONFIRMED, HELD, "waitlisted", "offered"),
            "waive": status == HELD and self.registration.to_pay.minor > 0,
            "money": self._awaits_money,
            "credit": status == CANCELLED and self.registration.credit_until is not None,
            "keep": status == CONFIRMED and self.is_lost,
        }

    @property
    def _awaits_money(self) -> bool:
        """Whether a check can come for it: one sent in time comes after the hold, but nobody pays for a seat twice."""
        is_unpaid = self.registration.confirmed_at is None and self.registration.to_pay.minor > 0
        return is_unpaid and self.registration.status in (HELD, EXPIRED, CANCELLED)

    @cached_property
    def trail(self) -> list[Entry]:
        """Who did what to this place and its money, the latest first."""
        names = [audit.name_of(self.registration), *(audit.name_of(each) for each in self.registration.payments)]
        found = (
            select(AuditEntry, AuditDetail)
            .outerjoin(AuditDetail, AuditDetail.entry_id == AuditEntry.id)
            .where(AuditEntry.subject.in_(names))
            .order_by(AuditEntry.id.desc())
        )
        rows = list(db.session.execute(found))
        people = _people({entry.actor for entry, _ in rows})
        return [
            Entry(entry.at, people.get(entry.actor, "The system"), entry.action, self._facts(entry), _words(detail))
            for entry, detail in rows
        ]

    def _facts(self, entry: AuditEntry) -> str:
        """What an entry says beside the deed, as far as people read it."""
        shown = []
        for name, value in sorted(json.loads(entry.payload).items()):
            if name in HIDDEN or value in (None, "", [], {}):
                continue
            is_money = name.startswith("amount") or name.endswith("_minor")
            text = Money(value, self.registration.currency) if is_money and isinstance(value, int) else value
            shown.append(f"{name.removesuffix('_minor').replace('_', ' ')} {text}")
        return ", ".join(shown)


def _people(actors: set[str]) -> dict[str, str]:
    ids = [int(actor.partition(":")[2]) for actor in actors if actor.startswith("account:")]
    found = db.session.scalars(select(Account).where(Account.id.in_(ids)))
    return {audit.name_of(each): each.professional_name or each.email for each in found}


def _words(detail: AuditDetail | None) -> str:
    return "; ".join(str(value) for value in detail.values.values() if value) if detail else ""


def _spoken(answer: Any) -> str:
    if isinstance(answer, list):
        return ", ".join(str(each) for each in answer) or "–"
    return {True: "Yes", False: "No"}.get(answer, "–") if isinstance(answer, bool) else str(answer or "–")
