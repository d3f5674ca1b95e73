"""The page of a seminar answers what people ask before they come, each for themselves, without a script."""

from datetime import date, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event

from cme.catalog.models import AgendaSession, Designation, Disclosure, Offering, Seminar, SeminarFaculty
from cme.database import db, transaction
from tests.browser import Browser, Page
from tests.factories import account, faculty, handout, local, registration, seminar

pytestmark = pytest.mark.pages

NASTY = '<script>alert("1")</script> & {{ 7*7 }} “Ω” O\'Neill'


def words(page: Page, part: str) -> str:
    """What one part of the page says."""
    (found,) = page.root.find(id=part)
    return found.text.replace("\xa0", " ")


def change(made: Seminar, **values: Any) -> None:
    with transaction() as session:
        found = session.get_one(Seminar, made.id)
        found.version += 1
        for name, value in values.items():
            setattr(found, name, value)


def add_session(made: Seminar, title: str, begins: time, ends: time, **more: Any) -> None:
    on = made.starts_on
    with transaction() as session:
        values = {"starts_at": local(on, begins), "ends_at": local(on, ends), "starts": begins, "ends": ends}
        session.add(AgendaSession(seminar_id=made.id, title=title, on=on, position=9, **values, **more))


def on_demand(clock: Any, *, access_days: int | None = None, **more: Any) -> Seminar:
    today = clock.now.date()
    values = {
        "released_on": today - timedelta(days=30),
        "reviewed_on": today - timedelta(days=3),
        "terminates_on": today + timedelta(days=400),
        "estimated_minutes": 135,
        "pass_mark": 70,
    } | more
    made = seminar(
        now=clock.now, starts_in=-30, days=1, modes=("on-demand",), learning_format="enduring material", **values
    )
    with transaction() as session:
        session.get_one(Offering, made.offerings[0].id).access_days = access_days
    return made


# When, and who


def test_the_hours_of_each_day_are_said_with_their_zone(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, days=2)
    assert "8:00 – 10:15 am each day, Eastern" in browser.open(f"/seminars/{made.slug}").text
    add_session(made, "Evening", time(17), time(18))
    change(made, time_zone="America/Denver")
    assert "Between 8:00 am and 6:00 pm, Mountain" in browser.open(f"/seminars/{made.slug}").text


def test_days_carry_their_themes(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, days=2)
    change(made, day_themes={made.starts_on.isoformat(): "Pressure"})
    days = browser.open(f"/seminars/{made.slug}").root.find(id="agenda")[0].find("summary")
    assert [day.text.replace("\xa0", " ") for day in days] == [
        "Pressure Wednesday, March 31, 8:00 – 10:15 am, 2.0 credits",
        "Thursday, April 1 Day 2, 8:00 – 10:15 am, 2.0 credits",
    ]


def test_sessions_say_what_they_are_about_and_where(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, days=1, modes=("in-person", "livestream"))
    add_session(made, "Workshop", time(11), time(12), track="Room A", mode="in-person", topic_minutes={"opioids": 45})
    add_session(made, "Clinic", time(11, 30), time(12), track="Room B", topic_minutes={"unheard-of": 30})
    rows = [item.text for item in browser.open(f"/seminars/{made.slug}").root.find(class_="agenda__item")]
    assert rows[3:] == [
        "11:00 am – 12:00 pm 60 min Workshop Room A Side by side In person only "
        "Opioids and other substance use disorders, 45 min 1.0 credits",
        "11:30 am – 12:00 pm 30 min Clinic Room B Side by side 0.5 credits",
    ]
    assert not any("Side by side" in row for row in rows[:3])


def test_where_there_is_one_way_to_attend_no_session_repeats_it(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, days=1)
    add_session(made, "Workshop", time(11), time(12), mode="in-person")
    assert "In person only" not in words(browser.open(f"/seminars/{made.slug}"), "agenda")


