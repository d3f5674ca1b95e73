"""Facts about correcting attendance: a reason, what stood before, and what becomes of credit claimed with it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cme.audit import AuditDetail, AuditEntry
from cme.credits import services as credits
from cme.database import db, transaction
from cme.errors import Refusal
from cme.registration import earned, presence, queries, rules
from cme.registration.models import Attendance, AttendanceChange
from cme.registration.rules.attendance import AttendanceChanged, ReasonMissing
from cme.registration.services.attendance import correct, fit_to_sessions, mark_attendance, mark_day
from cme.values import Credits, CreditType
from tests import factories

WHY = "Left for an emergency"


@pytest.fixture
def seminar(app, clock):
    return factories.seminar(now=clock.now - timedelta(days=60), starts_in=52)


@pytest.fixture
def ada(seminar, cast, clock, promises):
    mine = factories.registration(cast.ada, seminar, now=clock.now - timedelta(days=30))
    factories.attend(mine, now=clock.now - timedelta(days=8))
    return mine


def fix(registration, minutes, cast, clock, reason=WHY, shown=None):
    shown = queries.attended_by_session(registration.id) if shown is None else shown
    return correct(registration.id, minutes, shown=shown, reason=reason, by=cast.sam, now=clock.now)


def changes():
    db.session.rollback()
    rows = db.session.scalars(select(AttendanceChange).order_by(AttendanceChange.id))
    return [(each.before, each.after, each.reason) for each in rows]


def claim(registration, amount, clock):
    credits.submit_evaluation(registration.id, {"overall": 5}, form_id=None, now=clock.now)
    how = {"attested": True, "address": "::1", "form_id": None, "now": clock.now, "may_print": lambda _: ()}
    [code] = credits.claim_credit(registration.id, {CreditType.AMA_PRA_1: Credits(amount)}, **how)
    return code


def test_a_correction_keeps_what_stood_before_and_why(ada, seminar, cast, clock):
    first = seminar.sessions[0].id
    assert fix(ada, {first: 45}, cast, clock) == 1
    assert queries.attended_by_session(ada.id)[first] == 45
    assert changes() == [(60, 45, WHY)]
    [last] = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    assert (last.action, last.actor) == ("corrected attendance", f"account:{cast.sam.id}")
    assert WHY not in last.payload  # words about a person are kept beside the chain, where they can be purged
    assert db.session.scalars(select(AuditDetail)).all()[-1].values == {"reason": WHY}


def test_nothing_on_file_changes_without_a_reason(ada, seminar, cast, clock):
    with pytest.raises(ReasonMissing):
        fix(ada, {seminar.sessions[0].id: 45}, cast, clock, reason="")
    assert changes() == []


def test_what_was_missed_is_added_without_one(ada, seminar, cast, clock):
    nell = factories.registration(cast.nell, seminar, now=clock.now)
    assert fix(nell, {seminar.sessions[0].id: 30}, cast, clock, reason="") == 1
    assert changes() == []


def test_saving_what_stands_changes_nothing(ada, cast, clock):
    assert fix(ada, queries.attended_by_session(ada.id), cast, clock) == 0
    assert changes() == []


def test_a_correction_of_what_changed_meanwhile_is_looked_at_again(ada, seminar, cast, clock):
    shown = queries.attended_by_session(ada.id)
    fix(ada, {seminar.sessions[0].id: 45}, cast, clock)
    with pytest.raises(AttendanceChanged):
        fix(ada, {seminar.sessions[0].id: 30}, cast, clock, shown=shown)
    assert changes() == [(60, 45, WHY)]


@pytest.mark.parametrize("minutes", [61, -1])
def test_a_correction_stays_within_the_session(ada, seminar, cast, clock, minutes):
    with pytest.raises(rules.AttendanceImpossible):
        fix(ada, {seminar.sessions[0].id: minutes}, cast, clock)


def test_somebody_struck_out_can_come_back(ada, seminar, cast, clock):
    first = seminar.sessions[0].id
    fix(ada, {first: 0}, cast, clock)
    clock.advance(minutes=1)
    fix(ada, {first: 20}, cast, clock, reason="")
    assert changes() == [(60, 0, WHY)]
    assert queries.attended_by_session(ada.id)[first] == 20


def test_a_day_marked_for_all_leaves_what_is_on_file(ada, seminar, cast, clock):
    first = seminar.sessions[0].id
    fix(ada, {first: 20}, cast, clock)
    mark_day([ada.id], seminar.starts_on, by=cast.sam, now=clock.now)
    assert queries.attended_by_session(ada.id)[first] == 20


def test_after_a_claim_the_desk_needs_a_reason_too(ada, seminar, cast, clock):
    claim(ada, 400, clock)
    with pytest.raises(ReasonMissing):
        mark_attendance(ada.id, {}, by=cast.sam, now=clock.now)
    fix(ada, {seminar.sessions[0].id: 0}, cast, clock)


def test_a_claim_that_exceeds_its_attendance_is_told_to_staff(ada, seminar, cast, clock):
    claim(ada, 400, clock)
    assert earned.beyond_attendance(ada.id, now=clock.now) == []
    fix(ada, {seminar.sessions[0].id: 0}, cast, clock)
    [found] = earned.beyond_attendance(ada.id, now=clock.now)
    assert (str(found.claimed), str(found.supported)) == ("4.00", "3.00")
    assert found.certificate


def test_a_claim_of_less_than_was_attended_stands(ada, seminar, cast, clock):
    claim(ada, 300, clock)
    fix(ada, {seminar.sessions[0].id: 0}, cast, clock)
    assert earned.beyond_attendance(ada.id, now=clock.now) == []


def test_a_correction_and_a_claim_at_once_never_leave_too_large_a_claim_untold(ada, seminar, cast, clock, together):
    credits.submit_evaluation(ada.id, {"overall": 5}, form_id=None, now=clock.now)
    number, shown, by = ada.id, queries.attended_by_session(ada.id), cast.sam.id
    first = seminar.sessions[0].id

    class Sam:
        __tablename__, id = "account", by

    def act(which):
        if which:
            return correct(number, {first: 0}, shown=shown, reason=WHY, by=Sam, now=clock.now)
        how = {"attested": True, "address": "::1", "form_id": None, "now": clock.now, "may_print": lambda _: ()}
        return credits.claim_credit(number, {CreditType.AMA_PRA_1: Credits(400)}, **how)

    claimed, corrected = together(2, act)
    assert corrected == 1
    # Either the claim came first and staff are told, or the correction did and the claim was refused.
    assert isinstance(claimed, Refusal) != bool(earned.beyond_attendance(number, now=clock.now))


def test_where_attendance_is_not_tracked_no_claim_exceeds_it(ada, seminar, cast, clock):
    claim(ada, 400, clock)
    with transaction():
        db.session.merge(seminar).tracks_attendance = False
    fix(ada, {seminar.sessions[0].id: 0}, cast, clock)
    assert earned.beyond_attendance(ada.id, now=clock.now) == []


def shorten(seminar, minutes, clock):
    with transaction():
        session = db.session.merge(seminar.sessions[0])
        session.ends_at = session.starts_at + timedelta(minutes=minutes)
        session.seminar.updated_at = clock.now


def test_attendance_follows_a_session_that_was_shortened(ada, seminar, cast, clock):
    shorten(seminar, 40, clock)
    assert fit_to_sessions(now=clock.now) == 1
    assert queries.attended_by_session(ada.id)[seminar.sessions[0].id] == 40
    assert changes() == [(60, 40, "The session was shortened")]
    assert fit_to_sessions(now=clock.now) == 0


def test_the_promises_see_more_than_a_session_has(seminar, cast, clock):
    mine = factories.registration(cast.ada, seminar, now=clock.now)
    factories.attend(mine, now=clock.now)
    shorten(seminar, 40, clock)
    assert list(presence.breaches(now=clock.now)) == []  # the next round cuts it
    clock.advance(hours=2)
    assert [each.partition(" is ")[2] for each in presence.breaches(now=clock.now)] == ["60 minutes of a session of 40"]


def test_the_promises_see_a_mark_that_no_correction_explains(seminar, cast, clock):
    mine = factories.registration(cast.ada, seminar, now=clock.now)
    factories.attend(mine, now=clock.now)
    fix(mine, {seminar.sessions[0].id: 45}, cast, clock)
    with transaction() as session:
        session.scalars(select(Attendance).where(Attendance.minutes == 45)).one().minutes = 60
    assert len(list(presence.breaches(now=clock.now))) == 1


def test_the_promises_see_attendance_of_another_seminar(seminar, cast, clock):
    elsewhere = factories.seminar(now=clock.now)
    mine = factories.registration(cast.ada, elsewhere, now=clock.now)
    with transaction() as session:
        row = Attendance(registration_id=mine.id, session_id=seminar.sessions[0].id, minutes=5, recorded_at=clock.now)
        session.add(row)
    [found] = presence.breaches(now=clock.now)
    assert found.endswith("is of a session of another seminar")
