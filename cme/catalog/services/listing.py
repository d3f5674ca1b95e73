"""Keeping what the catalog reads true as time passes, and writing it all anew."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.orm import selectinload

from cme.catalog import listing
from cme.catalog.models import PUBLISHED, Listing, ListingCard, ListingWord, Offering, Seminar
from cme.catalog.rules import ENDURING
from cme.catalog.services.seminars import locked
from cme.database import db, retried, transaction

AT_ONCE = 500


@retried
def keep_catalog(*, now: datetime) -> dict[str, int]:
    """Take out what is over, and move prices on to the rate that counts now."""
    with transaction() as session:
        # Held: what is put off at this very moment is written anew, and must not go with what is over.
        gone = select(Listing.seminar_id).where(Listing.until <= now).order_by(Listing.seminar_id)
        over = list(session.scalars(gone.with_for_update()))
        if over:
            listing.unlist(over)
            listing.remove(over)
        moved = select(Listing.seminar_id).where(Listing.price_until <= now, Listing.until > now)
        changed = list(session.scalars(moved.order_by(Listing.seminar_id)))
        for number in changed:
            listing.refresh(locked(number), now=now)
        session.execute(delete(ListingWord).where(ListingWord.seminars <= 0))
    return {"over": len(over), "repriced": len(changed)}


@retried
def relist(*, now: datetime) -> int:
    """Write all the catalog reads anew, from the seminars themselves; answers with how many are on offer."""
    with transaction() as session:
        if db.engine.dialect.name == "postgresql":
            # Whoever saves a seminar meanwhile waits, and then writes its newer words over ours.
            session.execute(text("LOCK TABLE listing IN SHARE ROW EXCLUSIVE MODE"))
        offered = or_(Seminar.starts_at > now, Seminar.learning_format == ENDURING)
        found = select(Seminar.id).where(Seminar.status == PUBLISHED, offered).order_by(Seminar.id)
        numbers = list(session.scalars(found))
        listing.unlist(list(session.scalars(select(Listing.seminar_id))))
        for model in (Listing, ListingCard, ListingWord):
            session.execute(delete(model))
        session.execute(text("DELETE FROM listing_fts"))
        words: Counter[str] = Counter()
        listed = 0
        for start in range(0, len(numbers), AT_ONCE):
            drawn = (listing.entry_of(seminar, now=now) for seminar in _whole(numbers[start : start + AT_ONCE]))
            entries = [entry for entry in drawn if entry is not None]
            words.update(word for entry in entries for word in entry.words)
            if entries:
                listing.write(entries)
            shown = update(Offering).where(Offering.seminar_id.in_([entry.seminar_id for entry in entries]))
            session.execute(shown.values(is_listed=True), execution_options={"synchronize_session": False})
            session.expunge_all()
            listed += len(entries)
        listing.count_words(words, Counter())
    return listed


def relist_where_empty(*, now: datetime) -> int:
    """Fill the catalog of a house that had seminars before it had these tables."""
    is_filled = db.session.scalar(select(Listing.seminar_id).limit(1)) is not None
    return 0 if is_filled else relist(now=now)


def _whole(numbers: Iterable[int]) -> list[Seminar]:
    """Seminars with all a listing is made of."""
    found = select(Seminar).where(Seminar.id.in_(list(numbers))).order_by(Seminar.id)
    parts = (Seminar.people, Seminar.designations, Seminar.sessions)
    found = found.options(selectinload(Seminar.offerings).selectinload(Offering.tiers), *map(selectinload, parts))
    return list(db.session.scalars(found))
