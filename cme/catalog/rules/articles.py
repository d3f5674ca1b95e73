"""What an article lacks to be published."""

from collections.abc import Iterator
from typing import Any

from cme.catalog.rules.checks import Finding, found
from cme.catalog.rules.wording import PENDING, UNMARKED, as_read, is_misnamed


def article_findings(article: Any) -> list[Finding]:
    """Everything that keeps an article from being published; empty when nothing does."""
    return [*_words(article), *_claims(article)]


def _words(article: Any) -> Iterator[Finding]:
    if not (article.title or "").strip():
        yield Finding("title", "Enter the title")
    if not (article.summary or "").strip():
        yield Finding("summary", "Enter the summary: lists and search engines show it")
    if not (article.body or "").strip():
        yield Finding("body", "Enter the text")
    if article.category is None:
        yield Finding("category", "Choose a category or name a new one")


def _claims(article: Any) -> Iterator[Finding]:
    for field in ("title", "summary", "body"):
        text = as_read(getattr(article, field) or "")
        if PENDING.search(text):
            yield found("ama-pending", field)
        if is_misnamed(text):
            yield found("credit-misnamed", field)
        if UNMARKED.search(text):
            yield found("trademark-missing", field)