def test_faculty_lead_to_their_own_pages(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, days=1)
    with transaction() as session:
        found = session.get_one(Seminar, made.id)
        found.sessions[0].faculty = [found.people[0].faculty]
        found.people[0].faculty.bio = "Plays the *cello*."
    page = browser.open(f"/seminars/{made.slug}")
    assert page.links("Odalys Venn-Whitaker") == [f"/faculty/{made.people[0].faculty.slug}"] * 2
    assert "Plays the <em>cello</em>." in page.html
    assert page.click("Odalys Venn-Whitaker, MD").status == 200


def test_a_draft_links_no_page_that_is_not_there(browser: Browser, cast: Any, clock: Any) -> None:
    made = seminar(now=clock.now, status="draft")
    assert not browser.sign_in(cast.sam).open(f"/seminars/{made.slug}").links("Venn-Whitaker")


def test_what_nobody_disclosed_yet_is_said(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now)
    silent, waiting = faculty("S. Ilent", now=clock.now), faculty("W. Aiting", now=clock.now)
    with transaction() as session:
        for one in session.query(Disclosure).filter_by(faculty_id=silent.id):
            session.delete(one)
        for one in session.query(Disclosure).filter_by(faculty_id=waiting.id):
            one.has_relationship, one.company, one.nature, one.is_decided = True, "Palewell", "speaker", False
        session.add_all([SeminarFaculty(seminar_id=made.id, faculty_id=who.id) for who in (silent, waiting)])
    page = browser.open(f"/seminars/{made.slug}")
    said = words(page, "accreditation")
    assert "None of these individuals in control of the content of this seminar has a relevant" in said
    assert "Not stated yet: S. Ilent, MD; W. Aiting, MD." in said
    assert words(page, "faculty").count("Disclosure not stated yet") == 2
    assert "Palewell" not in page.text


# What it costs


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("np", "Your tuition as a nurse practitioner or other APRN: $695 until Mar 4, then $895"),
        ("od", "Your tuition as an optometrist: $695 until Mar 4, then $895"),
        ("md", "Your tuition as a physician: $1,095"),
        ("student", "Your tuition as a medical, PA, NP or nursing student: free"),
        ("other", "Your tuition in your profession: $695 until Mar 4, then $895"),
    ],
)
def test_who_is_signed_in_is_told_their_own_tuition(browser: Browser, clock: Any, kind: str, sentence: str) -> None:
    until = clock.now.date() + timedelta(days=3)
    prices = {"physician": 109500, "clinician": 89500, "trainee": 0}
    made = seminar(now=clock.now, prices=prices, early={"clinician": 69500}, early_until=until)
    me = account("me@example.test", "Me Too", kind, now=clock.now)
    page = browser.sign_in(me).open(f"/seminars/{made.slug}")
    assert sentence in words(page, "register")
    assert "Your tuition" not in Browser(browser.app).open(f"/seminars/{made.slug}").text


def test_the_days_left_of_the_early_rate_are_counted(browser: Browser, clock: Any) -> None:
    until = clock.now.date() + timedelta(days=2)
    made = seminar(now=clock.now, early={"physician": 99500}, early_until=until)
    for left in ("2 days left", "1 day left", "today is the last day"):
        assert f"early rate to Mar 3 {left}" in words(browser.open(f"/seminars/{made.slug}"), "register")
        clock.advance(days=1)
    assert "early rate" not in words(browser.open(f"/seminars/{made.slug}"), "register")


def timeline(page: Page) -> list[str]:
    return [day.text.replace("\xa0", " ") for list_ in page.root.find(class_="timeline") for day in list_.find("li")]


