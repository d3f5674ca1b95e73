"""Corrections are new versions with a reason; what they replace stays, counts no more, and says so when verified."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cme import settings
from cme.audit import AuditEntry
from cme.catalog.models import Faculty, Seminar
from cme.credits import figures, invariants, queries, reporting, rules, services
from cme.credits.models import SUPERSEDED, TEACHING, VALID, VOID, Award, Certificate, Claim
from cme.credits.queries import desk
from cme.credits.rules import correcting as corrections
from cme.credits.services import correcting
from cme.credits.services.correcting import Correction
from cme.database import db, transaction
from cme.mail import Letter
from cme.registration.models import Attendance, Registration
from cme.values import Credits, CreditType
from tests import factories

AMA, HOURS = CreditType.AMA_PRA_1, CreditType.PARTICIPATION
MAY_PRINT: dict[str, Any] = {"may_print": lambda _: ()}


def claimed(person: Any, clock: Any, **asked: Any) -> Registration:
    """Somebody who attended two mornings, evaluated them, and claimed all of it or what is told."""
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(person, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now - timedelta(days=6))
    services.submit_evaluation(made.id, {"overall": 4}, form_id=None, now=clock.now)
    case = queries.case_of(db.session.get_one(Registration, made.id), now=clock.now)
    main = next(iter(case.limits))
    amounts = {main: asked.get("amount", case.most(main))}
    told: dict[str, Any] = {"attested": True, "address": "203.0.113.9", "form_id": None, **MAY_PRINT}
    services.claim_credit(made.id, amounts, now=clock.now, **told)
    return db.session.get_one(Registration, made.id)


def by(cast: SimpleNamespace, clock: Any, version: int = 1, why: str = corrections.CREDIT, **more: Any) -> Correction:
    """What sam corrects, and why."""
    known = {"reason": "They called", "form_id": "f" * 20, "by": cast.sam, "now": clock.now}
    return Correction(version=version, why=why, **{**known, **more})


def versions(made: Registration) -> list[tuple[int, str, int]]:
    return [(each.version, each.status, each.awards[0].credits) for each in reversed(desk.claims_of(made.id))]


def papers(made: Registration) -> list[Certificate]:
    found = select(Certificate).join(Award).join(Claim).where(Claim.registration_id == made.id)
    return list(db.session.scalars(found.order_by(Certificate.id)))


def letters(kind: str) -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.kind == f"credits/{kind}")))


def all_is_well(clock: Any) -> bool:
    return list(invariants.breaches(now=clock.now)) == []


# Amounts


def test_an_amendment_is_a_new_version_and_the_old_certificate_names_its_heir(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    made = claimed(cast.ada, clock)
    clock.advance(days=90)  # long after the time to claim
    [code] = correcting.amend(made.id, {AMA: Credits(350)}, by(cast, clock), **MAY_PRINT)
    old, new = papers(made)
    assert versions(made) == [(1, SUPERSEDED, 400), (2, VALID, 350)]
    assert (old.status, old.superseded_by, old.status_reason) == (SUPERSEDED, new.id, "The credit was corrected.")
    assert (new.status, new.code, queries.snapshot_of(new).credit_amount) == (VALID, code, "3.50")
    assert old.status_since == clock.now
    assert queries.snapshot_of(old).credit_amount == "4.00"
    assert all_is_well(clock)


def test_what_the_learner_attested_stays_theirs_and_staff_stand_by_the_correction(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    made, then = claimed(cast.ada, clock), clock.now
    clock.advance(days=3)
    correcting.amend(made.id, {AMA: Credits(350)}, by(cast, clock), **MAY_PRINT)
    kept = queries.current_claim(made.id)
    assert kept is not None
    assert (kept.attestation, kept.attested_at, kept.attested_from) == (rules.ATTESTATION, then, "203.0.113.9")
    assert (kept.made_by, kept.reason, kept.created_at) == (cast.sam.id, "They called", clock.now)


def test_the_learner_is_told_once_with_both_numbers(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    correcting.amend(made.id, {AMA: Credits(350)}, by(cast, clock), **MAY_PRINT)
    old, new = papers(made)
    [letter] = letters("claim_corrected")
    assert letter.to == "ada@example.test"
    assert old.number in letter.text
    assert new.number in letter.text
    assert "The credit was corrected." in letter.text
    assert "They called" not in letter.text
    assert len(letters("certificate")) == 1  # the first one's


@pytest.mark.parametrize(
    ("hundredths", "refusal"),
    [
        (425, rules.TooMuchCredit),
        (310, rules.NotAQuarter),
        (0, rules.NothingClaimed),
        (400, corrections.NothingToCorrect),
    ],
)
def test_staff_are_held_to_the_rules_too(app: Flask, cast: SimpleNamespace, clock: Any, hundredths: int, refusal: Any):
    made = claimed(cast.ada, clock)
    with pytest.raises(refusal):
        correcting.amend(made.id, {AMA: Credits(hundredths)}, by(cast, clock), **MAY_PRINT)
    assert versions(made) == [(1, VALID, 400)]
    assert [each.status for each in papers(made)] == [VALID]


def test_nobody_amends_above_what_attendance_supports_today(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    with transaction() as session:
        for each in session.scalars(select(Attendance).where(Attendance.registration_id == made.id)).all()[:2]:
            each.minutes = 0
    assert desk.File(db.session.get_one(Registration, made.id), clock.now).too_much == [
        (AMA, Credits(400), Credits(200))
    ]
    with pytest.raises(rules.TooMuchCredit, match=r"supports up to 2\.00"):
        correcting.amend(made.id, {AMA: Credits(225)}, by(cast, clock), **MAY_PRINT)
    correcting.amend(made.id, {AMA: Credits(200)}, by(cast, clock), **MAY_PRINT)
    assert versions(made) == [(1, SUPERSEDED, 400), (2, VALID, 200)]
    assert all_is_well(clock)


def test_a_type_the_person_cannot_hold_is_refused(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.nell, clock)
    with pytest.raises(rules.WrongCreditType):
        correcting.amend(made.id, {HOURS: Credits(200), AMA: Credits(200)}, by(cast, clock), **MAY_PRINT)


def test_the_same_form_twice_amends_once(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    first = correcting.amend(made.id, {AMA: Credits(350)}, by(cast, clock), **MAY_PRINT)
    assert correcting.amend(made.id, {AMA: Credits(350)}, by(cast, clock), **MAY_PRINT) == first
    assert len(papers(made)) == 2


def test_a_correction_without_a_form_is_nobody_else_s(app: Flask, cast: SimpleNamespace, clock: Any):
    made, other = claimed(cast.ada, clock), claimed(cast.otto, clock)
    correcting.amend(other.id, {AMA: Credits(200)}, by(cast, clock, form_id=None), **MAY_PRINT)
    assert versions(other) == [(1, SUPERSEDED, 400), (2, VALID, 200)]
    assert versions(made) == [(1, VALID, 400)]


def test_two_who_correct_at_once_do_not_overwrite_each_other(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    correcting.amend(made.id, {AMA: Credits(350)}, by(cast, clock), **MAY_PRINT)
    late = by(cast, clock, form_id="g" * 20)
    with pytest.raises(corrections.ClaimChanged):
        correcting.amend(made.id, {AMA: Credits(300)}, late, **MAY_PRINT)
    with pytest.raises(corrections.ClaimChanged):
        correcting.void(made.id, "learning", late)
    with pytest.raises(corrections.ClaimChanged):
        correcting.reissue(made.id, "Ada Q., MD", "md", late, **MAY_PRINT)
    assert versions(made) == [(1, SUPERSEDED, 400), (2, VALID, 350)]


def test_a_letter_no_font_has_stops_the_whole_correction(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    with pytest.raises(rules.UnprintableName):
        correcting.reissue(
            made.id, "Ada 🙂, MD", "md", by(cast, clock), may_print=lambda words: {"🙂"} if "🙂" in words else ()
        )
    assert versions(made) == [(1, VALID, 400)]
    assert [each.status for each in papers(made)] == [VALID]
    assert cast.ada.professional_name == "Ada Quillfeather, MD"


# Names and types


def test_a_corrected_name_gets_a_new_certificate_and_the_account_follows(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock, amount=Credits(375))
    why = by(cast, clock, why=corrections.NAME)
    correcting.reissue(made.id, "Ada M. Quillfeather, MD", "md", why, **MAY_PRINT)
    old, new = papers(made)
    assert queries.snapshot_of(old).professional_name == "Ada Quillfeather, MD"
    assert queries.snapshot_of(new).professional_name == "Ada M. Quillfeather, MD"
    assert (queries.snapshot_of(new).credit_amount, old.status_reason) == ("3.75", "The name was corrected.")
    assert db.session.get_one(type(cast.ada), cast.ada.id).professional_name == "Ada M. Quillfeather, MD"
    assert "corrected details" in db.session.scalars(select(AuditEntry.action)).all()
    assert all_is_well(clock)


def test_a_nurse_who_was_a_physician_all_along_is_awarded_the_hours_as_credit(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    made = claimed(cast.nell, clock, amount=Credits(300))
    correcting.reissue(made.id, "Nell Bracegirdle, MD", "md", by(cast, clock, why=corrections.TYPE), **MAY_PRINT)
    current = queries.current_claim(made.id)
    assert current is not None
    assert desk.amounts_of(current) == {AMA: Credits(300)}
    assert queries.snapshot_of(papers(made)[1]).kind == "credit"
    assert all_is_well(clock)


def test_a_name_corrected_takes_no_credit_away_whatever_is_offered_since(app: Flask, cast: SimpleNamespace, clock: Any):
    rita = factories.account("rita@example.test", "Rita Marlowe, MD", "resident", now=clock.now)
    made = claimed(rita, clock)
    with transaction():
        policy = replace(settings.provider(), residents_are_physicians=False)
        settings.save("provider", policy.to_json(), by=None, at=clock.now)
    settings.take(policy.to_json())
    correcting.reissue(made.id, "Rita Marlow, MD", "resident", by(cast, clock, why=corrections.NAME), **MAY_PRINT)
    current = queries.current_claim(made.id)
    assert current is not None
    assert desk.amounts_of(current) == {AMA: Credits(400)}
    assert queries.snapshot_of(papers(made)[-1]).kind == queries.snapshot_of(papers(made)[0]).kind == "credit"
    assert all_is_well(clock)


def test_nothing_is_reissued_where_nothing_differs(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    with pytest.raises(corrections.NothingToCorrect):
        correcting.reissue(made.id, "Ada Quillfeather, MD", "md", by(cast, clock), **MAY_PRINT)


# Withdrawing


def test_a_claim_withdrawn_counts_no_more_and_its_owner_learns_why(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    for _ in range(2):
        correcting.void(made.id, "learning", by(cast, clock, why=corrections.ATTENDANCE))
    [paper] = papers(made)
    assert (paper.status, paper.status_reason, paper.status_since) == (VOID, "The attendance was corrected.", clock.now)
    assert queries.current_claim(made.id) is None
    assert queries.transcript_of(cast.ada.id) == []
    [letter] = letters("claim_withdrawn")
    assert paper.number in letter.text
    assert [each.number for each in reporting.to_take_back(clock.now)] == [paper.number]
    assert all_is_well(clock)


def test_who_had_a_claim_withdrawn_cannot_claim_again_by_themselves_but_staff_can_grant_anew(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    made = claimed(cast.ada, clock)
    correcting.void(made.id, "learning", by(cast, clock))
    told: dict[str, Any] = {"attested": True, "address": "::1", "form_id": None, "now": clock.now}
    with pytest.raises(rules.ClaimWithdrawn):
        services.claim_credit(made.id, {AMA: Credits(400)}, **told, **MAY_PRINT)
    again = by(cast, clock, form_id="g" * 20)
    with pytest.raises(corrections.NothingToVoid):
        correcting.void(made.id, "learning", again)
    with pytest.raises(corrections.ClaimChanged):  # who did not see that it was withdrawn grants nothing anew
        correcting.amend(made.id, {AMA: Credits(400)}, again, **MAY_PRINT)
    correcting.amend(made.id, {AMA: Credits(400)}, replace(again, is_anew=True), **MAY_PRINT)
    assert versions(made) == [(1, VOID, 400), (2, VALID, 400)]
    assert [each.status for each in papers(made)] == [VOID, VALID]
    assert all_is_well(clock)


# Teaching


def teach(person: Any, made: Registration, *, sessions: int = 1) -> list[int]:
    """Let somebody teach the first sessions of a seminar; the first lasts 45 minutes."""
    with transaction() as session:
        seminar = session.get_one(Seminar, made.seminar_id)
        taught = [each for each in seminar.sessions if each.counts][:sessions]
        taught[0].ends_at = taught[0].starts_at + timedelta(minutes=45)
        known = session.scalar(select(Faculty).where(Faculty.account_id == person.id))
        teacher = known or session.get_one(Faculty, seminar.people[0].faculty_id)
        teacher.account_id = person.id
        for each in taught:
            each.faculty.append(teacher)
        return [each.id for each in taught]


def teaching(clock: Any, person: Any, **more: Any) -> tuple[Registration, list[int]]:
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(person, held, now=clock.now - timedelta(days=30), place="faculty")
    return db.session.get_one(Registration, made.id), teach(person, made, **more)


def test_a_talk_earns_two_credits_an_hour_beside_what_is_learned_from_the_others(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    made = claimed(cast.ada, clock, amount=Credits(200))
    [talk] = teach(cast.ada, made)
    correcting.amend(made.id, {AMA: Credits(225)}, by(cast, clock), **MAY_PRINT)  # 60 + 60 + 60 of the others
    given = by(cast, clock, version=0, form_id="t" * 20)
    correcting.give_teaching(made.id, {talk: 45}, given, **MAY_PRINT)
    taught = queries.current_claim(made.id, TEACHING)
    learned = queries.current_claim(made.id)
    assert taught is not None
    assert learned is not None
    assert desk.amounts_of(taught) == {AMA: Credits(150)}
    assert (taught.sessions, taught.attestation) == ({str(talk): 45}, corrections.TEACHING_STATEMENT)
    assert desk.amounts_of(learned) == {AMA: Credits(225)}
    assert all_is_well(clock)


def test_credit_for_teaching_leaves_what_was_learned_to_be_claimed(app: Flask, cast: SimpleNamespace, clock: Any):
    made, [talk] = teaching(clock, cast.ada)
    factories.attend(made, now=clock.now)
    correcting.give_teaching(made.id, {talk: 45}, by(cast, clock, version=0), **MAY_PRINT)
    assert queries.standing_of(made, now=clock.now).step == queries.EVALUATE
    window = timedelta(days=60)
    assert figures.claims_waiting(clock.now, window=window) == 1
    services.submit_evaluation(made.id, {"overall": 4}, form_id=None, now=clock.now)
    told: dict[str, Any] = {"attested": True, "address": "203.0.113.9", "form_id": None, **MAY_PRINT}
    [code] = services.claim_credit(made.id, {AMA: Credits(225)}, now=clock.now, **told)
    found = queries.standing_of(made, now=clock.now)
    assert (found.step, found.certificate and found.certificate.code) == (queries.CLAIMED, code)
    assert figures.claims_waiting(clock.now, window=window) == 0


def test_who_taught_and_can_claim_nothing_more_is_shown_that_certificate(app: Flask, cast: SimpleNamespace, clock: Any):
    made, [talk] = teaching(clock, cast.ada)
    [code] = correcting.give_teaching(made.id, {talk: 45}, by(cast, clock, version=0), **MAY_PRINT)
    found = queries.standing_of(made, now=clock.now)  # nobody marked that they attended anything
    assert (found.step, found.certificate and found.certificate.code) == (queries.CLAIMED, code)


def test_nobody_learns_from_their_own_talk(app: Flask, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock, amount=Credits(200))
    teach(cast.ada, made, sessions=4)
    with pytest.raises(rules.TooMuchCredit, match=r"up to 0\.00"):
        correcting.amend(made.id, {AMA: Credits(25)}, by(cast, clock), **MAY_PRINT)


def test_a_repeat_of_the_same_presentation_earns_nothing(app: Flask, cast: SimpleNamespace, clock: Any):
    first, [talk] = teaching(clock, cast.ada)
    correcting.give_teaching(first.id, {talk: 45}, by(cast, clock, version=0), **MAY_PRINT)
    second, [again] = teaching(clock, cast.ada)
    assert [each.is_repeat for each in desk.taught_by(second)] == [True]
    with pytest.raises(corrections.NotOriginal):
        correcting.give_teaching(second.id, {again: 45}, by(cast, clock, version=0, form_id="g" * 20), **MAY_PRINT)
    correcting.void(first.id, TEACHING, by(cast, clock, form_id="h" * 20))
    assert [each.is_repeat for each in desk.taught_by(second)] == [False]


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({0: 46}, rules.TooMuchCredit),
        ({0: 0}, corrections.NotTeaching),
        ({0: 3}, corrections.NotTeaching),
        ({}, corrections.NotTeaching),
    ],
)
def test_teaching_is_counted_by_the_clock(
    app: Flask, cast: SimpleNamespace, clock: Any, asked: dict[int, int], refusal: Any
):
    made, talks = teaching(clock, cast.ada)
    minutes = {talks[place]: each for place, each in asked.items()}
    with pytest.raises(refusal):
        correcting.give_teaching(made.id, minutes, by(cast, clock, version=0), **MAY_PRINT)


def test_nobody_is_credited_for_what_others_taught_nor_without_being_a_physician(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    made, [talk] = teaching(clock, cast.nell)
    other = next(each.id for each in made.seminar.sessions if each.counts and each.id != talk)
    with pytest.raises(corrections.NotTeaching):
        correcting.give_teaching(made.id, {other: 45}, by(cast, clock, version=0), **MAY_PRINT)
    with pytest.raises(corrections.NotAPhysician):
        correcting.give_teaching(made.id, {talk: 45}, by(cast, clock, version=0), **MAY_PRINT)


def test_teaching_credit_can_be_corrected_as_a_new_version(app: Flask, cast: SimpleNamespace, clock: Any):
    made, [talk] = teaching(clock, cast.ada)
    correcting.give_teaching(made.id, {talk: 45}, by(cast, clock, version=0), **MAY_PRINT)
    correcting.give_teaching(made.id, {talk: 30}, by(cast, clock, version=1, form_id="g" * 20), **MAY_PRINT)
    assert versions(made) == [(1, SUPERSEDED, 150), (2, VALID, 100)]
    with pytest.raises(corrections.ClaimChanged):
        correcting.give_teaching(made.id, {talk: 45}, by(cast, clock, version=0, form_id="h" * 20), **MAY_PRINT)
    assert all_is_well(clock)


def test_credit_for_teaching_stands_in_the_way_of_a_type_that_cannot_hold_it(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    made = claimed(cast.ada, clock, amount=Credits(200))
    [talk] = teach(cast.ada, made)
    correcting.give_teaching(made.id, {talk: 45}, by(cast, clock, version=0), **MAY_PRINT)
    with pytest.raises(corrections.StillTeaching):
        correcting.reissue(made.id, "Ada Quillfeather, PA", "pa", by(cast, clock, form_id="g" * 20), **MAY_PRINT)
    correcting.reissue(made.id, "Ada M. Quillfeather, MD", "md", by(cast, clock, form_id="h" * 20), **MAY_PRINT)
    names = [queries.snapshot_of(each).professional_name for each in papers(made) if each.status == VALID]
    assert names == ["Ada M. Quillfeather, MD"] * 2
    assert all_is_well(clock)


def test_a_name_is_corrected_where_somebody_only_taught(app: Flask, cast: SimpleNamespace, clock: Any):
    made, [talk] = teaching(clock, cast.ada)
    correcting.give_teaching(made.id, {talk: 45}, by(cast, clock, version=0), **MAY_PRINT)
    told = by(cast, clock, why=corrections.NAME, form_id="n" * 20)
    with pytest.raises(corrections.StillTeaching):
        correcting.reissue(made.id, "Ada Quillfeather, PA", "pa", told, **MAY_PRINT)
    [code] = correcting.reissue(made.id, "Ada Quillfether, MD", "md", told, **MAY_PRINT)
    paper = queries.certificate_by_code(code)
    assert paper is not None
    assert queries.snapshot_of(paper).professional_name == "Ada Quillfether, MD"
    assert [(each.kind, each.status) for each in desk.claims_of(made.id)] == [(TEACHING, VALID), (TEACHING, SUPERSEDED)]
    assert all_is_well(clock)


def test_staff_say_who_somebody_is_among_the_faculty(app: Flask, cast: SimpleNamespace, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(cast.ada, held, now=clock.now - timedelta(days=30))
    with transaction() as session:
        seminar = session.get_one(Seminar, held.id)
        teacher = session.get_one(Faculty, seminar.people[0].faculty_id)
        seminar.sessions[0].faculty.append(teacher)
    registration = db.session.get_one(Registration, made.id)
    assert [each.id for each in desk.could_be(registration)] == [teacher.id]
    assert desk.teachers_waiting(clock.now) == []
    correcting.link_teacher(made.id, teacher.id, by=cast.sam, now=clock.now)
    assert [each.title for each in desk.taught_by(registration)] == ["Morning 1, first hour"]
    assert [each.id for each in desk.teachers_waiting(clock.now)] == [made.id]
    with pytest.raises(corrections.NotTeaching):
        correcting.link_teacher(made.id, teacher.id, by=cast.sam, now=clock.now)
