"""How the provider says it is accredited, on the settings page, and what follows."""

import pytest

from cme import settings
from cme.catalog import rules
from tests.catalog.plain import designation, seminar

pytestmark = pytest.mark.pages


def test_the_accreditation_is_chosen_and_every_statement_follows(browser, cast):
    page = browser.sign_in(cast.sam).open("/admin/settings")
    page = page.press(
        "Save settings",
        accreditation="society",
        accreditor="Sunshine State Medical Society",
        accreditor_short="SSMS",
        nursing_statement="Gulf Coast Medical Seminars is accredited with the Sunshine Board of Nursing.",
    )
    assert "The new settings hold from now on" in page.text
    us = settings.provider()
    assert us.accreditation == "society"
    said = [stated.text for stated in rules.statements(seminar(designation("ancc")), us)]
    assert "is accredited by the Sunshine State Medical Society to provide" in said[0]
    assert said[-1].startswith("Gulf Coast Medical Seminars is accredited with the Sunshine Board of Nursing. Nurses")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"accreditation": "society"}, "Enter the state society that accredits you, in place of the ACCME"),
        ({"accreditor": "Sunshine State Medical Society"}, "Enter the ACCME in full with its letters"),
        ({"accreditor_short": "SSMS"}, "Enter ACCME, or select who else accredits you"),
        (
            {"accreditation": "society", "accreditor": "Sunshine State Medical Society"},
            "Enter the society that accredits you in short, in place of the ACCME",
        ),
    ],
)
def test_nobody_is_named_as_accreditor_who_is_not(browser, cast, changes, error):
    page = browser.sign_in(cast.sam).open("/admin/settings").press("Save settings", **changes)
    assert page.status == 422
    assert any(error in said for said in page.errors)
    assert settings.current("provider") is None


def test_joint_accreditation_needs_no_other_name(browser, cast):
    page = browser.sign_in(cast.sam).open("/admin/settings").press("Save settings", accreditation="joint")
    assert "The new settings hold from now on" in page.text
    assert "is jointly accredited by" in rules.accreditation(seminar(), settings.provider()).text
