"""A no, in words for the person who asked."""

from typing import ClassVar


class Refusal(Exception):
    """The rules say no; the message says why and what to do."""

    message: ClassVar[str] = "That is not possible."
    status: ClassVar[int] = 409

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)

    def __str__(self) -> str:
        return str(self.args[0])


class Busy(Refusal):
    """The database could not order this among others in time."""

    message = "The service is very busy. Nothing was lost or charged: wait a few seconds, then try again."
    status = 503


class TooManyTries(Refusal):
    """Somebody tried too often."""

    message = "Too many tries. Wait five minutes, then try again."
    status = 429


class EditedMeanwhile(Refusal):
    """Somebody else saved the same thing first."""

    message = "Someone else changed this while you were editing. Compare with their version, then save again."
