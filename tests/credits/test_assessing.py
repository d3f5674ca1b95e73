"""Questions on demand: the pass mark, attempts, retakes, what boards ask for."""

from datetime import date, datetime, timedelta
from random import Random
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from cme.catalog.errors import NotReady
from cme.catalog.models import Designation, Seminar
from cme.catalog.services import duplicate_seminar
from cme.catalog.services.seminars import findings
from cme.credits import answered, queries, rules, services
from cme.credits.models import Attempt
from cme.credits.queries import evaluations
from cme.credits.rules import assessing, questions
from cme.credits.rules.bank import read_bank
from cme.credits.rules.watching import AccessOver
from cme.credits.services import questionnaires
from cme.database import db, transaction
from cme.errors import EditedMeanwhile
from cme.values import Credits, CreditType
from tests import factories
from tests.credits import on_demand

ZONE = ZoneInfo("America/New_York")


@pytest.fixture
def course(cast, clock) -> Seminar:
    return on_demand.activity(cast, now=clock.now)


@pytest.fixture
def place(cast, clock, course) -> Any:
    return factories.registration(cast.ada, course, now=clock.now)


def claim(place: Any, now: datetime) -> list[str]:
    return services.claim_credit(
        place.id,
        {CreditType.AMA_PRA_1: Credits(200)},
        attested=True,
        address="::1",
        form_id=None,
        now=now,
        may_print=lambda _: (),
    )


# E9: the pass mark


def test_sixty_nine_percent_earn_nothing_and_seventy_do():
    questions = [{"right": [0], "options": ["a", "b"]}] * 100
    assert assessing.score_of(questions, on_demand.answers(69, 100)) == 69
    assert assessing.score_of(questions, on_demand.answers(70, 100)) == 70
    assert assessing.score_of(questions[:13], on_demand.answers(9, 13)) == 69  # 69.2 is not 70


def test_below_the_mark_no_credit_and_the_questions_may_be_answered_again(place, clock):
    failed = on_demand.attempt(place.id, 6, now=clock.now)
    assert (failed.score, failed.has_passed) == (60, False)
    with pytest.raises(rules.AssessmentNotPassed):
        claim(place, clock.now)
    passed = on_demand.attempt(place.id, 7, now=clock.advance(minutes=9))
    assert (passed.number, passed.score, passed.has_passed) == (2, 70, True)
    assert claim(place, clock.now)
    assert [each.score for each in queries.attempts_of(place.id)] == [60, 70]


def test_whoever_passed_does_not_answer_again(place, clock):
    on_demand.attempt(place.id, 10, now=clock.now)
    with pytest.raises(assessing.AlreadyPassed):
        services.begin_attempt(place.id, form_id=None, now=clock.now)


def test_attempts_end_where_the_provider_says_so(cast, clock):
    course = on_demand.activity(cast, now=clock.now, most_attempts=2)
    place = factories.registration(cast.ada, course, now=clock.now)
    for _ in range(2):
        on_demand.attempt(place.id, 1, now=clock.now)
    with pytest.raises(assessing.NoAttemptsLeft):
        services.begin_attempt(place.id, form_id=None, now=clock.now)


def test_a_mark_raised_later_takes_nothing_away(place, clock, course):
    on_demand.attempt(place.id, 7, now=clock.now)
    with transaction() as session:
        session.get_one(Seminar, course.id).pass_mark = 90
    assert claim(place, clock.now)


def test_the_mark_told_when_the_attempt_began_is_the_one_it_is_judged_by(place, clock, course):
    number = services.begin_attempt(place.id, form_id=None, now=clock.now)
    with transaction() as session:
        session.get_one(Seminar, course.id).pass_mark = 90
    assert services.hand_in(place.id, number, on_demand.answers(7, 10), now=clock.now).has_passed


# E8: the last day


def test_the_last_day_counts_and_the_next_does_not(place, clock):
    last = datetime(2027, 3, 31, 23, 59, tzinfo=ZONE)
    number = services.begin_attempt(place.id, form_id=None, now=last)
    with pytest.raises(AccessOver):
        services.hand_in(place.id, number, on_demand.answers(10, 10), now=last + timedelta(minutes=1))
    services.hand_in(place.id, number, on_demand.answers(10, 10), now=last)
    with pytest.raises(rules.ClaimWindowClosed):
        claim(place, last + timedelta(minutes=1))
    assert claim(place, last)


