"""What a claim is made for: the sessions ticked, the numbers given, the day that counts, the hours claimed before."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from cme.accounts import queries as accounts
from cme.accounts import services as accounts_services
from cme.accounts.rules import IDENTIFIERS
from cme.catalog.models import AgendaSession, Designation, Faculty
from cme.credits import invariants, queries, rules, services
from cme.credits.models import ASKED, GRANTED, REFUSED, Claim, Extension
from cme.database import db, transaction
from cme.registration import standing as registration_standing
from cme.registration.models import Registration
from cme.values import Credits, CreditType
from tests import factories

AMA, HOURS, ABIM, ABP, ACPE = (
    CreditType.AMA_PRA_1,
    CreditType.PARTICIPATION,
    CreditType.MOC_ABIM,
    CreditType.MOC_ABP,
    CreditType.ACPE,
)
BOARD = {"abim": "123456", "birth": "0417"}


def came(person: Any, clock: Any, **seminar: Any) -> Registration:
    """A registration of somebody who attended a seminar of two mornings that ended last week."""
    held = factories.seminar(now=clock.now, starts_in=-8, evaluation_required=False, **seminar)
    made = factories.registration(person, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now)
    return made


def recorded(person: Any, clock: Any, **seminar: Any) -> Registration:
    """A registration for something on demand."""
    day = clock.now.date()
    dates = {"released_on": day - timedelta(days=9), "terminates_on": day + timedelta(days=300)}
    held = factories.seminar(now=clock.now, modes=("on-demand",), evaluation_required=False, **dates, **seminar)
    return factories.registration(person, held, now=clock.now)


def case_of(made: Registration, clock: Any) -> rules.Case:
    return queries.case_of(db.session.get_one(Registration, made.id), now=clock.now)


def claim(made: Registration, clock: Any, asked: dict[CreditType, Credits] | None = None, **told: Any) -> list[str]:
    if asked is None:
        case = case_of(made, clock)
        asked = {kind: case.most(kind) for kind in [next(iter(case.limits))]}
    known = {"attested": True, "address": "203.0.113.9", "form_id": None, "may_print": lambda text: ()}
    return services.claim_credit(made.id, asked, now=clock.now, **{**known, **told})


def the_claim() -> Claim:
    return db.session.scalars(select(Claim)).one()


def claims() -> int:
    return db.session.scalar(select(func.count()).select_from(Claim)) or 0


def offer(made: Registration, *kinds: CreditType) -> None:
    with transaction() as session:
        for kind in kinds:
            session.add(Designation(seminar_id=made.seminar_id, credit_type=kind.value, maximum=400))


def minutes_by_title(found: Claim) -> dict[str, int]:
    titles = {str(each.id): each.title for each in found.registration.seminar.sessions}
    return {titles[number]: minutes for number, minutes in found.sessions.items()}


# Sessions


def test_a_claim_remembers_the_sessions_it_was_made_for(cast, clock):
    claim(came(cast.ada, clock), clock, {AMA: Credits(200)}, ticked=["1-1", "2-2"])
    assert minutes_by_title(the_claim()) == {"Morning 1, first hour": 60, "Morning 2, second hour": 60}


def test_without_a_choice_a_claim_is_for_everything_attended(cast, clock):
    claim(came(cast.ada, clock), clock, {AMA: Credits(25)})
    assert sum(the_claim().sessions.values()) == 240


@pytest.mark.parametrize(("ticked", "most"), [(["1-1"], "1.00"), (["1-1", "7-7"], "1.00"), ([], "0.00")])
def test_nobody_is_granted_more_than_they_ticked(cast, clock, ticked, most):
    made = came(cast.ada, clock)
    with pytest.raises(rules.TooMuchCredit, match=f"ticked support up to {most}"):
        claim(made, clock, {AMA: Credits(125)}, ticked=ticked)
    assert claims() == 0


def test_where_attendance_is_not_tracked_everybody_may_claim_all_of_it(cast, clock):
    held = factories.seminar(now=clock.now, starts_in=-8, evaluation_required=False, tracks_attendance=False)
    made = factories.registration(cast.ada, held, now=clock.now)
    assert case_of(made, clock).most(AMA) == Credits(400)
    claim(made, clock, {AMA: Credits(300)}, ticked=["1-1", "1-2", "2-1"])
    assert (the_claim().supported_minutes, len(the_claim().sessions)) == (240, 3)
    assert list(invariants.breaches(now=clock.now)) == []


@pytest.mark.parametrize("tracked", [True, False])
def test_nobody_claims_a_session_they_teach(cast, clock, tracked):
    made = came(cast.ada, clock, tracks_attendance=tracked)
    with transaction() as session:
        teacher = Faculty(slug="ada", name="Ada Quillfeather", account_id=cast.ada.id, created_at=clock.now)
        session.add(teacher)
        first = session.scalars(select(AgendaSession).order_by(AgendaSession.starts_at)).first()
        first.faculty.append(teacher)
    attended = queries.sessions_attended(db.session.get_one(Registration, made.id))
    assert [(each.minutes, each.is_taught) for each in attended] == [(0, True), (60, False), (60, False), (60, False)]
    with pytest.raises(rules.TooMuchCredit, match=r"up to 3\.00"):
        claim(made, clock, {AMA: Credits(400)})


def test_sessions_are_named_by_day_and_place(cast, clock):
    attended = queries.sessions_attended(came(cast.ada, clock))
    assert [each.key for each in attended] == ["1-1", "1-2", "2-1", "2-2"]


def test_what_runs_at_the_same_time_counts_once(cast, clock):
    made = came(cast.ada, clock, maximum=600, tracks_attendance=False)
    with transaction() as session:
        day = session.get_one(Registration, made.id).seminar.sessions[0].on
        for track, (begins, ends) in {"A": (time(11), time(12)), "B": (time(11, 30), time(12, 10))}.items():
            span = {"starts_at": factories.local(day, begins), "ends_at": factories.local(day, ends)}
            hours = {"on": day, "starts": begins, "ends": ends, "track": track, "title": f"Workshop {track}"}
            session.add(AgendaSession(seminar_id=made.seminar_id, position=9, **hours, **span))
    made = db.session.get_one(Registration, made.id)
    case, sessions = case_of(made, clock), queries.sessions_attended(made)
    every = [each.key for each in sessions]
    assert len(every) == 6
    amounts = [
        str(queries.amounts_of(case, sessions, choice)[AMA])
        for choice in (
            queries.Choice(),
            queries.Choice(frozenset(each for each in every if each != "1-3")),
            queries.Choice(less=2),
            queries.Choice(frozenset(["1-4"]), less=9),
        )
    ]
    assert amounts == ["5.00", "4.75", "4.50", "0.00"]


def test_on_demand_there_is_nothing_to_tick_and_some_can_be_left_out(cast, clock):
    made = recorded(cast.ada, clock, maximum=400)
    case = case_of(made, clock)
    assert queries.amounts_of(case, [], queries.Choice(less=3))[AMA] == Credits(325)
    claim(made, clock, {AMA: Credits(325)}, ticked=[])
    assert the_claim().sessions == {}


# Numbers


def test_points_without_the_board_s_number_are_refused_and_nothing_is_stored(cast, clock):
    made = came(cast.ada, clock)
    offer(made, ABIM)
    with pytest.raises(rules.IdentifierMissing, match="Enter your month and day of birth"):
        claim(made, clock, {AMA: Credits(400), ABIM: Credits(400)}, identifiers={"abim": "123456"})
    assert claims() == 0
    assert accounts.identifiers_of(cast.ada.id) == {}


def test_numbers_given_with_a_claim_are_on_file_from_then_on(cast, clock):
    made = came(cast.ada, clock)
    offer(made, ABIM)
    asked = {AMA: Credits(400), ABIM: Credits(400)}
    claim(made, clock, asked, identifiers=BOARD)
    assert accounts.identifiers_of(cast.ada.id) == BOARD
    other = came(cast.ada, clock, title="Sleep")
    offer(other, ABIM)
    claim(other, clock, asked)
    assert [each.identifiers for each in db.session.scalars(select(Claim))] == [BOARD, BOARD]


def test_a_claim_keeps_only_the_numbers_its_own_types_are_reported_under(cast, clock):
    accounts_services.save_identifiers(cast.ada.id, {**BOARD, "npi": "1234567893"}, now=clock.now)
    claim(came(cast.ada, clock), clock, {AMA: Credits(400)})
    assert the_claim().identifiers == {}


def test_every_number_that_is_needed_or_welcome_is_one_we_know():
    for kind in CreditType:
        assert set(rules.asked_for(kind)) <= set(IDENTIFIERS)
    assert rules.asked_for(ACPE) == ("nabp", "birth")
    assert rules.lacking(ABP, {"birth"}) == ["abp"]
    assert rules.lacking(CreditType.AANP, ()) == []
    assert rules.used_by([AMA, ABIM], {**BOARD, "abp": "9"}) == BOARD


# The day


@pytest.mark.parametrize(("status", "opens"), [(ASKED, False), (REFUSED, False), (GRANTED, True)])
def test_a_day_granted_by_staff_moves_the_deadline_to_its_end(cast, clock, status, opens):
    made = came(cast.ada, clock, claim_window_days=3)
    until = clock.now.date() + timedelta(days=2)
    with transaction() as session:
        words = {"registration_id": made.id, "reason": "I was ill.", "asked_at": clock.now}
        session.add(Extension(**words, status=status, until=until))
    clock.now = datetime.combine(until, time(23, 59), ZoneInfo("America/New_York"))
    if opens:
        claim(made, clock)
        assert claims() == 1
    else:
        with pytest.raises(rules.ClaimWindowClosed):
            claim(made, clock)
    clock.advance(minutes=2)
    with pytest.raises(rules.ClaimWindowClosed):
        rules.check_participation(case_of(made, clock), now=clock.now)


def test_an_extension_never_shortens_the_window(cast, clock):
    made = came(cast.ada, clock)
    usual = case_of(made, clock).claimable_until
    with transaction() as session:
        words = {"registration_id": made.id, "reason": "Please.", "asked_at": clock.now, "status": GRANTED}
        session.add(Extension(**words, until=clock.now.date()))
    assert case_of(made, clock).claimable_until == usual


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (datetime(2027, 3, 13, 4, 59, tzinfo=ZoneInfo("UTC")), "11 days left"),
        (datetime(2027, 3, 3, 4, 59, tzinfo=ZoneInfo("UTC")), "1 day left"),
        (datetime(2027, 3, 2, 4, 59, tzinfo=ZoneInfo("UTC")), "today is the last day"),
        (datetime(2027, 3, 1, 14, 59, tzinfo=ZoneInfo("UTC")), "closed"),
    ],
)
def test_days_left_are_counted_where_the_seminar_is(until, said):
    assert rules.time_left(until, datetime(2027, 3, 1, 15, tzinfo=ZoneInfo("UTC")), "America/New_York") == said


@pytest.mark.parametrize("ends_on", [date(2027, 3, 12), date(2027, 11, 5)])
def test_the_window_is_whole_days_by_the_clock_though_the_clocks_change(cast, clock, ends_on):
    clock.now = factories.local(ends_on - timedelta(days=2), time(9))
    held = factories.seminar(now=clock.now, starts_in=1, evaluation_required=False, claim_window_days=4)
    made = factories.registration(cast.ada, held, now=clock.now)
    clock.now = factories.local(ends_on + timedelta(days=1), time(9))
    factories.attend(made, now=clock.now)
    until = case_of(made, clock).claimable_until
    assert until == factories.local(ends_on + timedelta(days=4), time(10, 15))
    assert registration_standing.claim_time(made, timedelta(days=60), now=clock.now).until == until
    clock.now = until + timedelta(microseconds=1)
    with pytest.raises(rules.ClaimWindowClosed):
        claim(made, clock)
    clock.now = until
    claim(made, clock)
    assert claims() == 1


def test_what_is_on_demand_can_be_claimed_to_the_end_of_its_last_day(cast, clock):
    made = recorded(cast.ada, clock)
    last = made.seminar.terminates_on
    until = queries.deadline_of(made, case_of(made, clock))
    assert until is not None
    assert until.astimezone(ZoneInfo("America/New_York")).date() == last == date(2027, 12, 26)
    assert until + timedelta(microseconds=1) == factories.local(last + timedelta(days=1), time())


# The same hours


def test_the_same_hours_claimed_the_other_way_are_found_by_title(cast, clock):
    live = came(cast.ada, clock, title="Cardiology 2027: Live")
    claim(live, clock)
    again = recorded(cast.ada, clock, title="Cardiology (recorded 2027)")
    assert [each.registration.id for each in queries.same_hours(again)] == [live.id]
    assert queries.same_hours(recorded(cast.otto, clock, title="Cardiology")) == []


def test_the_same_hours_are_found_by_half_of_their_sessions(cast, clock):
    claim(came(cast.ada, clock, title="Cardiology"), clock)
    again = recorded(cast.ada, clock, title="The best of the year", days=4)
    assert len(queries.same_hours(again)) == 1
    with transaction() as session:
        for each in session.get_one(Registration, again.id).seminar.sessions[:2]:
            each.title = f"New: {each.title}"
    db.session.expire_all()
    assert queries.same_hours(again) == []


def test_other_hours_and_the_same_way_are_no_warning(cast, clock):
    claim(came(cast.ada, clock, title="Cardiology"), clock)
    next_year = came(cast.ada, clock, title="Cardiology")
    assert queries.same_hours(next_year) == []


def test_a_claim_that_counts_no_longer_is_no_warning(cast, clock):
    claim(came(cast.ada, clock, title="Cardiology"), clock)
    again = recorded(cast.ada, clock, title="Cardiology")
    assert len(queries.same_hours(again)) == 1
    with transaction() as session:
        session.scalars(select(Claim)).one().status = "void"
    assert queries.same_hours(again) == []
