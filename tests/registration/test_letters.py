"""What letters about a registration say and carry: true to the state, the money exact, the envelope whole."""

from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from icalendar import Calendar, Event
from sqlalchemy import select

from cme import gateways, jobs, queue, settings
from cme.database import db, transaction
from cme.mail import Letter, without_tokens
from cme.queue import Job
from cme.registration import calendars, checkout, emails, services
from cme.registration.models import COMP, CREDIT_NOTE, FACULTY, Paper, Payment, Registration
from cme.values import Money
from tests.factories import FREE, registration, seminar


def letter(kind: str) -> Letter:
    """The latest letter of a kind."""
    newest = select(Letter).where(Letter.kind == f"registration/{kind}").order_by(Letter.id.desc()).limit(1)
    return db.session.scalars(newest.execution_options(populate_existing=True)).one()


def words(kind: str) -> str:
    """The latest letter of a kind in one line, its hard spaces made soft."""
    return " ".join(letter(kind).text.split())


def carried(outbox: Any) -> list[EmailMessage]:
    """What left, as a mail program reads it."""
    jobs.do_jobs("worker", "letters")
    return [message_from_bytes(each.as_bytes(), policy=policy.default) for each in outbox.sent]


def files(message: EmailMessage) -> dict[str, EmailMessage]:
    """The attachments of a message, by name."""
    return {str(part.get_filename()): part for part in message.iter_attachments()}


def days(content: bytes) -> list[Event]:
    """The events of a calendar file."""
    return list(Calendar.from_ical(content).walk("VEVENT"))


def write(name: str, made: Registration, *args: Any, **words: Any) -> Letter:
    """Write a letter about a registration, in a transaction of its own."""
    with transaction() as session:
        found = session.get_one(Registration, made.id)
        return getattr(emails, name)(found, *args, **words)


def change(row: Any, **values: Any) -> None:
    with transaction() as session:
        found = session.get_one(type(row), row.id)
        for name, value in values.items():
            setattr(found, name, value)


# The confirmation


def test_a_confirmation_carries_the_calendar_file_and_the_receipt(desk, outbox, promises):
    held = desk.pay()
    [paper] = db.session.scalars(select(Paper))
    [message] = carried(outbox)
    found = files(message)
    assert list(found) == [f"{held.seminar.slug}.ics", f"receipt-{paper.number}.pdf"]
    assert [part.get_content_type() for part in found.values()] == ["text/calendar", "application/pdf"]
    assert found[f"receipt-{paper.number}.pdf"].get_content().startswith(b"%PDF")
    assert f"Your receipt {paper.number} is attached, and so is a file for your calendar." in words("confirmed")
    assert "Paid: $1,095 USD on March 1, 2027, 10:00 am EST" in words("confirmed")
    assert message.get_body(("plain",)).get_content().strip() == letter("confirmed").text.strip()
    assert message.get_body(("html",))


def test_a_confirmation_says_what_credit_the_seminar_is_designated_for(desk):
    desk.open(modes=("in-person",), days=2)
    desk.pay()
    statement = (
        f"The {settings.provider().name} designates this live activity for a maximum of 4.0 AMA PRA Category 1 "
        "Credits™. Physicians should claim only the credit commensurate with the extent of their participation in "
        "the activity."
    )
    assert statement in words("confirmed")
    assert '<em class="credit-name">AMA PRA Category 1 Credits™</em>' in letter("confirmed").html


def test_the_calendar_file_has_a_day_for_each_day_and_is_mine(desk, outbox):
    held = desk.pay()
    part = files(carried(outbox)[0])[f"{held.seminar.slug}.ics"]
    assert part.get_param("method") == "PUBLISH"
    content = part.get_content()
    content = content.encode() if isinstance(content, str) else content
    assert b"BEGIN:VALARM" not in content
    assert Calendar.from_ical(content)["METHOD"] == "PUBLISH"
    first, second = days(content)
    assert [each["UID"] for each in (first, second)] == [f"{held.ref.lower()}-{n}@localhost" for n in (1, 2)]
    assert first.start == held.seminar.starts_at
    assert second.end == held.seminar.ends_at
    assert first["SEQUENCE"] == held.seminar.version
    assert first["STATUS"] == "CONFIRMED"
    assert first["LOCATION"] == "Harborlight Hotel, Sarasota, FL"
    assert f"/registrations/{held.ref}" in first["DESCRIPTION"]


