"""The first tables."""

import sqlalchemy as sa
from alembic import op

from bot.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATES = [
    "held",
    "ready",
    "claimed",
    "sending",
    "unconfirmed",
    "unknown",
    "sent",
    "rejected",
    "missed",
    "cancelled",
    "withdrawn",
]
row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("not_before", types.Instant(), nullable=True),
        sa.Column("last_sent_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_accounts")),
    )
    op.create_table(
        "campaigns",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("changed_at", types.Instant(), nullable=False),
        sa.Column("retired_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_campaigns")),
    )
    op.create_table(
        "items",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("changed_at", types.Instant(), nullable=False),
        sa.Column("retired_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("campaign", "key", name=op.f("pk_items")),
    )
    op.create_table(
        "pauses",
        sa.Column("id", row_id, nullable=False),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("paused_at", types.Instant(), nullable=False),
        sa.Column("resumed_at", types.Instant(), nullable=True),
        sa.Column("resumed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pauses")),
    )
    op.create_table(
        "send_log",
        sa.Column("seq", row_id, autoincrement=False, nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("post_id", row_id, nullable=True),
        sa.Column("attempt_id", row_id, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_send_log")),
    )
    op.create_index("ix_send_log_post_id", "send_log", ["post_id", "seq"], unique=False)
    op.create_table(
        "send_log_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", row_id, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_send_log_head")),
    )
    op.create_table(
        "slots",
        sa.Column("id", row_id, nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("due_at", types.Instant(), nullable=False),
        sa.Column("wall_time", sa.String(length=19), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=True),
        sa.Column("item", sa.String(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("planned_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slots")),
        sa.UniqueConstraint("campaign", "key", name=op.f("uq_slots_campaign_key")),
    )
    op.create_index("ix_slots_campaign_due_at", "slots", ["campaign", "due_at"], unique=False)
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=False),
        sa.Column("seen_at", types.Instant(), nullable=False),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "posts",
        sa.Column("id", row_id, nullable=False),
        sa.Column("slot_id", row_id, nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("item_digest", sa.String(length=64), nullable=False),
        sa.Column("due_at", types.Instant(), nullable=False),
        sa.Column("grace_until", types.Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("content_warning", sa.Text(), nullable=True),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("cost_usd_micros", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("approval_needed", sa.Boolean(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_digest", sa.String(length=64), nullable=True),
        sa.Column("approved_at", types.Instant(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("lease_until", types.Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("look_at", types.Instant(), nullable=True),
        sa.Column("absent_reads", sa.Integer(), nullable=False),
        sa.Column("changed_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN (" + ", ".join(f"'{s}'" for s in STATES) + ")", name=op.f("ck_posts_state")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slots.id"], name=op.f("fk_posts_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("slot_id", "account", "language", name=op.f("uq_posts_slot_id_account_language")),
    )
    op.create_index("ix_posts_due_at", "posts", ["due_at", "id"], unique=False)
    op.create_index("ix_posts_item", "posts", ["campaign", "item"], unique=False)
    op.create_index(
        "ix_posts_ready_due_at",
        "posts",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index("ix_posts_state_due_at", "posts", ["state", "due_at", "id"], unique=False)
    op.create_index(
        "uq_posts_in_flight",
        "posts",
        ["account"],
        unique=True,
        sqlite_where=sa.text("state IN ('claimed', 'sending')"),
        postgresql_where=sa.text("state IN ('claimed', 'sending')"),
    )
    # Last: of two indexes that look alike to it, SQLite takes the newer, and by state and moment
    # it would read what is due for everybody to find what is due for one account.
    op.create_index(
        "ix_posts_ready",
        "posts",
        ["account", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", row_id, nullable=False),
        sa.Column("post_id", row_id, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("due_at", types.Instant(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=False),
        sa.Column("not_after", types.Instant(), nullable=False),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_attempts_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_attempts_key")),
        sa.UniqueConstraint("post_id", "part", "number", name=op.f("uq_attempts_post_id_part_number")),
    )
    op.create_index("ix_attempts_account", "attempts", ["account", "started_at"], unique=False)
    op.create_index("ix_attempts_campaign", "attempts", ["campaign", "started_at"], unique=False)
    op.create_index("ix_attempts_started_at", "attempts", ["started_at", "id"], unique=False)
    op.create_index("ix_attempts_state", "attempts", ["state", "started_at"], unique=False)
    op.create_table(
        "parts",
        sa.Column("post_id", row_id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("sent_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_parts_post_id")),
        sa.PrimaryKeyConstraint("post_id", "number", name=op.f("pk_parts")),
    )
    # The chain begins before its first entry (bot.store.send_log.GENESIS).
    head = sa.table("send_log_head", sa.column("id"), sa.column("seq"), sa.column("digest"))
    op.execute(sa.insert(head).values(id=1, seq=0, digest="0" * 64))
