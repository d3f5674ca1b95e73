"""A claim grants credit and issues the certificate in one piece, or changes nothing."""

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import func, select

from cme import queue, settings
from cme.accounts.rules import DetailsMissing
from cme.audit import AuditDetail, AuditEntry
from cme.catalog.models import Designation, Faculty, Seminar
from cme.credits import invariants, queries, rules, services
from cme.credits.certificate import Snapshot, html_of
from cme.credits.models import Award, Certificate, Claim, Document, Evaluation
from cme.database import db, transaction
from cme.gateways.letters import missing_letters
from cme.mail import Letter
from cme.registration.models import Registration
from cme.values import Credits, CreditType
from tests import factories

AMA, HOURS = CreditType.AMA_PRA_1, CreditType.PARTICIPATION
ADDRESS = "203.0.113.9"
ANSWERS = {"objectives_met": 5, "overall": 4}


def attended(person: Any, clock: Any, *, mornings: int | None = None, **seminar: Any) -> Registration:
    """A registration of somebody who attended a seminar of two mornings that ended last week, and evaluated it."""
    held = factories.seminar(now=clock.now, starts_in=-8, **seminar)
    made = factories.registration(person, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now - timedelta(days=6), mornings=mornings)
    services.submit_evaluation(made.id, ANSWERS, form_id=None, now=clock.now)
    return made


def claim(made: Registration, clock: Any, *, form_id: str | None = None, **told: Any) -> list[str]:
    """Claim everything that attendance supports, but for what is told."""
    case = queries.case_of(db.session.get_one(Registration, made.id), now=clock.now)
    kinds = told.pop("kinds", list(case.limits)[:1])
    asked = told.pop("asked", None) or {kind: case.most(kind) for kind in kinds}
    known = {"attested": True, "address": ADDRESS, "may_print": missing_letters}
    return services.claim_credit(made.id, asked, form_id=form_id, now=clock.now, **{**known, **told})


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def nothing_is_stored() -> bool:
    letters = db.session.scalars(select(Letter).where(Letter.kind == "credits/certificate")).all()
    jobs = db.session.scalars(select(queue.Job).where(queue.Job.kind == "print_certificate")).all()
    claims = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "claimed")).all()
    return not (letters or jobs or claims or any(count(model) for model in (Claim, Award, Certificate)))


def certificate(code: str) -> Certificate:
    found = queries.certificate_by_code(code)
    assert found is not None
    return found


