"""What the texts of a seminar may say of credit, and may not."""

import re
from collections.abc import Iterator
from typing import Any

from cme.catalog.rules.boards import BOARDS
from cme.catalog.rules.checks import Finding, found
from cme.catalog.rules.statements import AAFP_PENDING, AAPA_PENDING
from cme.values import Credits, CreditType

CREDIT_WORDS, UNDECIDED = r"\b(AMA|PRA|ACCME|CME|credits?|accreditation|designation)\b", r"\b(pending|applied for)\b"
PENDING = re.compile(rf"{CREDIT_WORDS}[^.!?\n]*{UNDECIDED}|{UNDECIDED}[^.!?\n]*{CREDIT_WORDS}", re.IGNORECASE)
MISNAMED = re.compile(
    r"\b(ACCME credits?|CME credits? category|(?<!AMA PRA )(?<!AAPA )category 1 (?:CME )?credits?)\b", re.IGNORECASE
)
MISSPELT = re.compile(r"\b(?!AMA PRA Category 1 Credit)(?i:AMA PRA category 1 credit)")
UNMARKED = re.compile(r"AMA PRA Category 1 Credit(?:\(s\)|s)?+(?!™)")
CATEGORY_2 = re.compile(r"(?<!AOA )\bcategory (?:2|II)\b(?!-A)", re.IGNORECASE)
AMOUNT = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)[ \N{NO-BREAK SPACE}]+AMA PRA Category 1 Credit")
UNIT = re.compile(r"\b(credits?|contact hours?|MOC points?|points|CEUs?)\b", re.IGNORECASE)
NEGATED = re.compile(r"\b(no|not|nor|without)\b", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
ORGANIZATIONS = {
    "AAFP": (CreditType.AAFP_PRESCRIBED, CreditType.AAFP_ELECTIVE),
    "AAPA": (CreditType.AAPA_1,),
    "AANP": (CreditType.AANP,),
    "ANCC": (CreditType.ANCC,),
    "ACPE": (CreditType.ACPE,),
    "AOA": (CreditType.AOA_2A,),
    **{board.short: (kind,) for kind, board in BOARDS.items()},
}
TEXTS = ("title", "summary", "description", "audience", "objectives")
FIXED = re.compile(  # the sentences two organizations prescribe for credit that is still pending
    "|".join(re.escape(text).replace(r"\{amount\}", r"[\d.]+") for text in (AAFP_PENDING, AAPA_PENDING))
)


def wording(seminar: Any) -> Iterator[Finding]:
    """Everything the texts of a seminar say of credit that is not so, or not the way it must be said."""
    designated = {kind.credit_type: kind for kind in seminar.designations if kind.maximum or kind.is_pending}
    may_wait = any(kind.is_pending for kind in designated.values())
    for field in TEXTS:
        value = getattr(seminar, field) or ""
        text = value if isinstance(value, str) else "\n".join(value)
        if PENDING.search(FIXED.sub("", text) if may_wait else text):
            yield found("ama-pending", field)
        if MISNAMED.search(text) or MISSPELT.search(text):
            yield found("credit-misnamed", field)
        if UNMARKED.search(text):
            yield found("trademark-missing", field)
        if CATEGORY_2.search(text):
            yield found("category-2-designated", field)
        yield from _amounts(field, text, designated.get(CreditType.AMA_PRA_1))
        yield from _others(field, text, set(designated))


def _amounts(field: str, text: str, ama: Any) -> Iterator[Finding]:
    for said in AMOUNT.findall(text):
        if ama is not None and Credits.parse(said) > ama.credits:
            yield found("more-credit-in-words", field, said=said, designated=ama.credits.short)


def _others(field: str, text: str, designated: set[str]) -> Iterator[Finding]:
    sentences = [part for part in SENTENCE.split(text) if UNIT.search(part) and not NEGATED.search(part)]
    for name, kinds in ORGANIZATIONS.items():
        if any(re.search(rf"\b{name}\b", part) for part in sentences) and not designated & set(kinds):
            yield found("credit-not-designated", field, organization=name)
