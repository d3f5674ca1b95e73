"""Facts about the desk: who comes, who was there, what was taken in."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cme.audit import AuditEntry
from cme.database import db, transaction
from cme.registration import queries
from cme.registration.models import Payment
from tests import factories
from tests.browser import Browser, Page

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("promises", "sandbox")]


@pytest.fixture
def sam(browser: Browser, cast: Any) -> Browser:
    return browser.sign_in(cast.sam)


@pytest.fixture
def running(app: Any, clock: Any) -> Any:
    """A seminar of four mornings on its second day."""
    return factories.seminar(now=clock.now, starts_in=-1, days=4, capacity=80, slug="running")


def day_buttons(page: Page, name: str) -> list[str]:
    """What the buttons of a person's days say: present, absent, or not to be pressed."""
    found = [b for b in page.root.find("button", class_="daybtn") if b.attrs["aria-label"].startswith(name)]
    return ["off" if "disabled" in b.attrs else b.attrs["aria-pressed"] for b in found]


def press_day(page: Page, name: str, day: int) -> Page:
    """Press the button of one day of a person."""
    label = f"{name}, day {day}"
    button = next(b for b in page.root.find("button", class_="daybtn") if b.attrs["aria-label"] == label)
    return mark(page, mark=button.attrs["value"])


def mark(page: Page, **data: str) -> Page:
    """Send a mark as a form of the roster would."""
    token = page.root.find("input", name="csrf_token")[0].attrs["value"]
    form = next(f for f in page.root.find("form", method="post") if f.attrs["action"].split("?")[0].endswith("ance"))
    browser, url = page.browser, form.attrs["action"]
    answer = browser.client.post(url, data={"csrf_token": token, **data})
    return browser._arrive(answer, url, None)


class TestRoster:
    """The roster of one seminar."""

    def test_it_lists_everybody_with_a_seat(self, sam, cast, running, clock):
        factories.registration(cast.ada, running, now=clock.now)
        factories.registration(cast.nell, running, now=clock.now, status="held", amount_due_minor=89500)
        factories.registration(cast.otto, running, now=clock.now, status="cancelled")
        page = sam.open("/admin/seminars/running/roster")
        rows = [row.text for row in page.root.find("tbody")[0].find("tr")]
        assert [row.split(",")[0] for row in rows] == ["Ada Quillfeather", "Nell Bracegirdle"]
        assert "Free" in rows[0]
        assert "$895 Not paid" in rows[1]
        assert "Today is day 2" in page.text

    def test_people_are_found_by_part_of_a_name_or_address(self, sam, cast, running, clock):
        for person in (cast.ada, cast.nell):
            factories.registration(person, running, now=clock.now)
        page = sam.open("/admin/seminars/running/roster?q=NELL@")
        assert "Nell" in page.text
        assert "Ada" not in page.text
        assert "Nobody matches" in sam.open("/admin/seminars/running/roster?q=zebedee").text

    def test_whoever_cannot_claim_yet_is_counted(self, sam, cast, running, clock):
        factories.registration(cast.noah, running, now=clock.now)
        assert "Cannot claim yet 1" in sam.open("/admin/seminars/running/roster").text

    def test_one_without_people_says_so(self, sam, running):
        assert "Nobody has registered yet" in sam.open("/admin/seminars/running/roster").text

    def test_its_reading_does_not_grow_with_the_people(self, sam, app, running, clock, statements):
        counts = []
        for number in range(12):
            person = factories.account(f"p{number}@example.test", f"Person {number}, MD", "md", now=clock.now)
            made = factories.registration(person, running, now=clock.now)
            factories.attend(made, now=clock.now, mornings=1)
            if number in (1, 11):
                counts.append(statements(lambda: sam.open("/admin/seminars/running/roster")))
        assert counts[0] == counts[1]


@pytest.fixture
def statements(app: Any) -> Any:
    """Count the statements sent to the database while something is done."""
    from sqlalchemy import event

    def counted(act: Any) -> int:
        sent: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            sent.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            act()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(sent)

    return counted


