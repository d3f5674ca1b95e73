"""What the catalog keeps of a seminar: all its words, called as they are called now, whoever else writes meanwhile."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from cme.catalog import listing, queries, services
from cme.catalog.cards import Found
from cme.catalog.filters import read
from cme.catalog.models import Listing, ListingCard, ListingCode, ListingWord, Offering, Seminar
from cme.catalog.services.seminars import locked
from cme.catalog.words import MOST_GUESSED, corrected, said, terms_of
from cme.database import db, retried, transaction
from tests.factories import seminar

pytestmark = pytest.mark.usefixtures("app")


def found(clock: Any, **asked: Any) -> Found:
    known = queries.choices()
    return queries.search(read(MultiDict(asked), known), now=clock.now, known=known)


def change(clock: Any, made: Seminar, **values: Any) -> None:
    with transaction():
        it = locked(made.id)
        for name, value in values.items():
            setattr(it, name, value)
        listing.refresh(it, now=clock.now)


def test_topics_a_state_asks_for_are_labels_like_all_others(clock: Any) -> None:
    made = seminar(now=clock.now)
    with transaction() as session:
        session.add(ListingCode(facet="mandate", value="end-of-life", label="end-of-life care"))
        made.sessions[0].topic_minutes = {"end-of-life": 30, "hiv": 30}
        listing.refresh(made, now=clock.now)
    assert [choice.label for choice in found(clock).facets.mandates] == ["End-of-life care", "HIV and AIDS"]


def test_a_choice_is_called_as_it_was_last(clock: Any) -> None:
    made = seminar(now=clock.now)
    for topic in ("pain Medicine", "Pain medicine"):
        change(clock, made, topics=[topic])
        assert [choice.label for choice in found(clock).facets.topics] == [topic]
        assert found(clock, topic="pain-medicine").pages.total == 1


def test_signs_that_stand_for_many_letters_are_kept_as_far_as_they_fit(clock: Any) -> None:
    made = seminar(now=clock.now)
    change(clock, made, specialty="ﬃ" * 60, topics=["ﷺ" * 60])
    assert found(clock, topic="ﷺ" * 60).pages.total == found(clock, specialty="ﬃ" * 60).pages.total == 1


def test_the_last_word_of_a_long_description_is_found_and_so_are_the_objectives(clock: Any) -> None:
    made = seminar(now=clock.now)
    text = " ".join(f"word{number}x" for number in range(2500))
    change(clock, made, description=text[:20000], objectives=["Recognize lighthouse syndrome"])
    assert found(clock, q="lighthouse").pages.total == found(clock, q="word2000x").pages.total == 1


def test_a_range_of_credit_typed_by_hand_is_counted_like_the_others(clock: Any) -> None:
    for maximum in (400, 600, 1200):
        seminar(now=clock.now, maximum=maximum)
    amounts = found(clock, credits="3-7", state="FL").facets.amounts
    assert {choice.value: choice.count for choice in amounts} == {"0-5": 1, "5-10": 1, "10-20": 1, "3-7": 2}
    answer = queries.search(
        read(MultiDict([("credits", "3-7"), ("credits", "12-12"), ("credits", "50-")]), queries.choices()),
        now=clock.now,
    )
    assert answer.pages.total == 3
    assert [choice.count for choice in answer.facets.amounts[3:]] == [2, 1, 0]


def test_a_few_slips_are_put_right_and_more_are_no_slips() -> None:
    words = ["cardiology", "neurology", "urology", "pediatrics", "geriatrics"]
    wrong = ["cardiolgy", "neurolgy", "pediartics", "geriatrisc"]
    known = [(word, 1) for word in words]
    few = " ".join(wrong[:MOST_GUESSED])
    assert said(corrected(terms_of(few), known)) == "cardiology neurology pediatrics"
    assert said(corrected(terms_of(f"urology {few}"), known)) == "urology cardiology neurology pediatrics"
    assert said(corrected(terms_of(" ".join(wrong)), known)) == " ".join(wrong)
    assert said(corrected(terms_of("zzzz"), [])) == "zzzz"


def together(app: Flask, *deeds: Callable[[], Any]) -> None:
    """Do several things at the same moment, each in a session of its own; what fails is raised here."""
    ready, failures = threading.Barrier(len(deeds)), []

    def do(deed: Callable[[], Any]) -> None:
        with app.app_context():
            try:
                ready.wait()
                deed()
            except Exception as failure:
                failures.append(failure)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure
    db.session.rollback()


def test_editors_who_share_words_neither_lock_each_other_out_nor_miscount(app: Flask, clock: Any) -> None:
    made = [seminar(now=clock.now, title=f"Heart {number}") for number in range(4)]
    numbers, words = [each.id for each in made], ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf"]
    tries: Counter[int] = Counter()

    def editor(number: int) -> Callable[[], None]:
        @retried
        def save(turn: int) -> None:
            tries[number] += 1
            with transaction():
                it = locked(number)
                it.description = " ".join(words[::-1] if (turn + number) % 2 else words[turn:])
                it.topics = [f"Topic {turn}"]
                listing.refresh(it, now=clock.now)

        def work() -> None:
            for turn in range(6):
                save(turn)

        return work

    together(app, *map(editor, numbers))
    assert set(tries.values()) == {6}  # nobody had to begin again
    counted = db.session.execute(select(ListingWord.word, ListingWord.seminars).where(ListingWord.seminars != 0))
    known = Counter(word for line in db.session.scalars(select(ListingCard.words)) for word in line.split())
    assert {word: number for word, number in counted} == known
    assert found(clock, topic="topic-5").pages.total == 4


def test_what_is_put_off_as_the_job_takes_it_out_stays_in_the_catalog(
    app: Flask, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job has seen that it is over, and then an editor is faster, or waits for the job: it is on offer again."""
    made = seminar(now=clock.now, starts_in=10)
    number, later = made.id, made.starts_at + timedelta(minutes=1)
    seen, unlist = threading.Event(), listing.unlist

    def slowly(numbers: Any) -> None:
        seen.set()
        saved.wait(0.5)
        unlist(numbers)

    saved = threading.Event()
    monkeypatch.setattr(listing, "unlist", slowly)

    @retried
    def put_off() -> None:
        seen.wait(5)
        with transaction():
            it = locked(number)
            it.starts_at += timedelta(days=40)
            listing.refresh(it, now=later)
        saved.set()

    together(app, put_off, lambda: services.keep_catalog(now=later))
    assert db.session.get(Listing, number) is not None
    assert all(db.session.scalars(select(Offering.is_listed).where(Offering.seminar_id == number)))
