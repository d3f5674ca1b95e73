"""Joining, signing in and out, forgotten passwords, Account Details."""

from typing import Any

from flask import Blueprint, Flask, flash, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user

from cme import gateways
from cme.access import learners_only, public, wants_fragment
from cme.accounts import kept, queries, rules, services
from cme.accounts.forms import ChangePasswordForm, ForgotForm, JoinForm, NewPasswordForm, SignInForm, details_form
from cme.accounts.models import Account
from cme.errors import Refusal
from cme.gateways.letters import missing_letters
from cme.pages import page, safe_next, this_page

bp = Blueprint("accounts", __name__)


def here() -> str:
    """The address the request came from."""
    return request.remote_addr or "unknown"


def way_back() -> str | None:
    """The page of ours somebody was on the way to."""
    return safe_next(request.args.get("next"))


def home_of(person: Account) -> str:
    """Where a person goes who was on the way to nowhere else."""
    return url_for("home.admin" if person.may("dashboard") else "home.my")


def welcome(sign_in_id: str, *, keep: bool = False) -> Account:
    """Give the browser a fresh session that holds the id of the new sign-in, and nothing of the old one."""
    now = gateways.clock()
    if current_user.is_authenticated:
        services.sign_out(current_user.sign_in_id, now=now)
    session.clear()
    g.pop("csrf_token", None)  # the old session's; a form on this answer needs one of the new
    account = queries.signed_in(sign_in_id, now=now)
    if account is None:  # disabled in this very moment
        raise rules.WrongSignIn
    login_user(account)
    for fact in ("_fresh", "_id"):  # Flask-Login's own guesses at the browser; the row in the database knows better
        session.pop(fact)
    if keep:
        session.permanent = True
    return account


