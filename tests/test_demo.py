"""The demo is believable, the same every time, keeps every promise, and goes on after being cut off."""

from datetime import timedelta

import pypdfium2
import pytest
from sqlalchemy import func, select

from cme import audit, jobs
from cme.accounts.models import Account
from cme.audit import AuditEntry
from cme.catalog import queries as offered
from cme.catalog.filters import Filters
from cme.catalog.models import CANCELLED, DRAFT, PUBLISHED, Article, ArticleCategory, Faculty, Seminar
from cme.catalog.rules import ENDURING
from cme.credits import invariants as credits
from cme.credits import queries as earned
from cme.credits.models import Certificate
from cme.credits.queries.overviews import overview_of
from cme.credits.queries.transcripts import external_of
from cme.database import db
from cme.demo import NoDemo, catalog, content, fill, going, offer
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
    assert len(seminars) == 25
    assert {CANCELLED, DRAFT} < {s.status for s in seminars}
    assert sum(s.ends_at < clock.now for s in seminars) == 4
    assert sum(all(o.seats_left == 0 for o in s.offerings) for s in seminars) == 2
    assert sum(all(t.amount_minor == 0 for o in s.offerings for t in o.tiers) for s in seminars) == 1
    by_shelf = select(ArticleCategory.slug, func.count(Article.id)).join(Article).group_by(ArticleCategory.slug)
    assert dict(db.session.execute(by_shelf).all()) == {"providers": 4, "cme-activities": 2, "practice": 2}
    for email, steps in {going.MD: ["claimed", "evaluate"], going.NP: ["claimed", "evaluate"]}.items():
        standings = earned.standings_of(person(email).id, now=clock.now)
        assert len([s for s in standings if s.certificate]) == 1, steps
        assert len([s for s in standings if s.step == "evaluate"]) == 1
    [entered] = external_of(person(going.MD).id)
    [(goal, far)] = overview_of(person(going.MD).id, {}, today=clock.now.date()).goals
    assert (entered.is_own, goal.name, far.is_reached, far.own) == (True, "Florida licence", False, entered.amount)
    new = person(going.NEW)
    assert new.details_missing() == ["Professional Name", "Certification Type"]
    [gated] = queries.registrations_of(new.id)
    assert gated.amount_due_minor > 0
    assert queries.attended_minutes(gated.id) == 240
    assert person(going.ADMIN).may("anything")
    books = sandbox.books()
    paid = [s for s in books["sessions"] if s["payment_status"] == "paid"]
    due = select(func.sum(Registration.amount_due_minor)).where(Registration.confirmed_at.is_not(None))
    assert sum(s["amount_total"] for s in paid) == db.session.scalar(due)
    # A second start finds it all there.
    before = count(Registration), count(Certificate), count(Account)
    assert "already" in filled(clock)
    assert (count(Registration), count(Certificate), count(Account)) == before


def test_the_demo_shows_what_the_catalog_can(app, clock):
    catalog.publish(now=clock.now)
    seminars = db.session.scalars(select(Seminar)).all()
    designated = {found.credit_type for each in seminars for found in each.designations}
    assert {"aafp-prescribed", "aapa-1", "aanp", "ancc", "acpe", "moc-abim", "aoa-2a"} < designated
    assert [each.slug for each in seminars if any(found.is_pending for found in each.designations)] == [
        "internal-medicine-review"
    ]
    sessions = [session for each in seminars for session in each.sessions]
    topics = {code for session in sessions for code in session.topic_minutes}
    assert {"pharmacology", "opioids", "medical-errors", "ethics", "end-of-life", "implicit-bias"} < topics
    assert {session.track for session in sessions} == {"", offer.HALL, offer.LAB}
    assert [
        len([each for each in seminars if getattr(each, name)]) for name in ("joint_providers", "commercial_support")
    ] == [
        1,
        1,
    ]
    [on_demand] = [each for each in seminars if each.learning_format == ENDURING]
    assert (on_demand.pass_mark, on_demand.estimated_minutes, on_demand.offerings[0].access_days) == (75, 120, 90)
    assert {handout.media_type for each in seminars for handout in each.handouts} == {"application/pdf", "text/plain"}
    assert all(person.bio and person.email for person in db.session.scalars(select(Faculty)))
    known = {topic for each in seminars for topic in each.topics}
    assert {topic for each in db.session.scalars(select(Article)) for topic in each.topics} <= known
    # What is on offer is found.
    found = offered.upcoming_seminars(Filters(), now=clock.now)
    assert found.total == len([s for s in seminars if s.status == PUBLISHED and s.ends_at > clock.now]) == 19
    # A second filling changes nothing.
    before = count(AuditEntry)
    catalog.publish(now=clock.now + timedelta(minutes=2))
    assert count(AuditEntry) == before


@pytest.mark.pages
def test_what_the_demo_hands_out_can_be_read(app):
    page = pypdfium2.PdfDocument(content.leaf("A title (short)", ["One line \\ two"]))[0]
    assert page.get_textpage().get_text_bounded().split("\r\n") == ["A title (short)", "One line \\ two"]


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
    # One cancelled and one keeps the tuition for later; three wait for a seat; nobody is left half registered.
    by_status = dict(db.session.execute(select(Registration.status, func.count()).group_by(Registration.status)).all())
    assert (by_status.pop("cancelled"), by_status.pop("waitlisted")) == (2, 3)
    assert set(by_status) == {"confirmed"}


def test_there_is_no_demo_without_the_sandbox(app, clock):
    with pytest.raises(NoDemo):
        fill(now=clock.now, payments=None)
    assert count(Account) == 0
