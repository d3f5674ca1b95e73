"""The administration's first page, the letters, and what operators ask of the house."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from cme import audit, jobs
from cme.audit import AuditEntry
from cme.catalog import services
from cme.credits import figures as credit_figures
from cme.database import db, transaction
from cme.mail import Letter
from cme.queue import MOST_ATTEMPTS, Job, enqueue
from cme.registration import figures
from cme.registration.models import LedgerEntry, Payment
from cme.values import Money
from tests import factories
from tests.browser import Browser
from tests.catalog.drafts import typed


@pytest.fixture
def sam(browser: Browser, cast: Any) -> Browser:
    """The administrator's browser."""
    return browser.sign_in(cast.sam)


def write(*, now: Any, to: str = "ada@example.test", subject: str = "Your seat", text: str = "Hello.") -> int:
    """A letter with its job."""
    with transaction() as session:
        number = (session.scalar(select(Letter.id).order_by(Letter.id.desc())) or 0) + 1
        letter = Letter(
            key=f"test:{number}",
            kind="registration/confirmed",
            to=to,
            subject=subject,
            text=text,
            html="<p>Hello.</p>",
            message_id=f"<test.{number}@cme>",
            created_at=now,
        )
        session.add(letter)
        session.flush()
        enqueue("send_letter", {"letter_id": letter.id}, dedupe_key=f"letter:{letter.id}", run_at=now, lane="letters")
        number = letter.id
    return number


def give_up(clock: Any, outbox: Any) -> None:
    """Let the post fail until the worker stops trying."""
    outbox.broken = True
    for _ in range(MOST_ATTEMPTS):
        jobs.do_jobs("worker", "letters")
        clock.advance(minutes=9)
    outbox.broken = False


@pytest.fixture
def paid(app: Any, cast: Any, clock: Any) -> Any:
    """A seminar that ada paid for, in the sandbox and for real; the ledger knows both."""
    seminar = factories.seminar(now=clock.now)
    registration = factories.registration(cast.ada, seminar, now=clock.now, amount_due_minor=109500)
    with transaction() as session:
        for number, mode in enumerate(("sandbox", "live"), start=1):
            payment = Payment(
                registration_id=registration.id,
                attempt_no=number,
                status="paid",
                amount_minor=109500,
                currency="USD",
                mode=mode,
                created_at=clock.now,
            )
            session.add(payment)
            session.flush()
            for kind, amount in (("charge", 109500), ("refund", -9500)):
                session.add(
                    LedgerEntry(
                        payment_id=payment.id,
                        kind=kind,
                        amount_minor=amount,
                        currency="USD",
                        mode=mode,
                        stripe_id=f"{kind}-{mode}",
                        at=clock.now,
                        recorded_at=clock.now,
                    )
                )
    return seminar


def test_the_ledger_is_summed_by_mode(paid, clock):
    span = clock.now - timedelta(days=1), clock.now + timedelta(days=1)
    assert figures.money_between(*span, mode="sandbox") == [Money(100000)]
    assert figures.money_between(*span, "refund", mode="sandbox") == [Money(-9500)]
    assert figures.money_between(*span, mode="test") == []
    assert figures.money_by_seminar([paid.id], mode="live") == {paid.id: [Money(100000)]}


def test_registrations_and_seats_are_counted(paid, clock):
    assert figures.registered_between(clock.now, clock.now + timedelta(seconds=1)) == 1
    assert figures.registered_between(clock.now - timedelta(days=7), clock.now) == 0
    assert figures.seats_ahead(clock.now) == (1, 1, 10)
    assert figures.confirmed_at_since(clock.now) == [clock.now]


def test_people_who_attended_and_have_not_claimed_are_counted_while_they_can(app, cast, clock):
    seminar = factories.seminar(now=clock.now, starts_in=-5)
    factories.attend(factories.registration(cast.ada, seminar, now=clock.now), now=clock.now)
    factories.registration(cast.nell, seminar, now=clock.now)
    window = timedelta(days=60)
    assert credit_figures.claims_waiting(clock.now, window=window) == 1
    assert credit_figures.claims_waiting(clock.now + window, window=window) == 0
    assert credit_figures.credits_claimed(clock.now - window, clock.now).hundredths == 0
    assert credit_figures.credits_by_specialty(clock.now - window) == []


@pytest.mark.pages
def test_the_first_page_shows_what_the_books_hold(sam, cast, clock, paid):
    services.create_seminar(typed(title="In the making"), by=cast.sam, form_id=None, now=clock.now)
    page = sam.open("/admin")
    assert page.h1 == "Good morning, Sam"
    assert "Registrations, 7 days 0" in page.text
    clock.advance(minutes=1)
    page = sam.open("/admin")
    assert "Registrations, 7 days 1" in page.text
    assert "Money in March $1,000 after refunds of $95" in page.text
    assert "1 of 10 in 1 seminar ahead" in page.text
    assert "Drafts to finish: 1" in page.text
    assert "Payments in review: none" in page.text
    assert "Sam Keystone created: In the making" in page.text
    assert "March 2027, so far 1" in page.text


