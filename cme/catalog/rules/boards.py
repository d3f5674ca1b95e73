"""The specialty boards that count CME for maintenance of certification, and what must be said of each."""

from dataclasses import dataclass

from cme.values import Credits, CreditType

MOC, CONTINUING = "Maintenance of Certification (MOC) program", "Continuing Certification program"


@dataclass(frozen=True)
class Board:
    """A board: its name, its letters, its kinds of credit, its program, and whether it grants points or credit."""

    name: str
    short: str
    kinds: tuple[str, ...]
    program: str = MOC
    by_points: bool = False
    points_follow_claim: bool = False  # a diplomate gets as many points as credits were claimed

    @property
    def possessive(self) -> str:
        """The American Board of Pediatrics' program, the American Board of Surgery's."""
        return f"{self.name}'" if self.name.endswith("s") else f"{self.name}'s"


BOTH = ("Lifelong Learning", "Self-Assessment")
BOARDS = {
    CreditType.MOC_ABA: Board(
        "American Board of Anesthesiology", "ABA", ("Lifelong Learning", "Patient Safety"), by_points=True
    ),
    CreditType.MOC_ABIM: Board(
        "American Board of Internal Medicine",
        "ABIM",
        ("Medical Knowledge", "Practice Assessment", "Patient Safety"),
        by_points=True,
        points_follow_claim=True,
    ),
    CreditType.MOC_ABOHNS: Board(
        "American Board of Otolaryngology – Head and Neck Surgery", "ABOHNS", BOTH, CONTINUING
    ),
    CreditType.MOC_ABOS: Board("American Board of Orthopaedic Surgery", "ABOS", BOTH),
    CreditType.MOC_ABP: Board(
        "American Board of Pediatrics", "ABP", ("Lifelong Learning & Self-Assessment",), by_points=True
    ),
    CreditType.MOC_ABPATH: Board("American Board of Pathology", "ABPath", BOTH, CONTINUING),
    CreditType.MOC_ABS: Board(
        "American Board of Surgery", "ABS", ("Accredited CME", "Self-Assessment"), "Continuous Certification program"
    ),
    CreditType.MOC_ABTS: Board("American Board of Thoracic Surgery", "ABTS", BOTH),
}


def moc_statement(kind: CreditType, points: Credits, credit_kind: str) -> str:
    """What must be said where an activity counts for a board: in points as for ABIM, or in credit as for ABS."""
    board = BOARDS[kind]
    if not board.by_points:
        return (
            "Successful completion of this CME activity enables the learner to earn credit toward the CME requirements "
            f"of the {board.possessive} {board.program}. It is the CME activity provider's responsibility to submit "
            f"learner completion information to ACCME for the purpose of granting {board.short} credit."
        )
    unit = "MOC point" if points.hundredths == 100 else "MOC points"
    kind_of_points = f"{credit_kind} {unit}".strip()
    claim = (
        "Participants will earn MOC points equivalent to the amount of CME credits claimed for the activity. "
        if board.points_follow_claim
        else ""
    )
    return (
        "Successful completion of this CME activity, which includes participation in the evaluation component, enables "
        f"the participant to earn up to {points.short} {kind_of_points} in the {board.possessive} ({board.short}) "
        f"{board.program}. {claim}It is the CME activity provider's responsibility to submit participant completion "
        f"information to ACCME for the purpose of granting {board.short} MOC credit."
    )
