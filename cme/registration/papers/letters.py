"""Letters for an employer, before anything is bought, and for a consulate, once a place is confirmed."""

from datetime import date
from typing import Any

from cme.accounts.rules import TIER_LABELS
from cme.catalog import rules as catalog
from cme.catalog.leaflet import Leaflet
from cme.catalog.program import Day, daily_hours, days_of
from cme.catalog.tuition import Rate, rates
from cme.pages import date_range, long_date, weekday_date
from cme.registration.papers.money import seminar_facts
from cme.registration.papers.words import Block, Letter, Pairs, exact, head, per_credit
from cme.values import MODE_LABELS, CreditType, Mode

COUNTRIES = {"US": "the United States of America", "CA": "Canada", "GB": "the United Kingdom", "PR": "Puerto Rico"}


def pre_approval(leaflet: Leaflet, account: Any, *, on: date, is_demo: bool, address: str) -> Letter:
    """What an employer needs to approve somebody's attendance: what it is, the credit, the price today, the costs."""
    seminar, us = leaflet.seminar, leaflet.us
    name = account.professional_name or account.email
    kind = account.certification
    return Letter(
        **head("pre-approval", "Request for approval", "", on=on, is_demo=is_demo, provider=us, issued=long_date(on)),
        to=("To the employer of", name, *((kind.label,) if kind else ())),
        subject=seminar.title,
        opening=(
            f"{name} asks for your approval to attend the continuing education below. This letter says what it is, "
            "what credit it offers and what it costs, before anything is paid.",
            *((seminar.summary,) if seminar.summary else ()),
        ),
        blocks=tuple(
            block
            for block in (
                Block(heading="The activity", facts=_activity(leaflet)),
                _tuition(leaflet, kind.tier if kind else None),
                _credit(leaflet),
                _agenda(leaflet),
                Block(heading="Travel", facts=_travel(leaflet)),
                Block(heading="If plans change", sentences=_changes(leaflet)),
                Block(heading="Accreditation and credit", sentences=tuple(each.text for each in leaflet.statements)),
            )
            if block.facts or block.rows or block.sentences
        ),
        closing=(
            "Prices are those of today and are confirmed when somebody registers. An itemized receipt follows each "
            f"payment, and a certificate follows attendance. Agenda, faculty and registration: {address}",
        ),
        signatory=us.signatory,
        signatory_title=us.signatory_title,
    )


def invitation(
    registration: Any, *, name: str, country: str, number: str, on: date, provider: Any, is_demo: bool
) -> Letter:
    """What a consulate asks for: who comes, to what, when and where, and that the place is theirs and paid."""
    seminar, paid = registration.seminar, registration.amount_due
    facts = (
        ("Name in the passport", name),
        ("Passport issued by", country),
        *seminar_facts(seminar, registration.offering.mode),
        ("Address", seminar.address),
        ("Hours", daily_hours(days_of(seminar))),
        ("Registration", f"{registration.ref}, confirmed"),
        ("Tuition", f"{exact(paid)}, paid in full" if paid.minor and not registration.waived_by else ""),
    )
    title = head(
        "invitation", "Letter of invitation", number, on=on, is_demo=is_demo, provider=provider, issued=long_date(on)
    )
    return Letter(
        **title,
        to=("To the consular officer",),
        subject=seminar.title,
        opening=(
            f"We invite {name} to {COUNTRIES.get(seminar.country, seminar.country)}, to take part in the continuing "
            "medical education activity below. A place is confirmed in this name.",
        ),
        blocks=(
            Block(heading="The visit", facts=tuple((label, value) for label, value in facts if value)),
            Block(
                heading="What we vouch for",
                sentences=(
                    f"{name} takes part as a learner, is not employed or paid by {provider.name}, and leaves the "
                    "activity with a certificate of the hours attended.",
                    "Travel, lodging and all other costs of the visit are borne by the participant or their employer.",
                    catalog.accreditation(seminar, provider).text,
                ),
            ),
        ),
        closing=(
            f"This letter is valid with its number, {number}. To make sure that it is genuine, write to "
            f"{provider.email} or call {provider.phone}. It was issued at the request of the participant; whether a "
            "visa is granted is for the consulate alone to decide.",
        ),
        signatory=provider.signatory,
        signatory_title=provider.signatory_title,
    )


