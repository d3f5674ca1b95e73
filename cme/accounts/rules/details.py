"""Who may be what: certification types and what follows from them, and names as printed."""

import re
import unicodedata
from dataclasses import dataclass

from cme.errors import Refusal


class Tier:
    """The groups tuition is set for."""

    PHYSICIAN = "physician"
    CLINICIAN = "clinician"
    TRAINEE = "trainee"


TIER_LABELS = {
    Tier.PHYSICIAN: "Physician",
    Tier.CLINICIAN: "NP, PA, nurse, pharmacist",
    Tier.TRAINEE: "Resident, fellow, student",
}


@dataclass(frozen=True)
class CertificationType:
    """What a person is certified as, and what follows: class of profession, tuition tier, whether a physician."""

    code: str
    label: str
    profession: str
    tier: str

    @property
    def is_physician(self) -> bool:
        """Whether AMA PRA credit may be awarded: a medical degree, in training and in retirement too."""
        return self.profession == "physician"


_ALL = (
    CertificationType("md", "Physician (MD)", "physician", Tier.PHYSICIAN),
    CertificationType("do", "Physician (DO)", "physician", Tier.PHYSICIAN),
    CertificationType("mbbs", "Physician (MBBS, MBChB or other international degree)", "physician", Tier.PHYSICIAN),
    CertificationType("resident", "Resident or fellow (MD, DO)", "physician", Tier.TRAINEE),
    CertificationType("pa", "Physician assistant / associate (PA)", "app", Tier.CLINICIAN),
    CertificationType("np", "Nurse practitioner or other APRN (NP, CNM, CRNA, CNS)", "app", Tier.CLINICIAN),
    CertificationType("rn", "Registered nurse (RN)", "nurse", Tier.CLINICIAN),
    CertificationType("lpn", "Licensed practical nurse (LPN, LVN)", "nurse", Tier.CLINICIAN),
    CertificationType("pharmd", "Pharmacist (PharmD, RPh)", "pharmacy", Tier.CLINICIAN),
    CertificationType("cpht", "Pharmacy technician (CPhT)", "pharmacy", Tier.CLINICIAN),
    CertificationType("dds", "Dentist (DDS, DMD)", "other", Tier.CLINICIAN),
    CertificationType("dpm", "Podiatrist (DPM)", "other", Tier.CLINICIAN),
    CertificationType("od", "Optometrist (OD)", "other", Tier.CLINICIAN),
    CertificationType("psychologist", "Psychologist (PhD, PsyD)", "other", Tier.CLINICIAN),
    CertificationType("lcsw", "Social worker (LCSW)", "other", Tier.CLINICIAN),
    CertificationType("rd", "Dietitian (RD, RDN)", "other", Tier.CLINICIAN),
    CertificationType("dc", "Chiropractor (DC)", "other", Tier.CLINICIAN),
    CertificationType("dvm", "Veterinarian (DVM, VMD)", "other", Tier.CLINICIAN),
    CertificationType("student", "Medical, PA, NP or nursing student", "student", Tier.TRAINEE),
    CertificationType("retired-md", "Retired physician (MD, DO)", "physician", Tier.PHYSICIAN),
    CertificationType("other", "Other profession", "other", Tier.CLINICIAN),
)
CERTIFICATION_TYPES = {kind.code: kind for kind in _ALL}

NAME_LENGTH = 120


class DetailsMissing(Refusal):
    """Professional name or certification type is not set."""

    message = (
        "To claim credit, you must supply your Professional Name and Certification Type on the Account Details page."
    )


def is_printable_name(name: str | None) -> bool:
    """Whether a professional name can stand on a certificate: some letters, no more than 120 characters."""
    if not name or not name.strip() or len(name) > NAME_LENGTH:
        return False
    return any(unicodedata.category(character).startswith("L") for character in name)


def missing_details(professional_name: str | None, certification_type: str | None) -> list[str]:
    """The labels of what must be supplied before credit can be claimed."""
    missing = []
    if not is_printable_name(professional_name):
        missing.append("Professional Name")
    if certification_type not in CERTIFICATION_TYPES:
        missing.append("Certification Type")
    return missing


CREDENTIAL = re.compile(r"(?:[,،]|\b(?=\S{2,8}$)\w*[A-Z][\w.-]*[A-Z]\.?$)")


def name_warnings(name: str | None) -> list[str]:
    """What looks odd about a professional name and yet may be right."""
    if not is_printable_name(name) or name is None:
        return []
    warnings = []
    if "@" in name:
        warnings.append(
            "Your Professional Name looks like an email address. It is printed on your certificate as it is."
        )
    person = name.split(",")[0]
    if person.isupper() and sum(map(str.isalpha, person)) > 4:
        warnings.append("Your Professional Name is in capital letters. It is printed on your certificate as it is.")
    if not CREDENTIAL.search(name):
        warnings.append("Your Professional Name has no credentials after it, like “, MD”. Add them if you have any.")
    return warnings
