"""What a seminar is designated for, type by type; once it began, never for more."""

from collections.abc import Mapping

from cme.catalog import rules
from cme.catalog.errors import MaximumRaised
from cme.catalog.models import Designation, Seminar
from cme.catalog.values import DesignationValues, SeminarValues
from cme.database import db
from cme.values import CREDIT_NAMES, CreditType


def wanted(values: SeminarValues) -> dict[str, DesignationValues]:
    """Every designation that was typed, by type; AMA's stands apart in the editor."""
    ama = DesignationValues(CreditType.AMA_PRA_1, values.maximum)
    return {given.credit_type: given for given in (*((ama,) if ama.maximum else ()), *values.designations)}


def check_not_raised(had: Mapping[str, int], values: SeminarValues) -> None:
    """Refuse a type that was not designated before the start, or more of one that was."""
    more = rules.raised(had, {given.credit_type: given.maximum for given in wanted(values).values()})
    if more:
        names = " and ".join(CREDIT_NAMES[CreditType(credit_type)] for credit_type in more)
        raise MaximumRaised(f"The seminar has started: it can no longer be designated for more {names}.")


def write_designations(seminar: Seminar, values: SeminarValues) -> None:
    """Set what the seminar is designated for."""
    had = {found.credit_type: found for found in seminar.designations}
    for credit_type, given in wanted(values).items():
        found = had.pop(credit_type, None)
        if found is None:
            found = Designation(credit_type=credit_type)
            seminar.designations.append(found)
        found.maximum, found.step, found.is_pending = given.maximum, given.step, given.is_pending
        found.approval_number = given.approval_number
        found.approved_from, found.approved_until = given.approved_from, given.approved_until
        found.extra = dict(given.extra)
    for gone in had.values():
        if gone.credit_type == CreditType.AMA_PRA_1:
            gone.maximum = 0
        else:
            db.session.delete(gone)
    db.session.flush()
