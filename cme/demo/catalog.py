"""What is offered in the demo."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cme.catalog import models
from cme.catalog.models import Faculty, Seminar
from cme.database import db, transaction
from cme.demo import content
from cme.demo.content import CATEGORIES, Plan
from cme.demo.people import TEACHERS

ZONES = {"TX": "America/Chicago", "AL": "America/Chicago"}
HOME = "America/New_York"
SLOTS: tuple[tuple[time, time], ...] = (
    (time(7, 30), time(8, 30)),
    (time(8, 30), time(9, 30)),
    (time(9, 45), time(10, 45)),
)
SLOTS += ((time(10, 45), time(11, 45)), (time(11, 45), time(12, 45)))
COFFEE = (time(9, 30), time(9, 45))
AUDIENCE = (
    "Physicians, nurse practitioners, physician assistants, pharmacists and residents "
    "in primary care, hospital and urgent care practice."
)


def publish(*, now: datetime) -> None:
    """Put faculty, seminars and articles on show."""
    with transaction():
        _faculty(now)
        _articles(now)
    plans, venues = content.seminars()
    for plan in plans:
        with transaction() as session:
            if session.scalar(select(Seminar.id).where(Seminar.slug == plan.slug)) is None:
                session.add(_seminar(plan, venues.get(plan.place, ["", ""]), now))


def _faculty(now: datetime) -> None:
    known = set(db.session.scalars(select(Faculty.slug)))
    today = now.date()
    for teacher in TEACHERS:
        if teacher.key in known:
            continue
        related = bool(teacher.company)
        db.session.add(
            Faculty(
                slug=teacher.key,
                name=teacher.name,
                credentials=teacher.credentials,
                title=teacher.title,
                field=teacher.field,
                affiliation=teacher.affiliation,
                created_at=now,
                disclosures=[
                    models.Disclosure(
                        has_relationship=related,
                        company=teacher.company,
                        nature=teacher.nature,
                        is_relevant=related,
                        mitigation="Content reviewed by a peer without relationships" if related else "",
                        mitigated_on=today - timedelta(days=30) if related else None,
                        disclosed_on=today - timedelta(days=45),
                        expires_on=today + timedelta(days=320),
                    )
                ],
            )
        )
    db.session.flush()


def _articles(now: datetime) -> None:
    shelves = {c.slug: c for c in db.session.scalars(select(models.ArticleCategory))}
    for slug, name in CATEGORIES.items():
        if slug not in shelves:
            shelves[slug] = models.ArticleCategory(slug=slug, name=name)
            db.session.add(shelves[slug])
    known = set(db.session.scalars(select(models.Article.slug)))
    for draft in content.articles():
        if draft.slug in known:
            continue
        facts = draft.facts
        db.session.add(
            models.Article(
                slug=draft.slug,
                title=facts["title"],
                author=facts["author"] or None,
                category=shelves[facts["category"]],
                summary=facts["summary"],
                body=draft.body,
                specialty=facts["specialty"],
                status=models.PUBLISHED,
                published_on=now.date() - timedelta(days=int(facts["days_ago"])),
                created_at=now,
                updated_at=now,
            )
        )
    db.session.flush()


def first_day(plan: Plan, now: datetime) -> date:
    """The Thursday, or for one morning the Saturday, after the plan's distance from today; never over the holidays."""
    wanted = now.date() + timedelta(days=plan.in_days)
    weekday = 5 if len(plan.mornings) == 1 else 0 if len(plan.mornings) > 2 else 3
    shift = (weekday - wanted.weekday()) % 7
    if plan.in_days < 0:
        shift -= 7  # what has ended has ended
    first = wanted + timedelta(days=shift)
    holidays = (first.month == 12 and first.day > 17) or (first.month, first.day) < (1, 3)
    return first + timedelta(days=-14 if plan.in_days < 0 else 21) if holidays else first


def _seminar(plan: Plan, venue_and_street: list[str], now: datetime) -> Seminar:
    first = first_day(plan, now)
    last = first + timedelta(days=len(plan.mornings) - 1)
    city, _, state = plan.place.partition(", ")
    zone = ZONES.get(state, HOME)
    venue, street = venue_and_street
    rooms_until = first - timedelta(days=30)
    announced = min(now, datetime.combine(first, time(12), ZoneInfo(zone))) - timedelta(days=150)
    seminar = Seminar(
        slug=plan.slug,
        title=plan.title,
        summary=plan.summary,
        description=plan.about,
        audience=AUDIENCE,
        objectives=list(plan.objectives),
        specialty=plan.specialty,
        topics=list(plan.topics),
        status=models.DRAFT if plan.draft else models.CANCELLED if plan.cancelled else models.PUBLISHED,
        time_zone=zone,
        starts_on=first,
        ends_on=last,
        starts_at=datetime.combine(first, SLOTS[0][0], ZoneInfo(zone)),
        ends_at=datetime.combine(last, SLOTS[len(plan.mornings[-1].talks) - 1][1], ZoneInfo(zone)),
        venue=venue,
        address=street,
        city=city,
        state=state,
        hotel=f"A block of rooms is held at {venue} until {rooms_until:%B} {rooms_until.day}." if venue else "",
        no_commercial_support=True,
        created_at=announced,
        updated_at=announced,
        published_at=None if plan.draft else announced,
        cancelled_at=now if plan.cancelled else None,
        cancelled_reason=plan.cancelled or None,
    )
    _agenda(seminar, plan, first, ZoneInfo(zone))
    seminar.designations = [models.Designation(credit_type="ama-pra-1", maximum=plan.talks * 100)]
    early_until = first - timedelta(days=31)
    for mode in plan.modes:
        capacity = plan.capacity if mode == "in-person" or len(plan.modes) == 1 else 400
        offering = models.Offering(mode=mode, capacity=capacity)
        if mode == "livestream":
            offering.webcast_url = f"https://webcast.gcms.example/{plan.slug}"
        for tier, rates in plan.prices.items():
            less = 10000 if mode == "livestream" and len(plan.modes) > 1 and rates[0] else 0
            early = rates[1] - less if len(rates) > 1 else None
            offering.tiers.append(
                models.PriceTier(
                    tier=tier,
                    amount_minor=rates[0] - less,
                    early_minor=early,
                    early_until=None if early is None else early_until,
                )
            )
        seminar.offerings.append(offering)
    return seminar


def _agenda(seminar: Seminar, plan: Plan, first: date, zone: ZoneInfo) -> None:
    teachers = {f.slug: f for f in db.session.scalars(select(Faculty))}
    order: list[str] = []

    def add(on: date, slot: tuple[time, time], title: str, kind: str, who: tuple[str, ...]) -> None:
        seminar.sessions.append(
            models.AgendaSession(
                title=title,
                kind=kind,
                on=on,
                starts=slot[0],
                ends=slot[1],
                starts_at=datetime.combine(on, slot[0], zone),
                ends_at=datetime.combine(on, slot[1], zone),
                faculty=[teachers[key] for key in who],
            )
        )

    for day, morning in enumerate(plan.mornings):
        on = first + timedelta(days=day)
        for position, (slot, (title, who)) in enumerate(zip(SLOTS, morning.talks, strict=False)):
            order += [key for key in who if key not in order]
            add(on, slot, title, "instruction", who)
            if position == 1 and len(morning.talks) > 2:
                add(on, COFFEE, "Coffee on the terrace" if plan.place else "Break", "break", ())
    seminar.people = [
        models.SeminarFaculty(faculty=teachers[key], role="director" if place == 0 else "faculty", position=place)
        for place, key in enumerate(order)
    ]
