"""What a real Chromium fetches to show the catalog for the first time: little, each thing once, then never again."""

import json
from typing import Any

import pytest

from tests import factories
from tests.conftest import NOW

pytestmark = pytest.mark.e2e
MOST_BYTES = 150_000


class Wire:
    """What came over the wire: addresses, and the bytes of each answer as they were sent."""

    def __init__(self, page: Any) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.addresses: dict[str, str] = {}
        self.sizes: dict[str, float] = {}
        self.session.on("Network.requestWillBeSent", self._asked)
        self.session.on("Network.responseReceived", self._answered)
        self.session.on("Network.loadingFinished", self._came)
        self.from_memory: set[str] = set()

    def _asked(self, event: Any) -> None:
        self.addresses[event["requestId"]] = event["request"]["url"]

    def _answered(self, event: Any) -> None:
        if event["response"].get("fromDiskCache"):
            self.from_memory.add(event["requestId"])

    def _came(self, event: Any) -> None:
        self.sizes[event["requestId"]] = event["encodedDataLength"]

    @property
    def fetched(self) -> list[tuple[str, float]]:
        """Every answer that came over the wire, headers counted."""
        return [(self.addresses[key], size) for key, size in self.sizes.items() if key not in self.from_memory and size]


def test_the_first_view_of_the_catalog_is_small_and_fetches_nothing_twice(site, visit):
    for number in range(25):
        factories.seminar(now=NOW, title=f"Cardiology for Primary Care, part {number}", starts_in=20 + number)
    page = visit()
    wire = Wire(page)
    page.goto("/seminars", wait_until="networkidle")
    addresses = [address for address, _ in wire.fetched]
    assert len(set(addresses)) == len(addresses), json.dumps(addresses, indent=1)
    fonts = [address for address in addresses if ".woff2" in address]
    assert fonts
    assert all("?v=" in address for address in addresses if "/static/" in address)
    assert not [address for address in addresses if address.endswith(".ttf")]
    total = sum(size for _, size in wire.fetched)
    assert total < MOST_BYTES, json.dumps(wire.fetched, indent=1)


def test_a_second_view_fetches_the_page_alone(site, visit):
    factories.seminar(now=NOW)
    page = visit()
    page.goto("/seminars", wait_until="networkidle")
    wire = Wire(page)
    page.goto("/seminars?sort=price", wait_until="networkidle")
    assert [address.removeprefix(site.url) for address, _ in wire.fetched] == ["/seminars?sort=price"]
