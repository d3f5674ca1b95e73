"""Articles: written, saved and published by staff; found and read by everybody, people and programs."""

import json
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from cme import audit
from cme.audit import AuditEntry
from cme.catalog import article_feed, feeds, queries
from cme.catalog.admin.articles import GONE
from cme.catalog.errors import ArticleNotReady, ArticleSlugTaken, ArticleWouldNotBeReady, CategoryTaken
from cme.catalog.models import Article, ArticleCategory
from cme.catalog.queries.articles import all_categories, any_article, articles_for_staff
from cme.catalog.rules.articles import article_findings
from cme.catalog.services.articles import create_article, publish_article, save_article, withdraw_article
from cme.catalog.values import ArticleValues
from cme.database import db
from cme.errors import EditedMeanwhile
from cme.pages import ALLOWED, markdown
from tests import factories
from tests.browser import Browser, Page, check, form_values, parse

VALUES = ArticleValues(
    title="Small Habits That Earn Trust",
    summary="Four habits that fit a fifteen-minute visit.",
    body="Trust is a clinical tool.\n\n## Why\n\n- Listen\n- Wait",
    new_category="Providers",
    author="Wren Adair-Holt, NP",
    specialty="Cardiology",
    topics=("Communication", "Ethics"),
)
ATOM = "{http://www.w3.org/2005/Atom}"


def write(now: datetime, *, publish: bool = True, **changes: Any) -> Article:
    """An article, published unless it shall stay a draft."""
    made = create_article(replace(VALUES, **changes), by=None, form_id=None, now=now)
    return publish_article(made.id, by=None, now=now) if publish else made


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def deeds(article: Article) -> list[str]:
    """What the audit log says was done to an article."""
    mine = select(AuditEntry.action).where(AuditEntry.subject == audit.name_of(article)).order_by(AuditEntry.id)
    return list(db.session.scalars(mine))


# Commands, on both databases


def test_a_draft_becomes_an_article_and_a_draft_again(app, clock):
    made = write(clock.now, publish=False)
    assert (made.slug, made.status, made.category.slug, made.published_on) == (
        "small-habits-that-earn-trust",
        "draft",
        "providers",
        None,
    )
    assert queries.article_by_slug(made.slug, now=clock.now) is None
    publish_article(made.id, by=None, now=clock.now)
    assert (made.status, made.published_on, made.published_at) == ("published", clock.now.date(), clock.now)
    assert queries.article_by_slug(made.slug, now=clock.now) is made
    clock.advance(days=2)
    withdraw_article(made.id, by=None, now=clock.now)
    assert queries.article_by_slug(made.slug, now=clock.now) is None
    publish_article(made.id, by=None, now=clock.now)
    assert made.published_on == clock.now.date() - timedelta(days=2)
    assert deeds(made) == ["created", "published", "withdrew", "published"]
    assert made.version == 4


def test_publishing_and_withdrawing_twice_change_nothing(app, clock):
    made = write(clock.now)
    publish_article(made.id, by=None, now=clock.now)
    assert made.version == 2
    for _ in range(2):
        withdraw_article(made.id, by=None, now=clock.now)
    assert made.version == 3
    assert deeds(made) == ["created", "published", "withdrew"]


def test_a_form_sent_twice_writes_one_article(app, clock):
    first, again = (create_article(VALUES, by=None, form_id="f" * 20, now=clock.now) for _ in range(2))
    assert first.id == again.id
    assert (count(Article), count(ArticleCategory)) == (1, 1)


def test_a_form_sent_twice_at_once_writes_one_article(app):
    found, gate = [], threading.Barrier(2)
    now = datetime.fromisoformat("2027-03-01T15:00:00+00:00")

    def send() -> None:
        with app.app_context():
            gate.wait()
            found.append(create_article(VALUES, by=None, form_id="f" * 20, now=now).id)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]
    assert count(Article) == 1


def test_nobody_overwrites_what_somebody_else_saved(app, clock):
    made = write(clock.now, publish=False)
    save_article(made.id, replace(VALUES, category="providers", new_category=""), version=1, by=None, now=clock.now)
    with pytest.raises(EditedMeanwhile):
        save_article(made.id, replace(VALUES, title="Mine"), version=1, by=None, now=clock.now)
    assert (made.title, made.version, count(ArticleCategory)) == (VALUES.title, 2, 1)


