"""Letters and jobs: written with the fact, done once, found again after a worker died."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from cme import jobs, mail, queue, settings
from cme.catalog.services import save_provider
from cme.database import db, transaction
from cme.mail import Letter
from cme.queue import DEAD, DONE, READY, RUNNING, Job, Schedule
from tests.test_database import in_threads


@pytest.fixture
def letter(app, cast, clock):
    """A letter waiting to be sent."""
    with transaction() as session:
        written = Letter(
            key="greeting:1",
            kind="accounts/greeting",
            account_id=cast.ada.id,
            to=cast.ada.email,
            subject="Good morning",
            text="Good morning.",
            html="<p>Good morning.</p>",
            message_id="<greeting.1@cme>",
            created_at=clock.now,
        )
        session.add(written)
        session.flush()
        queue.enqueue("send_letter", {"letter_id": written.id}, dedupe_key="letter:1", run_at=clock.now, lane=mail.LANE)
    return written


def the_job():
    return db.session.scalars(select(Job).execution_options(populate_existing=True)).one()


def test_a_letter_leaves_once(letter, outbox):
    for _ in range(3):
        jobs.sweep("worker")
    assert [m["Message-ID"] for m in outbox.sent] == ["<greeting.1@cme>"]
    assert the_job().state == DONE
    assert db.session.get(Letter, letter.id, populate_existing=True).sent_at


def test_the_sender_is_one_however_the_provider_is_called(app, letter, outbox, clock):
    called = replace(settings.provider(), name='Quill, Marrow & Sons "Seminars" <CME>')
    save_provider(called, version=0, by=None, now=clock.now)
    jobs.sweep("worker")
    [sender] = outbox.sent[0]["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (called.name, called.email)


def test_several_workers_send_it_once(app, letter, outbox):
    in_threads(app, 6, lambda index: jobs.do_jobs(f"worker-{index}", mail.LANE))
    assert len(outbox.sent) == 1


def test_a_letter_that_cannot_leave_waits_longer_each_time_and_then_for_staff(letter, outbox, clock):
    outbox.broken = True
    waits = []
    for _ in range(queue.MOST_ATTEMPTS):
        jobs.do_jobs("worker", mail.LANE)
        job = the_job()
        waits.append((job.run_at - clock.now).total_seconds())
        clock.now = job.run_at
    assert waits == sorted(waits)
    assert the_job().state == DEAD
    assert "The post is closed" in the_job().last_error
    outbox.broken = False
    with transaction():
        queue.retry(the_job(), now=clock.now)
    jobs.do_jobs("worker", mail.LANE)
    assert len(outbox.sent) == 1


def test_what_a_killed_worker_held_is_taken_up_after_its_lease(letter, outbox, clock):
    with transaction():
        queue.lease("killed", lane=mail.LANE, now=clock.now)
    assert the_job().state == RUNNING
    assert jobs.do_jobs("next", mail.LANE) == 0
    clock.advance(minutes=6)
    assert jobs.do_jobs("next", mail.LANE) == 1
    assert len(outbox.sent) == 1


def test_a_job_that_kills_every_worker_is_left_for_staff(letter, outbox, clock):
    for number in range(queue.MOST_ATTEMPTS):
        with transaction():
            assert queue.lease(f"victim-{number}", lane=mail.LANE, now=clock.now)
        clock.advance(minutes=6)
    assert jobs.do_jobs("next", mail.LANE) == 0
    assert (the_job().state, the_job().last_error) == (DEAD, "Its worker stopped every time.")
    assert outbox.sent == []


def test_a_worker_that_lost_its_lease_cannot_finish(letter, clock):
    with transaction():
        queue.lease("slow", lane=mail.LANE, now=clock.now)
    clock.advance(minutes=6)
    with transaction():
        queue.lease("quick", lane=mail.LANE, now=clock.now)
    with transaction():
        assert queue.finish(the_job().id, "slow", now=clock.now) is False
        assert queue.finish(the_job().id, "quick", now=clock.now) is True


def test_a_job_is_asked_for_once_per_key(app, clock):
    for _ in range(2):
        with transaction():
            queue.enqueue("send_letter", {"letter_id": 1}, dedupe_key="same", run_at=clock.now, lane=mail.LANE)
    assert the_job().state == READY


def test_a_letter_unwritten_with_its_fact_never_leaves(app, clock, outbox):
    with pytest.raises(ZeroDivisionError), transaction():
        queue.enqueue("send_letter", {"letter_id": 1}, dedupe_key="same", run_at=clock.now, lane=mail.LANE)
        raise ZeroDivisionError
    jobs.sweep("worker")
    assert outbox.sent == []


def test_the_clock_lets_one_runner_in(app, clock, monkeypatch):
    runs = []
    monkeypatch.setitem(jobs.SCHEDULE, "tidy", (timedelta(hours=6), lambda now: runs.append(now) or {}))
    in_threads(app, 5, lambda _: jobs.run_schedule("tidy"))
    assert len(runs) == 1
    clock.advance(hours=7)
    jobs.run_schedule("tidy")
    assert len(runs) == 2


def test_a_runner_that_died_is_replaced_after_its_lease(app, clock, monkeypatch):
    runs = []
    monkeypatch.setitem(jobs.SCHEDULE, "tidy", (timedelta(hours=6), lambda now: runs.append(now) or {}))
    with transaction() as session:
        session.add(Schedule(name="tidy", next_run_at=clock.now, lease_until=clock.now + queue.LEASE))
    jobs.run_schedule("tidy")
    assert runs == []
    clock.advance(minutes=6)
    jobs.run_schedule("tidy")
    assert len(runs) == 1


def test_a_sweep_says_what_another_runner_has(app, clock):
    with transaction() as session:
        session.add(Schedule(name="tidy", next_run_at=clock.now, lease_until=clock.now + queue.LEASE))
    assert [what for what in jobs.sweep("second") if what.startswith("tidy: another runner")]
    clock.advance(minutes=6)
    assert not [what for what in jobs.sweep("second") if what.startswith("tidy: another runner")]


def test_a_schedule_that_cannot_even_begin_is_logged_with_its_cause_and_the_worker_goes_on(app, monkeypatch, caplog):
    handlers, lanes = {}, []
    monkeypatch.setattr(jobs.signal, "signal", lambda number, handler: handlers.setdefault(number, handler))

    def cannot_begin(name):
        raise ConnectionError("the database is away")

    def stop_after(worker, lane, *, most):
        lanes.append(lane)
        handlers[jobs.signal.SIGTERM]()
        return 0

    monkeypatch.setattr(jobs, "run_schedule", cannot_begin)
    monkeypatch.setattr(jobs, "do_jobs", stop_after)
    jobs.work("worker")
    assert lanes == [jobs.LETTERS, jobs.PAPER]
    assert "the database is away" in caplog.text
