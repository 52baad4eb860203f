"""Create the first store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create all tables; the guards are set after every migration."""
    op.create_table(
        "chain_head",
        sa.Column("book", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.CheckConstraint("book = 1", name=op.f("ck_chain_head_only_one")),
        sa.PrimaryKeyConstraint("book", name=op.f("pk_chain_head")),
    )
    op.create_table(
        "lease",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("holder", WORDS, nullable=False),
        sa.Column("host", WORDS, nullable=False),
        sa.Column("process", WORDS, nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "number_line",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_number_line")),
    )
    op.create_table(
        "person",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("local_number", WORDS, nullable=False),
        sa.Column("name_token", WORDS, nullable=False),
        sa.Column("station", WORDS, nullable=False),
        sa.Column("registered_on", WORDS, nullable=True),
        sa.Column("born_on", WORDS, nullable=True),
        sa.Column("has_licence", sa.Boolean(), nullable=False),
        sa.Column("consents", WORDS, nullable=False),
        sa.Column("opening_through_on", WORDS, nullable=True),
        sa.Column("merged_into", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("content_token", WORDS, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["merged_into"], ["person.number"], name=op.f("fk_person_merged_into")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_person")),
        sa.UniqueConstraint("local_number", name=op.f("uq_person_local_number")),
    )
    op.create_table(
        "rules_activation",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules_version", WORDS, nullable=False),
        sa.Column("activated_by", WORDS, nullable=False),
        sa.Column("activated_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rules_activation")),
    )
    op.create_table(
        "run",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("rules_version", WORDS, nullable=False),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("tally", WORDS, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('running', 'complete', 'partial', 'held', 'failed')", name=op.f("ck_run_outcome")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_run")),
    )
    op.create_table(
        "store_fact",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_store_fact")),
    )
    op.create_table(
        "account",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("person", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name=op.f("fk_account_person")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_account")),
        sa.UniqueConstraint("code", name=op.f("uq_account_code")),
    )
    op.create_index(op.f("ix_account_person"), "account", ["person"], unique=False)
    op.create_table(
        "coverage",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("window_start_at", sa.BigInteger(), nullable=True),
        sa.Column("window_end_at", sa.BigInteger(), nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("settings_fingerprint", WORDS, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('increment', 'week', 'sweep')", name=op.f("ck_coverage_kind")),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name=op.f("fk_coverage_run")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_coverage")),
    )
    op.create_index(op.f("ix_coverage_platform"), "coverage", ["platform"], unique=False)
    op.create_table(
        "person_merge",
        sa.Column("old", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("new", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("merged_by", WORDS, nullable=False),
        sa.Column("merged_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["new"], ["person.number"], name=op.f("fk_person_merge_new")),
        sa.ForeignKeyConstraint(["old"], ["person.number"], name=op.f("fk_person_merge_old")),
        sa.PrimaryKeyConstraint("old", name=op.f("pk_person_merge")),
    )
    op.create_table(
        "quarantine",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("organisation", WORDS, nullable=False),
        sa.Column("external_id", WORDS, nullable=False),
        sa.Column("content_token", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("field", WORDS, nullable=False),
        sa.Column("first_run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_lifted", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["first_run"], ["run.number"], name=op.f("fk_quarantine_first_run")),
        sa.ForeignKeyConstraint(["last_run"], ["run.number"], name=op.f("fk_quarantine_last_run")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_quarantine")),
        sa.UniqueConstraint(
            "platform", "external_id", "content_token", name=op.f("uq_quarantine_platform_external_id_content_token")
        ),
    )
    op.create_table(
        "raw_page",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name=op.f("fk_raw_page_run")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_raw_page")),
    )
    op.create_table(
        "subject",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("planned_revision", sa.Integer(), nullable=False),
        sa.Column("planned_rules", WORDS, nullable=False),
        sa.Column("planned_run", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("planned_on", WORDS, nullable=True),
        sa.Column("due_on", WORDS, nullable=True),
        sa.ForeignKeyConstraint(["planned_run"], ["run.number"], name=op.f("fk_subject_planned_run")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_subject")),
    )
    op.create_table(
        "balance",
        sa.Column("account", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("cap_seconds", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind <> 'available' OR (cap_seconds IS NOT NULL AND seconds <= cap_seconds)",
            name=op.f("ck_balance_available_cap"),
        ),
        sa.CheckConstraint("kind <> 'available' OR seconds >= 0", name=op.f("ck_balance_available_floor")),
        sa.CheckConstraint("kind <> 'deficit' OR seconds <= 0", name=op.f("ck_balance_deficit_ceiling")),
        sa.CheckConstraint("kind <> 'held' OR seconds >= 0", name=op.f("ck_balance_held_floor")),
        sa.CheckConstraint("kind <> 'surplus' OR seconds >= 0", name=op.f("ck_balance_surplus_floor")),
        sa.CheckConstraint("seconds = CAST(seconds AS BIGINT)", name=op.f("ck_balance_seconds_whole")),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("fk_balance_account")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_balance")),
    )
    op.create_table(
        "identity",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("token", WORDS, nullable=False),
        sa.Column("bound_to", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("person", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("subject", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('id', 'number')", name=op.f("ck_identity_kind")),
        sa.ForeignKeyConstraint(["bound_to"], ["identity.number"], name=op.f("fk_identity_bound_to")),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name=op.f("fk_identity_person")),
        sa.ForeignKeyConstraint(["subject"], ["subject.number"], name=op.f("fk_identity_subject")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_identity")),
        sa.UniqueConstraint("token", name=op.f("uq_identity_token")),
    )
    op.create_index(op.f("ix_identity_bound_to"), "identity", ["bound_to"], unique=False)
    op.create_index(op.f("ix_identity_person"), "identity", ["person"], unique=False)
    op.create_index(op.f("ix_identity_subject"), "identity", ["subject"], unique=False)
    op.create_table(
        "record",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("stream", WORDS, nullable=False),
        sa.Column("external_id", WORDS, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("fingerprint", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("organisation", WORDS, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("first_run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("raw_page", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("gone_on", WORDS, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("state IN ('effective', 'pending', 'withdrawn')", name=op.f("ck_record_state")),
        sa.ForeignKeyConstraint(["first_run"], ["run.number"], name=op.f("fk_record_first_run")),
        sa.ForeignKeyConstraint(["last_run"], ["run.number"], name=op.f("fk_record_last_run")),
        sa.ForeignKeyConstraint(["raw_page"], ["raw_page.number"], name=op.f("fk_record_raw_page")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_record")),
        sa.UniqueConstraint("platform", "external_id", "stream", name=op.f("uq_record_platform_external_id_stream")),
    )
    op.create_index("ix_record_scope", "record", ["platform", "organisation", "updated_at"], unique=False)
    op.create_table(
        "claim",
        sa.Column("record", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("identity", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_token", WORDS, nullable=False),
        sa.Column("service_date", WORDS, nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("reported_seconds", sa.BigInteger(), nullable=False),
        sa.Column("low_seconds", sa.BigInteger(), nullable=False),
        sa.Column("high_seconds", sa.BigInteger(), nullable=False),
        sa.Column("category", WORDS, nullable=True),
        sa.Column("station", WORDS, nullable=False),
        sa.Column("is_special", sa.Boolean(), nullable=False),
        sa.Column("out_of_scope", WORDS, nullable=False),
        sa.Column("is_type_unknown", sa.Boolean(), nullable=False),
        sa.Column("activity_id", WORDS, nullable=False),
        sa.Column("activity_name", WORDS, nullable=False),
        sa.Column("carried_platform", WORDS, nullable=True),
        sa.Column("carried_id", WORDS, nullable=True),
        sa.Column("carried_stream", WORDS, nullable=True),
        sa.Column("business_key", WORDS, nullable=False),
        sa.Column("entered_on", WORDS, nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.Column("is_flagged", sa.Boolean(), nullable=False),
        sa.Column("rule", WORDS, nullable=False),
        sa.Column("rules_version", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["identity"], ["identity.number"], name=op.f("fk_claim_identity")),
        sa.ForeignKeyConstraint(["record"], ["record.number"], name=op.f("fk_claim_record")),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_claim")),
    )
    op.create_index("ix_claim_carried", "claim", ["carried_platform", "carried_id"], unique=False)
    op.create_index(op.f("ix_claim_identity"), "claim", ["identity"], unique=False)
    op.create_table(
        "conflict",
        sa.Column("conflict_id", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("about", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("is_blocking", sa.Boolean(), nullable=False),
        sa.Column("person", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("identity", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("station", WORDS, nullable=False),
        sa.Column("service_date", WORDS, nullable=True),
        sa.Column("seconds_at_stake", sa.BigInteger(), nullable=False),
        sa.Column("cause", WORDS, nullable=False),
        sa.Column("evidence", WORDS, nullable=False),
        sa.Column("evidence_fingerprint", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("details", WORDS, nullable=False),
        sa.Column("suggestion", WORDS, nullable=False),
        sa.Column("keys_said", WORDS, nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closed_run", sa.Integer(), autoincrement=False, nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'proposed', 'returned', 'decided', 'closed')", name=op.f("ck_conflict_state")
        ),
        sa.ForeignKeyConstraint(["closed_run"], ["run.number"], name=op.f("fk_conflict_closed_run")),
        sa.ForeignKeyConstraint(["identity"], ["identity.number"], name=op.f("fk_conflict_identity")),
        sa.ForeignKeyConstraint(["opened_run"], ["run.number"], name=op.f("fk_conflict_opened_run")),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name=op.f("fk_conflict_person")),
        sa.PrimaryKeyConstraint("conflict_id", name=op.f("pk_conflict")),
    )
    op.create_index(op.f("ix_conflict_identity"), "conflict", ["identity"], unique=False)
    op.create_index(op.f("ix_conflict_kind"), "conflict", ["kind"], unique=False)
    op.create_index(op.f("ix_conflict_person"), "conflict", ["person"], unique=False)
    op.create_index(op.f("ix_conflict_state"), "conflict", ["state"], unique=False)
    op.create_table(
        "entry",
        sa.Column("record", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("confirmed_token", WORDS, nullable=False),
        sa.Column("is_station_confirmed", sa.Boolean(), nullable=False),
        sa.Column("is_community_confirmed", sa.Boolean(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name=op.f("fk_entry_person")),
        sa.ForeignKeyConstraint(["record"], ["record.number"], name=op.f("fk_entry_record")),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_entry")),
    )
    op.create_index(op.f("ix_entry_person"), "entry", ["person"], unique=False)
    op.create_table(
        "identity_name",
        sa.Column("identity", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_token", WORDS, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["identity"], ["identity.number"], name=op.f("fk_identity_name_identity")),
        sa.PrimaryKeyConstraint("identity", "name_token", name=op.f("pk_identity_name")),
    )
    op.create_table(
        "identity_sighting",
        sa.Column("number_token", WORDS, nullable=False),
        sa.Column("identity", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["identity"], ["identity.number"], name=op.f("fk_identity_sighting_identity")),
        sa.PrimaryKeyConstraint("number_token", "identity", name=op.f("pk_identity_sighting")),
    )
    op.create_table(
        "membership",
        sa.Column("record", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("service_id", WORDS, nullable=False),
        sa.Column("disposition", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["record"], ["record.number"], name=op.f("fk_membership_record")),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_service_id"), "membership", ["service_id"], unique=False)
    op.create_table(
        "record_version",
        sa.Column("record", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("last_run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("raw_page", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["last_run"], ["run.number"], name=op.f("fk_record_version_last_run")),
        sa.ForeignKeyConstraint(["raw_page"], ["raw_page.number"], name=op.f("fk_record_version_raw_page")),
        sa.ForeignKeyConstraint(["record"], ["record.number"], name=op.f("fk_record_version_record")),
        sa.PrimaryKeyConstraint("record", "revision", name=op.f("pk_record_version")),
    )
    op.create_table(
        "conflict_record",
        sa.Column("conflict_id", WORDS, nullable=False),
        sa.Column("record", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["conflict_id"], ["conflict.conflict_id"], name=op.f("fk_conflict_record_conflict_id")),
        sa.ForeignKeyConstraint(["record"], ["record.number"], name=op.f("fk_conflict_record_record")),
        sa.PrimaryKeyConstraint("conflict_id", "record", name=op.f("pk_conflict_record")),
    )
    op.create_index(op.f("ix_conflict_record_record"), "conflict_record", ["record"], unique=False)
    op.create_table(
        "decision",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("conflict_id", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("about", WORDS, nullable=False),
        sa.Column("code", WORDS, nullable=False),
        sa.Column("argument", WORDS, nullable=False),
        sa.Column("evidence_fingerprint", WORDS, nullable=False),
        sa.Column("decided_by", WORDS, nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("is_proposed", sa.Boolean(), nullable=False),
        sa.Column("agreed_by", WORDS, nullable=True),
        sa.Column("undone_by", WORDS, nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["conflict_id"], ["conflict.conflict_id"], name=op.f("fk_decision_conflict_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_conflict_id"), "decision", ["conflict_id"], unique=False)
    op.create_table(
        "outside_binding",
        sa.Column("decision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("platform", WORDS, nullable=True),
        sa.Column("activity_id", WORDS, nullable=True),
        sa.CheckConstraint("(identity IS NULL) <> (activity_id IS NULL)", name=op.f("ck_outside_binding_one_of_both")),
        sa.ForeignKeyConstraint(["decision"], ["decision.number"], name=op.f("fk_outside_binding_decision")),
        sa.ForeignKeyConstraint(["identity"], ["identity.number"], name=op.f("fk_outside_binding_identity")),
        sa.PrimaryKeyConstraint("decision", name=op.f("pk_outside_binding")),
    )
    op.create_index(op.f("ix_outside_binding_identity"), "outside_binding", ["identity"], unique=False)
    op.create_table(
        "pair_binding",
        sa.Column("decision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("second", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_same", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["decision"], ["decision.number"], name=op.f("fk_pair_binding_decision")),
        sa.ForeignKeyConstraint(["first"], ["record.number"], name=op.f("fk_pair_binding_first")),
        sa.ForeignKeyConstraint(["second"], ["record.number"], name=op.f("fk_pair_binding_second")),
        sa.PrimaryKeyConstraint("decision", "first", "second", name=op.f("pk_pair_binding")),
    )
    op.create_index(op.f("ix_pair_binding_first"), "pair_binding", ["first"], unique=False)
    op.create_index(op.f("ix_pair_binding_second"), "pair_binding", ["second"], unique=False)
    op.create_table(
        "person_binding",
        sa.Column("decision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_token", WORDS, nullable=False),
        sa.Column("person", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["decision"], ["decision.number"], name=op.f("fk_person_binding_decision")),
        sa.ForeignKeyConstraint(["identity"], ["identity.number"], name=op.f("fk_person_binding_identity")),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name=op.f("fk_person_binding_person")),
        sa.PrimaryKeyConstraint("decision", name=op.f("pk_person_binding")),
    )
    op.create_index(op.f("ix_person_binding_identity"), "person_binding", ["identity"], unique=False)
    op.create_index(op.f("ix_person_binding_person"), "person_binding", ["person"], unique=False)
    op.create_table(
        "voucher",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("service_date", WORDS, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("service_id", WORDS, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("prepared_by", WORDS, nullable=False),
        sa.Column("rules_version", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("decision", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("reverses", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n_lines", sa.Integer(), nullable=False),
        sa.Column("body", WORDS, nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.CheckConstraint("kind IN ('post', 'reverse', 'redeem', 'merge', 'opening')", name=op.f("ck_voucher_kind")),
        sa.CheckConstraint("n_lines > 0", name=op.f("ck_voucher_lines_positive")),
        sa.CheckConstraint("number > 0", name=op.f("ck_voucher_number_positive")),
        sa.CheckConstraint("reverses IS NULL OR reverses < number", name=op.f("ck_voucher_reverses_earlier")),
        sa.ForeignKeyConstraint(["decision"], ["decision.number"], name=op.f("fk_voucher_decision")),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name=op.f("fk_voucher_person")),
        sa.ForeignKeyConstraint(["reverses"], ["voucher.number"], name=op.f("fk_voucher_reverses")),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name=op.f("fk_voucher_run")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_voucher")),
        sa.UniqueConstraint("key", name=op.f("uq_voucher_key")),
    )
    op.create_index(op.f("ix_voucher_person"), "voucher", ["person"], unique=False)
    op.create_index(
        op.f("uq_voucher_reverses"),
        "voucher",
        ["reverses"],
        unique=True,
        sqlite_where=sa.text("reverses IS NOT NULL"),
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )
    op.create_table(
        "standing",
        sa.Column("service_id", WORDS, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("service_date", WORDS, nullable=True),
        sa.Column("category", WORDS, nullable=True),
        sa.Column("station", WORDS, nullable=True),
        sa.Column("seconds", sa.BigInteger(), nullable=True),
        sa.Column("record", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("voucher", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("short_seconds", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(service_date IS NULL) = (seconds IS NULL)", name=op.f("ck_standing_booked_whole")),
        sa.CheckConstraint("seconds IS NULL OR seconds > 0", name=op.f("ck_standing_seconds_positive")),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name=op.f("fk_standing_person")),
        sa.ForeignKeyConstraint(["record"], ["record.number"], name=op.f("fk_standing_record")),
        sa.ForeignKeyConstraint(["voucher"], ["voucher.number"], name=op.f("fk_standing_voucher")),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_standing")),
    )
    op.create_index(op.f("ix_standing_person"), "standing", ["person"], unique=False)
    op.create_index(op.f("ix_standing_record"), "standing", ["record"], unique=False)
    op.create_table(
        "transfer",
        sa.Column("voucher", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("debit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("credit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_transfer_two_accounts")),
        sa.CheckConstraint("line > 0", name=op.f("ck_transfer_line_positive")),
        sa.CheckConstraint("seconds = CAST(seconds AS BIGINT)", name=op.f("ck_transfer_seconds_whole")),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_transfer_seconds_positive")),
        sa.PrimaryKeyConstraint("voucher", "line", name=op.f("pk_transfer")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "voucher_reason",
        sa.Column("voucher", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["voucher"], ["voucher.number"], name=op.f("fk_voucher_reason_voucher")),
        sa.PrimaryKeyConstraint("voucher", name=op.f("pk_voucher_reason")),
    )
