"""Searching the catalog, on both databases: what is found, in which order, what is counted, and that it stays true."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from werkzeug.datastructures import MultiDict

from cme.catalog import listing, queries, services
from cme.catalog.cards import Found
from cme.catalog.facets import amount_bounds
from cme.catalog.filters import Filters, read
from cme.catalog.models import Designation, Listing, ListingCard, ListingWord, Offering, Seminar
from cme.catalog.words import corrected, nearest, stem_of, terms_of
from cme.database import db, transaction
from tests.factories import seminar

pytestmark = pytest.mark.usefixtures("app")


def found(clock: Any, **asked: Any) -> Found:
    known = queries.choices()
    pairs = [(name, one) for name, given in asked.items() for one in (given if isinstance(given, list) else [given])]
    return queries.search(read(MultiDict(pairs), known), now=clock.now, known=known)


def titles(clock: Any, q: str, **asked: Any) -> list[str]:
    return [card.title for card in found(clock, q=q, **asked).pages.items]


def offer(clock: Any, title: str, **values: Any) -> Seminar:
    """A seminar with nothing of its own but its title and what is named."""
    made = seminar(now=clock.now, title=title, days=1, starts_in=values.pop("starts_in", 30))
    values = {"specialty": "Other", "summary": ""} | values
    change(clock, made, lambda it: [setattr(it, name, value) for name, value in values.items()])
    return made


def change(clock: Any, made: Seminar, how: Callable[[Seminar], Any]) -> None:
    with transaction() as session:
        changed = session.get_one(Seminar, made.id)
        how(changed)
        listing.refresh(changed, now=clock.now)


def test_the_title_counts_most_then_topics_faculty_place_and_description(clock: Any) -> None:
    offer(clock, "E", description="Nothing but lighthouse")
    offer(clock, "D", city="Lighthouse")
    teacher = offer(clock, "C")
    change(clock, teacher, lambda it: setattr(it.people[0].faculty, "name", "Ines Lighthouse"))
    offer(clock, "B", topics=["Lighthouse"])
    offer(clock, "Lighthouse", starts_in=90)
    assert titles(clock, "lighthouse")[:3] in (["Lighthouse", "B", "C"], ["Lighthouse", "B", "D"])
    assert titles(clock, "lighthouse")[-1] == "E"
    assert titles(clock, "lighthouse", sort="date")[-1] == "Lighthouse"


def test_the_beginning_of_a_word_finds_it_and_so_do_its_relatives(clock: Any) -> None:
    offer(clock, "Diabetes Update")
    offer(clock, "Seizure Care", starts_in=40)
    assert titles(clock, "diab") == ["Diabetes Update"]
    assert titles(clock, "diabetic") == ["Diabetes Update"]
    assert titles(clock, "seizures") == ["Seizure Care"]


def test_accents_and_case_make_no_difference(clock: Any) -> None:
    offer(clock, "Médecine d’Urgence à la Côte")
    for typed in ("medecine", "MÉDECINE", "cote", "durgence", "me\u0301decine"):
        assert titles(clock, typed) == ["Médecine d’Urgence à la Côte"], typed


def test_words_between_quotation_marks_follow_each_other(clock: Any) -> None:
    offer(clock, "Heart Failure")
    offer(clock, "Failure of the Heart", starts_in=40)
    assert set(titles(clock, "heart failure")) == {"Heart Failure", "Failure of the Heart"}
    assert titles(clock, '"heart failure"') == ["Heart Failure"]
    assert titles(clock, "“heart failure”") == ["Heart Failure"]


def test_a_state_is_found_by_its_name_and_by_its_letters(clock: Any) -> None:
    offer(clock, "There", state="TX", city="Galveston")
    offer(clock, "Fluids and More", state="CA", city="Carmel")
    assert titles(clock, "texas") == titles(clock, "TX") == titles(clock, "galveston tx") == ["There"]
    assert titles(clock, "fl") == []


@pytest.mark.parametrize("typed", ["cardiolgy", "cradiology", "kardiology", "cardioolgy"])
def test_a_mistyped_word_is_put_right_and_said_so(clock: Any, typed: str) -> None:
    offer(clock, "Cardiology Review")
    answer = found(clock, q=f"{typed} review")
    assert [card.title for card in answer.pages.items] == ["Cardiology Review"]
    assert answer.corrected == "cardiology review"
    exact = found(clock, q=f"{typed} review", exact="1")
    assert (exact.pages.items, exact.corrected) == ([], "")


def test_what_is_found_or_far_from_everything_is_left_as_it_was_typed(clock: Any) -> None:
    offer(clock, "Cardiology Review")
    offer(clock, "Neurology", starts_in=40)
    assert found(clock, q="cardio").corrected == ""
    assert found(clock, q="zymurgy").corrected == ""
    # Both are known, and only together are they not found: nobody mistyped anything.
    assert found(clock, q="cardiology neurology").corrected == ""


def test_the_nearest_word_is_the_one_with_the_fewest_mistakes_then_the_commonest() -> None:
    known = [("care", 3), ("cure", 9), ("neurology", 1), ("urology", 5)]
    assert corrected(terms_of("cae"), known)[0].words == ("cae",)  # three letters are too few to guess from
    assert nearest("crae", known) == "care"
    assert nearest("cxre", known) == "cure"
    assert nearest("neurolgoy", known) == "neurology"
    assert corrected(terms_of("nurology"), known)[0].words == ("urology",)
    assert (stem_of("diabetes"), stem_of("care"), stem_of("surgery")) == ("diabet", "care", "surger")


SIGNS = [
    *('"', "*", "a*", "NEAR(a,b)", "title:x", "-x", "^x", "(", "a&b", "OR", "NOT", "'", "\\", "a:*"),
    *("!x", "<->", "%", "_", "{0}", "¨", "漢字", "𝔠𝔞𝔯𝔡", ";--", "\x00", "\ud800"),
]


@pytest.mark.parametrize("typed", [*SIGNS, "a AND", "x\x00y", "ﷺ" * 40, "a" * 100, "'; DROP TABLE listing; --"])
def test_whatever_is_typed_is_only_looked_for(clock: Any, typed: str) -> None:
    offer(clock, "Cardiology Review")
    assert found(clock, q=typed).facets.total == 1
    assert found(clock, q=typed, exact="1", sort="date", open="1").facets.total == 1


def test_nothing_is_listed_of_what_is_rolled_back(clock: Any) -> None:
    made = offer(clock, "Before")
    before = queries.fingerprint(now=clock.now)
    with pytest.raises(RuntimeError), transaction() as session:
        changed = session.get_one(Seminar, made.id)
        changed.title, changed.topics = "Afterwards", ["Lighthouse"]
        listing.refresh(changed, now=clock.now)
        raise RuntimeError
    assert titles(clock, "before") == ["Before"]
    assert titles(clock, "afterwards", exact="1") == titles(clock, "lighthouse", exact="1") == []
    assert db.session.get(ListingWord, "lighthouse") is None
    assert queries.fingerprint(now=clock.now) == before


def rows_kept() -> list[int]:
    tables = [select(func.count()).select_from(model) for model in (Listing, ListingCard)]
    words = select(func.count()).select_from(ListingWord).where(ListingWord.seminars > 0)
    shown = select(func.count()).select_from(Offering).where(Offering.is_listed)
    counts = [db.session.scalar(each) or 0 for each in (*tables, words, shown)]
    return [*counts, db.session.scalar(text("SELECT count(*) FROM listing_fts")) or 0]


@pytest.mark.parametrize("status", ["withdrawn", "cancelled", "draft"])
def test_what_is_taken_back_leaves_nothing(clock: Any, status: str) -> None:
    made = offer(clock, "Cardiology")
    assert min(rows_kept()) > 0
    change(clock, made, lambda it: setattr(it, "status", status))
    assert rows_kept() == [0, 0, 0, 0, 0]
    assert titles(clock, "cardiology") == []


def test_what_begins_is_not_shown_and_the_job_takes_it_out(clock: Any) -> None:
    made = offer(clock, "Cardiology")
    clock.now = made.starts_at
    assert titles(clock, "cardiology") == []
    assert queries.facets(now=clock.now).total == 0
    assert services.keep_catalog(now=clock.now) == {"over": 1, "repriced": 0}
    assert rows_kept() == [0, 0, 0, 0, 0]


def test_the_job_moves_prices_on(clock: Any) -> None:
    day = clock.now.date()
    made = seminar(now=clock.now, prices={"physician": 90000}, early={"physician": 40000}, early_until=day)
    assert found(clock, price="500").pages.total == 1
    before = queries.fingerprint(now=clock.now)
    clock.advance(days=2)
    assert queries.fingerprint(now=clock.now) != before
    assert found(clock, price="500").pages.total == 0
    assert services.keep_catalog(now=clock.now) == {"over": 0, "repriced": 1}
    row = db.session.get_one(Listing, made.id)
    assert (row.price_minor, row.next_minor) == (90000, None)
    assert services.keep_catalog(now=clock.now) == {"over": 0, "repriced": 0}


def test_all_can_be_written_anew(clock: Any) -> None:
    for title in ("Cardiology", "Neurology"):
        offer(clock, title)
    words = select(ListingWord.word, ListingWord.seminars).where(ListingWord.seminars > 0).order_by(ListingWord.word)
    before = (rows_kept(), db.session.execute(words).all(), titles(clock, "neurology"))
    with transaction() as session:
        for table in ("listing", "listing_card", "listing_word", "listing_fts"):
            session.execute(text(f"DELETE FROM {table}"))
    assert services.relist_where_empty(now=clock.now) == 2
    assert (rows_kept(), db.session.execute(words).all(), titles(clock, "neurology")) == before
    assert services.relist_where_empty(now=clock.now) == 0


def test_the_fingerprint_changes_with_seats_and_seminars_alone(clock: Any) -> None:
    made = offer(clock, "Cardiology")
    first = queries.fingerprint(now=clock.now)
    assert queries.fingerprint(now=clock.now + timedelta(minutes=5)) == first
    with transaction() as session:
        session.get_one(Offering, made.offerings[0].id).revision += 1
    second = queries.fingerprint(now=clock.now)
    change(clock, made, lambda it: setattr(it, "title", "Neurology"))
    assert len({first, second, queries.fingerprint(now=clock.now)}) == 3


def test_the_month_view_shows_the_first_month_with_a_seminar_or_the_one_asked_for(clock: Any) -> None:
    for title, days in (("March", 20), ("March too", 22), ("April", 45)):
        offer(clock, title, starts_in=days)
    first = found(clock, view="month")
    assert first.month is not None
    assert (first.month.value, [card.title for card in first.pages.items]) == ("2027-03", ["March", "March too"])
    april = found(clock, view="month", month="2027-04")
    assert [card.title for card in april.pages.items] == ["April"]
    assert [(choice.value, choice.count) for choice in april.facets.months] == [("2027-03", 2), ("2027-04", 1)]
    empty = found(clock, view="month", month="2027-09")
    assert (empty.pages.items, empty.pages.total) == ([], 0)


def test_every_count_is_what_one_would_find(clock: Any) -> None:
    """Each facet under all filters but its own: the same as going through the seminars one by one."""
    dice = random.Random(7)
    for number in range(24):
        made = seminar(
            now=clock.now,
            title=f"S{number}",
            starts_in=dice.choice((20, 45, 70)),
            days=1,
            modes=dice.choice((("in-person",), ("livestream",), ("in-person", "livestream"))),
            prices={"physician": dice.choice((0, 30000, 70000, 150000))},
            maximum=dice.choice((0, 200, 500, 1000, 2400)),
            specialty=dice.choice(("Cardiology", "Neurology")),
        )

        def vary(it: Seminar) -> None:
            it.topics, it.state = (
                dice.sample(["Ethics", "Sleep", "Pain"], dice.randint(0, 2)),
                dice.choice(("FL", "TX")),
            )
            it.sessions[0].topic_minutes = dice.choice(({}, {"ethics": 30}, {"opioids": 30, "ethics": 20}))
            if dice.random() < 0.5:
                it.designations.append(Designation(credit_type="ancc", maximum=100))
            for offering in it.offerings:
                offering.taken = dice.choice((0, offering.capacity))

        change(clock, made, vary)
    everything = list(db.session.scalars(select(Seminar)))
    asked: dict[str, list[str]] = {
        **{"topic": ["ethics", "sleep"], "specialty": ["cardiology"], "format": ["livestream"], "credit": ["ancc"]},
        **{"state": ["TX"], "month": ["2027-03"], "mandate": ["ethics"], "credits": ["0-5", "20-"], "price": ["500"]},
        **{"open": ["1"]},
    }
    for _ in range(12):
        chosen = {name: asked[name] for name in dice.sample(sorted(asked), dice.randint(0, 3))}
        answer = found(clock, **chosen)
        fitting = [it for it in everything if all(set(has(it, n)) & set(v) for n, v in chosen.items())]
        assert answer.pages.total == len(fitting), chosen
        counted = {
            **{"topic": answer.facets.topics, "specialty": answer.facets.specialties, "format": answer.facets.formats},
            **{"credit": answer.facets.credits, "state": answer.facets.states, "month": answer.facets.months},
            **{"mandate": answer.facets.mandates, "credits": answer.facets.amounts, "price": answer.facets.prices},
        }
        for name, choices in counted.items():
            others = [it for it in everything if all(set(has(it, n)) & set(v) for n, v in chosen.items() if n != name)]
            for choice in choices:
                assert choice.count == sum(choice.value in has(it, name) for it in others), (chosen, name, choice)
        others = [it for it in everything if all(set(has(it, n)) & set(v) for n, v in chosen.items() if n != "open")]
        assert answer.facets.open == sum("1" in has(it, "open") for it in others)


def has(it: Seminar, name: str) -> list[str]:
    """What a seminar has of a facet, worked out from its own rows."""
    ama = next(d.maximum for d in it.designations if d.credit_type == "ama-pra-1")
    price = min(tier.amount_minor for offering in it.offerings for tier in offering.tiers)
    bounds = {value: amount_bounds(value) for value in ("0-5", "5-10", "10-20", "20-")}
    return {
        "topic": [topic.casefold() for topic in it.topics],
        "specialty": [it.specialty.casefold()],
        "format": [offering.mode for offering in it.offerings],
        "credit": [d.credit_type for d in it.designations if d.maximum],
        "state": [it.state],
        "month": [f"{it.starts_on:%Y-%m}"],
        "mandate": [code for session in it.sessions for code in session.topic_minutes],
        "credits": [v for v, (low, high) in bounds.items() if ama and low <= ama and (high is None or ama < high)],
        "price": [v for v, most in (("free", 0), ("500", 50000), ("1000", 100000)) if price <= most],
        "open": ["1"] if any(offering.seats_left for offering in it.offerings) else [],
    }[name]


def test_a_filter_of_the_wrong_kind_is_left_out(clock: Any) -> None:
    offer(clock, "Cardiology")
    answer = read(
        MultiDict([("credits", "many"), ("month", "soon"), ("view", "globe"), ("exact", "so")]), queries.choices()
    )
    assert len(answer.notices) == 4
    assert answer == Filters()
