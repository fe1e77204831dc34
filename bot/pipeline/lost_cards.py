"""Draws a post's card again whose file was lost or damaged."""

from __future__ import annotations

import logging

from bot.core.errors import BotError
from bot.core.post import Post
from bot.pipeline.illustrated import Cards
from bot.store import contents
from bot.store.database import Database

log = logging.getLogger(__name__)


class LostCards:
    """Cards of posts that wait, made anew in the media folder."""

    def __init__(self, db: Database, *, cards: Cards) -> None:
        """`cards` draws each that it is asked for, and keeps it."""
        self._db = db
        self._cards = cards

    def draw_again(self, post: Post) -> bool:
        """Whether the very card that the post was approved with is there again; any other picture is not."""
        with self._db.read() as tx:
            stored = contents.read_item(tx, post.campaign, post.item)
            campaign = contents.read_campaign(tx, post.campaign)
        if post.picture is None or stored is None or campaign is None:
            return False
        if stored.item.picture is not None or not campaign.illustrates(stored.item):
            return False
        try:
            card = self._cards.picture_of(stored.item, campaign=campaign, language=post.language)
        except BotError as error:
            log.warning(
                "post %d: its card cannot be drawn again (%s)", post.id, error, extra={"post": post.id}
            )
            return False
        return card.file == post.picture.file
