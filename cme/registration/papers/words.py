"""Every word on a paper, kept as it was issued; what is printed is made of nothing else."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from cme.values import EXPONENTS, SYMBOLS, Money

VERSION = 1
DEMO = "DEMO: this site is a demonstration. No money moved, and this paper proves nothing."
Pairs = tuple[tuple[str, str], ...]
PaperWords = TypeVar("PaperWords", "Sheet", "Letter")


@dataclass(frozen=True, kw_only=True)
class Head:
    """What stands at the top and the foot of every paper."""

    version: int = VERSION
    kind: str
    title: str
    number: str  # empty on a letter that anybody can print for themselves
    issued: str
    issued_on: str
    demo: str
    provider: str
    provider_lines: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The words as a paper keeps them."""
        kept: dict[str, Any] = json.loads(self.canonical)
        return kept

    @property
    def canonical(self) -> str:
        """The one spelling of these words, fit for comparing and hashing."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, kw_only=True)
class Sheet(Head):
    """A receipt, an invoice or a credit note."""

    person_label: str
    person: tuple[str, ...]
    seminar: str
    facts: Pairs
    lines: Pairs
    total: tuple[str, str]
    settled: Pairs  # how and when the money came, is to come, or goes back
    credits: tuple[tuple[str, str, str], ...]  # kind of credit, the most one can claim, what one credit costs
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Block:
    """One part of a letter under its own heading: sentences, facts, or a table."""

    heading: str = ""
    sentences: tuple[str, ...] = ()
    facts: Pairs = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Letter(Head):
    """A letter for an employer or a consulate."""

    to: tuple[str, ...]
    subject: str
    opening: tuple[str, ...]
    blocks: tuple[Block, ...]
    closing: tuple[str, ...]
    signatory: str
    signatory_title: str


def sheet_from(kept: Mapping[str, Any]) -> Sheet:
    """Read a receipt, an invoice or a credit note back; ValueError when it is not one of ours."""
    return Sheet(**_known(Sheet, kept))


def letter_from(kept: Mapping[str, Any]) -> Letter:
    """Read a letter back; ValueError when it is not one of ours."""
    known = _known(Letter, kept)
    return Letter(**known | {"blocks": tuple(Block(**{n: _frozen(v) for n, v in b.items()}) for b in kept["blocks"])})


def _known(paper: type[Head], kept: Mapping[str, Any]) -> dict[str, Any]:
    if kept.get("version") != VERSION or kept.keys() != {field.name for field in fields(paper)}:
        raise ValueError("Not the words of a paper of a version we know")
    return {name: _frozen(value) for name, value in kept.items()}


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


def exact(money: Money) -> str:
    """An amount as books have it, with its cents: $1,095.00."""
    exponent = EXPONENTS[money.currency]
    sign = "−" if money.minor < 0 else ""
    return f"{sign}{SYMBOLS[money.currency]}{Decimal(abs(money.minor)).scaleb(-exponent):,.{exponent}f}"


def per_credit(price: Money, hundredths: int) -> Money:
    """What one credit costs, rounded half up to the smallest unit."""
    return Money((price.minor * 200 + hundredths) // (2 * hundredths), price.currency)


def head(kind: str, title: str, number: str, *, on: date, is_demo: bool, provider: Any, issued: str) -> dict[str, Any]:
    """The words at the top of a paper, from the provider as it is today."""
    return {
        "kind": kind,
        "title": title,
        "number": number,
        "issued": issued,
        "issued_on": on.isoformat(),
        "demo": DEMO if is_demo else "",
        "provider": provider.name,
        "provider_lines": tuple(
            line for line in (provider.address, f"{provider.phone}, {provider.email}", provider.tax_line) if line
        ),
    }
