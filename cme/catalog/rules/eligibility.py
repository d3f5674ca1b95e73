"""Who may claim which type of credit, where a seminar offers it."""

from collections.abc import Collection, Mapping

from cme.accounts.rules import CERTIFICATION_TYPES, CertificationType
from cme.values import CreditType

PHYSICIANS = frozenset(code for code, kind in CERTIFICATION_TYPES.items() if kind.is_physician)
# Beside AMA PRA credit and participation: who may claim which other type, where the seminar offers it.
ELIGIBLE: Mapping[CreditType, Collection[str]] = {
    CreditType.AAFP_PRESCRIBED: PHYSICIANS,
    CreditType.AAFP_ELECTIVE: PHYSICIANS,
    CreditType.AAPA_1: {"pa"},
    CreditType.AANP: {"np"},
    CreditType.ANCC: {"np", "rn", "lpn"},
    CreditType.ACPE: {"pharmd", "cpht"},
    **{kind: PHYSICIANS for kind in CreditType if kind.startswith("moc-")},
    CreditType.AOA_2A: {"do"},
}


def may_be_awarded(certification: CertificationType, *, residents: bool = True) -> bool:
    """Whether AMA PRA credit may be awarded: to physicians, and to those in training where the provider says so."""
    return certification.is_physician and (residents or certification.code != "resident")


def eligible_types(
    certification: CertificationType, designations: Collection[str], *, residents: bool = True
) -> tuple[CreditType, ...]:
    """What this person can claim of what the seminar offers: AMA PRA credit or participation first, then the others.

    Participation stands for the AMA PRA credit an activity is designated for, so without that there is nothing.
    """
    if CreditType.AMA_PRA_1 not in designations:
        return ()
    first = CreditType.AMA_PRA_1 if may_be_awarded(certification, residents=residents) else CreditType.PARTICIPATION
    others = [kind for kind, who in ELIGIBLE.items() if kind in designations and certification.code in who]
    return (first, *others)
