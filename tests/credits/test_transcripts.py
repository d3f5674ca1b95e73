"""A transcript holds what was granted and what was entered, tells them apart, and measures them by goals."""

import csv
import io
import json
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cme import settings
from cme.audit import AuditEntry
from cme.catalog.models import Seminar
from cme.catalog.rules import TOPICS, minutes_said, topic_line
from cme.credits import queries, transcript
from cme.credits import services as credits
from cme.credits.models import Certificate, ExternalCredit, Goal
from cme.credits.queries.overviews import overview_of
from cme.credits.queries.transcripts import ELSEWHERE, Line, external_credit_of, transcript_of, whole_transcript_of
from cme.credits.rules import goals as rules
from cme.credits.rules.refusals import UnprintableWords
from cme.credits.rules.transcripts import Wanted, by_year, marks
from cme.credits.services import transcripts as services
from cme.database import db, transaction
from cme.gateways.letters import missing_letters
from cme.registration.models import Registration
from cme.values import Credits, CreditType
from tests import factories

STROKE = services.ExternalValues("Stroke Care Weekend", date(2026, 5, 3), "ama-pra-1", 775, "Bayward School")
FLORIDA = services.GoalValues("Florida", date(2028, 1, 31), 4000, starts_on=date(2026, 2, 1))


def claimed(person: Any, clock: Any, *, topics: dict[str, int] | None = None, **more: Any) -> str:
    """Let somebody claim all there is of a seminar that ended last week; gives the certificate's code."""
    held = factories.seminar(now=clock.now, starts_in=-8, **more)
    if topics:
        with transaction() as session:
            session.get_one(Seminar, held.id).sessions[0].topic_minutes = topics
    made = factories.registration(person, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now)
    credits.submit_evaluation(made.id, {"overall": 5}, form_id=None, now=clock.now)
    case = queries.case_of(db.session.get_one(Registration, made.id), now=clock.now)
    told = {"attested": True, "address": "::1", "form_id": None, "now": clock.now, "may_print": missing_letters}
    return credits.claim_credit(made.id, {kind: case.most(kind) for kind in list(case.limits)[:1]}, **told)[0]


def add(person: Any, clock: Any, values: services.ExternalValues = STROKE, form_id: str | None = None) -> str:
    return services.add_external(person.id, values, form_id=form_id, now=clock.now, may_print=missing_letters)


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def line(amount: int, on: str, *, activity: str = "", kind: str = "ama-pra-1", **more: Any) -> Line:
    """Credit, as a transcript lists it."""
    words = {"id": on, "title": "Sleep", "provider": "Ours", "dates": on, "mode": "in-person"} | more
    return Line(
        activity=activity or f"{on} {kind}",
        on=date.fromisoformat(on),
        credit_type=kind,
        amount=Credits(amount),
        **words,
    )


# What counts


def test_what_was_claimed_is_listed_as_its_certificate_prints_it(app: Flask, cast: SimpleNamespace, clock: Any):
    code = claimed(cast.ada, clock, title="Sleep Medicine", topics={"medical-errors": 60, "opioids": 30})
    with transaction() as session:
        session.scalars(select(Seminar)).one().title = "Renamed later"
    [found] = transcript_of(cast.ada.id)
    number = db.session.scalars(select(Certificate.number)).one()
    assert (found.title, found.code, found.number) == ("Sleep Medicine", code, number)
    assert found.id == f"{number}/ama-pra-1"
    assert (found.amount, found.mode, found.is_own) == (Credits(400), "in-person", False)
    assert found.on == db.session.scalars(select(Seminar.ends_on)).one()
    assert found.topics == {"medical-errors": 60, "opioids": 30}
    assert transcript_of(cast.otto.id) == []


def test_the_topic_line_of_a_certificate_is_read_as_it_was_written():
    minutes = {code: 15 * number for number, code in enumerate(TOPICS, start=1)}
    assert minutes_said(topic_line(minutes, most=Credits(9900))) == minutes
    assert minutes_said("Of these, 2.0 hours on something nobody asks for any more; confirm with your board.") == {}
    assert minutes_said("") == {}


def test_the_same_hours_count_once_toward_a_goal_of_any_type():
    lines = [
        line(800, "2026-03-01", activity="a"),
        line(775, "2026-03-01", activity="a", kind="aafp-prescribed"),
        line(100, "2026-04-01", activity="b"),
    ]
    any_type, typed = (
        Goal(name="g", credits=1000, credit_type=kind, topic_minutes={}, starts_on=None, due_on=date(2026, 12, 31))
        for kind in (None, "aafp-prescribed")
    )
    assert rules.progress(any_type, lines, today=date(2026, 6, 1)).credit == rules.Step(Credits(1000), Credits(900))
    assert rules.progress(typed, lines, today=date(2026, 6, 1)).credit.done == Credits(775)


