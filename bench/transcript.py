"""What a transcript of 500 claims costs: as a page and as files on both databases, and on paper."""

import argparse
import gc
import time
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert, select

from bench.house import open_house
from bench.world import ENGINES, NOW, open_world
from cme.catalog.models import Offering, Seminar
from cme.credits import certificate
from cme.credits.models import Award, Certificate, Claim
from cme.credits.services import transcripts
from cme.database import db, transaction
from cme.registration.models import Registration
from cme.values import Credits, new_code, new_number
from tests import factories
from tests.browser import Browser

CLAIMS, ENTRIES, ROUNDS = 500, 50, 60
TOPICS = (
    "Of these, 1.0 hour on medical errors, 2.0 hours on opioids and other substance use disorders; "
    "confirm with your board."
)


def fill() -> Any:
    """Let one physician claim at 500 seminars over twenty-five years, enter more, and have goals."""
    person = factories.account("ada@bench.test", "Ada Quill, MD", "md", now=NOW)
    seminar = factories.seminar(now=NOW, slug="bench-transcript", starts_in=-400)
    columns = {
        column.name: getattr(seminar, column.name) for column in Seminar.__table__.columns if column.name != "id"
    }
    offer = {c.name: getattr(seminar.offerings[0], c.name) for c in Offering.__table__.columns if c.name != "id"}
    with transaction() as session:
        for number in range(CLAIMS):
            first = date(2003, 1, 6) + timedelta(days=18 * number)
            days = {"slug": f"bench-{number}", "starts_on": first, "ends_on": first + timedelta(days=2)}
            held = session.scalars(insert(Seminar).values(columns | days).returning(Seminar.id)).one()
            offering = session.scalars(
                insert(Offering).values(offer | {"seminar_id": held}).returning(Offering.id)
            ).one()
            made = Registration(ref=new_code(), account_id=person.id, seminar_id=held, offering_id=offering)
            made.status, made.tier, made.list_minor, made.amount_due_minor = "confirmed", "physician", 0, 0
            made.policy, made.created_at = {"steps": []}, NOW
            session.add(made)
            session.flush()
            _claim(made, number, person.id, held)
    for number in range(ENTRIES):
        values = transcripts.ExternalValues(f"Elsewhere {number}", date(2025, 1, 1), "ama-pra-1", 100)
        transcripts.add_external(person.id, values, form_id=None, now=NOW, may_print=lambda _: ())
    goal = transcripts.GoalValues("Licence", date(2028, 1, 31), 4000, None, date(2026, 2, 1), {"opioids": 120})
    for _ in range(3):
        transcripts.add_goal(person.id, goal, form_id=None, now=NOW)
    return person


def _claim(made: Registration, number: int, account_id: int, seminar_id: int) -> None:
    claim = Claim(
        registration_id=made.id,
        professional_name="Ada Quill, MD",
        certification_type="md",
        attestation="I attest",
        attested_at=NOW,
        created_at=NOW,
    )
    award = Award(
        account_id=account_id,
        seminar_id=seminar_id,
        credit_type="ama-pra-1",
        credits=1475,
        maximum=1600,
        awarded_at=NOW,
    )
    claim.awards = [award]
    words = certificate.compose(
        kind=certificate.CREDIT,
        professional_name="Ada Quill, MD",
        provider_name="Gulf Coast Medical Seminars",
        activity_title=f"Cardiology for Primary Care, part {number}",
        learning_format="live activity",
        dates="",
        designated=Credits(1600),
        claimed=Credits(1475),
        accreditation_statement="Accredited. " * 20,
        designation_statement="Designated. " * 20,
        topic_lines=[TOPICS] if number % 3 == 0 else [],
        signatory_name="Odalys Venn-Whitaker, MD",
        signatory_title="Course director",
        issued_on=NOW.date(),
        number=f"GCMS-{new_number()}",
        code=new_code(),
        public_url="https://example.test",
    )
    db.session.add(claim)
    db.session.flush()
    db.session.add(
        Certificate(
            award_id=award.id,
            account_id=account_id,
            number=words.number,
            code=words.code,
            snapshot=words.to_json(),
            snapshot_version=words.version,
            template=f"v{words.version}",
            issued_at=NOW,
        )
    )


def measure(app: Flask, path: str, rounds: int) -> tuple[float, float, float, int]:
    """The median and the 95th percentile of a visit's time, its CPU at the median, and its size."""
    browser = Browser(app).sign_in(_person())
    times, spent = [], []
    size = 0
    for turn in range(rounds + 3):
        if turn == 3:
            gc.collect()
            gc.freeze()  # as wsgi.py does
        began, used = time.perf_counter(), time.process_time()
        answer = browser.client.get(path)
        times.append((time.perf_counter() - began) * 1000)
        spent.append((time.process_time() - used) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        size = len(answer.data)
    times, spent = sorted(times[3:]), sorted(spent[3:])
    return times[len(times) // 2], times[int(len(times) * 0.95)], spent[len(spent) // 2], size


def _person() -> Any:
    from cme.accounts.models import Account

    return db.session.scalars(select(Account).where(Account.email == "ada@bench.test")).one()


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = asked.parse_args().rounds
    print(f"A transcript of {CLAIMS} claims, {ENTRIES} entries and 3 goals: ms at the median, at p95, of CPU; KB")
    for engine in ENGINES:
        with open_world(engine, upcoming=5, past=5) as app, app.app_context():
            fill()
            for path in ("/transcript", "/transcript?year=2010", "/transcript.csv", "/transcript.json"):
                median, slow, cpu, size = measure(app, path, rounds)
                print(f"  {engine:<11} {path:<24} {median:7.1f} {slow:7.1f} {cpu:7.1f} {size / 1024:7.0f}")
    with open_house() as app, app.app_context():
        fill()
        median, slow, cpu, size = measure(app, "/transcript.pdf", 1)
        print(f"  {'sqlite':<11} {'/transcript.pdf':<24} {median:7.0f} {slow:7.0f} {'':7} {size / 1024:7.0f}")


if __name__ == "__main__":
    main()
