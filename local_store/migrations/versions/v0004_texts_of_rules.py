"""Keep the text of every rule set that bookings are made under."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table; the guards are set after every migration."""
    op.create_table(
        "rule_text",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules_version", WORDS, nullable=False),
        sa.Column("document", WORDS, nullable=False),
        sa.Column("first_on", WORDS, nullable=False),
        sa.Column("last_on", WORDS, nullable=True),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("token", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rule_text")),
        sa.UniqueConstraint("rules_version", name=op.f("uq_rule_text_rules_version")),
    )
