"""Files for learners: which are taken, under which name, how much of them, and once each; and their page."""

import io
import zipfile
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, inspect, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from cme.audit import AuditEntry, breaches
from cme.catalog import errors, files, queries, services
from cme.catalog.models import Handout, Offering
from cme.database import db
from tests import factories
from tests.browser import Browser, form_values

PDF = b"%PDF-1.7 slides"
FORM = "form-0000000000000000"


def archive(*names: str) -> bytes:
    """A ZIP file with these names in it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("slides.pdf", PDF, "application/pdf"),
        ("SLIDES.PDF", PDF, "application/pdf"),
        ("all.zip", archive("a.txt"), "application/zip"),
        (
            "talk.pptx",
            archive("[Content_Types].xml", "ppt/presentation.xml"),
            f"{files.OFFICE}.presentationml.presentation",
        ),
        (
            "notes.docx",
            archive("[Content_Types].xml", "word/document.xml"),
            f"{files.OFFICE}.wordprocessingml.document",
        ),
        ("dose.xlsx", archive("[Content_Types].xml", "xl/workbook.xml"), f"{files.OFFICE}.spreadsheetml.sheet"),
        ("map.png", b"\x89PNG\r\n\x1a\n...", "image/png"),
        ("map.jpeg", b"\xff\xd8\xff\xe0...", "image/jpeg"),
        ("notes.txt", "Größe < 3 cm".encode(), "text/plain"),
    ],
)
def test_a_file_is_what_its_ending_and_its_bytes_say(name: str, content: bytes, media_type: str) -> None:
    assert files.media_type_of(name, content) == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<!doctype html>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("macro.docm", archive("[Content_Types].xml", "word/document.xml")),
        ("slides.pdf", b"<html><script>alert(1)</script>"),
        ("notes.txt", b"  <!DOCTYPE html><script>alert(1)</script>"),
        ("notes.txt", b"\xef\xbb\xbf<svg onload=alert(1)>"),
        ("notes.txt", b"MZ\x90\x00"),
        ("notes.txt", b"\xff\xfe"),
        ("talk.pptx", archive("[Content_Types].xml", "word/document.xml")),
        ("talk.pptx", archive("ppt/presentation.xml")),
        ("talk.pptx", b"PK\x03\x04 cut off"),
        ("map.png", b"\xff\xd8\xff"),
        ("slides", PDF),
        (".pdf", PDF),
        ("", PDF),
        ("slides.pdf", b""),
        ("slides.pdf", PDF + bytes(files.MOST_BYTES)),
    ],
)
def test_any_other_file_is_not_handed_out(name: str, content: bytes) -> None:
    with pytest.raises(files.Unfit):
        files.media_type_of(name, content)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Slides for Monday.pdf", "Slides for Monday.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\sam\\Slides.pdf", "Slides.pdf"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie- b.pdf"),
        ('"><script>alert(1)<.pdf', "script-alert(1)-.pdf"),
        ("...hidden.pdf", "hidden.pdf"),
        ("Ö" * 300 + ".pdf", "Ö" * 116 + ".pdf"),
        ("心臓.pdf", "心臓.pdf"),
    ],
)
def test_a_name_keeps_its_words_and_loses_its_tricks(given: str, kept: str) -> None:
    assert files.clean_name(given) == kept
    assert len(files.clean_name(given)) <= files.LONGEST_NAME


@pytest.fixture
def house(app: Any, clock: Any, cast: SimpleNamespace) -> SimpleNamespace:
    """A seminar, and the commands with their administrator already in hand."""
    seminar = factories.seminar(now=clock.now)

    def add(
        title: str = "Slides", content: bytes = PDF, file_name: str = "slides.pdf", form_id: str | None = None
    ) -> Any:
        more = {"by": cast.sam, "form_id": form_id, "now": clock.now}
        return services.add_handout(seminar.id, title=title, file_name=file_name, content=content, **more)

    def remove(ref: str) -> None:
        services.remove_handout(ref, by=cast.sam, now=clock.now)

    return SimpleNamespace(seminar=seminar, add=add, remove=remove)


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_file_is_kept_with_its_fingerprint_and_read_only_when_asked_for(house: SimpleNamespace) -> None:
    ref = house.add().ref
    house.add(title="", file_name="../Reading list.pdf")
    found = queries.handouts_of(house.seminar.id)
    assert [(h.title, h.file_name, h.size) for h in found] == [
        ("Slides", "slides.pdf", len(PDF)),
        ("Reading list.pdf", "Reading list.pdf", len(PDF)),
    ]
    assert all("content" in inspect(h).unloaded for h in found)
    one = queries.handout_by_ref(ref)
    assert one is not None
    assert (one.content, one.media_type, len(one.sha256)) == (PDF, "application/pdf", 64)
    assert actions() == ["added handout"] * 2
    assert list(breaches()) == []


def test_the_same_form_hands_out_one_file(house: SimpleNamespace) -> None:
    assert house.add(form_id=FORM).id == house.add(form_id=FORM).id
    assert db.session.scalar(select(func.count(Handout.id))) == 1


def test_a_file_that_is_something_else_is_refused(house: SimpleNamespace) -> None:
    with pytest.raises(errors.NotHandedOut, match=r"called \.pdf and is something else"):
        house.add(content=b"<html>")
    assert queries.handouts_of(house.seminar.id) == []


def test_all_files_together_have_a_limit(house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_TOGETHER", 3 * len(PDF))
    for _ in range(3):
        house.add()
    with pytest.raises(errors.HandoutsTooLarge):
        house.add()
    assert queries.handed_out_bytes(house.seminar.id) == 3 * len(PDF)


def test_a_file_is_taken_back_once(house: SimpleNamespace) -> None:
    kept, gone = house.add("Kept").ref, house.add("Gone").ref
    house.remove(gone)
    house.remove(gone)
    assert [h.ref for h in queries.handouts_of(house.seminar.id)] == [kept]
    assert queries.handout_by_ref(gone) is None
    assert actions() == ["added handout", "added handout", "removed handout"]


def test_pages_kept_warm_learn_of_files_and_editors_are_left_in_peace(house: SimpleNamespace) -> None:
    version = house.seminar.version
    house.remove(house.add().ref)
    assert db.session.scalars(select(Offering.revision)).one() == 2
    db.session.refresh(house.seminar)
    assert house.seminar.version == version


# The page


def sent(browser: Browser, to: str, name: str, content: bytes, **words: str) -> Any:
    """Post a file as a browser does; encoded here, since the test client would leave a temporary file open."""
    boundary, body = encode_multipart(words | {"file": FileStorage(io.BytesIO(content), name)})
    return browser.client.post(to, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def upload(page: Any, name: str = "slides.pdf", content: bytes = PDF, **words: str) -> Any:
    """Send the page's form with a file."""
    form = page.form_with("Add file")
    target = form.attrs["action"]
    shown = {key: values[0] for key, values in form_values(form).items()}
    answer = sent(page.browser, target, name, content, **shown | words)
    return page.browser._arrive(answer, target, None)


