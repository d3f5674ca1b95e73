"""Everything somebody was granted."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cme.catalog.models import Seminar
from cme.credits.certificate import Snapshot
from cme.credits.models import VALID, Award, Certificate, Claim
from cme.credits.queries.certificates import snapshot_of
from cme.database import db
from cme.registration.models import Registration
from cme.values import Credits, CreditType, Mode


@dataclass(frozen=True)
class Line:
    """One award in a transcript, as its certificate prints it."""

    award: Award
    certificate: Certificate
    snapshot: Snapshot
    mode: str

    @property
    def year(self) -> int:
        """The year it counts for: that of the activity's last day, or of its completion."""
        return (self.award.seminar.ends_on if self.mode != Mode.ON_DEMAND else self.award.awarded_at).year


def transcript_of(account_id: int) -> list[Line]:
    """Everything a person was granted and still holds, the latest activity first."""
    chosen = (
        select(Award)
        .join(Seminar)
        .where(Award.account_id == account_id, Award.status == VALID)
        .options(
            joinedload(Award.seminar),
            joinedload(Award.claim).joinedload(Claim.registration).joinedload(Registration.offering),
            joinedload(Award.claim).selectinload(Claim.awards).joinedload(Award.certificate),
        )
        .order_by(Seminar.ends_on.desc(), Award.id)
    )
    lines = []
    for award in db.session.scalars(chosen):
        certificate = next(each.certificate for each in award.claim.awards if each.certificate is not None)
        mode = award.claim.registration.offering.mode
        lines.append(Line(award, certificate, snapshot_of(certificate), mode))
    return lines


def totals_of(lines: Iterable[Line]) -> dict[CreditType, Credits]:
    """The sum of each type of credit."""
    sums: dict[CreditType, int] = {}
    for line in lines:
        kind = CreditType(line.award.credit_type)
        sums[kind] = sums.get(kind, 0) + line.award.credits
    return {kind: Credits(total) for kind, total in sums.items()}


def sum_of(lines: Iterable[Line]) -> tuple[Credits, bool]:
    """The AMA PRA credit of some lines; where there is none, the hours of participation, and that it is hours."""
    totals = totals_of(lines)
    credit = totals.get(CreditType.AMA_PRA_1)
    return (credit, False) if credit else (totals.get(CreditType.PARTICIPATION, Credits(0)), True)
