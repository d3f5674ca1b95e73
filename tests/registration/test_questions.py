"""Facts about what a seminar asks of those who register, what they agree to, and the file that carries it away."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from cme.database import db, transaction
from cme.errors import EditedMeanwhile
from cme.registration import asked, services
from cme.registration.exports import FORMULAS, safe_cell
from cme.registration.models import Consent, Question, Registration
from cme.registration.rules.asking import CONSENTS, USUAL, Asked
from cme.registration.services.registering import Said
from tests import factories
from tests.browser import Browser, Page
from tests.registration.pages import count, fill

ADDRESS = "/seminars/cardiology/register"
MEALS = Asked("choice", "Meals", "For lunch.", ("Vegetarian", "Anything"), is_required=True)
SHIRTS = Asked("choices", "Workshops", options=("Echo", "Stress test", "Holter"))
DOORS = Asked("line", "Number plate", modes=("in-person",), is_required=True)
WAIVER = Asked("yes", "I can climb stairs", is_required=True)


@pytest.fixture
def seminar(app: Any, clock: Any) -> Any:
    return factories.seminar(now=clock.now, slug="cardiology", modes=("in-person", "livestream"))


@pytest.fixture
def ask(seminar: Any, cast: Any, clock: Any) -> Any:
    def ask(*what: Asked) -> list[str]:
        more = {"form_id": None, "by": cast.sam, "now": clock.now}
        return [services.add_question(seminar.id, each, **more) for each in what]

    return ask


def kept(person: Any) -> dict[str, Any]:
    """What a registration keeps, by the words asked."""
    db.session.rollback()
    rows = db.session.scalars(select(Registration.questions).where(Registration.account_id == person.id)).one()
    return {each["label"]: each["answer"] for each in rows.values()}


def consents(person: Any) -> dict[str, bool]:
    db.session.rollback()
    return {each.key: each.is_given for each in asked.consents_of(person.id)}


@pytest.mark.pages
@pytest.mark.usefixtures("promises", "sandbox")
class TestAsking:
    """On the page where a seat is taken."""

    @pytest.fixture
    def ada(self, browser: Browser, cast: Any, seminar: Any) -> Browser:
        return browser.sign_in(cast.ada)

    def test_the_answers_are_kept_beside_the_words_asked(self, ada, cast, ask, seminar):
        meals, workshops, plate, stairs = ask(MEALS, SHIRTS, DOORS, WAIVER)
        answers = {f"q_{meals}": "Vegetarian", f"q_{workshops}": ["Echo", "Holter"], f"q_{plate}": " ABC  123 "}
        page = fill(ada, seminar, **answers, **{f"q_{stairs}": "y"})
        assert page.h1 == "Review and pay"
        assert kept(cast.ada) == {
            "Meals": "Vegetarian",
            "Workshops": ["Echo", "Holter"],
            "Number plate": "ABC 123",
            "I can climb stairs": True,
        }

    def test_what_is_required_is_asked_for_by_its_words_and_what_was_typed_stays(self, ada, ask, seminar):
        meals, workshops, _, _ = ask(MEALS, SHIRTS, DOORS, WAIVER)
        page = fill(ada, seminar, **{f"q_{workshops}": ["Stress test"]})
        assert (page.status, count(Registration)) == (422, 0)
        assert page.errors == [
            "Choose an answer: Meals",
            "Enter an answer: Number plate",
            "Tick the box: I can climb stairs",
        ]
        ticked = [e.attrs["value"] for e in page.root.find("input", name=f"q_{workshops}") if "checked" in e.attrs]
        assert ticked == ["Stress test"]
        assert page.root.find("select", name=f"q_{meals}")

    def test_what_is_asked_of_those_in_the_room_is_not_required_of_others(self, ada, cast, ask, seminar):
        [plate] = ask(DOORS)
        page = ada.open(ADDRESS)
        assert "Only if you attend in person." in page.text
        page.press("Continue to review", mode="livestream", terms="y", **{f"q_{plate}": "typed all the same"})
        assert kept(cast.ada) == {}

    @pytest.mark.parametrize("forged", ["Caviar", "", "<script>", "Vegetarian\0"])
    def test_an_answer_that_is_not_in_the_list_is_refused(self, ada, ask, seminar, forged):
        [meals] = ask(MEALS)
        page = fill(ada, seminar, **{f"q_{meals}": forged})
        assert (page.status, count(Registration)) == (422, 0)

    @pytest.mark.parametrize("typed", ["x" * 201, "bell\a", "\u202egnp"])
    def test_a_line_too_long_or_unprintable_is_refused(self, ada, ask, seminar, typed):
        [plate] = ask(DOORS)
        page = fill(ada, seminar, **{f"q_{plate}": typed})
        assert (page.status, count(Registration)) == (422, 0)

    def test_a_retired_question_is_not_asked(self, ada, ask, seminar, cast, clock):
        [meals] = ask(MEALS)
        question = asked.question_of(seminar.id, meals)
        retired = Asked("choice", "Meals", options=MEALS.options, is_active=False)
        seen = asked.fingerprint(question)
        services.edit_question(question.id, retired, seen=seen, by=cast.sam, now=clock.now)
        assert fill(ada, seminar).h1 == "Review and pay"

    def test_typed_words_never_become_markup(self, ada, ask, seminar):
        ask(Asked("line", "<b>Bold</b>", "<i>hint</i>", is_required=True))
        assert "&lt;b&gt;Bold" in ada.open(ADDRESS).html

    def test_answers_can_be_changed_after_registering(self, ada, cast, ask, clock):
        free = factories.seminar(now=clock.now, slug="free", prices=factories.FREE)
        ref = services.add_question(free.id, MEALS, form_id=None, by=cast.sam, now=clock.now)
        page = fill(ada, free, **{f"q_{ref}": "Anything"})
        page = page.click("Change answers").press("Save Changes", **{f"q_{ref}": "Vegetarian"})
        assert "1 of 1 answered" in page.text
        assert kept(cast.ada) == {"Meals": "Vegetarian"}
        assert page.click("Change answers").press("Save Changes", **{f"q_{ref}": ""}).status == 422

    def test_a_question_added_later_is_pointed_out(self, ada, cast, clock):
        free = factories.seminar(now=clock.now, slug="free", prices=factories.FREE)
        page = fill(ada, free)
        assert "asks you something" not in page.text
        services.add_question(free.id, MEALS, form_id=None, by=cast.sam, now=clock.now)
        assert "The seminar asks you something" in ada.open(page.url).text

    def test_after_the_end_nothing_is_asked_any_more(self, ada, cast, ask, clock, seminar):
        ask(MEALS)
        going = factories.registration(cast.ada, seminar, now=clock.now)
        clock.advance(days=40)
        assert ada.sign_in(cast.ada).open(f"/registrations/{going.ref}/answers", expect=404)


@pytest.mark.pages
@pytest.mark.usefixtures("promises", "sandbox")
class TestConsent:
    """What people agree to is asked once, never ticked for them, and theirs to change."""

    @pytest.fixture
    def ada(self, browser: Browser, cast: Any, seminar: Any) -> Browser:
        return browser.sign_in(cast.ada)

    def boxes(self, page: Page) -> dict[str, bool]:
        found = page.root.find("input", type="checkbox")
        return {e.attrs["name"]: "checked" in e.attrs for e in found if e.attrs["name"].startswith("consent_")}

    def test_nothing_is_ticked_and_both_answers_are_kept(self, ada, cast, seminar):
        assert self.boxes(ada.open(ADDRESS)) == {"consent_attendee_list": False, "consent_news": False}
        fill(ada, seminar, consent_news="y")
        assert consents(cast.ada) == {"attendee-list": False, "news": True}
        words = set(db.session.scalars(select(Consent.words)))
        assert words == {each.words for each in CONSENTS}

    def test_at_the_next_seminar_nothing_is_asked_again(self, ada, clock, seminar):
        fill(ada, seminar)
        factories.seminar(now=clock.now, slug="next")
        page = ada.open("/seminars/next/register")
        assert self.boxes(page) == {}
        assert "If you like" not in page.text

    def test_other_words_are_asked_again(self, ada, cast, clock, seminar, monkeypatch):
        fill(ada, seminar, consent_news="y")
        again = tuple(type(each)(each.key, 2, each.label, "In other words.") for each in CONSENTS)
        for where in ("cme.registration.asked", "cme.registration.services.questions"):
            monkeypatch.setattr(f"{where}.CONSENTS", again)
        other = factories.seminar(now=clock.now, slug="next")
        assert set(self.boxes(ada.open("/seminars/next/register"))) == {"consent_attendee_list", "consent_news"}
        fill(ada, other)
        assert consents(cast.ada) == {"attendee-list": False, "news": False}
        assert count(Consent) == 4  # what was agreed to before stays on record

    def test_a_mind_can_be_changed_at_any_time(self, ada, cast, seminar):
        fill(ada, seminar, consent_news="y")
        page = ada.open("/account").click("you agreed to more")
        assert self.boxes(page) == {"consent_attendee_list": False, "consent_news": True}
        page = page.press("Save Changes", consent_news=None, consent_attendee_list="y")
        assert "Saved" in page.html
        assert consents(cast.ada) == {"attendee-list": True, "news": False}


@pytest.mark.pages
class TestStaff:
    """Writing the questions of a seminar."""

    @pytest.fixture
    def sam(self, browser: Browser, cast: Any, seminar: Any) -> Browser:
        return browser.sign_in(cast.sam)

    def labels(self, page: Page) -> list[str]:
        return [row.find("a")[0].text for row in page.root.find("tbody")[0].find("tr")]

    def test_the_usual_questions_are_added_once(self, sam):
        page = sam.open("/admin/seminars/cardiology/questions").press("Add the usual questions")
        assert self.labels(page) == [each.label for each in USUAL]
        assert "asked already" in page.press("Add the usual questions").html
        assert count(Question) == 3

    def test_a_question_is_added_ordered_edited_and_retired(self, sam):
        page = sam.open("/admin/seminars/cardiology/questions")
        page = page.press("Add question", label="Badge name", kind="line", is_required="y")
        page = page.press("Add question", label="Workshop", kind="choice", options="Echo\nHolter", modes=["in-person"])
        assert self.labels(page) == ["Badge name", "Workshop"]
        assert "Echo, Holter In person 0 Optional" in page.text
        page = page.press("Down")
        assert self.labels(page) == ["Workshop", "Badge name"]
        page = page.click("Badge name").press("Save Changes", is_active=None, label="Name on the badge")
        assert "Name on the badge" in page.text
        assert "Retired" in page.text

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"label": ""}, "Enter the question"),
            ({"label": "x" * 201}, "200 characters or fewer"),
            ({"kind": "essay"}, "Not a valid choice"),
            ({"kind": "choice", "options": "One"}, "Enter at least two answers"),
            ({"kind": "choices", "options": "One\nOne"}, "Enter each answer once"),
            ({"kind": "choice", "options": "\n".join(map(str, range(21)))}, "at most 20"),
            ({"modes": ["by-letter"]}, "not a valid choice"),
        ],
    )
    def test_what_cannot_be_asked_is_refused(self, sam, typed, words):
        page = sam.open("/admin/seminars/cardiology/questions").press("Add question", **({"label": "Q"} | typed))
        assert (page.status, count(Question)) == (422, 0)
        assert any(words.casefold() in error.casefold() for error in page.errors), page.errors

    def test_a_form_sent_twice_asks_one_question(self, sam):
        page = sam.open("/admin/seminars/cardiology/questions")
        for _ in range(2):
            page.press("Add question", label="Badge name")
        assert count(Question) == 1

    def test_a_second_editor_sees_what_the_first_saved(self, sam, ask):
        [meals] = ask(MEALS)
        pages = [sam.open(f"/admin/seminars/cardiology/questions/{meals}") for _ in range(2)]
        pages[0].press("Save Changes", label="Lunch")
        refused = pages[1].press("Save Changes", label="Dinner")
        assert (refused.status, "Lunch" in refused.text) == (409, True)
        assert "Dinner" in refused.press("Save Changes").text

    def test_a_question_of_another_seminar_is_not_found(self, sam, ask, clock):
        [meals] = ask(MEALS)
        factories.seminar(now=clock.now, slug="other")
        assert sam.open(f"/admin/seminars/other/questions/{meals}", expect=404)


class TestExport:
    """The roster as a file."""

    def rows(self, browser: Browser) -> list[dict[str, str]]:
        answer = browser.client.get("/admin/seminars/cardiology/roster.csv")
        assert answer.content_type == "text/csv; charset=utf-8"
        assert answer.data.startswith(b"\xef\xbb\xbf")
        assert 'filename="cardiology-roster.csv"' in answer.headers["Content-Disposition"]
        return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))

    def test_it_has_everybody_with_money_answers_and_consents(self, browser, cast, clock, ask, seminar):
        meals, workshops = ask(MEALS, SHIRTS)
        said = Said(answers={meals: "Vegetarian", workshops: ["Echo", "Holter"]}, consents={"news": True})
        services.register(cast.ada.id, seminar.offerings[0].id, form_id=None, now=clock.now, said=said)
        factories.registration(cast.otto, seminar, now=clock.now, status="cancelled")
        [row] = self.rows(browser.sign_in(cast.sam))
        assert row | {"Number": ""} == {
            "Name": "Ada Quillfeather, MD",
            "Email": "ada@example.test",
            "Number": "",
            "Certification type": "Physician (MD)",
            "Attending": "In person",
            "Status": "held",
            "Place": "",
            "Registered": "2027-03-01 10:00",
            "Group": "Physician",
            "List price": "1095.00",
            "Discount": "0.00",
            "Promo code": "",
            "Tuition": "1095.00",
            "Received": "0.00",
            "Returned": "0.00",
            "Currency": "USD",
            "Payment": "Not paid",
            "Meals": "Vegetarian",
            "Workshops": "Echo, Holter",
            "Attendee list": "not asked",
            "News": "yes",
        }

    def test_nothing_typed_is_ever_a_formula(self, browser, cast, clock, ask, seminar):
        [plate] = ask(Asked("line", "=cmd|' /C calc'!A0"))
        with transaction():
            cast.ada.professional_name = '=HYPERLINK("http://evil.example","Ada")'
            db.session.add(cast.ada)
        said = Said(answers={plate: "@SUM(A1)"})
        services.register(cast.ada.id, seminar.offerings[0].id, form_id=None, now=clock.now, said=said)
        [row] = self.rows(browser.sign_in(cast.sam))
        assert row["Name"].startswith("'=HYPERLINK")
        assert row["'=cmd|' /C calc'!A0"] == "'@SUM(A1)"

    @given(st.text(max_size=30))
    def test_no_cell_begins_as_a_formula_does(self, text):
        cell = safe_cell(text)
        assert not cell.startswith(FORMULAS)
        assert cell in (text, f"'{text}")

    def test_an_answer_to_words_that_changed_carries_the_old_words(self, browser, cast, clock, ask, seminar):
        [meals] = ask(MEALS)
        said = Said(answers={meals: "Vegetarian"})
        services.register(cast.ada.id, seminar.offerings[0].id, form_id=None, now=clock.now, said=said)
        question = asked.question_of(seminar.id, meals)
        new = Asked("choice", "Dinner", options=("Fish", "Meat"))
        services.edit_question(question.id, new, seen=asked.fingerprint(question), by=cast.sam, now=clock.now)
        [row] = self.rows(browser.sign_in(cast.sam))
        assert row["Dinner"] == "Vegetarian [Meals]"

    def test_it_is_for_those_who_may_see_registrations(self, browser, cast, clock, seminar):
        author = factories.staff("author@example.test", "Paige Turner", ["seminars"], now=clock.now)
        assert browser.sign_in(author).client.get("/admin/seminars/cardiology/roster.csv").status_code == 404


class TestCommands:
    """What staff and learners ask the house to do, without a page."""

    def test_an_edit_of_what_somebody_else_changed_is_refused(self, ask, seminar, cast, clock):
        [meals] = ask(MEALS)
        question = asked.question_of(seminar.id, meals)
        with pytest.raises(EditedMeanwhile):
            services.edit_question(question.id, MEALS, seen="something else", by=cast.sam, now=clock.now)

    def test_questions_keep_their_order_whatever_is_named(self, ask, seminar, cast, clock):
        refs = ask(MEALS, SHIRTS, DOORS)
        services.order_questions(seminar.id, [refs[2], "unknown", refs[0]], by=cast.sam, now=clock.now)
        assert [each.ref for each in asked.all_questions(seminar.id)] == [refs[2], refs[0], refs[1]]

    def test_only_answers_to_what_is_asked_are_kept(self, ask, seminar, cast, clock):
        meals, plate = ask(MEALS, DOORS)
        said = Said(answers={meals: "Anything", plate: "ABC", "MADEUP": "x"})
        services.register(cast.ada.id, seminar.offerings[1].id, form_id=None, now=clock.now, said=said)
        assert kept(cast.ada) == {"Meals": "Anything"}

    def test_only_consents_we_ask_for_are_kept(self, seminar, cast, clock):
        services.change_consents(cast.ada.id, {"news": True, "everything": True}, by=cast.ada, now=clock.now)
        assert consents(cast.ada) == {"news": True}
