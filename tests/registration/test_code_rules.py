"""Facts about promo codes, without a database: how they are typed, whom they fit, what they take off."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cme.registration.rules import codes
from cme.registration.rules.codes import CodeDoesNotFit, CodeUnreadable, Terms, check_code, clean_code, take_off
from cme.values import EXPONENTS, LEAST_CHARGE, Money

DAY = date(2027, 3, 1)
PRICES = st.builds(Money, st.integers(50, 10_000_000), st.sampled_from(sorted(EXPONENTS)))


@pytest.mark.parametrize(
    "typed",
    [
        "spring-27",
        " SPRING-27 ",
        "Spring - 27",
        "ｓｐｒｉｎｇ－２７",
        "spring\u201127",
        "spring\N{EN DASH}27",
        "spr\u00a0ing-27",
    ],
)
def test_a_code_is_the_same_however_it_is_typed(typed):
    assert clean_code(typed) == "SPRING-27"


@pytest.mark.parametrize("typed", [None, "", "  ", "\t\n"])
def test_nothing_typed_is_no_code(typed):
    assert clean_code(typed) == ""


@pytest.mark.parametrize(
    "typed",
    [
        "AB",
        "A" * 41,
        "SPRING!",
        "-SPRING",
        "SPRING-",
        "A--B",
        "'; --",
        "<b>x</b>",
        "ПРОМО",
        "SPR\u200bING",
        "=1+1",
        "\0abc",
    ],
)
def test_what_no_code_is_written_like_is_refused(typed):
    with pytest.raises(CodeUnreadable, match="letters"):
        clean_code(typed)


@given(st.text(max_size=100))
def test_whatever_is_typed_is_a_plain_code_or_a_clear_no(typed):
    try:
        code = clean_code(typed)
    except CodeUnreadable:
        return
    assert code == "" or codes.LEAST_CODE <= len(code) <= codes.MOST_CODE
    assert code.isascii()
    assert clean_code(code) == code


def fits(
    terms: Terms, *, seminar_id: int = 1, tier: str = "physician", mode: str = "in-person", today: date = DAY
) -> None:
    check_code(terms, seminar_id=seminar_id, tier=tier, mode=mode, today=today)


def test_a_code_without_limits_fits_everybody():
    fits(Terms("SPRING", percent=10))


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        (Terms("SPRING", is_active=False), "no longer valid"),
        (Terms("SPRING", first_on=DAY + timedelta(days=1)), "from March\u00a02, 2027 on"),
        (Terms("SPRING", last_on=DAY - timedelta(days=1)), "until February\u00a028, 2027"),
        (Terms("SPRING", seminar_id=2), "another seminar"),
        (Terms("SPRING", modes=("livestream", "on-demand")), "livestream or on demand"),
        (Terms("SPRING", tiers=("trainee",)), "another group"),
    ],
)
def test_a_code_that_does_not_fit_says_why(terms, why):
    with pytest.raises(CodeDoesNotFit, match=why):
        fits(terms)


def test_the_first_and_the_last_day_are_days_of_the_code():
    fits(Terms("SPRING", first_on=DAY, last_on=DAY, seminar_id=1, tiers=("physician",), modes=("in-person",)))


@pytest.mark.parametrize(
    ("price", "terms", "off"),
    [
        (109500, Terms("X", percent=10), 10950),
        (99950, Terms("X", percent=15), 14993),  # 149.925 dollars, half up
        (90, Terms("X", percent=35), 32),  # 31.5 cents
        (109500, Terms("X", percent=100), 109500),
        (109500, Terms("X", amount_minor=5000), 5000),
        (109500, Terms("X", amount_minor=999999), 109500),
        (5040, Terms("X", amount_minor=5000), 5040),  # 40 cents are less than a card can pay
        (5050, Terms("X", amount_minor=5000), 5000),
        (0, Terms("X", percent=50), 0),
    ],
)
def test_what_a_code_takes_off(price, terms, off):
    assert take_off(Money(price), terms).minor == off


def test_an_amount_in_another_currency_takes_nothing_off():
    with pytest.raises(CodeDoesNotFit, match="another currency"):
        take_off(Money(5000, "EUR"), Terms("X", amount_minor=100))


@given(PRICES, st.integers(1, 100))
def test_a_part_is_never_more_than_the_price_and_the_rest_can_be_charged(price, percent):
    off = take_off(price, Terms("X", percent=percent))
    rest = price.minor - off.minor
    assert off.currency == price.currency
    assert 0 <= off.minor <= price.minor
    assert rest == 0 or rest >= LEAST_CHARGE[price.currency]
    if rest:
        assert abs(off.minor * 100 - price.minor * percent) <= 50


@given(PRICES, st.integers(1, 20_000_000))
def test_an_amount_is_taken_off_whole_or_as_much_as_there_is(price, amount):
    off = take_off(price, Terms("X", amount_minor=amount, currency=price.currency))
    assert off.minor == amount or off.minor == price.minor
    assert off.minor <= price.minor


@given(PRICES, st.integers(1, 99))
def test_a_greater_part_never_takes_off_less(price, percent):
    less, more = (take_off(price, Terms("X", percent=each)) for each in (percent, percent + 1))
    assert less <= more


@pytest.mark.parametrize(
    ("terms", "words"), [(Terms("X", percent=20), "20% off"), (Terms("X", amount_minor=5000), "$50 off")]
)
def test_a_code_says_what_it_gives(terms, words):
    assert terms.benefit == words
