"""The state of a public page changes with everything the page shows, on both databases."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import g
from sqlalchemy import update

from cme import settings
from cme.catalog import queries
from cme.catalog.models import Article, ArticleCategory, Offering, Seminar
from cme.database import transaction
from cme.registration import services
from tests import factories
from tests.conftest import NOW

EARLY = {"physician": 99500, "clinician": 79500, "trainee": 49500}


@pytest.fixture
def heart(app: Any) -> Seminar:
    return factories.seminar(now=NOW, slug="heart", early=EARLY, early_until=date(2027, 3, 9))


def seminar_at(now: Any) -> Any:
    return queries.seminar_state("heart", now=now)


def catalog_at(now: Any) -> Any:
    return queries.catalog_state(now=now)


def save(key: str) -> None:
    with transaction():
        settings.save(key, {}, by=None, at=NOW)


def change(statement: Any) -> None:
    with transaction() as session:
        session.execute(statement)


@pytest.mark.parametrize("state", [seminar_at, catalog_at])
def test_nothing_changes_by_itself(heart, state):
    assert state(NOW) == state(NOW) == state(NOW + timedelta(minutes=5))


@pytest.mark.parametrize("state", [seminar_at, catalog_at])
def test_a_seat_taken_and_given_back_is_a_change_each_time(heart, cast, state):
    before = state(NOW)
    services.register(cast.ada.id, heart.offerings[0].id, form_id=None, now=NOW)
    taken = state(NOW)
    change(update(Offering).values(taken=0, revision=Offering.revision + 1))
    assert len({before, taken, state(NOW)}) == 3


@pytest.mark.parametrize("state", [seminar_at, catalog_at])
def test_what_staff_decide_is_a_change_each_time(app, heart, state):
    seen = {state(NOW)}
    for key in ("provider", "text:terms", "provider"):
        save(key)
        seen.add(state(NOW))
    assert len(seen) == 4


@pytest.mark.parametrize("state", [seminar_at, catalog_at])
@pytest.mark.parametrize(
    "moment",
    [lambda heart: factories.local(date(2027, 3, 10), NOW.time().replace(hour=0)), lambda heart: heart.starts_at],
    ids=["the early price ends", "it begins"],
)
def test_time_is_a_change_at_the_moment_that_counts(heart, state, moment: Callable[[Any], Any]):
    at = moment(heart)
    assert state(at - timedelta(seconds=1)) != state(at)
    assert state(at) == state(at + timedelta(seconds=1))


def test_a_saved_seminar_is_a_change(heart):
    before = seminar_at(NOW)
    change(update(Seminar).values(version=Seminar.version + 1))
    assert seminar_at(NOW) != before


@pytest.mark.parametrize("slug", ["none", "HEART", "%00", "a" * 200])
def test_what_is_not_on_show_has_no_state(heart, slug):
    assert queries.seminar_state(slug, now=NOW) is None


def test_a_draft_has_no_state(app):
    factories.seminar(now=NOW, slug="heart", status="draft")
    assert seminar_at(NOW) is None


def test_articles_change_when_one_is_written_saved_hidden_or_its_day_comes(app):
    seen = [queries.article_state(now=NOW)]
    with transaction() as session:
        shelf = ArticleCategory(slug="practice", name="Practice")
        session.add(shelf)
    words = {"slug": "rest", "title": "Rest", "body": "Rest.", "status": "published", "created_at": NOW}
    with transaction() as session:
        session.add(Article(**words, updated_at=NOW, category_id=shelf.id, published_on=date(2027, 3, 2)))
    seen.append(queries.article_state(now=NOW))
    tomorrow = NOW + timedelta(days=1)
    seen.append(queries.article_state(now=tomorrow))
    for values in ({"version": Article.version + 1}, {"status": "draft"}):
        change(update(Article).values(**values))
        seen.append(queries.article_state(now=tomorrow))
    assert len(set(seen)) == 5


@pytest.mark.parametrize("state", [seminar_at, catalog_at])
def test_the_provider_comes_along_with_the_state(app, heart, state):
    for name in ("Gulf Coast Medical Seminars", "Harbor Medical Seminars", "Cove Medical Seminars"):
        if name != settings.Provider.name:
            with transaction():
                settings.save("provider", {"name": name}, by=None, at=NOW)
        with app.app_context():
            state(NOW)
            assert g.provider.name == name
