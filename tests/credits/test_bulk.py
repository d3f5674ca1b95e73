"""All certificates of a seminar are printed and handed out at once; nobody is left out, or written to twice."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cme import gateways, jobs
from cme.catalog.models import Seminar
from cme.credits import invariants, queries
from cme.credits import services as credits
from cme.credits.archive import zipped
from cme.credits.models import VOID, Certificate, Document, PrintRun
from cme.credits.queries import bulk
from cme.credits.services import bulk as services
from cme.credits.services.reminding import remind_unclaimed, reminded_today
from cme.database import db, transaction
from cme.gateways.letters import missing_letters
from cme.mail import Letter
from cme.queue import DEAD, LEASE, Job
from cme.registration.models import Registration
from tests import factories
from tests.conftest import NOW


@pytest.fixture
def held(app: Flask, clock: Any) -> Seminar:
    """A seminar that ended last week."""
    return factories.seminar(now=clock.now, starts_in=-8, capacity=50)


def came(person: Any, at: Seminar, clock: Any, *, evaluated: bool = True) -> Registration:
    """Somebody who attended all of it."""
    made = factories.registration(person, at, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now)
    if evaluated:
        credits.submit_evaluation(made.id, {"overall": 5}, form_id=None, now=clock.now)
    return made


def claim_all(made: Registration, clock: Any) -> None:
    """Claim all that can be claimed."""
    case = queries.case_of(db.session.get_one(Registration, made.id), now=clock.now)
    asked = {kind: case.most(kind) for kind in list(case.limits)[:1]}
    told = {"attested": True, "address": "::1", "form_id": None, "now": clock.now, "may_print": missing_letters}
    credits.claim_credit(made.id, asked, **told)


def claimed(count: int, at: Seminar, clock: Any) -> list[Registration]:
    """People who claimed all there is."""
    made = []
    for number in range(count):
        name = f"Claimant {number} Ñandú, MD"
        person = factories.account(f"claimant{number}@example.test", name, "md", now=clock.now)
        made.append(came(person, at, clock))
        claim_all(made[-1], clock)
    return made


def start(at: Seminar, cast: SimpleNamespace, clock: Any, *, again: bool = False, form_id: str | None = None) -> str:
    return services.start_run(at.id, again=again, form_id=form_id, by=cast.sam, now=clock.now)


def only_runs() -> None:
    """Let nobody print but the run: the jobs of single certificates are taken away."""
    with transaction() as session:
        for job in session.scalars(select(Job).where(Job.kind == "print_certificate")):
            session.delete(job)


def run_of(ref: str) -> PrintRun:
    db.session.rollback()
    return db.session.scalars(select(PrintRun).where(PrintRun.ref == ref)).one()


def work() -> None:
    while jobs.do_jobs("tests", jobs.PAPER):
        pass


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


class Press:
    """A press that remembers what it printed, and can be made to fail or to be killed after some pages."""

    size = 2

    def __init__(self, *, dies_after: int = 10**6, fails_on: str = "\0") -> None:
        self.printed: list[str] = []
        self.dies_after, self.fails_on = dies_after, fails_on

    def many(self) -> AbstractContextManager["Press"]:
        return nullcontext(self)

    def render(self, html: str, attached: Any = ()) -> bytes:
        if self.fails_on in html:
            raise ValueError("The press is out of ink")
        self.printed.append(html)
        return b"%PDF-1.7 proof " + str(len(html)).encode()

    def close(self) -> None:
        """Nothing to stop."""


@pytest.fixture
def press(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Press:
    """The press of this test."""
    made = Press()
    monkeypatch.setattr(gateways, "printer", lambda: made)
    return made


# Printing


def test_a_run_prints_what_is_missing_batch_by_batch(
    held: Seminar, cast: SimpleNamespace, clock: Any, press: Press, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(services, "TOGETHER", 2)
    claimed(5, held, clock)
    only_runs()
    ref = start(held, cast, clock)
    assert (run_of(ref).total, run_of(ref).done) == (5, 0)
    assert jobs.do_jobs("tests", jobs.PAPER) == 1
    assert (run_of(ref).done, run_of(ref).finished_at) == (2, None)
    work()
    run = run_of(ref)
    assert (run.done, run.failed, run.finished_at) == (5, 0, clock.now)
    assert count(Document) == len(press.printed) == 5
    assert bulk.shelf_of(held.id) == bulk.Shelf(5, 5)
    assert list(invariants.breaches(now=clock.now)) == []


def test_what_is_printed_already_is_not_printed_again(held: Seminar, cast: SimpleNamespace, clock: Any, press: Press):
    claimed(3, held, clock)
    assert jobs.do_jobs("tests", jobs.PAPER, most=2) == 2
    only_runs()
    start(held, cast, clock)
    work()
    assert len(press.printed) == 3


def test_a_killed_worker_s_batch_is_taken_up_again_and_counted_once(
    held: Seminar, cast: SimpleNamespace, clock: Any, press: Press, monkeypatch: pytest.MonkeyPatch
):
    claimed(4, held, clock)
    only_runs()
    ref = start(held, cast, clock)
    monkeypatch.setattr(services, "STEP", 1)

    class Killed(BaseException):
        """The worker is gone."""

    def cut_off(ids: Any, **more: Any) -> Iterator[Any]:
        for number, each in enumerate(printing(ids, **more)):
            if number == 2:
                raise Killed
            yield each

    printing = services.print_many
    with monkeypatch.context() as broken:
        broken.setattr(services, "print_many", cut_off)
        with pytest.raises(Killed):
            jobs.do_jobs("first", jobs.PAPER)
    db.session.rollback()
    assert (run_of(ref).done, run_of(ref).finished_at) == (2, None)
    assert bulk.is_alive(run_of(ref))
    clock.advance(seconds=LEASE.total_seconds() + 1)
    work()
    run = run_of(ref)
    assert (run.done, run.failed, run.finished_at) == (4, 0, clock.now)
    assert count(Document) == len(press.printed) == 4


def test_one_that_fails_stops_no_other_and_is_named(held: Seminar, cast: SimpleNamespace, clock: Any, press: Press):
    claimed(3, held, clock)
    only_runs()
    press.fails_on = "Claimant 1 "
    ref = start(held, cast, clock)
    work()
    run = run_of(ref)
    assert (run.done, run.failed, run.total) == (2, 1, 3)
    [failure] = bulk.failures_of(run)
    assert "out of ink" in failure.why
    press.fails_on = "\0"
    again = start(held, cast, clock)
    work()
    assert again != ref
    assert (run_of(again).done, run_of(again).failed) == (3, 0)


def test_printing_again_compares_and_keeps_the_first_print(
    held: Seminar, cast: SimpleNamespace, clock: Any, press: Press
):
    claimed(3, held, clock)
    work()
    kept = db.session.scalars(select(Document.content).order_by(Document.id)).all()
    with transaction() as session:
        session.scalars(select(Document).order_by(Document.id)).first().unsigned_sha256 = "0" * 64
    ref = start(held, cast, clock, again=True)
    work()
    run = run_of(ref)
    assert (run.done, run.failed, run.is_reprint) == (2, 1, True)
    assert "PrintDiffers" in bulk.failures_of(run)[0].why
    assert db.session.scalars(select(Document.content).order_by(Document.id)).all() == kept


def test_one_run_at_a_time_and_the_same_form_once(held: Seminar, cast: SimpleNamespace, clock: Any, press: Press):
    claimed(1, held, clock)
    first = start(held, cast, clock, form_id="f" * 20)
    assert start(held, cast, clock, form_id="f" * 20) == first
    assert start(held, cast, clock, again=True, form_id="g" * 20) == first
    work()
    assert start(held, cast, clock, form_id="f" * 20) == first
    with pytest.raises(services.NothingToPrint, match="printed already"):
        start(held, cast, clock)


def test_a_run_whose_job_was_given_up_does_not_block_the_next(
    held: Seminar, cast: SimpleNamespace, clock: Any, press: Press
):
    claimed(1, held, clock)
    only_runs()
    ref = start(held, cast, clock)
    with transaction() as session:
        session.scalars(select(Job).where(Job.kind == services.KIND)).one().state = DEAD
    assert not bulk.is_alive(run_of(ref))
    assert start(held, cast, clock) != ref
    assert run_of(ref).finished_at is not None


def test_what_is_withdrawn_or_issued_meanwhile_does_not_upset_the_count(
    held: Seminar, cast: SimpleNamespace, clock: Any, press: Press
):
    [first, *_] = claimed(2, held, clock)
    only_runs()
    ref = start(held, cast, clock)
    with transaction() as session:
        claim = queries.current_claim(first.id)
        assert claim is not None
        for award in claim.awards:
            session.get_one(Certificate, award.certificate.id).status = VOID
    work()
    run = run_of(ref)
    assert (run.done, run.total, run.finished_at) == (1, 1, clock.now)


def test_what_was_issued_after_asking_is_for_the_next_run(
    held: Seminar, cast: SimpleNamespace, clock: Any, press: Press
):
    claimed(1, held, clock)
    only_runs()
    ref = start(held, cast, clock)
    claim_all(came(cast.ada, held, clock), clock)
    only_runs()
    work()
    assert (run_of(ref).done, len(press.printed), bulk.shelf_of(held.id).missing) == (1, 1, 1)


def test_whoever_lost_the_job_neither_ends_the_run_nor_goes_on_with_it(
    held: Seminar, cast: SimpleNamespace, clock: Any, press: Press
):
    claimed(1, held, clock)
    only_runs()
    ref = start(held, cast, clock)
    payload = db.session.scalars(select(Job.payload).where(Job.kind == services.KIND)).one()
    services.go_on_printing(payload, press=press, issuer=gateways.issuer(), finish=lambda: False, now=clock.now)
    assert run_of(ref).finished_at is None
    assert count(Document) == 1
    work()
    assert (run_of(ref).done, run_of(ref).finished_at) == (1, clock.now)


def test_nothing_is_asked_for_where_there_is_nothing(held: Seminar, cast: SimpleNamespace, clock: Any):
    with pytest.raises(services.NothingToPrint, match="No certificate"):
        start(held, cast, clock, again=True)
    assert count(PrintRun) == count(Job) == 0


# The archive


def test_the_archive_holds_every_printed_certificate_and_a_list(
    held: Seminar, cast: SimpleNamespace, clock: Any, press: Press
):
    claimed(3, held, clock)
    work()
    archive = zipfile.ZipFile(io.BytesIO(b"".join(zipped(bulk.papers_of(held.id)))))
    assert archive.testzip() is None
    rows = list(csv.DictReader(io.StringIO(archive.read("certificates.csv").decode("utf-8-sig"))))
    numbers = set(db.session.scalars(select(Certificate.number)))
    assert {row["Number"] for row in rows} == numbers
    assert {row["Name"] for row in rows} == {f"Claimant {number} Ñandú, MD" for number in range(3)}
    stored = set(db.session.scalars(select(Document.content)))
    assert {archive.read(row["File"]) for row in rows} == stored
    assert all(row["File"].startswith("Claimant-") and row["File"].isascii() for row in rows)


def test_a_name_cannot_lead_out_of_the_folder_or_be_run():
    assert bulk.file_name("../../etc/passwd") == "etc-passwd"
    assert bulk.file_name("C:\\x\0") == "C-x"
    assert bulk.file_name("نور") == "certificate"


def test_the_archive_is_never_whole_in_memory():
    size, number = 400_000, 60
    papers = (
        bulk.Paper(f"{each}.pdf", "N", "=cmd", "Certificate", "1.00", "", NOW, bytes(size)) for each in range(number)
    )
    tracemalloc.start()
    total = sum(len(piece) for piece in zipped(papers))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > size * number
    assert most < size * 6


# Reminding


def test_whoever_can_claim_and_has_not_is_written_to_once_in_a_day(held: Seminar, cast: SimpleNamespace, clock: Any):
    claimed(1, held, clock)
    came(cast.ada, held, clock)
    came(cast.nell, held, clock, evaluated=False)
    came(cast.noah, held, clock)
    factories.registration(cast.otto, held, now=clock.now)  # never came
    found = bulk.unclaimed(held.id, now=clock.now)
    assert [(each.registration.account.email, each.lacks) for each in found] == [
        ("ada@example.test", bulk.CLAIM),
        ("nell@example.test", bulk.EVALUATION),
        ("noah@example.test", bulk.DETAILS),
    ]
    assert remind_unclaimed(held.id, by=cast.sam, now=clock.now) == 3
    assert remind_unclaimed(held.id, by=cast.sam, now=clock.now) == 0
    assert reminded_today(held.id, now=clock.now) == {each.registration.id for each in found}
    clock.advance(days=1)
    assert reminded_today(held.id, now=clock.now) == set()
    assert remind_unclaimed(held.id, by=cast.sam, now=clock.now) == 3
    letters = db.session.scalars(select(Letter).where(Letter.kind == "credits/claim_reminder")).all()
    assert len(letters) == 6
    assert all(f"/registrations/{each.registration.ref}/claim" in letters[at].text for at, each in enumerate(found))


def test_nobody_is_reminded_of_what_cannot_be_claimed(held: Seminar, cast: SimpleNamespace, clock: Any):
    came(cast.ada, held, clock)
    clock.advance(days=61)
    assert bulk.unclaimed(held.id, now=clock.now) == []
    assert remind_unclaimed(held.id, by=cast.sam, now=clock.now) == 0


def test_a_claim_made_in_the_same_moment_is_not_reminded(
    held: Seminar, cast: SimpleNamespace, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    [made] = claimed(1, held, clock)
    late = bulk.Unclaimed(db.session.get_one(Registration, made.id), bulk.CLAIM, None)
    monkeypatch.setattr(bulk, "unclaimed", lambda seminar_id, now: [late])
    assert remind_unclaimed(held.id, by=cast.sam, now=clock.now) == 0