def _activity(leaflet: Leaflet) -> Pairs:
    seminar = leaflet.seminar
    where = ", ".join(part for part in (seminar.venue, seminar.place) if part)
    told = (
        ("Dates", "On demand" if leaflet.is_on_demand else date_range(seminar.starts_on, seminar.ends_on)),
        ("Hours", leaflet.daily_hours),
        ("Place", where if any(way.mode == Mode.IN_PERSON for way in leaflet.ways) else ""),
        ("Ways to attend", leaflet.medium),
        ("For", seminar.audience),
    )
    return tuple((label, value) for label, value in told if value)


def _tuition(leaflet: Leaflet, tier: str | None) -> Block:
    """Today's tuition in each way that is open: of the person's group, or of every group where theirs is not known."""
    most = _most_credit(leaflet)
    found = [(way, rate) for way in leaflet.ways if way.status == "open" for rate in rates(way, leaflet.today)]
    mine = [(way, rate) for way, rate in found if rate.tier == tier] or found
    columns = ("Tuition", "Today", "Until") + (("One credit",) if most else ())
    rows = []
    for way, rate in mine:
        label = f"{MODE_LABELS[Mode(way.mode)]}: {TIER_LABELS[rate.tier]}"
        row = (label, exact(rate.price) if rate.price.minor else "Free", _until(rate, leaflet))
        rows.append((*row, exact(per_credit(rate.price, most))) if most else row)
    return Block(columns=columns, rows=tuple(rows))


def _until(rate: Rate, leaflet: Leaflet) -> str:
    if rate.full is not None and rate.early_until is not None:
        return f"{long_date(rate.early_until)}, then {exact(rate.full)}"
    return "seats last" if leaflet.is_on_demand else "registration closes"


def _most_credit(leaflet: Leaflet) -> int:
    """The AMA PRA credit by which the price of one is measured; without it, the first type there is."""
    found = [each for each in leaflet.seminar.designations if each.maximum and not each.is_pending]
    ama = [each.maximum for each in found if each.credit_type == CreditType.AMA_PRA_1]
    return next(iter([*ama, *(each.maximum for each in found)]), 0)


def _credit(leaflet: Leaflet) -> Block:
    rows = tuple(
        (catalog.credit_unit(each.credits, each.credit_type), f"up to {each.credits.short}")
        for each in leaflet.seminar.designations
        if each.maximum and not each.is_pending
    )
    return Block(columns=("Credit", "Amount"), rows=rows)


def _agenda(leaflet: Leaflet) -> Block:
    """The agenda in short, a line for each day."""
    rows = tuple((weekday_date(day.on), day.hours, _theme(day), day.credits.short) for day in leaflet.days)
    return Block(columns=("Day", "Hours", "Subject", "Credit"), rows=rows if not leaflet.is_on_demand else ())


def _theme(day: Day) -> str:
    taught = [session.title for session in day.sessions if session.counts]
    return day.theme or "; ".join(taught[:2]) + ("; and more" if len(taught) > 2 else "")


def _changes(leaflet: Leaflet) -> tuple[str, ...]:
    """What becomes of the tuition, in one paragraph."""
    terms = [f"{term.rstrip('.')}." for term in leaflet.refunds]
    return (" ".join(terms),) if terms else ()


def _travel(leaflet: Leaflet) -> Pairs:
    seminar, rooms = leaflet.seminar, leaflet.rooms
    if not any(way.mode == Mode.IN_PERSON for way in leaflet.ways):
        return ()
    where = ", ".join(part for part in (seminar.venue, seminar.address or seminar.place) if part)
    rate = f"{exact(rooms.rate)} a night" if rooms and rooms.rate and not rooms.is_over else ""
    until = f", to book by {long_date(rooms.until)}" if rooms and rate and rooms.until else ""
    told = (
        ("Venue", where),
        ("Hotel", rooms.name if rooms else ""),
        ("Group rate", rate + until),
        ("Not included", "Travel, lodging and meals that the agenda does not name"),
    )
    return tuple((label, value) for label, value in told if value)
