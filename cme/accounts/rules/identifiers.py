"""The numbers under which boards, academies and registries know a person."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

BIRTH = "birth"
BOARDS = ("aba", "abim", "abohns", "abos", "abp", "abpath", "abs", "abts")
BOARD_LETTERS = {"abpath": "ABPath"}
LONGEST = 60


def _is_npi(value: str) -> bool:
    """Whether the last digit of an NPI fits the others: Luhn's sum, with the prefix of American health cards."""
    digits = [int(digit) for digit in "80840" + value]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _is_day(value: str) -> bool:
    """Whether four digits are a month and a day; the year is never asked for, so February 29 is one."""
    try:
        date(2000, int(value[:2]), int(value[2:]))
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Identifier:
    """A kind of number: what it is called, what it looks like, and who has one."""

    kind: str
    label: str
    example: str
    pattern: str
    holders: frozenset[str] = frozenset()
    check: Callable[[str], bool] | None = None

    @property
    def title(self) -> str:
        """What it is called at the beginning of a line."""
        return self.label[0].upper() + self.label[1:]

    def clean(self, typed: str) -> str:
        """The number as it is kept; ValueError with what to enter where it is none."""
        value = re.sub(r"[\s./-]", "", typed).upper()
        if self.kind == BIRTH and re.fullmatch(r"\s*\d{1,2}\s*[\s./-]\s*\d{1,2}\s*", typed, re.ASCII):
            value = "".join(part.zfill(2) for part in re.findall(r"\d+", typed))
        if not re.fullmatch(self.pattern, value, re.ASCII) or (self.check is not None and not self.check(value)):
            raise ValueError(f"Enter your {self.label} like {self.example}")
        return value


PHYSICIANS = frozenset({"md", "do", "mbbs", "resident", "retired-md"})
_ALL = (
    Identifier("npi", "NPI", "1234567893", r"\d{10}", PHYSICIANS | {"pa", "np", "dds", "dpm", "od"}, _is_npi),
    Identifier(BIRTH, "month and day of birth", "04/17", r"\d{4}", PHYSICIANS | {"pharmd", "cpht"}, _is_day),
    Identifier("aafp", "AAFP member number", "1234567", r"\d{4,10}", PHYSICIANS),
    *(
        Identifier(board, f"{BOARD_LETTERS.get(board, board.upper())} ID", "123456", r"[0-9A-Z]{3,12}", PHYSICIANS)
        for board in BOARDS
    ),
    Identifier("aoa", "AOA number", "123456", r"\d{4,8}", frozenset({"do"})),
    Identifier("nccpa", "NCCPA ID", "1034567", r"\d{5,8}", frozenset({"pa"})),
    Identifier("aanp", "AANP number", "A0123456", r"[A-Z]{0,3}\d{4,10}", frozenset({"np"})),
    Identifier(
        "rn-license",
        "nursing license with its state",
        "FL RN9412345",
        r"[A-Z]{2}[0-9A-Z]{3,15}",
        frozenset({"np", "rn", "lpn"}),
    ),
    Identifier("nabp", "NABP e-Profile ID", "123456", r"\d{6,7}", frozenset({"pharmd", "cpht"})),
)
IDENTIFIERS = {each.kind: each for each in _ALL}


def identifiers_for(certification_type: str | None, on_file: Iterable[str] = ()) -> list[Identifier]:
    """The kinds a person of this certification type may have, and those on file whatever they are."""
    known = set(on_file)
    return [each for each in _ALL if certification_type in each.holders or each.kind in known]


def as_written(kind: str, value: str) -> str:
    """A number as people write it."""
    return f"{value[:2]}/{value[2:]}" if kind == BIRTH and value else value
