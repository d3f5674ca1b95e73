"""What the catalog reads is written here, in the transaction that changes a seminar: neither late nor lost."""

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, text, update

from cme.catalog import rules
from cme.catalog.cards import face_of, price_steps, ways_in
from cme.catalog.facets import AMOUNTS, amount_bounds, month_label, most_minor, slug_of
from cme.catalog.models import PUBLISHED, Listing, ListingCard, ListingCode, ListingWord, Offering, Seminar
from cme.catalog.places import country_name, state_name
from cme.catalog.values import last_moment
from cme.catalog.words import MOST_WORDS_OF_A_TEXT, SHORTEST_GUESSED, tsvector, words_of
from cme.database import db, insert
from cme.values import CREDIT_NAMES, MODE_LABELS, CreditType, Mode

# The digits stand for what changes by itself: prices and seats, added as a listing is read.
FREE, TO_500, TO_1000, OPEN = "0", "1", "2", "3"
PRICE_SIGNS = {"free": FREE, "500": TO_500, "1000": TO_1000}
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)
# One byte first, where counting is quickest.
NARROW = [chr(n) for n in (*range(0x21, 0x30), *range(0x3A, 0x7F), *range(0xA1, 0x100))]
WIDE = 0x4E00  # a long stretch of letters nobody combines or folds
FIELDS = ("title", "topics", "faculty", "place", "description")
WEIGHTS = ("A", "B", "C", "C", "D")
REMEMBER = {
    "sqlite": "INSERT INTO listing_fts (rowid, title, topics, faculty, place, description)"
    " VALUES (:id, :title, :topics, :faculty, :place, :description)",
    "postgresql": "INSERT INTO listing_fts (seminar_id, words) VALUES (:id, CAST(:words AS tsvector))",
}
FORGET = {
    "sqlite": "DELETE FROM listing_fts WHERE rowid = :id",
    "postgresql": "DELETE FROM listing_fts WHERE seminar_id = :id",
}


@dataclass(frozen=True)
class Entry:
    """All that is written of one seminar."""

    seminar_id: int
    row: dict[str, Any]
    choices: list[tuple[str, str, str]]  # facet, value, label
    face: dict[str, Any]
    fields: list[list[str]]

    @property
    def words(self) -> set[str]:
        """What it is known by, as far as one could mistype it."""
        return {w for field in self.fields for w in field if len(w) >= SHORTEST_GUESSED and not w.isdigit()}


def character(number: int) -> str:
    """The character that stands for a choice."""
    return NARROW[number - 1] if number <= len(NARROW) else chr(WIDE + number)


def refresh(seminar: Seminar, *, now: datetime) -> None:
    """Write what the catalog says of a seminar anew; of one that is not on offer it says nothing."""
    db.session.flush()
    entry = entry_of(seminar, now=now)
    for offering in seminar.offerings:
        offering.is_listed = entry is not None
    db.session.flush()
    remove([seminar.id], but=entry.words if entry else ())
    if entry is not None:
        write([entry])


def until_of(seminar: Seminar) -> datetime:
    """When a seminar is not offered any more: as it starts, or on demand as it terminates."""
    if seminar.learning_format == rules.ENDURING and seminar.terminates_on:
        return last_moment(seminar.terminates_on, seminar.time_zone)
    return seminar.starts_at


def entry_of(seminar: Seminar, *, now: datetime) -> Entry | None:
    """What to write of a seminar; None when it is not published or not ahead."""
    until = until_of(seminar)
    if seminar.status != PUBLISHED or until <= now:
        return None
    is_on_demand = seminar.learning_format == rules.ENDURING
    ama = seminar.designation_of(CreditType.AMA_PRA_1)
    row = {
        "seminar_id": seminar.id,
        "until": until,
        "starts_at": seminar.starts_at,
        "starts_on": None if is_on_demand else seminar.starts_on,
        "is_on_demand": is_on_demand,
        "amount": ama.maximum if ama else 0,
        "stamp": secrets.randbelow(2**31),
        **_prices(seminar, now),
    }
    return Entry(seminar.id, row, _choices(seminar, is_on_demand), face_of(seminar), _fields(seminar))


def _prices(seminar: Seminar, now: datetime) -> dict[str, Any]:
    """What the cheapest way in costs now, until when, and what then."""
    steps = [
        (last_moment(step.until, seminar.time_zone) if step.until else None, step.price.minor)
        for step in price_steps(ways_in(seminar))
    ]
    ahead = [(until, minor) for until, minor in steps if until is None or until > now]
    (until, minor), (_, following) = (*ahead, (None, None), (None, None))[:2]
    return {
        "price_minor": minor,
        "price_signs": _signs(minor),
        "price_until": until or FOREVER,
        "next_minor": following,
        "next_signs": _signs(following),
    }


def _signs(minor: int | None) -> str:
    """The prices asked for that this one stays within."""
    return "".join(sign for price, sign in PRICE_SIGNS.items() if minor is not None and minor <= most_minor(price))


