"""Disclosing by a link: whose it is, how long it works, what an answer changes; and what staff decide on it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from cme import limits
from cme.audit import AuditEntry
from cme.catalog import independence
from cme.catalog.independence import (
    Decision,
    FacultyValues,
    HalfMitigated,
    LinkSpent,
    NoAddress,
    Relationship,
    Standing,
    disclosed,
)
from cme.catalog.models import CANCELLED, DRAFT, Disclosure, DisclosureRequest, Faculty, Seminar
from cme.catalog.queries import faculty as queries
from cme.catalog.services import faculty as services
from cme.database import db, transaction
from cme.errors import EditedMeanwhile, TooManyTries
from cme.mail import Letter
from tests import factories
from tests.test_database import in_threads

CONSULTANT, SPEAKER = Relationship("Palewell", "consultant"), Relationship("Northwind Biologics", "speaker", True)


@pytest.fixture
def seminar(app: Flask, clock: Any) -> Seminar:
    """A published seminar in a month, with one director, who can be written to."""
    made = factories.seminar(now=clock.now)
    with transaction():
        db.session.get_one(Faculty, made.people[0].faculty_id).email = "odalys@example.test"
    return made


def director(seminar: Seminar) -> Faculty:
    db.session.rollback()
    return db.session.get_one(Seminar, seminar.id).people[0].faculty


def ask(person: Faculty, clock: Any, form_id: str = "f" * 20) -> DisclosureRequest:
    return services.ask_to_disclose(person.id, form_id=form_id, by=None, now=clock.now)


def tokens() -> list[str]:
    """The tokens in the letters that ask to disclose."""
    texts = db.session.scalars(select(Letter.text).where(Letter.kind == "catalog/disclosure_asked").order_by(Letter.id))
    return [re.findall(r"/disclosures/([\w-]+)", words)[0] for words in texts]


@pytest.fixture
def token(seminar: Seminar, clock: Any) -> str:
    """The link the director was sent."""
    ask(director(seminar), clock)
    return tokens()[0]


def answer(token: str, *relationships: Relationship, clock: Any) -> None:
    services.answer(token, relationships, address="192.0.2.1", now=clock.now)


def letters(kind: str) -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.kind == f"catalog/{kind}").order_by(Letter.id)))


def current(seminar: Seminar, clock: Any) -> list[Disclosure]:
    return independence.in_force(director(seminar).disclosures, clock.now.date())


def test_a_link_is_random_and_kept_as_a_hash_only(seminar, clock):
    for number in range(3):
        ask(director(seminar), clock, f"{number}" * 20)
    drawn = tokens()
    assert len({*drawn}) == 3
    assert all(len(token) == 43 for token in drawn)  # 256 bits
    kept = db.session.execute(text("SELECT * FROM disclosure_request")).all()
    assert not any(token in str(row) for row in kept for token in drawn)
    audited = db.session.scalars(select(AuditEntry.payload)).all()
    assert not any(token in payload for payload in audited for token in drawn)


def test_the_same_form_asks_once(seminar, clock):
    first, second = (ask(director(seminar), clock).id for _ in range(2))
    assert first == second
    assert len(letters("disclosure_asked")) == 1


def test_five_letters_a_day_are_enough_for_anybody(seminar, clock, monkeypatch):
    for number in range(services.LETTERS_A_DAY):
        ask(director(seminar), clock, f"{number}" * 20)
    with pytest.raises(TooManyTries, match="Wait until tomorrow"):
        ask(director(seminar), clock, "x" * 20)
    clock.advance(days=1, seconds=1)
    ask(director(seminar), clock, "y" * 20)
    assert len(letters("disclosure_asked")) == 6


def test_without_an_address_nobody_can_be_asked(app, clock):
    with pytest.raises(NoAddress):
        ask(factories.faculty(now=clock.now), clock)
    assert db.session.scalar(select(func.count()).select_from(DisclosureRequest)) == 0


def test_relationships_wait_for_staff_and_replace_what_was_said_before(seminar, token, clock):
    clock.advance(days=3)
    answer(token, CONSULTANT, SPEAKER, clock=clock)
    found = current(seminar, clock)
    assert [(each.company, each.nature) for each in found] == [
        ("Palewell", "consultant"),
        ("Northwind Biologics", "speaker (ended)"),
    ]
    assert not any(each.is_decided or each.is_relevant for each in found)
    assert {each.expires_on for each in found} == {date(2028, 3, 3)}
    assert independence.standing(found, clock.now.date()) is Standing.WAITING
    [thanks] = letters("disclosed")
    assert "Palewell: consultant" in thanks.text
    assert thanks.to == "odalys@example.test"


def test_nothing_to_disclose_needs_no_decision(seminar, token, clock):
    answer(token, clock=clock)
    [found] = current(seminar, clock)
    assert (found.has_relationship, found.is_decided) == (False, True)
    assert disclosed(db.session.get_one(Seminar, seminar.id), clock.now.date()).untied == [director(seminar).full_name]


def test_an_answer_may_be_corrected_by_the_same_link_until_it_expires(seminar, token, clock):
    answer(token, CONSULTANT, clock=clock)
    clock.advance(days=29)
    answer(token, clock=clock)
    assert [each.company for each in current(seminar, clock)] == [""]
    clock.advance(days=1)
    with pytest.raises(LinkSpent):
        answer(token, SPEAKER, clock=clock)
    assert [each.company for each in current(seminar, clock)] == [""]


def test_the_same_answer_sent_twice_is_one(seminar, token, clock):
    for _ in range(2):
        answer(token, CONSULTANT, CONSULTANT, clock=clock)
    assert [each.company for each in current(seminar, clock)] == ["Palewell"]
    assert len(letters("disclosed")) == 1
    assert db.session.get_one(Seminar, seminar.id).version == 2


def test_two_copies_of_an_answer_at_once_are_one(app, seminar, token, clock):
    in_threads(app, 4, lambda _: answer(token, CONSULTANT, clock=clock))
    assert [each.company for each in current(seminar, clock)] == ["Palewell"]
    assert len(letters("disclosed")) == 1


def test_a_new_link_renews_the_same_answer(seminar, token, clock):
    answer(token, CONSULTANT, clock=clock)
    clock.advance(days=200)
    ask(director(seminar), clock, "n" * 20)
    answer(tokens()[1], CONSULTANT, clock=clock)
    assert [each.disclosed_on for each in current(seminar, clock)] == [clock.now.date()]


@pytest.mark.parametrize("wrong", ["", "x" * 43, "x" * 44, "../../etc", "x" * 42 + "\n", "ü" * 43])
def test_a_link_nobody_sent_opens_nothing(app, clock, wrong):
    with pytest.raises(LinkSpent):
        answer(wrong, clock=clock)


def test_the_hash_of_a_link_is_no_link(seminar, token, clock):
    with pytest.raises(LinkSpent):
        answer(queries.hash_of(token)[:43], clock=clock)


def test_a_link_sent_to_an_address_that_was_wrong_dies_with_it(seminar, token, clock):
    person = director(seminar)
    values = FacultyValues(person.name, email="right@example.test")
    services.save_faculty(person.id, values, seen=queries.fingerprint(person), by=None, now=clock.now)
    with pytest.raises(LinkSpent):
        answer(token, clock=clock)


def test_answers_are_counted_and_limited(app, seminar, clock):
    for _ in range(services.ANSWERS_FROM_ONE_ADDRESS):
        with pytest.raises(LinkSpent):
            answer("x" * 43, clock=clock)
    with pytest.raises(TooManyTries, match="Wait an hour"):
        answer("x" * 43, clock=clock)


def test_every_seminar_that_is_not_over_learns_of_an_answer(seminar, token, clock):
    mine = director(seminar)
    others = {
        "draft": factories.seminar(now=clock.now, status=DRAFT),
        "over": factories.seminar(now=clock.now, starts_in=-9),
        "cancelled": factories.seminar(now=clock.now, status=CANCELLED),
        "on sale": factories.seminar(
            now=clock.now, starts_in=-9, learning_format="enduring material", terminates_on=clock.now.date()
        ),
        "ended": factories.seminar(
            now=clock.now,
            starts_in=-9,
            learning_format="enduring material",
            terminates_on=clock.now.date() - timedelta(days=2),
        ),
    }
    with transaction():
        for made in others.values():
            db.session.get_one(Seminar, made.id).people[0].faculty_id = mine.id
    strange = factories.seminar(now=clock.now)
    clock.advance(minutes=5)
    answer(token, CONSULTANT, clock=clock)
    versions = {name: db.session.get_one(Seminar, made.id).version for name, made in others.items()}
    assert versions == {"draft": 2, "over": 1, "cancelled": 1, "on sale": 2, "ended": 1}
    assert db.session.get_one(Seminar, seminar.id).updated_at == clock.now
    assert db.session.get_one(Seminar, strange.id).version == 1


def decide(found: Disclosure, clock: Any, seen: str | None = None, **words: Any) -> None:
    values = {"is_relevant": True, "mitigation": "Peer review of content", "mitigated_on": clock.now.date()} | words
    services.decide(found.id, Decision(**values), seen=seen or queries.fingerprint(found), by=None, now=clock.now)


def test_staff_decide_and_learners_are_told(seminar, token, clock):
    answer(token, CONSULTANT, clock=clock)
    [found] = current(seminar, clock)
    decide(found, clock)
    told = disclosed(db.session.get_one(Seminar, seminar.id), clock.now.date())
    assert told.tied == [(director(seminar).full_name, [("Palewell", "consultant")], True)]
    assert told.mitigation == independence.MITIGATED
    assert db.session.get_one(Seminar, seminar.id).version == 3


def test_deciding_the_same_again_changes_nothing(seminar, token, clock):
    answer(token, CONSULTANT, clock=clock)
    seen = queries.fingerprint(current(seminar, clock)[0])
    for _ in range(2):
        decide(current(seminar, clock)[0], clock, seen=seen)
    assert db.session.get_one(Seminar, seminar.id).version == 3


def test_two_who_decide_at_once_do_not_overwrite_each_other(seminar, token, clock):
    answer(token, CONSULTANT, clock=clock)
    seen = queries.fingerprint(current(seminar, clock)[0])
    decide(current(seminar, clock)[0], clock, seen=seen)
    with pytest.raises(EditedMeanwhile):
        decide(current(seminar, clock)[0], clock, seen=seen, is_relevant=False)
    assert current(seminar, clock)[0].is_relevant


@pytest.mark.parametrize("half", [{"mitigation": ""}, {"mitigated_on": None}])
def test_mitigation_is_steps_and_a_day(seminar, token, clock, half):
    answer(token, CONSULTANT, clock=clock)
    with pytest.raises(HalfMitigated):
        decide(current(seminar, clock)[0], clock, **half)


def test_what_was_relevant_stays_listed_until_staff_decide_on_the_renewal(seminar, token, clock):
    answer(token, CONSULTANT, clock=clock)
    decide(current(seminar, clock)[0], clock)
    clock.advance(days=20)
    answer(token, CONSULTANT, Relationship("Palewell", "speaker"), SPEAKER, clock=clock)
    told = disclosed(db.session.get_one(Seminar, seminar.id), clock.now.date())
    assert told.tied[0].relationships == [("Palewell", "consultant"), ("Palewell", "speaker")]
    assert not told.all_mitigated  # the new nature has not been mitigated
    assert told.missing == [director(seminar).full_name]


def test_a_profile_is_saved_once_and_by_one_editor_at_a_time(seminar, clock):
    person = director(seminar)
    seen, values = (
        queries.fingerprint(person),
        FacultyValues("Odalys Venn", "MD", bio="*Heart*", email="o@example.test"),
    )
    for _ in range(2):
        services.save_faculty(person.id, values, seen=seen, by=None, now=clock.now)
    assert db.session.get_one(Seminar, seminar.id).version == 2
    with pytest.raises(EditedMeanwhile):
        services.save_faculty(person.id, FacultyValues("Somebody Else"), seen=seen, by=None, now=clock.now)
    assert director(seminar).name == "Odalys Venn"
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"faculty:{person.id}")).all()
    assert actions == ["changed profile"]


def test_the_desk_finds_people_by_how_their_disclosure_stands(app, clock):
    day = clock.now.date()
    people = {state: factories.faculty(f"Dr {state.value.title()}", now=clock.now) for state in Standing}
    with transaction():
        for state, person in people.items():
            told = db.session.get_one(Faculty, person.id).disclosures[0]
            if state is Standing.EXPIRED:
                told.expires_on = day - timedelta(days=1)
            if state is Standing.EXPIRES_SOON:
                told.expires_on = day + timedelta(days=30)
            if state is Standing.WAITING:
                told.has_relationship, told.company, told.is_decided = True, "Palewell", False
            if state is Standing.MISSING:
                db.session.delete(told)
    assert queries.standings(day) == {state.value: 1 for state in Standing}
    for state, person in people.items():
        found = queries.faculty_page(words=[], state=state, page=1, today=day)
        assert [each.id for each in found.items] == [person.id]
        assert independence.standing(found.items[0].disclosures, day) is state
    assert [each.name for each in queries.faculty_page(words=["soon"], state="", page=1, today=day).items] == [
        "Dr Expires-Soon"
    ]


def test_only_people_of_a_published_seminar_have_a_page(seminar, clock):
    hidden = factories.seminar(now=clock.now, status=DRAFT)
    past = factories.seminar(now=clock.now, starts_in=-9)
    assert queries.profile_by_slug(director(seminar).slug)
    assert queries.profile_by_slug(director(past).slug)
    assert queries.profile_by_slug(director(hidden).slug) is None
    assert [card.slug for card in queries.upcoming_of(director(seminar), now=clock.now)] == [seminar.slug]
    assert queries.upcoming_of(director(past), now=clock.now) == []


def test_the_limit_is_what_stops_the_letters(seminar, clock, monkeypatch):
    monkeypatch.setattr(limits, "count", lambda *_, **__: None)
    for number in range(services.LETTERS_A_DAY + 1):
        ask(director(seminar), clock, f"{number}" * 20)
    assert len(letters("disclosure_asked")) == 6