class TestAttendance:
    """Marking who was there."""

    def test_a_day_is_marked_and_taken_back(self, sam, cast, running, clock):
        made = factories.registration(cast.ada, running, now=clock.now)
        page = sam.open("/admin/seminars/running/roster")
        assert day_buttons(page, "Ada") == ["false", "false", "off", "off"]
        page = press_day(page, "Ada Quillfeather, MD", 2)
        assert page.url.endswith(f"#r-{made.ref}")
        assert day_buttons(page, "Ada") == ["false", "true", "off", "off"]
        assert queries.attended_minutes(made.id) == 120
        assert day_buttons(press_day(page, "Ada Quillfeather, MD", 2), "Ada") == ["false", "false", "off", "off"]
        assert queries.attended_minutes(made.id) == 0

    def test_pressing_twice_from_one_page_marks_once(self, sam, cast, running, clock):
        made = factories.registration(cast.ada, running, now=clock.now)
        page = sam.open("/admin/seminars/running/roster")
        for _ in range(2):
            press_day(page, "Ada Quillfeather, MD", 1)
        assert queries.attended_minutes(made.id) == 120
        marks = select(AuditEntry).where(AuditEntry.action == "marked attendance")
        assert len(db.session.scalars(marks).all()) == 1

    def test_a_day_leaves_the_others_as_they_are(self, sam, cast, running, clock):
        made = factories.registration(cast.ada, running, now=clock.now)
        page = sam.open("/admin/seminars/running/roster")
        page = press_day(page, "Ada Quillfeather, MD", 1)
        press_day(page, "Ada Quillfeather, MD", 2)
        assert queries.attended_minutes(made.id) == 240

    def test_everybody_confirmed_is_marked_at_once(self, sam, cast, running, clock):
        made = [factories.registration(person, running, now=clock.now) for person in (cast.ada, cast.nell)]
        held = factories.registration(cast.otto, running, now=clock.now, status="held", amount_due_minor=109500)
        page = sam.open("/admin/seminars/running/roster").press("Mark all present, day 1")
        assert "2 marked present on February 28" in page.html
        assert [queries.attended_minutes(each.id) for each in (*made, held)] == [120, 120, 0]

    def test_a_script_gets_a_short_answer(self, sam, cast, running, clock):
        made = factories.registration(cast.ada, running, now=clock.now)
        page = sam.open("/admin/seminars/running/roster")
        answer = sam.client.post(
            "/admin/seminars/running/attendance",
            data={
                "csrf_token": page.root.find("input", name="csrf_token")[0].attrs["value"],
                "mark": f"{made.ref}:{running.starts_on}:present",
            },
            headers={"X-Fragment": "toggle"},
        )
        assert (answer.status_code, answer.get_data()) == (204, b"")
        assert queries.attended_minutes(made.id) == 120

    def test_a_day_still_to_come_cannot_be_marked(self, sam, cast, running, clock):
        made = factories.registration(cast.ada, running, now=clock.now)
        page = sam.open("/admin/seminars/running/roster")
        tomorrow = running.starts_on + timedelta(days=2)
        for asked in ({"mark": f"{made.ref}:{tomorrow}:present"}, {"everybody": str(tomorrow)}):
            refused = mark(page, **asked)
            assert refused.status == 409
            assert "can be marked from that day on" in refused.errors[0]
        assert queries.attended_minutes(made.id) == 0

    def test_nothing_can_be_marked_before_the_seminar(self, sam, cast, clock):
        ahead = factories.seminar(now=clock.now, starts_in=3, slug="ahead")
        factories.registration(cast.ada, ahead, now=clock.now)
        page = sam.open("/admin/seminars/ahead/roster")
        assert day_buttons(page, "Ada") == ["off", "off"]
        assert "Mark all present" not in page.text

    def test_who_has_not_paid_cannot_be_marked(self, sam, cast, running, clock):
        held = factories.registration(cast.otto, running, now=clock.now, status="held", amount_due_minor=109500)
        page = sam.open("/admin/seminars/running/roster")
        assert day_buttons(page, "Otto") == ["off"] * 4
        refused = mark(page, mark=f"{held.ref}:{running.starts_on}:present")
        assert refused.errors == ["Attendance can be marked for confirmed registrations only."]

    def test_somebody_of_another_seminar_is_not_there(self, sam, cast, running, clock):
        other = factories.seminar(now=clock.now, starts_in=-1)
        elsewhere = factories.registration(cast.otto, other, now=clock.now)
        factories.registration(cast.ada, running, now=clock.now)
        page = sam.open("/admin/seminars/running/roster")
        assert mark(page, mark=f"{elsewhere.ref}:{running.starts_on}:present").status == 404
        assert queries.attended_minutes(elsewhere.id) == 0

    @pytest.mark.parametrize(
        "typed", ["", "x", ":::", f"{'0' * 26}:2027-13-45:present", f"{'0' * 26}:2027-02-28:maybe"]
    )
    def test_a_mark_that_says_nothing_is_refused(self, sam, cast, running, clock, typed):
        factories.registration(cast.ada, running, now=clock.now)
        assert mark(sam.open("/admin/seminars/running/roster"), mark=typed).status == 400


