"""The worked examples E1 to E15 of accredited education, and their neighbours: what is given, and what comes of it.

Each line asks the code that answers on the day. Rules that need nobody are asked by themselves; where people, seats and
papers take part, the whole thing is done on both databases.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from cme.accounts.rules import DetailsMissing
from cme.catalog.models import Faculty, Seminar
from cme.catalog.rules import credit_minutes, designated_maximum
from cme.credits import invariants, queries, reporting, rules, services
from cme.credits.models import SUPERSEDED, TEACHING, VALID, Claim
from cme.credits.queries import desk
from cme.credits.rules import correcting as corrections
from cme.credits.services import correcting
from cme.credits.services.correcting import Correction
from cme.database import db, transaction
from cme.errors import Refusal
from cme.registration import rules as registering
from cme.registration.models import Consent, Registration
from cme.values import Credits, CreditType, Mode, Money, Policy
from tests import factories
from tests.catalog.plain import agenda

AMA, HOURS = CreditType.AMA_PRA_1, CreditType.PARTICIPATION
ENDED = datetime(2027, 3, 18, 16, tzinfo=UTC)
FOUR_DAYS = "\n".join(
    f"8:00-10:00 day{day} First half\n10:00-10:15 day{day} break Coffee\n10:15-12:15 day{day} Second half"
    for day in range(1, 5)
)
WORKSHOPS = "9:00-10:00 Plenary\n10:00-10:45 @A One\n10:00-10:45 @B Two\n10:45-11:45 meal Lunch"
LIVE = rules.Case(
    professional_name="Ada Quillfeather, MD",
    certification_type="md",
    is_confirmed=True,
    minutes=960,
    ended_at=ENDED,
    window=timedelta(days=60),
    today=date(2027, 3, 19),
    has_evaluated=True,
    limits={AMA: rules.Limit(Credits(1600))},
)
ON_DEMAND = replace(
    LIVE,
    ended_at=None,
    minutes=0,
    released_on=date(2025, 7, 1),
    terminates_on=date(2027, 6, 30),
    pass_mark=70,
    score=70,
)


def answer(ask: Callable[[], object]) -> str:
    """What comes of asking: the answer in words, or the name of the refusal."""
    try:
        return str(ask())
    except Refusal as refusal:
        return f"refused: {type(refusal).__name__}"
    except ValueError:
        return "refused: no amount"


def credit(text: str) -> Callable[[], object]:
    return lambda: f"{credit_minutes(agenda(text))} minutes, {designated_maximum(agenda(text))}"


def claim(typed: str, case: rules.Case = LIVE) -> Callable[[], object]:
    def ask() -> Credits:
        amount = Credits.parse(typed)
        rules.check_claimable(case, now=ENDED + timedelta(days=1))
        rules.check_amounts({AMA: amount}, case)
        return amount

    return ask


def complete(**facts: Any) -> Callable[[], object]:
    def ask() -> Credits:
        case = replace(ON_DEMAND, **facts)
        rules.check_claimable(case, now=ENDED)
        return case.most(AMA)

    return ask


def refund(days: int, **facts: Any) -> Callable[[], object]:
    """What comes back of $895 so many days before the start, and what else is theirs to choose."""

    def ask() -> str:
        starts, paid, policy = date(2027, 3, 31), Money(89500), Policy()
        told = {"mode": Mode.IN_PERSON, "is_invited": False, "is_called_off": False} | facts
        back = registering.refund_for(policy, paid, starts_on=starts, today=starts - timedelta(days=days), **told)
        begun = {"mode": Mode.IN_PERSON, "has_begun": days < 0, "is_called_off": told["is_called_off"]}
        transfer = registering.may_transfer(policy, transfers=0, **begun)
        hold = registering.may_hold(policy, is_paid=True, **begun)
        return f"{back.amount}{', transfer' if transfer else ''}{', hold' if hold else ''}"

    return ask


EXAMPLES: list[tuple[str, str, Callable[[], object], str]] = [
    # case, what is given, who is asked, what comes of it
    ("E1", "four days of 8:00 to 12:15 with a break", credit(FOUR_DAYS), "960 minutes, 16.00"),
    ("E2", "a plenary of 60, two workshops of 45 side by side, lunch", credit(WORKSHOPS), "105 minutes, 1.75"),
    ("E3", "112 minutes in all", credit("8:00-9:52 Talk"), "112 minutes, 1.75"),
    ("E3", "113 minutes in all", credit("8:00-9:53 Talk"), "113 minutes, 2.00"),
    ("E3", "7 minutes", credit("8:00-8:07 Talk"), "7 minutes, 0.00"),
    ("E3", "8 minutes", credit("8:00-8:08 Talk"), "8 minutes, 0.25"),
    (
        "E3",
        "the total is rounded, not each of three 50s",
        credit("8:00-8:50 A\n9:00-9:50 B\n10:00-10:50 C"),
        "150 minutes, 2.50",
    ),
    ("E4", "16.25 of 16.00", claim("16.25"), "refused: TooMuchCredit"),
    ("E4", "16.00 of 16.00", claim("16.00"), "16.00"),
    ("E4", "0", claim("0"), "refused: NothingClaimed"),
    ("E4", "-1", claim("-1"), "refused: no amount"),
    ("E4", "3.1", claim("3.1"), "refused: NotAQuarter"),
    ("E4", '"3.25 "', claim("3.25 "), "3.25"),
    ("E4", "NaN", claim("NaN"), "refused: no amount"),
    ("E4", "nothing typed", claim(""), "refused: no amount"),
    ("E4", "infinity", claim("Infinity"), "refused: no amount"),
    ("E4", "an exponent", claim("1e1"), "refused: no amount"),
    ("E4", "a comma for the point", claim("3,25"), "refused: no amount"),
    ("E4", "three decimals", claim("3.250"), "refused: no amount"),
    ("E4", "digits of another script", claim("\N{ARABIC-INDIC DIGIT THREE}"), "refused: no amount"),
    ("E4", "a plus sign", claim("+3"), "refused: no amount"),
    ("E4", "more digits than there is credit", claim("9" * 400), "refused: no amount"),
    ("E4", "a quarter, the least there is", claim("0.25"), "0.25"),
    (
        "E5",
        "a name, and no certification type",
        claim("1", replace(LIVE, certification_type="")),
        "refused: DetailsMissing",
    ),
    ("E5", "a name of blanks", claim("1", replace(LIVE, professional_name="  ")), "refused: DetailsMissing"),
    ("E5", "a type nobody knows", claim("1", replace(LIVE, certification_type="wizard")), "refused: DetailsMissing"),
    ("E7", "two of four days attended, 8.00 claimed", claim("8.00", replace(LIVE, minutes=480)), "8.00"),
    (
        "E7",
        "two of four days attended, 8.25 claimed",
        claim("8.25", replace(LIVE, minutes=480)),
        "refused: TooMuchCredit",
    ),
    ("E8", "completed on the termination date", complete(today=date(2027, 6, 30)), "16.00"),
    ("E8", "completed the next day", complete(today=date(2027, 7, 1)), "refused: ClaimWindowClosed"),
    ("E9", "69 % with a stated minimum of 70 %", complete(score=69), "refused: AssessmentNotPassed"),
    ("E9", "70 %", complete(score=70), "16.00"),
    ("E9", "not answered", complete(score=None), "refused: AssessmentNotPassed"),
    ("E10", "31 days before", refund(31), "$845, transfer, hold"),
    ("E10", "30 days before", refund(30), "$845, transfer, hold"),
    ("E10", "29 days before", refund(29), "$0, transfer, hold"),
    ("E10", "no-show", refund(-1), "$0"),
    ("E11", "called off 90 days before", refund(90, is_called_off=True), "$895, transfer, hold"),
    ("E11", "called off on the day", refund(0, is_called_off=True), "$895, transfer, hold"),
    ("E12", "an invitation letter issued, 60 days before", refund(60, is_invited=True), "$447.50, transfer, hold"),
    ("E15", "45 minutes of original presentation", lambda: corrections.teaching_credit(45), "1.50"),
    ("E15", "an hour", lambda: corrections.teaching_credit(60), "2.00"),
    ("E15", "three minutes", lambda: corrections.teaching_credit(3), "0.00"),
]


@pytest.mark.parametrize(
    ("ask", "expected"), [each[2:] for each in EXAMPLES], ids=[f"{each[0]}, {each[1]}" for each in EXAMPLES]
)
def test_the_example_comes_out(ask: Callable[[], object], expected: str):
    assert answer(ask) == expected


def test_every_example_is_here():
    done = {case for case, *_ in EXAMPLES} | {"E6", "E13", "E14"}  # below, where people and papers take part
    assert done == {f"E{number}" for number in range(1, 16)}


def attended(person: Any, clock: Any, *, mornings: int | None = None, days: int = 2) -> Registration:
    """Somebody who attended a seminar that ended last week, and evaluated it."""
    held = factories.seminar(now=clock.now, starts_in=-10, days=days)
    made = factories.registration(person, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now - timedelta(days=6), mornings=mornings)
    services.submit_evaluation(made.id, {"overall": 4}, form_id=None, now=clock.now)
    return db.session.get_one(Registration, made.id)


def claimed(made: Registration, clock: Any, amounts: dict[CreditType, Credits]) -> list[str]:
    told: dict[str, Any] = {"attested": True, "address": "::1", "form_id": None, "may_print": lambda _: ()}
    return services.claim_credit(made.id, amounts, now=clock.now, **told)


def stored() -> int:
    return db.session.query(Claim).count()


def test_e5_without_details_nothing_is_stored(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.noah, clock)
    with pytest.raises(DetailsMissing):
        claimed(made, clock, {AMA: Credits(100)})
    assert stored() == 0


def test_e6_a_nurse_practitioner_is_awarded_no_ama_credit_but_participation(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    made = attended(cast.nell, clock)
    with pytest.raises(rules.WrongCreditType):
        claimed(made, clock, {AMA: Credits(400)})
    [code] = claimed(made, clock, {HOURS: Credits(400)})
    paper = queries.certificate_by_code(code)
    assert paper is not None
    snapshot = queries.snapshot_of(paper)
    assert (snapshot.kind, snapshot.heading) == ("participation", "Certificate of Participation")
    assert (snapshot.credit_amount, snapshot.credit_unit) == ("4.00", "AMA PRA Category 1 Credits™")  # as designated


def test_e7_attendance_of_two_days_of_four_caps_the_claim(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock, days=4, mornings=2)  # two hours each morning
    with pytest.raises(rules.TooMuchCredit, match=r"up to 4\.00"):
        claimed(made, clock, {AMA: Credits(425)})
    claimed(made, clock, {AMA: Credits(400)})


def test_e13_a_corrected_type_replaces_the_certificate_and_takes_the_report_back(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    made = attended(cast.ada, clock)
    [first] = claimed(made, clock, {AMA: Credits(375)})
    clock.advance(days=40)
    correction = Correction(
        version=1, why=corrections.TYPE, reason="Is a PA", form_id="f" * 20, by=cast.sam, now=clock.now
    )
    name = "Ada Quillfeather, PA"
    [second] = correcting.reissue(made.id, name, "pa", correction, may_print=lambda _: ())
    old, new = queries.certificate_by_code(first), queries.certificate_by_code(second)
    assert old is not None
    assert new is not None
    assert (old.status, old.superseded_by, old.status_reason) == (
        SUPERSEDED,
        new.id,
        "The certification type was corrected.",
    )
    assert (new.status, queries.snapshot_of(new).kind) == (VALID, "participation")
    assert queries.snapshot_of(new).professional_name == name
    current = queries.current_claim(made.id)
    assert current is not None
    assert desk.amounts_of(current) == {HOURS: Credits(375)}
    assert reporting.to_take_back(clock.now) == [old]
    assert list(invariants.breaches(now=clock.now)) == []


def test_e14_without_consent_a_physician_is_counted_and_not_named(app: Flask, cast: SimpleNamespace, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-10)
    for person, kind in ((cast.ada, AMA), (cast.otto, AMA), (cast.nell, HOURS)):
        made = factories.registration(person, held, now=clock.now - timedelta(days=30))
        factories.attend(made, now=clock.now)
        services.submit_evaluation(made.id, {"overall": 4}, form_id=None, now=clock.now)
        claimed(made, clock, {kind: Credits(400)})
    with transaction() as session:
        for person, given in ((cast.ada, True), (cast.otto, False)):
            told = {"key": reporting.CONSENT, "version": 1, "words": "Report my credit.", "at": clock.now}
            session.add(Consent(account_id=person.id, is_given=given, **told))
    assert reporting.learner_counts(held.id) == (2, 1)
    assert [each.account_id for each in reporting.to_report(held.id)] == [cast.ada.id]


def test_e15_who_gives_a_talk_is_credited_for_it_and_not_for_hearing_it(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    with transaction() as session:
        seminar = session.get_one(Seminar, made.seminar_id)
        talk = seminar.sessions[0]
        talk.ends_at = talk.starts_at + timedelta(minutes=45)
        teacher = session.get_one(Faculty, seminar.people[0].faculty_id)
        teacher.account_id = cast.ada.id
        talk.faculty.append(teacher)
        number = talk.id
    with pytest.raises(rules.TooMuchCredit, match=r"up to 3\.00"):  # the three other hours
        claimed(made, clock, {AMA: Credits(325)})
    claimed(made, clock, {AMA: Credits(300)})
    given = Correction(version=0, why=corrections.CREDIT, reason="", form_id="t" * 20, by=cast.sam, now=clock.now)
    correcting.give_teaching(made.id, {number: 45}, given, may_print=lambda _: ())
    taught = queries.current_claim(made.id, TEACHING)
    assert taught is not None
    assert desk.amounts_of(taught) == {AMA: Credits(150)}
    assert list(invariants.breaches(now=clock.now)) == []
