"""Static files: each address keeps its bytes for ever, text comes compressed, and nothing comes that no page needs."""

import gzip
import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from cme import assets
from cme.assets import FOR_EVER, Assets
from tests.browser import Browser

pytestmark = pytest.mark.pages
KEPT = re.compile(r'"(/static/[^"#]+)')
NAMED = re.compile(r'url\("?([^")]+)')
SHEET = "/static/css/site.css"


@pytest.fixture
def client(app: Any) -> Any:
    return Browser(app).client


def named_by(css: str) -> list[str]:
    return [urljoin(SHEET, path) for path in NAMED.findall(css) if not path.startswith("data:")]


def test_every_file_a_page_names_may_be_kept_for_ever(client):
    named = set(KEPT.findall(client.get("/seminars").text))
    assert {path.partition("?")[0] for path in named} >= {SHEET, "/static/js/app.js", "/static/img/icons.svg"}
    for address in named:
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOR_EVER), address


def test_fonts_and_pictures_that_a_stylesheet_names_may_be_kept_too(client):
    named = named_by(client.get(SHEET).text)
    assert len(named) > 10
    for address in named:
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOR_EVER), address


def test_the_fonts_fetched_ahead_are_those_the_stylesheet_names(client):
    ahead = re.findall(r'rel="preload" href="([^"]+)"', client.get("/seminars").text)
    assert len(ahead) == 2
    assert set(ahead) <= set(named_by(client.get(SHEET).text))


def test_a_changed_font_changes_the_address_of_every_sheet_that_names_it():
    files = {"css/a.css": b'@font-face { src: url("../fonts/f.woff2") }', "fonts/f.woff2": b"one"}
    before = Assets(files, {"css/all.css": ("a",)})
    after = Assets(files | {"fonts/f.woff2": b"two"}, {"css/all.css": ("a",)})
    assert [name for name, mark in before.marks.items() if after.marks[name] == mark] == []
    assert before.mark != after.mark


def test_a_sheet_that_names_what_is_not_there_stops_the_start():
    with pytest.raises(LookupError, match=r"css/a.css names ../img/gone.svg"):
        Assets({"css/a.css": b'url("../img/gone.svg")'}, {})


def test_addresses_elsewhere_and_inside_the_sheet_are_left_alone():
    css = 'a { b: url("data:x") url(#y) url("https://example.org/z.svg") url(/w.svg) }'
    assert assets.with_fingerprints("css/a.css", css, {}) == css


@pytest.mark.parametrize("mark", ["", "?v=", "?v=0123456789ab", "?v=1&v=2"])
def test_bytes_are_never_kept_under_an_address_made_for_others(client, mark):
    answer = client.get(f"/static/js/app.js{mark}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, no-cache")


@pytest.mark.parametrize("path", ["css/site.css", "css/tokens.css", "js/app.js", "img/icons.svg"])
def test_text_comes_compressed_to_whoever_can_read_that(client, path):
    plain = client.get(f"/static/{path}", headers={"Accept-Encoding": "gzip;q=0"})
    packed = client.get(f"/static/{path}", headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for answer in (plain, packed):
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_fonts_are_not_compressed_twice(client):
    answer = client.get("/static/fonts/sounding-sans-latin.woff2", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Type"] == "font/woff2"


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_whoever_has_a_file_gets_no_body(client, coding):
    first = client.get("/static/js/app.js", headers={"Accept-Encoding": coding})
    again = client.get("/static/js/app.js", headers={"Accept-Encoding": coding, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_asking_for_the_headers_alone_gives_the_length(client):
    head = client.head("/static/js/app.js", headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, head.data) == (200, b"")
    assert int(head.headers["Content-Length"]) > 1000


@pytest.mark.parametrize(
    "path",
    [
        "",
        "css/",
        "fonts/print/Figtree_400Regular.ttf",
        "../assets.py",
        "%2e%2e/assets.py",
        "css/gone.css",
        "css\\site.css",
    ],
)
def test_nothing_else_is_on_the_shelf(client, path):
    answer = client.get(f"/static/{path}?v=1")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers["Cache-Control"]


def test_every_file_says_what_it_is(client):
    for path, asset in assets.here().files.items():
        assert asset.content_type in assets.TYPES.values(), path


def test_staff_get_one_stylesheet_with_theirs_in_it(app, cast):
    page = Browser(app).sign_in(cast.sam).open("/admin")
    sheets = [link.attrs["href"].partition("?")[0] for link in page.root.find("link", rel="stylesheet")]
    assert sheets == ["/static/css/staff.css"]


def test_a_change_during_development_shows_at_the_next_visit(app, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(assets, "JOINED", {})
    monkeypatch.setitem(app.extensions, "assets", None)
    file = tmp_path / "a.css"
    for text in ("one", "another"):
        file.write_text(text)
        assets.look_again(app, tmp_path)
        assert assets.here().files["a.css"].body == text.encode()


def test_the_first_view_of_the_catalog_is_small(app, client):
    """Everything its markup and its stylesheet name, whether a browser would need it or not, fonts included."""
    page = client.get("/seminars", headers={"Accept-Encoding": "gzip"})
    html = gzip.decompress(page.data).decode() if page.content_encoding == "gzip" else page.text
    addresses = {*KEPT.findall(html), *named_by(client.get(SHEET).text)}
    seen = {address: client.get(address, headers={"Accept-Encoding": "gzip"}) for address in addresses}
    assert all(answer.status_code == 200 for answer in seen.values())
    by_path = {address.rpartition("/")[2]: len(answer.data) for address, answer in seen.items()}
    assert sum(by_path.values()) + len(page.data) < 150_000, by_path
