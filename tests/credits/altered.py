"""Ways in which somebody may change a certificate, each as a function from the PDF we issued to another."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pikepdf
import pypdfium2
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from cme.gateways.signing import Issuer, draw_pair

NOW = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
STRANGER = Issuer(*draw_pair(now=NOW))
WAYS: dict[str, Callable[[bytes], bytes]] = {}


def way(alter: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Keep a way under its name."""
    WAYS[alter.__name__.replace("_", " ")] = alter
    return alter


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The PDF with a change put behind it, as editors do."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def page_of(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    return writer.root["/Pages"]["/Kids"][0]


def contents(pdf: bytes) -> tuple[int, int]:
    """Where the hexadecimal digits of the signature stand."""
    found = re.search(rb"/Contents\s*<([0-9a-fA-F]{200,})>", pdf)
    assert found
    return found.span(1)


@way
def a_letter_replaced_in_place(pdf: bytes) -> bytes:
    """One byte of the page's own compressed stream."""
    start = pdf.index(b"stream") + 40
    return pdf[:start] + bytes([pdf[start] ^ 1]) + pdf[start + 1 :]


@way
def the_page_drawn_anew_behind_the_signature(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        drawn = writer.add_object(generic.StreamObject(stream_data=b"BT /F1 12 Tf (99.00 credits) Tj ET"))
        page = page_of(writer)
        page["/Contents"] = drawn
        writer.update_container(page)

    return updated(pdf, change)


@way
def a_note_over_the_name(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        note = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/FreeText"),
                pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (100, 300, 500, 340))),
                pdf_name("/Contents"): generic.pdf_string("Somebody Else, MD"),
            }
        )
        page = page_of(writer)
        page["/Annots"] = generic.ArrayObject([*page.get("/Annots", ()), writer.add_object(note)])
        writer.update_container(page)

    return updated(pdf, change)


@way
def a_page_added(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        added = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Page"),
                pdf_name("/Parent"): generic.IndirectObject(pages.container_ref.idnum, 0, writer),
            }
        )
        pages["/Kids"].append(writer.add_object(added))
        pages["/Count"] = generic.NumberObject(2)
        writer.update_container(pages)

    return updated(pdf, change)


@way
def another_title(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        title = generic.DictionaryObject({pdf_name("/Title"): generic.pdf_string("Certificate of 99 credits")})
        writer.set_info(writer.add_object(title))

    return updated(pdf, change)


@way
def the_credential_exchanged(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        file = writer.root["/AF"][0]["/EF"].raw_get("/F")
        writer.mark_update(file)
        stream = file.get_object()
        stream._data, stream._encoded_data = b"eyJ9.e30.", None

    return updated(pdf, change)


@way
def a_form_field_added(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        field = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Widget"),
                pdf_name("/FT"): pdf_name("/Tx"),
                pdf_name("/T"): generic.pdf_string("credits"),
                pdf_name("/V"): generic.pdf_string("99.00"),
            }
        )
        form = writer.root["/AcroForm"]
        form["/Fields"].append(writer.add_object(field))
        writer.update_container(form)

    return updated(pdf, change)


@way
def signed_again_by_a_stranger(pdf: bytes) -> bytes:
    """Our signature taken off, the words changed, another put on in our name."""
    return STRANGER.sign_pdf(the_signature_taken_off(pdf), at=NOW)


@way
def the_signature_taken_off(pdf: bytes) -> bytes:
    """As a PDF editor saves it: everything written anew, no signature."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        del document.Root.AcroForm, document.pages[0].Annots
        del document.Root.Perms
        document.save(out)
    return out.getvalue()


@way
def the_signature_blanked(pdf: bytes) -> bytes:
    start, end = contents(pdf)
    return pdf[:start] + b"0" * (end - start) + pdf[end:]


@way
def the_signature_of_another_document(pdf: bytes) -> bytes:
    """A signature that is good, on something else."""
    other = Issuer.sign_pdf(STRANGER, blank(), at=NOW)
    (start, end), (first, last) = contents(pdf), contents(other)
    return pdf[:start] + other[first:last].ljust(end - start, b"0")[: end - start] + pdf[end:]


@way
def the_signed_range_made_smaller(pdf: bytes) -> bytes:
    """So that the signature no longer speaks for the end of the file."""
    found = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", pdf)
    assert found
    less = b"%d" % (int(found[4]) - 100)
    return pdf[: found.start(4)] + less.ljust(len(found[4])) + pdf[found.end(4) :]


@way
def bytes_behind_the_end(pdf: bytes) -> bytes:
    return pdf + b"\n% 99.00 credits\n%%EOF\n"


@way
def cut_off_before_the_end(pdf: bytes) -> bytes:
    return pdf[:-200]


@way
def something_before_the_beginning(pdf: bytes) -> bytes:
    return b"% 99.00 credits\n" + pdf


@way
def a_second_document_in_front(pdf: bytes) -> bytes:
    return blank() + pdf


def blank() -> bytes:
    """An empty page."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out)
    return out.getvalue()


def locked(pdf: bytes) -> bytes:
    """The same behind a password."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return out.getvalue()


def words(pdf: bytes) -> str:
    """What somebody reads who trusts their eyes."""
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            return document[0].get_textpage().get_text_bounded()
    except pypdfium2.PdfiumError:
        return "does not open"
