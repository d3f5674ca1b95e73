"""A certificate's number and name are read however people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cme.credits import numbers


@pytest.mark.parametrize(
    "typed",
    ["GCMS-7F3K-Q01D-2M", "gcms 7f3k q01d 2m", "7F3KQ01D2M", "7f3k-qoid-2m", "7F3K–QOLD–2M", " 7F3K Q0lD 2M "],
)
def test_a_number_is_read_however_it_is_typed(typed: str):
    assert numbers.read_number(typed, "GCMS") == "GCMS-7F3K-Q01D-2M"


@pytest.mark.parametrize("typed", ["", "GCMS", "7F3K-Q01D-2", "<script>", "🙂"])
def test_what_is_too_short_is_no_number(typed: str):
    assert numbers.read_number(typed, "GCMS") is None


@given(st.text(max_size=60))
def test_any_text_is_read_as_a_number_or_as_none(typed: str):
    read = numbers.read_number(typed, "GCMS")
    assert read is None or len(read.partition("-")[2]) == 12


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("quillfeather", "Ada Quillfeather, MD"),
        ("ADA", "Ada Quillfeather, MD"),
        ("A. Quillfeather", "Ada Quillfeather, MD"),
        ("Zolc", "Łukasz Żółć, MD"),
        ("lukasz", "Łukasz Żółć, MD"),
        ("nguyen", "Nguyễn Thị Ánh Tuyết, MD"),
        ("obrien", "Maeve O’Brien, NP"),
        ("o'brien", "Maeve O’Brien, NP"),
        ("Lund", "Marisol Thackeray-Lund, MD"),
        ("thackeraylund", "Marisol Thackeray-Lund, MD"),
        ("ΕΛΕΝΗ", "Ελένη Παπαδοπούλου, MD"),
        ("strasse", "Hans Straße, MD"),
    ],
)
def test_any_word_of_the_printed_name_will_do(typed: str, printed: str):
    assert numbers.is_named(typed, printed)


@pytest.mark.parametrize("typed", ["", "Stranger", "quill", "--", "Adam"])
def test_another_name_will_not_do(typed: str):
    assert not numbers.is_named(typed, "Ada Quillfeather, MD")


@pytest.mark.parametrize(
    ("provider", "prefix"),
    [("Gulf Coast Medical Seminars", "GCMS"), ("École d’été", "EDE"), ("The A B C D E F", "TABC"), ("陳", "C")],
)
def test_a_number_begins_with_the_providers_initials(provider: str, prefix: str):
    assert numbers.number_prefix(provider) == prefix