def test_an_address_is_free_until_the_article_was_published(app, clock):
    made = write(clock.now, publish=False)
    typed = replace(VALUES, slug="trust", new_category="", category="providers")
    save_article(made.id, typed, version=1, by=None, now=clock.now)
    assert made.slug == "trust"
    publish_article(made.id, by=None, now=clock.now)
    withdraw_article(made.id, by=None, now=clock.now)
    save_article(made.id, replace(typed, slug="other", title="Other"), version=4, by=None, now=clock.now)
    assert (made.slug, made.title) == ("trust", "Other")


def test_two_articles_never_share_an_address(app, clock):
    assert [write(clock.now).slug for _ in range(2)] == [
        "small-habits-that-earn-trust",
        "small-habits-that-earn-trust-2",
    ]
    for slug in ("small-habits-that-earn-trust", "new"):
        with pytest.raises(ArticleSlugTaken):
            write(clock.now, slug=slug)
    assert count(Article) == 2


def test_a_category_is_made_once_whatever_its_capitals(app, clock):
    shelves = {write(clock.now, new_category=name).category.slug for name in ("Well-being", "well-BEING", "Well Being")}
    assert shelves == {"well-being", "well-being-2"}
    assert [category.name for category in all_categories()] == ["Well Being", "Well-being"]


def test_a_name_that_grows_in_the_address_still_fits(app, clock):
    made = write(clock.now, new_category="㎒" * 60)
    assert len(made.category.slug) <= 80
    assert write(clock.now, new_category="文").category.slug == "untitled"


def test_two_who_name_one_category_at_once_are_told(app, clock, monkeypatch):
    write(clock.now)
    monkeypatch.setattr("cme.catalog.services.articles.free_slug", lambda *_, **__: "providers")
    with pytest.raises(CategoryTaken):
        write(clock.now, new_category="Practice", slug="practice")


@pytest.mark.parametrize(
    ("field", "change", "says"),
    [
        ("summary", {"summary": ""}, "Enter the summary"),
        ("body", {"body": " "}, "Enter the text"),
        ("body", {"body": "AMA credit is pending."}, "never pending or applied for"),
        ("summary", {"summary": "Earn ACCME credit."}, "full name"),
        ("title", {"title": "Four Category 1 credits"}, "full name"),
        ("body", {"body": "Earn *AMA PRA category 1 credit*™."}, "full name"),
        ("body", {"body": "Earn *AMA PRA Category 1 Credit(s)*."}, "trademark sign"),
    ],
)
def test_what_is_not_ready_is_not_published(app, clock, field, change, says):
    made = write(clock.now, publish=False, **change)
    with pytest.raises(ArticleNotReady) as refused:
        publish_article(made.id, by=None, now=clock.now)
    [finding] = refused.value.findings
    assert finding.field == field
    assert says in finding.message
    assert made.status == "draft"


def test_the_full_name_of_the_credit_is_fine(app, clock):
    body = "You earn *AMA PRA Category 1 Credit(s)*™ and may file them."
    assert article_findings(write(clock.now, body=body)) == []


def test_a_published_article_stays_complete(app, clock):
    made = write(clock.now)
    kept = replace(VALUES, new_category="", category="providers")
    with pytest.raises(ArticleWouldNotBeReady):
        save_article(made.id, replace(kept, summary=""), version=2, by=None, now=clock.now)
    save_article(made.id, replace(kept, summary="Better."), version=2, by=None, now=clock.now)
    assert (made.summary, made.version, made.published_on) == ("Better.", 3, clock.now.date())


# Dates: an article is there when its day has come, in the office


def test_a_day_ahead_is_when_the_article_appears(app, clock):
    day = clock.now.date() + timedelta(days=3)
    made = write(clock.now, published_on=day)
    shelf = made.category

    def everywhere() -> list[bool]:
        now = clock.now
        return [
            queries.article_by_slug(made.slug, now=now) is not None,
            bool(queries.articles(now=now).items),
            bool(queries.articles(now=now, category=shelf).items),
            bool(queries.categories(now=now)),
            bool(article_feed.entries(_address, now=now)),
            any("catalog.article/" in place.url for place in feeds.places(_address, now=now)),
        ]

    assert everywhere() == [False] * 6
    assert [article.id for article in articles_for_staff(view="scheduled", words=[], now=clock.now).items] == [made.id]
    clock.now = datetime.fromisoformat(f"{day}T04:59:59+00:00")  # a second before midnight in the east
    assert everywhere() == [False] * 6
    clock.advance(seconds=1)
    assert everywhere() == [True] * 6
    [entry] = article_feed.entries(_address, now=clock.now)
    assert entry.published_at == entry.changed_at == clock.now


