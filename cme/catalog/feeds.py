"""What programs read of the catalog: calendars, the feed of news, the map of the site."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import chain, groupby
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import STATUS, Calendar, Event, Timezone, vCalAddress, vText
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import defer, selectinload

from cme import settings
from cme.catalog.cards import in_order
from cme.catalog.filters import printable
from cme.catalog.models import CANCELLED, PUBLISHED, AgendaSession, Article, ArticleCategory, Listing, Seminar
from cme.catalog.queries.articles import is_on_show
from cme.catalog.queries.slugs import SLUG
from cme.catalog.rules import ENDURING, designation_statement
from cme.database import db
from cme.settings import Provider, Setting
from cme.values import MODE_LABELS, CreditType, Mode

LONGEST_SEMINAR = timedelta(days=31)  # one under way began no earlier: with it the index skips all that is past
MOST_IN_CALENDAR = 500  # the soonest; a calendar is asked for again every few hours and moves on with them
MOST_IN_FEED = 50
MOST_IN_SITEMAP = 50_000  # the protocol's own limit
REFRESH = timedelta(hours=6)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
ROBOTS = ("/admin", "/account", "/my", "/registrations", "/certificates", "/verify/")
TEXTS = ("terms", "privacy", "refunds", "accessibility", "contact")

Address = Callable[..., str]


def _line(text: str) -> str:
    return printable(text, len(text))


# Calendars


@dataclass(frozen=True)
class Day:
    """One day of a seminar, as a calendar shows it."""

    uid: str
    title: str
    about: str
    place: str
    url: str
    starts: datetime
    ends: datetime
    version: int
    changed_at: datetime
    is_cancelled: bool


def _is_running(now: datetime) -> ColumnElement[bool]:
    """Whether a seminar is ahead or under way."""
    return and_(Seminar.starts_at > now - LONGEST_SEMINAR, Seminar.ends_at > now, Seminar.learning_format != ENDURING)


def _days(found: Sequence[Seminar], us: Provider, address: Address) -> list[Day]:
    spans = (
        select(AgendaSession.seminar_id, func.min(AgendaSession.starts_at), func.max(AgendaSession.ends_at))
        .where(AgendaSession.seminar_id.in_([seminar.id for seminar in found]))
        .group_by(AgendaSession.seminar_id, AgendaSession.on)
        .order_by(AgendaSession.seminar_id, AgendaSession.on)
    )
    rows = groupby(db.session.execute(spans), key=lambda row: row[0])
    days = {seminar_id: [(row[1], row[2]) for row in group] for seminar_id, group in rows}
    return [
        _day(seminar, starts, ends, us, address)
        for seminar in found
        for starts, ends in days.get(seminar.id, [(seminar.starts_at, seminar.ends_at)])
    ]


def _day(seminar: Seminar, starts: datetime, ends: datetime, us: Provider, address: Address) -> Day:
    zone = ZoneInfo(seminar.time_zone)
    local = starts.astimezone(zone)
    is_cancelled = seminar.status == CANCELLED
    modes = [Mode(offering.mode) for offering in in_order(seminar.offerings)]
    ama = seminar.designation_of(CreditType.AMA_PRA_1)
    credit = (us.name, seminar.learning_format, ama.credits, CreditType.AMA_PRA_1) if ama and ama.maximum else None
    about = (
        "This seminar has been cancelled." if is_cancelled else "",
        _line(seminar.summary),
        " or ".join(MODE_LABELS[mode] for mode in modes).capitalize(),
        designation_statement(*credit) if credit and not is_cancelled else "",
    )
    on_site = (seminar.venue, seminar.address, seminar.place) if Mode.IN_PERSON in modes or not modes else ("Online",)
    return Day(
        uid=f"{seminar.slug}-{local:%Y%m%d}@{host()}",
        title=f"Cancelled: {_line(seminar.title)}" if is_cancelled else _line(seminar.title),
        about="\n\n".join(part for part in about if part),
        place=_line(", ".join(part for part in on_site if part)),
        url=address("catalog.seminar", slug=seminar.slug),
        starts=local,
        ends=ends.astimezone(zone),
        version=seminar.version,
        changed_at=seminar.updated_at,
        is_cancelled=is_cancelled,
    )


def host() -> str:
    """The name of this house on the net, by which others tell its records from theirs."""
    return urlsplit(settings.public_url("/")).hostname or ""


def _of_calendar(*conditions: ColumnElement[bool]) -> list[Seminar]:
    found = select(Seminar).where(Seminar.status.in_((PUBLISHED, CANCELLED)), *conditions)
    found = found.order_by(Seminar.starts_at, Seminar.id).limit(MOST_IN_CALENDAR)
    parts = (selectinload(Seminar.offerings), selectinload(Seminar.designations), defer(Seminar.description))
    return list(db.session.scalars(found.options(*parts)))


def days_of(slug: str, us: Provider, address: Address) -> list[Day]:
    """The days of one seminar, past or ahead; none where there is nothing to put into a calendar."""
    if not SLUG.fullmatch(slug):
        return []
    return _days(_of_calendar(Seminar.slug == slug, Seminar.learning_format != ENDURING), us, address)


def days_ahead(us: Provider, address: Address, *, now: datetime) -> list[Day]:
    """The days of the seminars ahead and under way, the soonest first, and of those that were cancelled."""
    return _days(_of_calendar(_is_running(now)), us, address)


@lru_cache(maxsize=64)  # a thousand days take half a second to write, and are asked for more often than they change
def calendar(days: tuple[Day, ...], name: str, url: str, us: Provider) -> bytes:
    """Write days as an iCalendar file (RFC 5545) that calendars subscribe to."""
    made = Calendar.new(
        prodid=f"-//{_line(us.name)}//Seminars//EN",
        method="PUBLISH",
        uid=f"{urlsplit(url).path.strip('/').replace('/', '-')}@{urlsplit(url).hostname}",
        name=name,
        url=url,
        refresh_interval=REFRESH,
    )
    made["REFRESH-INTERVAL"].params["VALUE"] = "DURATION"  # RFC 7986 wants it said
    return _filled(made, days, us)


def calendar_file(days: Sequence[Day], uid: str, us: Provider) -> bytes:
    """Write days as a file somebody takes into their own calendar; a later one with the same days replaces it."""
    return _filled(Calendar.new(prodid=f"-//{_line(us.name)}//Seminars//EN", method="PUBLISH", uid=uid), days, us)


def _filled(made: Calendar, days: Sequence[Day], us: Provider) -> bytes:
    organizer = vCalAddress(f"mailto:{us.email}")
    organizer.params["CN"] = vText(us.name)
    for day in days:
        event = Event.new(
            uid=day.uid,
            sequence=day.version,
            stamp=day.changed_at,
            last_modified=day.changed_at,
            status=STATUS.CANCELLED if day.is_cancelled else STATUS.CONFIRMED,
            summary=day.title,
            description=day.about or None,
            location=day.place or None,
            organizer=organizer,
            url=day.url,
            start=day.starts,
            end=day.ends,
        )
        made.add_component(event)
    if days:
        first, last = min(day.starts for day in days), max(day.ends for day in days)
        # From the turn of one year to another, so that the file stays the same while its seminars do.
        made.add_missing_timezones(date(first.year, 1, 1), date(last.year + 1, 1, 1))
        for zone in made.timezones:
            _mend(zone)
    return made.to_ical()


def _mend(zone: Timezone) -> None:
    """Let summer begin when it does: the library names the hour after the gap, RFC 5545 wants the one before."""
    local = ZoneInfo(zone.tz_name)
    zone.pop("COMMENT", None)
    for part in zone.subcomponents:
        before, after = part.TZOFFSETFROM, part.TZOFFSETTO
        for key in ("DTSTART", "RDATE"):
            for moment in _moments(part.get(key)):
                just_before = (moment.dt - before - timedelta(seconds=1)).replace(tzinfo=UTC)
                if after > before and just_before.astimezone(local).utcoffset() != before:
                    moment.dt -= after - before


def _moments(found: Any) -> list[Any]:
    """The moments a property names; none where it is not there."""
    if found is None:
        return []
    lists = found if isinstance(found, list) else [found]
    return list(chain.from_iterable(getattr(each, "dts", [each]) for each in lists))


# The feed and the map


def _is_on_offer(now: datetime) -> ColumnElement[bool]:
    listed = exists().where(Listing.seminar_id == Seminar.id, Listing.until > now)  # the last day is the seminar's own
    on_demand = and_(Seminar.learning_format == ENDURING, listed)
    return or_(_is_running(now), on_demand)


@dataclass(frozen=True)
class Entry:
    """One seminar in the feed."""

    url: str
    title: str
    summary: str
    published_at: datetime
    changed_at: datetime


def entries(address: Address, *, now: datetime) -> list[Entry]:
    """The newest seminars on offer."""
    columns = (Seminar.slug, Seminar.title, Seminar.summary, Seminar.published_at, Seminar.updated_at)
    newest = select(*columns).where(Seminar.status == PUBLISHED, _is_on_offer(now))
    newest = newest.order_by(Seminar.published_at.desc(), Seminar.id.desc()).limit(MOST_IN_FEED)
    return [
        Entry(
            url=address("catalog.seminar", slug=slug),
            title=_line(title),
            summary=_line(summary),
            published_at=published_at,
            changed_at=max(published_at, changed_at),
        )
        for slug, title, summary, published_at, changed_at in db.session.execute(newest)
        if published_at  # as the database sees to
    ]


def newest_change(found: Sequence[Entry]) -> datetime:
    """When the feed last changed; long ago while it is empty."""
    return max((entry.changed_at for entry in found), default=NEVER)


@dataclass(frozen=True)
class Place:
    """One page on the map of the site."""

    url: str
    changed_at: datetime | None = None


def places(address: Address, *, now: datetime) -> list[Place]:
    """Every page that anybody may find: what is on offer, what was cancelled, articles and texts."""
    seminars = select(Seminar.slug, Seminar.updated_at).where(
        or_(and_(Seminar.status == PUBLISHED, _is_on_offer(now)), and_(Seminar.status == CANCELLED, _is_running(now)))
    )
    offered = db.session.execute(seminars.order_by(Seminar.starts_at, Seminar.id).limit(MOST_IN_SITEMAP)).all()
    written = db.session.execute(
        select(Article.slug, Article.updated_at, ArticleCategory.slug)
        .join(ArticleCategory, ArticleCategory.id == Article.category_id)
        .where(is_on_show(now))
        .order_by(Article.published_on.desc(), Article.id.desc())
    ).all()
    newest_seminar = max((changed_at for _, changed_at in offered), default=None)
    newest_article = max((changed_at for _, changed_at, _ in written), default=None)
    shelves: dict[str, datetime] = {}
    for _, changed_at, shelf in written:
        shelves[shelf] = max(changed_at, shelves.get(shelf, changed_at))
    kept = select(Setting.key, func.max(Setting.created_at)).where(Setting.key.in_([f"text:{key}" for key in TEXTS]))
    texts = {key: changed_at for key, changed_at in db.session.execute(kept.group_by(Setting.key))}
    found = [
        Place(address("home.index"), max(filter(None, (newest_seminar, newest_article)), default=None)),
        Place(address("catalog.seminars"), newest_seminar),
        Place(address("catalog.articles"), newest_article),
        *(Place(address(f"catalog.{key}"), texts.get(f"text:{key}")) for key in TEXTS),
        *(Place(address("catalog.category", slug=slug), changed_at) for slug, changed_at in shelves.items()),
        *(Place(address("catalog.article", slug=slug), changed_at) for slug, changed_at, _ in written),
        *(Place(address("catalog.seminar", slug=slug), changed_at) for slug, changed_at in offered),
    ]
    return found[:MOST_IN_SITEMAP]


def robots(sitemap: str) -> str:
    """Tell crawlers what is not for them, and where the map is."""
    return "\n".join(["User-agent: *", *(f"Disallow: {path}" for path in ROBOTS), "", f"Sitemap: {sitemap}", ""])
