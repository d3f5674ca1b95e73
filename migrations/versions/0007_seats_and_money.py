"""What seats and money need beyond the plain case: codes, questions, moves, papers, policies, checks.

Columns are added in place: recreating a table that others refer to would need foreign keys off.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
EMPTY = sa.text("''")
NONE = sa.text("'[]'")
ACTIVE = "status IN ('held', 'confirmed', 'waitlisted', 'offered')"
ONE_EACH = f"{ACTIVE} AND NOT (is_switch AND status = 'held')"

# Added as SQL, each with its named constraint: where tables are not recreated, a column can only bring its own.
REFERRING = (
    "ALTER TABLE registration ADD COLUMN moved_from_id {key}"
    " CONSTRAINT fk_registration_moved_from_id_registration REFERENCES registration (id)",
    "ALTER TABLE registration ADD COLUMN promo_id {key}"
    " CONSTRAINT fk_registration_promo_id_promo_code REFERENCES promo_code (id)",
    "ALTER TABLE payment ADD COLUMN recorded_by {key}"
    " CONSTRAINT fk_payment_recorded_by_account REFERENCES account (id)",
    "ALTER TABLE registration ADD COLUMN carried_minor INTEGER DEFAULT 0 NOT NULL"
    " CONSTRAINT ck_registration_carried CHECK (carried_minor BETWEEN 0 AND amount_due_minor)",
    "ALTER TABLE registration ADD COLUMN is_switch BOOLEAN DEFAULT {no} NOT NULL"
    " CONSTRAINT ck_registration_is_switch CHECK (NOT is_switch OR moved_from_id IS NOT NULL)",
    "ALTER TABLE registration ADD COLUMN place VARCHAR(10) DEFAULT 'learner' NOT NULL"
    " CONSTRAINT ck_registration_place CHECK (place IN ('learner', 'comp', 'faculty'))",
    "ALTER TABLE payment ADD COLUMN means VARCHAR(10) DEFAULT 'card' NOT NULL"
    " CONSTRAINT ck_payment_means CHECK (means IN ('card', 'check', 'transfer', 'cash'))",
)
REFERRED = {
    "registration": ("is_switch", "moved_from_id", "promo_id", "carried_minor", "place"),
    "payment": ("recorded_by", "means"),
}


def added():
    """The plain columns each table gets, made anew for each use."""
    return {
        "registration": (
            sa.Column("transfers", sa.Integer(), nullable=False, server_default=sa.text("0")),
            sa.Column("credit_until", sa.Date(), nullable=True),
            sa.Column("invoiced_at", MOMENT, nullable=True),
            sa.Column("invitation_at", MOMENT, nullable=True),
            sa.Column("end_reason", sa.String(length=40), nullable=False, server_default=EMPTY),
            sa.Column("told", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
        ),
        "payment": (
            sa.Column("settled_at", MOMENT, nullable=True),
            sa.Column("settled_note", sa.String(length=300), nullable=False, server_default=EMPTY),
            sa.Column("reference", sa.String(length=80), nullable=False, server_default=EMPTY),
        ),
        "seminar": (sa.Column("policy", sa.JSON(), nullable=True),),
        "letter": (sa.Column("attachments", sa.JSON(), nullable=False, server_default=NONE),),
    }


def upgrade():
    op.create_table(
        "promo_code",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("most_uses", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("once_each", sa.Boolean(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("seminar_id", KEY, nullable=True),
        sa.Column("tiers", sa.JSON(), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("created_by", KEY, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("(percent IS NULL) <> (amount_minor IS NULL)", name=op.f("ck_promo_code_discount")),
        sa.CheckConstraint("percent IS NULL OR percent BETWEEN 1 AND 100", name=op.f("ck_promo_code_percent")),
        sa.CheckConstraint("amount_minor IS NULL OR amount_minor > 0", name=op.f("ck_promo_code_amount")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_promo_code_used")),
        sa.CheckConstraint("most_uses IS NULL OR most_uses > 0", name=op.f("ck_promo_code_most_uses")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_promo_code_created_by_account")),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_promo_code_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promo_code")),
        sa.UniqueConstraint("code", name=op.f("uq_promo_code_code")),
        sa.UniqueConstraint("form_id", name=op.f("uq_promo_code_form_id")),
    )
    op.create_index("ix_promo_code_seminar_id", "promo_code", ["seminar_id"])
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
    words = {"sqlite": ("INTEGER", "0")}.get(op.get_bind().dialect.name, ("BIGINT", "false"))
    for statement in REFERRING:
        op.execute(statement.format(key=words[0], no=words[1]))
    op.drop_index("uq_registration_active", "registration")
    for name, columns, where in (
        ("uq_registration_active", ["account_id", "seminar_id"], ONE_EACH),
        ("uq_registration_moved_from_id", ["moved_from_id"], ACTIVE),
    ):
        op.create_index(
            name, "registration", columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_index("ix_registration_promo_id", "registration", ["promo_id"])
    op.create_index("ix_registration_offering_id_status", "registration", ["offering_id", "status", "created_at"])
    op.create_table(
        "question",
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("seminar_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("hint", sa.String(length=300), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("kind IN ('line', 'text', 'choice', 'choices', 'yes')", name=op.f("ck_question_kind")),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_question_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("form_id", name=op.f("uq_question_form_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_question_ref")),
    )
    op.create_index("ix_question_seminar_id_position", "question", ["seminar_id", "position"])
    op.create_table(
        "consent",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("registration_id", KEY, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id_account")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_consent_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("account_id", "key", "version", name=op.f("uq_consent_account_id_key_version")),
    )
    op.create_table(
        "paper_count",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_paper_count_last")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_count")),
        sa.UniqueConstraint("kind", "year", name=op.f("uq_paper_count_kind_year")),
    )
    op.create_table(
        "paper",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("registration_id", KEY, nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("kind IN ('receipt', 'invoice', 'credit-note', 'invitation')", name=op.f("ck_paper_kind")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_paper_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("kind", "about", name=op.f("uq_paper_kind_about")),
        sa.UniqueConstraint("kind", "year", "seq", name=op.f("uq_paper_kind_year_seq")),
        sa.UniqueConstraint("ref", name=op.f("uq_paper_ref")),
    )
    op.create_index("ix_paper_registration_id", "paper", ["registration_id"])
    op.create_table(
        "substitution",
        sa.Column("registration_id", KEY, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_substitution_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_substitution_token_hash")),
    )
    op.create_index(
        "uq_substitution_open",
        "substitution",
        ["registration_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade():
    for table in ("substitution", "paper", "paper_count", "consent", "question"):
        op.drop_table(table)
    for index in (
        "ix_registration_offering_id_status",
        "ix_registration_promo_id",
        "uq_registration_moved_from_id",
        "uq_registration_active",
    ):
        op.drop_index(index, "registration")
    for table, columns in REFERRED.items():
        for column in columns:
            op.drop_column(table, column)
    for table, columns in added().items():
        for column in columns:
            op.drop_column(table, column.name)
    op.create_index(
        "uq_registration_active",
        "registration",
        ["account_id", "seminar_id"],
        unique=True,
        sqlite_where=sa.text(ACTIVE),
        postgresql_where=sa.text(ACTIVE),
    )
    op.drop_table("promo_code")
