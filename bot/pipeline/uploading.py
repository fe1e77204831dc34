"""Brings a claimed post's picture to its network, where nobody sees it before the post itself leaves.

It happens between claim and intent, with no transaction open, and is harmless to repeat: a process that dies
here leaves a claim that falls back to ready, and perhaps a picture that no post ever shows.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.clock import Clock
from bot.core.errors import (
    AccountError,
    BotError,
    NotFoundError,
    NotNowError,
    NotSentError,
    PublishError,
    RejectedError,
)
from bot.core.media import PictureFile, PostPicture
from bot.core.post import Post, State
from bot.pipeline.guards import refusal_at_intent
from bot.pipeline.money import Budget
from bot.pipeline.moves import deciding, move
from bot.pipeline.outcome import BACK_OFF, Meaning, Sent, note_meaning, reason_of, wait_until
from bot.pipeline.outlets import Outlet
from bot.publishing.protocol import OutgoingPicture, UploadsPictures
from bot.store import posts, uploads
from bot.store.database import Database

log = logging.getLogger(__name__)

#: What holds a post whose picture cannot leave.
PICTURE = "picture"
#: An upload whose time ends sooner is made anew: the request that shows it may take most of a minute.
LEFT_AT_LEAST = timedelta(minutes=10)


class Media(Protocol):
    """Where the files of pictures are."""

    def read(self, file: PictureFile) -> bytes:
        """The file as it was proven. Raises BotError when it is gone or was changed."""


class NoMedia:
    """Where no picture is."""

    def read(self, file: PictureFile) -> bytes:
        raise NotFoundError(f"{file.digest}: there is no folder for pictures")


class Uploader:
    """Makes a claimed post's picture ready to leave with it."""

    def __init__(self, db: Database, clock: Clock, media: Media, *, budget: Budget) -> None:
        self._db = db
        self._clock = clock
        self._media = media
        self._budget = budget

    def bring(self, post: Post, outlet: Outlet) -> OutgoingPicture | Sent | None:
        """The picture that the post's next request carries. Sent: nothing leaves now.

        None: it carries none, or the post may not leave, which is left to the intent to say.
        Raises NotAllowedError when the claim was lost.
        """
        if post.picture is None:
            return None
        with self._db.read() as tx:
            # X charges for a picture's words, too: none is brought for a post that stays.
            refusal = refusal_at_intent(
                tx, post, mode=outlet.mode, budget=self._budget, now=self._clock.now()
            )
            if refusal is not None or posts.has_receipts(tx, post.id):
                return None
            known = uploads.read_upload(tx, post)
        try:
            data = self._media.read(post.picture.file)
        except BotError as error:
            return self._refuse(post, Meaning(state=State.HELD, reason=str(error), post={}))
        picture = outgoing(post.picture, data=data)
        if not isinstance(outlet.publisher, UploadsPictures):
            return picture
        if known is not None and self._lasts(known, outlet.publisher):
            return replace(picture, uploaded=known.name)
        return self._upload(post, picture, outlet.publisher)

    def _lasts(self, known: uploads.Upload, publisher: UploadsPictures) -> bool:
        return self._clock.now() + LEFT_AT_LEAST < known.uploaded_at + publisher.keeps_uploads

    def _upload(
        self, post: Post, picture: OutgoingPicture, publisher: UploadsPictures
    ) -> OutgoingPicture | Sent:
        try:
            name = publisher.upload(picture)
        except PublishError as error:
            return self._refuse(post, _meaning(error, now=self._clock.now()))
        except Exception:
            log.exception("post %d: its picture could not be brought in a way nobody foresaw", post.id)
            unforeseen = NotSentError("it could not be brought: the log file has the details")
            return self._refuse(post, _meaning(unforeseen, now=self._clock.now()))
        with self._db.write() as tx:
            uploads.keep_upload(tx, post, name=name, now=self._clock.now())
        return replace(picture, uploaded=name)

    def _refuse(self, post: Post, meant: Meaning) -> Sent:
        reason = f"{PICTURE}: {meant.reason}"
        now = self._clock.now()
        with deciding(self._db) as tx:
            guard = PICTURE if meant.state is State.HELD else None
            move(tx, post, meant.state, reason=reason, now=now, guard=guard)
            note_meaning(tx, replace(meant, reason=reason), account=post.account, post=post.id, now=now)
        return Sent(post=post, state=meant.state, reason=reason)


def outgoing(picture: PostPicture, *, data: bytes | None = None) -> OutgoingPicture:
    """The picture of a post as a publisher takes it; without `data`, for a look."""
    return OutgoingPicture(file=picture.file, alt=picture.alt, warning=picture.warning, data=data)


def _meaning(error: PublishError, *, now: datetime) -> Meaning:
    """Where an upload that failed moves its post: nothing of it is public, whatever happened."""
    reason = reason_of(error)
    match error:
        case NotNowError():
            return Meaning(state=State.READY, reason=reason, post={}, wait_until=wait_until(error, now=now))
        case AccountError():
            return Meaning(state=State.READY, reason=reason, post={}, pause_account=True)
        case RejectedError():
            return Meaning(state=State.HELD, reason=reason, post={})
        case _:
            return Meaning(state=State.READY, reason=reason, post={}, wait_until=now + BACK_OFF)
