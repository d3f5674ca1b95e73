"""Facts about taking a seat."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cme.audit import AuditEntry
from cme.catalog.models import Offering, PriceTier
from cme.database import db, transaction
from cme.mail import Letter
from cme.registration import queries, rules, services
from cme.registration.models import Registration
from tests import factories
from tests.factories import FREE

pytestmark = pytest.mark.usefixtures("promises")


def register(person: Any, seminar: Any, clock: Any, *, form_id: str | None = None, offering: int = 0) -> Registration:
    ref = services.register(person.id, seminar.offerings[offering].id, form_id=form_id, now=clock.now)
    return db.session.scalars(select(Registration).where(Registration.ref == ref)).one()


def letters(person: Any) -> list[str]:
    return [letter.subject for letter in db.session.scalars(select(Letter).where(Letter.account_id == person.id))]


def taken(seminar: Any) -> int:
    return db.session.scalar(select(Offering.taken).where(Offering.seminar_id == seminar.id)) or 0


def test_a_seat_is_held_for_a_quarter_of_an_hour(app, cast, clock):
    seminar = factories.seminar(now=clock.now)
    held = register(cast.ada, seminar, clock)
    assert (held.status, held.hold_until) == ("held", clock.now + timedelta(minutes=15))
    assert (held.tier, str(held.amount_due), taken(seminar)) == ("physician", "$1,095", 1)
    assert letters(cast.ada) == []


def test_each_certification_type_pays_its_own_tuition(app, cast, clock):
    seminar = factories.seminar(now=clock.now)
    assert str(register(cast.nell, seminar, clock).amount_due) == "$895"


def test_a_free_seat_is_confirmed_at_once(app, cast, clock):
    seminar = factories.seminar(now=clock.now, prices=FREE)
    assert register(cast.ada, seminar, clock).status == "confirmed"
    assert letters(cast.ada) == ["Your seat is confirmed: Cardiology for Primary Care"]


def test_the_early_rate_ends_with_the_day_at_the_seminar(app, cast, clock):
    clock.now = clock.now.replace(hour=4, minute=30)  # 23:30 of the day before, in Florida
    yesterday = (clock.now - timedelta(days=1)).date()
    seminar = factories.seminar(now=clock.now, early={"physician": 99500}, early_until=yesterday)
    assert str(register(cast.ada, seminar, clock).amount_due) == "$995"
    clock.advance(minutes=30)
    assert str(register(cast.otto, seminar, clock).amount_due) == "$1,095"


def test_without_a_certification_type_there_is_no_price(app, cast, clock):
    seminar = factories.seminar(now=clock.now)
    with pytest.raises(rules.DetailsFirst, match="Account Details"):
        register(cast.noah, seminar, clock)
    assert taken(seminar) == 0


def test_without_a_professional_name_one_can_register(app, clock):
    person = factories.account("nameless@example.test", None, "md", now=clock.now)
    assert register(person, factories.seminar(now=clock.now), clock).status == "held"


def test_the_same_form_gives_the_same_seat(app, cast, clock):
    seminar = factories.seminar(now=clock.now)
    first, second = (register(cast.ada, seminar, clock, form_id="one-showing-of-the-form") for _ in range(2))
    assert (first.ref, taken(seminar)) == (second.ref, 1)


def test_a_form_of_somebody_else_is_refused(app, cast, clock):
    seminar = factories.seminar(now=clock.now)
    register(cast.ada, seminar, clock, form_id="one-showing-of-the-form")
    with pytest.raises(rules.FormUsed):
        register(cast.otto, seminar, clock, form_id="one-showing-of-the-form")


def test_who_has_a_seat_is_told_which(app, cast, clock):
    seminar = factories.seminar(now=clock.now, modes=("in-person", "livestream"))
    first = register(cast.ada, seminar, clock)
    with pytest.raises(rules.AlreadyRegistered) as refused:
        register(cast.ada, seminar, clock, offering=1)
    assert refused.value.ref == first.ref


def test_the_database_itself_keeps_a_person_to_one_seat(app, cast, clock, monkeypatch):
    seminar = factories.seminar(now=clock.now, modes=("in-person", "livestream"))
    register(cast.ada, seminar, clock)
    blind = iter((None,))
    seen = queries.registration_for
    monkeypatch.setattr(queries, "registration_for", lambda *who: next(blind, None) or seen(*who))
    with pytest.raises(rules.AlreadyRegistered):
        monkeypatch.setattr(queries, "registration_for", lambda *who: None)
        register(cast.ada, seminar, clock, offering=1)


def test_a_full_seminar_is_refused(app, cast, clock):
    seminar = factories.seminar(now=clock.now, capacity=1)
    register(cast.ada, seminar, clock)
    with pytest.raises(rules.SeminarFull):
        register(cast.otto, seminar, clock)


@pytest.mark.parametrize("status", ["draft", "withdrawn", "cancelled"])
def test_only_a_published_seminar_takes_registrations(app, cast, clock, status):
    seminar = factories.seminar(now=clock.now, status=status)
    with pytest.raises(rules.RegistrationClosed):
        register(cast.ada, seminar, clock)


def test_a_seminar_that_has_begun_takes_nobody(app, cast, clock):
    seminar = factories.seminar(now=clock.now, starts_in=1)
    clock.now = seminar.starts_at
    with pytest.raises(rules.RegistrationClosed, match="begun"):
        register(cast.ada, seminar, clock)


def test_a_closed_offering_takes_nobody(app, cast, clock):
    seminar = factories.seminar(now=clock.now)
    with transaction() as session:
        session.get_one(Offering, seminar.offerings[0].id).status = "closed"
    with pytest.raises(rules.RegistrationClosed):
        register(cast.ada, seminar, clock)


def test_a_group_without_a_price_is_asked_to_call(app, cast, clock):
    seminar = factories.seminar(now=clock.now, prices={"trainee": 100})
    with pytest.raises(rules.NotForSale):
        register(cast.ada, seminar, clock)


def test_the_terms_accepted_are_kept(app, cast, clock):
    held = register(cast.ada, factories.seminar(now=clock.now), clock)
    assert [step["days_before"] for step in held.policy["steps"]] == [30, 0]


def test_a_registration_is_on_record(app, cast, clock):
    held = register(cast.ada, factories.seminar(now=clock.now), clock)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == f"registration:{held.id}")).one()
    assert (entry.actor, entry.action) == (f"account:{cast.ada.id}", "registered")


def test_a_raised_price_is_quoted_to_the_next_person(app, cast, clock):
    seminar = factories.seminar(now=clock.now)
    register(cast.ada, seminar, clock)
    with transaction() as session:
        for tier in session.scalars(select(PriceTier)):
            tier.amount_minor += 10000
    assert str(register(cast.otto, seminar, clock).amount_due) == "$1,195"


def test_somebody_elses_registration_is_not_there(app, cast, clock):
    held = register(cast.ada, factories.seminar(now=clock.now), clock)
    assert queries.registration_of(cast.ada.id, held.ref) is not None
    assert queries.registration_of(cast.otto.id, held.ref) is None


def test_lists_show_what_there_is(app, cast, clock):
    seminar = factories.seminar(now=clock.now)
    held = register(cast.ada, seminar, clock)
    register(cast.nell, seminar, clock)
    assert [each.account.professional_name for each in queries.roster(seminar.id)] == [
        "Ada Quillfeather, MD",
        "Nell Bracegirdle, NP",
    ]
    assert queries.registrations_of(cast.ada.id) == [held]
    assert queries.registrations_page(q="quillfeather cardio").items == [held]
    assert queries.registrations_page(status="confirmed").total == 0
    assert queries.payments_page().pages == 1
