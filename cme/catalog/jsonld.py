"""The page of a seminar in the words of schema.org, for search engines."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from cme.catalog import rules
from cme.catalog.leaflet import Leaflet, Person, Standing, standing
from cme.catalog.models import CANCELLED, PUBLISHED, Offering
from cme.catalog.tuition import rates
from cme.values import EXPONENTS, MODE_LABELS, Mode, Money

Address = Callable[..., str]
Data = dict[str, Any]
CONTEXT = "https://schema.org"
STOCK = {
    Standing.OPEN: "InStock",
    Standing.FULL: "SoldOut",
    Standing.CLOSED: "OutOfStock",
}
MODES = {
    frozenset({Mode.IN_PERSON}): "OfflineEventAttendanceMode",
    frozenset({Mode.LIVESTREAM}): "OnlineEventAttendanceMode",
}


def structured(shown: Leaflet, address: Address) -> Data | None:
    """What a search engine may know of a seminar; nothing of one that nobody else can see."""
    if shown.seminar.status not in (PUBLISHED, CANCELLED):
        return None
    make = _course if shown.is_on_demand else _event
    return {"@context": CONTEXT} | _without_empty(make(shown, address))


def _event(shown: Leaflet, address: Address) -> Data:
    seminar, zone = shown.seminar, ZoneInfo(shown.seminar.time_zone)
    modes = frozenset(Mode(way.mode) for way in shown.ways)
    here = address(".seminar", slug=seminar.slug)
    return _about(shown, address) | {
        "@type": "EducationEvent",
        "startDate": _moment(seminar.starts_at, zone),
        "endDate": _moment(seminar.ends_at, zone),
        "eventStatus": f"{CONTEXT}/{'EventCancelled' if seminar.status == CANCELLED else 'EventScheduled'}",
        "eventAttendanceMode": f"{CONTEXT}/{MODES.get(modes, 'MixedEventAttendanceMode')}",
        "location": _places(shown, modes, here),
        "organizer": _organizer(shown, address),
        "performer": [_person(person) for person in shown.teachers],
        "maximumAttendeeCapacity": sum(way.capacity for way in shown.ways) or None,
        "offers": _offers(shown, here),
        "workFeatured": {
            "@type": "Course",
            "name": seminar.title,
            "description": seminar.summary or seminar.title,
            "provider": _organizer(shown, address),
            "educationalCredentialAwarded": _credentials(shown),
        },
    }


def _course(shown: Leaflet, address: Address) -> Data:
    seminar, here = shown.seminar, address(".seminar", slug=shown.seminar.slug)
    minutes = seminar.estimated_minutes or rules.credit_minutes(seminar.sessions)
    instance = {
        "@type": "CourseInstance",
        "courseMode": "Online",
        "courseWorkload": f"PT{minutes}M" if minutes else None,
        "startDate": _day(seminar.released_on),
        "endDate": _day(seminar.terminates_on),
        "instructor": [_person(person) for person in shown.teachers],
    }
    return _about(shown, address) | {
        "@type": "Course",
        "datePublished": _day(seminar.released_on),
        "dateModified": _day(seminar.reviewed_on),
        "expires": _day(seminar.terminates_on),
        "provider": _organizer(shown, address),
        "educationalCredentialAwarded": _credentials(shown),
        "hasCourseInstance": instance,
        "offers": _offers(shown, here),
    }


def _about(shown: Leaflet, address: Address) -> Data:
    seminar = shown.seminar
    return {
        "@id": address(".seminar", slug=seminar.slug),
        "name": seminar.title,
        "description": seminar.summary or seminar.title,
        "url": address(".seminar", slug=seminar.slug),
        "image": [address(".share_image", slug=seminar.slug)],
        "inLanguage": "en",
        "about": [*([seminar.specialty] if seminar.specialty else []), *seminar.topics],
        "teaches": list(seminar.objectives),
        "audience": {"@type": "Audience", "audienceType": seminar.audience} if seminar.audience else None,
        "isAccessibleForFree": bool(shown.card.is_free),
    }


def _places(shown: Leaflet, modes: frozenset[Mode], here: str) -> list[Data]:
    seminar, places = shown.seminar, []
    if Mode.IN_PERSON in modes and (seminar.venue or seminar.city):
        postal = {
            "@type": "PostalAddress",
            "streetAddress": seminar.address,
            "addressLocality": seminar.city,
            "addressRegion": seminar.state,
            "addressCountry": seminar.country,
        }
        places.append({"@type": "Place", "name": seminar.venue or seminar.city, "address": postal})
    if Mode.LIVESTREAM in modes:
        places.append({"@type": "VirtualLocation", "url": here})
    return places


def _organizer(shown: Leaflet, address: Address) -> Data:
    us = shown.us
    home = address("home.index")
    return {"@type": "Organization", "name": us.name, "url": home, "telephone": us.phone, "email": us.email}


def _person(person: Person) -> Data:
    who = person.who
    return {
        "@type": "Person",
        "name": who.name,
        "honorificSuffix": who.credentials,
        "jobTitle": who.title,
        "affiliation": {"@type": "Organization", "name": who.affiliation} if who.affiliation else None,
    }


def _credentials(shown: Leaflet) -> list[Data]:
    """The credit one may earn; what is not decided yet is not promised."""
    return [
        {
            "@type": "EducationalOccupationalCredential",
            "name": f"{one.credits.short} {rules.credit_unit(one.credits, one.credit_type)}",
            "credentialCategory": "continuing education credit",
        }
        for one in shown.seminar.designations
        if one.maximum and not one.is_pending
    ]


def _offers(shown: Leaflet, here: str) -> list[Data]:
    return [offer for way in shown.ways for offer in _offers_of(shown, way, here)]


def _offers_of(shown: Leaflet, way: Offering, here: str) -> list[Data]:
    seminar, zone = shown.seminar, ZoneInfo(shown.seminar.time_zone)
    stock = STOCK.get(standing(seminar, way, now=shown.now), "Discontinued")
    return [
        {
            "@type": "Offer",
            "name": f"{rate.label}, {MODE_LABELS[Mode(way.mode)].lower()}",
            "url": f"{here}?mode={way.mode}",
            "price": _amount(rate.price),
            "priceCurrency": rate.price.currency,
            "priceValidUntil": _day(rate.early_until),
            "availability": f"{CONTEXT}/{stock}",
            "validFrom": _moment(seminar.published_at, zone) if seminar.published_at else None,
            "availabilityEnds": _day(seminar.terminates_on) if shown.is_on_demand else _moment(seminar.starts_at, zone),
        }
        for rate in rates(way, shown.today)
    ]


def _amount(price: Money) -> str:
    exponent = EXPONENTS[price.currency]
    return f"{Decimal(price.minor).scaleb(-exponent):.{exponent}f}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")


def _day(on: Any) -> str | None:
    return on.isoformat() if on else None


def _without_empty(data: Any) -> Any:
    """The same without what is not known."""
    if isinstance(data, dict):
        cleaned = {key: _without_empty(value) for key, value in data.items()}
        return {key: value for key, value in cleaned.items() if value not in (None, "", [], {})}
    return [_without_empty(one) for one in data] if isinstance(data, list) else data
