"""Facts about a webinar's log held against the roster: looked at first, counted once, never taking anything away."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from cme.database import db, transaction
from cme.registration import queries, reckoning
from cme.registration.models import HELD, Attendance, AttendanceChange, AttendanceImport
from cme.registration.rules.attendance import AttendanceChanged
from cme.registration.rules.webinar_log import LogUnreadable
from cme.registration.services.attendance import correct, mark_attendance
from cme.registration.services.webinar_logs import LogAhead, LogApplied, apply_log, read_log
from tests import factories

ZONE = "America/New_York"
HEAD = "Name,Email,Join Time,Leave Time\n"


@pytest.fixture
def seminar(app, clock, promises):
    clock.now = datetime(2027, 3, 15, 20, 0, tzinfo=UTC)
    return factories.seminar(now=clock.now, starts_in=0, modes=("livestream", "on-demand"))


@pytest.fixture
def ada(seminar, cast, clock):
    return factories.registration(cast.ada, seminar, now=clock.now)


def log_of(seminar, cast, clock, *lines, form_id=None):
    """Read a log of some lines like `Ada,ada@example.test,8:00,9:00`."""
    text = HEAD
    for line in lines:
        name, email, came, went = line.split(",")
        text += f"{name},{email},3/15/2027 {came} AM,3/15/2027 {went} AM\n"
    how = {"file_name": "log.csv", "zone": ZONE, "by": cast.sam, "form_id": form_id, "now": clock.now}
    ref = read_log(seminar.id, text.encode(), **how)
    return reckoning.import_by_ref(seminar.id, ref)


def apply(log, cast, clock, names=()):
    shown = reckoning.reckon(log).mark
    return apply_log(log.id, shown=shown, names=names, by=cast.sam, now=clock.now)


def on_file(registration):
    db.session.rollback()
    return queries.attended_by_session(registration.id)


def test_nothing_counts_before_somebody_looked(seminar, ada, cast, clock):
    log = log_of(seminar, cast, clock, "Ada,ADA@example.test,7:50,8:30")
    [person] = reckoning.reckon(log).people
    first = seminar.sessions[0].id
    assert (person.minutes, person.before, person.is_by_name) == ({first: 30}, {}, False)
    assert on_file(ada) == {}


def test_what_was_looked_at_is_written_down_once(seminar, ada, cast, clock):
    log = log_of(seminar, cast, clock, "Ada,ada@example.test,8:00,8:20", "Ada,ada@example.test,8:10,8:40")
    assert apply(log, cast, clock) == 1
    first = seminar.sessions[0].id
    row = db.session.scalars(select(Attendance)).one()
    assert (row.session_id, row.minutes, row.source, row.recorded_by) == (first, 40, "import", cast.sam.id)
    with pytest.raises(LogApplied):
        apply(log, cast, clock)


def test_one_log_covers_several_sessions_and_leaves_the_breaks_out(seminar, ada, cast, clock):
    apply(log_of(seminar, cast, clock, "Ada,ada@example.test,7:00,11:00"), cast, clock)
    assert on_file(ada) == {seminar.sessions[0].id: 60, seminar.sessions[2].id: 60}


def test_a_log_never_takes_minutes_away(seminar, ada, cast, clock):
    first, _, second = [each.id for each in seminar.sessions[:3]]
    mark_attendance(ada.id, {first: 60, second: 10}, by=cast.sam, now=clock.now)
    log = log_of(seminar, cast, clock, "Ada,ada@example.test,8:00,8:30", "Ada,ada@example.test,9:15,10:15")
    [person] = reckoning.reckon(log).people
    assert person.gains == {second: 60}
    apply(log, cast, clock)
    assert on_file(ada) == {first: 60, second: 60}
    change = db.session.scalars(select(AttendanceChange)).one()
    assert (change.before, change.after, change.reason) == (10, 60, "Webinar log log.csv")


def test_strangers_are_listed_and_nobody_is_invented(seminar, ada, cast, clock):
    factories.registration(cast.otto, seminar, now=clock.now, status=HELD)
    watches = factories.registration(cast.nell, seminar, now=clock.now)
    with transaction():
        live, later = db.session.merge(seminar).offerings
        db.session.merge(watches).offering_id, live.taken, later.taken = later.id, live.taken - 1, 1
    lines = ["Who,who@example.test", "Otto,otto@example.test", "Nell,nell@example.test", "Nobody,"]
    found = reckoning.reckon(log_of(seminar, cast, clock, *(f"{each},8:00,9:00" for each in lines)))
    assert found.people == []
    assert [(each.name, each.minutes, each.why) for each in found.strangers] == [
        ("Who", 60, "Not registered with this address or name"),
        ("Otto", 60, "The registration is not confirmed"),
        ("Nell", 60, "Registered on demand"),
        ("Nobody", 60, "Not registered with this address or name"),
    ]


def test_a_name_alone_counts_only_when_staff_say_so(seminar, ada, cast, clock):
    log = log_of(seminar, cast, clock, "ada QUILLFEATHER,,8:00,9:00")
    [person] = reckoning.reckon(log).people
    assert person.is_by_name
    assert apply(log, cast, clock) == 0
    assert on_file(ada) == {}
    again = log_of(seminar, cast, clock, "ada QUILLFEATHER,,8:00,9:00")
    assert apply(again, cast, clock, names={ada.ref}) == 1
    assert on_file(ada) == {seminar.sessions[0].id: 60}


def test_a_name_adds_nothing_to_what_an_address_proves_unless_staff_say_so(seminar, ada, cast, clock):
    lines = ["Ada,ada@example.test,8:00,8:20", "Ada Quillfeather,somebody@else.test,8:15,9:00"]
    log = log_of(seminar, cast, clock, *lines)
    found = reckoning.reckon(log)
    first = seminar.sessions[0].id
    assert [(each.is_by_name, each.gains) for each in found.people] == [(False, {first: 20}), (True, {first: 60})]
    assert (found.known, apply(log, cast, clock)) == (1, 1)
    assert on_file(ada) == {first: 20}
    assert apply(log_of(seminar, cast, clock, *lines), cast, clock, names={ada.ref}) == 1
    assert on_file(ada) == {first: 60}


def test_a_name_that_two_people_have_is_nobodys(seminar, ada, cast, clock):
    twin = factories.account("twin@example.test", "Ada Quillfeather, DO", "do", now=clock.now)
    factories.registration(twin, seminar, now=clock.now)
    assert reckoning.reckon(log_of(seminar, cast, clock, "Ada Quillfeather,,8:00,9:00")).people == []


def test_what_changed_since_it_was_looked_at_is_looked_at_again(seminar, ada, cast, clock):
    log = log_of(seminar, cast, clock, "Ada,ada@example.test,8:00,9:00")
    shown = reckoning.reckon(log).mark
    mark_attendance(ada.id, {seminar.sessions[0].id: 15}, by=cast.sam, now=clock.now)
    with pytest.raises(AttendanceChanged):
        apply_log(log.id, shown=shown, by=cast.sam, now=clock.now)
    assert on_file(ada) == {seminar.sessions[0].id: 15}
    assert apply(log, cast, clock) == 1


def test_a_form_sent_twice_reads_the_log_once(seminar, ada, cast, clock):
    refs = {log_of(seminar, cast, clock, "Ada,ada@example.test,8:00,9:00", form_id="f" * 20).ref for _ in range(2)}
    assert len(refs) == 1
    assert len(db.session.scalars(select(AttendanceImport)).all()) == 1


def test_two_who_press_at_once_write_it_down_once(seminar, ada, cast, clock, together):
    log = log_of(seminar, cast, clock, "Ada,ada@example.test,8:00,9:00")
    number, shown, by = log.id, reckoning.reckon(log).mark, cast.sam.id

    class Sam:
        __tablename__, id = "account", by

    results = together(4, lambda _: apply_log(number, shown=shown, by=Sam, now=clock.now))
    assert sorted(map(str, results)) == ["1", *[LogApplied.message] * 3]


def test_an_empty_log_is_kept_nowhere(seminar, cast, clock):
    with pytest.raises(LogUnreadable):
        log_of(seminar, cast, clock)
    assert db.session.scalars(select(AttendanceImport)).all() == []


def test_nobody_was_there_at_a_time_still_to_come(seminar, ada, cast, clock):
    clock.now = datetime(2027, 3, 15, 12, 30, tzinfo=UTC)  # half past eight
    with pytest.raises(LogAhead):
        log_of(seminar, cast, clock, "Ada,ada@example.test,8:00,9:00")
    log = log_of(seminar, cast, clock, "Ada,ada@example.test,8:00,8:20", "Ada,ada@example.test,8:25,9:00")
    assert log.problems == ["Times still to come, left out: 1. Is this the time zone of the report?"]
    assert apply(log, cast, clock) == 1
    assert on_file(ada) == {seminar.sessions[0].id: 20}


def test_a_log_in_which_nothing_can_be_read_says_what(seminar, cast, clock):
    with pytest.raises(LogUnreadable, match="Line 2: Ada left before joining"):
        log_of(seminar, cast, clock, "Ada,ada@example.test,9:00,8:00")
    assert db.session.scalars(select(AttendanceImport)).all() == []


def test_a_log_belongs_to_its_seminar(seminar, ada, cast, clock):
    log = log_of(seminar, cast, clock, "Ada,ada@example.test,8:00,9:00")
    elsewhere = factories.seminar(now=clock.now)
    assert reckoning.import_by_ref(elsewhere.id, log.ref) is None


def test_a_correction_outlives_a_later_log_of_less(seminar, ada, cast, clock):
    first = seminar.sessions[0].id
    correct(ada.id, {first: 45}, shown={}, reason="Was in the room", by=cast.sam, now=clock.now)
    apply(log_of(seminar, cast, clock, "Ada,ada@example.test,8:00,8:30"), cast, clock)
    assert on_file(ada) == {first: 45}
