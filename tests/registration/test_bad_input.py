"""Facts about forms that were tampered with: prices, quantities, refs and choices nobody was shown take no effect."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from cme.catalog.models import Offering
from cme.database import db
from cme.registration import services
from cme.registration.models import LedgerEntry, Payment, PromoCode, Refund, Registration, Substitution
from tests import factories
from tests.browser import Browser, Page, form_values
from tests.registration import moving

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("promises", "sandbox")]

HOSTILE = (
    *("-1", "-109500", "+1", "0x10", "1e9", "NaN", "Infinity", "1.5", "１００", "²", "", " ", "109500 "),
    *("9" * 9, "9" * 40, "2147483648", "9223372036854775808", "-9223372036854775809"),
    *("\x00", "a\x00b", "\u202e109500", "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "%s%s%n", "../../etc"),
    *("x" * 10_000, "true", "null", "[]", "free", "0001-01-01", "9999-12-31", "2027-02-30", "😀"),
)
# Words are anybody's own, and the number of a form is only there to tell a form sent twice.
ONES_OWN = ("csrf_token", "form_id", "reason", "note", "reference", "text", "email", "terms", "apply")


def stored() -> dict[str, Any]:
    """Everything of seats and money that a forged form could have changed."""
    db.session.rollback()
    found: dict[str, Any] = {
        model.__tablename__: db.session.scalar(select(func.count(model.id)))
        for model in (Registration, Payment, Refund, LedgerEntry, Substitution)
    }
    found["places"] = db.session.execute(
        select(Registration.id, Registration.status, Registration.amount_due_minor, Registration.credit_until).order_by(
            Registration.id
        )
    ).all()
    found["decided"] = db.session.execute(select(Payment.id, Payment.review_since).order_by(Payment.id)).all()
    found["sent"] = db.session.execute(select(Refund.id, Refund.status).order_by(Refund.id)).all()
    found["taken"] = db.session.execute(select(Offering.id, Offering.taken).order_by(Offering.id)).all()
    found["used"] = db.session.execute(select(PromoCode.id, PromoCode.used).order_by(PromoCode.id)).all()
    return found


def forged(page: Page, button: str, *also: str) -> Iterator[tuple[str, str]]:
    """Every hostile value in every field of a form that is not somebody's own words."""
    form = page.form_with(button)
    for name in [*form_values(form), *also]:
        if not name.endswith(ONES_OWN):
            shown = form_values(form).get(name)
            yield from ((name, value) for value in HOSTILE if [value.strip()] != shown)


def refuse_all(page: Page, button: str, *also: str, **typed: Any) -> None:
    """Send the form with each of them: a clear no each time, and nothing stored."""
    before, tried = stored(), 0
    for name, value in forged(page, button, *also):
        answer = page.browser.send(page, button, typed | {name: value})
        where = f"{name}={value[:40]!r} on {page.url} answered {answer.status}"
        assert answer.status in {200, 400, 404, 409, 422, 429}, where
        assert stored() == before, where
        tried += 1
    assert tried


@pytest.fixture
def ada(browser: Browser, cast: Any) -> Browser:
    return browser.sign_in(cast.ada)


@pytest.fixture
def paid(desk: Any) -> Registration:
    """Ada's seat, paid for, with another way to attend beside it."""
    moving.two_ways(desk)
    return desk.pay()


def test_a_forged_price_takes_no_seat(ada, desk):
    desk.open(modes=("in-person", "livestream"))
    refuse_all(ada.open(f"/seminars/{desk.seminar.slug}/register"), "Continue", terms="y")


def test_a_price_of_yesterday_takes_no_seat(ada, desk):
    desk.open()
    page = ada.open(f"/seminars/{desk.seminar.slug}/register")
    for tier in desk.seminar.offerings[0].tiers:
        tier.amount_minor += 100
    db.session.commit()
    before = stored()
    assert page.press("Continue", terms="y").status == 409
    assert stored() == before


def test_a_forged_amount_is_not_paid(ada, desk):
    held = desk.hold()
    refuse_all(ada.open(f"/registrations/{held.ref}"), "with Stripe")


def test_a_code_in_odd_letters_lowers_nothing(ada, desk):
    held = desk.hold()
    page = ada.open(f"/registrations/{held.ref}")
    before = stored()
    for value in HOSTILE:
        if value.strip():
            answer = page.browser.send(page, "Apply", {"code": value})
            assert answer.status in {409, 422, 429}, f"{value[:40]!r} answered {answer.status}"
            assert stored() == before


@pytest.mark.parametrize(("at", "button"), [("cancel", "Cancel"), ("hold", "hold"), ("switch", "livestream")])
def test_a_forged_sum_changes_no_place(ada, paid, at, button):
    page = ada.open(f"/registrations/{paid.ref}/change/{at}")
    refuse_all(page, next(each.text for each in page.root.find("main")[0].find("button")))


