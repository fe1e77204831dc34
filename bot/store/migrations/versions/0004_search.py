"""Each post's text as it is searched, and indexes that hold all that the console's lists filter by."""

import hashlib
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from bot.text.searching import remembered

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Posts read and written at once.
_STEP = 5000
_FILTERED = ["campaign", "account", "network", "language", "kind", "text_id"]


def upgrade() -> None:
    op.create_table(
        "texts",
        sa.Column("id", row_id, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
        sa.UniqueConstraint("digest", name=op.f("uq_texts_digest")),
    )
    op.add_column("posts", sa.Column("text_id", row_id, nullable=True))
    # Old posts are written while the table has fewer indexes to keep.
    for name in ("ix_posts_state_due_at", "ix_posts_due_at", "ix_posts_item", "ix_posts_ready"):
        op.drop_index(name, table_name="posts")
    for numbers in _numbered_texts(op.get_bind()):
        op.get_bind().execute(sa.text("UPDATE posts SET text_id = :text WHERE id = :post"), numbers)
    if op.get_bind().dialect.name == "postgresql":
        # It numbers rows from a sequence, which knows nothing of those that were numbered here.
        op.execute(
            "SELECT setval(pg_get_serial_sequence('texts', 'id'), max(id)) FROM texts HAVING max(id) > 0"
        )
    op.create_index("ix_posts_text", "posts", ["text_id", "due_at", "id"], unique=False)
    op.create_index("ix_posts_due_at", "posts", ["due_at", "id", *_FILTERED], unique=False)
    op.create_index("ix_posts_state_due_at", "posts", ["state", "due_at", "id", *_FILTERED], unique=False)
    op.create_index("ix_posts_item", "posts", ["campaign", "item", "due_at", "id"], unique=False)
    # Last: of two indexes that look alike to it, SQLite takes the newer (0001).
    op.create_index(
        "ix_posts_ready",
        "posts",
        ["account", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )


def _numbered_texts(tx: sa.Connection) -> Iterator[list[dict[str, int]]]:
    """Number the texts of all posts, and yield which post has which, some at a time."""
    texts = sa.table("texts", sa.column("id"), sa.column("digest"), sa.column("words"))
    posts = sa.table("posts", sa.column("id"), sa.column("text"))
    by_digest: dict[str, int] = {}
    after = 0
    while True:
        page = sa.select(posts.c.id, posts.c.text).where(posts.c.id > after).order_by(posts.c.id)
        rows = tx.execute(page.limit(_STEP)).all()
        if not rows:
            return
        after = rows[-1].id
        # The rotation says the same text again and again.
        words = {text: remembered(text) for text in {row.text for row in rows}}
        digests = {
            text: hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()
            for text, said in words.items()
        }
        new = []
        for text, digest in sorted(digests.items()):
            if digest not in by_digest:
                by_digest[digest] = len(by_digest) + 1
                new.append({"id": by_digest[digest], "digest": digest, "words": words[text]})
        if new:
            tx.execute(sa.insert(texts), new)
        yield [{"post": row.id, "text": by_digest[digests[row.text]]} for row in rows]