# Attempts


def test_one_attempt_is_open_at_a_time_and_keeps_its_answers(place, clock):
    first = services.begin_attempt(place.id, form_id=None, now=clock.now)
    services.keep_answers(place.id, first, {"0": [1], "99": [0], "1": [7]}, now=clock.now)
    assert services.begin_attempt(place.id, form_id=None, now=clock.now) == first
    assert queries.open_attempt(place.id).answers == {"0": [1]}


def test_answers_handed_in_are_final(place, clock):
    done = on_demand.attempt(place.id, 3, now=clock.now)
    again = services.hand_in(place.id, done.number, on_demand.answers(10, 10), now=clock.now)
    assert again.score == 30
    with pytest.raises(assessing.AttemptGone):
        services.keep_answers(place.id, done.number, on_demand.answers(10, 10), now=clock.now)


def test_half_of_the_answers_are_not_handed_in(place, clock):
    number = services.begin_attempt(place.id, form_id=None, now=clock.now)
    with pytest.raises(assessing.AnswerMissing):
        services.hand_in(place.id, number, on_demand.answers(5, 5), now=clock.now)
    assert queries.open_attempt(place.id) is not None


def test_two_windows_begin_one_attempt(app, place, clock):
    barrier, number, found = Barrier(4), place.id, []

    def begin() -> None:
        with app.app_context():
            barrier.wait()
            found.append(services.begin_attempt(number, form_id=None, now=clock.now))

    threads = [Thread(target=begin) for _ in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert found == [1, 1, 1, 1]
    db.session.rollback()
    assert len(db.session.scalars(select(Attempt)).all()) == 1


def test_the_database_refuses_a_second_open_attempt(place, clock, monkeypatch):
    services.begin_attempt(place.id, form_id=None, now=clock.now)
    monkeypatch.setattr(queries, "open_attempt", lambda _: None)
    with pytest.raises(assessing.AttemptOpen):
        services.begin_attempt(place.id, form_id=None, now=clock.now)


def test_nobody_answers_for_a_place_that_is_given_up(cast, clock, course):
    gone = factories.registration(cast.otto, course, now=clock.now, status="cancelled")
    with pytest.raises(rules.NotRegistered):
        services.begin_attempt(gone.id, form_id=None, now=clock.now)


def test_a_score_changed_behind_the_pages_is_found(place, clock):
    done = on_demand.attempt(place.id, 3, now=clock.now)
    assert list(answered.breaches()) == []
    with transaction() as session:
        session.get_one(Attempt, done.id).score = 100
    assert list(answered.breaches()) == [f"attempt {done.id} has the score 100, its answers come to 30"]
    with transaction() as session:
        found = session.get_one(Attempt, done.id)
        found.score, found.has_passed = 30, True
    assert list(answered.breaches()) == [f"attempt {done.id} passed with 30 of 70"]


# Drawing


def test_some_of_the_bank_is_asked_and_the_right_answers_follow_their_options():
    bank = [(number, on_demand.question(number, right=(0, 2))) for number in range(20)]
    put = assessing.drawn(bank, 5, shuffled=True, chance=Random(4))
    assert len({each["id"] for each in put}) == 5
    for each in put:
        assert {each["options"][place] for place in each["right"]} == {"The first", "The third"}
    assert {tuple(each["options"]) for each in put} != {("The first", "The second", "The third")}
    assert [each["id"] for each in assessing.drawn(bank, None, shuffled=False, chance=Random(1))] == list(range(20))


def test_only_exactly_the_right_answers_are_right():
    question = {"right": [0, 2], "options": ["a", "b", "c"]}
    assert assessing.is_right(question, [2, 0])
    assert not assessing.is_right(question, [0])
    assert not assessing.is_right(question, [0, 1, 2])


# What boards ask for


@pytest.fixture
def points(course, clock) -> None:
    with transaction() as session:
        extra = {"credit_kind": "Medical Knowledge", "threshold": 80}
        seminar = session.get_one(Seminar, course.id)
        seminar.designations.append(Designation(credit_type="moc-abim", maximum=200, extra=extra))


def test_points_of_a_board_wait_for_its_threshold(place, points, clock):
    on_demand.attempt(place.id, 7, now=clock.now)
    assert CreditType.MOC_ABIM not in queries.case_of(place, now=clock.now).limits
    on_demand.attempt(place.id, 8, now=clock.now)  # passed before, and may try for the points
    assert queries.case_of(place, now=clock.now).limits[CreditType.MOC_ABIM].maximum == Credits(200)
    with pytest.raises(assessing.AlreadyPassed):
        services.begin_attempt(place.id, form_id=None, now=clock.now)


def test_a_live_seminar_asks_whoever_was_there(cast, clock):
    live = on_demand.activity(
        cast, now=clock.now, modes=("in-person",), learning_format="live activity", pass_mark=None, starts_in=55
    )
    with transaction() as session:
        extra = {"credit_kind": "Medical Knowledge", "threshold": 50}
        session.add(Designation(seminar_id=live.id, credit_type="moc-abim", maximum=200, extra=extra))
    there = factories.registration(cast.ada, live, now=clock.now - timedelta(days=20))
    with pytest.raises(rules.NotAttended):
        services.begin_attempt(there.id, form_id=None, now=clock.now)
    factories.attend(there, now=clock.now)
    assert list(queries.case_of(there, now=clock.now).limits) == [CreditType.AMA_PRA_1]
    assert on_demand.attempt(there.id, 5, now=clock.now).pass_mark == 50
    assert list(queries.case_of(there, now=clock.now).limits) == [CreditType.AMA_PRA_1, CreditType.MOC_ABIM]


# The bank


def named(seminar: Seminar, clock: Any) -> set[str]:
    return {each.name for each in findings(db.session.get_one(Seminar, seminar.id), now=clock.now)}


def test_credit_on_demand_is_not_published_without_an_assessment(cast, clock):
    bare = on_demand.activity(cast, now=clock.now, questions=0, status="draft")
    assert "assessment-missing" in named(bare, clock)
    services.add_bank_questions(bare.id, [on_demand.question(1)], by=cast.sam, now=clock.now)
    assert "assessment-missing" not in named(bare, clock)
    how = {"asks": 2, "most_attempts": None, "is_shuffled": True}
    version = queries.assessment_of(bare.id).version
    services.save_assessment(bare.id, **how, version=version, by=cast.sam, now=clock.now)
    assert "assessment-too-small" in named(bare, clock)


def test_a_threshold_needs_questions_to_reach_it(cast, clock):
    live = factories.seminar(now=clock.now)
    with transaction() as session:
        session.add(Designation(seminar_id=live.id, credit_type="moc-abs", maximum=200, extra={"threshold": 60}))
    db.session.expire_all()
    assert "threshold-without-assessment" in named(live, clock)


def test_publishing_is_refused_by_the_same_check(cast, clock):
    from cme.catalog import services as catalog

    bare = on_demand.activity(cast, now=clock.now, questions=0, status="draft")
    with pytest.raises(NotReady) as refused:
        catalog.publish(bare.id, by=cast.sam, now=clock.now)
    assert "assessment-missing" in {each.name for each in refused.value.findings}


def test_the_bank_of_a_published_seminar_keeps_enough_questions(cast, clock):
    course = on_demand.activity(cast, now=clock.now, questions=2, asks=2)
    first = queries.question_of(course.id, 1)
    more = {"is_retired": True, "seen": queries.seen_as(first), "by": cast.sam, "now": clock.now}
    with pytest.raises(services.BankTooSmall):
        services.edit_bank_question(first.id, on_demand.question(1), **more)


def test_attempts_keep_the_words_they_were_put_in(cast, clock, place, course):
    number = services.begin_attempt(place.id, form_id=None, now=clock.now)
    first = queries.question_of(course.id, 1)
    changed = on_demand.question(77, right=(1,))
    more = {"is_retired": False, "by": cast.sam, "now": clock.now}
    seen = queries.seen_as(first)
    services.edit_bank_question(first.id, changed, seen=seen, **more)
    assert queries.attempt_of(place.id, number).questions[0]["stem"] == "Question 1?"
    with pytest.raises(EditedMeanwhile):
        services.edit_bank_question(first.id, changed, seen=seen, **more)


def test_a_question_sent_twice_stands_once_and_can_be_moved(cast, clock, course):
    assert services.add_bank_questions(course.id, [on_demand.question(1)], by=cast.sam, now=clock.now) == 0
    second = queries.question_of(course.id, 2)
    services.move_bank_question(second.id, down=False, by=cast.sam, now=clock.now)
    assert [each.stem for each in queries.bank_of(queries.assessment_of(course.id))][:2] == [
        "Question 2?",
        "Question 1?",
    ]


HEAD = "question,answer A,answer B,answer C,right,rationale,reference\n"


def test_a_bank_is_read_from_a_spreadsheet():
    text = HEAD + '"Which, and why?",One,Two,Three,"A, C",Because.,Quayle 2026\nWhich?,One,Two,,b,So.,\n'
    found, wrong = read_bank(text.encode("utf-8-sig"))
    assert wrong == []
    assert [(each.stem, each.options, each.right) for each in found] == [
        ("Which, and why?", ("One", "Two", "Three"), (0, 2)),
        ("Which?", ("One", "Two"), (1,)),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"PK\x00\x00", "no CSV"),
        (b"", "must name the columns"),
        (b"question,right\nx,A\n", "rationale missing"),
        (HEAD.encode(), "no question in the file"),
        ((HEAD + "Which?,One,,,A,So.,\n").encode(), "Line 2: Enter at least two answers"),
        ((HEAD + "Which?,One,Two,,,So.,\n").encode(), "Line 2: Say which answers are right"),
        ((HEAD + "Which?,One,Two,,D,So.,\n").encode(), "none of the answers"),
        ((HEAD + "Which?,One,Two,,A,,\n").encode(), "Line 2: Enter the rationale"),
        ((HEAD + "Which?,One,one,,A,So.,\n").encode(), "Enter each answer once"),
        ((HEAD + "W?,One,Two,,A,So.,\n" * 2).encode(), "stands in the file twice"),
        ((HEAD + "W" * 2001 + "?,One,Two,,A,So.,\n").encode(), "too long"),
    ],
)
def test_a_file_that_is_no_bank_says_why(content, says):
    found, wrong = read_bank(content)
    assert found == []
    assert says in " ".join(wrong)


