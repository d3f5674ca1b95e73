"""Who may claim what: the worked examples of the field, and every rule as a sentence."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cme.accounts.rules import CERTIFICATION_TYPES, DetailsMissing
from cme.credits import rules
from cme.credits.rules import Case, Limit, eligible_types, supported
from cme.values import Credits, CreditType

AMA, HOURS = CreditType.AMA_PRA_1, CreditType.PARTICIPATION
END = datetime(2027, 3, 4, 15, 15, tzinfo=UTC)
WINDOW = timedelta(days=30)
AFTER = END + timedelta(hours=1)
EVERYTHING = [kind.value for kind in CreditType if kind is not HOURS]


def case(**facts: Any) -> Case:
    """A physician who attended eight hours of a seminar of sixteen and can claim them."""
    known: dict[str, Any] = {
        "professional_name": "Ada Quillfeather, MD",
        "certification_type": "md",
        "is_confirmed": True,
        "minutes": 480,
        "ended_at": END,
        "window": WINDOW,
        "today": AFTER.date(),
        "has_evaluated": True,
        "limits": {AMA: Limit(Credits(1600))},
    }
    return Case(**{**known, **facts})


def claim(typed: str, **facts: Any) -> None:
    rules.check_amounts({AMA: Credits.parse(typed)}, case(**facts))


# Amounts


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [("16.25", rules.TooMuchCredit), ("0", rules.NothingClaimed), ("3.1", rules.NotAQuarter), ("16.00", None)],
)
def test_a_claim_is_more_than_nothing_in_quarters_up_to_the_maximum(typed: str, refusal: Any):
    with nullcontext() if refusal is None else pytest.raises(refusal):
        claim(typed, minutes=2000)


@pytest.mark.parametrize("typed", ["-1", "NaN", "inf", "", "1e1", "٣", "3,25", "1.005"])
def test_what_is_no_amount_is_not_read_as_one(typed: str):
    with pytest.raises(ValueError, match="Not an amount"):
        Credits.parse(typed)


def test_blanks_around_an_amount_do_not_matter():
    assert Credits.parse("3.25 ") == Credits(325)


@pytest.mark.parametrize(
    ("minutes", "credit"),
    [(0, 0), (7, 0), (8, 25), (50, 75), (53, 100), (112, 175), (113, 200), (480, 800), (960, 1600), (2000, 1600)],
)
def test_attendance_supports_an_hour_a_credit_to_the_nearest_quarter(minutes: int, credit: int):
    assert supported(minutes, Limit(Credits(1600))) == Credits(credit)


@pytest.mark.parametrize(("minutes", "credit"), [(2, 0), (3, 10), (9, 20), (60, 100), (63, 110)])
def test_a_tie_goes_up(minutes: int, credit: int):
    assert supported(minutes, Limit(Credits(1600), step=10)) == Credits(credit)


def test_two_days_of_four_support_eight_credits_and_no_more():
    claim("8.00")
    with pytest.raises(rules.TooMuchCredit, match=r"attendance supports up to 8\.00 credits"):
        claim("8.25")


def test_more_than_designated_is_refused_whatever_was_attended():
    with pytest.raises(rules.TooMuchCredit, match=r"can claim up to 16\.00 credits"):
        claim("16.25", minutes=2000)


@given(minutes=st.integers(0, 6000), maximum=st.integers(0, 400), step=st.sampled_from([10, 25]))
def test_what_is_supported_can_be_claimed_and_one_step_more_cannot(minutes: int, maximum: int, step: int):
    limit = Limit(Credits(maximum * step), step)
    most = supported(minutes, limit)
    assert most.hundredths % step == 0
    assert most <= limit.maximum
    assert abs(most.hundredths * 60 - minutes * 100) <= 30 * step or most == limit.maximum
    stood = case(minutes=minutes, limits={AMA: limit})
    if most:
        rules.check_amounts({AMA: most}, stood)
    with pytest.raises(rules.TooMuchCredit):
        rules.check_amounts({AMA: Credits(most.hundredths + step)}, stood)


@given(one=st.integers(0, 3000), more=st.integers(0, 600))
def test_attending_longer_never_supports_less(one: int, more: int):
    limit = Limit(Credits(2000))
    assert supported(one, limit) <= supported(one + more, limit)


@given(amount=st.integers(0, 5000))
def test_an_amount_passes_exactly_when_it_is_a_positive_step_within_both_limits(amount: int):
    allowed = 0 < amount <= 800 and amount % 25 == 0
    try:
        rules.check_amounts({AMA: Credits(amount)}, case())
    except (rules.NotAQuarter, rules.NothingClaimed, rules.TooMuchCredit):
        assert not allowed
    else:
        assert allowed


def test_participation_of_no_full_quarter_is_still_participation():
    rules.check_amounts({HOURS: Credits(0)}, case(minutes=5, limits={HOURS: Limit(Credits(1600))}))


def test_what_the_certificate_is_for_must_be_claimed():
    both = {AMA: Limit(Credits(800)), CreditType.AAFP_PRESCRIBED: Limit(Credits(800))}
    with pytest.raises(rules.NothingClaimed):
        rules.check_amounts({CreditType.AAFP_PRESCRIBED: Credits(100)}, case(limits=both))


def test_a_type_that_was_not_offered_cannot_be_claimed():
    with pytest.raises(rules.WrongCreditType):
        rules.check_amounts({CreditType.ANCC: Credits(100)}, case())


# The gate, the registration, the time


@pytest.mark.parametrize(
    ("name", "certification"),
    [(None, "md"), ("", "md"), ("   ", "md"), ("—", "md"), ("Ada", None), ("Ada", ""), ("Ada", "pilot"), (None, None)],
)
def test_without_name_and_certification_type_nothing_can_be_claimed(name: str | None, certification: str | None):
    with pytest.raises(DetailsMissing):
        rules.check_claimable(case(professional_name=name, certification_type=certification), now=AFTER)


@pytest.mark.parametrize(
    ("facts", "now", "refusal"),
    [
        ({"is_confirmed": False}, AFTER, rules.NotRegistered),
        ({"minutes": 0}, AFTER, rules.NotAttended),
        ({}, END - timedelta(seconds=1), rules.SeminarNotEnded),
        ({}, END + WINDOW + timedelta(seconds=1), rules.ClaimWindowClosed),
        ({"has_evaluated": False}, AFTER, rules.EvaluationMissing),
        ({"limits": {}}, AFTER, rules.NothingToClaim),
    ],
)
def test_each_condition_of_a_claim_is_asked_for(facts: dict[str, Any], now: datetime, refusal: Any):
    rules.check_claimable(case(), now=AFTER)
    with pytest.raises(refusal):
        rules.check_claimable(case(**facts), now=now)


@pytest.mark.parametrize("now", [END, END + WINDOW])
def test_the_window_holds_both_its_ends(now: datetime):
    rules.check_claimable(case(), now=now)


def test_an_evaluation_that_is_not_required_is_not_asked_for():
    rules.check_claimable(case(evaluation_required=False, has_evaluated=False), now=AFTER)


def test_nobody_claims_without_attesting():
    rules.check_attested(True)
    with pytest.raises(rules.AttestationMissing):
        rules.check_attested(False)


# On demand


ON_DEMAND = case(
    ended_at=None,
    minutes=0,
    released_on=date(2027, 1, 1),
    terminates_on=date(2027, 3, 4),
    pass_mark=70,
    score=70,
)


@pytest.mark.parametrize(
    ("today", "refusal"),
    [
        (date(2026, 12, 31), rules.NotReleased),
        (date(2027, 1, 1), None),
        (date(2027, 3, 4), None),
        (date(2027, 3, 5), rules.ClaimWindowClosed),
    ],
)
def test_on_demand_is_completed_between_release_and_termination(today: date, refusal: Any):
    with nullcontext() if refusal is None else pytest.raises(refusal):
        rules.check_claimable(replace(ON_DEMAND, today=today), now=AFTER)


@pytest.mark.parametrize("score", [69, None])
def test_on_demand_below_the_stated_minimum_earns_nothing(score: int | None):
    rules.check_claimable(ON_DEMAND, now=AFTER)
    with pytest.raises(rules.AssessmentNotPassed):
        rules.check_claimable(replace(ON_DEMAND, score=score), now=AFTER)


def test_on_demand_the_maximum_is_earned_by_passing():
    rules.check_amounts({AMA: Credits(1600)}, ON_DEMAND)


# Types of credit


@pytest.mark.parametrize("code", CERTIFICATION_TYPES)
def test_only_physicians_are_awarded_ama_pra_credit_and_everybody_else_participates(code: str):
    first, *others = eligible_types(CERTIFICATION_TYPES[code], EVERYTHING)
    assert first is (AMA if code in {"md", "do", "mbbs", "resident", "retired-md"} else HOURS)
    assert AMA not in others
    assert HOURS not in others


BOARDS = {f"moc-{board}" for board in ("aba", "abim", "abohns", "abos", "abp", "abpath", "abs", "abts")}


@pytest.mark.parametrize(
    ("code", "others"),
    [
        ("md", {"aafp-prescribed", "aafp-elective", *BOARDS}),
        ("do", {"aafp-prescribed", "aafp-elective", *BOARDS, "aoa-2a"}),
        ("pa", {"aapa-1"}),
        ("np", {"aanp", "ancc"}),
        ("rn", {"ancc"}),
        ("lpn", {"ancc"}),
        ("pharmd", {"acpe"}),
        ("cpht", {"acpe"}),
        ("student", set()),
        ("dds", set()),
    ],
)
def test_each_certification_type_has_its_own_other_types(code: str, others: set[str]):
    assert set(eligible_types(CERTIFICATION_TYPES[code], EVERYTHING)[1:]) == others


def test_a_type_the_seminar_does_not_offer_is_not_there():
    assert eligible_types(CERTIFICATION_TYPES["np"], ["ama-pra-1", "aapa-1"]) == (HOURS,)


def test_nothing_is_offered_where_nothing_is_designated():
    assert eligible_types(CERTIFICATION_TYPES["md"], []) == ()


def test_a_provider_may_leave_residents_out():
    assert eligible_types(CERTIFICATION_TYPES["resident"], EVERYTHING, residents=False)[0] is HOURS
    assert eligible_types(CERTIFICATION_TYPES["md"], EVERYTHING, residents=False)[0] is AMA


def test_the_attestation_fits_what_is_claimed():
    assert "credit commensurate with the extent of my participation" in rules.attestation_for(AMA)
    assert "credit" not in rules.attestation_for(HOURS)


# Letters and years


def test_a_name_that_cannot_be_printed_is_named_before_the_rest():
    rules.check_printable(set(), set())
    with pytest.raises(rules.UnprintableName, match="陳"):
        rules.check_printable({"陳", "文"}, {"陳"})
    with pytest.raises(rules.UnprintableWords):
        rules.check_printable({"文"}, set())


@pytest.mark.parametrize(
    ("ended", "kept"), [(date(2027, 3, 4), date(2033, 3, 4)), (date(2028, 2, 29), date(2034, 3, 1))]
)
def test_records_are_kept_for_six_full_years(ended: date, kept: date):
    assert rules.purge_on(ended) == kept
