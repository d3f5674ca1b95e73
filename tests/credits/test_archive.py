"""A certificate is for the archive and for everybody's ears: PDF/A-3a and PDF/UA-1 in one file, its data inside.

What the standards ask is checked point by point here; no validator of either was at hand.
"""

import hashlib
import io
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from flask import Flask

from cme.credits.certificate import VERSION, Snapshot, assets_of, html_of, sha256_of
from cme.gateways.press import Press, PressFailed
from cme.gateways.signing import Issuer, draw_pair
from cme.values import Attached
from tests.credits.test_certificate import certificate, picture_of, text_of

pytestmark = pytest.mark.paper

HERE, TOP = Path(__file__).parent, Path(__file__).parents[2]
TOKEN = Attached(
    "credential.jwt", "application/vc+jwt", "The certificate as a credential", "eyJhbGciOiJFUzI1NiJ9.e30.x"
)
RDF, UA = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}", "{http://www.aiim.org/pdfua/ns/id/}"
PDFA, SCHEMA = "{http://www.aiim.org/pdfa/ns/id/}", "{http://www.aiim.org/pdfa/ns/schema#}"
# Once certificates are issued with it, a version is never edited: a change here is a mistake, a new version is not.
NEVER_EDITED = {
    "certificate/v1/certificate.html": "0b1cee3d0988d97e",
    "certificate/v1/certificate.css": "76cb2db8c29c6581",
    "certificate/v2/certificate.html": "c6572b3f933c5a4c",
    "certificate/v2/certificate.css": "70fb63f86aab0b97",
    "certificate-frame.svg": "43d584239ad0a09a",
    "certificate-frame-2.svg": "62dbfe17c49b3324",
}


@pytest.fixture(scope="module", autouse=True)
def paper_house() -> Iterator[None]:
    """Just enough of an application to hold the templates."""
    app = Flask("cme", root_path=str(TOP / "cme"), template_folder="../templates")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # as the product prints
    with app.app_context():
        yield


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


@pytest.fixture(scope="module")
def printed(press: Press) -> bytes:
    """A certificate with its credential inside."""
    return press.render(html_of(certificate()), [TOKEN])


@pytest.fixture
def pdf(printed: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(printed)) as opened:
        yield opened


def things(pdf: pikepdf.Pdf, **told: str) -> list[Any]:
    """The dictionaries of a PDF that say this."""
    found = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary)]
    return [each for each in found if all(str(each.get(f"/{name}")) == value for name, value in told.items())]


# What the file says of itself


def test_the_metadata_names_both_standards_where_readers_look(pdf: pikepdf.Pdf) -> None:
    root = ElementTree.fromstring(pdf.Root.Metadata.read_bytes())
    [rdf] = root.findall(f"{RDF}RDF")
    told: dict[str, str] = {}
    for description in rdf.findall(f"{RDF}Description"):
        told |= description.attrib
    assert (told[f"{PDFA}part"], told[f"{PDFA}conformance"], told[f"{UA}part"]) == ("3", "A", "1")
    assert [each.text for each in rdf.iter(f"{SCHEMA}namespaceURI")] == ["http://www.aiim.org/pdfua/ns/id/"]


def test_the_metadata_can_be_found_without_reading_the_pdf(printed: bytes) -> None:
    assert b'pdfuaid:part="1"' in printed
    assert b'pdfaid:part="3"' in printed


