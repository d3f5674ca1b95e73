"""Facts about forgotten, reset and changed passwords."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cme import audit, queue
from cme.accounts import emails, services
from cme.accounts.models import OneTimeLink
from cme.accounts.queries import signed_in
from cme.accounts.rules import LinkSpent, WeakPassword, WrongPassword, WrongSignIn
from cme.database import db
from cme.errors import TooManyTries
from tests.accounts.letters import letters_to, token_of
from tests.accounts.test_signing_in import HOME, disable, enter
from tests.factories import PASSWORD

NEW = "lantern-otter-basalt"
STRANGER = "stranger@example.test"


def ask(clock, email: str, form_id: str = "form-1", address: str = HOME) -> None:
    services.ask_for_reset(email, form_id=form_id, address=address, now=clock.now)


def reset_token(clock, person, form_id: str = "form-1") -> str:
    ask(clock, person.email, form_id)
    return token_of(letters_to(person.email)[-1])


def test_the_owner_gets_a_link_and_a_stranger_nothing(app, clock, cast):
    ask(clock, "ADA@example.test")
    [letter] = letters_to(cast.ada.email)
    assert "http://localhost/reset-password/" in letter.text
    ask(clock, STRANGER, "form-2")
    assert letters_to(STRANGER) == []
    assert db.session.scalar(select(func.count(queue.Job.id))) == 1


def test_a_strangers_letter_is_written_and_torn_up(app, clock, cast, monkeypatch):
    written = []
    real = emails.write_letter
    monkeypatch.setattr(
        emails, "write_letter", lambda *args, **words: written.append(words["to"]) or real(*args, **words)
    )
    for email in (cast.ada.email, STRANGER):
        ask(clock, email, f"form-{email}")
    assert written == [cast.ada.email, STRANGER]
    assert db.session.scalar(select(func.count(OneTimeLink.id))) == 2


def test_a_disabled_account_is_a_stranger(app, clock, cast):
    disable(cast.ada)
    ask(clock, cast.ada.email)
    assert letters_to(cast.ada.email) == []


def test_five_letters_a_day_and_then_silence(app, clock, cast):
    for number in range(7):
        ask(clock, cast.ada.email, f"form-{number}", f"192.0.2.{number}")
    assert len(letters_to(cast.ada.email)) == 5
    clock.advance(days=1)
    ask(clock, cast.ada.email, "form-8")
    assert len(letters_to(cast.ada.email)) == 6


def test_twenty_letters_an_hour_from_one_place(app, clock):
    for number in range(20):
        ask(clock, f"person{number}@example.test", f"form-{number}")
    with pytest.raises(TooManyTries, match="Wait an hour"):
        ask(clock, STRANGER, "form-more")


def test_sending_the_form_twice_sends_one_letter(app, clock, cast):
    ask(clock, cast.ada.email)
    ask(clock, cast.ada.email)
    assert len(letters_to(cast.ada.email)) == 1


def test_a_reset_replaces_the_password_and_ends_every_sign_in(app, clock, cast):
    before = enter(clock, cast.ada)
    services.reset_password(reset_token(clock, cast.ada), NEW, now=clock.now)
    assert signed_in(before, now=clock.now) is None
    with pytest.raises(WrongSignIn):
        enter(clock, cast.ada)
    assert enter(clock, cast.ada, NEW)
    assert letters_to(cast.ada.email)[-1].subject == "Your password was changed"
    assert "reset password" in db.session.scalars(select(audit.AuditEntry.action)).all()


def test_a_reset_opens_a_door_closed_by_failures(app, clock, cast, monkeypatch):
    monkeypatch.setattr(services.signing_in, "MOST_FROM_EVERYWHERE", 3)
    for _ in range(3):
        with pytest.raises(WrongSignIn):
            enter(clock, cast.ada, "wrong", address="198.51.100.1")
    services.reset_password(reset_token(clock, cast.ada), NEW, now=clock.now)
    assert enter(clock, cast.ada, NEW)


def test_a_reset_link_works_once_and_takes_the_others_with_it(app, clock, cast):
    first, second = reset_token(clock, cast.ada), reset_token(clock, cast.ada, "form-2")
    services.reset_password(first, NEW, now=clock.now)
    for spent in (first, second):
        with pytest.raises(LinkSpent):
            services.reset_password(spent, "another-otter-basalt", now=clock.now)
    assert enter(clock, cast.ada, NEW)


def test_a_reset_link_works_for_an_hour(app, clock, cast):
    token = reset_token(clock, cast.ada)
    with pytest.raises(LinkSpent):
        services.reset_password(token, NEW, now=clock.now + timedelta(hours=1))


def test_a_strangers_link_changes_nothing(app, clock):
    token = services.links.new_link("reset", form_id="f", now=clock.now)
    db.session.flush()
    with pytest.raises(LinkSpent):
        services.reset_password(token, NEW, now=clock.now)


def test_a_weak_password_leaves_the_link_working(app, clock, cast):
    token = reset_token(clock, cast.ada)
    with pytest.raises(WeakPassword):
        services.reset_password(token, "password1234", now=clock.now)
    services.reset_password(token, NEW, now=clock.now)


def test_a_link_to_join_cannot_reset(app, clock, cast):
    services.ask_to_join(STRANGER, NEW, form_id="form-join", address=HOME, now=clock.now)
    with pytest.raises(LinkSpent):
        services.reset_password(token_of(letters_to(STRANGER)[0]), NEW, now=clock.now)


def test_changing_the_password_keeps_this_sign_in_and_ends_the_others(app, clock, cast):
    here, there = enter(clock, cast.ada), enter(clock, cast.ada)
    services.change_password(cast.ada.id, PASSWORD, NEW, sign_in_id=here, address=HOME, now=clock.now)
    assert signed_in(here, now=clock.now)
    assert signed_in(there, now=clock.now) is None
    assert enter(clock, cast.ada, NEW)
    assert [letter.subject for letter in letters_to(cast.ada.email)] == ["Your password was changed"]


def test_changing_the_password_takes_the_current_one(app, clock, cast):
    here = enter(clock, cast.ada)
    with pytest.raises(WrongPassword):
        services.change_password(cast.ada.id, "wrong", NEW, sign_in_id=here, address=HOME, now=clock.now)
    assert enter(clock, cast.ada, PASSWORD)
    assert letters_to(cast.ada.email) == []


def test_guessing_the_current_password_is_limited_too(app, clock, cast):
    for _ in range(10):
        with pytest.raises(WrongPassword):
            services.change_password(cast.ada.id, "wrong", NEW, sign_in_id=None, address=HOME, now=clock.now)
    with pytest.raises(TooManyTries):
        services.change_password(cast.ada.id, PASSWORD, NEW, sign_in_id=None, address=HOME, now=clock.now)
