"""Facts about seats, prices and steps, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cme.accounts.rules import CERTIFICATION_TYPES
from cme.registration import models, rules

START = datetime(2027, 3, 15, 12, 0, tzinfo=UTC)
TIERS = ("physician", "clinician", "trainee")


@pytest.mark.parametrize("along", [rules.REGISTRATION, rules.PAYMENT, rules.REFUND])
def test_every_step_off_the_map_is_refused(along):
    for status, reachable in along.items():
        for to in along:
            if to in reachable:
                assert rules.move(along, status, to) == to
            else:
                with pytest.raises(rules.MovedMeanwhile):
                    rules.move(along, status, to)


def test_the_maps_know_every_status_the_tables_know():
    for table, along in ((models.Registration, rules.REGISTRATION), (models.Payment, rules.PAYMENT)):
        check = next(c for c in table.__table__.constraints if c.name == f"ck_{table.__tablename__}_status")
        assert {f"'{status}'" for status in along} == set(str(check.sqltext).split("(")[1].rstrip(")").split(", "))


def test_nothing_leaves_paid():
    assert rules.PAYMENT[rules.PAID] == frozenset()


def test_only_an_expired_registration_is_revived():
    revived = {status for status in rules.ENDED if rules.REGISTRATION[status]}
    assert revived == {rules.EXPIRED}


@pytest.mark.parametrize(
    ("certification", "offered", "tier"),
    [
        ("md", TIERS, "physician"),
        ("np", TIERS, "clinician"),
        ("resident", TIERS, "trainee"),
        ("resident", ("physician", "clinician"), "physician"),
        ("student", ("physician", "clinician"), "clinician"),
        ("student", ("physician",), "physician"),
        ("rn", ("physician",), "physician"),
        ("md", ("clinician",), "clinician"),
    ],
)
def test_who_pays_which_tuition(certification, offered, tier):
    assert rules.tier_for(certification, offered) == tier


@given(st.sampled_from(sorted(CERTIFICATION_TYPES)), st.sets(st.sampled_from(TIERS)))
def test_nobody_slips_into_the_trainees_tuition(certification, offered):
    try:
        tier = rules.tier_for(certification, offered)
    except rules.NotForSale:
        return
    assert tier in offered
    assert tier != "trainee" or CERTIFICATION_TYPES[certification].tier == "trainee"


@pytest.mark.parametrize("certification", [None, "", "wizard"])
def test_without_a_type_there_is_no_tier(certification):
    with pytest.raises(rules.DetailsFirst):
        rules.tier_for(certification, TIERS)


def test_registration_closes_at_the_start():
    rules.check_on("published", closes=START, now=START - timedelta(seconds=1))
    with pytest.raises(rules.RegistrationClosed):
        rules.check_on("published", closes=START, now=START)


def test_a_recording_can_be_bought_through_its_last_day():
    closes = {"starts_at": START, "zone": "America/New_York"}
    assert rules.closes_at("livestream", terminates_on=None, **closes) == START
    assert rules.closes_at("on-demand", terminates_on=None, **closes) is None
    end = rules.closes_at("on-demand", terminates_on=date(2027, 6, 30), **closes)
    assert end == datetime(2027, 7, 1, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(("days", "cards_only"), [(13, True), (14, False)])
def test_bank_debits_need_a_fortnight(days, cards_only):
    methods = rules.payment_methods(closes=START, now=START - timedelta(days=days))
    assert methods == (["card"] if cards_only else None)


def test_what_never_closes_waits_for_any_bank():
    assert rules.payment_methods(closes=None, now=START) is None
