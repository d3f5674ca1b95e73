"""Seminars, offerings, tuition, agenda, faculty, designations; articles."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "article_category",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_category")),
        sa.UniqueConstraint("slug", name=op.f("uq_article_category_slug")),
    )
    op.create_table(
        "seminar",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("objectives", sa.JSON(), nullable=False),
        sa.Column("specialty", sa.String(length=60), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("learning_format", sa.String(length=60), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("venue", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("hotel", sa.Text(), nullable=False),
        sa.Column("providership", sa.String(length=10), nullable=False),
        sa.Column("joint_providers", sa.JSON(), nullable=False),
        sa.Column("commercial_support", sa.JSON(), nullable=False),
        sa.Column("no_commercial_support", sa.Boolean(), nullable=False),
        sa.Column("evaluation_required", sa.Boolean(), nullable=False),
        sa.Column("claim_window_days", sa.Integer(), nullable=True),
        sa.Column("pass_mark", sa.Integer(), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("terminates_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=True),
        sa.Column("purge_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("providership IN ('direct', 'joint')", name=op.f("ck_seminar_providership")),
        sa.CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name=op.f("ck_seminar_published_at")),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'withdrawn', 'cancelled')", name=op.f("ck_seminar_status")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_seminar_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seminar")),
        sa.UniqueConstraint("form_id", name=op.f("uq_seminar_form_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_seminar_slug")),
    )
    with op.batch_alter_table("seminar", schema=None) as batch_op:
        batch_op.create_index("ix_seminar_specialty_starts_at", ["specialty", "starts_at"], unique=False)
        batch_op.create_index("ix_seminar_upcoming", ["status", "starts_at"], unique=False)

    op.create_table(
        "agenda_session",
        sa.Column("seminar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("track", sa.String(length=60), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("topic_minutes", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "kind IN ('instruction', 'break', 'meal', 'registration', 'non-cme')", name=op.f("ck_agenda_session_kind")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_agenda_session_times")),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_agenda_session_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_session")),
    )
    with op.batch_alter_table("agenda_session", schema=None) as batch_op:
        batch_op.create_index("ix_agenda_session_seminar_id_starts_at", ["seminar_id", "starts_at"], unique=False)

    op.create_table(
        "article",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=True),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("specialty", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("status IN ('draft', 'published')", name=op.f("ck_article_status")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["article_category.id"], name=op.f("fk_article_category_id_article_category")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("slug", name=op.f("uq_article_slug")),
    )
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_category_id"), ["category_id"], unique=False)
        batch_op.create_index("ix_article_status_published_on", ["status", "published_on"], unique=False)

    op.create_table(
        "designation",
        sa.Column("seminar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credit_type", sa.String(length=30), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("approval_number", sa.String(length=60), nullable=False),
        sa.Column("approved_from", sa.Date(), nullable=True),
        sa.Column("approved_until", sa.Date(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("maximum >= 0 AND step > 0 AND maximum % step = 0", name=op.f("ck_designation_maximum")),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_designation_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designation")),
        sa.UniqueConstraint("seminar_id", "credit_type", name=op.f("uq_designation_seminar_id_credit_type")),
    )
    op.create_table(
        "faculty",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("credentials", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=120), nullable=False),
        sa.Column("affiliation", sa.String(length=200), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_faculty_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faculty")),
        sa.UniqueConstraint("slug", name=op.f("uq_faculty_slug")),
    )
    with op.batch_alter_table("faculty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_faculty_account_id"), ["account_id"], unique=False)

    op.create_table(
        "offering",
        sa.Column("seminar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("webcast_url", sa.String(length=500), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("mode IN ('in-person', 'livestream', 'on-demand')", name=op.f("ck_offering_mode")),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_offering_status")),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_offering_capacity")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_offering_taken")),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_offering_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offering")),
        sa.UniqueConstraint("seminar_id", "mode", name=op.f("uq_offering_seminar_id_mode")),
    )
    op.create_table(
        "disclosure",
        sa.Column("faculty_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("has_relationship", sa.Boolean(), nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("nature", sa.String(length=200), nullable=False),
        sa.Column("is_relevant", sa.Boolean(), nullable=False),
        sa.Column("mitigation", sa.Text(), nullable=False),
        sa.Column("mitigated_on", sa.Date(), nullable=True),
        sa.Column("disclosed_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("has_relationship = (company <> '')", name=op.f("ck_disclosure_company")),
        sa.ForeignKeyConstraint(["faculty_id"], ["faculty.id"], name=op.f("fk_disclosure_faculty_id_faculty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disclosure_faculty_id"), ["faculty_id"], unique=False)

    op.create_table(
        "price_tier",
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tier", sa.String(length=20), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("early_minor", sa.Integer(), nullable=True),
        sa.Column("early_until", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("tier IN ('physician', 'clinician', 'trainee')", name=op.f("ck_price_tier_tier")),
        sa.CheckConstraint("(early_minor IS NULL) = (early_until IS NULL)", name=op.f("ck_price_tier_early")),
        sa.CheckConstraint(
            "amount_minor >= 0 AND (early_minor IS NULL OR early_minor >= 0)", name=op.f("ck_price_tier_amount")
        ),
        sa.ForeignKeyConstraint(["offering_id"], ["offering.id"], name=op.f("fk_price_tier_offering_id_offering")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_tier")),
        sa.UniqueConstraint("offering_id", "tier", name=op.f("uq_price_tier_offering_id_tier")),
    )
    op.create_table(
        "seminar_faculty",
        sa.Column("seminar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("faculty_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "role IN ('director', 'faculty', 'planner', 'reviewer')", name=op.f("ck_seminar_faculty_role")
        ),
        sa.ForeignKeyConstraint(["faculty_id"], ["faculty.id"], name=op.f("fk_seminar_faculty_faculty_id_faculty")),
        sa.ForeignKeyConstraint(["seminar_id"], ["seminar.id"], name=op.f("fk_seminar_faculty_seminar_id_seminar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seminar_faculty")),
        sa.UniqueConstraint("seminar_id", "faculty_id", name=op.f("uq_seminar_faculty_seminar_id_faculty_id")),
    )
    with op.batch_alter_table("seminar_faculty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seminar_faculty_faculty_id"), ["faculty_id"], unique=False)

    op.create_table(
        "session_faculty",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("faculty_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["faculty_id"], ["faculty.id"], name=op.f("fk_session_faculty_faculty_id_faculty")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["agenda_session.id"],
            name=op.f("fk_session_faculty_session_id_agenda_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_faculty")),
        sa.UniqueConstraint("session_id", "faculty_id", name=op.f("uq_session_faculty_session_id_faculty_id")),
    )
    with op.batch_alter_table("session_faculty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_faculty_faculty_id"), ["faculty_id"], unique=False)


def downgrade():
    with op.batch_alter_table("session_faculty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_faculty_faculty_id"))

    op.drop_table("session_faculty")
    with op.batch_alter_table("seminar_faculty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seminar_faculty_faculty_id"))

    op.drop_table("seminar_faculty")
    op.drop_table("price_tier")
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_faculty_id"))

    op.drop_table("disclosure")
    op.drop_table("offering")
    with op.batch_alter_table("faculty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_faculty_account_id"))

    op.drop_table("faculty")
    op.drop_table("designation")
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_index("ix_article_status_published_on")
        batch_op.drop_index(batch_op.f("ix_article_category_id"))

    op.drop_table("article")
    with op.batch_alter_table("agenda_session", schema=None) as batch_op:
        batch_op.drop_index("ix_agenda_session_seminar_id_starts_at")

    op.drop_table("agenda_session")
    with op.batch_alter_table("seminar", schema=None) as batch_op:
        batch_op.drop_index("ix_seminar_upcoming")
        batch_op.drop_index("ix_seminar_specialty_starts_at")

    op.drop_table("seminar")
    op.drop_table("article_category")