def test_a_goal_counts_from_its_first_day_through_its_last_and_says_what_is_missing():
    lines = [line(100, day, topics={"opioids": 60}) for day in ("2026-01-31", "2026-02-01", "2028-01-31", "2028-02-01")]
    goal = Goal(
        name="g",
        credits=300,
        topic_minutes={"opioids": 180, "ethics": 60},
        starts_on=date(2026, 2, 1),
        due_on=date(2028, 1, 31),
    )
    far = rules.progress(goal, lines, today=date(2028, 1, 30))
    assert (far.credit.done, far.credit.missing, far.days_left) == (Credits(200), Credits(100), 1)
    assert [(step.topic, step.done, step.missing) for step in far.topics] == [
        ("opioids", Credits(200), Credits(100)),
        ("ethics", Credits(0), Credits(100)),
    ]
    assert not far.is_reached
    goal.credits, goal.topic_minutes = 200, {"opioids": 120}
    assert rules.progress(goal, lines, today=date(2028, 1, 30)).is_reached


def test_what_somebody_entered_counts_and_is_told_apart():
    lines = [line(100, "2026-03-01"), line(200, "2026-04-01", ref="R", mode=ELSEWHERE)]
    goal = Goal(name="g", credits=300, topic_minutes={}, starts_on=None, due_on=date(2026, 12, 31))
    far = rules.progress(goal, lines, today=date(2026, 6, 1))
    assert (far.credit.done, far.own, far.is_reached) == (Credits(300), Credits(200), True)


def test_years_are_added_up_by_way_and_by_type_without_gaps():
    lines = [
        line(400, "2024-03-01"),
        line(200, "2026-03-01", activity="x", mode="livestream"),
        line(200, "2026-03-01", activity="x", mode="livestream", kind="aanp"),
    ]
    years = by_year(lines, ways=["in-person", "livestream", "on-demand"], kinds=["ama-pra-1", "aanp"])
    assert years.years == (2024, 2025, 2026)
    assert years.totals == (Credits(400), Credits(0), Credits(200))
    assert list(years.ways) == ["in-person", "livestream"]
    assert years.kinds["aanp"] == (Credits(0), Credits(0), Credits(200))
    assert by_year([], ways=["in-person"], kinds=[]).totals == ()


@pytest.mark.parametrize(
    ("most", "lines"),
    [
        (0, [0, 1]),
        (100, [0, 1]),
        (2675, [0, 10, 20, 30]),
        (500, [0, 1, 2, 3, 4, 5]),
        (99999, [0, 200, 400, 600, 800, 1000]),
    ],
)
def test_the_lines_of_the_chart_are_round(most: int, lines: list[int]):
    assert marks(Credits(most)) == lines


def test_a_goal_a_year_is_only_told_where_it_runs_for_a_year():
    goal = Goal(credits=4000, starts_on=date(2026, 2, 1), due_on=date(2028, 1, 31))
    assert rules.a_year(goal) == Credits(2000)
    goal.due_on = date(2026, 8, 1)
    assert rules.a_year(goal) is None


def test_an_address_asks_for_a_part_and_what_is_unknown_is_left_aside():
    known = {"years": [2026], "kinds": ["aanp"]}
    asked = Wanted.of({"year": "2026", "type": "aanp", "from": "2026-05-01", "to": "2026-01-01"}, **known)
    assert asked == Wanted(2026, "aanp", date(2026, 1, 1), date(2026, 5, 1))
    assert asked.address == {"year": "2026", "type": "aanp", "from": "2026-01-01", "to": "2026-05-01"}
    assert Wanted.of({"year": "1999", "type": "x", "from": "0", "to": "2026-13-01"}, **known).is_all
    lines = [line(100, "2026-01-01", kind="aanp"), line(100, "2026-01-01"), line(100, "2025-12-31", kind="aanp")]
    assert asked.of_these(lines) == lines[:1]


# What people enter


def test_an_entry_is_kept_once_however_often_its_form_is_sent(app: Flask, cast: SimpleNamespace, clock: Any):
    first = add(cast.ada, clock, form_id="f" * 20)
    assert add(cast.ada, clock, form_id="f" * 20) == first
    assert count(ExternalCredit) == 1
    with pytest.raises(rules.SentAlready):
        add(cast.otto, clock, form_id="f" * 20)
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.subject.startswith("external_credit")))
    assert (entry.action, json.loads(entry.payload)) == ("added", {"credits": 775})


def test_nobody_touches_what_another_entered(app: Flask, cast: SimpleNamespace, clock: Any):
    ref = add(cast.ada, clock)
    aim = services.add_goal(cast.ada.id, FLORIDA, form_id=None, now=clock.now)
    told: dict[str, Any] = {"now": clock.now}
    assert not services.change_external(cast.otto.id, ref, STROKE, may_print=missing_letters, **told)
    assert not services.remove_external(cast.otto.id, ref, **told)
    assert not services.change_goal(cast.otto.id, aim, FLORIDA, **told)
    assert not services.remove_goal(cast.otto.id, aim, **told)
    assert external_credit_of(cast.otto.id, ref) is None
    assert (count(ExternalCredit), count(Goal)) == (1, 1)