def test_a_letter_whose_receipt_cannot_be_printed_waits_and_leaves_whole(desk, outbox, clock, monkeypatch):
    desk.pay()

    def jam(_: str) -> bytes:
        raise RuntimeError("paper jam")

    press = gateways.printer()
    monkeypatch.setattr(press, "render", jam)
    assert carried(outbox) == []
    job = db.session.scalars(select(Job).where(Job.kind == "send_letter")).one()
    assert (job.state, job.last_error) == (queue.READY, "RuntimeError: paper jam")
    monkeypatch.undo()
    clock.now = job.run_at
    [message] = carried(outbox)
    assert len(files(message)) == 2


def test_what_is_free_has_a_calendar_file_and_no_receipt(desk, outbox):
    desk.open(prices=FREE)
    services.register(desk.cast.ada.id, desk.seminar.offerings[0].id, form_id=None, now=desk.clock.now)
    [message] = carried(outbox)
    assert list(files(message)) == [f"{desk.seminar.slug}.ics"]
    assert "Paid: Nothing: this seminar is free for you" in words("confirmed")
    assert "A file for your calendar is attached." in words("confirmed")


@pytest.mark.parametrize(("place", "said"), [(COMP, "you are our guest"), (FACULTY, "you teach this seminar")])
def test_guests_and_teachers_read_why_they_pay_nothing(app, cast, clock, place, said):
    made = registration(cast.ada, seminar(now=clock.now), now=clock.now, place=place)
    write("confirmed", made, None, access_until=None, at=clock.now)
    assert f"Paid: Nothing: {said}" in words("confirmed")


def test_what_is_on_demand_has_no_place_in_a_calendar(app, cast, clock):
    at = seminar(now=clock.now, modes=("on-demand",), learning_format="enduring material")
    made = registration(cast.ada, at, now=clock.now)
    write("confirmed", made, None, access_until=None, at=clock.now)
    assert letter("confirmed").attachments == []
    assert letter("confirmed").subject == "Your registration is confirmed: Cardiology for Primary Care"


# Calendar files afterwards


def test_the_file_of_a_livestream_leads_to_it(app, cast, clock):
    at = seminar(now=clock.now, modes=("livestream",), days=1)
    change(at.offerings[0], webcast_url="https://webcast.example.test/hearts")
    [day] = days(calendars.file_of(registration(cast.ada, at, now=clock.now)))
    assert day["LOCATION"] == "Online"
    assert "Join: https://webcast.example.test/hearts" in day["DESCRIPTION"]


def test_a_place_given_up_is_taken_out_of_the_calendar(app, cast, clock):
    made = registration(cast.ada, seminar(now=clock.now, days=1), now=clock.now)
    [before] = days(calendars.file_of(made))
    change(made, status="cancelled", ended_at=clock.advance(days=1))
    [after] = days(calendars.file_of(db.session.get_one(Registration, made.id)))
    assert after["UID"] == before["UID"]
    assert after["STATUS"] == "CANCELLED"
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after.stamp > before.stamp
    assert after["SUMMARY"] == "Cancelled: Cardiology for Primary Care"


def test_a_seminar_called_off_is_taken_out_of_the_calendar(app, cast, clock):
    at = seminar(now=clock.now, days=1)
    made = registration(cast.ada, at, now=clock.now)
    change(at, status="cancelled")
    [day] = days(calendars.file_of(made))
    assert (day["STATUS"], day["SUMMARY"]) == ("CANCELLED", "Cancelled: Cardiology for Primary Care")


def test_a_day_on_another_date_moves_and_one_too_many_is_taken_out(app, cast, clock):
    at = seminar(now=clock.now, days=3)
    made = registration(cast.ada, at, now=clock.now)
    write("confirmed", made, None, access_until=None, at=clock.now)
    with transaction() as session:
        found = session.get_one(type(at), at.id)
        for each in [each for each in found.sessions if each.on == at.ends_on]:
            session.delete(each)
        found.version, found.ends_on = 2, at.ends_on - timedelta(days=1)
    again = db.session.get_one(Registration, made.id, populate_existing=True)
    assert [(str(day["UID"])[27:28], day["STATUS"]) for day in days(calendars.file_of(again))] == [
        ("1", "CONFIRMED"),
        ("2", "CONFIRMED"),
        ("3", "CANCELLED"),
    ]


# Waiting


def test_whoever_waits_reads_their_place_in_line(app, cast, clock):
    made = registration(cast.ada, seminar(now=clock.now), now=clock.now, status="waitlisted")
    write("waitlisted", made, 3, at=clock.now)
    assert "you are number 3 on the waitlist. Nothing was charged." in words("waitlisted")


