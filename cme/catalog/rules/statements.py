"""What pages, letters and certificates say of accreditation and credit, word for word: the one place for all three."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cme.catalog.rules.boards import BOARDS, moc_statement
from cme.catalog.rules.formats import ENDURING
from cme.values import CREDIT_NAMES, Credits, CreditType

PLEDGE = "Physicians should claim only the credit commensurate with the extent of their participation in the activity."
PHYSICIANS_EDUCATION = "to provide continuing medical education for physicians."
JOINT_ACCREDITORS = (
    "the Accreditation Council for Continuing Medical Education (ACCME), the Accreditation Council for Pharmacy "
    "Education (ACPE), and the American Nurses Credentialing Center (ANCC), to provide continuing education for the "
    "healthcare team."
)
AAFP_PENDING = (
    "Application for CME credit has been filed with the American Academy of Family Physicians. "
    "Determination of credit is pending."
)
AAPA_PENDING = (
    "This program is not yet approved for CME credit. Conference organizers plan to request {amount} AAPA Category 1 "
    "CME credits from the Physician Assistant Review Panel. Total number of approved credits yet to be determined."
)
MAY_BE_PENDING = (CreditType.AAFP_PRESCRIBED, CreditType.AAFP_ELECTIVE, CreditType.AAPA_1)
ACPE_AUDIENCES = {"P": "pharmacists", "T": "pharmacy technicians"}
CLAIMANTS = {
    CreditType.AMA_PRA_1: "Physicians",
    CreditType.AAFP_PRESCRIBED: "Family physicians",
    CreditType.AAFP_ELECTIVE: "Family physicians",
    CreditType.AAPA_1: "Physician assistants/associates",
    CreditType.AANP: "Nurse practitioners",
    CreditType.ANCC: "Nurses",
    CreditType.ACPE: "Pharmacists and pharmacy technicians",
    CreditType.AOA_2A: "Osteopathic physicians",
    CreditType.PARTICIPATION: "Other professions",
    **{kind: f"Diplomates of the {board.name}" for kind, board in BOARDS.items()},
}
SHORT_NAMES = {
    CreditType.AMA_PRA_1: "AMA PRA Category 1 Credits™",
    CreditType.AAFP_PRESCRIBED: "AAFP Prescribed",
    CreditType.AAFP_ELECTIVE: "AAFP Elective",
    CreditType.AAPA_1: "AAPA Category 1 CME",
    CreditType.AANP: "AANP",
    CreditType.ANCC: "ANCC",
    CreditType.ACPE: "ACPE",
    CreditType.AOA_2A: "AOA Category 2-A",
    CreditType.PARTICIPATION: "Participation",
    **{kind: f"{board.short} MOC" for kind, board in BOARDS.items()},
}


@dataclass(frozen=True)
class Statement:
    """A sentence a seminar must carry: what it is about, the heading over it, and its words."""

    key: str
    heading: str
    text: str


def statements(seminar: Any, provider: Any) -> list[Statement]:
    """Everything a seminar says of accreditation, then of each credit it is designated for, in the order of types.

    A credit type that is still undecided says so where its organization has a sentence for it, and else nothing.
    """
    designated = {CreditType(found.credit_type): found for found in seminar.designations}
    told = [_statement(seminar, provider, kind, designated[kind]) for kind in CreditType if kind in designated]
    return [accreditation(seminar, provider), *(statement for statement in told if statement.text)]


def accreditation(seminar: Any, provider: Any) -> Statement:
    """By whom the provider is accredited and with whom it provided the activity; it stands alone."""
    partners = seminar.joint_providers if seminar.providership == "joint" else ()
    if provider.accreditation == "joint":
        text = _jointly_accredited(provider.name, partners)
    else:
        text = accreditation_statement(
            provider.name, provider.accreditor, provider.accreditor_short, seminar.providership, partners
        )
    return Statement("accreditation", "Accreditation", text)


def statement_for(seminar: Any, provider: Any, credit_type: str) -> str:
    """What a seminar says of one type of credit; nothing where it is not designated for it."""
    found = seminar.designation_of(credit_type)
    return _statement(seminar, provider, CreditType(credit_type), found).text if found is not None else ""


def claimants(credit_type: str) -> str:
    """Who a type of credit is for: Physician assistants/associates."""
    return CLAIMANTS[CreditType(credit_type)]


def short_name(credit_type: str) -> str:
    """A type of credit where there is little room; AMA's is never shortened."""
    return SHORT_NAMES[CreditType(credit_type)]


