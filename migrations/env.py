"""How migrations run: on the database the configuration names, with changes in batches where SQLite needs them."""

from alembic import context
from sqlalchemy import create_engine, pool

import cme.audit
import cme.credits.models
import cme.limits
import cme.mail
import cme.queue
import cme.settings
from cme.database import Base, Moment, tune


def render_item(kind, item, _context):
    """Write our column type as what it is in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


def include_name(name, kind, _parents):
    """Leave the full-text tables alone: the database makes and names their parts."""
    return kind != "table" or "_fts" not in (name or "")


def run(connection):
    """Run the migrations on one connection, all or none."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        include_name=include_name,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    tune(engine)
    with engine.connect() as own:
        run(own)
        own.commit()
