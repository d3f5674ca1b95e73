"""The catalog reads tables of its own: what is published and ahead, ready to be found, counted and shown.

`flask db-upgrade` fills them afterwards (the words are made by Python); a seminar's past is never in them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "listing",
        sa.Column("seminar_id", KEY, autoincrement=False, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("is_on_demand", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("codes", sa.String(length=400), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=True),
        sa.Column("price_signs", sa.String(length=4), nullable=False),
        sa.Column("price_until", MOMENT, nullable=False),
        sa.Column("next_minor", sa.Integer(), nullable=True),
        sa.Column("next_signs", sa.String(length=4), nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_listing_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("seminar_id", name=op.f("pk_listing")),
    )
    op.create_index("ix_listing_order", "listing", ["is_on_demand", "starts_at", "seminar_id"])
    op.create_table(
        "listing_card",
        sa.Column("seminar_id", KEY, autoincrement=False, nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_listing_card_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("seminar_id", name=op.f("pk_listing_card")),
    )
    op.create_table(
        "listing_code",
        sa.Column("facet", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_code")),
        sa.UniqueConstraint("facet", "value", name=op.f("uq_listing_code_facet_value")),
    )
    op.create_table(
        "listing_word",
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("seminars", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_listing_word")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE listing_fts USING fts5(title, topics, faculty, place, description,"
            " tokenize=\"unicode61 remove_diacritics 2\", prefix='3 4 5')"
        )
    else:
        op.execute("CREATE TABLE listing_fts (seminar_id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_listing_fts_words ON listing_fts USING gin (words)")
    # Seats are counted where they are sold; these indexes hold those of the seminars ahead, and nothing of the past.
    op.add_column("offering", sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_offering_listed",
        "offering",
        ["seminar_id", "status", "taken", "capacity", "revision", "mode"],
        sqlite_where=sa.text("is_listed = 1"),
        postgresql_where=sa.text("is_listed"),
    )
    op.create_index(
        "ix_offering_shut",
        "offering",
        ["seminar_id"],
        sqlite_where=sa.text("is_listed = 1 AND (status <> 'open' OR taken >= capacity)"),
        postgresql_where=sa.text("is_listed AND (status <> 'open' OR taken >= capacity)"),
    )


def downgrade():
    op.drop_index("ix_offering_shut", table_name="offering")
    op.drop_index("ix_offering_listed", table_name="offering")
    op.drop_column("offering", "is_listed")
    for table in ("listing_fts", "listing_word", "listing_code", "listing_card", "listing"):
        op.execute(f"DROP TABLE {table}")
