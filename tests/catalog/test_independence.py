"""What learners are told of those in control of the content: who has which tie, mitigated or not, and who has none."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cme.catalog.independence import Standing, disclosed, is_plain_name, standing, valid_until

TODAY = date(2027, 3, 1)
SENTENCE = "All of the relevant financial relationships listed for these individuals have been mitigated."


def said(company: str = "", nature: str = "", **more: Any) -> SimpleNamespace:
    """One disclosure in force; of a company a relevant one, mitigated, unless a test says otherwise."""
    values: dict[str, Any] = {
        "has_relationship": bool(company),
        "is_relevant": bool(company),
        "is_decided": True,
        "mitigation": "Peer review of content" if company else "",
        "mitigated_on": TODAY if company else None,
        "disclosed_on": TODAY - timedelta(days=20),
        "expires_on": TODAY + timedelta(days=345),
    }
    return SimpleNamespace(company=company, nature=nature, **values | more)


def seminar(**people: list[SimpleNamespace]) -> SimpleNamespace:
    """A seminar in a month, with these people and what they disclosed."""
    listed = [
        SimpleNamespace(faculty=SimpleNamespace(full_name=f"{name}, MD", disclosures=told))
        for name, told in people.items()
    ]
    return SimpleNamespace(people=listed, ends_on=TODAY + timedelta(days=30), terminates_on=None)


def test_everybody_is_sorted_by_what_they_disclosed():
    found = disclosed(
        seminar(Ada=[said("Northwind Biologics", "consultant"), said("Palewell", "speaker")], Ben=[said()], Cy=[]),
        TODAY,
    )
    assert found.tied == [("Ada, MD", [("Northwind Biologics", "consultant"), ("Palewell", "speaker")], True)]
    assert found.untied == ["Ben, MD"]
    assert found.missing == ["Cy, MD"]
    assert found.mitigation == SENTENCE


def test_nothing_is_called_mitigated_that_is_not():
    for unwritten in ({"mitigated_on": None}, {"mitigation": ""}):
        found = disclosed(
            seminar(Ada=[said("Palewell", "speaker")], Ben=[said("Palewell", "owner", **unwritten)]), TODAY
        )
        assert [person.mitigated for person in found.tied] == [True, False]
        assert not found.all_mitigated
        assert found.mitigation == ""


def test_nobody_is_called_mitigated_where_nobody_has_a_tie():
    assert disclosed(seminar(Ada=[said()]), TODAY).mitigation == ""


def test_a_relationship_that_is_not_relevant_is_not_told():
    found = disclosed(seminar(Ada=[said("Palewell", "speaker", is_relevant=False)]), TODAY)
    assert (found.tied, found.untied, found.missing) == ([], ["Ada, MD"], [])


def test_until_staff_decide_nobody_is_said_to_have_no_ties():
    waiting = said("Palewell", "speaker", is_relevant=False, is_decided=False)
    found = disclosed(seminar(Ada=[waiting], Ben=[said("Northwind Biologics", "owner"), waiting]), TODAY)
    assert found.untied == []
    assert found.missing == ["Ada, MD", "Ben, MD"]
    assert [person.name for person in found.tied] == ["Ben, MD"]


def test_what_has_run_out_is_told_until_something_newer_is_said():
    old = said("Palewell", "speaker", disclosed_on=TODAY - timedelta(days=400), expires_on=TODAY - timedelta(days=35))
    assert disclosed(seminar(Ada=[old]), TODAY).tied[0].relationships == [("Palewell", "speaker")]
    assert disclosed(seminar(Ada=[old, said()]), TODAY).untied == ["Ada, MD"]


def test_a_seminar_that_is_over_shows_what_was_told_then():
    then = said("Palewell", "speaker", disclosed_on=TODAY - timedelta(days=300), expires_on=TODAY - timedelta(days=1))
    over = seminar(Ada=[then, said(disclosed_on=TODAY)])
    over.ends_on = TODAY - timedelta(days=60)
    assert [person.name for person in disclosed(over, TODAY).tied] == ["Ada, MD"]


def test_what_is_still_sold_on_demand_shows_what_is_true_now():
    then = said("Palewell", "speaker", disclosed_on=TODAY - timedelta(days=300), expires_on=TODAY - timedelta(days=1))
    sold = seminar(Ada=[then, said(disclosed_on=TODAY)])
    sold.ends_on, sold.terminates_on = TODAY - timedelta(days=60), TODAY + timedelta(days=90)
    assert disclosed(sold, TODAY).untied == ["Ada, MD"]


def test_what_was_relevant_stays_listed_while_it_is_decided_anew():
    again = said("Palewell", "speaker", is_decided=False)
    found = disclosed(seminar(Ada=[again]), TODAY)
    assert [person.name for person in found.tied] == found.missing == ["Ada, MD"]


def until(days: int, **more: Any) -> SimpleNamespace:
    """A disclosure that holds for so many days more."""
    return said(disclosed_on=TODAY - timedelta(days=300), expires_on=TODAY + timedelta(days=days), **more)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], Standing.MISSING),
        ([until(-1)], Standing.EXPIRED),
        ([until(0)], Standing.EXPIRES_SOON),
        ([until(30)], Standing.EXPIRES_SOON),
        ([until(31)], Standing.CURRENT),
        ([until(300), until(5)], Standing.EXPIRES_SOON),
        ([until(-1, is_decided=False), until(300)], Standing.CURRENT),
        ([until(5), until(300, is_decided=False)], Standing.WAITING),
    ],
)
def test_how_it_stands_with_a_disclosure(told: list[SimpleNamespace], expected: Standing):
    assert standing(told, TODAY) == expected


def test_a_disclosure_holds_as_long_as_the_first_part_of_it_to_expire():
    assert valid_until([until(-1), until(40), until(20)], TODAY) == TODAY + timedelta(days=20)
    assert valid_until([until(-1)], TODAY) is None


@pytest.mark.parametrize("name", ["Palewell", "Møller & Sons A/S", "شركة النخيل", "3D Bio, Inc.", "=Sum Labs"])
def test_a_name_alone_is_a_name(name: str):
    assert is_plain_name(name)


@pytest.mark.parametrize(
    "name",
    ["Cardiozap®", "Zap™", "![logo](x)", "<img src=x>", "https://palewell.example", "www.palewell.example", "logo.PNG"],
)
def test_logos_trade_names_and_addresses_are_no_names(name: str):
    assert not is_plain_name(name)
