"""Account Details: the name and the profession everything printed goes by."""

from datetime import datetime

from cme import audit
from cme.accounts import rules
from cme.accounts.models import Account
from cme.database import lock, retried, transaction


@retried
def save_details(
    account_id: int,
    *,
    professional_name: str,
    certification_type: str,
    specialty: str = "",
    phone: str = "",
    now: datetime,
) -> list[str]:
    """Keep the details and give the names of those that changed; certificates already issued stay as printed."""
    if rules.missing_details(professional_name, certification_type):
        raise rules.DetailsMissing
    asked = {
        "professional_name": professional_name,
        "certification_type": certification_type,
        "specialty": specialty or None,
        "phone": phone or None,
    }
    with transaction():
        account = lock(Account, account_id)
        before = {name: getattr(account, name) for name in asked}
        changed = [name for name in asked if before[name] != asked[name]]
        if not changed:
            return []
        for name in changed:
            setattr(account, name, asked[name])
        account.updated_at = now
        facts = {}
        if "certification_type" in changed:
            facts = {"certification_before": before["certification_type"], "certification_after": certification_type}
        audit.record(
            account,
            "changed details",
            account,
            at=now,
            personal={name: [before[name], asked[name]] for name in changed if name != "certification_type"},
            changed=changed,
            **facts,
        )
        return changed
