"""A claim grants credit and issues the certificate in one piece, or changes nothing."""

import hashlib
import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import func, select

from cme import gateways, queue, settings
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


def test_nursing_hours_have_a_certificate_that_reads_who_approved_them(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.nell, clock)
    designate(made, ancc={"extra": {"approver": "Sunshine Nurses Association"}}, aapa_1={})
    codes = claim(made, clock, kinds=[HOURS, CreditType.ANCC])
    first, nursing = (queries.snapshot_of(certificate(code)) for code in codes)
    assert (first.kind, first.granted, first.statements) == ("participation", {"participation": "4.00"}, ())
    assert "for a maximum of 4.0 AMA PRA Category 1 Credits™." in first.designation_statement
    assert (nursing.kind, nursing.heading) == ("contact", "Certificate of Contact Hours")
    assert (nursing.credit_amount, nursing.credit_unit) == ("4.00", "ANCC contact hours")
    assert "Nurses may earn 4.0 contact hours" in nursing.designation_statement
    assert "Approver: Sunshine Nurses Association." in nursing.designation_statement
    assert "AMA" not in nursing.words
    assert "accredited by the Accreditation Council" not in nursing.words


def test_what_boards_approved_is_stated_beside_the_credit(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.nell, clock)
    designate(made, aanp={"approval_number": "27041234"})
    [code] = claim(made, clock, kinds=[HOURS, CreditType.AANP])
    snapshot = queries.snapshot_of(certificate(code))
    assert snapshot.other_credits == ("4.00 AANP contact hours earned",)
    assert [said[:30] for said in snapshot.statements] == ["This activity is approved for "]
    assert snapshot.granted == {"participation": "4.00", "aanp": "4.00"}


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


def test_one_claim_brings_a_certificate_for_each_board_that_wants_its_own(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    made = attended(cast.nell, clock)
    with transaction() as session:
        session.add(Designation(seminar_id=made.seminar_id, credit_type="ancc", maximum=400, step=10))
    codes = claim(made, clock, asked={HOURS: Credits(400), CreditType.ANCC: Credits(390)})
    first, nursing = map(certificate, codes)
    assert (first.award.credit_type, nursing.award.credit_type) == ("participation", "ancc")
    assert queries.snapshot_of(first).other_credits == ()
    assert queries.snapshot_of(nursing).credit_amount == "3.90"
    assert first.number != nursing.number
    assert first.assets == nursing.assets != {}
    issued = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "issued")).all()
    assert [json.loads(each.payload)["number"] for each in issued] == [first.number, nursing.number]
    [letter] = db.session.scalars(select(Letter).where(Letter.kind == "credits/certificate"))
    for text in (letter.text, letter.html):
        assert all(f"/certificates/{code}" in text for code in codes)
        assert "3.90 ANCC contact hours" in text
    assert list(invariants.breaches(now=clock.now)) == []


def test_pharmacists_read_their_hours_as_units_too(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.nell, clock, mornings=1)
    designate(made, acpe={"step": 25})
    with transaction() as session:
        session.merge(cast.nell).certification_type = "pharmd"
    asked = {HOURS: Credits(125), CreditType.ACPE: Credits(125)}
    told = {"nabp": "1234567", "birth": "0412"}
    codes = claim(made, clock, asked=asked, identifiers=told)
    assert queries.snapshot_of(certificate(codes[1])).credit_unit == "ACPE contact hours (0.125 CEU)"


def test_topics_of_sessions_nobody_claims_are_not_on_the_certificate(app: Flask, cast: SimpleNamespace, clock: Any):
    made = attended(cast.ada, clock)
    teach(made, hiv=60)
    first = next(each for each in db.session.get_one(Seminar, made.seminar_id).sessions if each.counts)
    registration = db.session.get_one(Registration, made.id)
    key = next(each.key for each in queries.sessions_attended(registration) if each.session.id == first.id)
    [code] = claim(made, clock, asked={AMA: Credits(75)}, ticked=[key])
    assert queries.snapshot_of(certificate(code)).topic_lines == (
        "Of these, 0.75 hours on HIV and AIDS; confirm with your board.",
    )


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
    closes = ended + timedelta(days=60, hours=-1)  # the clocks went forward on March 14
    clock.now = closes + timedelta(seconds=1)
    with pytest.raises(rules.ClaimWindowClosed):
        claim(made, clock, asked={AMA: Credits(100)})
    clock.now = closes
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

    def render(self, html: str, attached: Any = ()) -> bytes:
        return self.word + html.encode()


