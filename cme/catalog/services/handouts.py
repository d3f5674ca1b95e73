"""Handing out files: added and removed by staff, each once, within the limits."""

import hashlib
from datetime import datetime

from sqlalchemy import select

from cme import audit
from cme.accounts.models import Account
from cme.catalog import files
from cme.catalog.errors import HandoutsTooLarge, NotHandedOut, SentTwice
from cme.catalog.models import Handout
from cme.catalog.queries.handouts import handed_out_bytes, handouts_of
from cme.catalog.services.seminars import locked
from cme.catalog.services.standing import revise
from cme.database import db, refusing, retried, transaction
from cme.values import new_code


@retried
def add_handout(
    seminar_id: int,
    *,
    title: str,
    file_name: str,
    content: bytes,
    by: Account | None,
    form_id: str | None,
    now: datetime,
) -> Handout:
    """Keep a file for the learners of a seminar; the same form sent again returns the first one."""
    name = files.clean_name(file_name)
    try:
        media_type = files.media_type_of(name, content)
    except files.Unfit as unfit:
        raise NotHandedOut(str(unfit)) from unfit
    try:
        with transaction() as session, refusing(uq_handout_form_id=SentTwice):
            known = _by_form(form_id)
            if known is not None:
                return known
            seminar = locked(seminar_id)
            if handed_out_bytes(seminar_id) + len(content) > files.MOST_TOGETHER:
                raise HandoutsTooLarge
            handout = Handout(
                seminar_id=seminar_id,
                position=max((found.position for found in handouts_of(seminar_id)), default=0) + 1,
                ref=new_code(),
                title=title or name,
                file_name=name,
                media_type=media_type,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                content=content,
                form_id=form_id,
                created_at=now,
            )
            session.add(handout)
            revise(seminar)
            session.flush()
            audit.record(
                by, "added handout", seminar, at=now, handout=handout.ref, size=handout.size, sha256=handout.sha256
            )
        return handout
    except SentTwice:
        first = _by_form(form_id)
        if first is None:
            raise
        return first


@retried
def remove_handout(ref: str, *, by: Account | None, now: datetime) -> None:
    """Take a handout back; removing it again changes nothing."""
    with transaction() as session:
        handout = session.scalar(select(Handout).where(Handout.ref == ref))
        if handout is None:
            return
        seminar = locked(handout.seminar_id)
        gone = session.scalar(select(Handout).where(Handout.ref == ref).execution_options(populate_existing=True))
        if gone is None:
            return  # somebody else was faster while we waited
        session.delete(gone)
        revise(seminar)
        audit.record(by, "removed handout", seminar, at=now, handout=ref, sha256=gone.sha256)


def _by_form(form_id: str | None) -> Handout | None:
    return db.session.scalar(select(Handout).where(Handout.form_id == form_id)) if form_id else None