def test_a_seminar_started_from_another_asks_the_same_and_keeps_what_is_changed(cast, clock, course):
    more = questions.Question("anything", questions.TEXT, "Anything else?")
    questionnaires.add_question(course.id, more, by=cast.sam, now=clock.now)
    told: dict[str, Any] = {"starts_on": date(2028, 6, 5), "by": cast.sam, "now": clock.now}
    told["form_id"] = "form-0000000000000001"
    made = duplicate_seminar(course.id, **told)
    copy = queries.assessment_of(made.id)
    assert [each.stem for each in queries.bank_of(copy)] == [f"Question {number}?" for number in range(1, 11)]
    assert (copy.asks, copy.most_attempts, copy.is_shuffled) == (None, None, False)
    assert evaluations.questions_of(made.id) == evaluations.questions_of(course.id)
    assert evaluations.questions_of(made.id)[-1] == more
    first = queries.bank_of(copy)[0]
    how: dict[str, Any] = {"is_retired": False, "seen": queries.seen_as(first), "by": cast.sam, "now": clock.now}
    services.edit_bank_question(first.id, on_demand.question(99), **how)
    assert duplicate_seminar(course.id, **told).id == made.id
    stems = [each.stem for each in queries.bank_of(queries.assessment_of(made.id))]
    assert (stems[:2], len(stems)) == (["Question 99?", "Question 2?"], 10)


def test_a_file_cannot_turn_a_question_around():
    told, wrong = read_bank("question,answer A,answer B,right,rationale\n\u202eNo\u2069,=1+1,b,A,c\x07\n".encode())
    assert wrong == []
    assert (told[0].stem, told[0].options, told[0].rationale) == ("No", ("=1+1", "b"), "c")
