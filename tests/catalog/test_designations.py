"""What a seminar is designated for, type by type; once it began never for more, on whatever way around."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cme.catalog import errors, services
from cme.catalog.models import Disclosure, Offering, Seminar
from cme.catalog.services import designations
from cme.catalog.values import DesignationValues, DisclosureValues, PersonValues
from cme.credits.services import add_bank_questions
from cme.database import db
from tests import factories
from tests.browser import Browser
from tests.catalog.drafts import FIRST, IN_PERSON, LIVESTREAM, MORNING, TIERS, typed
from tests.catalog.test_services import as_saved, house
from tests.credits.on_demand import question

__all__ = ["house"]
AANP = DesignationValues("aanp", 200, approval_number="24071234", extra={"pharmacology": 50})
AAPA = DesignationValues("aapa-1", 200, approved_until=date(2027, 12, 31))
ACPE = DesignationValues("acpe", 400, extra={"uans": [{"uan": "x", "audience": "P"}], "activity_type": "Knowledge"})
TOPICS = replace(MORNING, topic_minutes={"pharmacology": 60})


def designated(seminar: Seminar) -> dict[str, int]:
    return {found.credit_type: found.maximum for found in db.session.get_one(Seminar, seminar.id).designations}


def test_each_type_keeps_its_row_and_goes_when_it_is_left_out(house: Any) -> None:
    seminar = house.create(sessions=(TOPICS,), designations=(AANP, AAPA))
    rows = {found.credit_type: found.id for found in seminar.designations}
    house.save(seminar, designations=(replace(AANP, maximum=175),))
    assert designated(seminar) == {"ama-pra-1": 200, "aanp": 175}
    kept = seminar.designation_of("aanp")
    assert (kept.id, kept.approval_number, kept.extra) == (rows["aanp"], "24071234", {"pharmacology": 50})


def started(house: Any) -> tuple[Seminar, dict[str, Any]]:
    """A published seminar that began yesterday, with what an editor shows of it."""
    seminar = factories.seminar(now=house.now, starts_in=-1, days=3)
    same = {"starts_on": seminar.starts_on, "ends_on": seminar.ends_on, "sessions": as_saved(seminar), "maximum": 600}
    house.save(seminar, **same)
    return seminar, same


RAISED = ((AANP,), (replace(AAPA, maximum=0), AANP))


@pytest.mark.parametrize("more", RAISED)
def test_no_type_is_added_once_a_seminar_began(house: Any, more: tuple[DesignationValues, ...]) -> None:
    seminar, same = started(house)
    with pytest.raises(errors.MaximumRaised, match="no longer be designated for more AANP contact hours"):
        house.save(seminar, designations=more, **same)
    assert designated(seminar) == {"ama-pra-1": 600}


def test_no_type_rises_once_a_seminar_began(house: Any) -> None:
    seminar = house.create(sessions=(TOPICS,), designations=(AANP, AAPA))
    began = house.now.replace(year=2027, month=6, day=8)
    house.publish(seminar)
    more = {"by": None, "now": began, "version": seminar.version}
    people = {"people": (PersonValues("director", "odalys-venn-whitaker"),), "sessions": as_saved(seminar)}
    for raised in ((replace(AANP, maximum=225), AAPA), (AANP, replace(AAPA, maximum=225))):
        with pytest.raises(errors.MaximumRaised):
            services.save_seminar(seminar.id, typed(designations=raised, **people), **more)
    assert designated(seminar) == {"ama-pra-1": 200, "aanp": 200, "aapa-1": 200}


def test_withdrawing_is_no_way_around_and_publishing_again_none_either(house: Any) -> None:
    seminar, same = started(house)
    house.withdraw(seminar)
    with pytest.raises(errors.MaximumRaised):
        house.save(seminar, designations=(AANP,), **same)
    house.save(seminar, **same)
    assert seminar.status == "draft"
    with pytest.raises(errors.MaximumRaised):
        house.save(seminar, designations=(AANP,), **same)
    with pytest.raises(errors.StartMoved):
        house.save(seminar, maximum=200, sessions=(MORNING,))
    with pytest.raises(errors.NotReady) as refused:
        house.publish(seminar)
    assert "designated-after-start" in {finding.name for finding in refused.value.findings}
    assert designated(seminar) == {"ama-pra-1": 600}


def test_on_demand_begins_with_its_release_whatever_its_first_day(house: Any) -> None:
    day = house.now.date()
    shelf = {
        "learning_format": "enduring material",
        "starts_on": day + timedelta(days=60),
        "ends_on": day + timedelta(days=60),
        "released_on": day + timedelta(days=1),
        "terminates_on": day + timedelta(days=700),
        "sessions": (),
        "offerings": (replace(IN_PERSON, mode="on-demand"),),
        "pass_mark": 70,
        "estimated_minutes": 120,
        "method": "Watch, then take the assessment.",
        "bibliography": "Sources are given.",
    }
    seminar = house.create(**shelf)
    add_bank_questions(seminar.id, [question(1)], by=None, now=house.now)
    house.publish(seminar)
    people = (PersonValues("director", "odalys-venn-whitaker"),)
    more = shelf | {"people": people, "maximum": 400, "estimated_minutes": 240}
    later = shelf | {"people": people, "released_on": day + timedelta(days=9)}
    for values, refusal in ((more, errors.MaximumRaised), (later, errors.StartMoved)):
        with pytest.raises(refusal):
            services.save_seminar(
                seminar.id, typed(**values), version=seminar.version, by=None, now=house.now + timedelta(days=2)
            )
    assert designated(seminar) == {"ama-pra-1": 200}
    house.save(seminar, **more)
    assert designated(seminar) == {"ama-pra-1": 400}


def test_without_the_guard_a_started_seminar_could_be_designated_for_more(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seminar, same = started(house)
    house.withdraw(seminar)
    monkeypatch.setattr("cme.catalog.services.seminars.check_not_raised", lambda had, values: None)
    house.save(seminar, designations=(AANP,), **same)
    assert designated(seminar) == {"ama-pra-1": 600, "aanp": 200}
    with pytest.raises(errors.MaximumRaised):
        designations.check_not_raised({"ama-pra-1": 600}, typed(maximum=600, designations=(AANP,)))


def test_a_draft_that_was_never_published_may_still_become_anything(house: Any) -> None:
    seminar = house.create()
    later = typed(designations=(AANP,), maximum=225)
    now = house.now + timedelta(days=365)
    services.save_seminar(seminar.id, later, version=seminar.version, by=None, now=now)
    assert designated(seminar) == {"ama-pra-1": 225, "aanp": 200}


def revisions() -> dict[str, int]:
    db.session.rollback()
    return {o.mode: o.revision for o in db.session.scalars(select(Offering))}


def test_every_saved_change_counts_an_offering_up(house: Any) -> None:
    seminar = house.create(offerings=(IN_PERSON, LIVESTREAM))
    assert revisions() == {"in-person": 1, "livestream": 1}
    house.save(seminar, offerings=(replace(IN_PERSON, tiers=TIERS[:1]), LIVESTREAM))
    assert revisions() == {"in-person": 2, "livestream": 2}
    house.save(seminar)
    before = revisions()["in-person"]
    house.publish(seminar)
    house.withdraw(seminar)
    assert revisions()["in-person"] == before + 2


def test_a_relationship_nobody_judged_stays_so_until_staff_do(house: Any) -> None:
    seminar = house.create()
    company = DisclosureValues("Vantor Pharma", "speaker", is_decided=False)
    person = PersonValues("director", slug="odalys-venn-whitaker", disclosure=company)
    house.save(seminar, people=(person,))
    named = select(Disclosure).where(Disclosure.company == "Vantor Pharma")
    assert not db.session.scalars(named).one().is_decided
    house.save(seminar, people=(replace(person, disclosure=replace(company, is_decided=True)),))
    assert db.session.scalars(named).one().is_decided


def test_what_somebody_discloses_is_news_to_their_other_seminars_once(house: Any) -> None:
    person = PersonValues("director", slug="odalys-venn-whitaker", disclosure=DisclosureValues("Vantor", "speaker"))
    seminar, past = house.create(), factories.seminar(now=house.now, starts_in=-9)
    other = house.create(title="Other", people=(replace(person, disclosure=None),))
    for version in (2, 2):
        house.save(seminar, people=(person,))
        assert db.session.get_one(Seminar, other.id).version == version
    assert db.session.get_one(Seminar, past.id).version == 1


# Starting from another one


def test_a_copy_has_the_same_agenda_on_other_days_and_none_of_the_approvals(house: Any) -> None:
    afternoon = replace(TOPICS, title="Rhythm", on=FIRST + timedelta(days=1), track="A")
    seminar = house.create(
        ends_on=FIRST + timedelta(days=1),
        sessions=(TOPICS, afternoon),
        maximum=400,
        designations=(AANP, AAPA, ACPE),
        day_themes={"2027-06-08": "Rhythm"},
        hotel_name="Harborlight",
        hotel_rate_minor=21900,
        hotel_url="https://hotel.example",
        offerings=(replace(IN_PERSON, tiers=(replace(TIERS[0], early_minor=99500, early_until=date(2027, 5, 1)),)),),
    )
    copy = services.duplicate_seminar(
        seminar.id, starts_on=date(2028, 6, 5), by=house.cast.sam, form_id="form-0000000000000009", now=house.now
    )
    assert (copy.status, copy.slug, copy.title) == ("draft", "hypertension-today-2", seminar.title)
    assert (copy.starts_on, copy.ends_on) == (date(2028, 6, 5), date(2028, 6, 6))
    assert [(s.title, s.on.day, s.track, s.topic_minutes) for s in copy.sessions] == [
        ("Blood pressure", 5, "", {"pharmacology": 60}),
        ("Rhythm", 6, "A", {"pharmacology": 60}),
    ]
    assert copy.day_themes == {"2028-06-06": "Rhythm"}
    assert [(p.faculty.slug, p.role) for p in copy.people] == [("odalys-venn-whitaker", "director")]
    assert {d.credit_type: (d.maximum, d.approval_number, d.approved_until) for d in copy.designations} == {
        "ama-pra-1": (400, "", None),
        "aanp": (200, "", None),
        "aapa-1": (200, "", None),
        "acpe": (400, "", None),
    }
    assert copy.designation_of("acpe").extra == {"activity_type": "Knowledge"}
    assert (copy.hotel_name, copy.hotel_rate_minor, copy.hotel_url) == ("Harborlight", None, None)
    assert not copy.no_commercial_support
    assert copy.offerings[0].tiers[0].early_until == date(2028, 4, 29)
    assert len(db.session.scalars(select(Disclosure)).all()) == 1
    again = services.duplicate_seminar(
        seminar.id, starts_on=date(2029, 6, 4), by=house.cast.sam, form_id="form-0000000000000009", now=house.now
    )
    assert again.id == copy.id


def test_a_copy_that_would_begin_at_a_time_no_clock_shows_is_refused(house: Any) -> None:
    early = replace(MORNING, starts=time(2, 30), ends=time(4))
    seminar = house.create(sessions=(early,))
    with pytest.raises(errors.SkippedTime):
        services.duplicate_seminar(
            seminar.id, starts_on=date(2028, 3, 12), by=house.cast.sam, form_id=None, now=house.now
        )


@pytest.mark.pages
def test_the_desk_asks_for_the_first_day_and_opens_the_copy(app: Any, cast: Any, clock: Any) -> None:
    factories.seminar(now=clock.now, slug="heart", title="Heart <b>now</b>")
    page = Browser(app).sign_in(cast.sam).open("/admin/seminars/heart").click("Duplicate this seminar")
    assert page.press("Create the draft").errors == ["Enter the first day of the new seminar"]
    assert page.press("Create the draft", starts_on="soon").errors == ["First day: enter a date like 2027-03-15"]
    page = page.press("Create the draft", starts_on="2028-03-06")
    assert "Draft created" in page.text
    assert "March 6–7, 2028" in page.text
