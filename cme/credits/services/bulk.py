"""Printing all certificates of a seminar: one job after the other, each of some dozens, so that none is lost."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cme import audit
from cme.catalog.models import Seminar
from cme.credits.models import Certificate, PrintRun
from cme.credits.queries import bulk
from cme.credits.services.credentials import Issuer
from cme.credits.services.printing import Printer, print_many
from cme.database import db, lock, refusing, retried, transaction
from cme.errors import Refusal
from cme.queue import enqueue
from cme.values import new_code

TOGETHER = 250  # certificates in one job: well within its lease, and worth the second that several presses need to warm
STEP = 20  # certificates after which the bar moves
KIND, LANE = "print_run", "paper"


class NothingToPrint(Refusal):
    """There is no certificate, or none that is not printed."""

    message = "There is nothing to print: every certificate of this seminar is printed already."


class RunSentAlready(Refusal):
    """Two of staff sent it in the same moment."""

    message = "Printing was asked for in the same moment. Open the page again to see how far it is."


@retried
def start_run(seminar_id: int, *, again: bool, form_id: str | None, by: Any, now: datetime) -> str:
    """Ask for the printing of all certificates, or of those not printed yet; one run at a time.

    Printing again compares each with the one that was issued; what is handed out stays the first print.
    """
    with transaction():
        lock(Seminar, seminar_id)
        known = db.session.scalar(select(PrintRun).where(PrintRun.form_id == form_id)) if form_id else None
        if known is not None:
            return known.ref
        open_ones = select(PrintRun).where(PrintRun.seminar_id == seminar_id, PrintRun.finished_at.is_(None))
        for run in db.session.scalars(open_ones.with_for_update()):
            if bulk.is_alive(run):
                return run.ref
            run.finished_at = now  # its job was given up
        shelf = bulk.shelf_of(seminar_id)
        if not (shelf.issued if again else shelf.missing):
            raise NothingToPrint("No certificate of this seminar counts yet." if not shelf.issued else None)
        run = PrintRun(
            seminar_id=seminar_id,
            ref=new_code(),
            is_reprint=again,
            total=shelf.issued,
            asked_by=by.id,
            asked_at=now,
            form_id=form_id,
        )
        db.session.add(run)
        with refusing(uq_print_run_form_id=RunSentAlready):
            db.session.flush()
        _ask(run, 0, bulk.last_certificate(seminar_id), now)
        audit.record(by, "asked for printing", run, at=now, seminar=seminar_id, total=run.total, again=again)
        return run.ref


def _ask(run: PrintRun, after: int, last: int, now: datetime) -> None:
    # With the count as it stands: whoever takes the job over counts from there, not from where another was killed.
    payload = {"run_id": run.id, "after": after, "last": last, "done": run.done or 0, "failed": run.failed or 0}
    enqueue(KIND, payload, dedupe_key=bulk.job_key(run.ref, after), run_at=now, lane=LANE)


def go_on_printing(
    payload: Mapping[str, int],
    *,
    press: Printer,
    issuer: Issuer,
    finish: Callable[[], bool],
    now: datetime,
) -> None:
    """Print the next certificates of a run and ask for those after them.

    Done twice, because a worker was killed in the middle, what is printed already is not printed again, and only the
    one who can close the job goes on from it.
    """
    run_id, last, done, failed = (payload[name] for name in ("run_id", "last", "done", "failed"))
    run = db.session.get_one(PrintRun, run_id)
    found = bulk.certificates_after(run.seminar_id, payload["after"], last=last, most=TOGETHER)
    todo = [number for number, is_printed in found if run.is_reprint or not is_printed]
    done += len(found) - len(todo)
    db.session.rollback()
    wrong: dict[int, Exception] = {}
    for count, each in enumerate(print_many(todo, press=press, issuer=issuer, now=now), start=1):
        if each.error is None:
            done += 1
        else:
            wrong[each.certificate_id] = each.error
        if count % STEP == 0:
            _move_bar(run_id, done, failed + len(wrong))
    with transaction():
        run = lock(PrintRun, run_id)
        if not finish():
            return
        _count(run, done, failed + len(wrong))
        if len(found) == TOGETHER:
            _ask(run, found[-1][0], last, now)
        else:
            # What was withdrawn meanwhile was not printed, and what was issued meanwhile is for the next run.
            run.finished_at, run.total = now, run.done + run.failed
        for number, error in wrong.items():
            certificate = db.session.get_one(Certificate, number)
            why = f"{type(error).__name__}: {error}"[:200]
            facts: dict[str, Any] = {"number": certificate.number, "run": run.ref, "why": why}
            audit.record(audit.SYSTEM, bulk.NOT_PRINTED, certificate, at=now, **facts)
        if run.finished_at is not None:
            audit.record(audit.SYSTEM, "printed", run, at=now, done=run.done, failed=run.failed)


def _move_bar(run_id: int, done: int, failed: int) -> None:
    with transaction():
        _count(lock(PrintRun, run_id), done, failed)


def _count(run: PrintRun, done: int, failed: int) -> None:
    # A certificate corrected while the others print is two: the bar never goes beyond its end for that.
    run.failed = min(failed, run.total)
    run.done = min(done, run.total - run.failed)
