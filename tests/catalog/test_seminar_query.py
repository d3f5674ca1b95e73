"""One seminar with all its page shows, on both databases."""

from typing import Any

from sqlalchemy import event

from cme.catalog.queries.seminars import HandoutTold, seminar_and_handouts, seminar_on_cards
from cme.database import db, transaction
from tests.factories import handout, seminar


def statements(ask: Any) -> int:
    """How many statements an answer takes."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len([statement for statement in asked if not statement.startswith("BEGIN")])


def test_handouts_are_told_in_their_order(app, clock):
    made = seminar(now=clock.now, modes=("in-person", "livestream"))
    for position, title in ((12, "Twelfth"), (2, "Second | with, signs"), (1, "Ω first")):
        handout(made, now=clock.now, title=title, position=position, content=b"x" * position)
    found, told = seminar_and_handouts(made.slug)
    assert found.id == made.id
    assert told == [HandoutTold("Ω first", 1), HandoutTold("Second | with, signs", 2), HandoutTold("Twelfth", 12)]


def test_a_seminar_without_handouts_tells_of_none(app, clock):
    found, told = seminar_and_handouts(seminar(now=clock.now).slug)
    assert told == []
    assert len(found.sessions) == 6


def test_all_of_it_takes_three_statements(app, clock):
    slug = seminar(now=clock.now, modes=("in-person", "livestream")).slug

    def look() -> None:
        found, _ = seminar_and_handouts(slug)
        for way in found.offerings:
            assert len(way.tiers) == 3
        assert [person.faculty.disclosures for person in found.people]
        assert not [teacher for session in found.sessions for teacher in session.faculty]
        assert len(found.designations) == 1

    assert statements(look) == 3


def test_drafts_are_there_as_a_preview_alone(app, clock):
    draft = seminar(now=clock.now, status="draft")
    assert seminar_and_handouts(draft.slug) is None
    assert seminar_and_handouts(draft.slug, preview=True) is not None
    assert seminar_on_cards(draft.slug) is None
    for slug in ("none", "No Slug", "a" * 121, "\x00"):
        assert seminar_and_handouts(slug, preview=True) is None
        assert seminar_on_cards(slug) is None


def test_two_of_everything_are_not_mixed_up(app, clock):
    made = seminar(now=clock.now, modes=("in-person", "livestream"), title="One")
    seminar(now=clock.now, title="Other")
    with transaction() as session:
        made = session.merge(made)
        made.designations.append(type(made.designations[0])(credit_type="aapa-1", maximum=400))
    found, _ = seminar_and_handouts(made.slug)
    assert sorted(one.credit_type for one in found.designations) == ["aapa-1", "ama-pra-1"]
    assert sorted(way.mode for way in found.offerings) == ["in-person", "livestream"]
