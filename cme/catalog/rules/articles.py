"""What an article lacks to be published."""

from collections.abc import Iterator
from typing import Any

from cme.catalog.rules.findings import MISNAMED, PENDING, Finding
from cme.values import CREDIT_NAMES, CreditType


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
        text = getattr(article, field) or ""
        if PENDING.search(text):
            yield Finding(field, "AMA PRA credit is never pending or applied for: take these words out")
        if MISNAMED.search(text):
            yield Finding(field, f"Write the credit's full name: {CREDIT_NAMES[CreditType.AMA_PRA_1]}")
