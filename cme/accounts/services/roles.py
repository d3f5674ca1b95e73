"""Roles: who may do what in the administration."""

from datetime import datetime

from sqlalchemy import select

from cme import audit
from cme.accounts import queries, rules
from cme.accounts.models import AccountRole, Role
from cme.accounts.services.signing_in import end_sign_ins
from cme.database import db, insert, retried, transaction

FIRST_ROLES = {
    "Administrator": ["*"],
    "Registrar": ["dashboard", "registrations", "attendance", "people"],
    "Finance": ["dashboard", "payments", "registrations"],
    "Editor": ["dashboard", "seminars"],
    "Read-only": ["dashboard"],
}


def seed_roles() -> None:
    """Give a new house its first roles, inside the caller's transaction; roles an owner changed stay changed."""
    for name, permissions in FIRST_ROLES.items():
        first = insert(Role).values(name=name, permissions=permissions)
        db.session.execute(first.on_conflict_do_nothing(index_elements=[Role.name]))


@retried
def make_staff(email: str, role: str, *, now: datetime) -> None:
    """Give a person a role; they sign in again, for staff are asked more often than learners."""
    with transaction() as session:
        account = queries.account_by_email(email)
        if account is None:
            raise rules.NobodyThere
        wanted = session.scalar(select(Role).where(Role.name == role))
        if wanted is None:
            known = ", ".join(session.scalars(select(Role.name).order_by(Role.id)))
            raise rules.NobodyThere(f"There is no role {role}. The roles are: {known}.")
        grant = insert(AccountRole).values(account_id=account.id, role_id=wanted.id, granted_at=now)
        once = grant.on_conflict_do_nothing(index_elements=[AccountRole.account_id, AccountRole.role_id])
        if session.scalar(once.returning(AccountRole.id)):
            end_sign_ins(account.id, now=now)
            audit.record(audit.SYSTEM, "granted role", account, at=now, role=role)