@bp.route("/join", methods=["GET", "POST"])
@public
def join() -> Any:
    """Ask for an account; whoever has one already learns it by letter only."""
    if current_user.is_authenticated:
        return redirect(way_back() or home_of(current_user), 303)
    form = JoinForm()
    if form.validate_on_submit():
        email, password, form_id = form.email.data, form.password.data, form.form_id.data
        try:
            services.ask_to_join(
                email, password, form_id=form_id, address=here(), now=gateways.clock(), next_path=way_back()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return page("accounts/check_mail.html", email=email, again=url_for(".join"))
    return page("accounts/join.html", form=form, next=way_back())


@bp.route("/verify-email/<token>", methods=["GET", "POST"])
@public
def verify_email(token: str) -> Any:
    """Finish joining: opening the page changes nothing, its button does."""
    now = gateways.clock()
    link = queries.link("join", token)
    if link is not None and link.account_id and current_user.is_authenticated and link.account_id == current_user.id:
        return redirect(url_for(".details"), 303)  # the second of two tabs
    if link is None or not link.is_open(now):
        return page("accounts/link_spent.html", status=404 if link is None else 410, purpose="join")
    if request.method == "GET":
        return page("accounts/verify_email.html", email=link.email)
    try:
        joined = services.finish_joining(token, now=now)
    except Refusal as refusal:
        return page("accounts/link_spent.html", status=refusal.status, purpose="join")
    welcome(services.open_sign_in(joined.account_id, user_agent=request.user_agent.string, now=now))
    flash("Your account is ready", "ok")
    return redirect(safe_next(joined.next_path) or url_for(".details"), 303)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    """Let a person in, and on to the page they were on the way to."""
    if current_user.is_authenticated:
        return redirect(way_back() or home_of(current_user), 303)
    form = SignInForm()
    if form.validate_on_submit():
        keep, agent = form.keep.data, request.user_agent.string
        try:
            sign_in_id = services.sign_in(
                form.email.data, form.password.data, keep=keep, user_agent=agent, address=here(), now=gateways.clock()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            person = welcome(sign_in_id, keep=keep)
            back = way_back() or home_of(person)
            words = kept.unseal(form.kept.data, person.id, now=gateways.clock())
            if words is not None and safe_next(words.path):
                return page("accounts/kept_words.html", words=words, back=back)
            return redirect(back, 303)
    return page("accounts/sign_in.html", form=form, next=way_back())


@bp.route("/sign-out", methods=["POST"])
@public
def sign_out() -> Any:
    """End the sign-in, here and for every copy of its cookie."""
    if current_user.is_authenticated:
        services.sign_out(current_user.sign_in_id, now=gateways.clock())
        logout_user()
    session.clear()
    flash("You have signed out", "ok")
    return redirect(url_for(".sign_in"), 303)


@bp.route("/forgot-password", methods=["GET", "POST"])
@public
def forgot_password() -> Any:
    """Ask for a link to a new password; the answer is the same for every address."""
    form = ForgotForm()
    if form.validate_on_submit():
        email, form_id = form.email.data, form.form_id.data
        try:
            services.ask_for_reset(email, form_id=form_id, address=here(), now=gateways.clock())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return page("accounts/check_mail.html", email=email, again=url_for(".forgot_password"))
    return page("accounts/forgot_password.html", form=form)


@bp.route("/reset-password/<token>", methods=["GET", "POST"])
@public
def reset_password(token: str) -> Any:
    """Choose a new password by the link of a letter."""
    now = gateways.clock()
    link = queries.link("reset", token)
    owner = queries.owner_of(link) if link is not None and link.is_open(now) else None
    if owner is None:
        return page("accounts/link_spent.html", status=404 if link is None else 410, purpose="reset")
    form = NewPasswordForm(owner.email)
    if form.validate_on_submit():
        try:
            services.reset_password(token, form.password.data, now=now)
        except Refusal as refusal:
            return page("accounts/link_spent.html", status=refusal.status, purpose="reset")
        flash("Your password was changed. Sign in with the new one.", "ok")
        return redirect(url_for(".sign_in"), 303)
    return page("accounts/reset_password.html", form=form, email=owner.email)


@bp.route("/account", methods=["GET", "POST"])
@learners_only
def details() -> Any:
    """Account Details, and back to the claim that asked for them."""
    form = details_form(current_user, queries.identifiers_of(current_user.id), missing_letters=missing_letters)
    if form.validate_on_submit():
        services.save_details(
            current_user.id,
            professional_name=form.professional_name.data,
            certification_type=form.certification_type.data,
            specialty=form.specialty.data,
            phone=form.phone.data,
            now=gateways.clock(),
        )
        if form.numbers:
            services.save_identifiers(current_user.id, form.numbers, now=gateways.clock())
        flash("Changes saved", "ok")
        for warning in rules.name_warnings(form.professional_name.data) if way_back() else []:
            flash(warning, "warn")
        return redirect(way_back() or url_for(".details"), 303)
    warnings = [] if form.is_submitted() else rules.name_warnings(current_user.professional_name)
    return page("accounts/details.html", form=form, next=way_back(), warnings=warnings)


@bp.route("/account/security", methods=["GET", "POST"])
@learners_only
def security() -> Any:
    """The password, and the browsers that are signed in."""
    now, mine = gateways.clock(), current_user.sign_in_id
    if "end_others" in request.form:
        ended = services.end_other_sign_ins(current_user.id, mine, now=now)
        flash(f"Signed out everywhere else: {ended}" if ended else "You were signed in nowhere else", "ok")
        return redirect(url_for(".security"), 303)
    form = ChangePasswordForm(current_user.email)
    if form.validate_on_submit():
        account_id, old, new = current_user.id, form.current.data, form.password.data
        try:
            services.change_password(account_id, old, new, sign_in_id=mine, address=here(), now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Your password was changed. Every other browser is signed out.", "ok")
            return redirect(url_for(".security"), 303)
    sign_ins = queries.sign_ins_of(current_user.id, now=now)
    this_one = queries.hash_of(mine)
    return page("accounts/security.html", form=form, sign_ins=sign_ins, this_one=this_one, device=rules.device)


def ask_to_sign_in() -> Any:
    """Send a stranger to the sign-in page, and from there back to what they wanted to see.

    Whoever sent a form after their sign-in had ended gets the sign-in page at once, with what they typed sealed in it.
    """
    words = _unsent_words()
    if words is None:
        return redirect(url_for("accounts.sign_in", next=this_page()), 303)
    form = SignInForm(formdata=None, kept=kept.seal(words))
    return *page("accounts/sign_in.html", 401, form=form, next=this_page()), {"Cache-Control": "no-store"}


def _unsent_words() -> kept.Words | None:
    """What the sent form says, if a page sent it, it is not too long, and it is known whose it is."""
    size, path = request.content_length or 0, safe_next(request.full_path.rstrip("?"))
    if request.mimetype != "application/x-www-form-urlencoded" or wants_fragment() or not path:
        return None
    fields = kept.typed(request.form)
    account_id = queries.whose_sign_in(session.get("_user_id", ""))
    if not fields or not 0 < size <= kept.MOST or account_id is None:
        return None
    return kept.Words(account_id, gateways.clock().timestamp(), path, fields)


def notice_presence() -> None:
    """Keep a sign-in alive while its person is here."""
    if request.endpoint != "static" and "_user_id" in session and current_user.is_authenticated:
        services.notice(current_user.sign_in_id, current_user.last_seen_at, now=gateways.clock())


def init_app(app: Flask) -> None:
    """Teach the application who is signed in."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(lambda sign_in_id: queries.signed_in(sign_in_id, now=gateways.clock()))
    manager.unauthorized_handler(ask_to_sign_in)
    app.before_request(notice_presence)
