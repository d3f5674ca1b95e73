"""Whatever is typed, sent or put into an address: an answer in words, never a surprise."""

import io
import json
import re
from collections.abc import Iterator
from itertools import cycle
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import town
from tests.browser import Browser, Element, form_values, parse

LONG = "9" * 4000
HOSTILE = [
    "",
    "\0",
    "Ada\0Quill",
    "\ud800",
    "\u202eDM ,adA\u2066",
    "Ada\r\nBcc: everybody@example.test",
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}#{7*7}",
    '=HYPERLINK("http://example.test")',
    "' OR 1=1 --",
    "%00%ED%A0%80%s%n",
    "../../etc/passwd",
    str(2**31),
    str(2**63),
    "-1",
    "1e999",
    "nan",
    "inf",
    "٣",
    "１２３",
    "2027-02-30",
    "0001-01-01",
    "9999-12-31",
    "0000-00-00",
    "24:61",
    LONG,
    "👩🏽‍⚕️" * 60,
    "Z" + "\u0301" * 300,
    "\ufdfa" * 40,
]
QUERY = ["q", "page", "n", "next", "mode", "format", "topic", "specialty", "credit", "state", "from", "to", "price"]
QUERY += ["open", "sort", "view", "kind", "status", "text", "version", "year", "session_id"]
PATHS = [
    *(quote(each, errors="surrogatepass") for each in HOSTILE if each),
    "%ED%A0%80",
    "%2F%2e%2e%2F",
    "..;",
    "a" * 3000,
    "%0d%0aSet-Cookie:a=b",
    ".pdf",
]

TYPED = {"email": "quill@example.test", "password": "otter granite teapot", "current": "demo-seminars-2026"}
TYPED |= {"professional_name": "Quill Marrow, MD", "certification_type": "md"}
APART = re.compile(r"-[1-9]\d*-|^slug$")  # rows like the first, and what would move the editor elsewhere


def sent(text: str) -> str | bytes:
    """What a form carries: half characters travel as the bytes nobody should send."""
    return text.encode("utf-8", "surrogatepass") if "\ud800" in text else text


@pytest.fixture
def world(app: Any, cast: SimpleNamespace, clock: Any) -> SimpleNamespace:
    """The town, ada who owns things in it, noah who has no details yet, and sam who may do everything."""
    built = town.build(cast, clock)
    browsers = {"ada": Browser(app).sign_in(cast.ada), "noah": Browser(app).sign_in(cast.noah)}
    browsers |= {"sam": Browser(app).sign_in(cast.sam), "nobody": Browser(app)}
    return SimpleNamespace(app=app, town=built, **browsers)


@pytest.fixture
def forms(world: SimpleNamespace) -> list[tuple[Browser, str, dict[str, list[str]]]]:
    """Every form of the house, filled in."""
    return filled_forms(world)


def visitor_for(world: SimpleNamespace, access: str) -> Browser:
    """Somebody whom a page lets in."""
    return {"public": world.nobody, "learners": world.ada}.get(access, world.sam)


def places(world: SimpleNamespace, method: str) -> list[tuple[Browser, str]]:
    """Every address that answers to a method, with somebody it lets in."""
    views = world.app.view_functions
    return [
        (visitor_for(world, getattr(views[endpoint], "access", "public")), address)
        for endpoint, offered, address in town.streets(world.app, world.town)
        if offered == method and endpoint != "static"
    ]


def ask(browser: Browser, address: str, method: str = "GET", **more: Any) -> Any:
    """Send something and see that the answer is no surprise."""
    with browser.client.open(address, method=method, **more) as answer:
        answer.get_data()
    assert answer.status_code < 500, f"{method} {address[:200]} {str(more)[:300]}: {answer.status_code}"
    return answer


def believable(form: Element) -> dict[str, list[str]]:
    """A form filled in so that it could be taken: every box ticked, every button pressed, what is asked for typed."""
    values = form_values(form)
    for field in [*form.find("input"), *form.find("button")]:
        if field.attrs.get("type") in {"radio", "checkbox", "submit"} and "name" in field.attrs:
            values.setdefault(field.attrs["name"], [field.attrs.get("value", "y")])
    values |= {name: [text] for name, text in TYPED.items() if name in values and values[name] == [""]}
    return {name: typed for name, typed in values.items() if not name.endswith(("more", "end_others", "remove"))}


