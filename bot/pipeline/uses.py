"""Where and when an item was used, and where it is about to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.campaign import Network
from bot.core.post import State
from bot.store import posts
from bot.store.database import Database

#: Posts of one item that a page shows.
NEWEST = 50


@dataclass(frozen=True, kw_only=True)
class UsedAt:
    """One post of an item."""

    post: int
    account: str
    network: Network
    language: str
    state: State
    due_at: datetime
    #: Whether it says what the item says now, rather than an earlier version.
    is_current: bool


def uses_of_item(
    db: Database, campaign: str, item: str, *, digest: str | None = None, limit: int = NEWEST
) -> list[UsedAt]:
    """The posts of an item, those with the latest moments first; `digest` is the item's now."""
    with db.read() as tx:
        found = posts.newest_of_item(tx, campaign, item, limit=limit)
    return [
        UsedAt(
            post=post.id,
            account=post.account,
            network=post.network,
            language=post.language,
            state=post.state,
            due_at=post.due_at,
            is_current=digest is None or post.item_digest == digest,
        )
        for post in found
    ]
