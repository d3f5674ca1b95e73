"""What staff do with the catalog: draft, save, publish and withdraw seminars, decide on settings and texts."""

from cme.catalog.services.provider import save_provider, save_text
from cme.catalog.services.seminars import create_seminar, save_seminar
from cme.catalog.services.standing import publish, withdraw

__all__ = ["create_seminar", "publish", "save_provider", "save_seminar", "save_text", "withdraw"]
