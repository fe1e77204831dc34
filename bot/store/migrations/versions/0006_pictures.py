"""Which picture a post carries, what an attempt took along, and digests that bind content warnings."""

import sqlalchemy as sa
from alembic import op

from bot.core.post import digest_of
from bot.store import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Posts read and written at once.
_STEP = 1000
#: A post that left, or never will, keeps the digest with which that was decided.
_OVER = ("sent", "rejected", "cancelled", "withdrawn")


def upgrade() -> None:
    op.add_column("posts", sa.Column("picture", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("picture", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("content_warning", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("doubted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "uploads",
        sa.Column("post_id", row_id, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("lasts_until", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_uploads_post_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_uploads")),
    )
    _bind_warnings(op.get_bind())


def _bind_warnings(tx: sa.Connection) -> None:
    """Let the digests of posts that may still leave bind their warnings, and approvals go with them."""
    posts = sa.table(
        "posts",
        *(sa.column(name) for name in ("id", "account", "language", "state", "content_warning")),
        sa.column("due_at", types.Instant()),
        *(sa.column(name) for name in ("digest", "approved_digest")),
    )
    page = sa.select(posts).where(posts.c.content_warning.is_not(None), posts.c.state.not_in(_OVER))
    page = page.where(posts.c.id > sa.bindparam("after")).order_by(posts.c.id).limit(_STEP)
    change = (
        sa.update(posts)
        .where(posts.c.id == sa.bindparam("post"))
        .values(digest=sa.bindparam("bound"), approved_digest=sa.bindparam("approved"))
    )
    after = 0
    while rows := tx.execute(page, {"after": after}).all():
        after = rows[-1].id
        texts = _texts(tx, first=rows[0].id, last=after)
        changes = []
        for row in rows:
            bound = {
                "account": row.account,
                "language": row.language,
                "due_at": row.due_at,
                "texts": tuple(texts.get(row.id, ())),
            }
            if digest_of(**bound) != row.digest:
                # Somebody changed it in the database: it stays as held back as it is.
                continue
            digest = digest_of(**bound, content_warning=row.content_warning)
            is_approved = row.approved_digest == row.digest
            changes.append(
                {"post": row.id, "bound": digest, "approved": digest if is_approved else row.approved_digest}
            )
        if changes:
            tx.execute(change, changes)


def _texts(tx: sa.Connection, *, first: int, last: int) -> dict[int, list[str]]:
    parts = sa.table("parts", sa.column("post_id"), sa.column("number"), sa.column("text"))
    within = sa.select(parts).where(parts.c.post_id.between(first, last))
    found: dict[int, list[str]] = {}
    for row in tx.execute(within.order_by(parts.c.post_id, parts.c.number)):
        found.setdefault(row.post_id, []).append(row.text)
    return found
