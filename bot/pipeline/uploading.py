"""Brings a claimed post's picture to its network, where nobody sees it before the post itself leaves.

It happens between claim and intent, with no transaction open, and is harmless to repeat: a process that dies
here leaves a claim that falls back to ready, and perhaps a picture that no post ever shows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from bot.pipeline.last_look import LastLook
from bot.pipeline.money import Budget
from bot.pipeline.moves import deciding, move
from bot.pipeline.outcome import BACK_OFF, Meaning, Sent, note_meaning, reason_of, wait_until
from bot.pipeline.outlets import Outlet
from bot.publishing.protocol import OutgoingPicture, UploadsPictures
from bot.store import pauses, posts, uploads
from bot.store.database import Database
from bot.store.uploads import Upload

log = logging.getLogger(__name__)

#: What holds a post whose picture cannot leave.
PICTURE = "picture"
#: An upload whose time ends sooner is made anew: the request that shows it may take most of a minute.
LEFT_AT_LEAST = timedelta(minutes=10)
_LATE = "this worker's time for it was over before the picture was brought: nothing was sent"


class Media(Protocol):
    """Where the files of pictures are."""

    def read(self, file: PictureFile) -> bytes:
        """The file as it was proven. Raises BotError when it is gone or was changed."""


class NoMedia:
    """Where no picture is."""

    def read(self, file: PictureFile) -> bytes:
        raise NotFoundError(f"{file.digest}: there is no folder for pictures")


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """A claim that holds, and nothing stands against its post."""

    #: What its network has already.
    known: Upload | None
    #: On the monotonic clock, in seconds; and how long it holds from then.
    began: float
    holds: timedelta
    ends_at: datetime


class Uploader:
    """Makes a claimed post's picture ready to leave with it."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        media: Media,
        *,
        budget: Budget,
        pause_file_is_there: Callable[[], bool],
        draw_again: Callable[[Post], bool] = lambda _: False,
    ) -> None:
        """`draw_again` is asked for a picture that cannot be read; it says whether it may be read again."""
        self._db = db
        self._clock = clock
        self._media = media
        self._budget = budget
        self._pause_file_is_there = pause_file_is_there
        self._draw_again = draw_again

    def bring(self, post: Post, outlet: Outlet) -> OutgoingPicture | Sent | None:
        """The picture that the post's next request carries. Sent: nothing leaves now.

        None: it carries none, or the post may not leave, which is left to the intent to say.
        Raises NotAllowedError when the claim was lost.
        """
        turn = self._turn_of(post, outlet)
        if post.picture is None or turn is None:
            return None
        try:
            data = self._read(post, post.picture.file)
        except BotError as error:
            return self._refuse(post, Meaning(state=State.HELD, reason=str(error), post={}))
        except Exception:
            # Whatever it was, it is so again at the next try: the post would hold up all behind it.
            log.exception("post %d: its picture could not be read in a way nobody foresaw", post.id)
            reason = "it could not be read: the log file has the details"
            return self._refuse(post, Meaning(state=State.HELD, reason=reason, post={}))
        picture = outgoing(post.picture, data=data, covered_by_text=post.content_warning is not None)
        if not isinstance(outlet.publisher, UploadsPictures):
            return picture
        if turn.known is not None and self._lasts(turn.known):
            return replace(picture, uploaded=turn.known.name)
        return self._upload(post, picture, outlet, turn)

    def _turn_of(self, post: Post, outlet: Outlet) -> _Turn | None:
        """None when there is nothing to bring, or the intent will say why not."""
        if post.picture is None:
            return None
        with self._db.read() as tx:
            began, now = self._clock.monotonic(), self._clock.now()
            ends_at = posts.lease_of(tx, post)
            if ends_at is None or ends_at <= now:
                return None
            if pauses.holding(tx, campaign=post.campaign, account=post.account, language=post.language):
                return None
            # X charges for a picture's words, too: none is brought for a post that stays.
            refusal = refusal_at_intent(tx, post, mode=outlet.mode, budget=self._budget, now=now)
            if refusal is not None or posts.has_receipts(tx, post.id):
                return None
            known = uploads.read_upload(tx, post, place=outlet.place)
        return _Turn(known=known, began=began, holds=ends_at - now, ends_at=ends_at)

    def _read(self, post: Post, file: PictureFile) -> bytes:
        try:
            return self._media.read(file)
        except BotError:
            if not self._draw_again(post):
                raise
            return self._media.read(file)

    def _lasts(self, known: Upload) -> bool:
        return self._clock.now() + LEFT_AT_LEAST < known.lasts_until

    def _upload(
        self, post: Post, picture: OutgoingPicture, outlet: Outlet, turn: _Turn
    ) -> OutgoingPicture | Sent:
        assert isinstance(outlet.publisher, UploadsPictures)
        look = LastLook(
            self._clock,
            began=turn.began,
            holds=turn.holds,
            until=turn.ends_at,
            late=_LATE,
            pause_file_is_there=self._pause_file_is_there,
        )
        began_at = self._clock.now()
        try:
            if not look.may_leave():
                raise NotSentError("")
            uploaded = outlet.publisher.upload(picture, may_leave=look.may_leave)
        except PublishError as error:
            return self._refuse(post, _meaning(look.in_words(error), now=self._clock.now()))
        except Exception:
            log.exception("post %d: its picture could not be brought in a way nobody foresaw", post.id)
            unforeseen = NotSentError("it could not be brought: the log file has the details")
            return self._refuse(post, _meaning(unforeseen, now=self._clock.now()))
        new = Upload(name=uploaded.name, lasts_until=began_at + uploaded.keeps)
        with self._db.write() as tx:
            uploads.keep_upload(tx, post, new, place=outlet.place)
        return replace(picture, uploaded=new.name)

    def _refuse(self, post: Post, meant: Meaning) -> Sent:
        reason = f"{PICTURE}: {meant.reason}"
        now = self._clock.now()
        with deciding(self._db) as tx:
            guard = PICTURE if meant.state is State.HELD else None
            move(tx, post, meant.state, reason=reason, now=now, guard=guard)
            note_meaning(tx, replace(meant, reason=reason), account=post.account, post=post.id, now=now)
        return Sent(post=post, state=meant.state, reason=reason)


def outgoing(
    picture: PostPicture, *, data: bytes | None = None, covered_by_text: bool = False
) -> OutgoingPicture:
    """The picture of a post as a publisher takes it; without `data`, for a look."""
    return OutgoingPicture(
        file=picture.file,
        alt=picture.alt,
        warning=picture.warning,
        covered_by_text=covered_by_text,
        data=data,
    )


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
