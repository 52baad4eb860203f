"""Remember which sweeps were asked for, what platforms summed up, and which releases were used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the three tables; the guards are set after every migration."""
    op.create_table(
        "sweep_asked",
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("asked_run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("figures", WORDS, nullable=False),
        sa.Column("tried_on", WORDS, nullable=True),
        sa.CheckConstraint("reason IN ('short', 'summary')", name=op.f("ck_sweep_asked_reason")),
        sa.ForeignKeyConstraint(["asked_run"], ["run.number"], name=op.f("fk_sweep_asked_asked_run")),
        sa.PrimaryKeyConstraint("platform", "scope", "reason", name=op.f("pk_sweep_asked")),
    )
    op.create_table(
        "month_summed",
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("month", WORDS, nullable=False),
        sa.Column("asked_on", WORDS, nullable=False),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("agreed_on", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("platform", "scope", "month", name=op.f("pk_month_summed")),
    )
    op.create_table(
        "release_use",
        sa.Column("decision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("station", WORDS, nullable=False),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("taken_seconds", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("outcome IN ('booked', 'exceeded', 'lapsed')", name=op.f("ck_release_use_outcome")),
        sa.ForeignKeyConstraint(["decision"], ["decision.number"], name=op.f("fk_release_use_decision")),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name=op.f("fk_release_use_run")),
        sa.PrimaryKeyConstraint("decision", name=op.f("pk_release_use")),
    )
