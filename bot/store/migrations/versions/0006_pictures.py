"""Which picture a post carries and an attempt took along, and what the networks call those they have."""

import sqlalchemy as sa
from alembic import op

from bot.store import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("posts", sa.Column("picture", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("picture", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("doubted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "uploads",
        sa.Column("post_id", row_id, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uploaded_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_uploads_post_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_uploads")),
    )
