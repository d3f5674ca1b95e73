"""Facts about checking in: at the door, with a badge, with the code on the screen."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from cme.audit import AuditEntry
from cme.database import db, transaction
from cme.errors import TooManyTries
from cme.registration import presence, queries, rules
from cme.registration.models import HELD, Attendance, AttendanceChange
from cme.registration.rules import attendance as door
from cme.registration.services import checking_in
from cme.registration.services.attendance import correct, key_sheet, mark_attendance, take_back
from tests import factories

SECRET = "a secret that nobody outside knows, of some length"
EIGHT = datetime(2027, 3, 15, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def seminar(app, clock):
    """A seminar whose first session begins now."""
    clock.now = EIGHT
    return factories.seminar(now=clock.now, starts_in=0, modes=("in-person", "livestream", "on-demand"))


@pytest.fixture
def ada(seminar, cast, clock, promises):
    return factories.registration(cast.ada, seminar, now=clock.now - timedelta(days=9))


@pytest.fixture
def first(seminar):
    return seminar.sessions[0]


def come(registration, session, cast, clock, **more):
    how = {"source": door.STAFF, "by": cast.sam, "now": clock.now} | more
    return checking_in.check_in(registration.id, session.id, **how)


def by_code(person, typed, clock):
    return checking_in.check_in_by_code(person, typed, secret=SECRET, now=clock.now)


def shown(session, clock):
    return door.code_now(SECRET, session.id, clock.now)


def on_file(registration):
    db.session.rollback()
    return queries.attended_by_session(registration.id)


@pytest.mark.parametrize(("late", "minutes"), [(-30, 60), (0, 60), (15, 60), (16, 44), (59, 1), (60, 60), (90, 60)])
def test_who_comes_late_is_given_the_rest_of_the_session(late, minutes):
    assert door.minutes_from(EIGHT, EIGHT + HOUR, EIGHT + timedelta(minutes=late)) == minutes


def test_a_code_is_six_signs_of_its_own_for_each_session_and_slot():
    codes = {door.code_for(SECRET, session, slot) for session in range(50) for slot in range(20)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {6}
    assert door.code_for("another secret", 1, 1) != door.code_for(SECRET, 1, 1)


@pytest.mark.parametrize("begun", range(0, 60, 7))
def test_a_code_is_taken_for_less_than_a_minute_wherever_the_clock_stands(begun):
    now = EIGHT + timedelta(seconds=begun)
    code = door.code_now(SECRET, 1, now)
    appeared = now - timedelta(seconds=door.SLOT - door.seconds_left(now))
    assert door.is_code(code, SECRET, 1, appeared + timedelta(seconds=59.9))
    assert not door.is_code(code, SECRET, 1, appeared + timedelta(seconds=60))
    assert not door.is_code(code, SECRET, 1, appeared - timedelta(seconds=1))
    assert not door.is_code(code, SECRET, 2, now)


@pytest.mark.parametrize("typed", ["ab c-o1 2", "ABC012", " abcOI2 ", "abcol2"])
def test_a_code_is_read_as_it_was_meant(typed):
    assert door.cleaned(typed) == "ABC012"


def test_the_code_on_the_screen_checks_in_once(ada, first, cast, clock):
    present = by_code(cast.ada, shown(first, clock).lower(), clock)
    assert (present.session, present.minutes, present.is_new) == (first.title, 60, True)
    clock.advance(minutes=30)
    again = by_code(cast.ada, shown(first, clock), clock)
    assert (again.minutes, again.is_new) == (60, False)
    row = db.session.scalars(select(Attendance)).one()
    assert (row.minutes, row.source, row.recorded_by) == (60, "code", cast.ada.id)
    assert len([each for each in db.session.scalars(select(AuditEntry.action)) if each == "marked attendance"]) == 1


def test_a_code_sent_to_a_friend_is_worth_nothing_a_minute_later(ada, first, cast, clock):
    code = shown(first, clock)
    clock.advance(seconds=60)
    with pytest.raises(door.CodeNotValid):
        by_code(cast.ada, code, clock)
    assert on_file(ada) == {}


def test_the_code_of_one_session_is_none_for_another(ada, seminar, cast, clock):
    clock.advance(hours=1, minutes=15)
    with pytest.raises(door.CodeNotValid):
        by_code(cast.ada, shown(seminar.sessions[0], clock), clock)
    assert by_code(cast.ada, shown(seminar.sessions[2], clock), clock).minutes == 60


@pytest.mark.parametrize(("minutes", "is_open"), [(-31, False), (-30, True), (60, True), (61, False)])
def test_a_session_is_open_from_half_an_hour_before_until_it_ends(ada, first, cast, clock, minutes, is_open):
    clock.advance(minutes=minutes)
    assert (first.id in [each.id for _, each in checking_in.open_sessions(cast.ada.id, now=clock.now)]) is is_open


def test_who_is_not_registered_cannot_check_in(ada, first, cast, clock):
    with pytest.raises(door.NothingToCheckIn):
        by_code(cast.otto, shown(first, clock), clock)


def test_a_held_seat_is_no_seat_yet(ada, first, seminar, cast, clock):
    factories.registration(cast.otto, seminar, now=clock.now, status=HELD)
    with pytest.raises(door.NothingToCheckIn):
        by_code(cast.otto, shown(first, clock), clock)


def test_who_watches_on_demand_has_no_door(seminar, first, cast, clock):
    mine = factories.registration(cast.ada, seminar, now=clock.now)
    with transaction():
        db.session.merge(mine).offering_id = seminar.offerings[2].id
    with pytest.raises(door.NothingToCheckIn):
        by_code(cast.ada, shown(first, clock), clock)
    with pytest.raises(door.NotInThisSession):
        come(mine, first, cast, clock)


def test_nobody_checks_in_to_a_session_of_the_other_way_to_attend(ada, first, cast, clock):
    with transaction():
        db.session.merge(first).mode = "livestream"
    with pytest.raises(door.NotInThisSession):
        come(ada, first, cast, clock)


def test_a_break_is_no_session(ada, seminar, cast, clock):
    with pytest.raises(door.NotInThisSession):
        come(ada, seminar.sessions[1], cast, clock)


def test_guessing_ends_after_ten_tries(ada, first, cast, clock):
    for _ in range(checking_in.MOST_TRIES):
        with pytest.raises(door.CodeNotValid):
            by_code(cast.ada, "ZZZZZZ", clock)
    with pytest.raises(TooManyTries):
        by_code(cast.ada, shown(first, clock), clock)
    clock.advance(minutes=10, seconds=1)
    assert by_code(cast.ada, shown(first, clock), clock).is_new


def guess(account, clock, times=checking_in.MOST_TRIES - 1):
    for _ in range(times):
        with pytest.raises(door.CodeNotValid):
            by_code(account, "ZZZZZZ", clock)


def test_a_right_code_forgets_the_wrong_ones(ada, first, seminar, cast, clock):
    guess(cast.ada, clock)
    assert by_code(cast.ada, shown(first, clock), clock).is_new
    guess(cast.ada, clock)


def test_a_code_used_before_buys_no_more_guesses(ada, first, seminar, cast, clock):
    by_code(cast.ada, shown(first, clock), clock)
    guess(cast.ada, clock)
    assert not by_code(cast.ada, shown(first, clock), clock).is_new
    with pytest.raises(TooManyTries):
        by_code(cast.ada, "ZZZZZZ", clock)


def test_staff_check_in_from_now_or_for_all_of_it(ada, first, seminar, cast, clock):
    clock.advance(minutes=40)
    assert come(ada, first, cast, clock).minutes == 20
    nell = factories.registration(cast.nell, seminar, now=clock.now)
    assert come(nell, first, cast, clock, source=door.SCAN, is_whole=True).minutes == 60


def test_nobody_is_there_before_the_doors_open(ada, first, cast, clock):
    clock.advance(minutes=-31)
    with pytest.raises(door.CheckInClosed):
        come(ada, first, cast, clock)


def test_two_at_the_door_write_one_mark(ada, first, cast, clock, together):
    number, session, by = ada.id, first.id, cast.sam.id

    class Sam:
        __tablename__, id = "account", by

    def act(_):
        return checking_in.check_in(number, session, source=door.STAFF, by=Sam, now=clock.now)

    results = together(6, act)
    assert sum(isinstance(each, door.AlreadyCheckedIn) for each in results) == 5
    assert on_file(ada) == {session: 60}


def test_the_desk_takes_its_own_mark_back_and_it_is_kept(ada, first, cast, clock):
    come(ada, first, cast, clock)
    take_back(ada.id, first.id, by=cast.sam, now=clock.now)
    assert on_file(ada) == {}
    change = db.session.scalars(select(AttendanceChange)).one()
    assert (change.before, change.after, change.changed_by) == (60, 0, cast.sam.id)
    come(ada, first, cast, clock)
    assert on_file(ada) == {first.id: 60}


def test_what_a_person_said_themselves_is_not_taken_back_in_passing(ada, first, cast, clock):
    by_code(cast.ada, shown(first, clock), clock)
    with pytest.raises(door.ReasonMissing):
        take_back(ada.id, first.id, by=cast.sam, now=clock.now)
    with pytest.raises(door.ReasonMissing):
        mark_attendance(ada.id, {}, by=cast.sam, now=clock.now)
    assert on_file(ada) == {first.id: 60}


def test_a_sheet_is_keyed_for_those_who_signed_and_leaves_others_alone(ada, first, seminar, cast, clock):
    nell = factories.registration(cast.nell, seminar, now=clock.now)
    clock.advance(minutes=40)
    come(nell, first, cast, clock)
    assert key_sheet(first.id, [ada.id, nell.id], by=cast.sam, now=clock.now) == 1
    assert (on_file(ada), on_file(nell)) == ({first.id: 60}, {first.id: 20})
    assert db.session.scalar(select(Attendance.source).where(Attendance.registration_id == ada.id)) == "sheet"
    assert key_sheet(first.id, [ada.id, nell.id], by=cast.sam, now=clock.now) == 0


def test_nobody_has_signed_or_attended_before_the_doors_open(ada, first, cast, clock):
    clock.advance(minutes=-31)
    with pytest.raises(door.CheckInClosed):
        key_sheet(first.id, [ada.id], by=cast.sam, now=clock.now)
    with pytest.raises(door.CheckInClosed):
        correct(ada.id, {first.id: 60}, shown={}, reason="Was there", by=cast.sam, now=clock.now)
    assert on_file(ada) == {}


def test_nobody_else_signs_a_sheet(ada, first, cast, clock):
    elsewhere = factories.registration(cast.otto, factories.seminar(now=clock.now, starts_in=0), now=clock.now)
    with pytest.raises(door.NotInThisSession):
        key_sheet(first.id, [ada.id, elsewhere.id], by=cast.sam, now=clock.now)
    assert on_file(ada) == {}


def test_a_sheet_is_for_confirmed_people(ada, first, seminar, cast, clock):
    held = factories.registration(cast.otto, seminar, now=clock.now, status=HELD)
    with pytest.raises(rules.NotAttending):
        key_sheet(first.id, [held.id], by=cast.sam, now=clock.now)


def test_the_door_is_the_session_people_come_to_now(seminar, clock):
    titles = []
    for minutes in (-600, 0, 44, 45, 134, 136, 60 * 48):
        now = EIGHT + timedelta(minutes=minutes)
        titles.append(presence.current_session(seminar, now=now)[0])
    assert titles == [1, 1, 1, 2, 2, 3, 4]


def test_the_door_finds_people_by_name_address_and_badge(ada, first, seminar, cast, clock):
    here = presence.Door(seminar, 1, first, clock.now)
    for words in ("quill", "ADA@example", ada.ref, "ada quill"):
        assert [each.registration.id for each in here.matching(words)] == [ada.id]
    assert here.matching("nell") == []