@pytest.mark.pages
def test_what_happened_last_is_said_in_words_and_counted(sam, cast, clock):
    going = factories.registration(cast.ada, factories.seminar(now=clock.now, title="Tides and Hearts"), now=clock.now)
    with transaction():
        for _ in range(3):
            audit.record(cast.sam, "marked attendance", going, at=clock.now)
        audit.record(cast.ada, "held", going, at=clock.now - timedelta(days=1))
        audit.record(cast.ada, "joined", cast.ada, at=clock.now - timedelta(days=2))
    lines = [line.text for line in sam.open("/admin").root.find(class_="feed")[0].find("li")]
    assert [line.partition(" ")[2].partition(" ")[2] for line in lines[:3]] == [
        "Sam Keystone marked attendance: Tides and Hearts, 3 times",
        f"{cast.ada.professional_name} took a seat: Tides and Hearts",
        f"{cast.ada.professional_name} joined",
    ]


@pytest.mark.pages
def test_the_first_page_of_an_empty_house(sam):
    page = sam.open("/admin")
    assert "Nothing is ahead" in page.text
    assert "Nobody has claimed yet" in page.text


@pytest.mark.pages
def test_nobody_reads_of_work_that_is_not_theirs(browser, clock, app):
    clerk = factories.staff("clerk@example.test", "Pell Mooring", ["dashboard"], now=clock.now)
    page = browser.sign_in(clerk).open("/admin")
    assert "Payments in review" not in page.text
    assert page.links("New seminar") == []


@pytest.mark.pages
@pytest.mark.parametrize("address", ["/admin", "/admin/letters", "/admin/letters/1"])
def test_learners_find_nothing_there(browser, cast, address):
    browser.sign_in(cast.ada).open(address, expect=404)


def test_letters_are_found_by_address_kind_and_state(sam, clock, outbox):
    write(now=clock.now, subject="Given up")
    give_up(clock, outbox)
    write(now=clock.now, subject="On its way")
    jobs.do_jobs("worker", "letters")
    write(now=clock.now, subject="Fresh", to="nell@example.test")
    for query, shown in (
        ("", {"Given up", "On its way", "Fresh"}),
        ("?state=sent", {"On its way"}),
        ("?state=dead", {"Given up"}),
        ("?state=waiting", {"Fresh"}),
        ("?q=NELL", {"Fresh"}),
        ("?q=100%25", set()),
        ("?kind=registration/confirmed&state=waiting", {"Fresh"}),
        ("?kind=other/kind", set()),
        ("?state=lost&page=-1&q=%00", {"Given up", "On its way", "Fresh"}),
    ):
        page = sam.open(f"/admin/letters{query}")
        assert {link.text for link in page.root.find("a", class_="title-link")} == shown, query
    sam.open("/admin/letters?page=99", expect=404)


def test_a_letter_given_up_is_sent_again(sam, cast, clock, outbox):
    number = write(now=clock.now)
    give_up(clock, outbox)
    page = sam.open(f"/admin/letters/{number}")
    assert "given up after five tries" in page.text
    assert "The post is closed." in page.text
    page = page.press("Try again")
    assert "will be sent again" in page.text
    jobs.do_jobs("worker", "letters")
    assert [message["To"] for message in outbox.sent] == ["ada@example.test"]
    newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (newest.actor, newest.action) == (f"account:{cast.sam.id}", "sent again")


def test_a_letter_that_went_out_is_not_sent_twice(sam, cast, clock, outbox):
    number = write(now=clock.now)
    jobs.do_jobs("worker", "letters")
    assert jobs.retry_letter(number, by=cast.sam, now=clock.now) is False
    assert db.session.scalars(select(Job.state)).all() == ["done"]
    assert jobs.retry_letter(number + 1, by=cast.sam, now=clock.now) is False


@pytest.mark.pages
def test_links_in_a_letter_can_be_followed_and_nothing_else_runs(sam, clock):
    hostile = 'See http://localhost/my or <script>alert(1)</script> javascript:alert(2) "onclick=x'
    page = sam.open(f"/admin/letters/{write(now=clock.now, text=hostile)}")
    body = page.root.find(class_="letter-text")[0]
    assert [a.attrs["href"] for a in body.find("a")] == ["http://localhost/my"]
    assert "<script>alert(1)</script>" in body.text


@pytest.mark.pages
def test_one_time_links_are_shown_only_where_letters_are_kept(sam, clock):
    secret = "Choose a new one: http://localhost/reset-password/abc-DEF_123.456"
    number = write(now=clock.now, text=secret)
    sam.app.config["MAIL_URL"], before = "outbox:", sam.app.config["MAIL_URL"]
    try:
        assert "abc-DEF_123" in sam.open(f"/admin/letters/{number}").html
        sam.app.config["MAIL_URL"] = "smtp://mail.example.test"
        page = sam.open(f"/admin/letters/{number}")
        assert "abc" not in page.html
        assert "they are not shown" in page.text
    finally:
        sam.app.config["MAIL_URL"] = before


@pytest.mark.pages
def test_an_unknown_letter_is_not_there(sam):
    for number in ("1", "9007199254740991", "9007199254740992", "-1", "x"):
        sam.open(f"/admin/letters/{number}", expect=404)


def test_the_house_says_that_it_lives_and_is_ready(browser):
    live, ready = browser.client.get("/health/live"), browser.client.get("/health/ready")
    assert (live.status_code, live.json) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json) == (200, {"status": "ok"})


@pytest.mark.pages
def test_a_house_without_its_database_is_not_ready_and_tells_no_more(browser, monkeypatch):
    def silent() -> bool:
        raise OperationalError("SELECT", {}, Exception("password of the database"))

    monkeypatch.setattr(jobs, "is_ready", silent)
    ready = browser.client.get("/health/ready")
    assert (ready.status_code, ready.json) == (503, {"status": "unavailable"})
    assert browser.client.get("/health/live").status_code == 200