def test_a_day_set_back_orders_the_list(app, clock):
    old = write(clock.now, title="Old", published_on=clock.now.date() - timedelta(days=400))
    new = write(clock.now, title="New")
    assert [article.id for article in queries.articles(now=clock.now).items] == [new.id, old.id]


def _address(endpoint: str, **parts: Any) -> str:
    return "/".join(["https://cme.example", endpoint, *parts.values()])


# What readers find


def test_articles_are_listed_newest_first_by_category(app, clock):
    today = clock.now.date()
    for days, shelf in ((3, "Providers"), (1, "Licensure"), (2, "Providers")):
        write(clock.now, title=f"Days {days}", new_category=shelf, published_on=today - timedelta(days=days))
    write(clock.now, title="Unfinished", new_category="Drawer", publish=False)
    assert [article.slug for article in queries.articles(now=clock.now).items] == ["days-1", "days-2", "days-3"]
    shelf = queries.category_by_slug("providers")
    assert [article.slug for article in queries.articles(category=shelf, now=clock.now).items] == ["days-2", "days-3"]
    assert [category.slug for category in queries.categories(now=clock.now)] == ["licensure", "providers"]
    assert queries.article_by_slug("unfinished", now=clock.now) is None


def test_more_articles_come_from_the_same_category_first(app, clock):
    today = clock.now.date()
    read = write(clock.now, title="Read")
    for days, shelf in ((1, "Practice"), (2, "Practice"), (5, "Providers"), (9, "Practice")):
        write(clock.now, title=f"Days {days}", new_category=shelf, published_on=today - timedelta(days=days))
    write(clock.now, title="Unfinished", publish=False)
    assert [each.slug for each in queries.more_articles(read, now=clock.now)] == ["days-5", "days-1", "days-2"]


def test_staff_find_articles_by_any_word_of_them(app, clock):
    made = write(clock.now, author="Quill Marrow", publish=False)
    write(clock.now, title="Telephone visits", new_category="Practice", author="", specialty="")

    def found(text: str, view: str = "all") -> list[int]:
        return [each.id for each in articles_for_staff(view=view, words=text.split(), now=clock.now).items]

    assert found("marrow") == found("PROVIDERS habits") == found("", "drafts") == [made.id]
    assert found("100%") == found("_") == []
    assert len(found("")) == 2
    assert made.id not in found("", "published")


# Markdown: nothing but words, structure and links


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# A\n\n## B", "<h2>A</h2>\n<h3>B</h3>\n"),
        ("## A\n\n### B\n\n## C", "<h2>A</h2>\n<h3>B</h3>\n<h2>C</h2>\n"),
        ("#### A", "<h2>A</h2>\n"),
        ("A\n=\n\nB\n-", "<h2>A</h2>\n<h3>B</h3>\n"),
        ("# A\n\n## B\n\n### C\n\n#### D", "<h2>A</h2>\n<h3>B</h3>\n<h4>C</h4>\n<h4>D</h4>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("1. a", "<ol>\n<li>a</li>\n</ol>\n"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>\n"),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>\n"),
        ("{{ 7*7 }} =SUM(A1)", "<p>{{ 7*7 }} =SUM(A1)</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](/seminars)", '<p><a href="/seminars" rel="noopener noreferrer">a</a></p>\n'),
        ("![a](https://x.test/y.png)", '<p>!<a href="https://x.test/y.png" rel="noopener noreferrer">a</a></p>\n'),
        ("", ""),
        (None, ""),
    ],
)
def test_markdown_becomes_what_an_author_means(text, html):
    assert markdown(text) == html


def test_markdown_has_tables():
    table = parse(markdown("| Hours | Credit |\n|---|---|\n| 2 | 2.00 |"))
    assert [cell.text for cell in table.find("th")] == ["Hours", "Credit"]
    assert [cell.text for cell in table.find("td")] == ["2", "2.00"]


