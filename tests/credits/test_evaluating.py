"""Evaluations are kept once, beside what was asked; drafts give way to them; reports add them up without names."""

import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cme import audit
from cme.accounts.models import Account
from cme.catalog.models import Faculty, Seminar, SessionFaculty
from cme.credits import rules, said, services
from cme.credits.models import Evaluation, EvaluationDraft, FollowUp, Questionnaire
from cme.credits.queries import evaluations, opinions
from cme.credits.rules import questions as asking
from cme.credits.services import evaluating, following_up, questionnaires
from cme.database import db, transaction
from cme.errors import EditedMeanwhile
from cme.mail import Letter
from cme.registration.models import Attendance, Registration
from tests import factories

RATINGS = {"objectives_met": 5, "relevant": 4, "overall": 5, "free_of_bias": True}


def attended(person: Any, at: Seminar, clock: Any, *, mornings: int | None = None) -> Registration:
    made = factories.registration(person, at, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now, mornings=mornings)
    return made


@pytest.fixture
def held(app: Flask, clock: Any) -> Seminar:
    """A seminar of two mornings that ended last week."""
    return factories.seminar(now=clock.now, starts_in=-8)


@pytest.fixture
def made(cast: SimpleNamespace, held: Seminar, clock: Any) -> Registration:
    return attended(cast.ada, held, clock)


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def evaluate(held: Seminar, clock: Any, *answers: dict[str, Any]) -> None:
    """Let so many people attend and say this."""
    for number, told in enumerate(answers):
        person = factories.account(f"p{number}@example.test", f"Person {number}, MD", "md", now=clock.now)
        made = attended(person, held, clock)
        services.submit_evaluation(made.id, RATINGS | told, form_id=None, now=clock.now)


def teaches(person: Faculty, held: Seminar, *numbers: int) -> None:
    """Let somebody teach some sessions of instruction, counted from 0."""
    with transaction() as session:
        sessions = [each for each in session.get_one(Seminar, held.id).sessions if each.counts]
        for number in numbers:
            session.add(SessionFaculty(session_id=sessions[number].id, faculty_id=person.id))


# Giving it


def test_an_evaluation_keeps_what_was_asked_beside_what_was_said(made: Registration, clock: Any):
    services.submit_evaluation(made.id, RATINGS | {"name": "Ada"}, form_id="f" * 20, now=clock.now)
    kept = db.session.scalars(select(Evaluation)).one()
    assert kept.answers == RATINGS | {"bias_noticed": ""}
    assert kept.questions[0]["label"] == "The seminar met its stated objectives"
    assert {each["about"].partition(":")[0] for each in kept.questions} == {"", "speaker", "session"}


def test_the_page_decides_what_was_asked(made: Registration, clock: Any):
    asked = evaluations.asked_of(made)
    questionnaires.remove_question(made.seminar_id, "overall", by=None, now=clock.now)
    services.submit_evaluation(made.id, RATINGS, form_id=None, now=clock.now, asked=asked)
    assert db.session.scalars(select(Evaluation.answers)).one()["overall"] == 5


def test_said_twice_the_first_answer_stays(made: Registration, clock: Any):
    first = services.submit_evaluation(made.id, RATINGS, form_id="f" * 20, now=clock.now)
    assert services.submit_evaluation(made.id, {"overall": 1}, form_id="g" * 20, now=clock.now) == first
    assert db.session.scalars(select(Evaluation.answers)).one()["overall"] == 5