def _choices(seminar: Seminar, is_on_demand: bool) -> list[tuple[str, str, str]]:
    """Everything the seminar can be chosen by: facet, value, label."""
    found = [("specialty", slug_of(seminar.specialty), seminar.specialty)]
    found += [("topic", slug_of(topic), topic) for topic in seminar.topics]
    found += [("format", offering.mode, MODE_LABELS[Mode(offering.mode)]) for offering in ways_in(seminar)]
    for each in seminar.designations:
        if each.maximum and not each.is_pending:
            found.append(("credit", each.credit_type, CREDIT_NAMES[CreditType(each.credit_type)]))
        if each.credit_type == CreditType.AMA_PRA_1 and each.maximum:
            found += [("amounts", value, label) for value, label in AMOUNTS.items() if _holds(value, each.maximum)]
    found.append(("state", seminar.state, state_name(seminar.state)))
    found.append(("country", seminar.country, country_name(seminar.country)))
    if not is_on_demand:
        month = f"{seminar.starts_on:%Y-%m}"
        found.append(("month", month, month_label(month)))
    minutes = rules.topic_minutes(seminar.sessions)
    found += [("mandate", code, rules.TOPICS[code]) for code, spent in minutes.items() if spent]
    return [choice for choice in dict.fromkeys(found) if choice[1]]


def _holds(value: str, amount: int) -> bool:
    least, beyond = amount_bounds(value)
    return least <= amount and (beyond is None or amount < beyond)


def _fields(seminar: Seminar) -> list[list[str]]:
    """The words of a seminar by where they stand, in the order of FIELDS."""
    people = " ".join(person.faculty.full_name for person in seminar.people)
    places = (seminar.city, seminar.state, state_name(seminar.state), seminar.venue, country_name(seminar.country))
    texts = (
        seminar.title,
        " ".join((seminar.specialty, *seminar.topics)),
        people,
        " ".join(places),
        " ".join((seminar.summary, *seminar.objectives, seminar.description)),
    )
    return [words_of(each)[:MOST_WORDS_OF_A_TEXT] for each in texts]


def remove(seminar_ids: Sequence[int], *, but: Iterable[str] = ()) -> None:
    """Take seminars out of the catalog's tables; words that come back at once are not counted down and up again."""
    session, chosen = db.session, list(seminar_ids)
    kept = session.scalars(select(ListingCard.words).where(ListingCard.seminar_id.in_(chosen)))
    had = Counter(word for words in kept for word in words.split())
    count_words(Counter(but), had)
    for model in (Listing, ListingCard):
        gone = delete(model).where(model.seminar_id.in_(chosen))
        session.execute(gone, execution_options={"synchronize_session": False})
    session.execute(text(FORGET[db.engine.dialect.name]), [{"id": number} for number in chosen])


def write(entries: Sequence[Entry]) -> None:
    """Write what the catalog says of seminars it says nothing of yet; their words are counted elsewhere."""
    session = db.session
    characters = _characters({choice for entry in entries for choice in entry.choices})
    rows = [
        entry.row | {"codes": "".join(characters[facet, value] for facet, value, _ in entry.choices)}
        for entry in entries
    ]
    cards = [
        {"seminar_id": entry.seminar_id, "card": entry.face, "words": " ".join(sorted(entry.words))}
        for entry in entries
    ]
    session.execute(insert(Listing), rows)
    session.execute(insert(ListingCard), cards)
    is_postgresql = db.engine.dialect.name == "postgresql"
    texts = [
        {"words": tsvector(zip(WEIGHTS, entry.fields, strict=True))}
        if is_postgresql
        else dict(zip(FIELDS, map(" ".join, entry.fields), strict=True))
        for entry in entries
    ]
    numbered = [{"id": entry.seminar_id} | words for entry, words in zip(entries, texts, strict=True)]
    session.execute(text(REMEMBER[db.engine.dialect.name]), numbered)


def count_words(now: Counter[str], before: Counter[str]) -> None:
    """Keep true by how many seminars a word is known."""
    changes = {word: now[word] - before[word] for word in now | before if now[word] != before[word]}
    if not changes:
        return
    counted = insert(ListingWord)
    counted = counted.on_conflict_do_update(
        index_elements=[ListingWord.word], set_={"seminars": ListingWord.seminars + counted.excluded.seminars}
    )
    # In one order, always: two editors who share words wait for each other instead of locking each other out.
    db.session.execute(counted, [{"word": word, "seminars": changes[word]} for word in sorted(changes)])


def _characters(choices: set[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    """The character of each choice: one nobody offered before gets its own, and each is called as it was last."""
    known = _known()
    labels = {(facet, value): label for facet, value, label in sorted(choices)}
    new = [key for key, label in labels.items() if key not in known or known[key][1] != label]
    if new:
        rows = [{"facet": facet, "value": value, "label": labels[facet, value]} for facet, value in new]
        kept = insert(ListingCode)
        kept = kept.on_conflict_do_update(index_elements=["facet", "value"], set_={"label": kept.excluded.label})
        db.session.execute(kept, rows)
        known = _known()
    return {key: character(number) for key, (number, _) in known.items()}


def _known() -> dict[tuple[str, str], tuple[int, str]]:
    found = db.session.execute(select(ListingCode.facet, ListingCode.value, ListingCode.id, ListingCode.label))
    return {(facet, value): (number, label) for facet, value, number, label in found}


def unlist(seminar_ids: Sequence[int]) -> None:
    """Say of offerings that the catalog does not list them: the past is not to be looked through."""
    gone = update(Offering).where(Offering.seminar_id.in_(list(seminar_ids)), Offering.is_listed)
    db.session.execute(gone.values(is_listed=False), execution_options={"synchronize_session": False})
