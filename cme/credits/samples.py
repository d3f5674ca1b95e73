"""The letter of this room about somebody invented, for staff to look at."""

from datetime import datetime

from cme import settings
from cme.credits import certificate, emails
from cme.credits.models import Certificate
from cme.mail import Letter, Sample
from cme.registration.samples import place
from cme.values import Credits

CODE = "7ZKSAMPLE0000000000000000X"


def _certificate(at: datetime) -> Letter:
    found, provider = place(at), settings.provider()
    snapshot = certificate.compose(
        kind=certificate.CREDIT,
        professional_name=str(found.account.professional_name),
        provider_name=provider.name,
        activity_title=found.seminar.title,
        learning_format=found.seminar.learning_format,
        dates="",
        designated=Credits(1600),
        claimed=Credits(1475),
        accreditation_statement="",
        designation_statement="",
        signatory_name=provider.signatory,
        signatory_title=provider.signatory_title,
        issued_on=at.date(),
        number="7F3K-Q9XD-2M",
        code=CODE,
        public_url=settings.public_url("/"),
    )
    return emails.certificate_issued(found, Certificate(id=0, code=CODE), snapshot, at=at)


SAMPLES = {"credits/certificate": Sample("When credit was claimed", "Whoever claimed it", _certificate)}
