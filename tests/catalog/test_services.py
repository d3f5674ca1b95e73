"""Drafting, saving, publishing and withdrawing seminars."""

import json
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cme import settings
from cme.audit import AuditEntry, breaches
from cme.catalog import errors, services
from cme.catalog.models import AgendaSession, Disclosure, Faculty, Offering, PriceTier, Seminar
from cme.catalog.values import DisclosureValues, PersonValues, SessionValues, SupportValues, TierValues
from cme.database import db
from cme.errors import EditedMeanwhile
from cme.registration import invariants
from tests import factories
from tests.catalog.drafts import FIRST, IN_PERSON, LIVESTREAM, MORNING, TIERS, typed


@pytest.fixture
def house(app: Flask, clock: Any, cast: SimpleNamespace) -> SimpleNamespace:
    """The commands with their clock and their administrator already in hand."""

    def create(form_id: str | None = None, **changes: Any) -> Seminar:
        return services.create_seminar(typed(**changes), by=cast.sam, form_id=form_id, now=clock.now)

    def save(seminar: Seminar, version: int | None = None, **changes: Any) -> Seminar:
        version = seminar.version if version is None else version
        people = tuple(PersonValues(found.role, found.faculty.slug) for found in seminar.people)
        known = {"people": people, "sessions": as_saved(seminar)}
        values = typed(**known | changes)
        return services.save_seminar(seminar.id, values, version=version, by=cast.sam, now=clock.now)

    def publish(seminar: Seminar) -> Seminar:
        return services.publish(seminar.id, by=cast.sam, now=clock.now)

    def withdraw(seminar: Seminar) -> Seminar:
        return services.withdraw(seminar.id, by=cast.sam, now=clock.now)

    return SimpleNamespace(create=create, save=save, publish=publish, withdraw=withdraw, now=clock.now, cast=cast)


def as_saved(seminar: Seminar) -> tuple[SessionValues, ...]:
    return tuple(
        SessionValues(found.title, found.on, found.starts, found.ends, kind=found.kind, number=found.id)
        for found in seminar.sessions
    )


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def last_facts() -> dict[str, Any]:
    newest = select(AuditEntry.payload).order_by(AuditEntry.id.desc()).limit(1)
    facts: dict[str, Any] = json.loads(db.session.scalar(newest) or "{}")
    return facts


def test_a_draft_keeps_all_that_was_typed(house):
    seminar = house.create(objectives=("One", "Two"), commercial_support=(SupportValues("Vantor", "a model"),))
    assert (seminar.status, seminar.slug, seminar.version) == ("draft", "hypertension-today", 1)
    assert seminar.objectives == ["One", "Two"]
    assert seminar.commercial_support == [{"source": "Vantor", "nature": "a model"}]
    assert [(o.mode, o.capacity, o.taken, len(o.tiers)) for o in seminar.offerings] == [("in-person", 40, 0, 3)]
    assert [(p.faculty.full_name, p.role) for p in seminar.people] == [("Odalys Venn-Whitaker, MD", "director")]
    assert actions() == ["created"]
    assert list(breaches()) == []


def test_moments_follow_from_local_times_and_the_zone(house):
    seminar = house.create(time_zone="America/Denver")
    assert seminar.starts_at == datetime(2027, 6, 7, 14, tzinfo=UTC)
    assert seminar.ends_at == datetime(2027, 6, 7, 16, tzinfo=UTC)


def test_without_an_agenda_the_days_are_all_that_is_known(house):
    seminar = house.create(sessions=())
    assert seminar.starts_at == datetime(2027, 6, 7, 4, tzinfo=UTC)
    assert seminar.ends_at == datetime(2027, 6, 8, 4, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_refused(house):
    spring = date(2027, 3, 14)
    skipped = SessionValues("Early round", on=spring, starts=time(2, 30), ends=time(4))
    with pytest.raises(errors.SkippedTime, match="skip 02:30"):
        house.create(starts_on=spring, ends_on=spring, sessions=(skipped,))
    assert db.session.scalar(select(func.count(Seminar.id))) == 0


def test_an_hour_that_comes_twice_is_read_as_the_first(house):
    autumn = date(2027, 11, 7)
    night = SessionValues("Night round", on=autumn, starts=time(1, 30), ends=time(2, 30))
    seminar = house.create(starts_on=autumn, ends_on=autumn, sessions=(night,))
    assert seminar.sessions[0].starts_at == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)
    assert seminar.sessions[0].minutes == 120


