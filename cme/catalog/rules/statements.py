"""What pages, letters and certificates say of accreditation and credit, word for word."""

from collections.abc import Sequence

from cme.values import CREDIT_NAMES, Credits, CreditType

PLEDGE = "Physicians should claim only the credit commensurate with the extent of their participation in the activity."


def _the(name: str) -> str:
    return name if name.startswith("The ") else f"The {name}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else ""


def accreditation_statement(
    provider_name: str,
    accreditor: str,
    accreditor_short: str,
    providership: str = "direct",
    joint_providers: Sequence[str] = (),
) -> str:
    """Say by whom the provider is accredited, and with whom it provided a joint activity."""
    purpose = "to provide continuing medical education for physicians."
    if providership != "joint" or not joint_providers:
        return f"{_the(provider_name)} is accredited by the {accreditor} {purpose}"
    return (
        "This activity has been planned and implemented in accordance with the accreditation requirements and policies "
        f"of the {accreditor} through the joint providership of {provider_name} and {_listed(joint_providers)}. "
        f"{_the(provider_name)} is accredited by the {accreditor_short} {purpose}"
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
