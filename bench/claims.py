"""What a claim costs, what becomes of 200 at the same moment, and how long a transcript of 500 takes."""

import argparse
import statistics
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from bench.pages import alone
from bench.world import ENGINES, NOW, open_world
from cme.accounts.models import Account
from cme.catalog.models import Seminar
from cme.credits import invariants, services
from cme.credits.models import Award, Certificate, Claim, Evaluation
from cme.database import db, transaction
from cme.gateways.letters import missing_letters
from cme.registration.models import Attendance, Registration
from cme.values import CreditType, new_code
from tests import factories
from tests.browser import Browser, form_values, parse

EARLY, LATE = 100, 200  # claims one after the other, then claims at the same moment
KEPT, OPENED = 500, 100  # claims on one transcript, and how often it is opened
Post = Callable[[], int]


def attended(seminar: Seminar, people: int, now: datetime) -> list[tuple[int, str]]:
    """So many people who came to all of a seminar and evaluated it: the numbers of their accounts, and their refs."""
    long_ago, made = now - timedelta(days=30), []
    offering = seminar.offerings[0].id
    sessions = [(each.id, each.minutes) for each in seminar.sessions if each.counts]
    with transaction() as session:
        for number in range(people):
            name = f"{seminar.slug}-{number}@bench.test"
            person = Account(
                email=name,
                email_key=name,
                password_hash=factories.password_hash(),
                professional_name=f"Person {number}, MD",
                certification_type="md",
                created_at=long_ago,
                updated_at=long_ago,
            )
            session.add(person)
            session.flush()
            made.append(going(session, person.id, seminar.id, offering, sessions, long_ago))
    return made


def going(
    session: Any, person: int, seminar: int, offering: int, sessions: list[tuple[int, int]], now: datetime
) -> tuple[int, str]:
    """One person's place, attendance and evaluation."""
    place = Registration(
        ref=new_code(),
        account_id=person,
        seminar_id=seminar,
        offering_id=offering,
        status="confirmed",
        tier="physician",
        list_minor=0,
        amount_due_minor=0,
        policy={"steps": []},
        created_at=now,
        confirmed_at=now,
    )
    session.add(place)
    session.flush()
    for number, minutes in sessions:
        session.add(Attendance(registration_id=place.id, session_id=number, minutes=minutes, recorded_at=now))
    session.add(Evaluation(registration_id=place.id, answers={}, submitted_at=now))
    return person, place.ref


def signed_in(app: Flask, account_id: int) -> FlaskClient:
    """Somebody's browser; a copy of its cookies can be in several hands at once."""
    with app.app_context():
        browser = Browser(app).sign_in(db.session.get_one(Account, account_id))
    cookie, client = browser.client.get_cookie("session"), app.test_client()
    client.set_cookie("session", cookie.value if cookie else "")
    return client


def ready(app: Flask, account_id: int, ref: str) -> Post:
    """The last step's form in somebody's hands: how they send it, which answers with its status."""
    client, address = signed_in(app, account_id), f"/registrations/{ref}/claim"
    shown = client.get(f"{address}?step=attest")
    form = next(each for each in parse(shown.text).find("form") if each.find(name="attests"))
    sent, cookie = form_values(form) | {"attests": ["y"]}, client.get_cookie("session")

    def post() -> int:
        hand = app.test_client()
        hand.set_cookie("session", cookie.value if cookie else "")
        return hand.post(address, data=sent).status_code

    return post


def one_after_the_other(posts: list[Post]) -> list[float]:
    """How many ms each claim takes to be answered."""
    times = []
    for post in posts:
        began = time.perf_counter()
        if post() != 303:
            raise RuntimeError("A claim was refused.")
        times.append((time.perf_counter() - began) * 1000)
    return times


def at_the_same_moment(posts: list[Post]) -> float:
    """How many seconds it takes until everybody is answered, all of them having sent at once."""
    behind, answers = threading.Barrier(len(posts) + 1), []

    def send(post: Post) -> None:
        behind.wait()
        answers.append(post())

    threads = [threading.Thread(target=send, args=(post,)) for post in posts]
    for thread in threads:
        thread.start()
    behind.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if answers != [303] * len(posts):
        raise RuntimeError(f"Not everybody got a certificate: {answers}")
    return time.perf_counter() - began


def stored() -> dict[str, int]:
    """How many claims, awards and certificates there are."""
    return {
        model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in (Claim, Award, Certificate)
    }


def with_a_past(claims: int) -> int:
    """The number of somebody with so many claims of seven years."""
    person = factories.account("busy@bench.test", "Busy Person, MD", "md", now=NOW)
    for number in range(claims):
        held = factories.seminar(
            now=NOW, starts_in=-(number * 5 + 3), claim_window_days=4000, days=1, slug=f"past-{number}"
        )
        sessions = [(each.id, each.minutes) for each in held.sessions if each.counts]
        with transaction() as session:
            _, ref = going(session, person.id, held.id, held.offerings[0].id, sessions, held.starts_at)
        place = db.session.scalars(select(Registration.id).where(Registration.ref == ref)).one()
        services.claim_credit(
            place,
            {CreditType.AMA_PRA_1: held.designations[0].credits},
            attested=True,
            address="127.0.0.1",
            form_id=None,
            now=held.ends_at + timedelta(hours=1),
            may_print=missing_letters,
        )
    number = person.id
    db.session.remove()
    return number


def opened(client: FlaskClient, path: str, times: int) -> list[float]:
    """How many ms it takes to open a page, time after time."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        if client.get(path).status_code != 200:
            raise RuntimeError(f"{path} does not open.")
        found.append((time.perf_counter() - began) * 1000)
    return found


def p95(times: list[float]) -> float:
    """The time within which 95 of 100 are done."""
    return sorted(times)[int(len(times) * 0.95)]


def measure(engine: str, early: int, late: int, kept: int) -> str:
    """Every figure of one database, as a line of the README's table."""
    with open_world(engine, upcoming=50, past=50) as app:
        held = factories.seminar(now=NOW, starts_in=-5, capacity=early + late, slug="just-ended")
        people = attended(held, early + late, NOW)
        posts = alone(lambda: [ready(app, *each) for each in people])
        db.session.remove()
        each = alone(lambda: one_after_the_other(posts[:early]))
        took = at_the_same_moment([post for post in posts[early:] for _ in range(2)])  # everybody presses twice
        found = stored()
        broken = list(invariants.breaches(now=NOW))
        if broken or found != dict.fromkeys(found, early + late):
            raise RuntimeError(f"Claims were lost or doubled: {found} {broken[:3]}")
        busy = with_a_past(kept)
        page = alone(lambda: opened(signed_in(app, busy), "/transcript", OPENED))
    cells = [
        engine,
        f"{statistics.median(each):.0f} / {p95(each):.0f}",
        f"{late} of {late} in {took:.1f} s",
        f"{statistics.median(page):.0f} / {p95(page):.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure both databases and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--engine", choices=ENGINES, action="append")
    options.add_argument("--early", type=int, default=EARLY, help="claims one after the other")
    options.add_argument("--late", type=int, default=LATE, help="people who claim at the same moment")
    options.add_argument("--kept", type=int, default=KEPT, help="claims on the transcript")
    chosen = options.parse_args()
    print("| database | claim sent, ms, median / p95 | at the same moment, each sent twice | transcript, ms |")
    print("| --- | --- | --- | --- |")
    for engine in chosen.engine or ENGINES:
        print(measure(engine, chosen.early, chosen.late, chosen.kept), flush=True)


if __name__ == "__main__":
    main()
