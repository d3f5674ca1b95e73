"""Papers as pages for the press, from their own words and the template of their version."""

from typing import Any

from flask import current_app

from cme.pages import is_plain_latin, italics
from cme.registration.models import INVITATION, Paper
from cme.registration.papers.words import Letter, Sheet, letter_from, sheet_from


def html_of(paper: Paper) -> str:
    """The page of a paper that was issued."""
    kept: dict[str, Any] = paper.snapshot
    return page_of(letter_from(kept) if paper.kind == INVITATION else sheet_from(kept))


def page_of(words: Sheet | Letter) -> str:
    """A page of these words and nothing else."""
    name = "letter" if isinstance(words, Letter) else "sheet"
    template = current_app.jinja_env.get_template(f"registration/papers/v{words.version}/{name}.html")
    return template.render(paper=words, italics=italics, is_plain_latin=is_plain_latin)
