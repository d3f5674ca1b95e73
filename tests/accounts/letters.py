"""The letters people got, and the links in them."""

import re

from sqlalchemy import select

from cme.database import db
from cme.mail import Letter


def letters_to(email: str) -> list[Letter]:
    """The letters to one address, the oldest first."""
    return list(db.session.scalars(select(Letter).where(Letter.to == email).order_by(Letter.id)))


def token_of(letter: Letter) -> str:
    """The token of the link in a letter."""
    found = re.search(r"/(?:verify-email|reset-password)/([\w-]+)", letter.text)
    assert found, letter.text
    assert found[0] in letter.html
    return found[1]
