"""What the texts of a seminar may say of credit, and may not."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from cme.catalog.rules.boards import BOARDS
from cme.catalog.rules.checks import Finding, found
from cme.catalog.rules.statements import AAFP_PENDING, AAPA_PENDING
from cme.values import CREDIT_NAMES, Credits, CreditType

AMOUNT, SENTENCE_GOES_ON = r"(\d{1,3}(?:\.\d{1,2})?)", r"(?:[^.!?\n]|\.(?=\d)){0,300}"  # the point of 16.0 ends none
# "AMA" alone is also how patients leave, against advice; a CME activity may be about results that are pending.
CREDIT_WORDS = (
    r"\b(AMA(?= (?:PRA|credits?|category|approval|designation|accreditation)\b)|PRA|ACCME|accreditation|designation"
    r"|CME(?! (?:activit|conference|course|event|lecture|meeting|program|seminar|session|talk))"
    r"|(?<!store )(?<!tax )credits?(?! (?:card|note|score)))\b"
)
UNDECIDED = r"\b(pending|applied for|to be determined|TBD|awaiting (?:approval|accreditation|designation))\b"
PENDING = re.compile(
    rf"{CREDIT_WORDS}{SENTENCE_GOES_ON}{UNDECIDED}|{UNDECIDED}{SENTENCE_GOES_ON}{CREDIT_WORDS}"
    rf"|\bapplication{SENTENCE_GOES_ON}{CREDIT_WORDS}{SENTENCE_GOES_ON}\b(?:filed|submitted)\b",
    re.IGNORECASE,
)
NAMED = re.compile(r"\bAMA PRA Category 1 Credit|\b(?i:AAPA Category 1 (?:CME )?credit)")
MISNAMED = re.compile(
    r"\b(?:ACCME credits?|CME credits? category|category (?:1|I|one)(?: (?:AMA|PRA|CME))* credits?"
    r"|AMA PRA(?: CME)? credits?)\b",
    re.IGNORECASE,
)
UNMARKED = re.compile(r"AMA PRA Category 1 Credit(?:\(s\)|s)?+(?!™)")
CATEGORY_2 = re.compile(  # of credit: there are tracings and hurricanes of category 2 as well
    r"(?<!AOA )\bcategory (?:2|II)(?: (?:AMA|PRA|CME))* (?:credits?|hours?|CME)\b"
    r"|\b(?:AMA|PRA|CME|credits?)(?: (?:in|of))? category (?:2|II)\b(?!-A)",
    re.IGNORECASE,
)
AMOUNTS = {
    CreditType.AMA_PRA_1: re.compile(rf"{AMOUNT} AMA PRA Category 1 Credit"),
    CreditType.AAFP_PRESCRIBED: re.compile(rf"{AMOUNT} (?:\w+ )?AAFP Prescribed", re.IGNORECASE),
    CreditType.AAFP_ELECTIVE: re.compile(rf"{AMOUNT} (?:\w+ )?AAFP Elective", re.IGNORECASE),
    CreditType.AAPA_1: re.compile(rf"{AMOUNT} AAPA Category 1", re.IGNORECASE),
    CreditType.AANP: re.compile(rf"{AMOUNT} AANP contact hour", re.IGNORECASE),
    CreditType.ANCC: re.compile(rf"{AMOUNT} ANCC contact hour", re.IGNORECASE),
}
FORMAT = re.compile(r"\bdesignates this ([^.!?\n]{1,80}?) for a maximum of", re.IGNORECASE)
UNIT = re.compile(r"\b(credits?|contact hours?|MOC points?|CEUs?)\b", re.IGNORECASE)
NEGATED = re.compile(r"\b(no|not|nor|without)\b", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
EMPHASIS = str.maketrans("", "", "*_")  # Markdown's, which may stand between the credit and its trademark sign
ORGANIZATIONS = {
    "AAFP": (CreditType.AAFP_PRESCRIBED, CreditType.AAFP_ELECTIVE),
    "AAPA": (CreditType.AAPA_1,),
    "AANP": (CreditType.AANP,),
    "ANCC": (CreditType.ANCC,),
    "ACPE": (CreditType.ACPE,),
    "AOA": (CreditType.AOA_2A,),
    **{board.short: (kind,) for kind, board in BOARDS.items()},
}
TEXTS = ("title", "summary", "description", "audience", "objectives", "topics", "method")
FIXED = re.compile(  # the sentences two organizations prescribe for credit that is still pending
    "|".join(re.escape(text).replace(r"\{amount\}", r"[\d.]+") for text in (AAFP_PENDING, AAPA_PENDING))
)


def as_read(text: str) -> str:
    """A text as its reader sees it: without emphasis, a broken line as the blank it becomes, paragraphs kept apart."""
    paragraphs = re.split(r"\n\s*\n", unescape(text).translate(EMPHASIS))
    return "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def is_misnamed(text: str) -> bool:
    """Whether a text, as read, calls AMA's credit otherwise than by its full name."""
    return MISNAMED.search(NAMED.sub("", text)) is not None


def wording(seminar: Any) -> Iterator[Finding]:
    """Everything the texts of a seminar say of credit that is not so, or not the way it must be said."""
    designated = {kind.credit_type: kind for kind in seminar.designations if kind.maximum or kind.is_pending}
    may_wait = any(kind.is_pending for kind in designated.values())
    for field, text in _texts(seminar):
        if PENDING.search(FIXED.sub("", text) if may_wait else text):
            yield found("ama-pending", field)
        if is_misnamed(text):
            yield found("credit-misnamed", field)
        if UNMARKED.search(text):
            yield found("trademark-missing", field)
        if CATEGORY_2.search(text):
            yield found("category-2-designated", field)
        if any(said != seminar.learning_format for said in FORMAT.findall(text)):
            yield found("format-differs-in-words", field, learning_format=seminar.learning_format)
        yield from _amounts(field, text, designated)
        yield from _others(field, text, set(designated))


def _texts(seminar: Any) -> Iterator[tuple[str, str]]:
    """Everything staff wrote for learners, with the field it stands in."""
    for field in TEXTS:
        value = getattr(seminar, field) or ""
        yield field, as_read(value if isinstance(value, str) else "\n\n".join(value))
    yield "day_themes", as_read("\n\n".join((seminar.day_themes or {}).values()))
    yield "sessions", as_read("\n\n".join(session.title or "" for session in seminar.sessions))


def _amounts(field: str, text: str, designated: Mapping[str, Any]) -> Iterator[Finding]:
    for kind, amount in AMOUNTS.items():
        most = designated[kind].credits if kind in designated else None
        for said in amount.findall(text):
            if most is not None and Credits.parse(said) > most:
                yield found("more-credit-in-words", field, said=said, unit=CREDIT_NAMES[kind], designated=most.short)


def _others(field: str, text: str, designated: set[str]) -> Iterator[Finding]:
    sentences = [part for part in SENTENCE.split(text) if UNIT.search(part) and not NEGATED.search(part)]
    for name, kinds in ORGANIZATIONS.items():
        if any(re.search(rf"\b{name}\b", part) for part in sentences) and not designated & set(kinds):
            yield found("credit-not-designated", field, organization=name)
