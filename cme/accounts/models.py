"""Accounts, roles, sign-ins and one-time links."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.accounts import rules
from cme.database import Row


class Account(Row):
    """A person who can sign in."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("status IN ('active', 'disabled', 'erased')", name="status"),)

    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(10), default="active")
    professional_name: Mapped[str | None] = mapped_column(String(rules.NAME_LENGTH))
    certification_type: Mapped[str | None] = mapped_column(String(20))
    specialty: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(40))
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    terms_version: Mapped[int] = mapped_column(default=0)
    purge_on: Mapped[date | None] = mapped_column(Date)

    roles: Mapped[list["Role"]] = relationship(secondary="account_role", lazy="selectin")

    # What Flask-Login asks of a signed-in person; the loader adds by which sign-in they came and when they last did.
    is_active = is_authenticated = True
    is_anonymous = False
    sign_in_id: ClassVar[str | None] = None
    last_seen_at: ClassVar[datetime | None] = None

    def came_by(self, sign_in_id: str, last_seen_at: datetime) -> "Account":
        """Remember by which sign-in this person is here."""
        self.__dict__.update(sign_in_id=sign_in_id, last_seen_at=last_seen_at)
        return self

    def get_id(self) -> str | None:
        """The random id of this sign-in, never the account's number."""
        return self.sign_in_id

    @property
    def permissions(self) -> set[str]:
        """Everything this person's roles allow."""
        return {permission for role in self.roles for permission in role.permissions}

    def may(self, permission: str) -> bool:
        """Whether this person holds a permission; "*" holds all."""
        return bool({permission, "*"} & self.permissions)

    @property
    def is_staff(self) -> bool:
        """Whether this person sees the administration."""
        return bool(self.roles)

    @property
    def certification(self) -> rules.CertificationType | None:
        """The certification type with all that follows from it."""
        return rules.CERTIFICATION_TYPES.get(self.certification_type or "")

    def details_missing(self) -> list[str]:
        """The labels of what must be supplied before credit can be claimed."""
        return rules.missing_details(self.professional_name, self.certification_type)


class Identifier(Row):
    """A number under which somebody else knows a person: a board, an academy, a registry."""

    __tablename__ = "identifier"
    __table_args__ = (UniqueConstraint("account_id", "kind"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(60))
    updated_at: Mapped[datetime]


class Role(Row):
    """A set of permissions with a name; rows, so that an owner can change who may what."""

    __tablename__ = "role"

    name: Mapped[str] = mapped_column(String(60), unique=True)
    permissions: Mapped[list[str]] = mapped_column(JSON)


class AccountRole(Row):
    """A role held by a person."""

    __tablename__ = "account_role"
    __table_args__ = (Index("uq_account_role_held", "account_id", "role_id", unique=True),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    granted_at: Mapped[datetime]


class LoginSession(Row):
    """One sign-in on one device; the cookie holds its id, the row only the id's hash."""

    __tablename__ = "login_session"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    id_hash: Mapped[str] = mapped_column(String(64), unique=True)
    keep: Mapped[bool] = mapped_column(default=False)
    user_agent: Mapped[str] = mapped_column(String(250), default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OneTimeLink(Row):
    """A link sent by letter that works once; the row keeps only the token's hash."""

    __tablename__ = "one_time_link"
    __table_args__ = (CheckConstraint("purpose IN ('join', 'reset')", name="purpose"),)

    purpose: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    # Who asked to join, until the button in the letter's page makes an account of it.
    email: Mapped[str | None] = mapped_column(String(320))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    def is_open(self, now: datetime) -> bool:
        """Whether the link still works."""
        return self.used_at is None and self.expires_at > now
