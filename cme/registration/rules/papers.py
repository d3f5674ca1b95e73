"""Who gets which paper, and every no about papers."""

from collections.abc import Iterable
from datetime import datetime

from cme.errors import Refusal
from cme.registration.rules.states import CONFIRMED
from cme.values import Mode


class NoReceipt(Refusal):
    """Nothing was paid, so there is nothing to confirm."""

    message = "There is no receipt yet: nothing was paid for this registration."


class NoInvitation(Refusal):
    """A letter for a visa helps only somebody who has a place and has to travel to it."""

    message = "An invitation letter is issued for a confirmed place in person, at a seminar that has not ended."


class NothingToApprove(Refusal):
    """The seminar cannot be registered for any more."""

    message = "This seminar takes no more registrations, so there is nothing to approve."


class CannotBePrinted(Refusal):
    """A word on the paper has letters that no font of the press can draw."""

    message = "This paper cannot be printed: it has letters that our fonts do not have. Write to us, and we will help."

    @classmethod
    def without(cls, letters: Iterable[str]) -> "CannotBePrinted":
        """Name the letters."""
        named = " ".join(sorted(letters)[:10])
        return cls(f"This cannot be printed: our fonts do not have {named}. Write it in other letters, or write to us.")


def check_invitable(status: str, mode: str, seminar_status: str, *, ends_at: datetime, now: datetime) -> None:
    """Let somebody have a letter for a visa, or say why not."""
    if status != CONFIRMED or mode != Mode.IN_PERSON or seminar_status == "cancelled" or ends_at <= now:
        raise NoInvitation
