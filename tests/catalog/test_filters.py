"""What somebody asks of the catalog, read from an address."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from cme.catalog.filters import Choice, Facets, Filters, credit_types, formats, read, slug_of

CARDIOLOGY, WOMEN = Choice("cardiology", "Cardiology", 2), Choice("womens-health", "Women's health", 1)
ETHICS, FLORIDA = Choice("ethics", "Ethics", 1), Choice("FL", "Florida", 3)
FACETS = Facets(
    specialties=[CARDIOLOGY, WOMEN],
    topics=[ETHICS],
    states=[FLORIDA],
    months=[Choice("2027-03", "March 2027", 2)],
    formats=formats({"in-person": 2}),
    credits=credit_types({"ama-pra-1": 2}),
    total=3,
)


def asked(*pairs: tuple[str, str]) -> Filters:
    return read(MultiDict(pairs), FACETS)


def test_nothing_asked_is_nothing_filtered() -> None:
    assert asked() == Filters()
    assert asked(("q", " "), ("specialty", ""), ("from", ""), ("open", ""), ("utm_source", "letter")) == Filters()
    assert asked().query() == {}


def test_every_filter_is_a_part_of_the_address() -> None:
    found = asked(
        ("q", "heart  failure"),
        ("specialty", "cardiology"),
        ("specialty", "Women's Health"),
        ("topic", "ethics"),
        ("format", "in-person"),
        ("credit", "ama-pra-1"),
        ("state", "fl"),
        ("from", "2027-03"),
        ("to", "2027-04"),
        ("price", "$500"),
        ("open", "1"),
        ("sort", "price"),
        ("page", "2"),
    )
    assert found.q == "heart failure"
    assert found.specialty == (CARDIOLOGY, WOMEN)
    assert (found.topic, found.state) == ((ETHICS,), (FLORIDA,))
    assert (found.first, found.last) == (date(2027, 3, 1), date(2027, 4, 30))
    assert found.most_minor == 50000
    assert found.query() == {
        "q": "heart failure",
        "specialty": ["cardiology", "womens-health"],
        "topic": ["ethics"],
        "format": ["in-person"],
        "credit": ["ama-pra-1"],
        "state": ["FL"],
        "from": "2027-03-01",
        "to": "2027-04-30",
        "price": "500",
        "open": "1",
        "sort": "price",
        "page": 2,
    }
    assert found.notices == ()


def test_an_address_asks_the_same_when_it_is_read_again() -> None:
    found = asked(("q", "heart"), ("state", "FL"), ("from", "2027-03-15"), ("price", "free"), ("sort", "credits"))
    pairs = [(k, str(one)) for k, v in found.query().items() for one in (v if isinstance(v, list) else [v])]
    assert asked(*pairs) == found


@pytest.mark.parametrize(
    ("name", "value", "notice"),
    [
        ("specialty", "alchemy", "“alchemy” is not a specialty of our upcoming seminars"),
        ("format", "zoom", "“zoom” is not a format"),
        ("credit", "category-9", "“category-9” is not a credit"),
        ("state", "ZZ", "“ZZ” is not a state"),
        ("topic", "' OR 1=1 --", "“' OR 1=1 --” is not a topic"),
        ("from", "2027-13", "“2027-13” is not a date"),
        ("from", "2027-02-30", "is not a date"),
        ("to", "0000-00", "is not a date"),
        ("to", "\u0662\u0660\u0662\u0667-03", "is not a date"),
        ("price", "nan", "“nan” is not a price"),
        ("price", "-5", "is not a price"),
        ("price", "9" * 400, "is not a price"),
        ("open", "maybe", "does not say whether"),
        ("sort", "rating", "“rating” is not an order"),
        ("page", "0", "“0” is not a page number"),
        ("page", "1e3", "is not a page number"),
        ("page", "9" * 5000, "is not a page number"),
        ("q", "\x00\x07", "There was nothing to search for."),
        ("q", "heart\x00failure", "We searched for “heart failure”."),
        ("q", "x" * 500, "We searched for “xxx"),
    ],
)
def test_what_makes_no_sense_is_put_right_and_said_so(name: str, value: str, notice: str) -> None:
    found = asked((name, value))
    assert any(notice in text for text in found.notices), found.notices
    assert all(len(text) < 200 for text in found.notices)


def test_dates_the_wrong_way_round_are_swapped() -> None:
    found = asked(("from", "2027-05-01"), ("to", "2027-03-01"))
    assert (found.first, found.last) == (date(2027, 3, 1), date(2027, 5, 1))
    assert found.notices == ("The two dates were the wrong way round, so we swapped them.",)


def test_a_chip_takes_its_own_filter_away_and_goes_back_to_the_first_page() -> None:
    found = asked(("specialty", "cardiology"), ("specialty", "womens-health"), ("open", "on"), ("page", "3"))
    chips = dict(found.chips)
    assert list(chips) == ["Cardiology", "Women's health", "Hide full seminars"]
    assert chips["Cardiology"].query() == {"specialty": ["womens-health"], "open": "1"}


def test_chips_say_what_they_filter() -> None:
    found = asked(("q", "knee"), ("from", "2027-03"), ("to", "2027-04-02"), ("price", "1250"), ("state", "FL"))
    assert [label for label, _ in found.chips] == [
        "“knee”",
        "Florida",
        "From March 2027",
        "To April 2, 2027",
        "Up to $1,250",
    ]


def test_a_price_of_nothing_is_free() -> None:
    assert asked(("price", "0")) == asked(("price", "free"))
    assert asked(("price", "free")).most_minor == 0


def test_only_the_first_of_a_single_value_counts() -> None:
    assert asked(("sort", "price"), ("sort", "credits")).sort == "price"


def test_labels_become_words_for_addresses() -> None:
    assert slug_of("Women's health") == "womens-health"
    assert slug_of("Médecine d’urgence") == "medecine-durgence"
    assert slug_of("A/B & C") == "a-b-c"


def test_the_span_of_the_months_is_said_as_short_as_it_can_be() -> None:
    def span(*labels: str) -> str:
        return Facets([], [], [], [Choice("", label) for label in labels], [], []).span

    assert span() == ""
    assert span("March 2027") == "March 2027"
    assert span("March 2027", "May 2027") == "March to May 2027"
    assert span("November 2026", "May 2027") == "November 2026 to May 2027"
