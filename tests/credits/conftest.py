"""People on the way to a claim, and the claim itself, as the pages' tests need them."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from cme.credits import services
from tests import factories
from tests.browser import Browser


@pytest.fixture
def attended(app: Flask, clock: Any) -> Any:
    """Make somebody's registration for a seminar of two mornings that ended last week, attended and evaluated."""

    def make(person: Any, *, mornings: int | None = None, evaluated: bool = True, **seminar: Any) -> str:
        held = factories.seminar(now=clock.now, starts_in=-8, **seminar)
        made = factories.registration(person, held, now=clock.now - timedelta(days=30))
        factories.attend(made, now=clock.now, mornings=mornings)
        if evaluated:
            services.submit_evaluation(made.id, {"overall": 5}, form_id=None, now=clock.now)
        return made.ref

    return make


def claim_url(ref: str, step: str = "") -> str:
    """Where credit is claimed, from the beginning or at the last step."""
    return f"/registrations/{ref}/claim{f'?step={step}' if step else ''}"


def claimed(browser: Browser, ref: str) -> str:
    """Claim all there is, and give the certificate's code."""
    page = browser.open(claim_url(ref, "attest")).press("Claim", attests="y")
    assert page.url.startswith("/certificates/"), page.errors
    return page.url.rsplit("/", 1)[1]