def test_the_days_to_know_stand_in_order_around_today(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, early={"physician": 99500}, early_until=date(2027, 3, 20), starts_in=60)
    change(made, hotel_name="Harborlight Hotel", hotel_cutoff_on=date(2027, 4, 10))
    path = f"/seminars/{made.slug}"
    assert timeline(browser.open(path)) == [
        "Today, March 1, 2027",
        "Until March 20, 2027 Early rate",
        "Until March 31, 2027 Full refund, less $50",
        "From April 1, 2027 No refund",
        "Until April 10, 2027 Group rate at Harborlight Hotel",
        "On April 30, 2027 The seminar begins",
        "Until June 30, 2027 Claim your credit",
    ]
    clock.advance(days=31)
    page = browser.open(path)
    assert timeline(page)[:4] == [
        "Until March 20, 2027 Early rate , gone by",
        "Until March 31, 2027 Full refund, less $50 , gone by",
        "Today, April 1, 2027",
        "From April 1, 2027 No refund",
    ]
    assert len(page.root.find(class_="timeline__gone")) == 2
    clock.advance(days=1)
    assert timeline(browser.open(path))[2:4] == ["From April 1, 2027 No refund", "Today, April 2, 2027"]


def test_what_is_free_has_no_refund_on_its_timeline(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, prices={"physician": 0})
    assert not any("refund" in day for day in timeline(browser.open(f"/seminars/{made.slug}")))


def test_another_way_to_attend_keeps_what_was_asked(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, modes=("in-person", "livestream"))
    page = browser.open(f"/seminars/{made.slug}?profession=np&state=fl")
    assert page.links("Livestream")[0] == f"/seminars/{made.slug}?mode=livestream&profession=np&state=FL"
    page = browser.open(f"/seminars/{made.slug}?profession=wizard&state=Mars")
    assert page.links("Livestream")[0] == f"/seminars/{made.slug}?mode=livestream"


# Where to stay


def test_the_group_rate_is_told_with_its_last_day_and_then_that_it_ended(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now)
    change(
        made,
        hotel="Code GCMS315.",
        hotel_name="Harborlight Hotel",
        hotel_rate_minor=21900,
        hotel_cutoff_on=date(2027, 3, 2),
        hotel_url="https://hotel.example/book?group=GCMS315",
    )
    page = browser.open(f"/seminars/{made.slug}")
    said = words(page, "venue")
    assert "Harborlight Hotel $219 a night for our group, if you book by March 2, 2027 Code GCMS315." in said
    assert page.links("Book a room") == ["https://hotel.example/book?group=GCMS315"]
    clock.advance(days=1)
    assert "$219 a night" in words(browser.open(f"/seminars/{made.slug}"), "venue")  # the last day is a day
    clock.advance(days=1)
    said = words(browser.open(f"/seminars/{made.slug}"), "venue")
    assert "The group rate ended March 2, 2027" in said
    assert "$219" not in said


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", None])
def test_no_hotel_leads_anywhere_but_the_web(browser: Browser, clock: Any, url: str | None) -> None:
    made = seminar(now=clock.now)
    change(made, hotel_name="Harborlight Hotel", hotel_url=url)
    page = browser.open(f"/seminars/{made.slug}")
    assert "Harborlight Hotel" in words(page, "venue")
    assert not page.links("Book a room")


def test_those_who_stay_at_home_are_told_whom_to_ask(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, modes=("livestream",))
    change(made, venue="", city="", state="")
    page = browser.open(f"/seminars/{made.slug}")
    assert not page.root.find(id="venue")
    assert "help@gcms.example" in words(page, "help")


# On demand


def test_before_an_on_demand_activity_starts_everything_is_told(browser: Browser, clock: Any) -> None:
    made = on_demand(clock, access_days=90, bibliography="1. Quill M. *Listening*.", method="Watch, read, answer.")
    page = browser.open(f"/seminars/{made.slug}")
    said = words(page, "before")
    for fact in (
        "Medium On demand, on the internet",
        "How to take part Watch, read, answer.",
        "Estimated time 2 hours 15 minutes",
        "Pass mark 70% of the assessment; below that no credit is given",
        "Principal faculty Odalys Venn-Whitaker, MD",
        "Released January 30, 2027",
        "Last reviewed February 26, 2027",
        "Terminates April 4, 2028 , the last day to register, take part and claim credit",
        "Access 90 days from registration, never past the last day above: until May 30, 2027 if you register today",
        "Bibliography",
    ):
        assert fact in said
    assert "<em>Listening</em>" in page.html
    assert "designates this enduring material" in page.text
    assert "Times are" not in page.text
    assert "Watch until May 30, 2027" in words(page, "register")
    assert timeline(page)[1:] == [
        "Until April 4, 2028 Register and take part",
        "Until April 4, 2028 Claim your credit",
    ]


