"""One person's attendance, session by session, and its correction with a reason."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.errors import Refusal
from cme.fields import blame
from cme.pages import page
from cme.registration import presence
from cme.registration.admin.blueprint import bp
from cme.registration.dossier import registration_by_ref
from cme.registration.earned import beyond_attendance
from cme.registration.forms.attendance import correction_form
from cme.registration.forms.staffing import whole
from cme.registration.services.attendance import correct


@bp.route("/admin/registrations/<ref>/attendance", methods=["GET", "POST"])
@staff_only("attendance")
def corrections(ref: str) -> Any:
    """Show what somebody attended and how we know, and correct it."""
    registration = registration_by_ref(ref) or abort(404)
    lines = presence.lines_of(registration)
    form = correction_form(lines)
    if form.validate_on_submit() and _is_told_why(form, lines):
        minutes = {each.session.id: form.minutes_of(each.number).data or 0 for each in lines}
        shown = {each.session.id: whole(form[f"shown_{each.number}"].data) for each in lines}
        why: dict[str, Any] = {"shown": shown, "reason": form.reason.data or ""}
        try:
            changed = correct(registration.id, minutes, **why, by=current_user, now=gateways.clock())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Written down: {changed} {'session' if changed == 1 else 'sessions'}", "ok")
            return redirect(url_for(".corrections", ref=ref), 303)
        registration = registration_by_ref(ref) or abort(404)
        lines = presence.lines_of(registration)
    changes = presence.changes_of(registration.id)
    names = presence.names_of({each.changed_by for each in changes if each.changed_by})
    words: dict[str, Any] = {"registration": registration, "lines": lines, "changes": changes, "names": names}
    words["beyond"] = beyond_attendance(registration.id, now=gateways.clock())
    return page("registration/admin/corrections.html", form=form, **words)


def _is_told_why(form: Any, lines: list[presence.Line]) -> bool:
    """Whether minutes on file keep standing, or a reason is given for changing them."""
    changed = any(each.attendance and form.minutes_of(each.number).data != each.minutes for each in lines)
    if changed and not form.reason.data:
        blame(form.reason, "Say why minutes on file change")
        return False
    return True
