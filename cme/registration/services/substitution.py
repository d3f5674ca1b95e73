"""Handing a seat to a colleague: asked by letter, accepted by whoever has its link."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from cme import audit, settings
from cme.accounts.models import Account
from cme.accounts.queries import hash_of
from cme.database import db, lock, refusing, retried, transaction
from cme.errors import Refusal
from cme.registration import emails, funds, papers, queries, rules, seats
from cme.registration.changes import Changes, check_free
from cme.registration.checkout.conversation import place
from cme.registration.checkout.moves import MOVED
from cme.registration.models import CANCELLED, HELD, LEARNER, Registration, Substitution
from cme.registration.rules import handing_on
from cme.registration.rules.handing_on import ACCEPTED, EXPIRED, WITHDRAWN
from cme.registration.services.questions import answered
from cme.values import Money, new_code


@retried
def ask_colleague(registration_id: int, email: str, *, by: Any, now: datetime) -> None:
    """Ask a colleague by letter to take a seat; asking the same one again while the offer stands does nothing."""
    with transaction() as session:
        _, registration = place(registration_id)
        known = _open_offer(registration_id)
        if known is not None and known.expires_at <= now:
            known.ended_at, known.outcome = now, EXPIRED
            session.flush()
        elif known is not None and known.email.casefold() == email.casefold():
            return
        _check_seat(registration, now)
        if email.casefold() == registration.account.email_key:
            raise handing_on.OwnSeat("This is your own address. Enter your colleague's.")
        asked = select(func.count(Substitution.id)).where(Substitution.registration_id == registration_id)
        if (session.scalar(asked) or 0) >= handing_on.MOST_LETTERS:
            raise handing_on.OftenAsked
        token = secrets.token_urlsafe(32)
        substitution = Substitution(
            registration_id=registration_id,
            token_hash=hash_of(token),
            email=email,
            created_at=now,
            expires_at=handing_on.offer_until(now, registration.seminar.starts_at),
        )
        session.add(substitution)
        with refusing(uq_substitution_open=rules.SubstitutePending):
            session.flush()
        emails.substitute_asked(registration, email, settings.public_url(f"/substitutions/{token}"), at=now)
        audit.record(by, "offered seat to colleague", registration, at=now, personal={"email": email})


@retried
def withdraw_offer(registration_id: int, *, by: Any, now: datetime) -> None:
    """Take back what a colleague was offered; the link opens nothing any more."""
    with transaction():
        _, registration = place(registration_id)
        offer = _open_offer(registration_id)
        if offer is None:
            return
        offer.ended_at, offer.outcome = now, WITHDRAWN
        audit.record(by, "took back offer to colleague", registration, at=now)


@retried
def lapse_offers(*, now: datetime) -> int:
    """Close the offers nobody answered in time; answers how many."""
    with transaction() as session:
        over = select(Substitution).where(Substitution.ended_at.is_(None), Substitution.expires_at <= now)
        lapsed = session.scalars(over.order_by(Substitution.id).with_for_update()).all()
        for offer in lapsed:
            offer.ended_at, offer.outcome = now, EXPIRED
        return len(lapsed)


@retried
def take_over(token: str, account_id: int, *, now: datetime, answers: Mapping[str, Any] | None = None) -> str:
    """Let a colleague take a seat: one place ends, another stands on the same seat with the same money."""
    with transaction() as session:
        offered = queries.substitution_by_token(token)
        if offered is None:
            raise handing_on.OfferSpent
        offering, old = place(offered.registration_id)
        offer = lock(Substitution, offered.id)
        account = session.get_one(Account, account_id, populate_existing=True)
        if offer.outcome == ACCEPTED and (mine := _taken_over(old.id, account_id)):
            return mine.ref
        asked = check_take_over(offer, account, now=now)
        offer.ended_at, offer.outcome = now, ACCEPTED
        session.flush()
        _check_unchanged(old, now)
        new = _stand_in(old, account, asked.tier, now)
        new.questions = answered(offering, answers or {})
        # The seat stays taken: it changes hands, so whoever waits for one is not asked.
        seats.step(old, CANCELLED, ended_at=now, end_reason=MOVED)
        session.add(new)
        with refusing(uq_registration_active=rules.AlreadyRegistered):
            session.flush()
        papers.issue_receipt(new, None, now=now)
        seats.confirm(new, None, now=now)
        emails.substituted(old, new, at=now)
        audit.record(account, "took over", new, at=now, before=old.id, offering=offering.id)
        return new.ref


def check_take_over(offer: Substitution, account: Account, *, now: datetime) -> queries.Quote:
    """Let this person take the seat, or say why not; answers their tuition on the day the seat was taken."""
    old = offer.registration
    if not offer.is_open(now):
        raise handing_on.OfferSpent
    if old.account_id == account.id:
        raise handing_on.OwnSeat
    if account.details_missing():
        raise rules.DetailsFirst("Complete your Account Details first, then come back.")
    if queries.registration_for(account.id, old.seminar_id):
        raise rules.AlreadyRegistered
    asked = queries.quote(old.offering, account.certification_type, now=old.created_at)
    price = Money(old.list_minor, old.currency)
    if asked.tier != old.tier and asked.price > price:
        raise handing_on.DearerGroup(asked.price, price)
    return asked


def _check_seat(registration: Registration, now: datetime) -> None:
    """Let somebody hand on a seat that is theirs, free of anything open, and paid as it stands."""
    check_free(registration)
    answer = Changes(registration, now).substitute
    if not answer:
        raise rules.ChangeImpossible(answer.why_not)
    if registration.place != LEARNER or registration.waived_by is not None:
        raise rules.NeedsStaff
    funds.hold(registration)
    if funds.value(registration) < registration.amount_due:
        raise rules.NeedsStaff


def _check_unchanged(old: Registration, now: datetime) -> None:
    try:
        _check_seat(old, now)
    except Refusal as refusal:  # its words are for whoever offered the seat
        raise handing_on.OfferSpent from refusal


def _open_offer(registration_id: int) -> Substitution | None:
    offer = queries.open_substitution(registration_id)
    return lock(Substitution, offer.id) if offer else None


def _taken_over(old_id: int, account_id: int) -> Registration | None:
    mine = select(Registration).where(Registration.moved_from_id == old_id, Registration.account_id == account_id)
    return db.session.scalar(mine)


def _stand_in(old: Registration, account: Account, tier: str, now: datetime) -> Registration:
    return Registration(
        ref=new_code(),
        account_id=account.id,
        seminar_id=old.seminar_id,
        offering_id=old.offering_id,
        status=HELD,
        hold_until=now,
        tier=tier,
        list_minor=old.list_minor,
        discount_minor=old.discount_minor,
        amount_due_minor=old.amount_due_minor,
        currency=old.currency,
        carried_minor=old.amount_due_minor,
        moved_from_id=old.id,
        promo_id=old.promo_id,  # the use of the code goes with the seat
        transfers=old.transfers,
        policy=old.policy,
        terms_version=settings.terms_version(),
        created_at=now,
    )
