"""Whether everybody in control of content has disclosed, and whether what they disclosed is settled."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from cme.catalog.rules.checks import Finding, found
from cme.catalog.rules.formats import ENDURING

# A trademark sign, a picture, an address or the word: learners are told the names of companies, and nothing that sells.
SELLS = re.compile(
    r"[®™℠©]|\((?:R|TM)\)|<\w|!?\[[^\]]*\]\(|https?:|www\.|\.(?:png|jpe?g|gif|svg|webp)\b|\b(?:logo|trade ?mark)s?\b",
    re.IGNORECASE,
)


def independence(seminar: Any, today: date) -> Iterator[Finding]:
    """What is missing of disclosure, decision, mitigation, and the naming of support."""
    if not any(person.role == "director" for person in seminar.people):
        yield found("director-missing")
    for person in seminar.people:
        name = person.faculty.full_name
        current = [one for one in person.faculty.disclosures if one.expires_on >= today]
        if not current:
            yield found("disclosure-expired" if person.faculty.disclosures else "disclosure-missing", name=name)
        for one in current:
            if one.has_relationship:
                yield from _relationship(one, name, today, seminar)
    yield from _support(seminar)


def _relationship(one: Any, name: str, today: date, seminar: Any) -> Iterator[Finding]:
    words = {"name": name, "company": one.company}
    if SELLS.search(f"{one.company} {one.nature}"):
        yield found("logo-or-trade-name-in-disclosure", name=name)
    if not one.is_decided:
        yield found("relevance-undecided", **words)
    elif one.is_relevant:
        if not (one.nature or "").strip():
            yield found("nature-missing", **words)
        if not (one.mitigation and one.mitigated_on):
            yield found("mitigation-missing", **words)
        elif one.mitigated_on > max(today, seminar.starts_on or today) and seminar.learning_format != ENDURING:
            yield found("mitigation-late", **words)


def _support(seminar: Any) -> Iterator[Finding]:
    given = seminar.commercial_support or ()
    if bool(given) == bool(seminar.no_commercial_support):
        yield found("support-undecided")
    if any(not (one.get("source") or "").strip() for one in given):
        yield found("support-source-missing")
    if any(SELLS.search(f"{one.get('source') or ''} {one.get('nature') or ''}") for one in given):
        yield found("logo-or-trade-name-in-support")
