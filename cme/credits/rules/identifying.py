"""Which numbers a type of credit is reported under, and which of them it cannot do without."""

from collections.abc import Collection, Iterable, Mapping

from cme.accounts.rules import BIRTH, BOARDS, IDENTIFIERS
from cme.credits.rules.refusals import IdentifierMissing
from cme.values import CREDIT_NAMES, CreditType

# Points go straight to a board's or a registry's own record, and a wrong or missing number is rejected there.
NEEDED: Mapping[CreditType, tuple[str, ...]] = {
    CreditType.ACPE: ("nabp", BIRTH),
    **{CreditType(f"moc-{board}"): (board, BIRTH) for board in BOARDS},
}
# These are listed by their owner, or reported where the number is known; who has none at hand goes on without.
WELCOME: Mapping[CreditType, tuple[str, ...]] = {
    CreditType.AAFP_PRESCRIBED: ("aafp",),
    CreditType.AAFP_ELECTIVE: ("aafp",),
    CreditType.AAPA_1: ("nccpa",),
    CreditType.AANP: ("aanp",),
    CreditType.ANCC: ("rn-license",),
    CreditType.AOA_2A: ("aoa",),
}


def asked_for(kind: CreditType) -> tuple[str, ...]:
    """The numbers one type of credit is reported under."""
    return NEEDED.get(kind, ()) + WELCOME.get(kind, ())


def lacking(kind: CreditType, known: Collection[str]) -> list[str]:
    """The numbers a type of credit cannot do without and that are not known."""
    return [each for each in NEEDED.get(kind, ()) if each not in known]


def check_identified(kinds: Iterable[CreditType], known: Mapping[str, str]) -> None:
    """Let no type of credit be claimed that could not be reported."""
    for kind in kinds:
        for missing in lacking(kind, known):
            raise IdentifierMissing(
                f"Enter your {IDENTIFIERS[missing].label}: {CREDIT_NAMES[kind]} are reported under it. "
                "Or leave that type out."
            )


def used_by(kinds: Iterable[CreditType], known: Mapping[str, str]) -> dict[str, str]:
    """The known numbers that these types of credit are reported under."""
    wanted = {each for kind in kinds for each in asked_for(kind)}
    return {kind: value for kind, value in sorted(known.items()) if kind in wanted}
