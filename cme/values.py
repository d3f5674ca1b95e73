"""Values that know what they may be."""

import re
import secrets
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

EXPONENTS = {"USD": 2, "CAD": 2, "EUR": 2, "GBP": 2, "JPY": 0}
SYMBOLS = {"USD": "$", "CAD": "CA$", "EUR": "€", "GBP": "£", "JPY": "¥"}
LEAST_CHARGE = {"USD": 50, "CAD": 50, "EUR": 50, "GBP": 30, "JPY": 50}  # the payment service refuses smaller ones
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, order=True)
class Money:
    """An amount of money in the currency's smallest unit: 895 dollars are Money(89500, "USD")."""

    minor: int
    currency: str = "USD"

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise ValueError(f"Unknown currency: {self.currency}")

    def __str__(self) -> str:
        exponent = EXPONENTS[self.currency]
        amount = Decimal(abs(self.minor)).scaleb(-exponent)
        whole = self.minor % 10**exponent == 0
        text = f"{amount:,.0f}" if whole else f"{amount:,.{exponent}f}"
        return f"{'−' if self.minor < 0 else ''}{SYMBOLS[self.currency]}{text}"


@dataclass(frozen=True, order=True)
class Credits:
    """An amount of credit, in hundredths of a credit: 1.75 credits are 175."""

    hundredths: int

    def __post_init__(self) -> None:
        if self.hundredths < 0:
            raise ValueError(f"Credit cannot be negative: {self.hundredths}")

    def __str__(self) -> str:
        return f"{self.hundredths // 100}.{self.hundredths % 100:02d}"

    @property
    def short(self) -> str:
        """The amount as announced: one decimal, two where needed."""
        text = str(self)
        return text[:-1] if text.endswith("0") else text

    def __bool__(self) -> bool:
        return self.hundredths > 0

    @classmethod
    def parse(cls, text: str) -> "Credits":
        """Read an amount typed by a person, like "3.25"; ValueError for anything else."""
        found = re.fullmatch(r"\s*(\d{1,4})(?:\.(\d{1,2}))?\s*", text, re.ASCII)
        if not found:
            raise ValueError(f"Not an amount of credit: {text!r}")
        return cls(int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")))


@dataclass(frozen=True)
class RefundStep:
    """Until so many calendar days before the start, this part of the price comes back, less a fee."""

    days_before: int
    percent: int
    fee_minor: int = 0


@dataclass(frozen=True)
class Policy:
    """What becomes of the tuition when somebody cannot come: refunds by date, moves, time on hold."""

    steps: tuple[RefundStep, ...] = (
        RefundStep(days_before=30, percent=100, fee_minor=5000),
        RefundStep(days_before=0, percent=0),
    )
    transfers: int = 1  # how often a person may move to another seminar without a fee; 0: never
    transfer_months: int = 24  # within how long that seminar must take place
    hold_months: int = 12  # how long the tuition stays on hold for a later seminar; 0: never
    invitation_percent: int = 50  # what comes back at most once an invitation letter was issued
    can_switch: bool = True  # between the ways to attend, until the start
    can_substitute: bool = True
    is_on_demand_final: bool = True

    def to_json(self) -> dict[str, Any]:
        """Write the policy as a seminar and a registration keep it."""
        steps = sorted(self.steps, key=lambda step: -step.days_before)
        return asdict(self) | {"steps": [asdict(step) for step in steps]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Policy":
        """Read a policy back; what an old one did not know is not promised by it."""
        silent = {"transfers": 0, "hold_months": 0, "invitation_percent": 100, "can_switch": False}
        known = {**silent, "can_substitute": False, "is_on_demand_final": False} | {
            f.name: value[f.name] for f in fields(cls) if f.name in value
        }
        return cls(**{**known, "steps": tuple(RefundStep(**step) for step in value.get("steps", ()))})


@dataclass(frozen=True)
class Attached:
    """A file that travels inside a printed paper: the data it was made of."""

    name: str
    media_type: str
    description: str
    content: str


class CreditType(StrEnum):
    """A kind of credit, by its name in addresses and columns."""

    AMA_PRA_1 = "ama-pra-1"
    AAFP_PRESCRIBED = "aafp-prescribed"
    AAFP_ELECTIVE = "aafp-elective"
    AAPA_1 = "aapa-1"
    AANP = "aanp"
    ANCC = "ancc"
    ACPE = "acpe"
    MOC_ABA = "moc-aba"
    MOC_ABIM = "moc-abim"
    MOC_ABOHNS = "moc-abohns"
    MOC_ABOS = "moc-abos"
    MOC_ABP = "moc-abp"
    MOC_ABPATH = "moc-abpath"
    MOC_ABS = "moc-abs"
    MOC_ABTS = "moc-abts"
    AOA_2A = "aoa-2a"
    PARTICIPATION = "participation"


CREDIT_NAMES = {
    CreditType.AMA_PRA_1: "AMA PRA Category 1 Credit(s)™",
    CreditType.AAFP_PRESCRIBED: "AAFP Prescribed credits",
    CreditType.AAFP_ELECTIVE: "AAFP Elective credits",
    CreditType.AAPA_1: "AAPA Category 1 CME credits",
    CreditType.AANP: "AANP contact hours",
    CreditType.ANCC: "ANCC contact hours",
    CreditType.ACPE: "ACPE contact hours",
    CreditType.MOC_ABA: "ABA MOC points",
    CreditType.MOC_ABIM: "ABIM MOC points",
    CreditType.MOC_ABOHNS: "ABOHNS MOC points",
    CreditType.MOC_ABOS: "ABOS MOC points",
    CreditType.MOC_ABP: "ABP MOC points",
    CreditType.MOC_ABPATH: "ABPath MOC points",
    CreditType.MOC_ABS: "ABS MOC points",
    CreditType.MOC_ABTS: "ABTS MOC points",
    CreditType.AOA_2A: "AOA Category 2-A credits",
    CreditType.PARTICIPATION: "Hours of participation",
}


class Mode(StrEnum):
    """A way to attend."""

    IN_PERSON = "in-person"
    LIVESTREAM = "livestream"
    ON_DEMAND = "on-demand"


MODE_LABELS = {Mode.IN_PERSON: "In person", Mode.LIVESTREAM: "Livestream", Mode.ON_DEMAND: "On demand"}


def new_code(length: int = 26) -> str:
    """Draw an unguessable code in Crockford's base 32; 26 characters carry 130 bits."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(length))


def new_number() -> str:
    """Draw a short certificate number for people to read aloud, like 7F3K-Q9XD-2M."""
    drawn = new_code(10)
    return f"{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"
