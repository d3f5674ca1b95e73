"""Facts about names, addresses, passwords and how long a sign-in lasts."""

from datetime import timedelta

import pytest

from cme.accounts import rules
from cme.accounts.services import check_password


@pytest.mark.parametrize("name", ["Ada Quillfeather, MD", "M", "Đặng Thị Hương, NP", "محمد الخوري", "李小龍"])
def test_a_name_with_letters_can_be_printed(name: str):
    assert rules.is_printable_name(name)


@pytest.mark.parametrize("name", [None, "", "   ", "...", "12345", "— ’ —", "x" * 121])
def test_a_name_without_letters_or_too_long_cannot(name: str | None):
    assert not rules.is_printable_name(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ada@example.test, MD", "email address"),
        ("ADA QUILLFEATHER, MD", "capital letters"),
        ("Ada Quillfeather", "no credentials"),
        ("Jordan McKay", "no credentials"),
    ],
)
def test_an_odd_name_is_asked_about(name: str, words: str):
    assert [words in warning for warning in rules.name_warnings(name)] == [True]


@pytest.mark.parametrize(
    "name", ["Ada Quillfeather, MD", "Ada Quill PA-C", "Ada Quill M.D.", "Ada Quill PhD", "Bo Li, RN"]
)
def test_a_name_with_credentials_is_not(name: str):
    assert rules.name_warnings(name) == []


def test_two_addresses_are_the_same_when_only_case_differs():
    assert rules.email_key(" Ada@Example.TEST ") == rules.email_key("ada@example.test")
    assert rules.email_key("a.da@example.test") != rules.email_key("ada@example.test")
    assert rules.email_key("ada+cme@example.test") != rules.email_key("ada@example.test")


@pytest.mark.parametrize(
    "password",
    ["demo-seminars-2026", "correct horse battery staple", "пингвин на крыше поёт", "ß" * 3 + "Ünter 9 Ähren" * 8],
)
def test_a_long_unlikely_password_passes_whatever_it_is_made_of(password: str):
    check_password(password, "ada@example.test")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short-one-9", "at least 12"),
        ("x" * 257, "256 characters or fewer"),
        ("password1234", "easy to guess"),
        ("qwertyuiop123", "easy to guess"),
        ("aaaaaaaaaaaaaaaa", "easy to guess"),
        ("Quillfeather@example.test!7", "your email address"),
        ("my-QuillFeather-lantern", "your email address"),
    ],
)
def test_a_password_others_would_try_is_refused(password: str, reason: str):
    with pytest.raises(rules.WeakPassword, match=reason):
        check_password(password, "quillfeather@example.test")


def test_staff_are_asked_more_often_than_learners():
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert rules.stay(is_staff=True, keep=True) == rules.Stay(idle=hour, total=12 * hour)
    assert rules.stay(is_staff=False, keep=True) == rules.Stay(idle=day, total=30 * day)
    assert rules.stay(is_staff=False, keep=False) == rules.Stay(idle=day, total=day)


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Mac"),
        ("curl/8", "A browser"),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent: str, said: str):
    assert rules.device(agent) == said
