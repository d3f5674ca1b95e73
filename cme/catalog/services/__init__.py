"""What staff do with the catalog: draft, save, publish and withdraw seminars, hand out files, decide on settings."""

from cme.catalog.services.copies import duplicate_seminar
from cme.catalog.services.handouts import add_handout, remove_handout
from cme.catalog.services.listing import keep_catalog, relist, relist_where_empty
from cme.catalog.services.provider import save_provider, save_text
from cme.catalog.services.seminars import create_seminar, save_seminar
from cme.catalog.services.standing import cancel_seminar, publish, withdraw

__all__ = [
    "add_handout",
    "cancel_seminar",
    "create_seminar",
    "duplicate_seminar",
    "keep_catalog",
    "publish",
    "relist",
    "relist_where_empty",
    "remove_handout",
    "save_provider",
    "save_seminar",
    "save_text",
    "withdraw",
]
