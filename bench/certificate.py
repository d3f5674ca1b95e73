"""How long one certificate takes, warm, through the press as the worker uses it."""

import statistics
import time
from datetime import date

from bench.house import open_house
from cme.credits import certificate
from cme.gateways.press import Press
from cme.values import Credits, new_code


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
        accreditation_statement="Gulf Coast Medical Seminars is accredited by the ACCME.",
        designation_statement="Designated for a maximum of 20.0 AMA PRA Category 1 Credits™.",
        signatory_name="Odalys Venn-Whitaker, MD",
        signatory_title="Course director",
        issued_on=date(2027, 3, 18),
        number=f"GCMS-{number:04d}-AAAA-AA",
        code=new_code(),
        public_url="https://cme.example",
    )


def main() -> None:
    """Print thirty, say the least and the median."""
    with open_house() as app, app.app_context(), Press() as press:
        press.render(certificate.html_of(snapshot(0)))
        taken = []
        for number in range(1, 31):
            html = certificate.html_of(snapshot(number))
            began = time.perf_counter()
            size = len(press.render(html))
            taken.append((time.perf_counter() - began) * 1000)
    print(f"certificate: {min(taken):.0f} ms at least, {statistics.median(taken):.0f} ms median, {size // 1024} KiB")


if __name__ == "__main__":
    main()
