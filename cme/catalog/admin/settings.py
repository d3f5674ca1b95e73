"""The provider's settings and texts, for staff."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways, settings
from cme.access import staff_only
from cme.catalog import desk, services, texts
from cme.catalog.admin.blueprint import bp
from cme.catalog.admin.versions import version_of
from cme.catalog.forms import ProviderForm, TextForm
from cme.errors import Refusal
from cme.pages import page


@bp.route("/admin/settings", methods=["GET", "POST"], endpoint="settings")
@staff_only("settings")
def settings_page() -> Any:
    """Change how the provider introduces itself, its policies, and the texts for everybody."""
    key = request.args.get("text", "")
    if key:
        return _text(key if key in texts.FIRST else abort(404))
    current = settings.current("provider")
    before = settings.provider()
    form = ProviderForm(data=ProviderForm.shown(before, current.version if current else 0))
    if request.method == "GET":
        form.policy.form.steps.add(1)
    if request.method == "POST" and not _wants_step(form) and form.validate():
        try:
            services.save_provider(
                form.provider(before), version=version_of(form), by=current_user, now=gateways.clock()
            )
        except Refusal as refusal:
            form.refuse(refusal)
            form.version.data = str(current.version if current else 0)
        else:
            flash("Saved. The new settings hold from now on.", "success")
            return redirect(url_for(".settings"), 303)
    saved = {key: settings.text(key) for key in texts.FIRST}
    return page("catalog/admin/settings.html", form=form, texts=saved, versions=desk.versions("provider"))


def _wants_step(form: ProviderForm) -> bool:
    if request.form.get("more") == "steps":
        form.policy.form.steps.add_asked(1)
        return True
    return False


def _text(key: str) -> Any:
    current = settings.text(key)
    title, body = (current.title, current.body) if current else texts.FIRST[key]
    version = current.version if current else 0
    form = TextForm(data={"version": version, "title": title, "body": body})
    if form.validate_on_submit():
        try:
            services.save_text(
                key,
                form.title.data,
                form.body.data,
                version=version_of(form),
                by=current_user,
                now=gateways.clock(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
            form.version.data = str(version)
        else:
            flash("Saved. Everybody reads the new version from now on.", "success")
            return redirect(url_for(".settings"), 303)
    versions = desk.versions(f"text:{key}")
    old = next((setting for setting, _ in versions if str(setting.version) == request.args.get("version")), None)
    return page("catalog/admin/text.html", form=form, key=key, current=current, versions=versions, old=old)
