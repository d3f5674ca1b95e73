"""Facts about writing down who came."""

import pytest
from sqlalchemy import select

from cme.audit import AuditEntry
from cme.database import db, transaction
from cme.registration import queries, rules, services
from cme.registration.models import HELD, Attendance
from cme.registration.rules.attendance import NotInThisSession
from tests import factories

pytestmark = pytest.mark.usefixtures("promises")


@pytest.fixture
def seminar(app, clock):
    return factories.seminar(now=clock.now)


@pytest.fixture
def ada(seminar, cast, clock):
    return factories.registration(cast.ada, seminar, now=clock.now)


def mark(registration, minutes, cast, clock):
    return services.mark_attendance(registration.id, minutes, by=cast.sam, now=clock.now)


def marks() -> int:
    return len([a for a in db.session.scalars(select(AuditEntry.action)) if a == "marked attendance"])


def test_minutes_are_kept_by_session(ada, seminar, cast, clock):
    first, _, second = [session.id for session in seminar.sessions][:3]
    mark(ada, {first: 60, second: 45}, cast, clock)
    assert queries.attended_by_session(ada.id) == {first: 60, second: 45}
    assert queries.attended_minutes(ada.id) == 105


def test_breaks_earn_nothing(ada, seminar, cast, clock):
    coffee = next(session for session in seminar.sessions if not session.counts)
    mark(ada, {coffee.id: 15}, cast, clock)
    assert queries.attended_minutes(ada.id) == 0


def test_marking_again_changes_nothing(ada, seminar, cast, clock):
    first = seminar.sessions[0].id
    for _ in range(2):
        mark(ada, {first: 60}, cast, clock)
    assert (queries.attended_by_session(ada.id), marks()) == ({first: 60}, 1)


def test_what_is_left_out_or_nought_was_not_attended(ada, seminar, cast, clock):
    first, _, second = [session.id for session in seminar.sessions][:3]
    mark(ada, {first: 60, second: 60}, cast, clock)
    mark(ada, {first: 30, second: 0}, cast, clock)
    assert queries.attended_by_session(ada.id) == {first: 30}
    mark(ada, {}, cast, clock)
    assert queries.attended_by_session(ada.id) == {}


def test_who_wrote_it_down_is_kept(ada, seminar, cast, clock):
    mark(ada, {seminar.sessions[0].id: 60}, cast, clock)
    row = db.session.scalars(select(Attendance)).one()
    assert (row.recorded_by, row.source, row.recorded_at) == (cast.sam.id, "staff", clock.now)
    assert db.session.scalars(select(AuditEntry.actor)).all()[-1] == f"account:{cast.sam.id}"


@pytest.mark.parametrize("minutes", [61, -1])
def test_nobody_attends_longer_than_a_session_lasts(ada, seminar, cast, clock, minutes):
    with pytest.raises(rules.AttendanceImpossible):
        mark(ada, {seminar.sessions[0].id: minutes}, cast, clock)
    assert queries.attended_by_session(ada.id) == {}


def test_nobody_attends_a_session_of_another_seminar(ada, cast, clock):
    elsewhere = factories.seminar(now=clock.now)
    with pytest.raises(rules.AttendanceImpossible):
        mark(ada, {elsewhere.sessions[0].id: 60}, cast, clock)


def test_only_confirmed_people_attend(seminar, cast, clock):
    held = factories.registration(cast.otto, seminar, now=clock.now, status=HELD)
    with pytest.raises(rules.NotAttending):
        mark(held, {seminar.sessions[0].id: 60}, cast, clock)


def test_a_whole_day_is_marked_for_many(ada, seminar, cast, clock):
    nell = factories.registration(cast.nell, seminar, now=clock.now)
    second_day = seminar.ends_on
    assert services.mark_day([ada.id, nell.id, ada.id], second_day, by=cast.sam, now=clock.now) == 2
    for each in (ada, nell):
        assert queries.attended_minutes(each.id) == 120
    services.mark_day([ada.id], seminar.starts_on, by=cast.sam, now=clock.now)
    assert queries.attended_minutes(ada.id) == 240
    assert [len(row.attendance) for row in queries.roster(seminar.id)] == [4, 2]


def test_two_days_ticked_at_once_are_both_kept(ada, seminar, cast, clock, together):
    number, days, by = ada.id, [seminar.starts_on, seminar.ends_on], cast.sam.id

    class Sam:
        __tablename__, id = "account", by

    together(2, lambda each: services.mark_one(number, days[each], present=True, by=Sam, now=clock.now))
    db.session.rollback()
    assert queries.attended_minutes(number) == 240


def test_a_day_is_taken_back_alone(ada, seminar, cast, clock):
    for day in (seminar.starts_on, seminar.ends_on):
        services.mark_one(ada.id, day, present=True, by=cast.sam, now=clock.now)
    services.mark_one(ada.id, seminar.starts_on, present=False, by=cast.sam, now=clock.now)
    second_day = {each.id for each in seminar.sessions if each.on == seminar.ends_on}
    assert queries.attended_by_session(ada.id).keys() <= second_day
    assert queries.attended_minutes(ada.id) == 120


def test_a_day_without_a_session_of_theirs_cannot_be_ticked(ada, seminar, cast, clock):
    with transaction():
        for each in seminar.sessions:
            db.session.merge(each).mode = "livestream"
    with pytest.raises(NotInThisSession):
        services.mark_one(ada.id, seminar.starts_on, present=True, by=cast.sam, now=clock.now)
