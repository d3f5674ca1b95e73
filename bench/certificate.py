"""What one certificate costs in processor time: done naively, by our press, signed by us, and by typst, in one run."""

import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import typst
from weasyprint import HTML

from bench.house import open_house
from cme.credits import certificate
from cme.gateways.press import FONTS, IMAGES, Press
from cme.gateways.signing import Issuer
from cme.registration.qr import qr_of
from cme.values import Attached, Credits, new_code

PAPERS = 30
NOW = datetime(2027, 3, 18, 15, tzinfo=UTC)
TYPST = Path(__file__).with_name("certificate.typ")
TOKEN = Attached("credential.jwt", "application/vc+jwt", "The certificate as a credential", f"eyJ{'x' * 2400}")
FACES = {
    "Figtree": [("400Regular", 400, "normal"), ("400Regular_Italic", 400, "italic"), ("600SemiBold", 600, "normal")],
    "SourceSerif4": [("400Regular", 400, "normal"), ("400Regular_Italic", 400, "italic")],
}


def snapshot(number: int) -> certificate.Snapshot:
    """A physician's certificate; each with a number of its own, so that nothing is reused."""
    return certificate.compose(
        kind=certificate.CREDIT,
        professional_name=f"Maria A. Gómez-Ruiz the {number}th, MD",
        provider_name="Gulf Coast Medical Seminars",
        activity_title="Cardiology for Primary Care: Evidence to Bedside",
        learning_format="live activity",
        dates=certificate.date_span(date(2027, 3, 15), date(2027, 3, 18)),
        location="Sarasota, Florida",
        designated=Credits(2000),
        claimed=Credits(1875),
        accreditation_statement="Gulf Coast Medical Seminars is accredited by the Accreditation Council for Continuing "
        "Medical Education (ACCME) to provide continuing medical education for physicians.",
        designation_statement="Gulf Coast Medical Seminars designates this live activity for a maximum of 20.0 AMA PRA "
        "Category 1 Credits™. Physicians should claim only the credit commensurate with the extent of their "
        "participation in the activity.",
        signatory_name="Odalys Venn-Whitaker, MD",
        signatory_title="Course director",
        issued_on=date(2027, 3, 18),
        number=f"GCMS-{number:04d}-AAAA-AA",
        code=new_code(),
        public_url="https://cme.example",
    )


def naive(paper: certificate.Snapshot) -> bytes:
    """The page as everybody would print it: fonts, style sheet and frame are read and drawn again each time."""
    page = certificate.html_of(paper)
    faces = "".join(
        f'@font-face {{ font-family: "{name.replace("SourceSerif4", "Source Serif 4")}"; font-weight: {weight}; '
        f'font-style: {style}; src: url("{(FONTS / f"{name}_{face}.ttf").as_uri()}") }}'
        for name, files in FACES.items()
        for face, weight, style in files
    )
    frame = f'html {{ background: url("{(IMAGES / "certificate-frame-2.svg").as_uri()}") 0 0 / 11in 8.5in no-repeat }}'
    code = qr_of(paper.verify_url)["path"]
    page = page.replace("<style>", f"<style>{faces}{frame}").replace(
        'z"/></svg>', f'z"/><path fill="none" stroke="#0b2530" d="{code}"/></svg>'
    )
    return HTML(string=re.sub(r"<\?xml.*?\?>", "<!doctype html>", page)).write_pdf(pdf_variant="pdf/a-3a")


def by_typst(paper: certificate.Snapshot) -> bytes:
    """The same words, frame and fonts through typst, tagged and as PDF/A-3a."""
    code = qr_of(paper.verify_url)
    side = int(code["side"]) + 8
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {side} {side}"><path fill="#fff" '
        f'd="M-4-4h{side}v{side}h-{side}z"/><path fill="none" stroke="#0b2530" d="{code["path"]}"/></svg>'
    )
    told = {"paper": paper.to_json(), "qr": picture, "credential": TOKEN.content}
    return typst.compile(
        str(TYPST), root=str(TYPST.parents[1]), font_paths=[str(FONTS)], sys_inputs=told, pdf_standards=["a-3a"]
    )


def spent(press: Press) -> float:
    """The processor time of this process and of the render process so far, in milliseconds."""
    threads = Path(f"/proc/{press.pid}/task").iterdir()
    theirs = sum(int((each / "schedstat").read_text().split()[0]) for each in threads)
    return time.process_time() * 1000 + theirs / 1e6


def measure(name: str, make: Callable[[certificate.Snapshot], bytes], press: Press, *, times: int = PAPERS) -> None:
    """Print some and say the least and the median."""
    make(snapshot(0))
    taken = []
    for number in range(1, times + 1):
        began = spent(press)
        size = len(make(snapshot(number)))
        taken.append(spent(press) - began)
    least, median = min(taken), statistics.median(taken)
    print(f"certificate, {name}: {least:.0f} ms at least, {median:.0f} ms median, {size // 1024} KiB")


def main() -> None:
    """Print the same certificate in four ways."""
    issuer = Issuer.demo()
    with open_house() as app, app.app_context(), Press() as press:

        def ours(paper: certificate.Snapshot) -> bytes:
            return press.render(certificate.html_of(paper), [TOKEN])

        ours(snapshot(0))
        measure("naive", naive, press, times=8)
        measure("ours", ours, press)
        measure("ours, signed", lambda paper: issuer.sign_pdf(ours(paper), at=datetime.now(UTC)), press)
        measure("typst", by_typst, press)


if __name__ == "__main__":
    main()
