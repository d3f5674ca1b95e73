"""The numbers under which boards, academies and registries know a person."""

from collections.abc import Mapping
from datetime import datetime

from cme import audit
from cme.accounts import queries
from cme.accounts.models import Account, Identifier
from cme.database import db, insert, lock, retried, transaction


@retried
def save_identifiers(account_id: int, numbers: Mapping[str, str], *, now: datetime) -> list[str]:
    """Keep what a person filled in, drop what they emptied, and give the kinds that changed."""
    with transaction():
        account = lock(Account, account_id)
        known = queries.identifiers_of(account_id)
        gone = [kind for kind, value in numbers.items() if not value and kind in known]
        for row in db.session.query(Identifier).where(Identifier.account_id == account_id, Identifier.kind.in_(gone)):
            db.session.delete(row)
        kept = keep_identifiers(account, {kind: value for kind, value in numbers.items() if value}, now=now)
        if gone:
            audit.record(account, "removed identifiers", account, at=now, kinds=sorted(gone))
        return sorted([*kept, *gone])


def keep_identifiers(account: Account, numbers: Mapping[str, str], *, now: datetime) -> list[str]:
    """Write down the numbers that are new or other than before; part of the command that asked for them."""
    known = queries.identifiers_of(account.id)
    changed = {kind: value for kind, value in numbers.items() if known.get(kind) != value}
    for kind, value in sorted(changed.items()):
        row = insert(Identifier).values(account_id=account.id, kind=kind, value=value, updated_at=now)
        known_as = [Identifier.account_id, Identifier.kind]
        db.session.execute(row.on_conflict_do_update(index_elements=known_as, set_={"value": value, "updated_at": now}))
    if changed:
        audit.record(account, "gave identifiers", account, at=now, kinds=sorted(changed), personal=changed)
    return sorted(changed)
