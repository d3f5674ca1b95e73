"""The catalog, the page of a seminar, articles and texts, as people see them."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cme import settings as house_settings
from cme.catalog.models import AgendaSession, Article, ArticleCategory, Offering, Seminar, SeminarFaculty
from cme.database import transaction
from cme.settings import Provider
from cme.values import Mode
from tests.browser import Browser, Page
from tests.factories import FREE, attend, faculty, registration, seminar

pytestmark = pytest.mark.pages

NASTY = '<script>alert("1")</script> & {{ 7*7 }} “Ω” O\'Neill'


def change(made: Seminar, **values: Any) -> None:
    with transaction() as session:
        for name, value in values.items():
            setattr(session.get_one(Seminar, made.id), name, value)


def titles(page: Page) -> list[str]:
    return [heading.text for heading in page.root.find(class_="sem-row__title")]


def card(page: Page) -> str:
    """What the card beside a seminar says."""
    return page.root.find(id="register")[0].text


def ways_on(page: Page) -> list[str]:
    """Where the card beside a seminar leads."""
    return [link.attrs["href"] for link in page.root.find(id="register")[0].find("a")]


# The list


def test_the_catalog_lists_what_is_ahead_by_month(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Knees in spring", starts_in=20)
    seminar(now=clock.now, title="Hips in April", starts_in=40, modes=("in-person", "livestream"))
    page = browser.open("/seminars")
    assert titles(page) == ["Knees in spring", "Hips in April"]
    assert [mark.text for mark in page.root.find(class_="month-mark")] == ["March 2027", "April 2027"]
    assert "2 seminars" in page.text
    assert "In person or livestream" in page.text
    assert page.click("Hips in April").h1 == "Hips in April"


def test_filters_work_without_a_script(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts", specialty="Cardiology", starts_in=20)
    seminar(now=clock.now, title="Nerves", specialty="Neurology", starts_in=30)
    page = browser.open("/seminars").press("Apply filters", specialty="neurology")
    assert titles(page) == ["Nerves"]
    assert titles(page.click("Remove filter: Neurology")) == ["Hearts", "Nerves"]


def test_sorting_keeps_the_filters_without_a_script(browser: Browser, clock: Any) -> None:
    for title, specialty, dollars in (
        ("Dear", "Cardiology", 90),
        ("Cheap", "Cardiology", 10),
        ("Nerves", "Neurology", 5),
    ):
        seminar(now=clock.now, title=title, specialty=specialty, prices={"physician": dollars * 100})
    page = browser.open("/seminars?specialty=cardiology").press("Sort", sort="price")
    assert titles(page) == ["Cheap", "Dear"]
    assert titles(page.press("Apply filters", q="cardiol")) == ["Cheap", "Dear"]


def test_a_search_without_a_result_offers_a_way_back(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts")
    page = browser.open("/seminars?q=dragons")
    assert page.title.startswith("No seminars match")
    assert "“dragons”" in page.text
    assert titles(page.click("Clear all filters")) == ["Hearts"]


def test_an_empty_catalog_says_so(browser: Browser) -> None:
    assert "No dates yet" in browser.open("/seminars").text


def test_a_page_beyond_the_last_leads_back(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts")
    page = browser.open("/seminars?page=9", expect=404)
    assert "There is no page 9" in page.text
    assert titles(page.click("Back to the first page")) == ["Hearts"]


def test_a_long_catalog_has_pages_that_keep_what_was_asked(browser: Browser, clock: Any) -> None:
    for number in range(21):
        seminar(now=clock.now, title=f"Knee {number}", starts_in=20 + number, days=1)
    page = browser.open("/seminars?q=knee")
    assert len(titles(page)) == 20
    assert "Showing 1 to 20 of 21" in page.text
    assert titles(page.click("Next")) == ["Knee 20"]


def test_a_script_gets_the_results_alone(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts")
    answer = browser.client.get("/seminars", headers={"X-Fragment": "results"})
    assert "X-Fragment" in answer.vary
    assert answer.get_data(as_text=True).lstrip().startswith('<section id="results"')


def test_what_makes_no_sense_in_an_address_is_said(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts")
    page = browser.open("/seminars?from=yesterday&price=%3Cb%3E&sort=%00")
    assert titles(page) == ["Hearts"]
    assert "“yesterday” is not a date" in page.text
    assert "“<b>” is not a price" in page.text


ODD = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "\x00",
            "NaN",
            "inf",
            "-1",
            "9" * 30,
            "1e9",
            "2027-00",
            "9999-12-31",
            "0001-01-01",
            "%",
            "_",
            "\\",
            "'",
            '"',
            "[]",
        ]
    ),
    st.integers().map(str),
)
NAMES = [
    "q",
    "topic",
    "specialty",
    "format",
    "credit",
    "state",
    "from",
    "to",
    "price",
    "open",
    "sort",
    "page",
    "q[]",
    "",
]


@given(pairs=st.lists(st.tuples(st.sampled_from(NAMES), ODD), max_size=8), raw=st.binary(max_size=12))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_breaks_the_catalog(browser: Browser, pairs: list[tuple[str, str]], raw: bytes) -> None:
    query = urlencode(pairs) + "&q=" + "".join(f"%{byte:02x}" for byte in raw)
    assert browser.client.get(f"/seminars?{query}").status_code in {200, 404}


@pytest.mark.parametrize("room", ["seminars", "articles", "articles/category"])
@pytest.mark.parametrize("slug", ["none", "%00", "%ff%fe", "a" * 3000, "..%2f..%2fetc", "' OR 1=1"])
def test_an_unknown_slug_is_not_found(browser: Browser, room: str, slug: str) -> None:
    browser.open(f"/{room}/{slug}", expect=404)


# One seminar


def test_the_page_tells_what_the_accreditor_wants_told(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, title="Cardiology for Primary Care", days=2)
    tied, planner = (
        faculty("Tobias Marrowgate", now=clock.now, discloses="Halyard Devices"),
        faculty("P. Lan", now=clock.now),
    )
    with transaction() as session:
        people = session.get_one(Seminar, made.id).people
        people += [SeminarFaculty(faculty_id=tied.id), SeminarFaculty(faculty_id=planner.id, role="planner")]
    page = browser.open(f"/seminars/{made.slug}")
    assert (
        "The Gulf Coast Medical Seminars is accredited by the Accreditation Council for Continuing Medical Education "
        "(ACCME) to provide continuing medical education for physicians."
    ) in page.text
    assert (
        "The Gulf Coast Medical Seminars designates this live activity for a maximum of 4.0 AMA PRA Category 1 "
        "Credits™ . Physicians should claim only the credit commensurate with the extent of their participation in the "
        "activity."
    ) in page.text
    assert '<em class="credit-name">AMA PRA Category 1 Credits™</em>' in page.html
    assert "Tobias Marrowgate, MD: research support, Halyard Devices" in page.text
    assert "All of the relevant financial relationships listed for these individuals have been mitigated." in page.text
    assert "Nobody else in control of content has one: Odalys Venn-Whitaker, MD; P. Lan, MD." in page.text
    assert "No commercial support was received." in page.text
    assert "Research support, Halyard Devices (mitigated)" in page.text
    assert "Nothing to disclose" in page.text


def test_commercial_support_is_named(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now)
    change(
        made,
        no_commercial_support=False,
        commercial_support=[{"source": "Halyard Devices", "nature": "ultrasound loan"}],
    )
    page = browser.open(f"/seminars/{made.slug}")
    assert "commercial support from Halyard Devices (ultrasound loan)" in page.text


def test_the_agenda_shows_each_session_with_its_credit(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, days=2)
    agenda = browser.open(f"/seminars/{made.slug}").root.find(id="agenda")[0]
    days = agenda.find("details")
    assert len(days) == 2
    assert "Day 1, 8:00 – 10:15 am, 2.0 credits" in days[0].text
    rows = [item.text for item in days[0].find("li")]
    assert rows == [
        "8:00 – 9:00 am 60 min Morning 1, first hour 1.0 credits",
        "9:00 – 9:15 am 15 min Coffee",
        "9:15 – 10:15 am 60 min Morning 1, second hour 1.0 credits",
    ]
    assert "Times are Eastern." in agenda.text


def test_parallel_sessions_are_said_to_count_once(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, days=1)
    first = made.sessions[0]
    more = {name: getattr(first, name) for name in ("on", "starts", "ends", "starts_at", "ends_at")}
    with transaction() as session:
        session.add(AgendaSession(seminar_id=made.id, title="Workshop", track="Room B", **more))
    page = browser.open(f"/seminars/{made.slug}")
    assert "Parallel sessions count once." in page.text
    assert "Day 1" not in page.text
    assert "2.0 credits" in page.root.find(id="agenda")[0].text


def test_tuition_is_that_of_today(browser: Browser, clock: Any) -> None:
    until = clock.now.date() + timedelta(days=3)
    made = seminar(
        now=clock.now, modes=("in-person", "livestream"), early={"physician": 99500}, early_until=until, starts_in=60
    )
    page = browser.open(f"/seminars/{made.slug}")
    assert page.root.find(class_="reg-card__amt")[0].text == "$995"
    assert "early rate to Mar 4" in card(page)
    assert "instead of $1,095" in card(page)
    table = page.root.find(id="tuition")[0].find("table")[0]
    assert [cell.text for cell in table.find("th", scope="col")] == [
        "Rate",
        "In person, early",
        "In person",
        "Livestream, early",
        "Livestream",
    ]
    assert [cell.text for cell in table.find("tr")[1].find("td")] == ["$995", "$1,095", "$995", "$1,095"]
    clock.advance(days=5)
    page = browser.open(f"/seminars/{made.slug}")
    assert page.root.find(class_="reg-card__amt")[0].text == "$1,095"
    assert "early" not in page.text


def test_refund_terms_have_dates(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, starts_in=60)
    assert "Full refund, less $50, until March 31, 2027" in browser.open(f"/seminars/{made.slug}").text
    clock.advance(days=31)
    page = browser.open(f"/seminars/{made.slug}")
    assert "Full refund" not in card(page)
    (gone,) = page.root.find(class_="timeline__gone")
    assert gone.text.replace("\xa0", " ") == "Until March 31, 2027 Full refund, less $50 , gone by"


def test_what_is_free_is_not_refunded(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, prices={"physician": 0})
    text = browser.open(f"/seminars/{made.slug}").text
    assert "Free" in text
    assert "refund," not in text


def test_a_free_seminar_costs_nothing(browser: Browser, clock: Any) -> None:
    page = browser.open(f"/seminars/{seminar(now=clock.now, prices=FREE).slug}")
    assert page.root.find(class_="reg-card__amt")[0].text == "Free"
    assert "Stripe" not in card(page)


def test_a_person_sees_their_own_rate_first(browser: Browser, cast: Any, clock: Any) -> None:
    made = seminar(now=clock.now)
    page = browser.sign_in(cast.nell).open(f"/seminars/{made.slug}")
    (chosen,) = [field for field in page.root.find("input", name="tier") if "checked" in field.attrs]
    assert chosen.attrs["value"] == "clinician"
    assert page.root.find(class_="reg-card__amt")[0].text == "$895"


def test_the_mode_is_chosen_by_link_and_goes_along_to_registration(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, modes=("livestream", "in-person"))
    page = browser.open(f"/seminars/{made.slug}")
    assert "10 seats left in person" in card(page)
    page = page.click("Livestream")
    assert "10 seats left by livestream" in card(page)
    form = page.form_with("Register")
    assert form.attrs["action"] == f"/seminars/{made.slug}/register"
    assert [field.attrs["value"] for field in form.find("button", name="mode")] == ["livestream"]
    assert "10 seats left in person" in card(browser.open(f"/seminars/{made.slug}?mode=teleport"))


def fill(made: Seminar, mode: str) -> None:
    with transaction() as session:
        for offering in session.get_one(Seminar, made.id).offerings:
            if offering.mode == mode:
                session.get_one(Offering, offering.id).taken = offering.capacity


def test_a_full_way_in_points_to_the_other(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, modes=("in-person", "livestream"))
    fill(made, Mode.IN_PERSON)
    assert "seats left by livestream" in card(browser.open(f"/seminars/{made.slug}"))
    page = browser.open(f"/seminars/{made.slug}?mode=in-person")
    assert "In person is full" in card(page)
    assert "seats left by livestream" in card(page.click("Attend by livestream"))
    fill(made, Mode.LIVESTREAM)
    page = browser.open(f"/seminars/{made.slug}")
    assert "Join the waitlist" in card(page)
    assert not page.root.find("form", class_="reg-card")


def test_a_closed_way_in_takes_nobody(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now)
    with transaction() as session:
        session.get_one(Offering, made.offerings[0].id).status = "closed"
    assert "Registration is closed" in card(browser.open(f"/seminars/{made.slug}"))


def test_a_running_seminar_takes_nobody(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, starts_in=0, days=3)
    page = browser.open(f"/seminars/{made.slug}")
    assert "Under way" in card(page)
    assert not page.root.find("form", class_="reg-card")


def test_an_ended_seminar_leads_to_the_claim(browser: Browser, cast: Any, clock: Any) -> None:
    made = seminar(now=clock.now, starts_in=-10)
    held = registration(cast.ada, made, now=clock.now)
    attend(held, now=clock.now)
    page = browser.open(f"/seminars/{made.slug}")
    assert "Claim up to 4.0 credits" in card(page)
    assert ways_on(page) == ["/my"]
    browser.sign_in(cast.ada)
    assert ways_on(browser.open(f"/seminars/{made.slug}")) == [f"/registrations/{held.ref}/claim"]
    clock.advance(days=90)
    page = Browser(browser.app).open(f"/seminars/{made.slug}")
    assert "This seminar is over The time to claim credit ended" in card(page)
    assert "Claim up to" not in card(page)
    assert ways_on(page) == ["/seminars"]


def test_whoever_is_registered_is_led_to_the_registration(browser: Browser, cast: Any, clock: Any) -> None:
    made = seminar(now=clock.now)
    sure = registration(cast.ada, made, now=clock.now)
    page = browser.sign_in(cast.ada).open(f"/seminars/{made.slug}")
    assert "You are registered See you on Wednesday, March 31" in card(page).replace("\xa0", " ")
    assert ways_on(page) == [f"/registrations/{sure.ref}"]
    held = registration(cast.nell, made, now=clock.now, status="held")
    page = Browser(browser.app).sign_in(cast.nell).open(f"/seminars/{made.slug}")
    assert "Finish your payment" in card(page)
    assert ways_on(page) == [f"/registrations/{held.ref}"]


def test_a_cancelled_seminar_says_so(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, status="cancelled", cancelled_reason="A hurricane is coming.")
    page = browser.open(f"/seminars/{made.slug}")
    assert "This seminar has been cancelled" in page.text
    assert "A hurricane is coming." in page.text
    assert not page.root.find("form", class_="reg-card")


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_only_staff_see_what_is_not_published(browser: Browser, cast: Any, clock: Any, status: str) -> None:
    made = seminar(now=clock.now, status=status)
    browser.open(f"/seminars/{made.slug}", expect=404)
    Browser(browser.app).sign_in(cast.ada).open(f"/seminars/{made.slug}", expect=404)
    page = browser.sign_in(cast.sam).open(f"/seminars/{made.slug}")
    assert "Only staff can see this page" in page.text
    assert "Registration is not open" in card(page)


def test_a_bare_draft_can_be_looked_at(browser: Browser, cast: Any, clock: Any) -> None:
    made = seminar(now=clock.now, status="draft", modes=())
    with transaction() as session:
        draft = session.get_one(Seminar, made.id)
        draft.summary = draft.description = draft.specialty = draft.venue = draft.audience = ""
        draft.objectives, draft.no_commercial_support = [], False
        for row in (*draft.sessions, *draft.people, *draft.designations):
            session.delete(row)
    assert "Not stated yet." in browser.sign_in(cast.sam).open(f"/seminars/{made.slug}").text


def test_hostile_words_are_printed_as_they_are(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, title=NASTY, specialty=NASTY[:60])
    change(
        made,
        summary=NASTY,
        description=NASTY,
        audience=NASTY,
        objectives=[NASTY],
        topics=[NASTY],
        venue=NASTY,
        hotel=NASTY,
    )
    for address in ("/", "/seminars", f"/seminars/{made.slug}"):
        page = browser.open(address)
        assert NASTY in page.text
        assert "<script>alert" not in page.html
        assert "49" not in page.text
    assert browser.open(f"/seminars/{made.slug}").h1 == NASTY


def test_anonymous_pages_set_no_cookie(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now)
    for address in ("/", "/seminars", f"/seminars/{made.slug}", "/articles", "/terms"):
        assert "Set-Cookie" not in browser.open(address).response.headers


# Articles and texts


def write_article(now: Any, author: str | None = "Wren Adair-Holt, NP", **more: Any) -> None:
    with transaction() as session:
        shelf = ArticleCategory(slug="providers", name="Providers")
        session.add(shelf)
        session.flush()
        words = {
            "title": "Small habits",
            "body": "First.\n\n## Why\n\n- One\n\n<b>raw</b>",
            "summary": "Four habits.",
        } | more
        session.add(
            Article(
                slug="small-habits",
                author=author,
                category_id=shelf.id,
                status="published",
                published_on=now.date(),
                created_at=now,
                updated_at=now,
                **words,
            )
        )


def test_an_article_names_author_date_and_category_apart(browser: Browser, clock: Any) -> None:
    write_article(clock.now)
    page = browser.open("/articles").click("Small habits")
    meta = page.root.find("p", class_="post-meta")[0].text
    assert meta.replace("\xa0", " ") == "By Wren Adair-Holt, NP , March 1, 2027 , in Providers , 1 minute read"
    assert page.root.find("h2")[0].text == "Why"
    assert "&lt;b&gt;raw&lt;/b&gt;" in page.html


def test_an_article_without_author_does_not_say_by(browser: Browser, clock: Any) -> None:
    write_article(clock.now, author=None)
    page = browser.open("/articles/small-habits")
    assert page.root.find("p", class_="post-meta")[0].text.startswith("March")


def test_every_article_leads_to_the_seminars_twice(browser: Browser, clock: Any) -> None:
    write_article(clock.now)
    seminar(now=clock.now, title="Cardiology for Primary Care")
    page = browser.open("/articles/small-habits")
    words = "Browse Upcoming CME from Gulf Coast Medical Seminars"
    assert page.text.count(words) == 2
    first, second = page.text.index(words), page.text.rindex(words)
    assert first < page.text.index("Learn More") < second
    assert page.links("Learn More") == page.links(words) == ["/seminars"]
    assert titles(page.click("Learn More")) == ["Cardiology for Primary Care"]


def test_articles_are_on_shelves(browser: Browser, clock: Any) -> None:
    write_article(clock.now)
    page = browser.open("/articles").click("Providers")
    assert (page.h1, page.url.rpartition("/")[2]) == ("Providers", "providers")
    assert "Small habits" in page.text
    assert "There is no page 7" in browser.open("/articles?page=7", expect=404).text
    assert "“x” is not a page number" in browser.open("/articles?page=x").text


def test_an_empty_magazine_says_so(browser: Browser) -> None:
    assert "Nothing here yet" in browser.open("/articles").text


@pytest.mark.parametrize("key", ["terms", "privacy", "refunds", "accessibility", "contact"])
def test_every_text_is_there_from_the_first_day(browser: Browser, clock: Any, key: str) -> None:
    page = browser.open(f"/{key}")
    assert page.h1.lower() == key
    assert Provider().email in page.text
    with transaction():
        house_settings.save(f"text:{key}", {"title": "Changed", "body": "## New\n\nWords."}, by=None, at=clock.now)
    page = browser.open(f"/{key}")
    assert page.h1 == "Changed"
    assert "Version 1, in force since March 1, 2027" in page.text.replace("\xa0", " ")


def test_the_refund_text_says_what_the_policy_does(browser: Browser) -> None:
    assert (
        "Full refund, less $50, until 30 days before the first day. No refund after that."
        in browser.open("/refunds").text
    )
