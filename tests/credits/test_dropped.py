"""A certificate dropped on the page: known as issued, found out when changed; and hostile files harm nobody."""

import io
import os
import shutil
import signal
import subprocess
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from flask import Flask, g
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import select

from cme import gateways
from cme.credits import queries, services
from cme.credits.models import SUPERSEDED, Certificate
from cme.credits.rules.correcting import NAME, REASONS
from cme.database import db, lock, transaction
from cme.gateways import examining_worker
from cme.gateways.examining import Examiner, ExaminerBusy
from cme.gateways.signing import CannotSign, Issuer, draw_pair
from tests.credits import altered
from tests.credits.test_credentials import certificate_for

pytestmark = [pytest.mark.pages, pytest.mark.paper]


@pytest.fixture
def examiner(real_examiner: Examiner) -> Examiner:
    """The examiner itself."""
    return real_examiner


@pytest.fixture
def issued(app: Flask, cast: SimpleNamespace, clock: Any) -> Certificate:
    """Ada's certificate, printed and signed."""
    certificate = certificate_for(cast.ada, clock)
    services.print_certificate(certificate.id, press=gateways.printer(), issuer=gateways.issuer(), now=clock.now)
    return certificate


def paper(issued: Certificate) -> bytes:
    document = queries.document_of(issued.id)
    assert document is not None
    return document.content


def looked(pdf: bytes, examiner: Examiner) -> queries.Looked:
    return queries.look_at(pdf, examiner=examiner, issuer=gateways.issuer())


