"""Whether somebody has earned something with a place: they came, or claimed credit for it, as another room knows."""

from collections.abc import Callable

from flask import Flask, current_app
from sqlalchemy import select

from cme.database import db
from cme.registration.models import Attendance

Question = Callable[[int], object]


def init_app(app: Flask, *questions: Question) -> None:
    """Keep what else to ask: the rooms to the right of this one know more, and the roof hands it in."""
    app.extensions["earned"] = questions


def has_earned(registration_id: int) -> bool:
    """Whether a place has attendance, or anything that was earned with it."""
    came = select(Attendance.id).where(Attendance.registration_id == registration_id, Attendance.minutes > 0)
    if db.session.scalar(came.limit(1)) is not None:
        return True
    questions: tuple[Question, ...] = current_app.extensions.get("earned", ())
    return any(ask(registration_id) for ask in questions)