def test_access_sold_never_outlives_the_activity(browser: Browser, clock: Any) -> None:
    made = on_demand(clock, access_days=90, terminates_on=clock.now.date() + timedelta(days=20))
    assert "until March 21, 2027 if you register today" in words(browser.open(f"/seminars/{made.slug}"), "before")


def test_nothing_is_sold_after_it_terminates(browser: Browser, clock: Any) -> None:
    made = on_demand(clock, terminates_on=clock.now.date())
    page = browser.open(f"/seminars/{made.slug}")
    assert page.root.find("form", class_="reg-card")
    clock.advance(days=1)
    page = browser.open(f"/seminars/{made.slug}")
    assert not page.root.find("form", class_="reg-card")
    assert "Ended Mar 1" in words(page, "register")
    assert "The time to claim credit ended March 1, 2027." in words(page, "register")


# What it counts for


@pytest.fixture
def counted(clock: Any) -> Seminar:
    """Four credits of several types, an hour of them on opioids, half an hour on medical errors."""
    made = seminar(now=clock.now, days=2)
    with transaction() as session:
        found = session.get_one(Seminar, made.id)
        found.sessions[0].topic_minutes = {"opioids": 60, "medical-errors": 30}
        for kind, more in (
            ("aapa-1", {}),
            ("aanp", {"approval_number": "24-17"}),
            ("aafp-prescribed", {"is_pending": True}),
        ):
            found.designations.append(Designation(credit_type=kind, maximum=400, **more))
    return made


def test_points_of_a_board_are_promised_to_those_it_certified(browser: Browser, counted: Seminar) -> None:
    with transaction() as session:
        session.add(Designation(seminar_id=counted.id, credit_type="moc-abim", maximum=400))
    change(counted)
    said = words(browser.open(f"/seminars/{counted.slug}?profession=md"), "counts")
    assert "You can claim up to 4.0 ABIM MOC points, if that board certified you." in said


def test_each_credit_names_its_claimants(browser: Browser, counted: Seminar) -> None:
    page = browser.open(f"/seminars/{counted.slug}")
    rows = [row.text for row in page.root.find(id="counts")[0].find("tr")]
    assert rows[1:] == [
        "AMA PRA Category 1 Credits™ 4.0 Physicians",
        "AAFP Prescribed credits Applied for; not decided yet 4.0 Family physicians",
        "AAPA Category 1 CME credits 4.0 Physician assistants/associates",
        "AANP contact hours Number 24-17 4.0 Nurse practitioners",
    ]


def test_anybody_can_ask_without_a_script_and_pass_the_answer_on(browser: Browser, counted: Seminar) -> None:
    page = browser.open(f"/seminars/{counted.slug}").press("Show me", profession="pa", state="FL")
    said = words(page, "counts")
    assert "Physician assistant / associate (PA), Florida" in said
    assert "You can claim up to 4.0 AAPA Category 1 CME credits." in said
    assert "You also receive a certificate of participation" in said
    assert "You can claim up to 4.0 AANP" not in said
    assert browser.open(page.url).status == 200
    assert words(browser.open(f"/seminars/{counted.slug}?profession=pa&state=FL"), "counts") == said


