"""Every no of this room, in words for the person who asked."""

from cme.errors import Refusal


class MovedMeanwhile(Refusal):
    """The record is no longer in the state this step starts from."""

    message = "This registration has changed meanwhile. Reload the page to see where it stands."


class RegistrationClosed(Refusal):
    """The seminar takes no more registrations."""

    message = "Registration for this seminar is closed."


class SeminarFull(Refusal):
    """No seat is left."""

    message = "This seminar is full: the last seat was taken while you were registering. Nothing was charged."


class AlreadyRegistered(Refusal):
    """This person already has a seat; `ref` names the registration."""

    message = "You are already registered for this seminar."
    ref: str | None = None


class DetailsFirst(Refusal):
    """Tuition depends on the certification type, which is not set."""

    message = "Tuition depends on your Certification Type. Set it under Account Details first, then come back."


class NotForSale(Refusal):
    """No price is set for this person's group."""

    message = "Tuition for your certification type is not set for this seminar. Call us: we are glad to help."


class FormUsed(Refusal):
    """Somebody else sent this very form."""

    message = "The form had run out. Open the page again."


class PriceChanged(Refusal):
    """The price is no longer the one the page showed."""

    message = "The tuition has changed since you opened the page. Nothing was charged: check the new amount."


class PaymentsOff(Refusal):
    """This installation takes no payments."""

    message = "Online payment is not available at the moment. Call us: we are glad to help."
    status = 503


class PaymentDelayed(Refusal):
    """Stripe did not answer in time; the very same request will be repeated."""

    message = (
        "We are preparing your payment, and it takes longer than usual. Your seat stays held and nothing was charged: "
        "wait a few seconds, then try again."
    )
    status = 503


class PaymentImpossible(Refusal):
    """Stripe will not take this payment; staff are told."""

    message = (
        "The payment could not be prepared. Nothing was charged and your seat was given back. We are looking into it."
    )


class PaymentOnItsWay(Refusal):
    """A bank debit was promised and has not arrived."""

    message = "Your bank payment is on its way. Your seat is kept until the bank decides: do not pay again."


class AlreadyPaid(Refusal):
    """The seat is paid for."""

    message = "Your seat is already confirmed. There is nothing more to pay."


class HoldEnded(Refusal):
    """The seat was given back before it was paid."""

    message = "Your seat was held for a limited time, which has passed. Nothing was charged: register again."


class NotYetKnown(Refusal):
    """Stripe tells us of something that is ours, and that we cannot find; it will tell us again."""

    message = "We do not know this payment yet."
    status = 503


class NotRefundable(Refusal):
    """There is not that much to give back."""

    message = "That is more than can be refunded for this payment."


class Disputed(Refusal):
    """The bank decides about this money now."""

    message = "This payment is disputed at the bank, so it cannot be refunded here."


class AttendanceImpossible(Refusal):
    """Nobody can have attended that."""

    message = "Enter no more minutes than the session lasts, for sessions of this seminar."


class NotAttending(Refusal):
    """Only confirmed people can have attended."""

    message = "Attendance can be marked for confirmed registrations only."


class ClaimedOrAttended(Refusal):
    """Somebody came, or claimed credit: then only staff can undo the place."""

    message = (
        "You have attended this seminar or claimed credit for it, so this cannot be changed here. "
        "Call us: we are glad to help."
    )


class MovePending(Refusal):
    """A move of this place to another has begun and is not paid yet."""

    message = "You have begun to move this registration and not finished. Finish the move or give it up first."


class SubstitutePending(Refusal):
    """A colleague was asked to take this place and has not answered."""

    message = "You have offered this seat to a colleague who has not answered. Take the offer back first."


class UnderReview(Refusal):
    """Staff are looking at the money behind this place."""

    message = "We are looking into the payment for this registration. Call us: we are glad to help."


class RefundChanged(Refusal):
    """What comes back is no longer what the page showed."""

    message = "What comes back has changed since you opened the page. Nothing was done: check the new amount."


class HoldChanged(Refusal):
    """The last day on hold is no longer the one the page showed."""

    message = "The last day on hold has changed since you opened the page. Nothing was done: check the new day."


class ChangeImpossible(Refusal):
    """The policy they accepted does not include this change, or it is too late for it."""

    message = "This change is not possible."


class NeedsStaff(Refusal):
    """A place that staff gave, or whose money only they can sort out."""

    message = "We have to make this change for you. Call us: we are glad to help."


class PlaceGone(Refusal):
    """The place that a new one was to replace is no longer there."""

    message = "The place you are moving from has changed meanwhile. Nothing was charged: give up the new seat."
