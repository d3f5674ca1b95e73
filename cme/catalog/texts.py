"""The plain texts as an installation starts with them; staff edit them from there."""

from cme.catalog.rules.policies import policy_in_words
from cme.settings import Provider


def _terms(us: Provider) -> str:
    return f"""\
These terms apply between you and {us.name} when you use this site, register for a seminar or claim credit.

## Your account

Use your own name and an address you read. One person, one account: it keeps your transcript in one place. Keep your
password to yourself, and tell us at once if you think somebody else knows it.

## Registration

A registration is for one person. Your seat is held while you pay and is yours once we confirm it by email. If the
payment is not finished in time, the seat goes back and nothing is charged. Tuition depends on your certification
type; we may ask for a letter of standing from residents, fellows and students.

We may change faculty, rooms or times when we must. If we cancel a seminar, you get everything you paid back.

## Credit

To claim credit you need a professional name and a certification type on your Account Details page, attendance, and
the evaluation where one is asked for. Claim only the credit commensurate with the extent of your participation.
Claims close {us.claim_window_days} days after a seminar ends unless the seminar says otherwise.

*AMA PRA Category 1 Credit(s)*™ is awarded to physicians. Everybody else receives a certificate of participation
that states the credit the activity was designated for. Your licensing or certifying body decides how it counts.

A certificate issued in error is corrected or revoked, and its verification page says so.

## Medical content

Seminars are education for health professionals. They are not advice about any one patient, and no substitute for
your own judgment. What speakers say is their own responsibility; everybody in control of content discloses their
financial relationships, which you find on the page of each seminar.

## Recordings and materials

Slides, handouts and recordings are for your own learning. Please do not copy, share or publish them.

## Changes

When we change these terms, this page shows the new version and its date. A registration keeps the terms and the
refund policy you accepted with it.

## Questions

Write to [{us.email}](mailto:{us.email}) or call {us.phone}.
"""


def _privacy(us: Provider) -> str:
    return f"""\
{us.name} keeps what it needs to run seminars and to prove your credit, and no more.

## What we keep

- **Your account:** email address, a hash of your password, professional name, certification type, and what else you
  enter under Account Details.
- **Your registrations:** seminar, way of attending, tuition, payment and refund references, attendance.
- **Your credit:** evaluation, attestation with its time and network address, claims and certificates.
- **Operations:** sign-in times, letters we sent you, and a log of changes.

We never see or keep your card number. You pay on a page of Stripe, which tells us whether the payment arrived.

## Why

To give you the seat you paid for, to award and report credit as our accreditor requires, to answer you, and to keep
the service safe. We do not sell data, and we show no advertisements.

## Who else sees it

- **Stripe,** to take payments and return them.
- **Our accreditor and certifying boards,** when credit must be reported, and then only what they ask for.
- **Anybody with the code of a certificate** can see on its verification page that it is genuine, and the facts
  printed on it.

We never give learners' names or addresses to companies that make, market or sell healthcare products, nor to
anybody who gives commercial support, unless you agreed to it yourself.

## How long

Records of participation and credit are kept at least six years after the seminar, as accreditation requires, even
when an account is closed. Everything else goes when it is no longer needed.

## Cookies

If you only read the catalog, we set no cookie. Signing in sets one that keeps you signed in; choosing a theme sets
one that remembers it. Nothing follows you around.

## Your choices

You can see and correct your details under Account Details. To have a copy, or to close your account, write to
[{us.email}](mailto:{us.email}).
"""


def _refunds(us: Provider) -> str:
    terms = "\n".join(f"- {term}." for term in policy_in_words(us.policy))
    return f"""\
You can cancel or change a registration yourself: open it under My CME, choose **Change or cancel**, and the page says
what comes back before you decide. You can also write or call; then the day we hear from you counts.

{terms}

Days are calendar days where the seminar takes place, and a deadline lasts until the end of its day. The page of
each seminar shows the dates. The policy you accepted with your registration stays yours, even if this page changes.

## How money comes back

Refunds go to the card or account you paid with. We start them within two business days; your bank may need up to
ten more.

## If we cancel

If {us.name} cancels a seminar, you get everything back, without a fee, whenever that happens. We are not able to
pay for travel or hotels, so please book what you can change.

## If you do not come

Without word from you before the seminar starts, tuition is not returned.

## Ask us

Life happens. Write to [{us.email}](mailto:{us.email}) or call {us.phone}, and we will see what we can do.
"""


def _accessibility(us: Provider) -> str:
    return f"""\
{us.name} wants everybody to be able to learn here.

## This site

We build it to meet WCAG 2.2 at level AA. Every page works with a keyboard, with a screen reader, at 400% zoom, in a
light and a dark theme, and without scripts. Certificates are real text that can be selected and read aloud.

## Our seminars

- Rooms and hotels are step-free, with seats for wheelchairs and a place for a companion.
- A hearing loop or receivers are available in person; livestreams carry captions.
- Slides are available on request before the session, in large print or as text.
- Quiet rooms, lactation rooms and dietary needs: tell us, and we will arrange them.

Please ask at least ten days ahead where you can. We also do our best at short notice.

## Something in the way?

Tell us what you were trying to do and what stopped you: [{us.email}](mailto:{us.email}) or {us.phone},
{us.hours.lower()}. We answer within two business days.
"""


def _contact(us: Provider) -> str:
    return f"""\
We are people, and we answer.

- **Email:** [{us.email}](mailto:{us.email})
- **Phone:** {us.phone}
- **Hours:** {us.hours}
- **Mail:** {us.name}, {us.address}

## Before you write

- **Credit and certificates:** open My CME. If a claim is refused, the page says what is missing.
- **A seminar:** its page has agenda, venue, tuition and refund dates.
- **Is a certificate genuine?** Use Verify, at the top of every page.
- **Complaints about a seminar** go to {us.signatory}, {us.signatory_title.lower()}, at the same address.
"""


def first_texts(us: Provider) -> dict[str, tuple[str, str]]:
    """Title and body of each text, in the name of a provider."""
    return {
        "terms": ("Terms", _terms(us)),
        "privacy": ("Privacy", _privacy(us)),
        "refunds": ("Refunds", _refunds(us)),
        "accessibility": ("Accessibility", _accessibility(us)),
        "contact": ("Contact", _contact(us)),
    }


FIRST = first_texts(Provider())