def test_a_certificate_is_printed_once_and_again_the_same(app: Flask, cast: SimpleNamespace, clock: Any):
    issued = certificate(claim(attended(cast.ada, clock), clock)[0]).id
    for _ in range(2):
        services.print_certificate(issued, press=Ink(), issuer=gateways.issuer(), now=clock.now)
    assert count(Document) == 1
    stored = queries.document_of(issued)
    assert stored is not None
    assert b"Ada Quillfeather" in stored.content
    assert list(invariants.breaches(now=clock.now)) == []


def test_a_certificate_that_prints_differently_is_noticed_and_the_first_stays(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    issued = certificate(claim(attended(cast.ada, clock), clock)[0]).id
    services.print_certificate(issued, press=Ink(), issuer=gateways.issuer(), now=clock.now)
    forged = Ink()
    forged.word = b"%PDF forged "
    with transaction() as session:
        session.get_one(Certificate, issued).assets = {"static/img/certificate-frame-2.svg": "0" * 64}
    with pytest.raises(services.PrintDiffers, match=r"issued\. Changed since: static/img/certificate-frame-2\.svg\."):
        services.print_certificate(issued, press=forged, issuer=gateways.issuer(), now=clock.now)
    stored = queries.document_of(issued)
    assert stored is not None
    assert not stored.content.startswith(b"%PDF forged")


def test_nothing_waits_for_the_press(app: Flask, cast: SimpleNamespace, clock: Any):
    from cme.database import is_writing

    issued = certificate(claim(attended(cast.ada, clock), clock)[0]).id

    class Watched(Ink):
        def render(self, html: str, attached: Any = ()) -> bytes:
            assert not is_writing()
            assert not db.session().in_transaction()
            return super().render(html)

    services.print_certificate(issued, press=Watched(), issuer=gateways.issuer(), now=clock.now)


def test_the_credential_travels_inside_the_paper_and_the_signed_bytes_are_kept(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    issued = certificate(claim(attended(cast.ada, clock), clock)[0]).id
    inside: list[Any] = []

    class Watched(Ink):
        def render(self, html: str, attached: Any = ()) -> bytes:
            inside.extend(attached)
            return super().render(html)

    services.print_certificate(issued, press=Watched(), issuer=gateways.issuer(), now=clock.now)
    stored, printed = queries.document_of(issued), db.session.get_one(Certificate, issued)
    assert stored is not None
    assert [(each.name, each.content) for each in inside] == [("credential.jwt", printed.credential)]
    assert stored.content.endswith(b" sealed")
    assert stored.sha256 == hashlib.sha256(stored.content).hexdigest()
    assert stored.unsigned_sha256 == hashlib.sha256(stored.content.removesuffix(b" sealed")).hexdigest()
    assert stored.key_id == gateways.issuer().key_id


def test_many_are_printed_at_once_and_one_that_fails_stops_no_other(app: Flask, cast: SimpleNamespace, clock: Any):
    made = [attended(person, clock) for person in (cast.ada, cast.nell)]
    numbers = [certificate(claim(each, clock)[0]).id for each in made]

    class Some(Ink):
        size = 2

        def many(self) -> Any:
            return nullcontext(self)

        def render(self, html: str, attached: Any = ()) -> bytes:
            if "Quillfeather" in html:
                raise RuntimeError("out of ink")
            return super().render(html)

    done = {
        each.certificate_id: each.error
        for each in services.print_many(numbers, press=Some(), issuer=gateways.issuer(), now=clock.now)
    }
    assert (str(done[numbers[0]]), done[numbers[1]]) == ("out of ink", None)
    db.session.rollback()  # to see what was written meanwhile
    assert [queries.document_of(each) is not None for each in numbers] == [False, True]