PIECES = [
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<iframe src=//x>"),
    *("[a](javascript:alert(1))", "[a](JaVaScRiPt&colon;alert(1))", "[a](data:text/html,<script>)", "[a]: vbscript:x"),
    *("![a](x onerror=y)", '[a](/x "t" onclick=z)', '[a](<javascript:x> "t")', "<javascript:alert(1)>", "<!--", "-->"),
    *("`", "```\n", "> ", "# ", "| a |\n|---|\n", "- ", "1. ", "*", "__", "\\", "\n", "\n\n", "&lt;", "&#x6A;", "\x00"),
    *("</p>", "</div></body>", "<style>*{}</style>", "<a href=x style=y>", '"', "'", "<", ">", "&", "[", "]", "(", ")"),
    *("<math><mi//xlink:href=data:x>", "{{7*7}}", "=1+1", "\u202e", "\ud7ff", "https://x.test", "<https://x.test>"),
]


@hypothesis_settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40).map("".join))
def test_nothing_that_acts_ever_comes_out_of_markdown(text):
    for element in parse(markdown(text)).find():
        assert element.tag in ALLOWED
        assert set(element.attrs) <= ({"href", "title", "rel"} if element.tag == "a" else set())
        scheme, colon, _ = element.attrs.get("href", "").partition(":")
        if colon and "/" not in scheme and "?" not in scheme and "#" not in scheme:
            assert scheme.lower() in {"https", "http", "mailto", "tel"}


# Pages


pages = pytest.mark.pages


@pytest.fixture
def sam(browser: Browser, cast: Any) -> Browser:
    """The administrator's browser."""
    return browser.sign_in(cast.sam)


def typed(**changes: str) -> dict[str, Any]:
    """An article as staff type it."""
    words = {"title": VALUES.title, "summary": VALUES.summary, "body": VALUES.body, "new_category": "Providers"}
    return words | changes


def press(page: Page, button: str, **changes: str) -> Page:
    """Press a button of the bar below the editor: it sends the form from outside."""
    pressed = next(each for each in page.root.find("button", form="article-form") if button in each.text)
    [form] = page.root.find("form", id="article-form")
    target = pressed.attrs.get("formaction") or form.attrs["action"]
    answer = page.browser.client.post(target, data=form_values(form) | {name: [text] for name, text in changes.items()})
    if answer.status_code == 303:
        return page.browser.open(answer.headers["Location"])
    arrived = Page(page.browser, answer, target)
    check(arrived)
    return arrived


@pages
def test_staff_write_preview_and_publish_an_article(sam, browser, clock):
    factories.seminar(now=clock.now)
    page = press(
        sam.open("/admin").click("Articles").click("New article"), "Save draft", **typed(topics="Ethics\n\nTrust ")
    )
    assert "Draft created" in page.text
    assert page.url.endswith("/admin/articles/small-habits-that-earn-trust")
    sam.open("/articles/small-habits-that-earn-trust", expect=404)
    seen = press(page, "Preview")
    assert (seen.h1, "how readers will see" in seen.text) == (VALUES.title, True)
    page = press(page, "Publish")
    assert "Published. Readers see it now." in page.text
    read = page.click("View page")
    assert read.h1 == VALUES.title
    assert article("small-habits-that-earn-trust").topics == ["Ethics", "Trust"]
    page = press(sam.open("/admin/articles/small-habits-that-earn-trust"), "Withdraw")
    assert "It is a draft again" in page.text
    sam.open("/articles/small-habits-that-earn-trust", expect=404)


def article(slug: str) -> Article:
    found = any_article(slug)
    assert found is not None
    return found


@pages
def test_a_preview_shows_what_nobody_saved_yet(sam, clock):
    seen = press(sam.open("/admin/articles/new"), "Preview", **typed(title="<i>Trust</i>", author="", body="# Mine"))
    assert (seen.status, seen.h1, seen.root.find("h2")[0].text) == (200, "<i>Trust</i>", "Mine")
    assert count(Article) == 0
    assert "application/ld+json" not in seen.html
    made = write(clock.now)
    seen = press(sam.open(f"/admin/articles/{made.slug}"), "Preview", title="Changed")
    assert seen.h1 == "Changed"
    assert sam.open(f"/admin/articles/{made.slug}/preview").h1 == VALUES.title
    assert article(made.slug).version == 2
    sam.open("/admin/articles/new/preview", expect=404)
    factories.seminar(now=clock.now, title="On the heart", specialty="Cardiology")
    seen = press(sam.open(f"/admin/articles/{made.slug}"), "Preview", specialty="Cardiology")
    assert "Seminars on this topic" in seen.text


