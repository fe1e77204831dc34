"""Who wrote each item, so that nobody approves words of their own; and an index to leaf through items."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("items", sa.Column("written_by", sa.Text(), server_default=sa.text("''"), nullable=False))
    # As far as it is still known: each name stands between two line ends (bot/store/contents.py).
    op.execute(
        sa.text(
            "UPDATE items SET written_by = :end || changed_by || :end WHERE changed_by IS NOT NULL"
        ).bindparams(end="\n")
    )
    op.create_index("ix_items_place", "items", ["campaign", "position", "key"], unique=False)