def test_an_offer_says_until_when_where_the_seminar_is_and_what_it_costs(app, cast, clock):
    at = seminar(now=clock.now)
    change(at, time_zone="America/Denver")
    made = registration(cast.ada, at, now=clock.now, status="offered", amount_due_minor=109500)
    change(made, offer_until=clock.now + timedelta(hours=24))
    write("seat_offered", made, at=clock.now)
    assert "We keep it for you until March 2, 2027, 8:00 am MST." in words("seat_offered")
    assert "Tuition: $1,095 USD" in words("seat_offered")
    assert f"/registrations/{made.ref}/offer" in letter("seat_offered").text


@pytest.mark.parametrize("name", ["offer_lapsed", "no_seat_came"])
def test_whoever_gets_no_seat_reads_that_nothing_was_charged(app, cast, clock, name):
    made = registration(cast.ada, seminar(now=clock.now), now=clock.now, status="expired")
    write(name, made, at=clock.now)
    assert "Nothing was charged." in words(name)
    assert letter(name).attachments == []


# Changes


def paid(cast: Any, clock: Any, *, means: str = "card", **more: Any) -> Registration:
    """Ada's place, paid for."""
    made = registration(cast.ada, seminar(now=clock.now), now=clock.now, amount_due_minor=109500, **more)
    with transaction() as session:
        session.add(
            Payment(
                registration_id=made.id,
                attempt_no=1,
                status="paid",
                amount_minor=109500,
                currency="USD",
                mode="sandbox" if means == "card" else "manual",
                means=means,
                intent_id="pi_1" if means == "card" else None,
                reference="" if means == "card" else "1044",
                created_at=clock.now,
                paid_at=clock.now,
            )
        )
    return made


def test_a_cancellation_says_what_comes_back_and_takes_the_days_out(app, cast, clock):
    made = paid(cast, clock)
    write("cancelled", made, Money(104500), at=clock.now)
    assert "Comes back: $1,045 USD" in words("cancelled")
    assert "We return $1,045 USD to the card or account you paid with. Banks usually" in words("cancelled")
    assert [each["kind"] for each in letter("cancelled").attachments] == ["calendar"]


def test_a_cancellation_for_which_nothing_comes_back_says_so(app, cast, clock):
    write("cancelled", paid(cast, clock), Money(0), at=clock.now)
    assert "Comes back: Nothing" in words("cancelled")
    assert "We return" not in words("cancelled")


def test_whoever_paid_nothing_is_not_told_of_money(app, cast, clock):
    write("cancelled", registration(cast.ada, seminar(now=clock.now), now=clock.now), Money(0), at=clock.now)
    assert "Comes back" not in words("cancelled")


def test_money_paid_by_check_goes_back_the_same_way(app, cast, clock):
    write("cancelled", paid(cast, clock, means="check"), Money(104500), at=clock.now)
    assert "We return $1,045 USD to you the way you paid. We write to you again" in words("cancelled")
    assert "Banks" not in words("cancelled")


def test_a_place_that_ended_with_the_seminar_says_so(app, cast, clock):
    made = paid(cast, clock)
    change(made.seminar, status="cancelled")
    write("cancelled", made, Money(109500), at=clock.now)
    assert "your registration for it has ended. All that was paid comes back" in words("cancelled")
    assert "goes to somebody else" not in words("cancelled")


def test_a_seminar_called_off_offers_the_choice_until_its_day(app, cast, clock):
    made = paid(cast, clock)
    change(made.seminar, status="cancelled", cancelled_reason="A hurricane closed the hotel.")
    write("called_off", made, date(2027, 3, 15), at=clock.now)
    text = words("called_off")
    assert "we had to cancel Cardiology for Primary Care. A hurricane closed the hotel." in text
    assert "You can move to another seminar, with all you paid, until March 15, 2027." in text
    assert "we return the whole $1,095 USD to the card or account you paid with" in text


def test_whoever_had_not_paid_reads_that_nothing_has_to_come_back(app, cast, clock):
    made = registration(cast.ada, seminar(now=clock.now), now=clock.now, status="held", amount_due_minor=109500)
    write("called_off", made, None, at=clock.now)
    assert "Nothing was charged for it" in words("called_off")
    assert letter("called_off").attachments == []