@pages
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"title": ""}, "Enter the title"),
        ({"summary": "x" * 301}, "Summary must be 300 characters or fewer"),
        ({"body": "x" * 40_001}, "Text must be 40,000 characters or fewer"),
        ({"new_category": ""}, "Choose a category or name a new one"),
        ({"category": "providers"}, "Choose a category or name a new one, not both"),
        ({"new_category": "", "category": "nowhere"}, "Choose a category from the list"),
        ({"slug": "Not/This"}, "Use small letters, digits and single hyphens"),
        ({"slug": "new"}, "This web address belongs to another article"),
        ({"published_on": "31 March"}, "Date: enter a date like 2027-03-15"),
        ({"published_on": "1066-10-14"}, "Date: enter a year between 2000 and 2099"),
        ({"topics": "x" * 61}, "each line must be 60 characters or fewer"),
        ({"author": "a\x07b"}, "Author has a character that cannot be printed"),
    ],
)
def test_what_is_typed_wrong_is_said_and_kept(sam, clock, change, says):
    page = press(sam.open("/admin/articles/new"), "Save draft", **typed(**change))
    assert page.status == 422
    assert [error for error in page.errors if says in error], page.errors
    if "body" not in change:
        assert page.root.find("textarea", name="body")[0].text.startswith("Trust is a clinical tool.")
    assert count(Article) == 0


@pages
def test_an_article_that_is_not_ready_keeps_what_was_typed_and_says_what_is_open(sam, clock):
    made = write(clock.now, publish=False)
    page = sam.open(f"/admin/articles/{made.slug}")
    page = press(page, "Publish", summary="", body="Credit is applied for at the AMA. AMA credit pending.")
    assert page.status == 409
    assert page.errors == [
        "The article cannot be published yet.",
        "Enter the summary: lists and search engines show it",
        "AMA PRA credit is never pending or applied for: take these words out",
    ]
    assert "applied for" in page.root.find("textarea", name="body")[0].text
    assert article(made.slug).status == "draft"


@pages
def test_a_published_article_cannot_be_emptied(sam, clock):
    made = write(clock.now)
    page = press(sam.open(f"/admin/articles/{made.slug}"), "Save changes", summary="", title="Kept in the form")
    assert page.status == 409
    assert "Enter the summary: lists and search engines show it" in page.errors
    assert page.root.find("input", name="title")[0].attrs["value"] == "Kept in the form"
    assert article(made.slug).title == VALUES.title


@pages
def test_two_editors_see_each_others_words(sam, clock):
    made = write(clock.now, publish=False)
    mine, theirs = (sam.open(f"/admin/articles/{made.slug}") for _ in range(2))
    press(theirs, "Save draft", title="Theirs")
    page = press(mine, "Save draft", title="Mine")
    assert page.status == 409
    assert "Title: Theirs" in page.text
    press(page, "Save draft")
    assert (article(made.slug).title, article(made.slug).version) == ("Mine", 3)


@pages
def test_an_address_that_was_changed_meanwhile_loses_nothing(sam, clock):
    made = write(clock.now, publish=False)
    mine, theirs = (sam.open(f"/admin/articles/{made.slug}") for _ in range(2))
    press(theirs, "Save draft", slug="theirs")
    page = press(mine, "Publish", title="Typed for an hour")
    assert (page.status, page.errors) == (409, [GONE])
    assert page.root.find("input", name="title")[0].attrs["value"] == "Typed for an hour"
    press(page, "Save draft", slug="mine")
    assert [each.slug for each in articles_for_staff(view="all", words=[], now=clock.now).items] == ["mine", "theirs"]


