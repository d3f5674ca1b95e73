"""The numbers others know a person by: read as typed, kept once, never dropped by a form that did not show them."""

import pytest
from sqlalchemy import select

from cme.accounts import queries, rules, services
from cme.audit import AuditEntry
from cme.database import db


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("npi", "123 456 7893", "1234567893"),
        ("birth", "4/17", "0417"),
        ("birth", "04-17", "0417"),
        ("birth", "0229", "0229"),
        ("abim", "123 456", "123456"),
        ("rn-license", "fl rn-9412345", "FLRN9412345"),
        ("nabp", "123456", "123456"),
    ],
)
def test_a_number_is_read_however_it_is_written(kind, typed, kept):
    assert rules.IDENTIFIERS[kind].clean(typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("npi", "1234567890"),
        ("npi", "123456789"),
        ("npi", "١٢٣٤٥٦٧٨٩٣"),
        ("birth", "1304"),
        ("birth", "0230"),
        ("birth", "04/17/1970"),
        ("nabp", "12345"),
        ("aoa", "AB"),
        ("abim", "<b>"),
    ],
)
def test_what_cannot_be_one_is_asked_for_again_with_an_example(kind, typed):
    with pytest.raises(ValueError, match=rules.IDENTIFIERS[kind].example):
        rules.IDENTIFIERS[kind].clean(typed)


def test_each_profession_is_offered_the_numbers_it_may_have():
    kinds = {code: {each.kind for each in rules.identifiers_for(code)} for code in ("md", "do", "pharmd", "rn", "lcsw")}
    assert {"npi", "birth", "aafp", "abim"} <= kinds["md"]
    assert kinds["do"] - kinds["md"] == {"aoa"}
    assert kinds["pharmd"] == {"nabp", "birth"}
    assert kinds["rn"] == {"rn-license"}
    assert kinds["lcsw"] == set()
    assert [each.kind for each in rules.identifiers_for("lcsw", ["nabp"])] == ["nabp"]


def test_a_number_is_kept_once_changed_and_removed(cast, clock):
    save = services.save_identifiers
    assert save(cast.ada.id, {"npi": "1234567893", "abim": "123456"}, now=clock.now) == ["abim", "npi"]
    assert save(cast.ada.id, {"npi": "1234567893", "abim": "654321"}, now=clock.now) == ["abim"]
    assert save(cast.ada.id, {"npi": ""}, now=clock.now) == ["npi"]
    assert save(cast.ada.id, {"npi": ""}, now=clock.now) == []
    assert queries.identifiers_of(cast.ada.id) == {"abim": "654321"}
    assert queries.identifiers_of(cast.otto.id) == {}


def test_the_log_says_which_kinds_changed_and_no_number(cast, clock):
    services.save_identifiers(cast.ada.id, {"abim": "775533"}, now=clock.now)
    payload = db.session.scalar(select(AuditEntry.payload).where(AuditEntry.action == "gave identifiers"))
    assert payload is not None
    assert "abim" in payload
    assert "775533" not in payload


@pytest.mark.pages
def test_account_details_keep_the_numbers_and_say_what_is_wrong_with_one(cast, browser):
    page = browser.sign_in(cast.ada).open("/account")
    page = page.press("Save Changes", **{"id-npi": "1234567890", "id-birth": "4/17"})
    assert page.errors == ["Enter your NPI like 1234567893"]
    assert page.press("Save Changes", **{"id-npi": "1234567893"}).status == 200
    assert queries.identifiers_of(cast.ada.id) == {"npi": "1234567893", "birth": "0417"}
    assert browser.open("/account").root.find("input", name="id-birth")[0].attrs["value"] == "04/17"


@pytest.mark.pages
def test_a_form_without_the_numbers_leaves_them_alone(cast, browser, clock):
    services.save_identifiers(cast.ada.id, {"npi": "1234567893"}, now=clock.now)
    page = browser.sign_in(cast.ada).open("/account")
    kinds = [each.kind for each in rules.identifiers_for("md")]
    page.press("Save Changes", **{f"id-{kind}": None for kind in kinds})
    assert queries.identifiers_of(cast.ada.id) == {"npi": "1234567893"}
