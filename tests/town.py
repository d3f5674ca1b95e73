"""A small town for tests that walk every street: one row of each kind, and an address for each endpoint."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from cme import gateways
from cme.accounts import services as accounts
from cme.catalog import services as catalog
from cme.catalog.models import DRAFT, Faculty
from cme.catalog.services import faculty as disclosures
from cme.credits import services as credits
from cme.credits.models import Certificate, FollowUp
from cme.credits.services import transcripts
from cme.credits.services.bulk import start_run
from cme.database import db, lock, transaction
from cme.mail import Letter
from cme.registration import checkout
from cme.registration import services as desk
from cme.registration.checkout.refunds import MANUAL
from cme.registration.models import PAID, LedgerEntry, Payment, Registration
from cme.registration.rules.asking import USUAL
from cme.registration.services import papers, webinar_logs
from cme.registration.services.codes import CodeValues
from cme.values import Credits, CreditType, Policy
from tests import factories
from tests.credits import on_demand

LOG = b"Email,Name,Join time,Leave time\nada@example.test,Ada,2027-02-21 13:00,2027-02-21 14:00\n"


def build(cast: SimpleNamespace, clock: Any) -> SimpleNamespace:
    """Let ada register, pay, attend and claim, each at a seminar of its own, and somebody ask for letters."""
    now = clock.now
    ahead, paying, coming = (factories.seminar(now=now, slug=slug) for slug in ("ahead", "paying", "coming"))
    past, heard, earned = (factories.seminar(now=now, slug=each, starts_in=-8) for each in ("past", "heard", "earned"))
    draft = factories.seminar(now=now, slug="draft", status=DRAFT)
    course = on_demand.activity(cast, now=now, slug="course", questions=2)
    on_demand.record(cast, course, now=now)
    taking = factories.registration(cast.ada, course, now=now)
    due = paying.offerings[0].tiers[0].amount_minor
    full, waiting, freed = (factories.seminar(now=now, slug=slug, capacity=1) for slug in ("full", "waiting", "freed"))
    for each in (full, waiting):
        factories.registration(cast.otto, each, now=now)
    waits = factories.registration(cast.ada, waiting, now=now, status="waitlisted")
    until = now + timedelta(hours=24)
    offered = factories.registration(cast.ada, freed, now=now, status="offered", offer_until=until)
    held = factories.registration(cast.ada, paying, now=now, status="held", amount_due_minor=due)
    coming_to = factories.registration(cast.ada, coming, now=now)
    attended = factories.registration(cast.ada, past, now=now - timedelta(days=30))
    evaluated = factories.registration(cast.ada, heard, now=now - timedelta(days=30))
    claimed = factories.registration(cast.ada, earned, now=now - timedelta(days=30))
    for each in (attended, evaluated, claimed):
        factories.attend(each, now=now)
    checkout.start(held.id, shown_minor=due, form_id=None, payments=gateways.stripe(), now=now)
    for each in (evaluated, claimed):
        credits.submit_evaluation(each.id, {"overall": 5}, form_id=None, now=now)
    [code] = credits.claim_credit(
        claimed.id,
        {CreditType.AMA_PRA_1: Credits(200)},
        attested=True,
        address="127.0.0.1",
        form_id=None,
        now=now,
        may_print=lambda _: (),
    )
    values = CodeValues(percent=20)
    code_of_ours = desk.add_code("SPRING", values, form_id=None, by=cast.sam, now=now)
    question = desk.add_question(coming.id, USUAL[0], form_id=None, by=cast.sam, now=now)
    offered_on = factories.registration(cast.otto, ahead, now=now, policy=Policy().to_json())
    desk.ask_colleague(offered_on.id, "colleague@example.test", by=cast.otto, now=now)
    pay_by_check(cast.ada, factories.seminar(now=now, slug="changing", modes=("in-person", "livestream")), now=now)
    paper = papers.invite(coming_to.id, "ADA", "Portugal", by=cast.ada, now=now, may_print=lambda _: ())
    article = factories.article(now=now)
    half_written = factories.article(now=now, slug="half-written", status=DRAFT)
    slides = factories.handout(coming, now=now)
    accounts.ask_to_join("new@example.test", "otter granite teapot", form_id="j" * 20, address="::1", now=now)
    with transaction() as session:
        teacher = session.get_one(Faculty, ahead.people[0].faculty_id)
        teacher.email = "teacher@example.test"
        session.add(FollowUp(registration_id=evaluated.id, asked_at=now))
    disclosures.ask_to_disclose(teacher.id, form_id="d" * 20, by=cast.sam, now=now)
    accounts.ask_for_reset(cast.otto.email, form_id="r" * 20, address="::1", now=now)
    more = {"title": "Slides", "file_name": "slides.pdf", "content": b"%PDF-1.7", "by": cast.sam, "form_id": None}
    handout = catalog.add_handout(draft.id, **more, now=now)
    log = webinar_logs.read_log(past.id, LOG, file_name="log.csv", zone="UTC", by=cast.sam, form_id=None, now=now)
    own = add_to_transcript(cast.ada, now=now)
    run = start_run(earned.id, again=True, form_id=None, by=cast.sam, now=now)
    return SimpleNamespace(
        earned=earned.slug,
        external=own.external,
        goal=own.goal,
        run=run,
        log=log,
        handout=handout.ref,
        paper=paper,
        ahead=ahead.slug,
        draft=draft.slug,
        course=course.slug,
        taking=taking.ref,
        past=past.slug,
        heard=heard.slug,
        article=article.slug,
        teacher=teacher.slug,
        disclosure=link_in("catalog/disclosure_asked"),
        half_written=half_written.slug,
        shelf=article.category.slug,
        slides=slides.ref,
        promo=code_of_ours,
        asking=coming.slug,
        question=question,
        full=full.slug,
        waits=waits.ref,
        offered=offered.ref,
        held=held.ref,
        coming=coming_to.ref,
        attended=attended.ref,
        evaluated=evaluated.ref,
        claimed=claimed.ref,
        code=code,
        number=db.session.scalars(select(Certificate.number)).one(),
        session_id=db.session.scalars(select(Payment.session_id).where(Payment.session_id.is_not(None))).one(),
        join=link_in("accounts/join"),
        reset=link_in("accounts/reset"),
        handed_on=link_in("registration/substitute_asked"),
        letter=str(db.session.scalars(select(Letter.id).order_by(Letter.id)).first()),
    )


def pay_by_check(person: Any, at: Any, *, now: datetime) -> None:
    """Let somebody have a place with all that can be changed about it: paid for, with a receipt and a policy."""
    due = at.offerings[0].tiers[0].amount_minor
    place = factories.registration(person, at, now=now, amount_due_minor=due, policy=Policy().to_json())
    with transaction() as session:
        facts: dict[str, Any] = {"amount_minor": due, "currency": "USD", "mode": MANUAL}
        payment = Payment(registration_id=place.id, attempt_no=1, status=PAID, means="check", paid_at=now, **facts)
        payment.created_at = now
        session.add(payment)
        session.flush()
        entry = {"kind": "charge", "stripe_id": f"check:{payment.id}", "at": now, "recorded_at": now}
        session.add(LedgerEntry(payment_id=payment.id, **entry, **facts))
        papers.issue_receipt(lock(Registration, place.id), payment, now=now)


def add_to_transcript(person: Any, *, now: datetime) -> SimpleNamespace:
    """Let somebody enter credit from elsewhere, and a goal."""
    credit = transcripts.ExternalValues("Stroke Care Weekend", now.date(), "ama-pra-1", 775)
    aim = transcripts.GoalValues("Florida licence", now.date() + timedelta(days=300), 4000)
    entered = transcripts.add_external(person.id, credit, form_id=None, now=now, may_print=lambda _: ())
    return SimpleNamespace(external=entered, goal=transcripts.add_goal(person.id, aim, form_id=None, now=now))


def link_in(kind: str) -> str:
    """The token in the latest letter of a kind."""
    text = db.session.scalars(select(Letter.text).where(Letter.kind == kind).order_by(Letter.id.desc())).first() or ""
    return next(word for word in text.split() if word.startswith("http")).rsplit("/", 1)[1]


def addresses(town: SimpleNamespace) -> dict[str, str]:
    """One address of each endpoint that takes something from its path; of ada's things where they are somebody's."""
    return {
        "static": "/static/js/app.js",
        "home.letter": f"/admin/letters/{town.letter}",
        "home.letter_sample": "/admin/letters/samples/registration/confirmed",
        "home.letter_retry": f"/admin/letters/{town.letter}/retry",
        "accounts.verify_email": f"/verify-email/{town.join}",
        "accounts.reset_password": f"/reset-password/{town.reset}",
        "catalog.seminar": f"/seminars/{town.ahead}",
        "catalog.seminar_calendar": f"/seminars/{town.ahead}.ics",
        "catalog.share_image": f"/seminars/{town.ahead}/share.png",
        "catalog.article": f"/articles/{town.article}",
        "catalog.category": f"/articles/category/{town.shelf}",
        "catalog_admin.edit_article": f"/admin/articles/{town.half_written}",
        "catalog_admin.preview_article": f"/admin/articles/{town.half_written}/preview",
        "catalog_admin.publish_article": f"/admin/articles/{town.half_written}/publish",
        "catalog_admin.withdraw_article": f"/admin/articles/{town.half_written}/withdraw",
        "catalog_admin.credit": f"/admin/seminars/{town.ahead}/credit",
        "catalog_admin.duplicate": f"/admin/seminars/{town.ahead}/duplicate",
        "catalog_admin.handouts": f"/admin/seminars/{town.draft}/handouts",
        "catalog_admin.remove_handout": f"/admin/seminars/{town.draft}/handouts/{town.handout}/remove",
        "catalog.faculty": f"/faculty/{town.teacher}",
        "catalog.disclose": f"/disclosures/{town.disclosure}",
        "catalog_admin.person": f"/admin/faculty/{town.teacher}",
        "catalog_admin.decide": f"/admin/faculty/{town.teacher}/decide",
        "catalog_admin.ask": f"/admin/faculty/{town.teacher}/ask",
        "catalog_admin.edit": f"/admin/seminars/{town.draft}",
        "catalog_admin.publish": f"/admin/seminars/{town.draft}/publish",
        "catalog_admin.withdraw": f"/admin/seminars/{town.draft}/withdraw",
        "registration.register": f"/seminars/{town.ahead}/register",
        "registration.show": f"/registrations/{town.coming}",
        "registration.handout": f"/registrations/{town.coming}/handouts/{town.slides}",
        "registration.checkout": f"/registrations/{town.held}/checkout",
        "registration.thanks": f"/registrations/{town.held}/thanks?session_id={town.session_id}",
        "registration.cancel": f"/registrations/{town.held}/cancel",
        "registration.receipt": f"/registrations/{town.coming}/receipt.pdf",
        "registration.paper": f"/registrations/{town.coming}/papers/{town.paper}.pdf",
        "registration.invitation": f"/registrations/{town.coming}/invitation",
        "registration.invitation_pdf": f"/registrations/{town.coming}/invitation.pdf",
        "registration.pre_approval": f"/seminars/{town.ahead}/pre-approval.pdf",
        "registration_admin.paper": f"/admin/registrations/{town.coming}/papers/{town.paper}.pdf",
        "registration.change": f"/registrations/{town.coming}/change",
        "registration.cancel_seat": f"/registrations/{town.coming}/change/cancel",
        "registration.put_on_hold": f"/registrations/{town.coming}/change/hold",
        "registration.code": f"/registrations/{town.held}/code",
        "registration.answers": f"/registrations/{town.coming}/answers",
        "registration_admin.edit_code": f"/admin/codes/{town.promo}",
        "registration_admin.switch_code": f"/admin/codes/{town.promo}/switch",
        "registration_admin.questions": f"/admin/seminars/{town.ahead}/questions",
        "registration_admin.order_questions": f"/admin/seminars/{town.ahead}/questions/order",
        "registration_admin.edit_question": f"/admin/seminars/{town.asking}/questions/{town.question}",
        "registration_admin.roster_csv": f"/admin/seminars/{town.past}/roster.csv",
        "registration.join_waitlist": f"/seminars/{town.full}/waitlist",
        "registration.leave_waitlist": f"/registrations/{town.waits}/waitlist",
        "registration.offer": f"/registrations/{town.offered}/offer",
        "registration_admin.waitlist": f"/admin/seminars/{town.ahead}/waitlist",
        "registration_admin.call_off": f"/admin/seminars/{town.ahead}/cancel",
        "registration.transfer": f"/registrations/{town.coming}/change/transfer",
        "registration.switch": f"/registrations/{town.coming}/change/switch",
        "registration.substitute": f"/registrations/{town.coming}/change/substitute",
        "registration.withdraw_substitute": f"/registrations/{town.coming}/change/substitute/withdraw",
        "registration.take_over": f"/substitutions/{town.handed_on}",
        "registration.by_invoice": f"/registrations/{town.held}/invoice",
        "registration_admin.registration": f"/admin/registrations/{town.coming}",
        "registration_admin.refund": f"/admin/registrations/{town.coming}/refund",
        "registration_admin.cancel": f"/admin/registrations/{town.coming}/cancel",
        "registration_admin.waive": f"/admin/registrations/{town.coming}/waive",
        "registration_admin.credit": f"/admin/registrations/{town.coming}/credit",
        "registration_admin.note": f"/admin/registrations/{town.coming}/note",
        "registration_admin.money": f"/admin/registrations/{town.coming}/money",
        "registration_admin.decide": f"/admin/registrations/{town.coming}/decide",
        "registration_admin.sent": f"/admin/registrations/{town.coming}/sent",
        "registration_admin.keep": f"/admin/registrations/{town.coming}/keep",
        "registration_admin.give_place": f"/admin/seminars/{town.past}/places/new",
        "registration_admin.roster": f"/admin/seminars/{town.past}/roster",
        "registration_admin.attendance": f"/admin/seminars/{town.past}/attendance",
        "registration_admin.door": f"/admin/seminars/{town.past}/check-in",
        "registration_admin.badge": f"/admin/check-in/{town.attended}",
        "registration_admin.session_code": f"/admin/seminars/{town.past}/sessions/1/code",
        "registration_admin.badges": f"/admin/seminars/{town.past}/badges",
        "registration_admin.sign_in_sheet": f"/admin/seminars/{town.past}/sign-in-sheet",
        "registration_admin.sheet": f"/admin/seminars/{town.past}/sessions/1/sheet",
        "registration_admin.webinar_log": f"/admin/seminars/{town.past}/attendance/import",
        "registration_admin.webinar_log_found": f"/admin/seminars/{town.past}/attendance/import/{town.log}",
        "registration_admin.corrections": f"/admin/registrations/{town.attended}/attendance",
        "credits.evaluation": f"/registrations/{town.attended}/evaluation",
        "credits.evaluation_draft": f"/registrations/{town.attended}/evaluation/draft",
        "credits.rate": f"/registrations/{town.attended}/sessions",
        "credits.follow_up": f"/registrations/{town.evaluated}/follow-up",
        "credits.watch": f"/registrations/{town.taking}/watch",
        "credits.recording": f"/registrations/{town.taking}/watch/1",
        "credits.begin_watching": f"/registrations/{town.taking}/watch/1/begin",
        "credits.watch_progress": f"/registrations/{town.taking}/watch/1/progress",
        "credits.assessment": f"/registrations/{town.taking}/assessment",
        "credits.assessment_answers": f"/registrations/{town.taking}/assessment/answers",
        "credits_admin.assessment": f"/admin/seminars/{town.course}/assessment",
        "credits_admin.new_bank_question": f"/admin/seminars/{town.course}/assessment/new",
        "credits_admin.import_bank": f"/admin/seminars/{town.course}/assessment/import",
        "credits_admin.move_bank_question": f"/admin/seminars/{town.course}/assessment/order",
        "credits_admin.bank_question": f"/admin/seminars/{town.course}/assessment/1",
        "credits_admin.recordings": f"/admin/seminars/{town.course}/recordings",
        "credits.claim": f"/registrations/{town.evaluated}/claim",
        "credits_admin.questionnaire": f"/admin/seminars/{town.past}/evaluation",
        "credits_admin.arrange_questionnaire": f"/admin/seminars/{town.past}/evaluation/arrange",
        "credits_admin.edit_evaluation_question": f"/admin/seminars/{town.past}/evaluation/questions/overall",
        "credits_admin.preview_questionnaire": f"/admin/seminars/{town.past}/evaluation/preview",
        "credits_admin.evaluation_report": f"/admin/evaluations/{town.heard}",
        "credits_admin.evaluation_csv": f"/admin/evaluations/{town.heard}.csv",
        "credits_admin.speaker_report": f"/admin/evaluations/faculty/{town.teacher}",
        "credits.claim_deadline": f"/registrations/{town.evaluated}/claim/deadline.ics",
        "credits.extension": f"/registrations/{town.attended}/claim/extension",
        "credits_admin.claim": f"/admin/claims/{town.claimed}",
        "credits_admin.amend": f"/admin/claims/{town.claimed}/amend",
        "credits_admin.reissue": f"/admin/claims/{town.claimed}/reissue",
        "credits_admin.void": f"/admin/claims/{town.claimed}/void",
        "credits_admin.teaching": f"/admin/claims/{town.claimed}/teaching",
        "credits_admin.teacher": f"/admin/claims/{town.claimed}/teacher",
        "credits_admin.decide_extension": f"/admin/claims/{town.claimed}/extension",
        "credits.certificate": f"/certificates/{town.code}",
        "credits.certificate_pdf": f"/certificates/{town.code}.pdf",
        "credits.certificate_json": f"/certificates/{town.code}.json",
        "credits.status_list": "/credentials/status/0",
        "credits.verify": f"/verify/{town.code}",
        "credits.external": f"/transcript/elsewhere/{town.external}",
        "credits.remove_external": f"/transcript/elsewhere/{town.external}/remove",
        "credits.goal": f"/transcript/goals/{town.goal}",
        "credits.remove_goal": f"/transcript/goals/{town.goal}/remove",
        "credits_admin.certificates": f"/admin/seminars/{town.earned}/certificates",
        "credits_admin.certificates_zip": f"/admin/seminars/{town.earned}/certificates.zip",
        "credits_admin.print_run": f"/admin/seminars/{town.earned}/certificates/runs/{town.run}",
        "credits_admin.unclaimed": f"/admin/seminars/{town.earned}/unclaimed",
    }


def streets(app: Any, town: SimpleNamespace) -> list[tuple[str, str, str]]:
    """Every endpoint with its methods and its address."""
    known = addresses(town)
    return [
        (rule.endpoint, method, known.get(rule.endpoint) or rule.rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]