def test_a_forged_sum_moves_nobody(ada, desk, paid):
    target = moving.other(desk, 99500)
    page = ada.open(f"/registrations/{paid.ref}/change/transfer?to={target.seminar.slug}&mode={target.mode}")
    refuse_all(page, page.root.find("main")[0].find("button")[-1].text, terms="y")


def test_nobody_moves_to_what_is_not_there(ada, paid):
    before = stored()
    for value in HOSTILE:
        for query in ({"to": value, "mode": "in-person"}, {"to": paid.seminar.slug, "mode": value}):
            answer = ada.client.get(f"/registrations/{paid.ref}/change/transfer", query_string=query)
            assert answer.status_code < 500, query
    assert stored() == before


def test_an_offer_is_not_had_for_less(ada, app, cast, clock, desk):
    desk.open(capacity=1)
    first = desk.hold(cast.otto)
    services.join_waitlist(cast.ada.id, desk.seminar.offerings[0].id, form_id=None, now=clock.now)
    desk.give_up(first)
    db.session.rollback()
    mine = db.session.scalars(select(Registration).where(Registration.status == "offered")).one()
    page = ada.open(f"/registrations/{mine.ref}/offer")
    refuse_all(page, next(each.text for each in page.root.find("main")[0].find("button")))


PLACES = ("", "/checkout", "/code", "/thanks", "/cancel", "/invoice", "/change", "/change/cancel", "/change/hold")
MORE = ("/change/transfer", "/change/switch", "/change/substitute", "/offer", "/waitlist", "/receipt.pdf")


@pytest.mark.parametrize("at", [*PLACES, *MORE])
def test_the_place_of_somebody_else_is_not_there(app, cast, paid, at):
    otto = Browser(app).sign_in(cast.otto)
    token = otto.open("/account").root.find("input", name="csrf_token")[0].attrs["value"]
    before = stored()
    session = db.session.scalars(select(Payment.session_id)).one()
    refs = [paid.ref, paid.ref.lower(), paid.ref[:-1], paid.ref + "0", "0" * 26, "%00" * 26, "' OR 1=1 --", "-1"]
    for ref in refs:
        asked = otto.client.get(f"/registrations/{ref}{at}", query_string={"session_id": session})
        sent = otto.client.post(f"/registrations/{ref}{at}", data={"csrf_token": token, "shown": "0", "terms": "y"})
        assert {asked.status_code, sent.status_code} <= {308, 400, 404, 405}, (ref, asked.status, sent.status)
    assert stored() == before


@pytest.fixture
def acts(app, cast, desk, paid) -> dict[str, Registration]:
    """For each form of the desk a place whose page has it, with what staff type themselves filled in well."""
    rosa, noah = (factories.account(f"{name}@example.test", "R, MD", "md", now=desk.clock.now) for name in ("r", "n"))
    sam = Browser(app).sign_in(cast.sam)
    held, by_check, emptied, kept = desk.hold(cast.nell), desk.hold(rosa), desk.pay(cast.otto), desk.pay(noah)
    desk.sandbox.refund(desk.session(emptied))
    desk.tell(emptied, "charge.refunded")
    page = sam.open(f"/admin/registrations/{by_check.ref}").press("Record the money", reference="4711")
    page.press("Refund", refund_amount="95", refund_reason="Rain")
    page = sam.open(f"/admin/registrations/{kept.ref}")
    page.press("Cancel the registration", way="hold", cancel_reason="Ill", keep_until="2027-12-01")
    return {"refund": paid, "cancel": paid, "credit": kept, "money": held, "decide": emptied, "sent": by_check}


FREE = ("refund_amount", "keep_until", "paid_back")  # what staff may choose as they like, or what is not looked at
CHOSEN = {"refund_amount": "5", "way": "policy", "what": "keep"}


@pytest.mark.parametrize("form", ["refund", "cancel", "credit", "money", "decide", "sent"])
def test_staff_forms_take_only_what_they_offered(app, cast, acts, form):
    sam = Browser(app).sign_in(cast.sam)
    page = sam.open(f"/admin/registrations/{acts[form].ref}")
    found = next(each for each in page.root.find("form") if each.attrs.get("action", "").endswith(f"/{form}"))
    button, names = found.find("button")[0].text, {one.attrs.get("name", "") for one in found.find("input")}
    well = {name: value for name, value in CHOSEN.items() if name in names}
    well |= {name: "Tampered" for name in names if name.endswith(("reason", "note", "reference"))}
    before, tried = stored(), 0
    for name, value in forged(page, button, *{"sent": ["mark"], "decide": ["what"]}.get(form, [])):
        if name not in FREE:
            answer = sam.send(page, button, {**well, name: value})
            where = f"{name}={value[:40]!r} in {form} answered {answer.status}"
            assert answer.status in {200, 400, 404, 409, 422}, where
            assert stored() == before, where
            tried += 1
    assert tried
    if form not in ("credit", "money"):  # the very same form does something where nobody tampered with it
        assert sam.send(page, button, well).status == 200
        assert stored() != before
