"""What is offered in the demo."""

from datetime import datetime, timedelta

from sqlalchemy import select

from cme.catalog import listing, models, services
from cme.catalog.models import Faculty
from cme.catalog.services.articles import create_article, publish_article
from cme.catalog.values import ArticleValues
from cme.database import db, lock, transaction
from cme.demo import content, course
from cme.demo.content import CATEGORIES, Plan
from cme.demo.offer import announced_at, typed
from cme.demo.people import TEACHERS


def publish(*, now: datetime) -> None:
    """Put faculty, articles and seminars on show, as staff do it."""
    with transaction():
        _faculty(now)
    _articles(now)
    plans, venues = content.seminars()
    for plan in plans:
        _seminar(plan, *venues.get(plan.place, ["", ""]), now=now)
    services.keep_catalog(now=now)


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
                bio=teacher.bio,
                email=f"{teacher.key}@gcms.example",
                created_at=now,
                disclosures=[
                    models.Disclosure(
                        has_relationship=related,
                        company=teacher.company,
                        nature=teacher.nature,
                        is_relevant=related,
                        mitigation="Content reviewed by a peer without relationships" if related else "",
                        mitigated_on=today - timedelta(days=190) if related else None,
                        disclosed_on=today - timedelta(days=200),
                        expires_on=today + timedelta(days=165),
                    )
                ],
            )
        )


def _articles(now: datetime) -> None:
    for draft in content.articles():
        facts, day = draft.facts, now - timedelta(days=int(draft.facts["days_ago"]))
        written = min(day, now)  # one is written ahead
        article = create_article(
            ArticleValues(
                title=facts["title"],
                slug=draft.slug,
                summary=facts["summary"],
                body=draft.body,
                new_category=CATEGORIES[facts["category"]],
                author=facts["author"],
                published_on=day.date(),
                specialty=facts["specialty"],
                topics=tuple(topic.strip() for topic in facts.get("topics", "").split(",") if topic.strip()),
            ),
            by=None,
            form_id=_form_id("article", draft.slug),
            now=written,
        )
        publish_article(article.id, by=None, now=written)


def _seminar(plan: Plan, venue: str, street: str, *, now: datetime) -> None:
    announced = announced_at(plan, now)
    values = typed(plan, venue, street, now=now)
    made = services.create_seminar(values, by=None, form_id=_form_id("seminar", plan.slug), now=announced)
    for number, (title, file_name) in enumerate(plan.handouts):
        page = content.leaf(title, [plan.title, *plan.objectives, "An invented handout of the demonstration."])
        words = f"{title}\n\n{plan.title}\n\nAn invented handout of the demonstration.\n".encode()
        services.add_handout(
            made.id,
            title=title,
            file_name=file_name,
            content=page if file_name.endswith(".pdf") else words,
            by=None,
            form_id=_form_id(f"handout-{number}", plan.slug),
            now=announced,
        )
    if plan.is_on_demand:
        course.prepare(made.id, plan, now=announced)
    if plan.draft:
        return
    if made.status == models.DRAFT:
        services.publish(made.id, by=None, now=announced)
    if plan.cancelled and made.status == models.PUBLISHED:
        with transaction():
            seminar = lock(models.Seminar, made.id)
            seminar.status, seminar.cancelled_at, seminar.cancelled_reason = models.CANCELLED, now, plan.cancelled
            seminar.version, seminar.updated_at = seminar.version + 1, now
            listing.refresh(seminar, now=now)


def _form_id(kind: str, slug: str) -> str:
    """The same each time, so that a demo that was cut off goes on."""
    return f"demo-{kind}-{slug}"[:40]
