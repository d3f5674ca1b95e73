"""The demo is believable, the same every time, keeps every promise, and goes on after being cut off."""

import pytest
from sqlalchemy import func, select

from cme import audit, jobs
from cme.accounts.models import Account
from cme.catalog.models import CANCELLED, DRAFT, Article, ArticleCategory, Seminar
from cme.credits import invariants as credits
from cme.credits import queries as earned
from cme.credits.models import Certificate
from cme.database import db
from cme.demo import NoDemo, fill, going
from cme.gateways import here
from cme.registration import invariants as registration
from cme.registration import queries
from cme.registration.models import Registration

EVENTS = 40


def breaches(now):
    return [*audit.breaches(), *registration.breaches(now=now), *credits.breaches(now=now)]


def filled(clock):
    jobs.seed(now=clock.now)
    return fill(now=clock.now, payments=here().payments)


def person(email):
    return db.session.scalars(select(Account).where(Account.email == email)).one()


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_the_demo_shows_every_kind_of_seminar_and_person(app, clock, sandbox):
    filled(clock)
    assert breaches(clock.now) == []
    seminars = db.session.scalars(select(Seminar)).all()
    assert len(seminars) == 24
    assert {CANCELLED, DRAFT} < {s.status for s in seminars}
    assert sum(s.ends_at < clock.now for s in seminars) == 4
    assert sum(all(o.seats_left == 0 for o in s.offerings) for s in seminars) == 2
    assert sum(all(t.amount_minor == 0 for o in s.offerings for t in o.tiers) for s in seminars) == 1
    by_shelf = select(ArticleCategory.slug, func.count(Article.id)).join(Article).group_by(ArticleCategory.slug)
    assert dict(db.session.execute(by_shelf).all()) == {"providers": 3, "cme-activities": 2, "practice": 1}
    for email, steps in {going.MD: ["claimed", "evaluate"], going.NP: ["claimed", "evaluate"]}.items():
        standings = earned.standings_of(person(email).id, now=clock.now)
        assert len([s for s in standings if s.certificate]) == 1, steps
        assert len([s for s in standings if not s.certificate]) == 1
    new = person(going.NEW)
    assert new.details_missing() == ["Professional Name", "Certification Type"]
    [gated] = queries.registrations_of(new.id)
    assert gated.amount_due_minor > 0
    assert queries.attended_minutes(gated.id) == 240
    assert person(going.ADMIN).may("anything")
    books = sandbox.books()
    paid = [s for s in books["sessions"] if s["payment_status"] == "paid"]
    due = select(func.sum(Registration.amount_due_minor))
    assert sum(s["amount_total"] for s in paid) == db.session.scalar(due)
    # A second start finds it all there.
    before = count(Registration), count(Certificate), count(Account)
    assert "already" in filled(clock)
    assert (count(Registration), count(Certificate), count(Account)) == before


@pytest.mark.pages
def test_a_demo_that_was_cut_off_goes_on(app, clock, sandbox, monkeypatch):
    real, calls = going._pay, []

    def cut_off(*args):
        calls.append(args)
        if len(calls) == EVENTS:
            raise KeyboardInterrupt
        real(*args)

    monkeypatch.setattr(going, "_pay", cut_off)
    with pytest.raises(KeyboardInterrupt):
        filled(clock)
    monkeypatch.setattr(going, "_pay", real)
    db.session.rollback()
    clock.advance(minutes=2)
    filled(clock)
    assert breaches(clock.now) == []
    assert db.session.scalars(select(Registration.status).distinct()).all() == ["confirmed"]


def test_there_is_no_demo_without_the_sandbox(app, clock):
    with pytest.raises(NoDemo):
        fill(now=clock.now, payments=None)
    assert count(Account) == 0
