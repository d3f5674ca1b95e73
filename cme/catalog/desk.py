"""The catalog as staff see it: every seminar in whatever state, and everybody who ever taught."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import selectinload

from cme import settings
from cme.accounts.models import Account
from cme.catalog.cards import PER_PAGE, Pages
from cme.catalog.models import (
    CANCELLED,
    DRAFT,
    PUBLISHED,
    WITHDRAWN,
    Faculty,
    Offering,
    Seminar,
    SeminarFaculty,
)
from cme.database import db

VIEWS = {"upcoming": "Upcoming", "drafts": "Drafts", "past": "Past", "withdrawn": "Withdrawn", "all": "All"}
SORTS = ("date", "title")


def _in_view(view: str, now: datetime) -> list[ColumnElement[bool]]:
    conditions: dict[str, list[ColumnElement[bool]]] = {
        "upcoming": [Seminar.status == PUBLISHED, Seminar.ends_at > now],
        "drafts": [Seminar.status == DRAFT],
        "past": [Seminar.status == PUBLISHED, Seminar.ends_at <= now],
        "withdrawn": [Seminar.status.in_([WITHDRAWN, CANCELLED])],
    }
    return conditions.get(view, [])


def _word(word: str) -> ColumnElement[bool]:
    named = Faculty.name.icontains(word, autoescape=True)
    teaches = exists().where(SeminarFaculty.seminar_id == Seminar.id, SeminarFaculty.faculty_id == Faculty.id, named)
    columns = (Seminar.title, Seminar.specialty, Seminar.city, Seminar.venue, Seminar.slug)
    return or_(*(column.icontains(word, autoescape=True) for column in columns), teaches)


def seminars(
    *, view: str, words: list[str], mode: str = "", sort: str = "date", page: int = 1, now: datetime
) -> Pages[Seminar]:
    """One page of the seminars that match; what is over or gone comes with the latest first."""
    matching = [*_in_view(view, now), *(_word(word) for word in words)]
    if mode:
        matching.append(exists().where(Offering.seminar_id == Seminar.id, Offering.mode == mode))
    total = db.session.scalar(select(func.count()).select_from(Seminar).where(*matching)) or 0
    by_day = Seminar.starts_at if view in ("upcoming", "drafts") else Seminar.starts_at.desc()
    found = select(Seminar).where(*matching).order_by(*([Seminar.title] if sort == "title" else []), by_day, Seminar.id)
    found = found.options(selectinload(Seminar.offerings), selectinload(Seminar.designations))
    found = found.limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return Pages(list(db.session.scalars(found)), page, total)


def counts(*, now: datetime) -> dict[str, int]:
    """How many seminars each view has."""
    counted = select(func.count()).select_from(Seminar)
    return {view: db.session.scalar(counted.where(*_in_view(view, now))) or 0 for view in VIEWS}


def faculty_names() -> list[tuple[str, str]]:
    """Everybody who ever taught or planned: slug and name with institution."""
    found = db.session.scalars(select(Faculty).order_by(Faculty.name, Faculty.id))
    return [(f.slug, " · ".join(part for part in (f.full_name, f.affiliation) if part)) for f in found]


def specialties() -> list[str]:
    """The specialties in use, to choose from while typing."""
    used = select(Seminar.specialty).where(Seminar.specialty != "").distinct().order_by(Seminar.specialty)
    return list(db.session.scalars(used))


def versions(key: str) -> list[tuple[settings.Setting, str]]:
    """The versions of a setting, the newest first, with who saved them."""
    found = (
        select(settings.Setting, Account)
        .outerjoin(Account, Account.id == settings.Setting.created_by)
        .where(settings.Setting.key == key)
        .order_by(settings.Setting.version.desc())
        .limit(50)
    )
    rows = db.session.execute(found)
    return [(setting, (by.professional_name or by.email) if by else "first start") for setting, by in rows]
