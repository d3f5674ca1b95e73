"""The `flask …` commands."""

import os
import socket
import sys

import click
from alembic import command
from alembic.config import Config as Alembic
from flask import Flask, current_app
from flask.cli import with_appcontext

from cme import gateways


def alembic_config(url: str) -> Alembic:
    """Point the migrations at a database."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    config = Alembic(os.path.join(root, "alembic.ini"))
    config.set_main_option("script_location", os.path.join(root, "migrations"))
    config.attributes["url"] = url
    return config


@click.command("db-upgrade")
@with_appcontext
def db_upgrade() -> None:
    """Bring the database to the newest shape and seed the settings it lacks."""
    from cme import jobs
    from cme.catalog import services as catalog

    command.upgrade(alembic_config(current_app.config["SQLALCHEMY_DATABASE_URI"]), "head")
    jobs.seed(now=gateways.clock())
    catalog.relist_where_empty(now=gateways.clock())


@click.command("relist")
@with_appcontext
def relist() -> None:
    """Write all the catalog reads anew, from the seminars themselves."""
    from cme.catalog import services as catalog

    click.echo(f"{catalog.relist(now=gateways.clock())} seminars are in the catalog.")


@click.command("make-staff")
@click.argument("email")
@click.option("--role", default="Administrator", show_default=True)
@with_appcontext
def make_staff(email: str, role: str) -> None:
    """Give a person the keys to the administration."""
    from cme.accounts import services
    from cme.errors import Refusal

    try:
        services.make_staff(email, role, now=gateways.clock())
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{email} is now {role}.")


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Fill an empty database with a believable year; does nothing where that was done."""
    from cme.demo import fill

    click.echo(fill(now=gateways.clock(), payments=gateways.here().payments))


@click.command("work")
@with_appcontext
def work() -> None:
    """Do what the clock and the queue ask for, until told to stop."""
    from cme import jobs

    jobs.work(f"{socket.gethostname()}:{os.getpid()}")


@click.command("sweep")
@with_appcontext
def sweep() -> None:
    """Do every job that is due, once, and say what was done."""
    from cme import jobs

    for name, count in jobs.sweep(f"{socket.gethostname()}:{os.getpid()}").items():
        click.echo(f"{name}: {count}")


@click.command("audit-check")
@click.option("--no-books", is_flag=True, help="Leave Stripe's books alone: ask only our own database.")
@with_appcontext
def audit_check(no_books: bool) -> None:
    """Verify every promise the records make, and every cent in Stripe's books; exit 1 and name each breach."""
    from cme import audit
    from cme.credits import invariants as credits
    from cme.registration import invariants as registration

    now = gateways.clock()
    found = [*audit.breaches(), *registration.breaches(now=now), *credits.breaches(now=now)]
    is_asked = not no_books and current_app.config["PAYMENTS_MODE"] != "off"
    found += _books() if is_asked else []
    for breach in found:
        click.echo(breach, err=True)
    if found:
        sys.exit(1)
    click.echo("Every invariant holds, and Stripe's books agree." if is_asked else "Every invariant holds.")


def _books() -> list[str]:
    """Where Stripe's books differ from ours; that they could not be read is a difference too."""
    import stripe

    from cme.registration.checkout import books

    try:
        return list(books.differences(payments=gateways.stripe()))
    except stripe.StripeError as error:
        return [f"books: Stripe did not answer ({type(error).__name__}), so nothing was compared"]


@click.command("stripe-smoke")
@with_appcontext
def stripe_smoke() -> None:
    """Ask Stripe's test mode for a session as we would, look at it, close it; docs/stripe-smoke-test.md goes on."""
    from cme.registration.checkout import smoke

    mode = current_app.config["PAYMENTS_MODE"]
    if mode != "test":
        raise click.ClickException(f"PAYMENTS_MODE is {mode}: this needs Stripe's test mode and a key of it.")
    for line in smoke.walk(payments=gateways.stripe(), now=gateways.clock()):
        click.echo(line)


def init_app(app: Flask) -> None:
    """Teach `flask` our commands."""
    for each in (db_upgrade, relist, make_staff, demo, work, sweep, audit_check, stripe_smoke):
        app.cli.add_command(each)
