"""What guards remember, what is spent, what people are told of, and which installation this is."""

import uuid

import sqlalchemy as sa
from alembic import op

from bot.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("posts", sa.Column("guard", sa.String(), nullable=True))
    op.add_column("posts", sa.Column("overruled", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column(
        "posts", sa.Column("fingerprint", sa.String(length=64), nullable=False, server_default=sa.text("''"))
    )
    op.create_index("ix_posts_fingerprint", "posts", ["account", "fingerprint", "due_at"], unique=False)
    op.add_column("attempts", sa.Column("cost_usd_micros", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_attempts_mode", "attempts", ["account", "mode", "started_at"], unique=False)
    op.create_index("ix_parts_remote_id", "parts", ["remote_id"], unique=False)
    op.create_table(
        "spending",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("cost_usd_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month", "account", name=op.f("pk_spending")),
    )
    op.create_table(
        "alerts",
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("post_id", row_id, nullable=True),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("began_at", types.Instant(), nullable=False),
        sa.Column("told_at", types.Instant(), nullable=True),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.Column("told_to", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("try_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("cause", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_try_at", "alerts", ["try_at"], unique=False)
    op.create_index("ix_alerts_began_at", "alerts", ["began_at"], unique=False)
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    installation = sa.table("installation", sa.column("id"), sa.column("key"))
    op.execute(sa.insert(installation).values(id=1, key=str(uuid.uuid4())))
