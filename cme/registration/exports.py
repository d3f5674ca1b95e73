"""The roster as a file for spreadsheets, in which nothing somebody typed is ever run as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cme.accounts.rules import TIER_LABELS
from cme.database import db
from cme.registration import asked
from cme.registration.desk import Line, Roster
from cme.registration.models import PLACES, Consent
from cme.registration.rules.asking import CONSENTS
from cme.values import EXPONENTS, MODE_LABELS, Mode, Money

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
HEADS = ("Name", "Email", "Number", "Certification type", "Attending", "Status", "Place", "Registered", "Group")
MONEY = ("List price", "Discount", "Promo code", "Tuition", "Received", "Returned", "Currency", "Payment")


def safe_cell(value: Any) -> str:
    """A cell as text: what a spreadsheet would calculate gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \N{NO-BREAK SPACE}").startswith(FORMULAS) else text


def roster(found: Roster) -> bytes:
    """Everybody with a seat: who, how, what they paid, answered and agreed to; UTF-8 with a mark at its start."""
    questions = _questions(found)
    consents = _consents(line.registration.account_id for line in found.lines)
    out = io.StringIO(newline="")
    sheet = csv.writer(out)
    heads = [*HEADS, *MONEY, *questions.values(), *(each.label for each in CONSENTS)]
    sheet.writerow([safe_cell(head) for head in heads])
    for line in found.lines:
        agreed = consents.get(line.registration.account_id, {})
        said = [agreed.get(each.key, "not asked") for each in CONSENTS]
        cells = [*_who(found, line), *_paid(line), *_answers(line, questions), *said]
        sheet.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _who(found: Roster, line: Line) -> Iterator[Any]:
    registration, account = line.registration, line.registration.account
    yield account.professional_name or ""
    yield account.email
    yield registration.ref
    yield account.certification.label if account.certification else "Missing"
    yield MODE_LABELS[Mode(registration.offering.mode)]
    yield registration.status
    yield registration.place if registration.place in PLACES[1:] else ""
    yield _local(registration.created_at, ZoneInfo(found.seminar.time_zone))
    yield TIER_LABELS.get(registration.tier, registration.tier)


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _paid(line: Line) -> Iterator[Any]:
    registration, standing = line.registration, line.standing
    currency = registration.currency
    for minor in (registration.list_minor, registration.discount_minor):
        yield _plain(Money(minor, currency))
    yield registration.promo.code if registration.promo else ""
    for amount in (registration.amount_due, standing.received, standing.returned):
        yield _plain(amount)
    yield currency
    yield standing.money_word[1]


def _plain(amount: Money) -> str:
    """An amount as spreadsheets read it: 1095.00."""
    exponent = EXPONENTS[amount.currency]
    whole, rest = divmod(amount.minor, 10**exponent)
    return f"{whole}.{rest:0{exponent}d}" if exponent else str(whole)


def _questions(found: Roster) -> dict[str, str]:
    """Everything asked: what is asked now, in order, then what was once answered in other words or is retired."""
    heads = {each.ref: each.label for each in asked.all_questions(found.seminar.id) if each.is_active}
    for line in found.lines:
        for ref, kept in line.registration.questions.items():
            heads.setdefault(ref, kept["label"])
    return heads


def _answers(line: Line, questions: dict[str, str]) -> Iterator[str]:
    for ref in questions:
        kept = line.registration.questions.get(ref, {})
        answer, words = kept.get("answer", ""), kept.get("label", "")
        text = ", ".join(answer) if isinstance(answer, list) else "yes" if answer is True else str(answer)
        # Words that have changed since stand with the answer that was given to them.
        yield f"{text} [{words}]" if text and words != questions[ref] else text


def _consents(accounts: Iterable[int]) -> dict[int, dict[str, str]]:
    versions = {(each.key, each.version) for each in CONSENTS}
    agreed: dict[int, dict[str, str]] = {}
    for each in db.session.scalars(select(Consent).where(Consent.account_id.in_(set(accounts)))):
        if (each.key, each.version) in versions:
            agreed.setdefault(each.account_id, {})[each.key] = "yes" if each.is_given else "no"
    return agreed
