"""Facts about what comes back and what can be changed, without a database."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cme.catalog.rules.policies import policy_in_words, refund_deadlines, span
from cme.registration import rules
from cme.values import Mode, Money, Policy, RefundStep

STARTS = date(2027, 3, 31)
PAID = Money(89500)
OURS = Policy()

steps = st.builds(RefundStep, st.integers(0, 365), st.integers(0, 100), st.integers(0, 20000))
policies = st.builds(
    Policy,
    steps=st.lists(steps, max_size=5, unique_by=lambda step: step.days_before).map(tuple),
    invitation_percent=st.integers(0, 100),
    is_on_demand_final=st.booleans(),
)
amounts = st.integers(0, 500_000).map(Money)
days = st.integers(-400, 30).map(lambda days: STARTS + timedelta(days=days))
modes = st.sampled_from(list(Mode))


def back(days_before: int, *, policy: Policy = OURS, paid: Money = PAID, **more: Any) -> rules.Outcome:
    """What comes back so many days before the start."""
    facts = {"mode": Mode.IN_PERSON, "is_invited": False, "is_called_off": False}
    return rules.refund_for(policy, paid, starts_on=STARTS, today=STARTS - timedelta(days=days_before), **facts | more)


@pytest.mark.parametrize(
    ("days_before", "amount", "why"),
    [
        (400, "$845", "$895 was paid. Until March 1, 2027, all of it comes back, less $50."),
        (30, "$845", "$895 was paid. Until March 1, 2027, all of it comes back, less $50."),
        (29, "$0", "Refunds for this seminar ended on March 1, 2027."),
        (0, "$0", "Refunds for this seminar ended on March 1, 2027."),
        (-1, "$0", "The seminar began on March 31, 2027, and nothing comes back after that."),
    ],
)
def test_the_house_policy_by_day(days_before, amount, why):
    outcome = back(days_before)
    assert (str(outcome.amount), outcome.why) == (amount, why)


@pytest.mark.parametrize("days_before", [90, 3, -3])
def test_a_seminar_called_off_gives_everything_back(days_before):
    assert back(days_before, is_called_off=True, is_invited=True).amount == PAID
    assert back(days_before, is_called_off=True, mode=Mode.ON_DEMAND).amount == PAID


def test_what_is_on_demand_is_final_where_the_policy_says_so():
    assert back(90, mode=Mode.ON_DEMAND) == rules.Outcome(Money(0), "What is bought on demand is not refunded.")
    assert back(90, mode=Mode.ON_DEMAND, policy=Policy(is_on_demand_final=False)).amount == Money(84500)


def test_an_invitation_letter_leaves_the_smaller_of_step_and_share():
    assert str(back(90, is_invited=True).amount) == "$447.50"
    assert "at most 50%" in back(90, is_invited=True).why
    smaller = Policy(steps=(RefundStep(10, 25),))
    assert str(back(90, policy=smaller, is_invited=True).amount) == "$223.75"
    assert "nothing comes back" in back(90, policy=Policy(invitation_percent=0), is_invited=True).why


def test_what_was_refunded_before_does_not_come_back_again():
    outcome = back(90, left=Money(10000))
    assert (outcome.amount, outcome.why) == (
        Money(10000),
        "This is all that is left of your payment: the rest was refunded before.",
    )


def test_moving_never_buys_back_what_was_lost():
    assert back(90, most=Money(0)).amount == Money(0)
    assert "nothing could be refunded any more" in back(90, most=Money(0)).why


def test_half_a_cent_is_the_persons():
    assert back(90, policy=Policy(steps=(RefundStep(0, 50),)), paid=Money(89501)).amount == Money(44751)


def test_what_was_free_brings_nothing_back():
    assert "Nothing was paid" in back(90, paid=Money(0)).why


@given(policies, amounts, days, modes, st.booleans(), st.booleans(), st.none() | amounts, st.none() | amounts)
def test_never_more_than_was_paid_and_never_a_debt(policy, paid, today, mode, invited, called_off, left, most):
    facts = {"starts_on": STARTS, "today": today, "mode": mode, "is_called_off": called_off}
    outcome = rules.refund_for(policy, paid, **facts, is_invited=invited, left=left, most=most)
    assert 0 <= outcome.amount.minor <= paid.minor
    assert left is None or outcome.amount <= left
    assert most is None or called_off or outcome.amount <= most
    assert outcome.why.endswith(".")
    if called_off and left is None:
        assert outcome.amount == paid
    if today > STARTS and not called_off:
        assert outcome.amount.minor == 0
    uninvited = rules.refund_for(policy, paid, **facts, is_invited=False, left=left, most=most)
    assert outcome.amount <= uninvited.amount


@given(amounts, days, days)
def test_waiting_never_brings_more_back(paid, one, other):
    sooner, later = sorted((one, other))
    facts: Any = {"starts_on": STARTS, "mode": Mode.LIVESTREAM, "is_invited": False, "is_called_off": False}
    assert rules.refund_for(OURS, paid, today=later, **facts).amount <= (
        rules.refund_for(OURS, paid, today=sooner, **facts).amount
    )


@given(policies)
def test_a_policy_read_back_is_the_same(policy):
    kept = Policy.from_json(policy.to_json())
    assert kept == Policy.from_json(kept.to_json())
    assert back(60, policy=kept) == back(60, policy=policy)


def test_a_snapshot_promises_only_what_it_knew():
    old = Policy.from_json({"steps": [{"days_before": 30, "percent": 100, "fee_minor": 5000}]})
    assert not rules.may_transfer(old, mode=Mode.IN_PERSON, has_begun=False, transfers=0)
    assert not rules.may_hold(old, mode=Mode.IN_PERSON, has_begun=False, is_paid=True)
    assert not rules.may_switch(old, mode=Mode.IN_PERSON, has_begun=False, has_other=True)
    assert not rules.may_substitute(old, mode=Mode.IN_PERSON, has_begun=False)
    assert back(60, policy=old, is_invited=True).amount == Money(84500)


def test_one_free_transfer_and_then_no_more():
    assert rules.may_transfer(OURS, mode=Mode.IN_PERSON, has_begun=False, transfers=0)
    answer = rules.may_transfer(OURS, mode=Mode.IN_PERSON, has_begun=False, transfers=1)
    assert answer.why_not == "You have already moved once, and the policy you accepted allows no more."
    assert rules.may_transfer(OURS, mode=Mode.IN_PERSON, has_begun=True, transfers=9, is_called_off=True)


@pytest.mark.parametrize("has_begun", [True, False])
def test_nothing_can_be_changed_once_it_began(has_begun):
    live: Any = {"mode": Mode.IN_PERSON, "has_begun": has_begun}
    answers = [
        rules.may_cancel(has_begun=has_begun),
        rules.may_transfer(OURS, **live, transfers=0),
        rules.may_hold(OURS, **live, is_paid=True),
        rules.may_switch(OURS, **live, has_other=True),
        rules.may_substitute(OURS, **live),
    ]
    assert [bool(answer) for answer in answers] == [not has_begun] * 5
    assert {answer.why_not for answer in answers} == ({"The seminar has begun."} if has_begun else {""})


def test_what_is_on_demand_stays_as_it_is():
    shelf: Any = {"mode": Mode.ON_DEMAND, "has_begun": False}
    assert not rules.may_transfer(OURS, **shelf, transfers=0)
    assert not rules.may_hold(OURS, **shelf, is_paid=True)
    assert not rules.may_switch(OURS, **shelf, has_other=True)
    assert not rules.may_substitute(OURS, **shelf)


def test_only_what_was_paid_can_be_kept():
    assert not rules.may_hold(OURS, mode=Mode.IN_PERSON, has_begun=False, is_paid=False)


def test_one_way_to_attend_leaves_nothing_to_switch_to():
    assert not rules.may_switch(OURS, mode=Mode.IN_PERSON, has_begun=False, has_other=False)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2027, 6, 15), 12, date(2028, 6, 15)),
        (date(2027, 12, 1), 0, date(2027, 12, 1)),
    ],
)
def test_months_end_where_the_month_does(day, months, later):
    assert rules.months_after(day, months) == later


def test_the_house_policy_in_sentences():
    assert policy_in_words(OURS) == [
        "Full refund, less $50, until 30 days before the first day",
        "No refund after that",
        "One free transfer to another seminar within 2 years, until it begins",
        "Or keep your tuition on hold for 12 months",
        "Switch between in person and livestream until it begins; only the difference is paid or refunded",
        "A colleague can take your seat until it begins",
        "Once we issued an invitation letter: at most 50% refund",
        "No refund for what is bought on demand",
        "If we cancel the seminar: full refund",
    ]


def test_sentences_name_days_and_leave_out_those_gone_by():
    two = Policy(steps=(RefundStep(7, 50), RefundStep(30, 100)))
    told: Any = {"starts_on": STARTS, "modes": [Mode.IN_PERSON]}
    assert policy_in_words(two, today=date(2027, 3, 1), **told)[:2] == [
        "Full refund until March 1, 2027",
        "50% refund until March 24, 2027",
    ]
    assert policy_in_words(two, today=date(2027, 3, 2), **told)[0] == "50% refund until March 24, 2027"
    gone = policy_in_words(two, today=date(2027, 3, 25), **told)
    assert gone[0] == "No refund"
    assert not [words for words in gone if "invitation" in words or "Switch" in words]


def test_on_demand_alone_says_that_it_is_final():
    assert policy_in_words(OURS, modes=[Mode.ON_DEMAND])[0] == "No refund for what is bought on demand"


def test_a_strict_policy_says_so_in_few_words():
    strict = Policy((), transfers=0, hold_months=0, can_switch=False, can_substitute=False, is_on_demand_final=False)
    assert policy_in_words(strict) == ["No refund", "If we cancel the seminar: full refund"]


def test_deadlines_are_days_of_the_seminars_calendar():
    assert refund_deadlines(OURS.steps, STARTS) == [
        (date(2027, 3, 1), "Full refund, less $50"),
        (None, "No refund"),
    ]


@pytest.mark.parametrize(("months", "words"), [(1, "1 month"), (12, "12 months"), (18, "18 months"), (24, "2 years")])
def test_spans_are_said_as_people_say_them(months, words):
    assert span(months) == words
