"""Keep what decisions were judged on and what they move, and log every step of their lives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Widen the decisions, add their log; the guards are set after every migration."""
    op.add_column("decision", sa.Column("evidence", WORDS, nullable=False, server_default="[]"))
    op.add_column("decision", sa.Column("cause", WORDS, nullable=False, server_default=""))
    op.add_column("decision", sa.Column("moved_seconds", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("decision", sa.Column("due_on", WORDS, nullable=True))
    op.add_column("decision", sa.Column("agreed_at", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_decision_cause"), "decision", ["cause"], unique=False)
    op.create_table(
        "decision_log",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", WORDS, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", WORDS, nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.CheckConstraint("step IN ('said', 'agreed', 'undone')", name=op.f("ck_decision_log_step")),
        sa.ForeignKeyConstraint(["decision"], ["decision.number"], name=op.f("fk_decision_log_decision")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_decision_log")),
    )
    op.create_index(op.f("ix_decision_log_decision"), "decision_log", ["decision"], unique=False)
    op.drop_table("person_binding")
    op.create_table(
        "person_binding",
        sa.Column("decision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_token", WORDS, nullable=False),
        sa.Column("person", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["decision"], ["decision.number"], name=op.f("fk_person_binding_decision")),
        sa.ForeignKeyConstraint(["identity"], ["identity.number"], name=op.f("fk_person_binding_identity")),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name=op.f("fk_person_binding_person")),
        sa.PrimaryKeyConstraint("decision", "identity", "name_token", name=op.f("pk_person_binding")),
    )
    op.create_index(op.f("ix_person_binding_identity"), "person_binding", ["identity"], unique=False)
    op.create_index(op.f("ix_person_binding_person"), "person_binding", ["person"], unique=False)
    op.drop_table("outside_binding")
    op.create_table(
        "outside_binding",
        sa.Column("decision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("platform", WORDS, nullable=True),
        sa.Column("activity_id", WORDS, nullable=True),
        sa.CheckConstraint("(identity IS NULL) <> (activity_id IS NULL)", name=op.f("ck_outside_binding_one_of_both")),
        sa.ForeignKeyConstraint(["decision"], ["decision.number"], name=op.f("fk_outside_binding_decision")),
        sa.ForeignKeyConstraint(["identity"], ["identity.number"], name=op.f("fk_outside_binding_identity")),
        sa.PrimaryKeyConstraint("decision", "place", name=op.f("pk_outside_binding")),
    )
    op.create_index(op.f("ix_outside_binding_identity"), "outside_binding", ["identity"], unique=False)
    op.create_index(
        "ix_voucher_decision", "voucher", ["decision"], unique=False,
        sqlite_where=sa.text("decision IS NOT NULL"), postgresql_where=sa.text("decision IS NOT NULL"),
    )  # fmt: skip