def test_other_readers_find_the_signature_good(issued: Certificate, tmp_path: Any, clock: Any):
    pdf = paper(issued)
    [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    root = signature.signer_cert
    trust = ValidationContext(trust_roots=[root], allow_fetching=False, moment=clock.now)
    with ThreadPoolExecutor(1) as apart:  # pyHanko wants an event loop of its own; a browser's may be running in ours
        status = apart.submit(validate_pdf_signature, signature, signer_validation_context=trust).result()
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"
    assert signature.docmdp_level.name == "NO_CHANGES"
    assert signature.self_reported_timestamp == clock.now
    if shutil.which("pdfsig"):
        (tmp_path / "certificate.pdf").write_bytes(pdf)
        said = subprocess.run(
            ["pdfsig", "-nocert", str(tmp_path / "certificate.pdf")], capture_output=True, text=True, check=True
        ).stdout
        assert "Signature is Valid." in said
        assert "Total document signed" in said
        assert "ETSI.CAdES.detached" in said


def test_the_paper_carries_its_credential(issued: Certificate, examiner: Examiner):
    findings = examiner.examine(paper(issued), certificates=[gateways.issuer().certificate_pem])
    assert findings.verdict == "whole"
    assert findings.tokens == (db.session.get_one(Certificate, issued.id).credential,)


def test_a_file_as_we_issued_it_is_known_without_looking_inside(issued: Certificate):
    found = queries.look_at(paper(issued), examiner=None, issuer=gateways.issuer())
    assert (found.verdict, found.certificate.number) == ("issued", issued.number)


def test_a_good_signature_is_believed_where_the_records_know_another_print(issued: Certificate, examiner: Examiner):
    pdf = paper(issued)
    with transaction():
        queries.document_of(issued.id).sha256 = "0" * 64
    found = looked(pdf, examiner)
    assert (found.verdict, found.certificate.number) == ("whole", issued.number)


CHANGES = {
    "a letter replaced in place": ("changed", None),
    "the page drawn anew behind the signature": ("changed", {"about", "drawing", "page"}),
    "a note over the name": ("changed", {"about", "note", "page"}),
    "a page added": ("changed", {"about", "page"}),
    "another title": ("changed", {"about"}),
    "a form field added": ("changed", {"about", "field"}),
    "the credential exchanged": ("changed", {"about", "attachment"}),
    "signed again by a stranger": ("strange", None),
    "the signature taken off": ("strange", None),
    "the signature blanked": ("strange", None),
    "the signature of another document": ("strange", None),
    "the signed range made smaller": ("changed", {"signature"}),
    "bytes behind the end": ("changed", {"tail"}),
    "cut off before the end": ("unreadable", None),
    "something before the beginning": ("changed", {"front"}),
    "a second document in front": ("changed", {"front"}),
}


def test_every_way_to_change_a_certificate_shows_and_leads_to_what_we_issued(issued: Certificate, examiner: Examiner):
    pdf = paper(issued)
    assert altered.WAYS.keys() == CHANGES.keys()
    for way, alter in altered.WAYS.items():
        changed = alter(pdf)
        assert changed != pdf, way
        found = looked(changed, examiner)
        verdict, places = CHANGES[way]
        assert found.verdict == verdict, way
        assert places is None or set(found.changes) == places, (way, found.changes)


def test_each_of_them_would_pass_for_ours_without_a_signature_to_check(issued: Certificate):
    """The control: a reader that looks at the words alone opens each of them, and most still say what ours said."""
    ours = altered.words(paper(issued))
    same = [way for way, alter in altered.WAYS.items() if altered.words(alter(paper(issued))) == ours]
    assert len(same) >= 10


def test_the_key_of_a_stranger_is_nobody(issued: Certificate, examiner: Examiner, clock: Any):
    forged = altered.STRANGER.sign_pdf(altered.the_signature_taken_off(paper(issued)), at=clock.now)
    assert examiner.examine(forged, certificates=[altered.STRANGER.certificate_pem]).verdict == "whole"
    assert looked(forged, examiner).verdict == "strange"


def test_a_renewed_certificate_still_knows_what_its_key_signed_before(examiner: Examiner, clock: Any):
    key_pem, first = draw_pair(now=clock.now)
    name, key = x509.Name([]), load_pem_private_key(key_pem.encode(), password=None)
    renewal = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    renewal = renewal.not_valid_before(clock.now).not_valid_after(clock.now + timedelta(days=365))
    second = renewal.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()
    signed = Issuer(key_pem, first).sign_pdf(altered.blank(), at=clock.now)
    assert examiner.examine(signed, certificates=[second]).verdict == "whole"


def test_nothing_is_signed_with_a_certificate_that_has_run_out(app: Flask, clock: Any):
    clock.advance(days=365 * 11)
    with pytest.raises(CannotSign):
        gateways.issuer().sign_pdf(altered.blank(), at=clock.now)


def bomb(size: int) -> bytes:
    """A PDF whose attachment unpacks to very much more than it weighs."""
    packed = zlib.compress(zlib.compress(b"ey" * (size // 2), 9), 9)
    stream = b"<</Type/EmbeddedFile/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream" % (
        len(packed),
        packed,
    )
    return written(
        [
            b"<</Type/Catalog/Pages 2 0 R/AF[3 0 R]>>",
            b"<</Type/Pages/Kids[]/Count 0>>",
            b"<</Type/Filespec/EF<</F 4 0 R>>>>",
            stream,
        ]
    )


def written(objects: list[bytes]) -> bytes:
    """A PDF of these objects, the first its root."""
    out, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        len(out),
    )
    return out


HOSTILE = {
    "nothing": b"",
    "no pdf": b"GIF89a" + bytes(500),
    "a head alone": b"%PDF-1.7\n",
    "a head and noise": b"%PDF-1.7\n" + bytes(range(256)) * 400,
    "pages that hold themselves": written(
        [
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>",
            b"<</Type/Pages/Kids[2 0 R]/Count 1>>",
            b"<</Kids[3 0 R]/FT/Sig/T(a)>>",
        ]
    ),
    "a table that points at itself": b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \n"
    + b"trailer<</Size 1/Prev 9>>\nstartxref\n9\n%%EOF",
    "ten thousand brackets": b"%PDF-1.7\n1 0 obj\n"
    + b"[" * 10_000
    + b"\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF",
    "ends without end": b"%PDF-1.7\n" + b"%%EOF\n" * 100_000,
    "heads without end": b"%PDF-1.7\n" * 100_000,
    "a signature that is none": written(
        [
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]/SigFlags 3>>>>",
            b"<</Type/Pages/Kids[]/Count 0>>",
            b"<</FT/Sig/T(Issuer)/V 4 0 R>>",
            b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 9 9 999999999]/Contents<30>>>",
        ]
    ),
    "a bomb": bomb(2**27),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_an_answer_and_the_next_file_too(issued: Certificate, examiner: Examiner, name: str):
    assert looked(HOSTILE[name], examiner).verdict in ("no-pdf", "unreadable", "strange")
    assert examiner.examine(paper(issued), certificates=[gateways.issuer().certificate_pem]).verdict == "whole"


def test_a_locked_file_is_called_locked(issued: Certificate, examiner: Examiner):
    assert looked(altered.locked(paper(issued)), examiner).verdict == "encrypted"


def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_served(issued: Certificate):
    hasty = Examiner(seconds=0.0001)
    try:
        assert hasty.examine(paper(issued), certificates=[]).verdict == "unreadable"
        hasty._seconds = 15.0
        assert hasty.examine(paper(issued), certificates=[]).verdict == "foreign"
    finally:
        hasty.close()


def test_an_examiner_killed_for_no_fault_of_the_file_is_replaced_and_the_file_looked_at_anew(issued: Certificate):
    frail = Examiner()
    ask, asked = frail._ready_worker, []

    def killed_once() -> Any:
        asked.append(ask())
        if len(asked) == 1:
            asked[0].poll = lambda: None  # the news has not reached us yet
            os.kill(asked[0].pid, signal.SIGKILL)
        return asked[-1]

    frail._ready_worker = killed_once
    try:
        assert frail.examine(paper(issued), certificates=[gateways.issuer().certificate_pem]).verdict == "whole"
        assert len(asked) == 2
    finally:
        frail.close()


def test_a_file_that_asks_for_too_much_memory_dies_alone(issued: Certificate):
    small = Examiner(memory=128 * 1024 * 1024)
    try:
        assert small.examine(bomb(2**27), certificates=[]).verdict == "unreadable"
        assert small.examine(altered.blank(), certificates=[]).verdict == "unsigned"
    finally:
        small.close()


def test_when_too_many_wait_the_next_one_is_asked_to_come_again():
    full = Examiner(most=0)
    with pytest.raises(ExaminerBusy):
        full.examine(b"%PDF-", certificates=[])


def send(app: Flask, pdf: bytes, name: str = "certificate.pdf") -> Any:
    g.pop("csrf_token", None)  # of the page before: in tests all requests share one context
    client = app.test_client()
    page = client.get("/verify").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    # Written out by hand: the client would put large files into a file of its own, and leave it open.
    head = f'--edge\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--edge\r\n'
    head += f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + pdf + b"\r\n--edge--\r\n"
    return client.post("/verify/file", data=body, content_type="multipart/form-data; boundary=edge")


def test_the_page_says_that_a_file_is_as_issued_and_what_it_says(app: Flask, issued: Certificate):
    answer = send(app, paper(issued))
    assert answer.status_code == 200
    assert "<h1>This file is as we issued it</h1>" in answer.text
    assert "Ada Quillfeather, MD" in answer.text
    assert issued.number in answer.text


def test_the_page_says_what_was_changed_and_what_we_issued(app: Flask, issued: Certificate):
    answer = send(app, altered.a_note_over_the_name(paper(issued)))
    assert "<h1>This file was changed</h1>" in answer.text
    assert "A note, stamp or mark put on a page" in answer.text
    assert "Ada Quillfeather, MD" in answer.text
    assert "Somebody Else" not in answer.text


def test_the_page_of_a_genuine_file_that_counts_no_more_names_nobody(app: Flask, issued: Certificate, clock: Any):
    pdf = paper(issued)
    with transaction():
        certificate = lock(Certificate, issued.id)
        certificate.status, certificate.status_since, certificate.status_reason = SUPERSEDED, clock.now, REASONS[NAME]
    answer = send(app, pdf)
    assert "<h1>This file is ours, but was withdrawn</h1>" in answer.text
    assert "The name was corrected." in answer.text
    assert "Quillfeather" not in answer.text


def test_a_copy_without_signature_proves_nothing(app: Flask, issued: Certificate):
    answer = send(app, altered.the_signature_taken_off(paper(issued)))
    assert "This file does not carry our signature" in answer.text


@pytest.mark.parametrize(
    ("pdf", "words"),
    [
        (b"GIF89a", "This is no PDF."),
        (b"%PDF-1.7\nnothing", "This PDF is damaged"),
        (altered.locked(altered.blank()), "This PDF is locked with a password"),
        (b"", "This is no PDF."),
    ],
    ids=["gif", "damaged", "locked", "empty"],
)
def test_what_is_no_certificate_is_said_in_words(app: Flask, pdf: bytes, words: str):
    answer = send(app, pdf)
    assert answer.status_code == 422
    assert words in answer.text


def test_without_a_file_one_is_asked_for(app: Flask):
    assert "Choose the PDF of the certificate" in send(app, b"", name="").text


def test_a_huge_file_is_refused_before_it_is_looked_at(app: Flask):
    for size in (2 * 1024 * 1024 + 1, 8 * 1024 * 1024):
        answer = send(app, b"%PDF-" + bytes(size))
        assert answer.status_code == 413
        assert "larger than this page takes" in answer.text


def test_a_file_larger_than_any_form_is_still_looked_at(app: Flask):
    assert send(app, bytes(1_500_000)).status_code == 422


def test_looking_at_files_is_rate_limited(app: Flask):
    answers = [send(app, b"GIF89a").status_code for _ in range(22)]
    assert answers == [422] * 20 + [429] * 2


def test_nothing_of_a_file_is_kept(app: Flask, issued: Certificate):
    before = {table: db.session.scalar(select(db.func.count()).select_from(table)) for table in tables()}
    send(app, altered.another_title(paper(issued)))
    after = {table: db.session.scalar(select(db.func.count()).select_from(table)) for table in tables()}
    assert {table.name for table in before if before[table] != after[table]} <= {"tries"}


def tables() -> list[Any]:
    return list(Certificate.metadata.sorted_tables)


def test_going_back_to_the_result_leads_to_the_form(app: Flask):
    assert app.test_client().get("/verify/file").headers["Location"] == "/verify"


def test_what_ends_a_look_is_logged_by_its_kind_alone(real_examiner: Examiner, caplog: Any):
    caplog.set_level("INFO", "cme")
    assert real_examiner.examine(b"%PDF-1.7 words of the file", certificates=[]).verdict == "unreadable"
    assert caplog.messages == ["examiner: PdfReadError while reading"]


def test_too_little_memory_is_no_verdict():
    with pytest.raises(MemoryError):
        examining_worker.tripped("checking our signature", MemoryError())
