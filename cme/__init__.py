"""CME seminars: who, what is offered, who is going, what was earned."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect

from cme import access, assets, cli, database, gateways, page_cache, pages
from cme.gateways import Gateways

ROOT = Path(__file__).parent.parent
csrf = CSRFProtect()


def create_app(config: Any, neighbours: Gateways) -> Flask:
    """Make the application: settings and neighbours come in, everything else is here, in reading order."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.from_mapping(config.flask_settings())
    app.config["CME_ENV"] = config.env
    app.config["PUBLIC_URL"] = config.public_url
    app.config["PAYMENTS_MODE"] = config.payments_mode
    app.config["STRIPE_API_BASE"] = config.stripe_api_base
    app.config["STRIPE_WEBHOOK_SECRETS"] = config.stripe_webhook_secrets
    app.config["INSTALLATION"] = config.installation
    app.config["MAIL_URL"] = config.mail_url
    app.extensions["gateways"] = neighbours

    database.init_app(app)
    csrf.init_app(app)
    assets.init_app(app)
    pages.init_app(app)
    page_cache.init_app(app)
    _open_rooms(app)
    cli.init_app(app)
    return app


def _open_rooms(app: Flask) -> None:
    from cme import error_pages, home
    from cme.accounts import admin as accounts_admin
    from cme.accounts import views as accounts
    from cme.catalog import admin as catalog_admin
    from cme.catalog import further
    from cme.catalog import views as catalog
    from cme.credits import admin as credits_admin
    from cme.credits import queries as credits_queries
    from cme.credits import views as credits
    from cme.credits.queries.beyond import beyond_attendance
    from cme.credits.services.copying import copy_questions
    from cme.registration import admin as registration_admin
    from cme.registration import earned
    from cme.registration import views as registration

    accounts.init_app(app)
    for room in (home, accounts, accounts_admin, catalog, catalog_admin, registration, registration_admin, credits):
        app.register_blueprint(room.bp)
    app.register_blueprint(credits_admin.bp)
    for webhook in registration.CSRF_EXEMPT:
        csrf.exempt(webhook)
    earned.init_app(app, credits_queries.last_version, beyond=beyond_attendance)
    further.init_app(app, credits_queries.assessment_findings, copies=[copy_questions])
    error_pages.init_app(app)


__all__ = ["access", "create_app", "gateways"]