def test_money_behind_a_move_that_was_only_begun_is_not_promised_back(app, cast, clock):
    """The new place was called off; the old one stands, and so does what was paid for it."""
    old = paid(cast, clock)
    new = registration(
        cast.ada,
        seminar(now=clock.now),
        now=clock.now,
        status="held",
        amount_due_minor=129500,
        carried_minor=109500,
        moved_from_id=old.id,
    )
    write("called_off", new, None, at=clock.now)
    assert "Nothing was charged for it" in words("called_off")


def test_tuition_on_hold_is_told_with_its_amount_and_its_last_day(app, cast, clock):
    made = paid(cast, clock)
    change(made, status="cancelled", credit_until=date(2028, 3, 1))
    write("put_on_hold", made, at=clock.now)
    assert "what you paid is on hold: $1,095 USD, for any seminar you register for until March 1, 2028" in words(
        "put_on_hold"
    )


def test_tuition_kept_for_longer_is_remembered_again(app, cast, clock):
    made = paid(cast, clock)
    for last in (date(2027, 3, 20), date(2027, 3, 20), date(2027, 6, 1)):
        change(made, status="cancelled", credit_until=last)
        write("credit_ending", made, at=clock.now)
    assert len(db.session.scalars(select(Letter.id)).all()) == 2


def test_a_move_names_both_places_and_what_is_left_over(app, cast, clock):
    old, new = paid(cast, clock), registration(cast.ada, seminar(now=clock.now, title="Skin"), now=clock.now)
    with transaction() as session:
        places = [session.get_one(Registration, each.id) for each in (old, new)]
        emails.moved(*places, Money(20000), at=clock.now)
    text = words("moved")
    assert "You moved from Cardiology for Primary Care to Skin." in text
    assert "we return $200 USD" in text
    assert letter("moved").attachments[0]["registration"] == old.id


def test_a_colleague_is_asked_with_a_link_that_nobody_else_reads(app, cast, clock):
    made = paid(cast, clock)
    url = settings.public_url("/substitutions/abc-DEF_123")
    write("substitute_asked", made, "robin@example.test", url, at=clock.now)
    asked = letter("substitute_asked")
    assert (asked.to, asked.account_id) == ("robin@example.test", None)
    assert "Ada Quillfeather, MD cannot come to Cardiology for Primary Care" in words("substitute_asked")
    assert url in asked.text
    assert "abc-DEF_123" not in without_tokens(asked.text)


# Money


def test_a_refund_is_told_with_its_amount_and_its_credit_note(desk, outbox, promises):
    payment = desk.payment(desk.pay())
    refund_id = checkout.request_refund(payment.id, 5000, reason="goodwill", by=None, now=desk.clock.now)
    checkout.send_refund(refund_id, payments=desk.client, now=desk.clock.now)
    [note] = db.session.scalars(select(Paper).where(Paper.kind == CREDIT_NOTE))
    assert "$50 USD for Cardiology for Primary Care is on its way to the card or account" in words("refund_sent")
    assert "You had paid: $1,095 USD" in words("refund_sent")
    assert f"Your credit note {note.number} is attached." in words("refund_sent")
    assert list(files(carried(outbox)[-1])) == [f"credit-note-{note.number}.pdf"]


def test_an_invoice_is_in_the_envelope_and_says_until_when(app, cast, clock, outbox):
    made = registration(cast.ada, seminar(now=clock.now), now=clock.now, status="held", amount_due_minor=109500)
    change(made, invoiced_at=clock.now, hold_until=clock.now + timedelta(days=14))
    with transaction() as session:
        found = session.get_one(Registration, made.id)
        paper = services.papers.issue_invoice(found, now=clock.now)
        emails.invoice(found, paper, at=clock.now)
    [message] = carried(outbox)
    assert list(files(message)) == ["invoice-I-2027-000001.pdf"]
    assert "We hold your seat until March 15, 2027, 11:00 am EDT: $1,095 USD must have reached us" in words("invoice")


@pytest.mark.parametrize("name", ["confirmed", "cancelled", "join_link", "week_before"])
def test_a_letter_is_one_however_often_it_is_written(app, cast, clock, name):
    made = registration(cast.ada, seminar(now=clock.now), now=clock.now)
    more: dict[str, Any] = {"confirmed": {"access_until": None}}.get(name, {})
    args = {"confirmed": (None,), "cancelled": (Money(0),)}.get(name, ())
    first, second = (write(name, made, *args, at=clock.now, **more).id for _ in range(2))
    assert first == second