def accreditation_statement(
    provider_name: str,
    accreditor: str,
    accreditor_short: str,
    providership: str = "direct",
    joint_providers: Sequence[str] = (),
) -> str:
    """Say by whom the provider is accredited, and with whom it provided a joint activity."""
    accreditor, accreditor_short = (name.removeprefix("The ") for name in (accreditor, accreditor_short))
    if providership != "joint" or not joint_providers:
        return f"{_the(provider_name)} is accredited by the {accreditor} {PHYSICIANS_EDUCATION}"
    return (
        "This activity has been planned and implemented in accordance with the accreditation requirements and policies "
        f"of the {accreditor} through the joint providership of {provider_name} and {_ended(_listed(joint_providers))} "
        f"{_the(provider_name)} is accredited by the {accreditor_short} {PHYSICIANS_EDUCATION}"
    )


def _jointly_accredited(name: str, partners: Sequence[str]) -> str:
    if not partners:
        return f"In support of improving patient care, {name} is jointly accredited by {JOINT_ACCREDITORS}"
    return (
        "In support of improving patient care, this activity has been planned and implemented by "
        f"{_ended(_listed([name, *partners]))} {name} is jointly accredited by {JOINT_ACCREDITORS}"
    )


def credit_unit(maximum: Credits, credit_type: str) -> str:
    """Name the unit beside an amount: AMA PRA credit is singular at exactly one."""
    kind = CreditType(credit_type)
    if kind is CreditType.AMA_PRA_1:
        return f"AMA PRA Category 1 Credit{'' if maximum.hundredths == 100 else 's'}™"
    return CREDIT_NAMES[kind]


def designation_statement(provider_name: str, learning_format: str, maximum: Credits, credit_type: str) -> str:
    """Say what a seminar is designated for; AMA's sentence is fixed, participation alone has none."""
    kind = CreditType(credit_type)
    if kind is CreditType.PARTICIPATION:
        return ""
    amount = f"{maximum.short} {credit_unit(maximum, kind)}"
    if kind is CreditType.AMA_PRA_1:
        return f"{_the(provider_name)} designates this {learning_format} for a maximum of {amount}. {PLEDGE}"
    return f"This activity is designated for {amount}."


def save_the_date(designation: Any) -> str:
    """The one thing an announcement may say of AAFP credit once it is approved; nothing of any other or before."""
    kind = CreditType(designation.credit_type)
    if kind not in (CreditType.AAFP_PRESCRIBED, CreditType.AAFP_ELECTIVE) or designation.is_pending:
        return ""
    return f"Approved for {designation.credits.short} {_aafp(kind)} credits."


def _statement(seminar: Any, provider: Any, kind: CreditType, found: Any) -> Statement:
    heading = "Credit designation" if kind is CreditType.AMA_PRA_1 else short_name(kind)
    return Statement(kind.value, heading, _words(seminar, provider, kind, found))


def _words(seminar: Any, provider: Any, kind: CreditType, found: Any) -> str:
    if found.is_pending:
        return _pending(kind, found)
    if not found.maximum:
        return ""
    if kind is CreditType.AMA_PRA_1:
        return designation_statement(provider.name, seminar.learning_format, found.credits, kind)
    if kind in BOARDS:
        return moc_statement(kind, found.credits, (found.extra or {}).get("credit_kind") or "")
    return WORDS[kind](seminar, provider, found) if kind in WORDS else ""


def _pending(kind: CreditType, found: Any) -> str:
    if kind is CreditType.AAPA_1:
        return AAPA_PENDING.format(amount=found.credits.short)
    return AAFP_PENDING if kind in MAY_BE_PENDING else ""


def _approved_by_aafp(seminar: Any, provider: Any, found: Any) -> str:
    medium = "Enduring Materials, Self-Study" if seminar.learning_format == ENDURING else "Live"
    unit = "credit" if found.maximum == 100 else "credits"
    term = ""
    if found.approved_from and found.approved_until:
        term = f" Term of Approval is from {_day(found.approved_from)} to {_day(found.approved_until)}."
    return (
        f"The AAFP has reviewed {seminar.title} and deemed it acceptable for up to {found.credits.short} {medium} "
        f"{_aafp(CreditType(found.credit_type))} {unit}.{term} {PLEDGE}"
    )


