"""A thousand certificates printed and signed in one job on all processors: how fast, and how much memory it takes."""

import argparse
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from bench.certificate import snapshot
from bench.house import open_house
from cme import gateways
from cme.accounts.models import Account
from cme.credits.certificate import assets_of
from cme.credits.models import Award, Certificate, Claim, Document
from cme.credits.services import print_many
from cme.database import db, transaction
from cme.registration.models import CONFIRMED, Registration
from cme.values import CreditType, new_code
from tests import factories


def claimed(many: int, now: datetime) -> list[int]:
    """As many people who claimed at one seminar, with certificates that wait for the press."""
    held = factories.seminar(now=now, starts_in=-8, capacity=many)
    seminar, offering = held.id, held.offerings[0].id
    made = []
    with transaction() as session:
        for number in range(many):
            paper = snapshot(number)
            person = Account(
                email=f"p{number}@example.test",
                email_key=f"p{number}@example.test",
                professional_name=paper.professional_name,
                certification_type="md",
                password_hash="-",
                created_at=now,
                updated_at=now,
            )
            session.add(person)
            session.flush()
            place = Registration(
                ref=new_code(),
                account_id=person.id,
                seminar_id=seminar,
                offering_id=offering,
                status=CONFIRMED,
                tier="physician",
                list_minor=0,
                amount_due_minor=0,
                policy={"steps": []},
                created_at=now,
                confirmed_at=now,
            )
            award = Award(
                account_id=person.id,
                seminar_id=seminar,
                credit_type=CreditType.AMA_PRA_1,
                credits=375,
                maximum=400,
                awarded_at=now,
            )
            claim = Claim(
                registration=place,
                professional_name=paper.professional_name,
                certification_type="md",
                attestation="I attest.",
                attested_at=now,
                created_at=now,
                awards=[award],
            )
            waiting = Certificate(
                award=award,
                account_id=person.id,
                number=paper.number,
                code=paper.code,
                snapshot=paper.to_json(),
                snapshot_version=paper.version,
                template=f"v{paper.version}",
                assets=assets_of(paper.version),
                issued_at=now,
            )
            session.add_all([claim, waiting])
            made.append(waiting)
        session.flush()
        return [each.id for each in made]


def resident() -> int:
    """The memory of this process and of those it started, in MB."""
    total, mine = 0, {str(os.getpid())}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if status.parent.name in mine or told["PPid"].strip() in mine:
            total += int(told.get("VmRSS", "0 kB").split()[0])
    return total // 1024


def processor() -> float:
    """The seconds of processor time of this process and of those it started and saw end."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def main() -> None:
    """Print them all, and say the memory when a tenth was done and at the end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("many", nargs="?", type=int, default=1000)
    many, now = parser.parse_args().many, datetime.now(UTC) - timedelta(minutes=1)
    with open_house() as app, app.app_context():
        waiting, memory = claimed(many, now), {}
        db.session.remove()
        began, worked, wrong = time.perf_counter(), processor(), 0
        for done, each in enumerate(
            print_many(waiting, press=gateways.printer(), issuer=gateways.issuer(), now=now), 1
        ):
            wrong += each.error is not None
            if done in (many // 10, many):
                memory[done] = resident()
        took, each_took = time.perf_counter() - began, (processor() - worked) / many * 1000
        printed = db.session.scalar(select(func.count()).select_from(Document))
        db.session.rollback()
    first, last = memory.values()
    speed = f"{many / took:.1f} a second, {each_took:.0f} ms of processor time each"
    grown = f"memory {first} MB after a tenth, {last} MB at the end"
    where = f"on {os.cpu_count()} processors"
    print(
        f"printing: {printed} of {many} printed and signed in {took:.0f} s {where} ({speed}), {wrong} failed; {grown}"
    )


if __name__ == "__main__":
    main()
