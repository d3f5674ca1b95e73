"""What a seminar tells before it sells: hotel, on-demand facts, handouts, disclosure by letter, pending designations.

Columns are added in place: recreating a table that others refer to would need foreign keys off.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
EMPTY = sa.text("''")


def added():
    """The columns each table gets, made anew for each use."""
    return {
        "seminar": (
            sa.Column("hotel_name", sa.String(length=200), nullable=False, server_default=EMPTY),
            sa.Column("hotel_url", sa.String(length=500), nullable=True),
            sa.Column("hotel_rate_minor", sa.Integer(), nullable=True),
            sa.Column("hotel_cutoff_on", sa.Date(), nullable=True),
            sa.Column("estimated_minutes", sa.Integer(), nullable=True),
            sa.Column("method", sa.Text(), nullable=False, server_default=EMPTY),
            sa.Column("bibliography", sa.Text(), nullable=False, server_default=EMPTY),
            sa.Column("day_themes", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
        ),
        "offering": (sa.Column("revision", sa.Integer(), nullable=False, server_default=sa.text("0")),),
        "designation": (sa.Column("is_pending", sa.Boolean(), nullable=False, server_default=sa.false()),),
        "disclosure": (sa.Column("is_decided", sa.Boolean(), nullable=False, server_default=sa.true()),),
        "article": (
            sa.Column("topics", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
            sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
            sa.Column("form_id", sa.String(length=40), nullable=True),
            sa.Column("published_at", MOMENT, nullable=True),
        ),
    }


def upgrade():
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
    op.execute(
        "ALTER TABLE offering ADD COLUMN access_days INTEGER"
        " CONSTRAINT ck_offering_access_days CHECK (access_days IS NULL OR access_days > 0)"
    )
    op.create_index("uq_article_form_id", "article", ["form_id"], unique=True)
    op.create_index("ix_seminar_on_demand", "seminar", ["status", "terminates_on"])
    op.create_table(
        "handout",
        sa.Column("seminar_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_handout_size")),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_handout_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handout")),
        sa.UniqueConstraint("form_id", name=op.f("uq_handout_form_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_handout_ref")),
    )
    op.create_index(op.f("ix_handout_seminar_id"), "handout", ["seminar_id"])
    op.create_table(
        "disclosure_request",
        sa.Column("faculty_id", KEY, nullable=False),
        sa.Column("seminar_id", KEY, nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["faculty_id"], ["faculty.id"], name=op.f("fk_disclosure_request_faculty_id_faculty")),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_disclosure_request_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_request")),
        sa.UniqueConstraint("form_id", name=op.f("uq_disclosure_request_form_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_disclosure_request_token_hash")),
    )
    op.create_index(op.f("ix_disclosure_request_faculty_id"), "disclosure_request", ["faculty_id"])
    op.create_index(op.f("ix_disclosure_request_seminar_id"), "disclosure_request", ["seminar_id"])


def downgrade():
    op.drop_table("disclosure_request")
    op.drop_table("handout")
    op.drop_index("ix_seminar_on_demand", table_name="seminar")
    op.drop_index("uq_article_form_id", table_name="article")
    op.execute("ALTER TABLE offering DROP COLUMN access_days")
    for table, columns in reversed(added().items()):
        for column in reversed(columns):
            op.drop_column(table, column.name)
