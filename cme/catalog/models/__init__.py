"""Seminars and what belongs to them: offerings, tuition, agenda, faculty, designations; articles."""

from cme.catalog.models.agenda import AgendaSession, Handout, SessionFaculty
from cme.catalog.models.articles import Article, ArticleCategory
from cme.catalog.models.faculty import Disclosure, DisclosureRequest, Faculty, SeminarFaculty
from cme.catalog.models.listing import Listing, ListingCard, ListingCode, ListingWord
from cme.catalog.models.seminar import (
    CANCELLED,
    DRAFT,
    PUBLISHED,
    WITHDRAWN,
    Designation,
    Offering,
    PriceTier,
    Seminar,
)

__all__ = [
    "CANCELLED",
    "DRAFT",
    "PUBLISHED",
    "WITHDRAWN",
    "AgendaSession",
    "Article",
    "ArticleCategory",
    "Designation",
    "Disclosure",
    "DisclosureRequest",
    "Faculty",
    "Handout",
    "Listing",
    "ListingCard",
    "ListingCode",
    "ListingWord",
    "Offering",
    "PriceTier",
    "Seminar",
    "SeminarFaculty",
    "SessionFaculty",
]
