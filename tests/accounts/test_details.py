"""Facts about Account Details, roles, and what is thrown away."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from cme import audit
from cme.accounts import services
from cme.accounts.models import Account, LoginSession, OneTimeLink, Role
from cme.accounts.queries import signed_in
from cme.accounts.rules import DetailsMissing, NobodyThere
from cme.database import db, transaction
from tests.accounts.test_signing_in import HOME, enter


def save(clock, person, name: str = "Noah Fenwick, DO", kind: str = "do", **more) -> list[str]:
    return services.save_details(person.id, professional_name=name, certification_type=kind, now=clock.now, **more)


def entries() -> list[audit.AuditEntry]:
    return list(db.session.scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.id)))


def test_details_are_kept_and_nothing_is_missing_any_more(app, clock, cast):
    assert cast.noah.details_missing() == ["Professional Name", "Certification Type"]
    save(clock, cast.noah, specialty="Cardiology")
    noah = db.session.get_one(Account, cast.noah.id)
    assert (noah.professional_name, noah.certification_type, noah.specialty) == ("Noah Fenwick, DO", "do", "Cardiology")
    assert noah.details_missing() == []


def test_a_change_of_certification_is_written_down_with_both_codes(app, clock, cast):
    save(clock, cast.ada, "Ada Quillfeather, MD", "retired-md")
    [entry] = entries()
    facts = json.loads(entry.payload)
    assert (facts["certification_before"], facts["certification_after"]) == ("md", "retired-md")
    assert (entry.action, entry.actor) == ("changed details", f"account:{cast.ada.id}")


def test_names_stay_out_of_the_chain(app, clock, cast):
    save(clock, cast.ada, "Ada Fenwick, MD", "md")
    [entry] = entries()
    assert "Fenwick" not in entry.payload
    detail = db.session.scalar(select(audit.AuditDetail))
    assert detail.values == {"professional_name": ["Ada Quillfeather, MD", "Ada Fenwick, MD"]}
    assert list(audit.breaches()) == []


def test_saving_the_same_again_writes_nothing_down(app, clock, cast):
    assert save(clock, cast.ada, "Ada Quillfeather, MD", "md") == []
    assert entries() == []


@pytest.mark.parametrize(("name", "kind"), [("...", "md"), ("", "md"), ("Ada, MD", ""), ("Ada, MD", "wizard")])
def test_details_that_could_not_be_printed_are_refused(app, clock, cast, name, kind):
    with pytest.raises(DetailsMissing):
        save(clock, cast.ada, name, kind)


def seed() -> None:
    with transaction():
        services.seed_roles()


def test_a_house_gets_its_roles_once_and_keeps_what_its_owner_made_of_them(app):
    seed()
    with transaction() as session:
        session.scalar(select(Role).where(Role.name == "Finance")).permissions = ["dashboard"]
    seed()
    roles = {role.name: role.permissions for role in db.session.scalars(select(Role))}
    assert roles["Administrator"] == ["*"]
    assert roles["Registrar"] == ["dashboard", "registrations", "attendance", "people"]
    assert roles["Finance"] == ["dashboard"]
    assert "Read-only" in roles


def test_a_role_is_granted_once_and_the_person_signs_in_again(app, clock, cast):
    seed()
    before = enter(clock, cast.ada)
    for _ in range(2):
        services.make_staff("ADA@example.test", "Registrar", now=clock.now)
    ada = db.session.get_one(Account, cast.ada.id)
    db.session.refresh(ada)
    assert ada.may("people")
    assert not ada.may("payments")
    assert signed_in(before, now=clock.now) is None
    assert [entry.action for entry in entries()] == ["granted role"]


def test_only_people_there_are_get_roles_there_are(app, clock, cast):
    seed()
    with pytest.raises(NobodyThere, match="joins first"):
        services.make_staff("nobody@example.test", "Registrar", now=clock.now)
    with pytest.raises(NobodyThere, match=r"The roles are: .*Registrar"):
        services.make_staff(cast.ada.email, "King", now=clock.now)


def test_what_has_run_out_is_thrown_away(app, clock, cast):
    enter(clock, cast.ada)
    services.ask_for_reset(cast.ada.email, form_id="form-1", address=HOME, now=clock.now)
    assert services.tidy(now=clock.now) == {"links": 0, "sign_ins": 0}
    later = clock.now + timedelta(days=31)
    assert services.tidy(now=later) == {"links": 1, "sign_ins": 1}
    assert db.session.scalar(select(OneTimeLink)) is db.session.scalar(select(LoginSession)) is None