@pytest.mark.parametrize(
    ("address", "told", "untold"),
    [
        (
            "profession=md&state=FL",
            [
                "claim up to 4.0 AMA PRA",
                "4.0 AAFP Prescribed credits, once it is approved",
                "2.0 hours on prevention of medical errors",
                "MATE",
            ],
            ["participation"],
        ),
        ("profession=md&state=GA", ["MATE"], ["2.0 hours on prevention of medical errors"]),
        ("profession=np&state=FL", ["4.0 AANP", "MATE"], ["2.0 hours on prevention of medical errors"]),
        (
            "profession=rd&state=FL",
            ["You receive a certificate of participation", "names no requirement of Florida for your profession"],
            ["MATE"],
        ),
        ("state=FL", ["2.0 hours on prevention of medical errors", "MATE"], ["You can claim"]),
        (
            "",
            ["MATE", "0.5 hours on prevention of medical errors"],
            ["You can claim", "2.0 hours on prevention of medical errors"],
        ),
    ],
)
def test_the_answer_fits_who_asks(
    browser: Browser, counted: Seminar, address: str, told: list[str], untold: list[str]
) -> None:
    said = words(browser.open(f"/seminars/{counted.slug}?{address}"), "counts")
    answer = said.split("Show me", 1)[1].lower()
    for fact in told:
        assert fact.lower() in answer
    for fact in untold:
        assert fact.lower() not in answer
    assert "board" in answer


def test_who_is_signed_in_need_not_say_what_they_are(browser: Browser, cast: Any, counted: Seminar) -> None:
    path = f"/seminars/{counted.slug}"
    assert "You can claim up to 4.0 AANP" in words(browser.sign_in(cast.nell).open(path), "counts")
    assert "4.0 AAPA" in words(browser.open(f"{path}?profession=pa"), "counts").split("Show me")[1]
    assert "You can claim" not in words(Browser(browser.app).open(path), "counts")


@pytest.mark.parametrize("odd", ["<script>", "%00", "NP ", "9" * 3000, "%ff", "md&profession=np", "‮"])
def test_odd_answers_are_ignored_with_a_notice(browser: Browser, counted: Seminar, odd: str) -> None:
    page = browser.open(f"/seminars/{counted.slug}?profession={odd}&state={odd}")
    assert "<script>al" not in page.html
    said = words(page, "counts")
    if odd.startswith(("md", "%00")):
        return
    assert "is not a state of the United States." in said
    assert len(said) < 3000


def test_nothing_designated_is_said(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, maximum=0)
    page = browser.open(f"/seminars/{made.slug}?profession=md&state=FL")
    assert "This seminar is not designated for credit." in words(page, "counts")
    assert "You can claim" not in page.text


# All of it


def test_hostile_words_are_words_everywhere(browser: Browser, clock: Any) -> None:
    made = on_demand(clock, method=NASTY, bibliography=NASTY)
    handout(made, now=clock.now, title=NASTY)
    change(made, day_themes={made.starts_on.isoformat(): NASTY}, hotel_name=NASTY, hotel=NASTY, title=NASTY)
    with transaction() as session:
        found = session.get_one(Seminar, made.id)
        found.people[0].faculty.bio = NASTY
        found.sessions[0].track = NASTY[:60]
        found.sessions[0].faculty = [found.people[0].faculty]
        found.designations[0].approval_number = NASTY[:60]
    page = browser.open(f"/seminars/{made.slug}")
    assert page.text.count(NASTY) >= 5
    assert "<script>alert" not in page.html
    assert "49" not in page.text.replace(made.slug, "")


def statements(browser: Browser, path: str) -> int:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert browser.client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len([statement for statement in asked if not statement.startswith("BEGIN")])


def test_the_page_takes_at_most_six_statements(app: Any, cast: SimpleNamespace, clock: Any) -> None:
    made = seminar(now=clock.now, modes=("in-person", "livestream"))
    handout(made, now=clock.now)
    registration(cast.ada, made, now=clock.now)
    for person in (None, cast.nell, cast.ada, cast.sam):
        browser = Browser(app) if person is None else Browser(app).sign_in(person)
        for _ in range(2):
            clock.advance(seconds=5)  # nothing that is kept for a second is still known
            assert statements(browser, f"/seminars/{made.slug}?profession=md&state=FL") <= 6
