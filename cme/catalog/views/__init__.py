"""The catalog, seminar pages, articles and the plain texts."""

from cme.catalog.views import articles, faculty, programs, seminar, seminars, texts
from cme.catalog.views.blueprint import bp

__all__ = ["articles", "bp", "faculty", "programs", "seminar", "seminars", "texts"]
