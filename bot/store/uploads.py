"""What networks call the pictures that they have, and that no post shows yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.core.post import Post
from bot.store.tables import uploads

_UPLOAD = select(uploads).where(
    uploads.c.post_id == bindparam("post"),
    uploads.c.account == bindparam("account"),
    uploads.c.digest == bindparam("digest"),
    uploads.c.place == bindparam("place"),
)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A picture on a network that no post shows yet."""

    #: What the network calls it.
    name: str
    #: Until when the network surely keeps it.
    lasts_until: datetime


def read_upload(tx: Connection, post: Post, *, place: str) -> Upload | None:
    """The picture of the post as it stands, where the account is: None when it is not there.

    None, too, when the network has one of another version alone.
    """
    asked = {"post": post.id, "account": post.account, "digest": post.digest, "place": place}
    row = tx.execute(_UPLOAD, asked).first()
    return None if row is None else Upload(name=row.name, lasts_until=row.lasts_until)


def keep_upload(tx: Connection, post: Post, upload: Upload, *, place: str) -> None:
    """Write down what the network calls the post's picture, in place of what it called an earlier one."""
    values = {
        "account": post.account,
        "digest": post.digest,
        "place": place,
        "name": upload.name,
        "lasts_until": upload.lasts_until,
    }
    flavour = postgresql if tx.dialect.name == "postgresql" else sqlite
    new = flavour.insert(uploads).values(post_id=post.id, **values)
    tx.execute(new.on_conflict_do_update(index_elements=[uploads.c.post_id], set_=values))