def _aafp(kind: CreditType) -> str:
    return "AAFP Elective" if kind is CreditType.AAFP_ELECTIVE else "AAFP Prescribed"


def _aapa(seminar: Any, provider: Any, found: Any) -> str:
    valid = f" Approval is valid until {_day(found.approved_until)}." if found.approved_until else ""
    return (
        f"{provider.name} has been authorized by the American Academy of PAs (AAPA) to award AAPA Category 1 CME "
        "credit for activities planned in accordance with AAPA CME Criteria. This activity is designated for "
        f"{found.credits.short} AAPA Category 1 CME credits.{valid} PAs should only claim credit commensurate with the "
        "extent of their participation."
    )


def _aanp(seminar: Any, provider: Any, found: Any) -> str:
    pharmacology = Credits((found.extra or {}).get("pharmacology") or 0)
    inside = f" (which includes {pharmacology.short} hours of pharmacology)" if pharmacology else ""
    return (
        f"This activity is approved for {found.credits.short} contact hour(s) of continuing education{inside} by the "
        f"American Association of Nurse Practitioners®. Activity ID {found.approval_number}. This activity was planned "
        "in accordance with AANP Accreditation Standards and Policies."
    )


def _ancc(seminar: Any, provider: Any, found: Any) -> str:
    approver = (found.extra or {}).get("approver") or ""
    number = f" (number {found.approval_number})" if found.approval_number else ""
    said = [
        provider.nursing_statement,
        f"Nurses may earn {_contact_hours(found)} of continuing education at this activity, which may include the time "
        "for its evaluation.",
        _ended(f"Approver: {approver}{number}") if approver else "",
        _ended(f"Provider: {provider.name}, {provider.address}"),
    ]
    return " ".join(part for part in said if part)


def _acpe(seminar: Any, provider: Any, found: Any) -> str:
    extra = found.extra or {}
    uans = extra.get("uans") or ()
    audiences = [name for letter, name in ACPE_AUDIENCES.items() if any(one.get("audience") == letter for one in uans)]
    numbers = [
        f"{one['uan']} ({ACPE_AUDIENCES[one['audience']]})" if one.get("audience") in ACPE_AUDIENCES else one["uan"]
        for one in uans
    ]
    said = [
        f"This activity is designated for {_contact_hours(found)} ({_ceu(found.maximum)} CEU) of continuing pharmacy "
        f"education credit{f' for {_listed(audiences)}' if audiences else ''}.",
        f"Universal Activity Number{'s' if len(numbers) > 1 else ''}: {_listed(numbers)}." if numbers else "",
        f"Activity type: {extra['activity_type']}." if extra.get("activity_type") else "",
        "Credit is reported to CPE Monitor within 60 days; the transcript there is the official statement of credit.",
    ]
    return " ".join(part for part in said if part)


def _aoa(seminar: Any, provider: Any, found: Any) -> str:
    return (
        f"This {seminar.learning_format} is designated for AMA PRA Category 1 Credits™, which the American Osteopathic "
        f"Association accepts as AOA Category 2-A credit, hour for hour: up to {found.credits.short}."
    )


WORDS: dict[CreditType, Callable[[Any, Any, Any], str]] = {
    CreditType.AAFP_PRESCRIBED: _approved_by_aafp,
    CreditType.AAFP_ELECTIVE: _approved_by_aafp,
    CreditType.AAPA_1: _aapa,
    CreditType.AANP: _aanp,
    CreditType.ANCC: _ancc,
    CreditType.ACPE: _acpe,
    CreditType.AOA_2A: _aoa,
}


def _contact_hours(found: Any) -> str:
    return f"{found.credits.short} contact hour{'' if found.maximum == 100 else 's'}"


def _ceu(hundredths: int) -> str:
    # A tenth of the hours: 2.5 hours are 0.25 CEU.
    return f"{hundredths // 1000}.{hundredths % 1000:03d}".rstrip("0").ljust(3, "0")


def _day(on: date) -> str:
    return f"{on:%B} {on.day}, {on.year}"


def _the(name: str) -> str:
    return name if name.startswith("The ") else f"The {name}"


def _ended(text: str) -> str:
    # What is named may end like Tidewell Clinic, Inc.
    return text if text.endswith(".") else f"{text}."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else ""