def test_a_claim_grants_the_credit_and_freezes_every_word(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    [code] = claim(made, clock, asked={AMA: Credits(375)})
    issued = certificate(code)
    snapshot = Snapshot.from_json(issued.snapshot)
    assert (issued.award.credits, issued.award.maximum, issued.award.credit_type) == (375, 400, "ama-pra-1")
    assert snapshot.professional_name == "Ada Quillfeather, MD"
    assert (snapshot.kind, snapshot.credit_amount) == ("credit", "3.75")
    assert snapshot.credit_unit == "AMA PRA Category 1 Credits™"
    assert (snapshot.number, snapshot.code) == (issued.number, issued.code)
    assert issued.number.startswith("GCMS-")
    assert snapshot.location == "Sarasota, FL"
    assert "for a maximum of 4.0 AMA PRA Category 1 Credits™. Physicians should" in snapshot.designation_statement
    assert snapshot.verify_url.endswith(f"/verify/{code}")
    assert list(invariants.breaches(now=clock.now)) == []


def designate(made: Registration, **designations: Any) -> None:
    """Designate the seminar of a registration for other credit too, all of what AMA's maximum is."""
    with transaction() as session:
        seminar = session.get_one(Seminar, made.seminar_id)
        for credit_type, more in designations.items():
            seminar.designations.append(Designation(credit_type=credit_type.replace("_", "-"), maximum=400, **more))


def test_credit_that_is_not_decided_yet_cannot_be_claimed(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    designate(made, aafp_prescribed={"is_pending": True}, moc_abim={})
    assert list(queries.limits_of(made)) == [AMA, CreditType.MOC_ABIM]
    filed = {AMA: Credits(400), CreditType.AAFP_PRESCRIBED: Credits(400)}
    with pytest.raises(rules.WrongCreditType):
        claim(made, clock, asked=filed)
    assert nothing_is_stored()


def teach(made: Registration, **minutes: int) -> None:
    """Say how much of the first hour of each morning is on which topic."""
    with transaction() as session:
        for each in session.get_one(Seminar, made.seminar_id).sessions[::3]:
            each.topic_minutes = {code.replace("_", "-"): spent for code, spent in minutes.items()}


def test_the_certificate_says_how_much_was_on_what_states_ask_for(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    teach(made, medical_errors=60, hiv=30, ethics=3)
    [code] = claim(made, clock)
    assert Snapshot.from_json(certificate(code).snapshot).topic_lines == (
        "Of these, 2.0 hours on prevention of medical errors, 1.0 hour on HIV and AIDS; confirm with your board.",
    )


def test_topics_of_mornings_missed_are_not_on_the_certificate(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock, mornings=1)
    teach(made, hiv=60)
    [code] = claim(made, clock, asked={AMA: Credits(75)})
    assert Snapshot.from_json(certificate(code).snapshot).topic_lines == (
        "Of these, 0.75 hours on HIV and AIDS; confirm with your board.",
    )


def test_no_topic_no_line(app: Flask, cast: SimpleNamespace, clock: Any):
    [code] = claim(attended(cast.ada, clock), clock)
    assert Snapshot.from_json(certificate(code).snapshot).topic_lines == ()


def test_who_is_granted_nursing_hours_reads_who_approved_them(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.nell, clock)
    designate(made, ancc={"extra": {"approver": "Sunshine Nurses Association"}}, aapa_1={})
    [code] = claim(made, clock, kinds=[HOURS, CreditType.ANCC])
    said = Snapshot.from_json(certificate(code).snapshot).designation_statement
    assert "for a maximum of 4.0 AMA PRA Category 1 Credits™." in said
    assert "Nurses may earn 4.0 contact hours" in said
    assert "Approver: Sunshine Nurses Association." in said
    assert "AAPA" not in said


def test_a_certificate_says_how_the_provider_is_accredited(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    jointly = replace(settings.provider(), accreditation="joint")
    with transaction():
        settings.save("provider", jointly.to_json(), by=None, at=clock.now)
    g.pop("provider", None)
    [code] = claim(made, clock)
    said = Snapshot.from_json(certificate(code).snapshot).accreditation_statement
    assert said.startswith("In support of improving patient care, Gulf Coast Medical Seminars is jointly accredited by")


def test_attendance_noted_in_two_rooms_at_once_supports_one_of_them(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock, mornings=1)
    with transaction() as session:
        first, second = [s for s in session.get_one(Seminar, made.seminar_id).sessions if s.counts][:2]
        second.starts_at, second.ends_at = first.starts_at, first.ends_at
    case = queries.case_of(db.session.get_one(Registration, made.id), now=clock.now)
    assert (case.minutes, case.most(AMA)) == (60, Credits(100))


def test_what_was_attested_is_kept_word_for_word(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    claim(made, clock)
    kept = queries.current_claim(made.id)
    assert kept is not None
    assert kept.attestation == rules.ATTESTATION
    assert (kept.attested_at, kept.attested_from) == (clock.now, ADDRESS)
    assert (kept.professional_name, kept.certification_type) == ("Ada Quillfeather, MD", "md")
    assert kept.supported_minutes == 240
    ended = db.session.get_one(Seminar, made.seminar_id).ends_on
    assert kept.purge_on == ended.replace(year=ended.year + 6)


def test_everyone_else_gets_hours_and_a_certificate_that_awards_nothing(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.nell, clock, mornings=1)
    [code] = claim(made, clock)
    issued = certificate(code)
    page = html_of(queries.snapshot_of(issued))
    assert (issued.award.credit_type, issued.award.credits) == ("participation", 200)
    assert "Certificate of Participation" in page
    assert "for 2.00 hours" in page
    assert "was designated for" in page
    assert "4.00" in page
    assert "award" not in page.lower()
    assert db.session.scalars(select(Claim.attestation)).all() == [rules.HOURS_ATTESTATION]
    assert list(invariants.breaches(now=clock.now)) == []


def test_other_types_stand_on_the_same_certificate(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.nell, clock)
    with transaction() as session:
        session.add(Designation(seminar_id=made.seminar_id, credit_type="ancc", maximum=400, step=10))
    [code] = claim(made, clock, asked={HOURS: Credits(400), CreditType.ANCC: Credits(390)})
    assert queries.snapshot_of(certificate(code)).other_credits == ("3.90 ANCC contact hours earned",)
    assert count(Award) == 2
    assert list(invariants.breaches(now=clock.now)) == []


def test_the_certificate_is_announced_and_its_printing_asked_for(app: Flask, cast: SimpleNamespace, clock: Any):
    [code] = claim(attended(cast.ada, clock), clock)
    letter = db.session.scalars(select(Letter).where(Letter.key == f"certificate:{code}")).one()
    assert letter.to == "ada@example.test"
    assert f"/certificates/{code}" in letter.text
    assert f"/certificates/{code}" in letter.html
    assert "4.00 AMA PRA Category 1 Credits™" in letter.text
    job = db.session.scalars(select(queue.Job).where(queue.Job.kind == "print_certificate")).one()
    assert (job.lane, job.payload) == ("paper", {"certificate_id": certificate(code).id})


def test_the_audit_log_tells_of_the_claim_without_naming_anybody(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    claim(made, clock)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "claimed")).one()
    assert json.loads(entry.payload)["credits"] == {"ama-pra-1": 400}
    assert "Quillfeather" not in entry.payload
    detail = db.session.scalars(select(AuditDetail).where(AuditDetail.entry_id == entry.id)).one()
    assert detail.values == {"name": "Ada Quillfeather, MD", "address": ADDRESS}


def test_the_same_form_sent_twice_gives_the_first_certificate_again(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    first = claim(made, clock, form_id="the-same-form-123")
    assert claim(made, clock, form_id="the-same-form-123", asked={AMA: Credits(100)}) == first
    assert (count(Claim), count(Certificate)) == (1, 1)


@pytest.mark.parametrize("form_id", [None, "another-form-4567"])
def test_a_second_claim_is_refused(app: Flask, cast: SimpleNamespace, clock: Any, form_id: str | None):
    made = attended(cast.ada, clock)
    claim(made, clock)
    with pytest.raises(rules.AlreadyClaimed):
        claim(made, clock, form_id=form_id, asked={AMA: Credits(100)})
    assert (count(Claim), count(Certificate)) == (1, 1)


def test_a_seminar_is_claimed_once_however_often_somebody_registered(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    claim(made, clock)
    with transaction() as session:
        session.get_one(Registration, made.id).status = "cancelled"
    held = db.session.get_one(Seminar, made.seminar_id)
    again = factories.registration(cast.ada, held, now=clock.now)
    factories.attend(again, now=clock.now)
    services.submit_evaluation(again.id, ANSWERS, form_id=None, now=clock.now)
    with pytest.raises(rules.AlreadyClaimed):
        claim(again, clock)
    assert count(Certificate) == 1


@pytest.mark.parametrize("field", ["professional_name", "certification_type"])
def test_without_details_nothing_is_stored(app: Flask, cast: SimpleNamespace, clock: Any, field: str):
    made = attended(cast.ada, clock)
    with transaction() as session:
        setattr(session.merge(cast.ada), field, None)
    with pytest.raises(DetailsMissing):
        claim(made, clock, asked={AMA: Credits(100)})
    assert nothing_is_stored()


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"asked": {AMA: Credits(425)}}, rules.TooMuchCredit),
        ({"asked": {AMA: Credits(310)}}, rules.NotAQuarter),
        ({"asked": {AMA: Credits(0)}}, rules.NothingClaimed),
        ({"asked": {HOURS: Credits(100)}}, rules.WrongCreditType),
        ({"asked": {CreditType.ANCC: Credits(100)}}, rules.WrongCreditType),
        ({"attested": False}, rules.AttestationMissing),
        ({"may_print": lambda text: {"陳"}}, rules.UnprintableName),
        ({"may_print": lambda text: {"陳"} if "Sarasota" in text else set()}, rules.UnprintableWords),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_the_rules_refuse_leaves_no_trace(
    app: Flask, cast: SimpleNamespace, clock: Any, told: dict[str, Any], refusal: Any
):
    made = attended(cast.ada, clock)
    with pytest.raises(refusal):
        claim(made, clock, **told)
    assert nothing_is_stored()


def test_attendance_bounds_the_claim(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock, mornings=1)
    with pytest.raises(rules.TooMuchCredit, match=r"supports up to 2\.00"):
        claim(made, clock, asked={AMA: Credits(225)})
    [code] = claim(made, clock, asked={AMA: Credits(200)})
    assert certificate(code).award.amount == Credits(200)


def test_nobody_earns_credit_for_a_session_they_teach(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    with transaction() as session:
        teacher = session.get_one(Faculty, session.get_one(Seminar, made.seminar_id).people[0].faculty_id)
        teacher.account_id = cast.ada.id
        next(each for each in session.get_one(Seminar, made.seminar_id).sessions if each.counts).faculty = [teacher]
    with pytest.raises(rules.TooMuchCredit, match=r"supports up to 3\.00"):
        claim(made, clock, asked={AMA: Credits(400)})


def test_who_registered_but_did_not_come_cannot_claim(app: Flask, cast: SimpleNamespace, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(cast.ada, held, now=clock.now)
    with pytest.raises(rules.NotAttended):
        claim(made, clock, asked={AMA: Credits(100)})


@pytest.mark.parametrize("status", ["held", "expired", "cancelled", "waitlisted"])
def test_only_a_confirmed_registration_can_claim(app: Flask, cast: SimpleNamespace, clock: Any, status: str):
    made = attended(cast.ada, clock)
    with transaction() as session:
        row = session.get_one(Registration, made.id)
        row.status, row.hold_until = status, clock.now
    with pytest.raises(rules.NotRegistered):
        claim(made, clock, asked={AMA: Credits(100)})
    assert nothing_is_stored()


def test_the_seminar_must_have_ended_and_the_window_be_open(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    ended = db.session.get_one(Seminar, made.seminar_id).ends_at
    clock.now = ended - timedelta(seconds=1)
    with pytest.raises(rules.SeminarNotEnded):
        claim(made, clock, asked={AMA: Credits(100)})
    clock.now = ended + timedelta(days=60, seconds=1)
    with pytest.raises(rules.ClaimWindowClosed):
        claim(made, clock, asked={AMA: Credits(100)})
    clock.now = ended + timedelta(days=60)
    assert claim(made, clock)


def test_a_seminar_may_have_a_window_of_its_own(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock, claim_window_days=7)
    clock.advance(days=1)
    with pytest.raises(rules.ClaimWindowClosed):
        claim(made, clock, asked={AMA: Credits(100)})


def test_the_evaluation_comes_first_where_it_is_required(app: Flask, cast: SimpleNamespace, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(cast.ada, held, now=clock.now)
    factories.attend(made, now=clock.now)
    with pytest.raises(rules.EvaluationMissing):
        claim(made, clock)
    services.submit_evaluation(made.id, ANSWERS, form_id="an-evaluation-form", now=clock.now)
    assert claim(made, clock)


def test_the_first_evaluation_stays(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    services.submit_evaluation(made.id, {"overall": 1}, form_id="a-second-thought", now=clock.now)
    assert db.session.scalars(select(Evaluation.answers)).all() == [ANSWERS]


def test_only_who_took_part_evaluates(app: Flask, cast: SimpleNamespace, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(cast.ada, held, now=clock.now)
    with pytest.raises(rules.NotAttended):
        services.submit_evaluation(made.id, ANSWERS, form_id=None, now=clock.now)
    assert count(Evaluation) == 0


def test_a_number_somebody_has_is_drawn_again(
    app: Flask, cast: SimpleNamespace, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    drawn = iter(["AAAA-AAAA-AA", "AAAA-AAAA-AA", "BBBB-BBBB-BB"])
    monkeypatch.setattr(services.issuing, "new_number", lambda: next(drawn))
    codes = claim(attended(cast.ada, clock), clock) + claim(attended(cast.nell, clock), clock)
    assert [certificate(code).number for code in codes] == ["GCMS-AAAA-AAAA-AA", "GCMS-BBBB-BBBB-BB"]


class Ink:
    """A press that prints what it is given, the same each time until told otherwise."""

    word = b"%PDF "

    def render(self, html: str) -> bytes:
        return self.word + html.encode()


def test_a_certificate_is_printed_once_and_again_the_same(app: Flask, cast: SimpleNamespace, clock: Any):
    issued = certificate(claim(attended(cast.ada, clock), clock)[0]).id
    for _ in range(2):
        services.print_certificate(issued, press=Ink(), now=clock.now)
    assert count(Document) == 1
    stored = queries.document_of(issued)
    assert stored is not None
    assert b"Ada Quillfeather" in stored.content
    assert list(invariants.breaches(now=clock.now)) == []


def test_a_certificate_that_prints_differently_is_noticed_and_the_first_stays(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    issued = certificate(claim(attended(cast.ada, clock), clock)[0]).id
    services.print_certificate(issued, press=Ink(), now=clock.now)
    forged = Ink()
    forged.word = b"%PDF forged "
    with pytest.raises(services.PrintDiffers):
        services.print_certificate(issued, press=forged, now=clock.now)
    stored = queries.document_of(issued)
    assert stored is not None
    assert not stored.content.startswith(b"%PDF forged")


def test_nothing_waits_for_the_press(app: Flask, cast: SimpleNamespace, clock: Any):
    from cme.database import is_writing

    issued = certificate(claim(attended(cast.ada, clock), clock)[0]).id

    class Watched(Ink):
        def render(self, html: str) -> bytes:
            assert not is_writing()
            assert not db.session().in_transaction()
            return super().render(html)

    services.print_certificate(issued, press=Watched(), now=clock.now)