def test_sent_by_many_hands_at_once_it_is_kept_once(app: Flask, made: Registration, clock: Any):
    number, gate, results = made.id, threading.Barrier(6), []
    db.session.rollback()

    def send(form_id: str) -> None:
        with app.app_context():
            gate.wait()
            results.append(services.submit_evaluation(number, RATINGS, form_id=form_id, now=clock.now))
            db.session.remove()

    threads = [threading.Thread(target=send, args=[str(n) * 20]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert len(results) == 6
    assert (len(set(results)), count(Evaluation)) == (1, 1)


def test_nobody_is_asked_about_what_they_missed(cast: SimpleNamespace, held: Seminar, clock: Any):
    first, second = factories.faculty("Ola First", now=clock.now), factories.faculty("Bo Second", now=clock.now)
    teaches(first, held, 0)
    teaches(second, held, 2)
    made = attended(cast.ada, held, clock, mornings=1)
    about = [each.label for each in evaluations.asked_of(made) if each.about.startswith(("speaker", "session"))]
    assert about == ["Ola First, MD", "Morning 1, first hour", "Morning 1, second hour"]


def test_nobody_rates_themselves(cast: SimpleNamespace, held: Seminar, made: Registration, clock: Any):
    ada = factories.faculty("Ada Quillfeather", now=clock.now)
    other = factories.faculty("Bo Second", now=clock.now)
    teaches(ada, held, 0, 1)
    teaches(other, held, 1, 2)
    with transaction() as session:
        session.get_one(Faculty, ada.id).account_id = cast.ada.id
    about = [each.label for each in evaluations.asked_of(made) if each.about.startswith(("speaker", "session"))]
    assert about == ["Bo Second, MD", "Morning 2, first hour", "Morning 2, second hour"]


def test_who_leads_a_seminar_does_not_rate_it_as_a_speaker(
    cast: SimpleNamespace, held: Seminar, made: Registration, clock: Any
):
    with transaction() as session:
        director = session.get_one(Seminar, held.id).people[0].faculty
        director.account_id = cast.ada.id
    other = attended(cast.otto, held, clock)
    speakers = [
        [each.label for each in evaluations.asked_of(one) if each.about.startswith("speaker")] for one in (made, other)
    ]
    assert speakers == [[], [director.full_name]]


def test_where_attendance_is_not_tracked_all_of_it_is_asked_about(cast: SimpleNamespace, clock: Any, app: Flask):
    held = factories.seminar(now=clock.now, starts_in=-8, tracks_attendance=False)
    made = factories.registration(cast.ada, held, now=clock.now)
    assert len([each for each in evaluations.asked_of(made) if each.about.startswith("session")]) == 4


def test_a_session_keeps_its_name_when_the_agenda_grows(held: Seminar, clock: Any):
    before = set(evaluations.session_keys(held).values())
    with transaction() as session:
        first = session.get_one(Seminar, held.id).sessions[0]
        same = {name: getattr(first, name) for name in ("seminar_id", "on", "starts", "ends", "starts_at", "ends_at")}
        session.add(type(first)(title="Workshop at the same hour", position=9, **same))
    keys = evaluations.session_keys(db.session.get_one(Seminar, held.id))
    assert set(keys.values()) - before == {f"{held.starts_on.isoformat()}-0800-2"}
    assert len(set(keys.values())) == len(keys)


# Drafts


def save(made: Registration, clock: Any, **typed: Any) -> None:
    evaluating.save_draft(made.id, typed, asked=evaluations.asked_of(made), now=clock.now)


def test_a_draft_holds_what_was_said_last(made: Registration, clock: Any):
    save(made, clock, overall=3, free_of_bias=False, bias_noticed="Ads")
    save(made, clock, overall=4, nonsense=1)
    assert evaluations.draft_of(made.id) == {"overall": 4}
    assert count(EvaluationDraft) == 1


def test_a_draft_goes_with_the_evaluation_and_does_not_come_back(made: Registration, clock: Any):
    save(made, clock, overall=3)
    services.submit_evaluation(made.id, RATINGS, form_id=None, now=clock.now)
    assert count(EvaluationDraft) == 0
    with pytest.raises(rules.AlreadyEvaluated):
        save(made, clock, overall=1)
    assert count(EvaluationDraft) == 0


def test_sessions_are_rated_once_they_have_begun(cast: SimpleNamespace, clock: Any, app: Flask):
    ahead = factories.seminar(now=clock.now, starts_in=0)
    made = factories.registration(cast.ada, ahead, now=clock.now)
    keys = [f"sessions-{key}" for key in evaluations.session_keys(ahead).values()]
    clock.now = ahead.starts_at - timedelta(minutes=1)
    assert not evaluations.may_rate_sessions(made, now=clock.now)
    clock.now = ahead.starts_at
    assert evaluating.rate_sessions(made.id, dict.fromkeys(keys, 5), now=clock.now) == 1
    assert evaluations.draft_of(made.id) == {keys[0]: 5}


def test_who_gave_up_the_seat_rates_nothing(cast: SimpleNamespace, held: Seminar, clock: Any):
    gone = factories.registration(cast.ada, held, now=clock.now, status="cancelled")
    assert not evaluations.may_rate_sessions(gone, now=clock.now)
    with pytest.raises(rules.NotRegistered):
        evaluating.rate_sessions(gone.id, {}, now=clock.now)


# Writing the questions


def labels(seminar: Seminar) -> list[str]:
    return [each.key for each in evaluations.questions_of(seminar.id)]


def test_a_seminar_asks_the_usual_until_somebody_changes_it(held: Seminar, cast: SimpleNamespace, clock: Any):
    assert labels(held) == [each.key for each in asking.USUAL]
    assert count(Questionnaire) == 0
    new = asking.Question("qnew", "text", "Where did you hear of us?")
    for _ in range(2):  # the form sent twice
        questionnaires.add_question(held.id, new, by=cast.sam, now=clock.now)
    assert labels(held)[-1] == "qnew"
    assert labels(held).count("qnew") == 1
    questionnaires.move_question(held.id, "qnew", -1, by=cast.sam, now=clock.now)
    assert labels(held)[-2] == "qnew"
    questionnaires.ask_the_usual(held.id, by=cast.sam, now=clock.now)
    assert labels(held) == [each.key for each in asking.USUAL]
    assert list(audit.breaches()) == []


def test_two_editors_do_not_overwrite_each_other(held: Seminar, cast: SimpleNamespace, clock: Any):
    question = asking.USUAL[0]
    seen = questionnaires.version_of(held.id)
    for label in ("Mine", "Theirs"):
        changed = asking.Question(question.key, "rating", label, is_required=True)
        if label == "Mine":
            questionnaires.edit_question(held.id, question.key, changed, seen=seen, by=cast.sam, now=clock.now)
        else:
            with pytest.raises(EditedMeanwhile):
                questionnaires.edit_question(held.id, question.key, changed, seen=seen, by=cast.sam, now=clock.now)
    assert evaluations.questions_of(held.id)[0].label == "Mine"


def test_a_kind_that_is_asked_once_cannot_be_edited_into_a_second(held: Seminar, cast: SimpleNamespace, clock: Any):
    second = asking.Question("overall", "speakers", "Rate each speaker again")
    with pytest.raises(asking.AskedAlready):
        questionnaires.edit_question(held.id, "overall", second, seen=0, by=cast.sam, now=clock.now)
    assert count(Questionnaire) == 0


def test_the_last_question_stays(held: Seminar, cast: SimpleNamespace, clock: Any):
    for key in labels(held)[1:]:
        questionnaires.remove_question(held.id, key, by=cast.sam, now=clock.now)
    with pytest.raises(asking.NothingAsked):
        questionnaires.remove_question(held.id, labels(held)[0], by=cast.sam, now=clock.now)


def test_nothing_changed_is_nothing_written(held: Seminar, cast: SimpleNamespace, clock: Any):
    questionnaires.move_question(held.id, "objectives_met", -1, by=cast.sam, now=clock.now)
    questionnaires.remove_question(held.id, "unknown", by=cast.sam, now=clock.now)
    assert count(Questionnaire) == 0


# Reports


def test_a_report_adds_up_and_names_nobody(held: Seminar, clock: Any):
    person = factories.faculty("Ola First", now=clock.now)
    teaches(person, held, 0)
    speaker = f"speakers-{person.slug}"
    evaluate(held, clock, *[{speaker: 4, "comments": f"Words {n}"} for n in range(5)])
    report = opinions.report_of(db.session.get_one(Seminar, held.id))
    assert (report.invited, report.evaluated) == (5, 5)
    assert [(each.label, each.mean) for each in report.about("speaker")] == [("Ola First, MD", "4.0")]
    [words] = report.of("text")
    assert words.texts == tuple(f"Words {n}" for n in range(5))
    assert "Person" not in repr([*report.tallies, *report.later])
    assert "example.test" not in repr([*report.tallies, *report.later])
    [line] = opinions.seminars_evaluated(now=clock.now)
    assert line.overall is not None
    assert (line.evaluated, line.rate, line.overall.mean) == (5, 100, "5.0")


def test_four_evaluations_stay_closed(held: Seminar, clock: Any):
    evaluate(held, clock, *[{"comments": "Me!"}] * 4)
    report = opinions.report_of(db.session.get_one(Seminar, held.id))
    assert report.evaluated == 4
    assert not any(each.counts or each.texts or each.mean for each in report.tallies)


def test_a_session_rated_while_it_was_fresh_counts_without_an_evaluation(
    cast: SimpleNamespace, held: Seminar, made: Registration, clock: Any
):
    first = f"sessions-{next(iter(evaluations.session_keys(held).values()))}"
    evaluate(held, clock, *[{first: 5}] * 4)
    evaluating.rate_sessions(made.id, {first: 1}, now=clock.now)
    save(made, clock, overall=1, **{first: 1})
    report = opinions.report_of(db.session.get_one(Seminar, held.id))
    rated = next(each for each in report.about("session") if each.answered)
    assert (rated.answered, rated.mean) == (5, "4.2")
    # What is a draft still is nobody's opinion yet.
    assert next(each for each in report.tallies if each.question == "overall").answered == 4


def test_somebody_who_teaches_is_rated_over_all_seminars(held: Seminar, clock: Any):
    person = factories.faculty("Ola First", now=clock.now)
    teaches(person, held, 0)
    evaluate(held, clock, *[{f"speakers-{person.slug}": 4}] * 5)
    [(seminar, own, sessions)] = opinions.report_about(db.session.get_one(Faculty, person.id))
    assert seminar.id == held.id
    assert own is not None
    assert own.mean == "4.0"
    assert [each.label for each in sessions] == ["Morning 1, first hour"]
    assert not sessions[0].is_shown


# Three months later


def asked_after(days: int, clock: Any) -> int:
    clock.advance(days=days)
    return following_up.ask_follow_ups(now=clock.now)["follow-ups asked"]


def test_the_letter_comes_once_after_three_months(made: Registration, clock: Any):
    services.submit_evaluation(made.id, RATINGS, form_id=None, now=clock.now)
    assert [asked_after(days, clock) for days in (89, 1, 0, 30)] == [0, 1, 0, 0]
    letter = db.session.scalars(select(Letter).where(Letter.kind == "credits/follow_up")).one()
    assert (letter.to, letter.account_id) == ("ada@example.test", made.account_id)
    assert f"/registrations/{made.ref}/follow-up" in letter.text


def test_nobody_is_asked_long_after(made: Registration, clock: Any):
    services.submit_evaluation(made.id, RATINGS, form_id=None, now=clock.now)
    assert asked_after(151, clock) == 0


@pytest.mark.parametrize("change", ["left", "cancelled"])
def test_who_has_gone_is_not_asked(made: Registration, clock: Any, change: str):
    services.submit_evaluation(made.id, RATINGS, form_id=None, now=clock.now)
    with transaction() as session:
        if change == "left":
            session.get_one(Account, made.account_id).status = "erased"
        else:
            session.get_one(Registration, made.id).status = "cancelled"
    assert asked_after(90, clock) == 0


def test_what_became_of_it_is_kept_once_and_added_up(held: Seminar, clock: Any):
    evaluate(held, clock, *[{"will_change": ["How I counsel patients"]}] * 5)
    assert asked_after(90, clock) == 5
    for number in db.session.scalars(select(FollowUp.registration_id)).all():
        for what in ("How I counsel patients", "Something else"):
            told = {"changed": "Yes", "what": [what], "extra": "no"}
            following_up.answer_follow_up(number, told, form_id=None, now=clock.now)
    report = opinions.report_of(db.session.get_one(Seminar, held.id))
    assert (report.asked_later, report.answered_later) == (5, 5)
    changed, what, *_ = report.later
    assert changed.counts[0] == ("Yes", 5)
    assert dict(what.counts)["How I counsel patients"] == 5


def test_who_was_not_asked_cannot_answer(made: Registration, clock: Any):
    with pytest.raises(rules.EvaluationMissing):
        following_up.answer_follow_up(made.id, {"changed": "Yes"}, form_id=None, now=clock.now)


def test_attendance_is_what_invites(cast: SimpleNamespace, held: Seminar, made: Registration, clock: Any):
    factories.registration(cast.otto, held, now=clock.now)
    assert count(Attendance) == 4
    assert opinions.report_of(db.session.get_one(Seminar, held.id)).invited == 1


# What must always hold


def test_what_was_said_in_order_breaks_no_promise(held: Seminar, made: Registration, clock: Any):
    evaluate(held, clock, {"comments": "Words"}, {"free_of_bias": False, "bias_noticed": "Ads"})
    save(made, clock, overall=3)
    asked_after(90, clock)
    number = db.session.scalars(select(FollowUp.registration_id)).first()
    assert number is not None
    following_up.answer_follow_up(number, {"changed": "Yes"}, form_id=None, now=clock.now)
    assert list(said.breaches()) == []


def test_what_was_not_asked_and_what_should_be_gone_is_noticed(held: Seminar, made: Registration, clock: Any):
    evaluate(held, clock, {}, {})
    with transaction() as session:
        first, second = session.scalars(select(Evaluation).order_by(Evaluation.id)).all()
        first.answers = {**first.answers, "overall": 9}
        facts = {"asked_at": clock.now, "answered_at": clock.now}
        session.add(EvaluationDraft(registration_id=second.registration_id, answers={}, saved_at=clock.now))
        session.add(FollowUp(registration_id=first.registration_id, answers={"changed": "Perhaps"}, **facts))
        session.add(FollowUp(registration_id=second.registration_id, answers=None, **facts))
        session.add(FollowUp(registration_id=made.id, asked_at=clock.now))
    assert list(said.breaches()) == [
        "evaluation 1 answers what was not asked",
        "evaluation draft 1 is left of an evaluation that was given",
        "follow-up 1 answers what was not asked",
        "follow-up 2 does not say when it was answered",
        "follow-up 3 was asked of somebody who did not evaluate",
    ]
