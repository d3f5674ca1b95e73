"""Evaluating, claiming, printing."""

from cme.credits.services.assessing import (
    begin_attempt,
    check_may_answer,
    hand_in,
    keep_answers,
)
from cme.credits.services.banking import (
    BankFull,
    BankTooSmall,
    add_bank_questions,
    edit_bank_question,
    move_bank_question,
    save_assessment,
)
from cme.credits.services.claiming import CONSTRAINTS, ONCE, Amounts, claim_credit, grant
from cme.credits.services.credentials import Issuer, credential_of, remember_key
from cme.credits.services.evaluating import submit_evaluation
from cme.credits.services.issuing import MissingLetters
from cme.credits.services.printing import Press, PrintDiffers, print_certificate, print_many
from cme.credits.services.watching import (
    RecordingValues,
    begin_watching,
    report_watching,
    save_recordings,
    say_watched,
)
from cme.credits.services.wording import STATED_ON_PAPER

__all__ = [
    "CONSTRAINTS",
    "ONCE",
    "STATED_ON_PAPER",
    "Amounts",
    "BankFull",
    "BankTooSmall",
    "Issuer",
    "MissingLetters",
    "Press",
    "PrintDiffers",
    "RecordingValues",
    "add_bank_questions",
    "begin_attempt",
    "begin_watching",
    "check_may_answer",
    "claim_credit",
    "credential_of",
    "edit_bank_question",
    "grant",
    "hand_in",
    "keep_answers",
    "move_bank_question",
    "print_certificate",
    "print_many",
    "remember_key",
    "report_watching",
    "save_assessment",
    "save_recordings",
    "say_watched",
    "submit_evaluation",
]