def test_the_same_form_makes_one_seminar(house):
    assert house.create("form-0000000000000000").id == house.create("form-0000000000000000").id
    assert db.session.scalar(select(func.count(Seminar.id))) == 1


def create_at_once(app: Flask, *, times: int, form_id: str, now: datetime) -> list[Any]:
    """Send one form from several threads together; ids of the seminars, or what went wrong."""
    together, results = threading.Barrier(times), []

    def send() -> None:
        with app.app_context():
            together.wait()
            try:
                results.append(services.create_seminar(typed(), by=None, form_id=form_id, now=now).id)
            except Exception as error:
                results.append(error)
            db.session.remove()

    threads = [threading.Thread(target=send) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_the_same_form_sent_eight_times_at_once_makes_one_seminar(app, clock):
    results = create_at_once(app, times=8, form_id="form-0000000000000001", now=clock.now)
    assert len(set(results)) == 1, results
    assert db.session.scalar(select(func.count(Seminar.id))) == 1


def test_two_of_a_title_get_two_addresses(house):
    assert [house.create().slug for _ in range(3)] == [
        "hypertension-today",
        "hypertension-today-2",
        "hypertension-today-3",
    ]


@pytest.mark.parametrize(("title", "slug"), [("Ödem & Ängste?", "odem-angste"), ("心臓", "untitled"), ("New", "new-2")])
def test_an_address_is_plain_whatever_the_title(house, title, slug):
    assert house.create(title=title).slug == slug


def test_a_taken_address_is_refused(house):
    house.create(slug="heart")
    with pytest.raises(errors.SlugTaken):
        house.create(slug="heart")


def test_the_address_of_the_new_page_is_refused(house):
    with pytest.raises(errors.SlugTaken):
        house.create(slug="new")


def test_reversed_dates_are_refused_by_the_database_too(house):
    with pytest.raises(errors.DatesReversed):
        house.create(ends_on=FIRST - timedelta(days=1), sessions=())


def test_the_second_of_two_editors_is_told(house):
    seminar = house.create()
    house.save(seminar, title="Hers")
    with pytest.raises(EditedMeanwhile):
        house.save(seminar, version=1, title="His")
    assert db.session.get_one(Seminar, seminar.id).title == "Hers"


def save_at_once(app: Flask, seminar: Seminar, titles: list[str], now: datetime) -> list[str]:
    """Save one version under several titles together; what became of each."""
    together, results, number, version = threading.Barrier(len(titles)), [], seminar.id, seminar.version
    db.session.rollback()

    def save(title: str) -> None:
        with app.app_context():
            together.wait()
            try:
                values = typed(title=title, sessions=(), people=())
                services.save_seminar(number, values, version=version, by=None, now=now)
                results.append("saved")
            except EditedMeanwhile:
                results.append("told")
            db.session.remove()

    threads = [threading.Thread(target=save, args=[title]) for title in titles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


def test_of_many_editors_at_once_one_is_saved(app, house):
    seminar = house.create()
    assert save_at_once(app, seminar, list("abcdef"), house.now) == ["saved", *["told"] * 5]
    assert db.session.get_one(Seminar, seminar.id).version == 2


def test_saving_keeps_what_stays_and_drops_what_went(house):
    seminar = house.create(sessions=(MORNING, replace(MORNING, title="Lipids", starts=time(10), ends=time(11))))
    kept = seminar.sessions[1].id
    house.save(seminar, sessions=(replace(MORNING, title="Lipids and more", number=kept),), offerings=(LIVESTREAM,))
    assert [(s.id, s.title) for s in seminar.sessions] == [(kept, "Lipids and more")]
    assert [o.mode for o in seminar.offerings] == ["livestream"]
    assert db.session.scalar(select(func.count(PriceTier.id))) == 3


def test_a_session_of_another_seminar_is_not_moved(house):
    other, seminar = house.create(title="Other"), house.create()
    stranger = other.sessions[0].id
    house.save(seminar, sessions=(replace(MORNING, title="Taken over", number=stranger),))
    assert db.session.get_one(AgendaSession, stranger).title == "Blood pressure"
    assert len(seminar.sessions) == 1


def test_who_teaches_what_is_kept(house):
    seminar = house.create()
    house.save(seminar, sessions=(replace(MORNING, teachers=("odalys-venn-whitaker", "nobody")),))
    assert [f.name for f in seminar.sessions[0].faculty] == ["Odalys Venn-Whitaker"]


def test_a_session_with_attendance_stays(house):
    seminar = factories.seminar(now=house.now)
    factories.attend(factories.registration(house.cast.ada, seminar, now=house.now), now=house.now)
    with pytest.raises(errors.SessionInUse, match="Morning 1, first hour"):
        house.save(seminar, sessions=as_saved(seminar)[1:])
    assert len(db.session.get_one(Seminar, seminar.id).sessions) == 6


@pytest.mark.parametrize("status", ["confirmed", "cancelled"])
def test_a_way_to_attend_that_someone_registered_for_stays(house, status):
    seminar = factories.seminar(now=house.now, status="draft")
    factories.registration(house.cast.ada, seminar, now=house.now, status=status)
    with pytest.raises(errors.OfferingInUse, match="in person"):
        house.save(seminar, offerings=(LIVESTREAM,))
    assert [o.mode for o in db.session.get_one(Seminar, seminar.id).offerings] == ["in-person"]


def test_fewer_seats_than_people_are_noted_and_nobody_is_thrown_out(house):
    seminar = house.create()
    house.publish(seminar)
    for person in (house.cast.ada, house.cast.nell):
        factories.registration(person, seminar, now=house.now)
    house.save(seminar, offerings=(replace(IN_PERSON, capacity=1),))
    offering = db.session.scalars(select(Offering)).one()
    assert (offering.capacity, offering.taken, offering.seats_left) == (1, 2, 0)
    assert last_facts()["capacity_below_taken"] == {"in-person": 2}
    assert [b for b in invariants.breaches(now=house.now) if b.startswith("I1")] == []


def test_tuition_changes_in_place(house):
    seminar = house.create()
    cheaper = (replace(TIERS[0], early_minor=99500, early_until=date(2027, 5, 1)), TierValues("clinician", 0))
    house.save(seminar, offerings=(replace(IN_PERSON, tiers=cheaper),))
    found = {t.tier: (t.amount_minor, t.early_minor) for t in seminar.offerings[0].tiers}
    assert found == {"physician": (109500, 99500), "clinician": (0, None)}


def disclosed() -> list[tuple[str, str, bool]]:
    found = db.session.scalars(select(Disclosure).order_by(Disclosure.id))
    return [(d.company, d.mitigation, d.expires_on >= FIRST) for d in found]


def test_a_disclosure_is_kept_and_ends_what_it_contradicts(house):
    seminar = house.create()
    company = DisclosureValues("Vantor Pharma", "speaker", is_relevant=True)
    person = PersonValues("director", slug="odalys-venn-whitaker")
    house.save(seminar, people=(replace(person, disclosure=company),))
    mitigated = replace(company, mitigation="Peer review", mitigated_on=FIRST)
    house.save(seminar, people=(replace(person, disclosure=mitigated),))
    house.save(seminar, people=(person,))
    assert disclosed() == [("", "", False), ("Vantor Pharma", "Peer review", True)]


def test_another_company_corrects_the_only_one(house):
    seminar = house.create()
    person = PersonValues("director", slug="odalys-venn-whitaker")
    for name in ("Vantor Farma", "Vantor Pharma", "VANTOR PHARMA"):
        house.save(seminar, people=(replace(person, disclosure=DisclosureValues(name, "speaker")),))
    assert disclosed() == [("", "", False), ("Vantor Farma", "", False), ("VANTOR PHARMA", "", True)]


def test_somebody_may_be_added_and_leave_but_stays_known(house):
    seminar = house.create()
    house.save(seminar, people=(PersonValues("planner", name="Ben Okonjo-Reyes"),))
    assert [p.faculty.name for p in seminar.people] == ["Ben Okonjo-Reyes"]
    assert db.session.scalar(select(func.count(Faculty.id))) == 2


def test_a_complete_draft_is_published(house):
    seminar = house.publish(house.create())
    assert (seminar.status, seminar.published_at, seminar.version) == ("published", house.now, 2)
    house.publish(seminar)
    assert actions() == ["created", "published"]


def test_a_draft_that_lacks_something_says_all_of_it(house):
    seminar = house.create(objectives=(), maximum=225, people=(PersonValues("faculty", name="Ben Okonjo-Reyes"),))
    with pytest.raises(errors.NotReady) as refused:
        house.publish(seminar)
    said = [finding.message for finding in refused.value.findings]
    assert "Enter at least one learning objective" in said
    assert "Name a course director" in said
    assert "The disclosure of Ben Okonjo-Reyes is missing" in said
    assert any("supports 2.0" in message for message in said)
    assert db.session.get_one(Seminar, seminar.id).status == "draft"


def test_a_published_seminar_stays_complete(house):
    seminar = house.publish(house.create())
    with pytest.raises(errors.WouldNotBeReady) as refused:
        house.save(seminar, objectives=(), title="Renamed")
    assert [finding.field for finding in refused.value.findings] == ["objectives"]
    assert db.session.get_one(Seminar, seminar.id).title == "Hypertension Today"


def test_a_published_seminar_keeps_its_address(house):
    seminar = house.publish(house.create())
    house.save(seminar, title="Hypertension Tomorrow", slug="other")
    assert (seminar.title, seminar.slug, seminar.status) == ("Hypertension Tomorrow", "hypertension-today", "published")


def test_a_started_seminar_is_designated_for_no_more(house):
    seminar = factories.seminar(now=house.now, starts_in=-1, days=3)
    days, agenda = {"starts_on": seminar.starts_on, "ends_on": seminar.ends_on}, as_saved(seminar)
    with pytest.raises(errors.MaximumRaised):
        house.save(seminar, maximum=625, sessions=agenda, **days)
    assert house.save(seminar, maximum=500, sessions=agenda[:-1], **days).designations[0].maximum == 500


def test_a_started_seminar_does_not_start_again(house):
    seminar = factories.seminar(now=house.now, starts_in=-1, days=3)
    with pytest.raises(errors.StartMoved):
        house.save(seminar, maximum=200, sessions=(MORNING,))


def test_withdrawing_closes_and_hides(house):
    seminar = house.withdraw(house.publish(house.create()))
    assert (seminar.status, seminar.withdrawn_at) == ("withdrawn", house.now)
    assert [o.status for o in seminar.offerings] == ["closed"]
    house.withdraw(seminar)
    assert actions() == ["created", "published", "withdrew"]


def test_a_withdrawn_seminar_is_edited_back_or_published_again(house):
    seminar = house.withdraw(house.publish(house.create()))
    house.publish(seminar)
    assert (seminar.status, seminar.withdrawn_at, seminar.offerings[0].status) == ("published", None, "open")
    house.withdraw(seminar)
    house.save(seminar, title="Better")
    assert (seminar.status, seminar.offerings[0].status) == ("draft", "open")


@pytest.mark.parametrize("status", ["held", "confirmed"])
def test_a_seminar_somebody_counts_on_is_not_withdrawn(house, status):
    seminar = house.publish(house.create())
    factories.registration(house.cast.ada, seminar, now=house.now, status=status)
    with pytest.raises(errors.HasRegistrations):
        house.withdraw(seminar)
    assert db.session.get_one(Seminar, seminar.id).status == "published"


def test_a_seminar_whose_registrations_ended_is_withdrawn(house):
    seminar = house.publish(house.create())
    factories.registration(house.cast.ada, seminar, now=house.now, status="cancelled")
    assert house.withdraw(seminar).status == "withdrawn"


def test_a_draft_cannot_be_withdrawn(house):
    with pytest.raises(errors.NotPublished):
        house.withdraw(house.create())


def test_a_cancelled_seminar_stays_cancelled(house):
    seminar = factories.seminar(now=house.now, status="cancelled")
    for command in (house.publish, house.withdraw):
        with pytest.raises(errors.WasCancelled):
            command(seminar)


def test_settings_are_versions(house):
    provider = settings.Provider(name="Bayward Medical", claim_window_days=30)
    services.save_provider(provider, version=0, by=house.cast.sam, now=house.now)
    assert settings.provider().name == "Bayward Medical"
    with pytest.raises(EditedMeanwhile):
        services.save_provider(provider, version=0, by=house.cast.sam, now=house.now)
    services.save_text("terms", "Terms", "Be kind.", version=0, by=house.cast.sam, now=house.now)
    services.save_text("terms", "Terms", "Be kinder.", version=1, by=house.cast.sam, now=house.now)
    newest = settings.text("terms")
    assert newest is not None
    assert (newest.version, newest.body, settings.terms_version()) == (2, "Be kinder.", 2)
    assert actions() == ["saved setting"] * 3