def filled_forms(world: SimpleNamespace) -> list[tuple[Browser, str, dict[str, list[str]]]]:
    """Every form that pages show, as it would be sent, by somebody who may send it."""
    found: dict[tuple[str, ...], tuple[Browser, str, dict[str, list[str]]]] = {}
    pages = [*places(world, "GET"), (world.noah, f"/seminars/{world.town.ahead}/register"), (world.noah, "/account")]
    for browser, address in pages:
        answer = browser.client.get(address)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        for form in parse(answer.text).find("form"):
            values = believable(form)
            target = urlsplit(form.attrs.get("action") or address)
            if form.attrs.get("method", "get") == "post" and set(values) != {"csrf_token"}:
                found.setdefault((target.path, *sorted(values)), (browser, target.path, values))
    return list(found.values())


def dealt(names: list[str], rounds: int) -> Iterator[dict[str, str | bytes]]:
    """Hostile values for these names, other ones in each round."""
    cards = cycle(HOSTILE)
    for _ in range(rounds):
        yield {name: sent(next(cards)) for name in names}


def test_no_query_surprises(world):
    for browser, address in places(world, "GET"):
        path, _, query = address.partition("?")
        for values in dealt(QUERY, rounds=4):
            ask(browser, f"{path}?{query}&{urlencode(values)}&{urlencode(values)}")


def test_no_path_surprises(world):
    for browser, address in places(world, "GET"):
        steps = urlsplit(address).path.split("/")
        for place in range(2, len(steps)):
            for text in PATHS:
                ask(browser, "/".join([*steps[:place], text, *steps[place + 1 :]]))


def version_shown(browser: Browser, path: str) -> str:
    """The version an editor shows now, so that a saving is not refused for its age alone."""
    [field] = parse(browser.client.get(path).text).find("input", name="version")
    return field.attrs["value"]


def test_no_form_surprises(forms):
    taken = 0
    for browser, path, values in forms:
        names = [name for name in values if name != "csrf_token"]
        token = {"csrf_token": values["csrf_token"][0]}
        for typed in dealt(names, rounds=3):
            ask(browser, path, "POST", data=typed | token)
        is_versioned, is_old = values.get("version", [""]) != [""], True
        for typed in dealt([name for name in names if not APART.search(name)], rounds=1):
            for name, text in typed.items():
                if is_versioned and is_old:
                    values["version"] = [version_shown(browser, path)]
                answer = ask(browser, path, "POST", data={**values, name: text})
                is_old = answer.status_code == 303
                taken += is_old
    assert taken > 30


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_word_in_one_field_surprises(forms, data):
    browser, path, values = data.draw(st.sampled_from(forms))
    name = data.draw(st.sampled_from([name for name in values if name != "csrf_token"]))
    text = data.draw(st.text() | st.sampled_from(HOSTILE) | st.integers().map(str))
    ask(browser, path, "POST", data={**values, name: sent(text)})


@pytest.mark.pages
def test_fields_are_read_from_forms_alone(forms):
    for browser, path, values in forms:
        token = values.pop("csrf_token")[0]
        files = {name: (io.BytesIO(b"x"), "x.txt") for name in values}
        ask(browser, path, "POST", data={"csrf_token": token, **files}, content_type="multipart/form-data")
        for body in ({name: [1, {"a": None}] for name in values}, dict.fromkeys(values, "\ud800"), [1], 5, None):
            more = {"headers": {"X-CSRFToken": token}, "content_type": "application/json"}
            ask(browser, path, "POST", data=json.dumps(body), **more)


@pytest.mark.pages
def test_more_fields_than_anybody_types_are_left_aside(forms):
    crowd = urlencode({f"sessions-{number}-title": "x" for number in range(20_000)})
    for browser, path, values in forms:
        token = urlencode({"csrf_token": values["csrf_token"][0]})
        ask(browser, path, "POST", data=f"{token}&{crowd}", content_type="application/x-www-form-urlencoded")
        ask(
            browser,
            path,
            "POST",
            data={name: [*typed, *typed, "z"] for name, typed in values.items()} | {"csrf_token": values["csrf_token"]},
        )


def test_an_id_of_a_form_ends_where_it_ends(world):
    page = world.nobody.open("/join")
    page = page.press("Create", email="q@example.test", password="otter granite teapot", form_id="a" * 40 + "\n")
    assert page.status == 422


@pytest.mark.pages
def test_no_signature_surprises_the_webhook(world):
    for text in ("t=1,v1=\xe9", "t=9" + "9" * 5000, "t=,v1=", "\xff" * 2000, "t=1" + ",v1=0" * 2000):
        for body in (b"", b"\xff\x00", b"[]", b"{"):
            answer = ask(world.nobody, "/webhooks/stripe", "POST", data=body, headers={"Stripe-Signature": text})
            assert answer.status_code == 400


@pytest.mark.pages
def test_no_method_surprises(world):
    for browser, address in places(world, "GET"):
        for method in ("HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "BREW"):
            ask(browser, address, method)
