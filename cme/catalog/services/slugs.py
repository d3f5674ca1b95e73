"""Addresses made from words."""

import re
import unicodedata

from sqlalchemy import select

from cme.catalog.models import Article, ArticleCategory, Faculty, Seminar
from cme.database import db

# These words follow /admin/seminars/ and /admin/articles/ and would hide what has the same name.
RESERVED = {"new"}


def free_slug(
    model: type[Seminar | Faculty | Article | ArticleCategory], words: str, *, but: int | None = None, most: int = 80
) -> str:
    """An address that nobody has: "cardiology", "cardiology-2", …"""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain)[:most].strip("-") or "untitled"
    near = select(model.slug).where(model.slug.startswith(base, autoescape=True), model.id != (but or 0))
    taken = RESERVED | set(db.session.scalars(near))
    number = 1
    while (slug := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return slug
