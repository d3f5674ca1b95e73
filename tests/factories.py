"""Records for tests: each function makes one believable thing; a test names only what its fact needs."""

import hashlib
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy import select

from cme.accounts.models import Account, AccountRole, Role
from cme.catalog import listing
from cme.catalog import models as catalog
from cme.database import db, transaction
from cme.registration import models as registrations
from cme.values import new_code

PASSWORD = "demo-seminars-2026"
NUMBERS = count(1)
ZONE = "America/New_York"


@cache
def password_hash() -> str:
    """The hash of the cast's password, with the least work: tests sign in often."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def account(
    email: str, name: str | None = None, certification: str | None = None, *, now: datetime, **more: Any
) -> Account:
    """A person who can sign in."""
    with transaction() as session:
        person = Account(
            email=email,
            email_key=email.casefold(),
            password_hash=password_hash(),
            professional_name=name,
            certification_type=certification,
            created_at=now,
            updated_at=now,
            **more,
        )
        session.add(person)
    return person


def staff(email: str, name: str, permissions: list[str], *, now: datetime) -> Account:
    """A person with a role."""
    person = account(email, name, "other", now=now)
    with transaction() as session:
        role = session.scalar(select(Role).where(Role.name == "/".join(permissions)))
        if role is None:
            role = Role(name="/".join(permissions), permissions=permissions)
            session.add(role)
            session.flush()
        session.add(AccountRole(account_id=person.id, role_id=role.id, granted_at=now))
    db.session.refresh(person)
    return person


def cast(*, now: datetime) -> SimpleNamespace:
    """The standing cast: everybody a fact about access needs."""
    return SimpleNamespace(
        ada=account("ada@example.test", "Ada Quillfeather, MD", "md", now=now),
        nell=account("nell@example.test", "Nell Bracegirdle, NP", "np", now=now),
        noah=account("noah@example.test", now=now),
        otto=account("otto@example.test", "Otto Stranger, MD", "md", now=now),
        sam=staff("sam@example.test", "Sam Keystone", ["*"], now=now),
    )


def faculty(
    name: str = "Odalys Venn-Whitaker", *, now: datetime, discloses: str = "", slug: str = ""
) -> catalog.Faculty:
    """A teacher who has disclosed: nothing, or one company, mitigated."""
    day = now.date()
    with transaction() as session:
        person = catalog.Faculty(
            slug=slug or f"faculty-{next(NUMBERS)}",
            name=name,
            credentials="MD",
            title="Professor of Medicine",
            affiliation="Bayward School of Medicine",
            created_at=now,
        )
        person.disclosures = [
            catalog.Disclosure(
                has_relationship=bool(discloses),
                company=discloses,
                nature="research support" if discloses else "",
                is_relevant=bool(discloses),
                mitigation="Peer review of content" if discloses else "",
                mitigated_on=day if discloses else None,
                disclosed_on=day - timedelta(days=20),
                expires_on=day + timedelta(days=345),
            )
        ]
        session.add(person)
    return person


def local(day: date, at: time, zone: str = ZONE) -> datetime:
    """A moment from a local day and time."""
    return datetime.combine(day, at, ZoneInfo(zone))


def seminar(
    *,
    now: datetime,
    title: str = "Cardiology for Primary Care",
    starts_in: int = 30,
    days: int = 2,
    capacity: int = 10,
    modes: tuple[str, ...] = ("in-person",),
    prices: dict[str, int] | None = None,
    early: dict[str, int] | None = None,
    early_until: date | None = None,
    maximum: int | None = None,
    status: str = catalog.PUBLISHED,
    **more: Any,
) -> catalog.Seminar:
    """A seminar of some mornings, two hours each (8:00 to 9:00, a break, 9:15 to 10:15); prices in cents by tier.

    `starts_in` counts days from now and may be negative; a free seminar has `prices={"physician": 0, …}`.
    """
    first = now.astimezone(ZoneInfo(ZONE)).date() + timedelta(days=starts_in)
    prices = prices or {"physician": 109500, "clinician": 89500, "trainee": 59500}
    teacher = faculty(now=now)
    number = next(NUMBERS)
    with transaction() as session:
        made = catalog.Seminar(
            slug=more.pop("slug", f"seminar-{number}"),
            title=title,
            summary="Blood pressure, lipids, rhythm and heart failure.",
            description="Most cardiology happens outside cardiology.",
            audience="Physicians, nurse practitioners and physician assistants in primary care.",
            objectives=more.pop("objectives", ["Choose a blood pressure target and defend it."]),
            specialty=more.pop("specialty", "Cardiology"),
            status=status,
            time_zone=ZONE,
            starts_on=first,
            ends_on=first + timedelta(days=days - 1),
            starts_at=local(first, time(8)),
            ends_at=local(first + timedelta(days=days - 1), time(10, 15)),
            venue="Harborlight Hotel",
            city="Sarasota",
            state="FL",
            no_commercial_support=True,
            created_at=now - timedelta(days=200),
            updated_at=now - timedelta(days=200),
            published_at=now - timedelta(days=190) if status == catalog.PUBLISHED else None,
            **more,
        )
        made.people = [catalog.SeminarFaculty(faculty_id=teacher.id, role="director")]
        for day in range(days):
            on = first + timedelta(days=day)
            for position, (title_, kind, begins, ends) in enumerate(
                [
                    (f"Morning {day + 1}, first hour", "instruction", time(8), time(9)),
                    ("Coffee", "break", time(9), time(9, 15)),
                    (f"Morning {day + 1}, second hour", "instruction", time(9, 15), time(10, 15)),
                ]
            ):
                made.sessions.append(
                    catalog.AgendaSession(
                        position=position,
                        title=title_,
                        kind=kind,
                        on=on,
                        starts=begins,
                        ends=ends,
                        starts_at=local(on, begins),
                        ends_at=local(on, ends),
                    )
                )
        made.designations = [
            catalog.Designation(credit_type="ama-pra-1", maximum=days * 200 if maximum is None else maximum)
        ]
        for mode in modes:
            offering = catalog.Offering(mode=mode, capacity=capacity)
            offering.tiers = [
                catalog.PriceTier(
                    tier=tier,
                    amount_minor=amount,
                    early_minor=(early or {}).get(tier),
                    early_until=early_until if early and tier in early else None,
                )
                for tier, amount in prices.items()
            ]
            made.offerings.append(offering)
        session.add(made)
        listing.refresh(made, now=now)
    return made


def article(*, now: datetime, slug: str = "listening", **more: Any) -> catalog.Article:
    """An article on show since today, unless its status says otherwise."""
    words: dict[str, Any] = {
        "title": "Listening",
        "summary": "Before you speak.",
        "body": "Wait.",
        "author": "Quill Marrow",
    }
    words |= {"status": catalog.PUBLISHED, "published_on": now.date(), "published_at": now} | more
    with transaction() as session:
        shelf = session.scalar(select(catalog.ArticleCategory).where(catalog.ArticleCategory.slug == "providers"))
        made = catalog.Article(
            slug=slug,
            category=shelf or catalog.ArticleCategory(slug="providers", name="Providers"),
            created_at=now,
            updated_at=now,
            **words,
        )
        session.add(made)
    return made


def handout(at: catalog.Seminar, *, now: datetime, content: bytes = b"%PDF-1.7 slides", **more: Any) -> catalog.Handout:
    """A file for the learners of a seminar."""
    values = {"title": "Slides", "file_name": "slides.pdf", "media_type": "application/pdf"} | more
    with transaction() as session:
        made = catalog.Handout(
            seminar_id=at.id,
            ref=new_code(),
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            created_at=now,
            **values,
        )
        session.add(made)
    return made


FREE = {"physician": 0, "clinician": 0, "trainee": 0}


def registration(
    person: Account, at: catalog.Seminar, *, now: datetime, status: str = registrations.CONFIRMED, **more: Any
) -> registrations.Registration:
    """A place at a seminar as it stands, with its seat counted; free unless `amount_due_minor` says otherwise."""
    with transaction() as session:
        offering = session.get_one(catalog.Offering, at.offerings[0].id)
        due = more.pop("amount_due_minor", 0)
        made = registrations.Registration(
            ref=new_code(),
            account_id=person.id,
            seminar_id=at.id,
            offering_id=offering.id,
            status=status,
            hold_until=now + timedelta(minutes=15) if status == registrations.HELD else None,
            tier="physician",
            list_minor=due,
            amount_due_minor=due,
            policy=more.pop("policy", {"steps": []}),
            created_at=now,
            confirmed_at=now if status == registrations.CONFIRMED else None,
            **more,
        )
        session.add(made)
        if status in registrations.SEATED:
            offering.taken += 1
    return made


def attend(made: registrations.Registration, *, now: datetime, mornings: int | None = None) -> None:
    """Write down that somebody attended every session of instruction, or of the first mornings only."""
    with transaction() as session:
        sessions = [s for s in session.get_one(catalog.Seminar, made.seminar_id).sessions if s.counts]
        days = sorted({s.on for s in sessions})[:mornings]
        for each in sessions:
            if each.on in days:
                session.add(
                    registrations.Attendance(
                        registration_id=made.id, session_id=each.id, minutes=each.minutes, recorded_at=now
                    )
                )
