"""Whether what a seminar is designated for is what its agenda, its approvals and its organizers allow."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from cme.catalog.rules.boards import BOARDS
from cme.catalog.rules.checks import Finding, found
from cme.catalog.rules.credit import QUARTER, credit_for, credit_minutes
from cme.catalog.rules.formats import ENDURING, LIVE
from cme.catalog.rules.statements import ACPE_AUDIENCES, MAY_BE_PENDING
from cme.catalog.rules.topics import topic_minutes
from cme.values import CREDIT_NAMES, Credits, CreditType

TENTH = 10
STEPS: Mapping[CreditType, tuple[int, ...]] = {CreditType.ANCC: (QUARTER, TENTH)}  # all others go by the quarter
AAFP = (CreditType.AAFP_PRESCRIBED, CreditType.AAFP_ELECTIVE)
# Nursing hours may count the time of the evaluation, which no agenda shows; a board's points have a limit of their own.
BY_THE_AGENDA = (*AAFP, CreditType.AAPA_1, CreditType.AANP, CreditType.ACPE)
BY_AMA = (*BOARDS, CreditType.AOA_2A)
# Provider, joint provider, year, sequence, format and topic, audience.
UAN = re.compile(r"(?:\d{4}|JA\d{4,7})-\d{4}-\d{2}-\d{3}-([LHB])(?:0[1-8]|99)-([PT])")
UAN_FORMATS = {"L": "a live activity", "H": "home study", "B": "both"}
ACTIVITY_TYPES = ("Knowledge", "Application", "Certificate Program")


def designations(seminar: Any, today: date) -> Iterator[Finding]:
    """Everything wrong with the credit of a seminar, AMA PRA first."""
    ama = seminar.designation_of(CreditType.AMA_PRA_1)
    yield from _ama(seminar, ama)
    for one in seminar.designations:
        kind = CreditType(one.credit_type)
        if kind is CreditType.AMA_PRA_1:
            continue
        # The AAPA's sentence says how much is applied for; the AAFP's does not.
        if not one.maximum and not (one.is_pending and kind in AAFP):
            yield found("designation-empty", unit=CREDIT_NAMES[kind])
            continue
        for check in (_amount, _approval, _organization):
            yield from check(seminar, one, kind, today)
        if kind in BY_AMA:
            yield from _beside_ama(seminar, one, kind, ama)


def supported_minutes(seminar: Any) -> int:
    """The minutes credit is counted from: the estimated time where learners take their own, and else the agenda."""
    if seminar.learning_format == ENDURING or (seminar.learning_format != LIVE and seminar.estimated_minutes):
        return seminar.estimated_minutes or 0
    return credit_minutes(seminar.sessions)


def _ama(seminar: Any, ama: Any) -> Iterator[Finding]:
    if ama is not None and ama.is_pending:
        yield found("ama-pending")
    if ama is None or not ama.maximum:
        yield found("maximum-missing")
        return
    if ama.maximum % QUARTER or ama.step != QUARTER:
        yield found("maximum-not-in-quarters")
    minutes = supported_minutes(seminar)
    supported = credit_for(minutes)
    is_estimated = minutes == seminar.estimated_minutes and seminar.learning_format != LIVE
    # Without an estimate there is nothing to compare with; that it is missing is said elsewhere.
    if ama.credits != supported and (minutes or seminar.learning_format != ENDURING):
        name = "maximum-differs-from-estimated-time" if is_estimated else "maximum-differs-from-agenda"
        yield found(name, supported=supported.short, designated=ama.credits.short)


def _amount(seminar: Any, one: Any, kind: CreditType, today: date) -> Iterator[Finding]:
    unit, steps = CREDIT_NAMES[kind], STEPS.get(kind, (QUARTER,))
    if one.step not in steps or one.maximum % one.step:
        yield found("step-unknown", unit=unit, steps=" or ".join(str(Credits(step)) for step in steps))
    supported = credit_for(supported_minutes(seminar))
    if kind in BY_THE_AGENDA and one.credits > supported:
        yield found("above-agenda", unit=unit, supported=supported.short, designated=one.credits.short)


def _approval(seminar: Any, one: Any, kind: CreditType, today: date) -> Iterator[Finding]:
    unit = CREDIT_NAMES[kind]
    if one.is_pending:
        if kind not in MAY_BE_PENDING:
            yield found("pending-not-allowed", unit=unit)
        return
    asked = {
        "the number": one.approval_number if kind in (*AAFP, CreditType.AANP) else True,
        "the first day": one.approved_from if kind in AAFP else True,
        "the last day": one.approved_until if kind in (*AAFP, CreditType.AAPA_1) else True,
    }
    missing = [what for what, given in asked.items() if not given]
    if missing:
        or_pending = ", or say that it is pending" if kind in MAY_BE_PENDING else ""
        yield found("approval-missing", what=" and ".join(missing), unit=unit, or_pending=or_pending)
    if not _covers(seminar, one, today):
        yield found("approval-outside-dates", unit=unit)


def _covers(seminar: Any, one: Any, today: date) -> bool:
    """Whether the approval holds from the first day to the last; on demand from release, and still today."""
    if seminar.learning_format == ENDURING:
        first, last = seminar.released_on or today, today
    else:
        first, last = seminar.starts_on, seminar.ends_on
    begins, ends = one.approved_from, one.approved_until
    return (first is None or begins is None or begins <= first) and (last is None or ends is None or ends >= last)


def _organization(seminar: Any, one: Any, kind: CreditType, today: date) -> Iterator[Finding]:
    extra = one.extra or {}
    if kind in AAFP and seminar.providership == "joint":
        yield found("aafp-joint", unit=CREDIT_NAMES[kind])
    if kind is CreditType.AANP:
        yield from _pharmacology(seminar, one, Credits(extra.get("pharmacology") or 0))
    if kind is CreditType.ANCC and not (extra.get("approver") or "").strip():
        yield found("ancc-approver-missing")
    if kind is CreditType.ACPE:
        yield from _pharmacy(seminar, extra)
    if kind is CreditType.AOA_2A and seminar.learning_format != LIVE:
        yield found("aoa-not-live")
    if kind in BOARDS and not seminar.evaluation_required:
        yield found("moc-without-evaluation", unit=CREDIT_NAMES[kind])
    if kind in BOARDS and BOARDS[kind].by_points and extra.get("credit_kind") not in BOARDS[kind].kinds:
        yield found("moc-kind-missing", unit=CREDIT_NAMES[kind], kinds=" or ".join(BOARDS[kind].kinds))


def _pharmacology(seminar: Any, one: Any, claimed: Credits) -> Iterator[Finding]:
    if claimed > one.credits:
        yield found("aanp-pharmacology-above-total", total=one.credits.short)
    supported = credit_for(topic_minutes(seminar.sessions).get("pharmacology", 0))
    if claimed > supported and seminar.learning_format != ENDURING:
        yield found("aanp-pharmacology-above-agenda", supported=supported.short, claimed=claimed.short)


def _pharmacy(seminar: Any, extra: Mapping[str, Any]) -> Iterator[Finding]:
    if extra.get("activity_type") not in ACTIVITY_TYPES:
        yield found("acpe-type-missing", kinds=", ".join(ACTIVITY_TYPES))
    uans = [one for one in extra.get("uans") or () if (one.get("uan") or "").strip()]
    if not uans:
        yield found("acpe-uan-missing")
    for one in uans:
        parts = UAN.fullmatch(one["uan"])
        if parts is None:
            yield found("acpe-uan-malformed", uan=one["uan"])
            continue
        taught, audience = parts.groups()
        should = "H" if seminar.learning_format == ENDURING else "L"
        if taught not in (should, "B"):
            yield found("acpe-uan-mismatch", uan=one["uan"], says=UAN_FORMATS[taught], should=UAN_FORMATS[should])
        if one.get("audience") in ACPE_AUDIENCES and audience != one["audience"]:
            says, wanted = ACPE_AUDIENCES[audience], ACPE_AUDIENCES[one["audience"]]
            yield found("acpe-uan-mismatch", uan=one["uan"], says=says, should=wanted)


def _beside_ama(seminar: Any, one: Any, kind: CreditType, ama: Any) -> Iterator[Finding]:
    if ama is None or not ama.maximum:
        yield found("depends-on-ama", unit=CREDIT_NAMES[kind])
    elif one.maximum > ama.maximum:
        yield found("above-ama", unit=CREDIT_NAMES[kind], ama=ama.credits.short)
