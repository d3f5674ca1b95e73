"""What staff decide: provider, statements, policies and texts, as versioned rows."""

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, g, has_app_context
from sqlalchemy import JSON, ColumnElement, ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from cme.database import Row, db
from cme.values import Policy, RefundStep


class Setting(Row):
    """One version of one setting; the newest counts, the older stay."""

    __tablename__ = "setting"
    __table_args__ = (UniqueConstraint("key", "version"),)

    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


# By whom a provider may be accredited: directly, by a state society the ACCME recognizes, or for the whole team.
ACCREDITATIONS = {
    "accme": "ACCME",
    "society": "A state medical society",
    "joint": "Joint Accreditation (ACCME, ACPE and ANCC)",
}


@dataclass(frozen=True)
class Provider:
    """The accredited provider, as it introduces itself on pages, letters and certificates."""

    name: str = "Gulf Coast Medical Seminars"
    name_lines: tuple[str, str] = ("Gulf Coast", "Medical Seminars")
    tagline: str = "Accredited live education for physicians, nurse practitioners and physician assistants."
    phone: str = "(941) 555-0142"
    email: str = "help@gcms.example"
    hours: str = "Weekdays 8:30 to 5:00, Eastern Time"
    address: str = "1 Lighthouse Pier, Sarasota, FL 34236"
    accreditation: str = "accme"
    accreditor: str = "Accreditation Council for Continuing Medical Education (ACCME)"
    accreditor_short: str = "ACCME"
    nursing_statement: str = ""  # what the nursing accreditor asks a provider to say of itself
    signatory: str = "Odalys Venn-Whitaker, MD"
    signatory_title: str = "Course director"
    claim_window_days: int = 60
    residents_are_physicians: bool = True
    policy: Policy = field(default_factory=Policy)
    invoice_days: int = 14  # how long a seat is held for somebody who pays by check or transfer; 0: never
    tax_line: str = ""  # as receipts have it: Federal tax ID (EIN) 12-3456789
    remittance: str = ""  # where a bank transfer goes, on one line: bank, routing number, account

    @property
    def phone_href(self) -> str:
        """The telephone number as a link dials it."""
        return "tel:+1" + "".join(character for character in self.phone if character.isdigit())

    @property
    def claim_window(self) -> timedelta:
        """How long after the end credit can be claimed."""
        return timedelta(days=self.claim_window_days)

    def to_json(self) -> dict[str, Any]:
        """Write the provider as a setting keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Provider":
        """Read the provider back, taking today's default for what an old version did not know."""
        known = {f.name: value[f.name] for f in fields(cls) if f.name in value}
        if "policy" in known:
            known["policy"] = Policy.from_json(known["policy"])
        elif "refund_steps" in value:  # older than policies, which promise more than refunds
            known["policy"] = Policy(steps=tuple(RefundStep(**step) for step in value["refund_steps"]))
        if "name_lines" in known:
            known["name_lines"] = tuple(known["name_lines"])
        return cls(**known)


def current(key: str) -> Setting | None:
    """The newest version of a setting."""
    return db.session.scalar(select(Setting).where(Setting.key == key).order_by(Setting.version.desc()).limit(1))


def save(key: str, value: dict[str, Any], *, by: int | None, at: datetime) -> Setting:
    """Keep a new version, inside the caller's transaction."""
    newest = db.session.scalar(select(func.max(Setting.version)).where(Setting.key == key)) or 0
    setting = Setting(key=key, version=newest + 1, value=value, created_at=at, created_by=by)
    db.session.add(setting)
    return setting


def decided() -> tuple[ColumnElement[int], ColumnElement[Any]]:
    """Two columns for a statement that says what a page shows: one that changes with all staff decide, the provider."""
    every = select(func.coalesce(func.sum(Setting.id), 0))  # rows are only added, so their numbers sum up
    newest = select(Setting.value).where(Setting.key == "provider").order_by(Setting.version.desc()).limit(1)
    return every.scalar_subquery(), newest.scalar_subquery()


def take(value: dict[str, Any] | None) -> None:
    """Use the provider that such a statement brought along, so that it is not asked for again."""
    g.provider = Provider.from_json(value) if value else Provider()


def provider() -> Provider:
    """The provider as of now; read once per request."""
    if not has_app_context() or "provider" not in g:
        setting = current("provider")
        take(setting.value if setting else None)
    result: Provider = g.provider
    return result


def public_url(path: str) -> str:
    """Make an address that works from a letter or on paper."""
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + path


@dataclass(frozen=True)
class Text:
    """A versioned text for everybody, like the terms, in Markdown."""

    key: str
    version: int
    title: str
    body: str
    created_at: datetime


def text(key: str) -> Text | None:
    """The newest version of a text."""
    setting = current(f"text:{key}")
    if setting is None:
        return None
    return Text(key, setting.version, setting.value["title"], setting.value["body"], setting.created_at)


def terms_version() -> int:
    """The version of the terms a person accepts today."""
    newest = db.session.scalar(select(func.max(Setting.version)).where(Setting.key == "text:terms"))
    return newest or 0