def test_an_entry_can_be_corrected_and_taken_away(app: Flask, cast: SimpleNamespace, clock: Any):
    ref = add(cast.ada, clock)
    changed = services.ExternalValues("Stroke", date(2026, 5, 4), "other", 100, topic_minutes={"ethics": 60})
    assert services.change_external(cast.ada.id, ref, changed, now=clock.now, may_print=missing_letters)
    [found] = whole_transcript_of(cast.ada.id)
    assert (found.title, found.amount, found.topics, found.is_own) == ("Stroke", Credits(100), {"ethics": 60}, True)
    assert services.remove_external(cast.ada.id, ref, now=clock.now)
    assert not services.remove_external(cast.ada.id, ref, now=clock.now)
    assert whole_transcript_of(cast.ada.id) == []


def test_there_is_an_end_to_entries_and_goals(
    app: Flask, cast: SimpleNamespace, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(services, "MOST_EXTERNAL", 1)
    monkeypatch.setattr(services, "MOST_GOALS", 1)
    add(cast.ada, clock)
    services.add_goal(cast.ada.id, FLORIDA, form_id=None, now=clock.now)
    with pytest.raises(rules.TooManyEntries):
        add(cast.ada, clock)
    with pytest.raises(rules.TooManyGoals):
        services.add_goal(cast.ada.id, FLORIDA, form_id=None, now=clock.now)
    add(cast.otto, clock)


def test_what_cannot_be_printed_is_not_kept(app: Flask, cast: SimpleNamespace, clock: Any):
    with pytest.raises(UnprintableWords, match="🎓"):
        add(cast.ada, clock, services.ExternalValues("Class of 🎓", date(2026, 5, 3), "other", 100))
    assert count(ExternalCredit) == 0


# What people take away


def test_an_overview_tells_what_was_granted_from_what_was_entered(app: Flask, cast: SimpleNamespace, clock: Any):
    claimed(cast.ada, clock)
    add(cast.ada, clock)
    services.add_goal(cast.ada.id, FLORIDA, form_id=None, now=clock.now)
    shown = overview_of(cast.ada.id, {}, today=clock.now.date())
    assert shown.totals == [("ama-pra-1", Credits(400), Credits(775))]
    assert shown.goals[0][1].credit.done == Credits(1175)
    assert shown.goal_a_year == Credits(2000)
    assert overview_of(cast.ada.id, {"year": "2026"}, today=clock.now.date()).totals == [
        ("ama-pra-1", Credits(0), Credits(775))
    ]
    assert queries.sum_of(transcript_of(cast.ada.id)) == (Credits(400), False)


def test_the_spreadsheet_runs_nothing_and_the_program_finds_the_same_ids_again(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    code = claimed(cast.ada, clock)
    add(cast.ada, clock, services.ExternalValues("=1+1", date(2026, 5, 3), CreditType.AANP, 100, "@x", "+y"))
    shown = overview_of(cast.ada.id, {}, today=clock.now.date())
    rows = list(csv.DictReader(io.StringIO(transcript.csv_of(shown.lines, "https://x/verify").decode("utf-8-sig"))))
    assert rows[0]["Verify at"] == f"https://x/verify/{code}"
    assert [(row["Source"], row["Credits"]) for row in rows] == [("claimed", "4.00"), ("entered by the person", "1.00")]
    assert (rows[1]["Activity"], rows[1]["Provider"], rows[1]["Note"]) == ("'=1+1", "'@x", "'+y")

    def told() -> Any:
        again = overview_of(cast.ada.id, {}, today=clock.now.date())
        return json.loads(
            transcript.json_of(again, cast.ada, settings.provider(), verify="https://x/verify", now=clock.now)
        )

    first = told()
    clock.advance(days=1)
    assert first["credits"] == told()["credits"]
    assert [entry["id"] for entry in first["credits"]] == [each.id for each in shown.lines]
    assert [entry["source"] for entry in first["credits"]] == ["claimed", "entered"]


@pytest.mark.paper
def test_the_paper_says_whose_word_each_line_is(app: Flask, cast: SimpleNamespace, clock: Any, real_press: Any):
    claimed(cast.ada, clock, title="Nguyễn Thị Đức và نور")
    add(cast.ada, clock)
    shown = overview_of(cast.ada.id, {}, today=clock.now.date())
    words = transcript.paper_of(
        shown, cast.ada, settings.provider(), on=clock.now.date(), verify="https://x.test/verify"
    )
    pdf = real_press.render(transcript.html_of(words))
    assert pdf.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in pdf or b"/ObjStm" in pdf
    assert [each.title for each in words.own] == ["Stroke Care Weekend"]
    assert words.verify_at == "x.test/verify"
