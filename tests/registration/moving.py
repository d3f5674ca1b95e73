"""Ways to move that many facts begin with."""

from typing import Any

from sqlalchemy import select

from cme.catalog.models import Offering
from cme.database import db
from cme.registration import checkout, funds, moving, queries, services
from cme.registration.models import Refund, Registration
from cme.registration.services.moves import Moved
from tests import factories
from tests.registration.conftest import Desk

PRICES = {"physician": 109500, "clinician": 89500, "trainee": 59500}


def prices(physician: int) -> dict[str, int]:
    """Tuition of another height for physicians."""
    return {**PRICES, "physician": physician}


def other(desk: Desk, physician: int = 109500, **more: Any) -> Offering:
    """A way to attend another seminar."""
    more = {"starts_in": 90, "prices": prices(physician), **more}
    return factories.seminar(now=desk.clock.now, title="Endocrinology by the Sea", **more).offerings[0]


def way(seminar: Any, mode: str) -> Offering:
    """One way to attend a seminar."""
    return next(each for each in seminar.offerings if each.mode == mode)


def two_ways(desk: Desk, in_person: int = 109500, livestream: int = 79500, **more: Any) -> Any:
    """A seminar in person and by livestream, each at its price for physicians."""
    more = {"starts_in": 60, "modes": ("in-person", "livestream"), "prices": prices(in_person), **more}
    made = desk.open(**more)
    tier = next(each for each in way(made, "livestream").tiers if each.tier == "physician")
    tier.amount_minor = livestream
    db.session.commit()
    return made


def sum_of(desk: Desk, old: Registration, offering: Offering) -> int:
    """What the page would show."""
    db.session.rollback()
    return moving.move_to(old, offering, now=desk.clock.now).sum_minor


def move(
    desk: Desk, old: Registration, offering: Offering, *, shown: int | None = None, form_id: str | None = None
) -> Moved:
    """Press "Confirm" on the page of the move, and let refunds go out."""
    shown = sum_of(desk, old, offering) if shown is None else shown
    now = desk.clock.now
    moved = services.move(old.id, offering.id, shown_minor=shown, form_id=form_id, by=desk.cast.ada, now=now)
    for refund in moved.refunds:
        checkout.send_refund(refund, payments=desk.client, now=now)
    return moved


def place(moved: Moved | str) -> Registration:
    """The new place."""
    db.session.rollback()
    ref = moved if isinstance(moved, str) else moved.ref
    return db.session.scalars(select(Registration).where(Registration.ref == ref)).one()


def pay(desk: Desk, new: Registration) -> str:
    """Pay what a new place still costs; answers what came of it."""
    desk.start(new, shown=new.to_pay.minor)
    desk.sandbox.pay(desk.session(new))
    return desk.apply(new)


def returned() -> list[tuple[int, str]]:
    """Every refund, with where it stands."""
    db.session.rollback()
    return [(each.amount_minor, each.status) for each in db.session.scalars(select(Refund).order_by(Refund.id))]


def left_behind(registration: Registration) -> int:
    """What is left of the money behind a place."""
    db.session.rollback()
    return funds.value(registration).minor


def taken(offering: Offering) -> int:
    """How many seats are in use."""
    db.session.rollback()
    return db.session.get_one(Offering, offering.id).taken


def pending(old: Registration) -> Registration | None:
    """The place that is to replace one."""
    db.session.rollback()
    return queries.pending_move(old.id)
