"""What is on offer: upcoming seminars, one seminar, articles."""

from cme.catalog.cards import Card, Found, Pages, card_of, in_order, seats_left
from cme.catalog.queries.articles import article_by_slug, articles, categories, category_by_slug, more_articles
from cme.catalog.queries.handouts import handed_out_bytes, handout_by_ref, handouts_of
from cme.catalog.queries.listing import choices, facets, fingerprint, related_seminars, search, upcoming_seminars
from cme.catalog.queries.seminars import seminar_by_slug
from cme.catalog.queries.states import SeminarState, article_state, catalog_state, seminar_state

# Cards are asked for here, too: what a list shows is an answer like the others.
__all__ = [
    "Card",
    "Found",
    "Pages",
    "SeminarState",
    "article_by_slug",
    "article_state",
    "articles",
    "card_of",
    "catalog_state",
    "categories",
    "category_by_slug",
    "choices",
    "facets",
    "fingerprint",
    "handed_out_bytes",
    "handout_by_ref",
    "handouts_of",
    "in_order",
    "more_articles",
    "related_seminars",
    "search",
    "seats_left",
    "seminar_by_slug",
    "seminar_state",
    "upcoming_seminars",
]
