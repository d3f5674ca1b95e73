"""Letters about a place that was given up, moved, handed on or put on hold; and about a seminar we called off."""

from datetime import date, datetime

from cme.mail import Letter
from cme.pages import long_date
from cme.registration.emails.letter import Enclosed, calendar, facts, until, worth, write
from cme.registration.models import Registration
from cme.values import MODE_LABELS, Mode, Money


def cancelled(registration: Registration, refund: Money, *, at: datetime, on_hold_until: date | None = None) -> Letter:
    """Say that the place was given up, what comes back, and what stays on hold."""
    lines = facts(registration, at=at)
    if registration.amount_due_minor:
        lines.append(("Comes back", _amount(refund)))
    if on_hold_until:
        lines.append(("On hold until", long_date(on_hold_until)))
    return write(
        "cancelled",
        registration,
        f"cancelled:{registration.id}",
        "Your registration is cancelled",
        at=at,
        attachments=_withdrawn(registration),
        facts=lines,
        refund=refund,
        on_hold_until=on_hold_until,
    )


def moved(old: Registration, new: Registration, refund: Money, *, at: datetime) -> Letter:
    """Say which place was exchanged for which, and what comes back."""
    is_switch = old.seminar_id == new.seminar_id
    was = MODE_LABELS[Mode(old.offering.mode)] if is_switch else old.seminar.title
    lines = [("Before", was), *facts(new, at=at)]
    if refund.minor:
        lines.append(("Comes back", _amount(refund)))
    subject = "You changed how you attend" if is_switch else "You moved to another seminar"
    return write(
        "moved",
        new,
        f"moved:{new.id}",
        subject,
        at=at,
        attachments=_withdrawn(old),
        facts=lines,
        old=old,
        refund=refund,
        is_switch=is_switch,
    )


def called_off(registration: Registration, choose_until: date | None, *, at: datetime) -> Letter:
    """Say that we cannot hold the seminar, and that all that was paid comes back, unless they choose another."""
    # A place that never was theirs was not paid; what stands behind a move begun belongs to the place it would replace.
    paid = worth(registration) if registration.confirmed_at else Money(0, registration.currency)
    return write(
        "called_off",
        registration,
        f"called-off:{registration.id}",
        "We had to cancel",
        at=at,
        attachments=_withdrawn(registration),
        facts=[*facts(registration, at=at), *([("You paid", _amount(paid))] if paid.minor else [])],
        paid=paid,
        choose_until=until(choose_until, registration) if choose_until else "",
        reason=registration.seminar.cancelled_reason or "",
    )


def put_on_hold(registration: Registration, *, at: datetime) -> Letter:
    """Say that the tuition is kept for another seminar, how much it is, and until when."""
    return _on_hold(
        "put_on_hold", "Your tuition is on hold", registration, f"{registration.id}", at, _withdrawn(registration)
    )


def credit_ending(registration: Registration, *, at: datetime) -> Letter:
    """Say that the time to use what is on hold runs out, and when."""
    about = f"{registration.id}:{registration.credit_until}"  # another last day is another letter
    return _on_hold("credit_ending", "Use your tuition on hold", registration, about, at, ())


def _on_hold(
    name: str, subject: str, registration: Registration, about: str, at: datetime, attachments: Enclosed
) -> Letter:
    kept, last = worth(registration), long_date(registration.credit_until)
    lines = [("From", registration.seminar.title), ("On hold", _amount(kept)), ("Until", last)]
    key = f"{name.replace('_', '-')}:{about}"
    return write(name, registration, key, subject, at=at, attachments=attachments, facts=lines, worth=kept, last=last)


def substitute_asked(registration: Registration, email: str, url: str, *, at: datetime) -> Letter:
    """Ask a colleague to take a place, with a link of their own."""
    return write(
        "substitute_asked",
        registration,
        f"substitute-asked:{registration.id}:{at.isoformat()}",
        "A seat is yours to take",
        at=at,
        to=email,
        facts=facts(registration, at=at),
        url=url,
    )


def substituted(old: Registration, new: Registration, *, at: datetime) -> Letter:
    """Tell whoever gave their place to a colleague that it is done."""
    return write(
        "substituted",
        old,
        f"substituted:{old.id}",
        "Your place was taken over",
        at=at,
        attachments=_withdrawn(old),
        facts=[*facts(old, at=at), ("Goes now", new.account.professional_name or new.account.email)],
        new=new,
    )


def _amount(money: Money) -> str:
    return f"{money} {money.currency}" if money.minor else "Nothing"


def _withdrawn(registration: Registration) -> Enclosed:
    """The file that takes a place out of the calendar again, for those who had it there."""
    return calendar(registration) if registration.confirmed_at else ()
