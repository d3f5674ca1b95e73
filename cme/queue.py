"""The job queue: a promise to act, written with the fact it follows from and kept by a worker that may be killed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, and_, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from cme.database import Base, Row, db, insert, rows

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 5
READY, RUNNING, DONE, DEAD = "ready", "running", "done", "dead"


class Job(Row):
    """One thing to do outside the transaction that asked for it."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('ready', 'running', 'done', 'dead')", name="state"),
        Index("ix_job_due", "lane", "state", "run_at"),
    )

    kind: Mapped[str] = mapped_column(String(40))
    lane: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    run_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default=READY)
    worker: Mapped[str | None] = mapped_column(String(60))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None]


class Schedule(Base):
    """A job the clock asks for; its row is the lock that lets one runner in at a time."""

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    next_run_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    last_run_at: Mapped[datetime | None]
    last_result: Mapped[dict[str, Any] | None] = mapped_column(JSON)


def enqueue(kind: str, payload: Mapping[str, Any], *, dedupe_key: str, run_at: datetime, lane: str) -> None:
    """Ask for a job, once per key, inside the transaction that gives the reason."""
    values = {"kind": kind, "payload": dict(payload), "dedupe_key": dedupe_key, "run_at": run_at, "lane": lane}
    db.session.execute(insert(Job).values(state=READY, attempts=0, **values).on_conflict_do_nothing())


def lease(worker: str, *, lane: str, now: datetime, most: int = 10) -> list[Job]:
    """Take due jobs, and those whose worker went silent, for this worker; needs a transaction around it."""
    # A job that kills whoever takes it never reports a failure: it is left for staff like one that failed.
    went_silent = and_(Job.lane == lane, Job.state == RUNNING, Job.lease_until < now)
    given_up = update(Job).where(went_silent, Job.attempts >= MOST_ATTEMPTS)
    db.session.execute(given_up.values(state=DEAD, lease_until=None, last_error="Its worker stopped every time."))
    due = or_(and_(Job.state == READY, Job.run_at <= now), and_(Job.state == RUNNING, Job.lease_until < now))
    chosen = select(Job.id).where(Job.lane == lane, due).order_by(Job.run_at, Job.id).limit(most)
    ids = list(db.session.scalars(chosen.with_for_update(skip_locked=True)))
    if ids:
        db.session.execute(
            update(Job)
            .where(Job.id.in_(ids))
            .values(state=RUNNING, worker=worker, lease_until=now + LEASE, attempts=Job.attempts + 1)
        )
    return list(db.session.scalars(select(Job).where(Job.id.in_(ids)).order_by(Job.run_at, Job.id)))


def finish(job_id: int, worker: str, *, now: datetime) -> bool:
    """Close a job together with its effect; False when the lease was lost to another worker."""
    closed = db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == RUNNING, Job.worker == worker)
        .values(state=DONE, done_at=now, lease_until=None, last_error=None)
    )
    return rows(closed) == 1


def fail(job_id: int, worker: str, error: str, *, now: datetime) -> None:
    """Put a job back for later, twice as late each time; after five tries leave it for staff."""
    job = db.session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None or job.state != RUNNING or job.worker != worker:
        return
    job.last_error = error[:2000]
    job.lease_until = None
    job.state = DEAD if job.attempts >= MOST_ATTEMPTS else READY
    job.run_at = now + timedelta(seconds=15 * 2**job.attempts)


def retry(job: Job, *, now: datetime) -> None:
    """Give a dead job another five tries."""
    job.state, job.attempts, job.run_at = READY, 0, now
