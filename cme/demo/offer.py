"""A plan of the demo, said as staff would type it into the editor."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from cme.catalog import values
from cme.catalog.rules import ENDURING, credit_for
from cme.catalog.rules.boards import BOARDS
from cme.demo.content import Morning, Plan, Talk
from cme.values import CreditType

ZONES = {"TX": "America/Chicago", "AL": "America/Chicago"}
HOME = "America/New_York"
SLOTS: tuple[tuple[time, time], ...] = (
    (time(7, 30), time(8, 30)),
    (time(8, 30), time(9, 30)),
    (time(9, 45), time(10, 45)),
)
SLOTS += ((time(10, 45), time(11, 45)), (time(11, 45), time(12, 45)))
COFFEE = (time(9, 30), time(9, 45))
HALL, LAB = "Lecture hall", "Skills lab"
AUDIENCE = (
    "Physicians, nurse practitioners, physician assistants, pharmacists and residents "
    "in primary care, hospital and urgent care practice."
)
METHOD = (
    "Watch the recorded sessions in any order, pause as you like, then answer the questions at the end. "
    "You may try the questions again as often as you need."
)
LASTS = timedelta(days=730)  # an on-demand activity
APPROVED = timedelta(days=364)


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


def announced_at(plan: Plan, now: datetime) -> datetime:
    """When a seminar was put into the catalog."""
    return min(now, values.first_moment(first_day(plan, now), HOME)) - timedelta(days=150)


def typed(plan: Plan, venue: str, street: str, *, now: datetime) -> values.SeminarValues:
    """Everything staff would say of a seminar."""
    first = first_day(plan, now)
    last = first + (LASTS if plan.is_on_demand else timedelta(days=len(plan.mornings) - 1))
    city, _, state = plan.place.partition(", ")
    source, _, nature = plan.support.partition("|")
    room: dict[str, Any] = {
        "hotel_name": venue,
        "hotel_rate_minor": plan.room_minor,
        "hotel_cutoff_on": first - timedelta(days=30),
    }
    facts: dict[str, Any] = {
        "learning_format": ENDURING,
        "released_on": first,
        "terminates_on": last,
        "estimated_minutes": plan.talks * 60,
        "method": METHOD,
        "bibliography": plan.bibliography,
        "pass_mark": plan.pass_mark,
    }
    return values.SeminarValues(
        title=plan.title,
        slug=plan.slug,
        summary=plan.summary,
        description=plan.about,
        audience=AUDIENCE,
        objectives=plan.objectives,
        specialty=plan.specialty,
        topics=plan.topics,
        starts_on=first,
        ends_on=last,
        time_zone=ZONES.get(state, HOME),
        venue=venue,
        address=street,
        city=city,
        state=state,
        hotel="Parking is free for participants; a shuttle meets the airport every hour." if venue else "",
        providership="joint" if plan.joint else "direct",
        joint_providers=plan.joint,
        no_commercial_support=not plan.support,
        commercial_support=(values.SupportValues(source, nature),) if plan.support else (),
        day_themes={
            (first + timedelta(days=day)).isoformat(): morning.theme for day, morning in enumerate(plan.mornings)
        },
        maximum=plan.talks * 100,
        designations=tuple(_designation(plan, kind, number, first) for kind, number in plan.credit.items()),
        offerings=tuple(_offering(plan, mode, first) for mode in plan.modes),
        sessions=tuple(_agenda(plan, first)),
        people=tuple(
            values.PersonValues("director" if place == 0 else "faculty", slug=key)
            for place, key in enumerate(_teachers(plan))
        ),
        **(room if venue and plan.room_minor else {}),
        **(facts if plan.is_on_demand else {}),
    )


def _teachers(plan: Plan) -> list[str]:
    talks = (talk for morning in plan.mornings for talk in (*morning.talks, *morning.beside.values()))
    return list(dict.fromkeys(key for talk in talks for key in talk.teachers))


def _agenda(plan: Plan, first: date) -> Iterator[values.SessionValues]:
    for day, morning in enumerate(plan.mornings):
        on = first + timedelta(days=day)
        for place, (slot, talk) in enumerate(zip(SLOTS, morning.talks, strict=False), 1):
            other = morning.beside.get(place)
            yield _session(plan, on, slot, talk, HALL if other else "")
            if other:
                yield _session(plan, on, slot, other, LAB)
            if place == 2 and _has_break(plan, morning):
                title = "Coffee on the terrace" if plan.place else "Break"
                yield values.SessionValues(title, on, *COFFEE, kind="break")


def _has_break(plan: Plan, morning: Morning) -> bool:
    return len(morning.talks) > 2 and not plan.is_on_demand


def _session(plan: Plan, on: date, slot: tuple[time, time], talk: Talk, track: str) -> values.SessionValues:
    return values.SessionValues(
        talk.title,
        on,
        *slot,
        track=track,
        mode="on-demand" if plan.is_on_demand else "in-person" if track == LAB else "both",
        teachers=talk.teachers,
        topic_minutes=talk.topics,
    )


def _designation(plan: Plan, kind: str, number: str, first: date) -> values.DesignationValues:
    if number == "pending":
        return values.DesignationValues(kind, plan.talks * 100, is_pending=True)
    begins = first - timedelta(days=120)
    return values.DesignationValues(
        kind,
        plan.talks * 100,
        approval_number="" if kind == CreditType.ACPE else number,
        approved_from=begins,
        approved_until=begins + APPROVED,
        extra=_extra(plan, kind, number, first),
    )


def _extra(plan: Plan, kind: str, number: str, first: date) -> dict[str, Any]:
    if kind == CreditType.AANP:
        talks = (talk for morning in plan.mornings for talk in morning.talks)
        return {"pharmacology": credit_for(sum(talk.topics.get("pharmacology", 0) for talk in talks)).hundredths}
    if kind == CreditType.ACPE:
        uan = f"0999-0000-{first:%y}-{number}-L01"
        return {
            "activity_type": "Knowledge",
            "uans": [{"uan": f"{uan}-{audience}", "audience": audience} for audience in "PT"],
        }
    if kind == CreditType.ANCC:
        return {"approver": "Suncoast Nursing Education Council"}
    return {"credit_kind": BOARDS[CreditType(kind)].kinds[0]} if kind in BOARDS else {}


def _offering(plan: Plan, mode: str, first: date) -> values.OfferingValues:
    alone = len(plan.modes) == 1
    tiers = []
    for tier, rates in plan.prices.items():
        less = 10000 if mode == "livestream" and not alone and rates[0] else 0
        early = rates[1] - less if len(rates) > 1 else None
        until = first - timedelta(days=31) if early is not None else None
        tiers.append(values.TierValues(tier, rates[0] - less, early, until))
    return values.OfferingValues(
        mode,
        capacity=plan.capacity if mode == "in-person" or alone else 400,
        webcast_url=None if mode == "in-person" else f"https://webcast.gcms.example/{plan.slug}",
        access_days=plan.access_days if mode == "on-demand" else None,
        tiers=tuple(tiers),
    )