def test_the_title_and_the_dates_agree_within_and_without(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as told:
        assert told["dc:title"] == str(pdf.docinfo["/Title"]) == "Certificate of Credit, Marisol Thackeray-Lund, MD"
        assert told["xmp:CreateDate"] == told["xmp:ModifyDate"] == "2027-03-18"
    assert str(pdf.docinfo["/CreationDate"]) == str(pdf.docinfo["/ModDate"]) == "D:20270318"


def test_colours_are_defined_and_nothing_is_hidden_or_runs(pdf: pikepdf.Pdf) -> None:
    [intent] = pdf.Root.OutputIntents
    assert (str(intent.S), int(intent.DestOutputProfile.N)) == ("/GTS_PDFA1", 3)
    assert not pdf.is_encrypted
    assert len(pdf.trailer.ID) == 2
    for name in ("OpenAction", "AA", "AcroForm", "JavaScript", "XFA", "Perms"):
        assert f"/{name}" not in pdf.Root, name
    assert not things(pdf, S="/JavaScript") + things(pdf, S="/Launch")


def test_each_font_is_inside_and_each_letter_has_a_meaning(pdf: pikepdf.Pdf) -> None:
    fonts = list(pdf.pages[0].Resources.Font.values())
    assert len(fonts) == 5
    for font in fonts:
        assert "/ToUnicode" in font
        assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor
        assert "/CIDToGIDMap" in font.DescendantFonts[0]


# What is inside


def test_the_credential_is_inside_as_the_data_of_the_paper(pdf: pikepdf.Pdf) -> None:
    assert list(pdf.attachments) == ["credential.jwt"]
    spec = pdf.attachments["credential.jwt"]
    assert spec.get_file().read_bytes().decode() == TOKEN.content
    assert spec.get_file().mime_type == "application/vc+jwt"
    [associated] = pdf.Root.AF
    assert (str(associated.AFRelationship), str(associated.UF)) == ("/Data", "credential.jwt")
    assert str(associated.Desc) == TOKEN.description
    assert str(associated.EF.F.Params.ModDate) == "D:20270318"


def test_the_same_credential_gives_the_same_bytes_and_another_gives_others(press: Press, printed: bytes) -> None:
    page = html_of(certificate())
    assert press.render(page, [TOKEN]) == printed
    assert press.render(page, [Attached(**{**vars(TOKEN), "content": "another"})]) != printed


# What is read aloud


def test_everything_is_tagged_in_reading_order_or_marked_as_decoration(pdf: pikepdf.Pdf) -> None:
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "en"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert str(pdf.pages[0].Tabs) == "/S"
    depth, loose = 0, []
    for operands, operator in pikepdf.parse_content_stream(pdf.pages[0]):
        if str(operator) in ("BDC", "BMC"):
            depth += 1
        elif str(operator) == "EMC":
            depth -= 1
        elif not depth and str(operator) in ("Tj", "TJ", "Do", "sh", "EI"):
            loose.append((operands, operator))
    assert (depth, loose) == (0, [])


def test_headings_pictures_and_links_are_what_they_are(pdf: pikepdf.Pdf) -> None:
    tags = [str(each.S) for each in things(pdf, Type="/StructElem")]
    assert [tag for tag in tags if tag in ("/H1", "/H2", "/Figure", "/Link")] == ["/H1", "/H2", "/Figure", "/Link"]
    [figure] = things(pdf, S="/Figure")
    left, bottom, right, top = map(float, figure.A.BBox)
    assert 640 < left < right < 740
    assert 70 < bottom < top < 180
    [link] = pdf.pages[0].Annots
    assert str(link.Contents) == str(link.A.URI)
    assert int(link.F) == 4  # printed, like PDF/A wants it
    assert "/StructParent" in link


def test_a_name_that_is_drawn_in_another_order_is_read_in_its_own(press: Press) -> None:
    name = "محمد الأحمد, MD"
    with pikepdf.open(io.BytesIO(press.render(html_of(certificate(professional_name=name))))) as pdf:
        [heading] = things(pdf, S="/H2")
        assert str(heading.ActualText) == name


# Signed


def test_a_signature_adds_to_the_paper_and_changes_nothing_of_it(printed: bytes) -> None:
    now = datetime(2027, 3, 18, 15, tzinfo=UTC)
    signed = Issuer(*draw_pair(now=now)).sign_pdf(printed, at=now)
    assert signed.startswith(printed)
    assert text_of(signed) == text_of(printed)
    assert picture_of(signed).tobytes() == picture_of(printed).tobytes()
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        assert list(pdf.attachments) == ["credential.jwt"]
        assert str(pdf.Root.Perms.DocMDP.Type) == "/Sig"
        assert pdf.Root.MarkInfo.Marked
        [field] = pdf.Root.AcroForm.Fields
        assert [float(edge) for edge in field.Rect] == [0, 0, 0, 0]
        assert str(field.TU) == "Signature of the issuer"  # what is read aloud
        with pikepdf.open(io.BytesIO(printed)) as before:
            assert pdf.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
            assert dict(pdf.docinfo) == dict(before.docinfo)


# What is refused


@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><html lang="en"><body>&b;</body></html>',
        '<!DOCTYPE html SYSTEM "file:///etc/passwd"><html lang="en"><body/></html>',
        '<html lang="en"><body>&undeclared;</body></html>',
        '<html lang="en"><body><p>not closed</body></html>',
        '<html lang="en"><body>' + "<div>" * 3000 + "</div>" * 3000 + "</body></html>",
        '<html lang="en"><body><img alt="" src="file:///etc/passwd"/></body></html>',
        '<html lang="en"><head><style>@import url(file:///etc/passwd);</style></head><body/></html>',
    ],
)
def test_a_page_that_declares_reaches_or_nests_too_much_is_refused(bomb: str, press: Press) -> None:
    with pytest.raises(PressFailed):
        press.render(f'<?xml version="1.0" encoding="utf-8"?>{bomb}')
    assert press.render(html_of(certificate()))


def test_control_characters_from_elsewhere_do_not_stop_the_press(press: Press) -> None:
    said = text_of(press.render(html_of(certificate(activity_title="Bell \x07 and \x0b tab", location="Nul\x00l"))))
    assert "titled Bell and tab, held" in said
    assert "in Null, and" in said


# What was issued before


def test_a_version_in_use_is_never_edited() -> None:
    folders = (TOP / "templates" / "credits", TOP / "cme" / "static" / "img")
    files = {name: next(each for folder in folders if (each := folder / name).exists()) for name in NEVER_EDITED}
    assert {name: hashlib.sha256(file.read_bytes()).hexdigest()[:16] for name, file in files.items()} == NEVER_EDITED


def test_a_certificate_of_the_first_version_still_reads_and_prints_as_it_did(press: Press) -> None:
    kept = (HERE / "snapshot-v1.json").read_text()
    snapshot = Snapshot.from_json(kept)
    assert snapshot.to_json() == kept
    assert (snapshot.version, snapshot.statements, snapshot.granted) == (1, (), {})
    page = hashlib.sha256(html_of(snapshot).encode()).hexdigest()
    assert page[:16] == "4d9547397a0ba286"  # as it was when there was no other version
    pdf = press.render(html_of(snapshot), [])
    assert sha256_of(pdf) == sha256_of(press.render(html_of(snapshot)))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.open_metadata().get("pdfuaid:part") == "1"
        assert opened.open_metadata().get("pdfaid:part") is None
    assert "Łukasz Żółć-Šťastný, MD has participated in" in text_of(pdf)


def test_what_a_certificate_is_drawn_with_is_written_down() -> None:
    drawn = assets_of(VERSION)
    assert {name.rpartition(".")[2] for name in drawn} == {"html", "css", "svg", "ttf"}
    assert f"credits/certificate/v{VERSION}/certificate.css" in drawn
    assert "static/img/certificate-frame-2.svg" in drawn
    assert all(len(fingerprint) == 64 for fingerprint in drawn.values())
    assert json.loads(json.dumps(drawn)) == drawn
