"""The picture a shared link shows: drawn once for all it says, of any title, and of nothing nobody may see."""

import io
import time
from datetime import date
from threading import Thread
from typing import Any

import pytest
from PIL import Image, ImageChops

from cme.catalog import share_image
from cme.catalog.cards import TONES
from cme.catalog.models import Seminar
from cme.catalog.share_image import HEIGHT, MARGIN, WIDTH, Picture, dates_in_words, png
from cme.database import transaction
from tests.browser import Browser
from tests.factories import seminar

pytestmark = pytest.mark.pages

SIZE = (1200, 630)


def picture(title: str = "Knees in spring", **more: Any) -> Picture:
    facts = ("March 15–18, 2027", "Sarasota, FL", "20.0 credits")
    values = {"provider": "Gulf Coast", "label": "Cardiology", "facts": facts, "tone": "marine", "contour": 1} | more
    return Picture(title=title, **values)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image.convert("RGB")


def ink(one: Picture, other: Picture) -> tuple[int, int, int, int] | None:
    """Where two pictures differ."""
    return ImageChops.difference(opened(png(one)), opened(png(other))).getbbox()


def test_the_page_names_its_preview_and_its_one_address(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, title="Knees & hips")
    page = browser.open(f"/seminars/{made.slug}?mode=in-person&profession=np")
    told = {m.attrs.get("property") or m.attrs.get("name"): m.attrs.get("content") for m in page.root.find("meta")}
    assert told["og:title"] == told["twitter:title"] == "Knees & hips"
    assert told["og:description"] == told["description"] == "Blood pressure, lipids, rhythm and heart failure."
    assert told["og:url"] == f"http://localhost/seminars/{made.slug}"
    assert told["og:image"] == told["twitter:image"] == f"http://localhost/seminars/{made.slug}/share.png?v=1"
    assert (told["og:image:width"], told["og:image:height"]) == ("1200", "630")
    assert str(told["og:image:alt"]).replace("\xa0", " ") == "Knees & hips, March 31 – April 1, 2027"
    assert told["twitter:card"] == "summary_large_image"
    assert [link.attrs["href"] for link in page.root.find("link", rel="canonical")] == [told["og:url"]]


def test_the_picture_is_there(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now)
    answer = browser.client.get(f"/seminars/{made.slug}/share.png?v=1")
    assert answer.headers["Content-Type"] == "image/png"
    assert opened(answer.data).size == SIZE
    assert answer.cache_control.max_age == 3600
    assert "Set-Cookie" not in answer.headers
    again = browser.client.get(f"/seminars/{made.slug}/share.png", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_it_says_is_its_tag(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now)
    path = f"/seminars/{made.slug}/share.png"
    first = browser.client.get(path).headers["ETag"]
    with transaction() as session:
        session.get_one(Seminar, made.id).description = "Not on the picture."
    assert browser.client.get(path).headers["ETag"] == first
    with transaction() as session:
        session.get_one(Seminar, made.id).title = "Hips"
    assert browser.client.get(path).headers["ETag"] != first


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_nobody_sees_the_picture_of_what_is_not_published(browser: Browser, cast: Any, clock: Any, status: str) -> None:
    made = seminar(now=clock.now, status=status)
    browser.sign_in(cast.sam)
    for slug in (made.slug, "none", "%00", "A" * 3000):
        assert browser.client.get(f"/seminars/{slug}/share.png").status_code == 404


def test_who_has_it_costs_nothing_to_answer(browser: Browser, clock: Any, monkeypatch: Any) -> None:
    made = seminar(now=clock.now)
    tag = browser.client.get(f"/seminars/{made.slug}/share.png").headers["ETag"]
    monkeypatch.setattr(share_image, "_drawn", None)  # whoever draws now falls over
    headers = {"If-None-Match": tag}
    assert browser.client.get(f"/seminars/{made.slug}/share.png", headers=headers).status_code == 304


def test_many_who_ask_at_once_cost_one_drawing() -> None:
    share_image._drawn.cache_clear()
    wanted = picture("Asked for by many")
    crowd = [Thread(target=png, args=(wanted,)) for _ in range(12)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert share_image._drawn.cache_info().misses == 1


def test_only_so_many_are_kept() -> None:
    assert share_image._drawn.cache_info().maxsize == 64


def test_it_is_drawn_quickly() -> None:
    png(picture("warm the fonts and the cover"))
    spent = []
    for number in range(5):
        wanted = picture(f"{'W' * 190}{number}")
        began = time.process_time()
        png(wanted)
        spent.append(time.process_time() - began)
    assert min(spent) < 0.15  # 50 ms on a quiet machine


@pytest.mark.parametrize(
    "title",
    [
        "",
        " ",
        "W" * 200,
        "An unreasonably thorough review of everything " * 4,
        "i " * 100,
        "مقدمة في طب القلب",
        "م" * 200,
        "Ωμέγα, Tiếng Việt, Жизнь",
        "漢字 " * 60,
        "\u202edrawkcab\u202c \x00\x1b[31m\n\r\t tabs",
        "Z̸̢̛a̷l̵g̶o̸" * 15,
        '<script>alert("1")</script> {{ 7*7 }} %s &amp;',
        "👩🏽‍⚕️ emoji",
        "\ufeff\u200b\u200d",
    ],
)
def test_any_title_makes_a_picture(title: str) -> None:
    image = opened(png(picture(title)))
    assert image.size == SIZE
    around = ink(picture(title), picture(""))
    if around is not None:
        left, _, right, bottom = around
        assert left >= MARGIN - 30  # no letter is cut off
        assert right <= WIDTH - MARGIN + 30
        assert bottom < HEIGHT - 100  # the title stays off the dates


@pytest.mark.parametrize("text", ["Ωμέγα", "Tiếng Việt", "Жизнь", "عرض", "Care – “quoted” · 20"])
def test_every_letter_comes_from_a_face_that_has_it(text: str) -> None:
    runs = share_image._runs(text, share_image.SANS)
    assert "".join(piece for _, piece in runs) == text
    assert all(set(piece) <= share_image._letters(face) for face, piece in runs)


def test_a_letter_no_face_has_shows_as_a_box() -> None:
    assert share_image._runs("漢", share_image.SANS) == [(share_image.SERIF, "漢")]
    assert ink(picture("漢"), picture("")) is not None


def test_each_specialty_has_its_colour() -> None:
    corner = {tone: opened(png(picture(tone=tone))).getpixel((0, 0)) for tone in share_image.COVERS}
    assert len(set(corner.values())) == len(share_image.COVERS)
    assert opened(png(picture(tone="unheard of"))).getpixel((0, 0)) == corner["marine"]


def test_every_tone_of_a_cover_can_be_drawn() -> None:
    assert set(TONES) == set(share_image.COVERS)
    assert all(opened(png(picture(contour=number))).size == SIZE for number in range(1, 7))


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2027, 3, 15), date(2027, 3, 15), "March 15, 2027"),
        (date(2027, 3, 15), date(2027, 3, 18), "March 15–18, 2027"),
        (date(2027, 3, 31), date(2027, 4, 1), "March 31 – April 1, 2027"),
        (date(2027, 12, 31), date(2028, 1, 1), "December 31, 2027 – January 1, 2028"),
    ],
)
def test_dates_are_written_short(first: date, last: date, words: str) -> None:
    assert dates_in_words(first, last) == words
