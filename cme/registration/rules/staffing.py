"""What staff may do at the desk, and what even they cannot: every no in words for them."""

from datetime import date, datetime, timedelta

from cme.errors import Refusal
from cme.values import Money

LONGEST_CREDIT = timedelta(days=5 * 366)


class SentByStripe(Refusal):
    """Stripe sends this refund, and says itself how it went."""

    message = "This refund goes through Stripe, which says by itself whether it arrived."


class ChangedMeanwhile(Refusal):
    """The money behind a place is no longer what the page showed."""

    message = "The money behind this registration has changed since you opened the page. Nothing was done: look again."


class NobodyThere(Refusal):
    """No account has this address."""

    message = "Nobody has an account with this address. Check it, or ask the person to join with it, then come back."


class SeatsAllTaken(Refusal):
    """No seat is free, and nobody said to add one."""

    message = "No seat is free. Tick the box below to add this person over the capacity: that is written into the log."


class AnotherAmount(Refusal):
    """What came is not what is due."""

    message = "That is not the amount due."


class InvoiceImpossible(Refusal):
    """A check could not arrive in time, or the provider takes none."""

    message = "Payment by check or transfer is not possible for this seminar. Pay by card, or call us."


class NothingToDecide(Refusal):
    """Somebody has decided already."""

    message = "Nothing about this payment waits for a decision any more."


class NotDecidable(Refusal):
    """The money never took effect here, so only Stripe's dashboard can move it."""

    message = (
        "This payment never took effect here. Refund it in Stripe's dashboard, then settle it below with a note that "
        "says so."
    )


def check_invoice(days: int, *, closes: datetime | None, now: datetime) -> datetime:
    """When an invoice written now is due; refused where nobody waits for checks, or the seminar begins before that."""
    due = now + timedelta(days=days)
    if days <= 0:
        raise InvoiceImpossible
    if closes is not None and due >= closes:
        raise InvoiceImpossible(
            f"Payment by check or transfer takes up to {days} days, and the seminar begins before that. Pay by card."
        )
    return due


def check_received(received: Money, due: Money) -> None:
    """Let money through that is exactly what was asked for."""
    if not due.minor:
        raise AnotherAmount("Nothing is due for this registration.")
    if received != due:
        raise AnotherAmount(
            f"{due} is due, and {received} was entered. Nothing was recorded: a check over another amount goes back."
        )


def check_credit(until: date, *, before: date, today: date) -> None:
    """Let tuition be kept longer, within reason."""
    if until <= before or until <= today:
        raise ChangedMeanwhile("Enter a day after today, and after the one until which it is kept now.")
    if until > today + LONGEST_CREDIT:
        raise ChangedMeanwhile("Enter a day within the next five years.")