class TestLists:
    """Registrations and payments of the whole house."""

    def test_registrations_are_searched_and_sorted_out_by_status(self, sam, cast, running, clock):
        factories.registration(cast.ada, running, now=clock.now)
        factories.registration(cast.nell, running, now=clock.now, status="held", amount_due_minor=89500)
        assert "2 registrations" in sam.open("/admin/registrations").text
        held = sam.open("/admin/registrations?status=held")
        assert "Nell" in held.text
        assert "Ada" not in held.text
        assert "Ada" in sam.open("/admin/registrations?q=quillf").text
        for strange in ("status=nonsense", "page=999", "page=-1", "page=x", "q=%00%25_'"):
            assert sam.open(f"/admin/registrations?{strange}")

    def test_long_lists_have_pages(self, sam, running, clock):
        for number in range(51):
            person = factories.account(f"p{number}@example.test", f"Person {number:02d}, MD", "md", now=clock.now)
            factories.registration(person, running, now=clock.now, status="cancelled")
        page = sam.open("/admin/registrations?status=cancelled")
        assert "Showing 1 to 50 of 51" in page.text
        assert "Person 00" in page.click("Next").text

    def test_payments_are_summed_by_mode(self, sam, desk):
        desk.pay()
        held = desk.begin(desk.cast.nell)
        page = sam.open("/admin/payments")
        assert "2 attempts to pay" in page.text
        assert "Sandbox, no real money $1,095 1 paid, $1,095; returned $0" in page.text
        opened = sam.open("/admin/payments?status=open")
        assert held.ref in opened.text
        assert "Ada" not in opened.text

    def test_what_was_given_back_is_shown(self, sam, desk):
        paid = desk.pay()
        desk.sandbox.refund(desk.session(paid), 9500)
        desk.tell(paid, "refund.created")
        page = sam.open("/admin/payments")
        assert "$95, succeeded, at Stripe" in page.text
        assert "$1,000 1 paid, $1,095; returned $95" in page.text

    def test_what_waits_for_a_decision_is_said_first(self, sam, desk, clock):
        desk.pay()
        with transaction() as session:
            payment = session.scalars(select(Payment)).one()
            payment.review_since, payment.review_reason = clock.now, "a second session was paid"
        page = sam.open("/admin/payments").click("1 in review")
        assert "a second session was paid" in page.text


PAGES = ("/admin/registrations", "/admin/payments", "/admin/seminars/running/roster")


class TestWho:
    """Only those with the permission."""

    @pytest.mark.parametrize("url", PAGES)
    def test_learners_find_nothing_there(self, browser, cast, running, url):
        browser.sign_in(cast.ada).open(url, expect=404)

    def test_staff_see_what_their_role_allows(self, browser, running, clock):
        helper = factories.staff("helper@example.test", "Hal Per", ["registrations"], now=clock.now)
        browser.sign_in(helper)
        browser.open("/admin/registrations")
        browser.open("/admin/payments", expect=404)

    def test_marking_needs_its_own_permission(self, browser, cast, running, clock):
        made = factories.registration(cast.ada, running, now=clock.now)
        helper = factories.staff("helper@example.test", "Hal Per", ["registrations"], now=clock.now)
        page = browser.sign_in(helper).open("/admin/seminars/running/roster")
        assert mark(page, mark=f"{made.ref}:{running.starts_on}:present").status == 404
        assert queries.attended_minutes(made.id) == 0

    def test_an_unknown_seminar_has_no_roster(self, sam):
        sam.open("/admin/seminars/nowhere/roster", expect=404)
