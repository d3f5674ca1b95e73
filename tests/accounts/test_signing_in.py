"""Facts about signing in and out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cme import limits
from cme.accounts import services
from cme.accounts.models import Account, LoginSession
from cme.accounts.queries import hash_of, sign_ins_of, signed_in
from cme.accounts.rules import WrongSignIn
from cme.accounts.services import hashing, signing_in
from cme.database import db, transaction
from cme.errors import TooManyTries
from tests.factories import PASSWORD

HOME = "192.0.2.1"


def enter(clock, person, password: str = PASSWORD, *, keep: bool = False, address: str = HOME) -> str:
    email = person if isinstance(person, str) else person.email
    return services.sign_in(email, password, keep=keep, user_agent="Firefox", address=address, now=clock.now)


def test_the_right_password_opens_a_sign_in(app, clock, cast):
    sign_in_id = enter(clock, "ADA@Example.test")
    assert signed_in(sign_in_id, now=clock.now).id == cast.ada.id
    row = db.session.scalar(select(LoginSession))
    assert row.id_hash == hash_of(sign_in_id)
    assert len(sign_in_id) >= 43


def test_every_sign_in_has_an_id_of_its_own(app, clock, cast):
    assert enter(clock, cast.ada) != enter(clock, cast.ada)


@pytest.mark.parametrize(("email", "password"), [("ada@example.test", "wrong"), ("nobody@example.test", PASSWORD)])
def test_a_wrong_password_and_a_wrong_address_are_refused_alike(app, clock, cast, email, password):
    with pytest.raises(WrongSignIn, match="The email or the password is not right"):
        enter(clock, email, password)


@pytest.mark.parametrize("email", ["ada@example.test", "nobody@example.test"])
def test_as_much_is_hashed_without_an_account_as_with_one(app, clock, cast, monkeypatch, email):
    compared = []
    monkeypatch.setattr(signing_in, "is_password", lambda kept, password: compared.append(kept))
    with pytest.raises(WrongSignIn):
        enter(clock, email, "wrong")
    assert [hash_.split("$")[1] for hash_ in compared] == ["argon2id"]
    assert not hashing.is_outdated(hashing.NOBODYS)


def test_a_disabled_account_is_refused_like_a_wrong_password(app, clock, cast):
    disable(cast.ada)
    with pytest.raises(WrongSignIn):
        enter(clock, cast.ada)


def disable(person: Account) -> None:
    with transaction() as session:
        session.get_one(Account, person.id).status = "disabled"


def test_disabling_an_account_ends_its_sign_ins(app, clock, cast):
    sign_in_id = enter(clock, cast.ada)
    disable(cast.ada)
    assert signed_in(sign_in_id, now=clock.now) is None


def test_ten_failures_close_the_door_for_five_minutes(app, clock, cast):
    for _ in range(10):
        with pytest.raises(WrongSignIn):
            enter(clock, cast.ada, "wrong")
    with pytest.raises(TooManyTries):
        enter(clock, cast.ada)
    enter(clock, cast.ada, address="192.0.2.2")
    enter(clock, cast.nell)
    clock.advance(minutes=5)
    enter(clock, cast.ada)


def test_a_hundred_failures_from_everywhere_close_it_too(app, clock, cast, monkeypatch):
    monkeypatch.setattr(signing_in, "MOST_FROM_EVERYWHERE", 12)
    for number in range(12):
        with pytest.raises(WrongSignIn):
            enter(clock, cast.ada, "wrong", address=f"192.0.2.{number}")
    with pytest.raises(TooManyTries):
        enter(clock, cast.ada, address="198.51.100.1")


def test_successes_never_count(app, clock, cast):
    for _ in range(12):
        enter(clock, cast.ada)
    assert db.session.scalars(select(limits.Tries)).all() == []


def test_a_success_forgets_the_failures_before_it(app, clock, cast):
    for _ in range(2):
        for _ in range(9):
            with pytest.raises(WrongSignIn):
                enter(clock, cast.ada, "wrong")
        enter(clock, cast.ada)


def test_tries_at_the_same_time_are_counted_before_any_succeeds(app, clock, cast, monkeypatch):
    real = signing_in.is_password

    def slow(kept: str, password: str) -> bool:
        for _ in range(10):  # while this one is compared, ten others fail
            limits.count("sign-in", "ada@example.test", HOME, most=10, per=timedelta(minutes=5), now=clock.now)
        return real(kept, password)

    monkeypatch.setattr(signing_in, "is_password", slow)
    with pytest.raises(TooManyTries):
        enter(clock, cast.ada)


def test_an_old_hash_is_renewed_at_the_door(app, clock, cast):
    before = cast.ada.password_hash
    assert hashing.is_outdated(before)
    enter(clock, cast.ada)
    db.session.refresh(cast.ada)
    assert not hashing.is_outdated(cast.ada.password_hash)
    enter(clock, cast.ada)


def test_a_password_reset_in_the_same_moment_wins(app, clock, cast, monkeypatch):
    real = signing_in.hash_password

    def overtaken(password: str) -> str:
        with transaction() as session:
            session.get_one(Account, cast.ada.id).password_hash = real("another-password-now")
        return real(password)

    monkeypatch.setattr(signing_in, "hash_password", overtaken)
    with pytest.raises(WrongSignIn):
        enter(clock, cast.ada)
    assert sign_ins_of(cast.ada.id, now=clock.now) == []


def test_letters_with_accents_are_the_same_however_they_are_typed():
    kept = hashing.hash_password("caf\u00e9-lantern-otter")
    assert hashing.is_password(kept, "cafe\u0301-lantern-otter")
    assert not hashing.is_password(kept, "cafe-lantern-otter")
    assert not hashing.is_password(kept, "caf\u00e9-lantern-otter ")
    assert not hashing.is_password("", "caf\u00e9-lantern-otter")


@pytest.mark.parametrize(
    ("who", "keep", "idle", "total"),
    [("ada", False, 24, 24), ("ada", True, 24, 720), ("sam", True, 1, 12)],
)
def test_a_sign_in_ends_when_idle_and_at_last_anyway(app, clock, cast, who, keep, idle, total):
    start = clock.now
    sign_in_id = enter(clock, getattr(cast, who), keep=keep)
    short = timedelta(minutes=30)
    assert signed_in(sign_in_id, now=start + timedelta(hours=idle) - short)
    assert signed_in(sign_in_id, now=start + timedelta(hours=idle)) is None
    while clock.now < start + timedelta(hours=total) - short:
        person = signed_in(sign_in_id, now=clock.now)
        services.notice(sign_in_id, person.last_seen_at, now=clock.now)
        clock.now = min(clock.now + timedelta(hours=idle) - short, start + timedelta(hours=total) - short)
    assert signed_in(sign_in_id, now=clock.now)
    assert signed_in(sign_in_id, now=start + timedelta(hours=total)) is None


def test_presence_is_noticed_once_a_minute(app, clock, cast):
    sign_in_id, start = enter(clock, cast.ada), clock.now
    services.notice(sign_in_id, start, now=start + timedelta(seconds=59))
    assert db.session.scalar(select(LoginSession.last_seen_at)) == start
    services.notice(sign_in_id, start, now=start + timedelta(seconds=60))
    assert db.session.scalar(select(LoginSession.last_seen_at)) == start + timedelta(seconds=60)


def test_signing_out_ends_this_sign_in_only(app, clock, cast):
    here, there = enter(clock, cast.ada), enter(clock, cast.ada)
    services.sign_out(here, now=clock.now)
    assert signed_in(here, now=clock.now) is None
    assert signed_in(there, now=clock.now)


def test_signing_out_everywhere_else_keeps_this_one_and_other_people(app, clock, cast):
    here, there, nells = enter(clock, cast.ada), enter(clock, cast.ada), enter(clock, cast.nell)
    assert services.end_other_sign_ins(cast.ada.id, here, now=clock.now) == 1
    assert signed_in(there, now=clock.now) is None
    assert signed_in(here, now=clock.now)
    assert signed_in(nells, now=clock.now)