@pages
def test_withdrawing_keeps_what_was_typed_and_not_saved(sam, clock):
    made = write(clock.now)
    page = press(sam.open(f"/admin/articles/{made.slug}"), "Withdraw", title="Half a thought")
    assert page.root.find("input", name="title")[0].attrs["value"] == "Half a thought"
    assert article(made.slug).status == "draft"
    assert press(page, "Save draft").status == 200
    assert article(made.slug).title == "Half a thought"


@pages
def test_a_day_ahead_is_scheduled(sam, clock):
    made = write(clock.now, publish=False)
    page = press(sam.open(f"/admin/articles/{made.slug}"), "Publish", published_on="2027-12-24")
    assert "Scheduled. It appears on its day." in page.text
    assert "Scheduled" in sam.open("/admin/articles?view=scheduled").text
    sam.open(f"/articles/{made.slug}", expect=404)


@pages
def test_the_list_for_staff_has_pages_and_a_way_back(sam, clock):
    assert "No articles here" in sam.open("/admin/articles").text
    for number in range(21):
        write(clock.now, title=f"Number {number}", publish=False)
    page = sam.open("/admin/articles?view=drafts&page=2")
    assert len(page.root.find("tbody")[0].find("tr")) == 1
    page = sam.open("/admin/articles?page=9", expect=404)
    assert page.click("Back to the first page").status == 200
    assert "Nothing matches" in sam.open("/admin/articles?q=nowhere").text
    assert "not a page number" in sam.open("/admin/articles?page=two&view=odd").text


@pages
def test_articles_are_written_by_those_who_keep_the_catalog(app, browser, cast, clock):
    write(clock.now)
    clerk = factories.staff("clerk@example.test", "Quill Marrow", ["payments"], now=clock.now)
    for visitor in (Browser(app).sign_in(cast.ada), Browser(app).sign_in(clerk)):
        for path in ("", "/new", "/small-habits-that-earn-trust", "/small-habits-that-earn-trust/preview"):
            visitor.open(f"/admin/articles{path}", expect=404)
    assert browser.open("/admin/articles").h1 == "Sign in"


def read(browser: Browser, clock: Any, **changes: Any) -> Page:
    """The page of an article."""
    return browser.open(f"/articles/{write(clock.now, **changes).slug}")


@pages
def test_author_date_and_category_are_elements_of_their_own(browser, clock):
    meta = read(browser, clock).root.find("p", class_="post-meta")[0]
    said = [(part.tag, part.text.replace("\xa0", " ")) for part in meta.children if part.attrs.get("class") != "u-sr"]
    assert said == [
        ("span", "By Wren Adair-Holt, NP"),
        ("time", "March 1, 2027"),
        ("a", "Providers"),
        ("span", "1 minute read"),
    ]
    assert [part.text for part in meta.find(class_="u-sr")] == [",", ", in", ","]


@pages
def test_without_an_author_nothing_says_by(browser, clock):
    page = read(browser, clock, author="")
    assert "By " not in page.root.find("p", class_="post-meta")[0].text
    assert json.loads(facts(page))["author"]["@type"] == "Organization"


def facts(page: Page) -> str:
    [script] = page.root.find("script", type="application/ld+json")
    return "".join(part for part in script.parts if isinstance(part, str))


@pages
def test_programs_are_told_the_facts_of_an_article(browser, clock):
    page = read(browser, clock, title='</script><script>alert("x")</script> & more', slug="habits")
    told = json.loads(facts(page))
    assert told["headline"] == '</script><script>alert("x")</script> & more'
    assert (told["@type"], told["datePublished"], told["articleSection"]) == ("Article", "2027-03-01", "Providers")
    assert told["author"] == {"@type": "Person", "name": "Wren Adair-Holt, NP"}
    assert told["keywords"] == ["Cardiology", "Communication", "Ethics"]
    assert "<script>alert" not in page.html
    assert page.root.find("link", rel="canonical")[0].attrs["href"] == "http://localhost/articles/habits"
    graph = {
        meta.attrs["property"]: meta.attrs["content"] for meta in page.root.find("meta") if "property" in meta.attrs
    }
    assert graph["og:type"] == "article"
    assert graph["og:title"] == told["headline"]
    assert graph["og:url"] == told["url"] == "http://localhost/articles/habits"