@pytest.fixture
def desk(browser: Browser, cast: SimpleNamespace, clock: Any) -> Browser:
    """The administrator's browser, and a seminar to hand out files for."""
    factories.seminar(now=clock.now, slug="heart")
    return browser.sign_in(cast.sam)


PAGE = "/admin/seminars/heart/handouts"


@pytest.mark.pages
def test_staff_hand_a_file_out_and_take_it_back(desk: Browser) -> None:
    page = upload(desk.open(PAGE), title="Slides for Monday")
    assert "Slides for Monday" in page.text
    assert "1 kB of 100.0 MB" in page.text
    page = page.press("Remove")
    assert "No files yet" in page.text


@pytest.mark.pages
def test_a_wrong_file_is_an_error_at_its_field_and_the_title_stays(desk: Browser) -> None:
    page = upload(desk.open(PAGE), "page.html", b"<!doctype html>", title="My page")
    assert (page.status, page.errors) == (422, ["Choose a PDF, PPTX, DOCX, XLSX, ZIP, PNG, JPEG or TXT file"])
    assert form_values(page.form_with("Add file"))["title"] == ["My page"]
    assert desk.open(PAGE).press("Add file").errors == ["Choose a file"]


@pytest.mark.pages
def test_a_hostile_name_stays_a_word(desk: Browser) -> None:
    page = upload(desk.open(PAGE), "<img src=x onerror=alert(1)>.pdf", title="<script>alert(1)</script>")
    assert "<script>alert" not in page.html
    assert "<script>alert(1)</script>" in page.text
    assert "img src=x onerror=alert(1)" in page.text


@pytest.mark.pages
def test_staff_may_send_large_files_there_and_nobody_may_elsewhere(desk: Browser, cast: SimpleNamespace) -> None:
    large = PDF + bytes(files.MOST_BYTES - len(PDF))
    assert "20.0 MB" in upload(desk.open(PAGE), content=large).text
    assert upload(desk.open(PAGE), content=large + b"x").errors == [
        "The file is larger than 20 MB: choose a smaller one"
    ]
    assert sent(desk, PAGE, "x.pdf", large + bytes(200_000)).status_code == 413
    for browser in (Browser(desk.app), Browser(desk.app).sign_in(cast.ada)):
        assert sent(browser, PAGE, "x.pdf", bytes(2_000_000)).status_code == 413
    assert desk.client.post("/admin/seminars/new", data={"title": "x" * 2_000_000}).status_code == 413


@pytest.mark.pages
def test_a_file_is_removed_under_its_own_seminar_alone(desk: Browser, cast: SimpleNamespace, clock: Any) -> None:
    other = factories.seminar(now=clock.now, slug="lung")
    more = {"title": "", "file_name": "a.pdf", "content": PDF, "by": cast.sam, "form_id": None}
    ref = services.add_handout(other.id, **more, now=clock.now).ref
    [token] = form_values(desk.open(PAGE).form_with("Add file"))["csrf_token"]
    for address in (f"{PAGE}/{ref}/remove", f"{PAGE}/nothing/remove"):
        assert desk.client.post(address, data={"csrf_token": token}).status_code == 404
    assert queries.handout_by_ref(ref) is not None
