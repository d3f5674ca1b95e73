"""What credit needs beyond one claim and one certificate.

Evaluations that staff build, assessments, watching, teaching, extensions, signatures, credentials, goals.
Columns are added in place: recreating a table that others refer to would need foreign keys off.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NONE = sa.text("'[]'")
NOTHING = sa.text("'{}'")
CURRENT = sa.text("status = 'valid'")
HELD = sa.text("superseded_by IS NULL")
SOURCES = ("staff", "scan", "code", "webcast", "import")

# Added as SQL, each with its named constraint: where tables are not recreated, a column can only bring its own.
REFERRING = (
    "ALTER TABLE claim ADD COLUMN made_by {key} CONSTRAINT fk_claim_made_by_account REFERENCES account (id)",
    "ALTER TABLE claim ADD COLUMN kind VARCHAR(10) DEFAULT 'learning' NOT NULL"
    " CONSTRAINT ck_claim_kind CHECK (kind IN ('learning', 'teaching'))",
    "ALTER TABLE award ADD COLUMN kind VARCHAR(10) DEFAULT 'learning' NOT NULL"
    " CONSTRAINT ck_award_kind CHECK (kind IN ('learning', 'teaching'))",
)


def added():
    """The plain columns each table gets, made anew for each use."""
    return {
        "claim": (
            sa.Column("sessions", sa.JSON(), nullable=False, server_default=NOTHING),
            sa.Column("identifiers", sa.JSON(), nullable=False, server_default=NOTHING),
        ),
        "certificate": (
            sa.Column("assets", sa.JSON(), nullable=False, server_default=NOTHING),
            sa.Column("credential", sa.Text(), nullable=True),
            sa.Column("status_index", sa.Integer(), nullable=True),
        ),
        "document": (
            sa.Column("sha256", sa.String(length=64), nullable=True),
            sa.Column("key_id", sa.String(length=64), nullable=True),
        ),
        "evaluation": (sa.Column("questions", sa.JSON(), nullable=False, server_default=NONE),),
        "seminar": (
            sa.Column("tracks_attendance", sa.Boolean(), nullable=False, server_default=sa.true()),
            sa.Column("watch_percent", sa.Integer(), nullable=False, server_default=sa.text("90")),
        ),
    }


def attendance(*sources):
    """Let attendance come from these sources; SQLite has to make the table anew, and nothing refers to it."""
    allowed = f"source IN ({', '.join(map(repr, sources))})"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_attendance_source"), "attendance", type_="check")
        op.create_check_constraint(op.f("ck_attendance_source"), "attendance", allowed)
        return
    table = sa.Table(
        "attendance",
        sa.MetaData(),
        sa.Column("registration_id", KEY, nullable=False),
        sa.Column("session_id", KEY, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("recorded_by", KEY, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_attendance_minutes")),
        sa.CheckConstraint(allowed, name=op.f("ck_attendance_source")),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_attendance_recorded_by_account")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_attendance_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["agenda_session.id"], name=op.f("fk_attendance_session_id_agenda_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("registration_id", "session_id", name=op.f("uq_attendance_registration_id_session_id")),
        sa.Index("ix_attendance_session_id", "session_id"),
    )
    with op.batch_alter_table("attendance", copy_from=table, recreate="always"):
        pass


def upgrade():
    op.create_table(
        "issuer_key",
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("jwk", sa.JSON(), nullable=False),
        sa.Column("certificate_pem", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("first_used_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer_key")),
        sa.UniqueConstraint("key_id", name=op.f("uq_issuer_key_key_id")),
    )
    op.create_table(
        "assessment",
        sa.Column("seminar_id", KEY, nullable=False),
        sa.Column("asks", sa.Integer(), nullable=True),
        sa.Column("most_attempts", sa.Integer(), nullable=True),
        sa.Column("is_shuffled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("asks IS NULL OR asks > 0", name=op.f("ck_assessment_asks")),
        sa.CheckConstraint("most_attempts IS NULL OR most_attempts > 0", name=op.f("ck_assessment_most_attempts")),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_assessment_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("seminar_id", name=op.f("uq_assessment_seminar_id")),
    )
    op.create_table(
        "attendance_import",
        sa.Column("seminar_id", KEY, nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("read_by", KEY, nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.Column("applied_at", MOMENT, nullable=True),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["read_by"], ["account.id"], name=op.f("fk_attendance_import_read_by_account")),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_attendance_import_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_import")),
        sa.UniqueConstraint("form_id", name=op.f("uq_attendance_import_form_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_attendance_import_ref")),
    )
    op.create_index("ix_attendance_import_seminar_id", "attendance_import", ["seminar_id"])
    op.create_table(
        "external_credit",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("credit_type", sa.String(length=30), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("topic_minutes", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("credits > 0", name=op.f("ck_external_credit_credits")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_external_credit_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_credit")),
        sa.UniqueConstraint("form_id", name=op.f("uq_external_credit_form_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_external_credit_ref")),
    )
    op.create_index("ix_external_credit_account_id", "external_credit", ["account_id"])
    op.create_table(
        "goal",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("credit_type", sa.String(length=30), nullable=True),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("topic_minutes", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("credits >= 0", name=op.f("ck_goal_credits")),
        sa.CheckConstraint("starts_on < due_on", name=op.f("ck_goal_span")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_goal_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
        sa.UniqueConstraint("form_id", name=op.f("uq_goal_form_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_goal_ref")),
    )
    op.create_index("ix_goal_account_id", "goal", ["account_id"])
    op.create_table(
        "identifier",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_identifier_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifier")),
        sa.UniqueConstraint("account_id", "kind", name=op.f("uq_identifier_account_id_kind")),
    )
    op.create_table(
        "print_run",
        sa.Column("seminar_id", KEY, nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("is_reprint", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("asked_by", KEY, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("done >= 0 AND failed >= 0 AND done + failed <= total", name=op.f("ck_print_run_counts")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_print_run_asked_by_account")),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_print_run_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
        sa.UniqueConstraint("form_id", name=op.f("uq_print_run_form_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_print_run_ref")),
    )
    op.create_index("ix_print_run_seminar_id", "print_run", ["seminar_id"])
    op.create_table(
        "questionnaire",
        sa.Column("seminar_id", KEY, nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_questionnaire_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire")),
        sa.UniqueConstraint("seminar_id", name=op.f("uq_questionnaire_seminar_id")),
    )
    op.create_table(
        "bank_question",
        sa.Column("assessment_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("right", sa.JSON(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_bank_question_assessment_id_assessment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_question")),
    )
    op.create_index("ix_bank_question_assessment_id", "bank_question", ["assessment_id"])
    op.create_table(
        "recording",
        sa.Column("session_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("captions_url", sa.String(length=1000), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("kind IN ('file', 'stream')", name=op.f("ck_recording_kind")),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_recording_seconds")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["agenda_session.id"],
            name=op.f("fk_recording_session_id_agenda_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
        sa.UniqueConstraint("session_id", name=op.f("uq_recording_session_id")),
    )
    op.create_table(
        "attempt",
        sa.Column("registration_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("has_passed", sa.Boolean(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("score IS NULL OR score BETWEEN 0 AND 100", name=op.f("ck_attempt_score")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_attempt_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("form_id", name=op.f("uq_attempt_form_id")),
        sa.UniqueConstraint("registration_id", "number", name=op.f("uq_attempt_registration_id_number")),
    )
    op.create_index(
        "uq_attempt_open",
        "attempt",
        ["registration_id"],
        unique=True,
        sqlite_where=sa.text("submitted_at IS NULL"),
        postgresql_where=sa.text("submitted_at IS NULL"),
    )
    op.create_table(
        "attendance_change",
        sa.Column("registration_id", KEY, nullable=False),
        sa.Column("session_id", KEY, nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("changed_by", KEY, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name=op.f("fk_attendance_change_changed_by_account")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_attendance_change_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["agenda_session.id"], name=op.f("fk_attendance_change_session_id_agenda_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_change")),
    )
    op.create_index("ix_attendance_change_registration_id", "attendance_change", ["registration_id"])
    op.create_index("ix_attendance_change_session_id", "attendance_change", ["session_id"])
    op.create_table(
        "claim_extension",
        sa.Column("registration_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("status <> 'granted' OR until IS NOT NULL", name=op.f("ck_claim_extension_until")),
        sa.CheckConstraint("status IN ('asked', 'granted', 'refused')", name=op.f("ck_claim_extension_status")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_claim_extension_decided_by_account")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_claim_extension_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_extension")),
        sa.UniqueConstraint("form_id", name=op.f("uq_claim_extension_form_id")),
    )
    op.create_index("ix_claim_extension_registration_id", "claim_extension", ["registration_id"])
    op.create_index(
        "uq_claim_extension_asked",
        "claim_extension",
        ["registration_id"],
        unique=True,
        sqlite_where=sa.text("status = 'asked'"),
        postgresql_where=sa.text("status = 'asked'"),
    )
    op.create_table(
        "evaluation_draft",
        sa.Column("registration_id", KEY, nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_evaluation_draft_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_draft")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_evaluation_draft_registration_id")),
    )
    op.create_table(
        "follow_up",
        sa.Column("registration_id", KEY, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_follow_up_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("form_id", name=op.f("uq_follow_up_form_id")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_follow_up_registration_id")),
    )
    op.create_table(
        "viewing",
        sa.Column("registration_id", KEY, nullable=False),
        sa.Column("session_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("played", sa.JSON(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_viewing_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["agenda_session.id"], name=op.f("fk_viewing_session_id_agenda_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewing")),
        sa.UniqueConstraint("registration_id", "session_id", name=op.f("uq_viewing_registration_id_session_id")),
    )
    op.create_index("ix_viewing_session_id", "viewing", ["session_id"])
    key = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    for statement in REFERRING:
        op.execute(statement.format(key=key))
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
    op.drop_index("uq_claim_current", "claim")
    op.create_index(
        "uq_claim_current",
        "claim",
        ["registration_id", "kind"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )
    op.drop_index("uq_award_current", "award")
    op.create_index(
        "uq_award_current",
        "award",
        ["account_id", "seminar_id", "credit_type", "kind"],
        unique=True,
        sqlite_where=HELD,
        postgresql_where=HELD,
    )
    op.create_index("uq_certificate_status_index", "certificate", ["status_index"], unique=True)
    op.create_index("ix_document_sha256", "document", ["sha256"])
    attendance(*SOURCES, "sheet")


def downgrade():
    op.execute("UPDATE attendance SET source = 'staff' WHERE source = 'sheet'")
    attendance(*SOURCES)
    op.drop_index("ix_document_sha256", "document")
    op.drop_index("uq_certificate_status_index", "certificate")
    op.drop_index("uq_award_current", "award")
    op.create_index(
        "uq_award_current",
        "award",
        ["account_id", "seminar_id", "credit_type"],
        unique=True,
        sqlite_where=HELD,
        postgresql_where=HELD,
    )
    op.drop_index("uq_claim_current", "claim")
    op.create_index(
        "uq_claim_current",
        "claim",
        ["registration_id"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )
    for table, column in (("claim", "made_by"), ("claim", "kind"), ("award", "kind")):
        op.drop_column(table, column)
    for table, columns in added().items():
        for column in columns:
            op.drop_column(table, column.name)
    for table in (
        "viewing",
        "follow_up",
        "evaluation_draft",
        "claim_extension",
        "attendance_change",
        "attempt",
        "recording",
        "bank_question",
        "questionnaire",
        "print_run",
        "identifier",
        "goal",
        "external_credit",
        "attendance_import",
        "assessment",
        "issuer_key",
    ):
        op.drop_table(table)
