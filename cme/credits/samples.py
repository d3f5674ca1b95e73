"""The letters of this room about somebody invented, for staff to look at."""

from datetime import datetime, timedelta

from cme import settings
from cme.credits import certificate, emails
from cme.credits.emails.following_up import follow_up_asked
from cme.credits.emails.reminding import claim_reminder
from cme.credits.models import Certificate, Extension
from cme.credits.queries.bulk import EVALUATION
from cme.credits.rules.correcting import ATTENDANCE, NAME, REASONS
from cme.mail import Letter, Sample
from cme.registration.models import Registration
from cme.registration.samples import place
from cme.values import Credits

CODE = "7ZKSAMPLE0000000000000000X"
REPLACED = "5D2M-W7RB-9C"


def _snapshot(found: Registration, at: datetime) -> certificate.Snapshot:
    provider = settings.provider()
    return certificate.compose(
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


def _certificate(at: datetime) -> Letter:
    found = place(at)
    return emails.certificate_issued(found, Certificate(id=0, code=CODE), _snapshot(found, at), at=at)


def _corrected(at: datetime) -> Letter:
    found = place(at)
    return emails.claim_corrected(found, [_snapshot(found, at)], [REPLACED], REASONS[NAME], at=at)


def _withdrawn(at: datetime) -> Letter:
    return emails.claim_withdrawn(place(at), [REPLACED], REASONS[ATTENDANCE], at=at)


def _extension(at: datetime) -> Letter:
    granted = Extension(id=0, until=at.date() + timedelta(days=21), answer="Thank you for telling us about the flood.")
    return emails.extension_decided(place(at), granted, at=at)


def _follow_up(at: datetime) -> Letter:
    return follow_up_asked(place(at), at=at)


def _reminder(at: datetime) -> Letter:
    until = at + timedelta(days=21)
    return claim_reminder(place(at), key="claim-reminder:0", lacks=EVALUATION, until=until, at=at)


SAMPLES = {
    "credits/certificate": Sample("When credit was claimed", "Whoever claimed it", _certificate),
    "credits/claim_corrected": Sample("When staff corrected a claim", "Whoever claimed", _corrected),
    "credits/claim_reminder": Sample("When staff remind who has not claimed", "Who took part", _reminder),
    "credits/claim_withdrawn": Sample("When staff withdrew a claim", "Whoever claimed", _withdrawn),
    "credits/extension_decided": Sample("When staff decided about more time to claim", "Whoever asked", _extension),
    "credits/follow_up": Sample("Three months after the evaluation", "Whoever evaluated a seminar", _follow_up),
}
