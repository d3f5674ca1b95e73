"""Facts about joining: one letter, one link, one account, and nobody learns who has one."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cme import audit, queue
from cme.accounts import services
from cme.accounts.models import Account, OneTimeLink
from cme.accounts.queries import account_by_email, hash_of
from cme.accounts.rules import LinkSpent, WeakPassword
from cme.accounts.services import joining
from cme.database import db
from cme.errors import TooManyTries
from tests.accounts.letters import letters_to, token_of
from tests.test_database import in_threads

PASSWORD = "lantern-otter-basalt"
NEW = "Iris@example.test"


def ask(clock, email: str = NEW, *, form_id: str = "form-1", address: str = "192.0.2.1", **more) -> None:
    services.ask_to_join(email, PASSWORD, form_id=form_id, address=address, now=clock.now, **more)


def test_asking_sends_a_letter_and_makes_no_account(app, clock):
    ask(clock)
    [letter] = letters_to(NEW)
    assert letter.subject == "Finish creating your account"
    assert "http://localhost/verify-email/" in letter.text
    assert account_by_email(NEW) is None


def test_the_token_is_long_and_kept_only_as_a_hash(app, clock):
    ask(clock)
    token = token_of(letters_to(NEW)[0])
    assert len(token) >= 43
    link = db.session.scalar(select(OneTimeLink))
    assert link.token_hash == hash_of(token)
    assert PASSWORD not in link.password_hash
    assert link.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_letters_link_makes_the_account(app, clock):
    ask(clock, next_path="/seminars")
    joined = services.finish_joining(token_of(letters_to(NEW)[0]), now=clock.advance(hours=23))
    account = db.session.get(Account, joined.account_id)
    assert (account.email, account.email_key) == (NEW, "iris@example.test")
    assert joined.next_path == "/seminars"
    assert services.sign_in("iris@EXAMPLE.test", PASSWORD, keep=False, user_agent="", address="", now=clock.now)
    assert db.session.scalar(select(OneTimeLink.password_hash)) is None
    assert "joined" in db.session.scalars(select(audit.AuditEntry.action)).all()
    assert list(audit.breaches()) == []


def test_an_account_there_is_gets_a_letter_that_says_so(app, clock, cast):
    ask(clock, "ADA@example.test")
    [letter] = letters_to(cast.ada.email)
    assert "You have one already" in letter.text
    assert "http://localhost/sign-in" in letter.text
    assert "http://localhost/forgot-password" in letter.text
    assert "verify-email" not in letter.text


def test_asking_leaves_the_same_traces_with_and_without_an_account(app, clock, cast):
    for email in (cast.ada.email, NEW):
        ask(clock, email, form_id=f"form-{email}")
    links = db.session.scalars(select(OneTimeLink)).all()
    assert len(links) == 2
    assert db.session.scalar(select(func.count(queue.Job.id))) == 2


def test_a_password_is_hashed_for_everybody_who_asks(app, clock, cast, monkeypatch):
    hashed = []
    monkeypatch.setattr(joining, "hash_password", lambda password: hashed.append(password) or "hash")
    for email in (cast.ada.email, NEW):
        ask(clock, email, form_id=f"form-{email}")
    assert hashed == [PASSWORD, PASSWORD]


def test_sending_the_form_twice_sends_one_letter(app, clock):
    ask(clock)
    ask(clock)
    assert len(letters_to(NEW)) == db.session.scalar(select(func.count(OneTimeLink.id))) == 1


def test_a_form_sent_before_draws_no_link(app, clock):
    drawn = [services.links.new_link("join", form_id="form-1", now=clock.now) for _ in range(2)]
    assert drawn[0] is not None
    assert drawn[1] is None


def test_a_link_works_once(app, clock):
    ask(clock)
    token = token_of(letters_to(NEW)[0])
    services.finish_joining(token, now=clock.now)
    with pytest.raises(LinkSpent):
        services.finish_joining(token, now=clock.now)
    assert db.session.scalar(select(func.count(Account.id))) == 1


def test_a_link_works_for_a_day(app, clock):
    ask(clock)
    with pytest.raises(LinkSpent):
        services.finish_joining(token_of(letters_to(NEW)[0]), now=clock.advance(hours=24))


def test_a_link_nobody_sent_does_not_work(app, clock):
    with pytest.raises(LinkSpent):
        services.finish_joining("x" * 43, now=clock.now)


def test_a_second_letters_link_dies_with_the_first(app, clock):
    for number in (1, 2):
        ask(clock, form_id=f"form-{number}")
    first, second = map(token_of, letters_to(NEW))
    services.finish_joining(second, now=clock.now)
    with pytest.raises(LinkSpent):
        services.finish_joining(first, now=clock.now)
    assert db.session.scalars(select(OneTimeLink.password_hash)).all() == [None, None]


def test_two_tabs_at_once_make_one_account(app, clock):
    ask(clock)
    token = token_of(letters_to(NEW)[0])
    db.session.rollback()
    finished = in_threads(app, 8, lambda _: services.finish_joining(token, now=clock.now))
    assert sorted(type(each).__name__ for each in finished) == ["Joined"] + ["LinkSpent"] * 7
    assert db.session.scalar(select(func.count(Account.id))) == 1


def test_a_weak_password_stores_nothing(app, clock):
    with pytest.raises(WeakPassword):
        services.ask_to_join(NEW, "password1234", form_id="f", address="", now=clock.now)
    assert letters_to(NEW) == []


def test_five_letters_an_hour_to_one_address_from_one_place(app, clock):
    for number in range(5):
        ask(clock, form_id=f"form-{number}")
    with pytest.raises(TooManyTries, match="Wait an hour"):
        ask(clock, form_id="form-6")
    ask(clock, form_id="form-7", address="192.0.2.2")
    clock.now += timedelta(hours=1)
    ask(clock, form_id="form-8")


def test_twenty_accounts_an_hour_from_one_place(app, clock, monkeypatch):
    monkeypatch.setattr(joining, "hash_password", lambda password: "hash")
    for number in range(20):
        ask(clock, f"person{number}@example.test", form_id=f"form-{number}")
    with pytest.raises(TooManyTries):
        ask(clock, "one.more@example.test", form_id="form-more")
