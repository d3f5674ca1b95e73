"""Whether somebody has earned something with a place: they came, or claimed credit for it, as another room knows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from sqlalchemy import select

from cme.database import db
from cme.registration.models import Attendance

Question = Callable[..., Any]


def init_app(app: Flask, *questions: Question, beyond: Question | None = None) -> None:
    """Keep what else to ask: the rooms to the right of this one know more, and the roof hands it in.

    `beyond` answers in what a claim exceeds the attendance on file, if it does.
    """
    app.extensions["earned"] = questions
    app.extensions["beyond"] = beyond


def has_earned(registration_id: int) -> bool:
    """Whether a place has attendance, or anything that was earned with it."""
    came = select(Attendance.id).where(Attendance.registration_id == registration_id, Attendance.minutes > 0)
    return db.session.scalar(came.limit(1)) is not None or has_claimed(registration_id)


def has_claimed(registration_id: int) -> bool:
    """Whether anything was earned with a place beside the attendance itself."""
    questions: tuple[Question, ...] = current_app.extensions.get("earned", ())
    return any(ask(registration_id) for ask in questions)


def beyond_attendance(registration_id: int, *, now: datetime) -> list[Any]:
    """In what a claim exceeds what attendance supports now; nothing where it does not, or there is none."""
    ask: Question | None = current_app.extensions.get("beyond")
    return list(ask(registration_id, now=now)) if ask else []
