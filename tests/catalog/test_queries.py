"""What is on offer, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.datastructures import MultiDict

from cme.catalog import listing, queries
from cme.catalog.filters import Filters, read
from cme.catalog.models import Offering, Seminar, SeminarFaculty
from cme.database import db, transaction
from cme.values import Credits, Money
from tests.conftest import NOW
from tests.factories import FREE, faculty, seminar

pytestmark = pytest.mark.usefixtures("app")


def listed(clock: Any, *pairs: tuple[str, str], **asked: Any) -> list[str]:
    """The titles the catalog lists for an address."""
    filters = read(MultiDict([*pairs, *asked.items()]), queries.facets(now=clock.now))
    assert filters.notices == ()
    return [card.title for card in queries.upcoming_seminars(filters, now=clock.now).items]


def change(made: Seminar, **values: Any) -> None:
    with transaction() as session:
        changed = session.get_one(Seminar, made.id)
        for name, value in values.items():
            setattr(changed, name, value)
        listing.refresh(changed, now=NOW)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    yield said
    event.remove(db.engine, "before_cursor_execute", listen)


def test_only_what_is_published_and_ahead_is_listed(clock: Any) -> None:
    seminar(now=clock.now, title="Ahead")
    seminar(now=clock.now, title="Over", starts_in=-10)
    seminar(now=clock.now, title="Running", starts_in=-1, days=4)
    for status in ("draft", "withdrawn", "cancelled"):
        seminar(now=clock.now, title=status, status=status)
    assert listed(clock) == ["Ahead"]
    assert queries.facets(now=clock.now).total == 1


def test_the_soonest_come_first(clock: Any) -> None:
    for days in (60, 20, 40):
        seminar(now=clock.now, title=f"In {days}", starts_in=days)
    assert listed(clock) == ["In 20", "In 40", "In 60"]


def test_an_on_demand_seminar_is_listed_until_it_terminates_and_comes_last(clock: Any) -> None:
    today = clock.now.date()
    for title, ends in (("Still open", today), ("Terminated", today - timedelta(days=1))):
        made = seminar(now=clock.now, title=title, starts_in=-100, modes=("on-demand",))
        change(made, learning_format="enduring material", terminates_on=ends)
    seminar(now=clock.now, title="Live")
    assert listed(clock) == ["Live", "Still open"]
    card = queries.upcoming_seminars(Filters(), now=clock.now).items[1]
    assert (card.starts_on, card.month_label, card.mode_label) == (None, "Any day", "On demand")


def test_every_word_must_be_found_somewhere(clock: Any) -> None:
    cardiology = seminar(now=clock.now, title="Cardiology for Primary Care", starts_in=20)
    with transaction() as session:
        session.get_one(Seminar, cardiology.id).people[0].faculty.name = "Tobias Marrowgate"
    change(cardiology, topics=["Ethics"])
    pain = seminar(now=clock.now, title="Pain and 100% Opioids", starts_in=30, specialty="Pain medicine")
    change(pain, city="Galveston", state="TX", summary="Safe_prescribing", venue="Harbour House")
    assert listed(clock, q="CARDIO care") == ["Cardiology for Primary Care"]
    assert listed(clock, q="marrowgate") == ["Cardiology for Primary Care"]
    assert listed(clock, q="ethics") == ["Cardiology for Primary Care"]
    assert listed(clock, q="texas") == ["Pain and 100% Opioids"]
    assert listed(clock, q="galveston pain") == ["Pain and 100% Opioids"]
    assert listed(clock, q="galveston ethics") == []
    assert listed(clock, q="100%") == ["Pain and 100% Opioids"]
    assert listed(clock, q="safe_presc") == ["Pain and 100% Opioids"]


def test_filters_narrow_together_and_widen_within_themselves(clock: Any) -> None:
    a = seminar(now=clock.now, title="A", starts_in=20, specialty="Cardiology", modes=("in-person", "livestream"))
    b = seminar(now=clock.now, title="B", starts_in=40, specialty="Women's health", modes=("livestream",))
    c = seminar(now=clock.now, title="C", starts_in=60, specialty="Neurology", modes=("in-person",))
    change(a, topics=["Ethics", "Implicit bias"])
    change(b, topics=["Douleur é"], state="TX")
    change(c, state="AL")
    assert listed(clock, format="in-person") == ["A", "C"]
    assert listed(clock, ("specialty", "cardiology"), ("specialty", "womens-health")) == ["A", "B"]
    assert listed(clock, ("specialty", "cardiology"), ("state", "TX")) == []
    assert listed(clock, topic="implicit-bias") == ["A"]
    assert listed(clock, topic="douleur-e") == ["B"]
    assert listed(clock, state="al") == ["C"]
    assert listed(clock, credit="ama-pra-1") == ["A", "B", "C"]
    assert listed(clock, credit="aafp-prescribed") == []
    day = (clock.now + timedelta(days=40)).date()
    assert listed(clock, ("from", str(day)), ("to", str(day))) == ["B"]


def test_facets_count_what_is_ahead(clock: Any) -> None:
    a = seminar(now=clock.now, specialty="Cardiology", modes=("in-person", "livestream"), starts_in=20)
    change(a, topics=["Ethics"])
    seminar(now=clock.now, specialty="Cardiology", starts_in=60)
    seminar(now=clock.now, specialty="Neurology", starts_in=-60)
    facets = queries.facets(now=clock.now)
    assert [(choice.value, choice.count) for choice in facets.specialties] == [("cardiology", 2)]
    assert [(choice.label, choice.count) for choice in facets.topics] == [("Ethics", 1)]
    assert [(choice.label, choice.count) for choice in facets.states] == [("Florida", 2)]
    assert {choice.value: choice.count for choice in facets.formats} == {
        "in-person": 2,
        "livestream": 1,
        "on-demand": 0,
    }
    assert [choice.value for choice in facets.months] == ["2027-03", "2027-04"]


def test_price_is_the_cheapest_way_in_on_this_day(clock: Any) -> None:
    day = clock.now.date()
    seminar(
        now=clock.now,
        title="Early",
        prices={"physician": 90000, "trainee": 60000},
        early={"trainee": 30000},
        early_until=day,
    )
    seminar(now=clock.now, title="Steady", prices={"physician": 40000})
    seminar(now=clock.now, title="Free", prices=FREE)
    assert listed(clock, sort="price") == ["Free", "Early", "Steady"]
    assert listed(clock, price="free") == ["Free"]
    assert listed(clock, ("price", "300"), ("sort", "price")) == ["Free", "Early"]
    cards = {card.title: card for card in queries.upcoming_seminars(Filters(), now=clock.now).items}
    assert (cards["Early"].from_price, cards["Early"].early_until) == (Money(30000), day)
    assert cards["Free"].is_free
    # Midnight in Sarasota ends the early rate, not midnight in Greenwich.
    clock.now = clock.now.replace(hour=0) + timedelta(days=1, hours=4)
    assert set(listed(clock, price="300")) == {"Early", "Free"}
    clock.advance(hours=2)
    assert listed(clock, price="300") == ["Free"]
    assert listed(clock, sort="price") == ["Free", "Steady", "Early"]


def test_most_credits_first(clock: Any) -> None:
    for title, maximum in (("Few", 200), ("Many", 1600), ("None", 0)):
        seminar(now=clock.now, title=title, maximum=maximum)
    assert listed(clock, sort="credits") == ["Many", "Few", "None"]
    assert queries.upcoming_seminars(Filters(sort="credits"), now=clock.now).items[0].credits == Credits(1600)


def test_a_seminar_is_full_when_no_way_in_has_a_seat(clock: Any) -> None:
    made = seminar(now=clock.now, modes=("livestream", "in-person"), capacity=5)
    both = {offering.mode: offering.id for offering in made.offerings}

    def take(mode: str, taken: int) -> Any:
        with transaction() as session:
            session.get_one(Offering, both[mode]).taken = taken
        return queries.upcoming_seminars(Filters(), now=clock.now).items[0]

    assert take("livestream", 1).seats_left == 5
    assert take("in-person", 5).seats_left == 4
    assert listed(clock, open="1") == [made.title]
    assert take("livestream", 5).is_full
    assert listed(clock, open="1") == []
    assert listed(clock) == [made.title]


def test_a_closed_way_in_is_neither_shown_nor_priced(clock: Any) -> None:
    made = seminar(now=clock.now, modes=("in-person", "livestream"), prices={"physician": 50000})
    with transaction() as session:
        closed = session.get_one(Seminar, made.id).offerings[0]
        closed.status, closed.tiers[0].amount_minor = "closed", 100
        listing.refresh(closed.seminar, now=clock.now)
    (card,) = queries.upcoming_seminars(Filters(), now=clock.now).items
    assert (card.modes, card.from_price) == (("livestream",), Money(50000))
    assert listed(clock, format="in-person") == []


def test_a_page_is_as_long_as_it_says(clock: Any) -> None:
    for number in range(5):
        seminar(now=clock.now, title=f"S{number}", starts_in=20 + number, days=1)
    found = queries.upcoming_seminars(Filters(page=2), now=clock.now, per_page=2)
    assert [card.title for card in found.items] == ["S2", "S3"]
    assert (found.total, found.pages, found.first, found.last, found.has_prev, found.has_next) == (
        5,
        3,
        3,
        4,
        True,
        True,
    )
    beyond = queries.upcoming_seminars(Filters(page=9), now=clock.now, per_page=2)
    assert beyond.is_beyond
    assert beyond.items == []


def test_a_longer_list_asks_the_database_no_more(clock: Any) -> None:
    def asked() -> int:
        db.session.rollback()
        with statements() as said:
            queries.upcoming_seminars(Filters(sort="price"), now=clock.now)
            queries.facets(now=clock.now)
        return len(said)

    seminar(now=clock.now, modes=("in-person", "livestream"))
    few = asked()
    for _ in range(8):
        seminar(now=clock.now, modes=("in-person", "livestream"))
    assert asked() == few <= 10


def test_the_page_of_a_long_seminar_asks_the_database_no_more(clock: Any) -> None:
    def asked(slug: str) -> int:
        db.session.rollback()
        db.session.expunge_all()
        with statements() as said:
            found = queries.seminar_by_slug(slug)
            assert found is not None
            assert [person.faculty.disclosures for person in found.people]
            assert [session.faculty for session in found.sessions]
            assert [tier.price_on(clock.now.date()) for offering in found.offerings for tier in offering.tiers]
        return len(said)

    seminar(now=clock.now, days=1, slug="short")
    long = seminar(now=clock.now, days=9, modes=("in-person", "livestream"), slug="long")
    guests = [faculty(name=name, now=clock.now).id for name in ("Ines Calloway-Brandt", "Wren Adair-Holt")]
    with transaction() as session:
        session.get_one(Seminar, long.id).people += [SeminarFaculty(faculty_id=guest) for guest in guests]
    assert asked("short") == asked("long") <= 10


@pytest.mark.parametrize(
    ("status", "found", "previewed"),
    [
        ("published", True, True),
        ("cancelled", True, True),
        ("draft", False, True),
        ("withdrawn", False, True),
    ],
)
def test_drafts_and_withdrawn_seminars_are_for_staff(clock: Any, status: str, found: bool, previewed: bool) -> None:
    seminar(now=clock.now, slug="this", status=status)
    assert (queries.seminar_by_slug("this") is not None) is found
    assert (queries.seminar_by_slug("this", preview=True) is not None) is previewed


@pytest.mark.parametrize("slug", ["nothing", "", "a\x00b", "Ä", "a" * 500, "' OR 1=1 --"])
def test_an_odd_slug_finds_nothing(slug: str) -> None:
    assert queries.seminar_by_slug(slug) is None
    assert queries.article_by_slug(slug, now=NOW) is None
    assert queries.category_by_slug(slug) is None


def test_related_seminars_are_of_the_same_specialty_first(clock: Any) -> None:
    for title, specialty, days in (("A", "Cardiology", 20), ("B", "Neurology", 30), ("C", "Neurology", 40)):
        seminar(now=clock.now, title=title, specialty=specialty, starts_in=days)
    assert [card.title for card in queries.related_seminars("Neurology", now=clock.now)] == ["B", "C", "A"]
    assert [card.title for card in queries.related_seminars("", now=clock.now, most=2)] == ["A", "B"]