@pages
def test_the_seminars_below_are_those_on_the_topic(browser, clock):
    factories.seminar(now=clock.now, title="Sooner", specialty="Dermatology", starts_in=5)
    page = read(browser, clock, title="Alone")
    assert "Where to go next" in page.text
    factories.seminar(now=clock.now, title="On the heart", specialty="Cardiology", starts_in=50)
    page = read(browser, clock)
    assert "Seminars on this topic" in page.text
    assert "Start with On the heart" in page.text
    assert [card.find("h3")[0].text for card in page.root.find(class_="sem-card")] == ["On the heart"]
    assert [tile.find("h3")[0].text for tile in page.root.find(class_="teaser")] == ["Alone"]


@pages
def test_hostile_words_stay_words(browser, clock):
    hostile = '<script>alert("x")</script> {{ 7 * 7 }}'
    page = read(browser, clock, title=hostile, author=hostile, summary=hostile, body=hostile, new_category=hostile)
    assert page.h1 == hostile
    assert f"By {hostile}" in page.text
    for path in ("/articles", "/", "/articles/category/script-alert-x-script-7-7"):
        assert "<script>alert" not in browser.open(path).html
        assert hostile in browser.open(path).text


@pages
def test_the_shelves_have_pages_and_say_when_there_is_none(browser, clock):
    for number in range(13):
        write(clock.now, title=f"Number {number}")
    page = browser.open("/articles/category/providers?page=2")
    assert len(page.root.find(class_="teaser")) == 1
    assert page.root.find("link", rel="canonical")[0].attrs["href"].endswith("/articles/category/providers?page=2")
    page = browser.open("/articles?page=3", expect=404)
    assert (
        page.click("Back to the first page").root.find("link", rel="canonical")[0].attrs["href"].endswith("/articles")
    )
    assert "not a page number" in browser.open("/articles?page=-1").text


# The feed


def feed(browser: Browser) -> ElementTree.Element:
    answer = browser.client.get("/articles.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.data)


@pages
def test_the_feed_is_atom(browser, clock):
    nasty = 'Hearts, "minds" <b>&</b> ‘Ω’'
    write(clock.now, title=nasty, slug="hearts", summary=nasty, author=nasty)
    write(clock.now, title="Nobody's", author="", published_on=date(2027, 1, 2))
    read = feed(browser)
    assert read.tag == f"{ATOM}feed"
    for element in (read, *read.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "") == clock.now
    links = {link.attrib["rel"]: link.attrib["href"] for link in read.findall(f"{ATOM}link")}
    assert links == {"self": "http://localhost/articles.atom", "alternate": "http://localhost/articles"}
    first, second = read.findall(f"{ATOM}entry")
    assert first.findtext(f"{ATOM}id") == "http://localhost/articles/hearts"
    assert first.findtext(f"{ATOM}title") == first.findtext(f"{ATOM}summary") == nasty
    assert first.findtext(f"{ATOM}author/{ATOM}name") == nasty
    assert first.find(f"{ATOM}category").attrib == {"term": "providers", "label": "Providers"}
    assert second.find(f"{ATOM}author") is None
    assert second.findtext(f"{ATOM}published") == "2027-01-02T05:00:00+00:00"


@pages
def test_the_feed_is_sent_again_only_when_it_changed(browser, clock):
    made = write(clock.now)
    first = browser.client.get("/articles.atom")
    mine = {"If-None-Match": first.headers["ETag"]}
    again = browser.client.get("/articles.atom", headers=mine)
    assert (again.status_code, again.data) == (304, b"")
    withdraw_article(made.id, by=None, now=clock.now)
    assert browser.client.get("/articles.atom", headers=mine).status_code == 200
    assert feed(browser).findtext(f"{ATOM}updated")


@pages
def test_pages_lead_to_the_feed(browser, clock):
    write(clock.now)
    for path in ("/articles", "/articles/small-habits-that-earn-trust"):
        links = browser.open(path).root.find("link", rel="alternate", type="application/atom+xml")
        assert [link.attrs["href"] for link in links] == ["/articles.atom"]


@pages
def test_the_feed_has_an_end(app, clock, monkeypatch):
    monkeypatch.setattr(article_feed, "MOST_IN_FEED", 2)
    for number in range(3):
        write(clock.now, title=f"Number {number}")
    assert len(article_feed.entries(_address, now=clock.now)) == 2
