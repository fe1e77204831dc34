"""Bring a picture to a Mastodon server before the status that shows it, and compare the server's limits."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from bot.core.clock import Clock
from bot.core.errors import NotNowError, NotSentError, RejectedError, UnconfirmedError
from bot.publishing.mastodon_answers import object_of, refusal
from bot.publishing.protocol import MayLeave, OutgoingPicture, Uploaded
from bot.publishing.refusals import not_brought
from bot.publishing.transport import Answer

#: A number on Mastodon, a file's name on snac2 (2.75, seen on the server itself).
_MEDIA_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_SUFFIXES: Final[Mapping[str, str]] = {"image/jpeg": "jpg", "image/png": "png"}
#: How often a picture that is still being processed is asked for at once, and when it is asked for again.
#: Mastodon makes pictures ready before it answers; only what moves takes it longer.
_ASKS, _ASK_AGAIN_IN = 2, timedelta(seconds=30)
#: How many such pictures are remembered: one account sends one post at a time.
_REMEMBERED = 20

#: A day, and an hour is left for clocks: `TTL` of Vacuum::MediaAttachmentsVacuum in Mastodon
#: (read 2026-11-21). Other servers keep a picture longer, or for ever.
KEEPS_UPLOADS: Final = timedelta(hours=23)
#: What the bot brings at most. Bytes: what its pictures are fitted to. Pixels: 4096 on each side. Characters:
#: `description_limit` of a server as it comes (docs.joinmastodon.org, instance; read 2026-11-21).
LARGEST, MOST_PIXELS, LONGEST_ALT = 16_777_216, 4096 * 4096, 1500
MEDIA_TYPES: Final = tuple(_SUFFIXES)
#: `version` of servers that show a picture uncovered unless words of warning stand before its post, whatever
#: `sensitive` says: snac2 2.75 (seen on the server itself).
_COVERS_BY_WORDS_ONLY = re.compile(r"\bsnac\b")


class PictureUploads:
    """Brings an account's pictures."""

    def __init__(
        self,
        *,
        clock: Clock,
        seen: Callable[[Answer], Answer],
        instance: Callable[[MayLeave], Mapping[str, object]],
    ) -> None:
        self._clock = clock
        self._seen = seen
        self._instance = instance
        #: What the server was still making ready when it was last asked: its id, by the name it came under.
        self._in_work: dict[str, str] = {}
        #: Whether the server covers a picture without words of warning before it. None: not asked yet.
        self._covers: bool | None = None

    def upload(self, picture: OutgoingPicture, *, client: Any, may_leave: MayLeave) -> Uploaded:
        """The id that a status names to show the picture. Raises as `UploadsPictures.upload`.

        `client` is the account's, and asks `may_leave` before each request.
        """
        try:
            if picture.warning and not picture.covered_by_text:
                # Now, while a person may still change the post, and nothing has to be asked right before it.
                self.check_covering(may_leave)
            return Uploaded(name=self._bring(picture, client), keeps=KEEPS_UPLOADS)
        except UnconfirmedError as error:
            raise not_brought(error) from None

    def check_covering(self, may_leave: MayLeave) -> None:
        """Raise RejectedError where the server would show a picture uncovered that has no words before it."""
        try:
            covers = self._ask_whether_it_covers(may_leave)
        except UnconfirmedError as error:
            raise NotSentError(f"the server was asked what it is: {error}; nothing was sent") from None
        if not covers:
            raise RejectedError(
                "this server shows a picture uncovered unless words of warning stand before its post:"
                " give the item a content warning, or take an account on another server"
            )

    def _ask_whether_it_covers(self, may_leave: MayLeave) -> bool:
        if self._covers is None:
            version = self._instance(may_leave).get("version")
            if not isinstance(version, str):
                raise UnconfirmedError("the server does not say what it is: it may show a picture uncovered")
            self._covers = _COVERS_BY_WORDS_ONLY.search(version) is None
        return self._covers

    def _bring(self, picture: OutgoingPicture, client: Any) -> str:
        name = name_of(picture)
        media_id = self._in_work.pop(name, None)
        if media_id is None:
            answer = self._post(picture, name, client)
            media_id = media_id_from(answer)
            # 202: "Accepted", and still being processed (docs.joinmastodon.org, media, 2026-07).
            if answer.status != 202:
                return media_id
        for _ in range(_ASKS):
            if self._is_ready(media_id, client):
                return media_id
        self._remember(name, media_id)
        raise NotNowError("Mastodon is still processing the picture", until=self._clock.now() + _ASK_AGAIN_IN)

    def _post(self, picture: OutgoingPicture, name: str, client: Any) -> Answer:
        # Servers that do not have the second version answer 404, and have the first.
        for endpoint in ("/api/v2/media", "/api/v1/media"):
            answer = self._seen(client.bring_picture(endpoint, picture, name=name))
            if answer.status not in (404, 405):
                break
        if not 200 <= answer.status < 300:
            raise refusal(answer, now=self._clock.now())
        return answer

    def _is_ready(self, media_id: str, client: Any) -> bool:
        answer = self._seen(client.media(media_id))
        if answer.status in (200, 206):
            # 206: "Partial Content", not yet.
            return answer.status == 200
        if answer.status == 404:
            raise NotSentError("Mastodon does not know the picture any more: it is brought again")
        raise refusal(answer, now=self._clock.now())

    def _remember(self, name: str, media_id: str) -> None:
        while len(self._in_work) >= _REMEMBERED:
            self._in_work.pop(next(iter(self._in_work)))
        self._in_work[name] = media_id


def name_of(picture: OutgoingPicture) -> str:
    """The name of the file that a picture is brought as: the same for the same picture with the same words.

    snac2 takes it for the picture's id: under one name a second picture would take the place of the first in
    posts that are public, and other words the place of its words.
    """
    said = f"{picture.file.digest}\0{picture.alt}".encode()
    return f"{hashlib.sha256(said).hexdigest()[:32]}.{_SUFFIXES.get(picture.file.media_type, 'jpg')}"


def media_id_from(answer: Answer) -> str:
    """Read the answer to a picture. Raises UnconfirmedError when it holds no id."""
    media_id = object_of(answer).get("id")
    if isinstance(media_id, str) and _MEDIA_ID.fullmatch(media_id):
        return media_id
    why = answer.broken or "it holds no picture id"
    raise UnconfirmedError(
        f"Mastodon took the picture ({answer.status}), but its answer cannot be read: {why}"
    )


def lacks_of(answer: Answer, picture: OutgoingPicture) -> str:
    """What the status that the server made does not show as it was asked to; empty when it shows all."""
    status = object_of(answer)
    shown = status.get("media_attachments")
    if not isinstance(shown, list) or len(shown) != 1 or not isinstance(shown[0], dict):
        return "it is public without its picture"
    if not isinstance(shown[0].get("description"), str):
        return "it is public without what its picture shows"
    if picture.warning and status.get("sensitive") is not True:
        return "it is public with its picture uncovered"
    return ""


def pictures_problem(instance: Mapping[str, object], *, server: str) -> str | None:
    """Why a server takes less than the bot may bring; None when it takes it all, or does not say."""
    configuration = instance.get("configuration")
    said = configuration.get("media_attachments") if isinstance(configuration, dict) else None
    if not isinstance(said, dict):
        return None
    for name, most in (
        ("image_size_limit", LARGEST),
        ("image_matrix_limit", MOST_PIXELS),
        ("description_limit", LONGEST_ALT),
    ):
        limit = said.get(name)
        if type(limit) is int and 0 < limit < most:
            return (
                f"{server} sets {name} to {limit}; the bot's pictures need {most}"
                " — take an account on another server"
            )
    types = said.get("supported_mime_types")
    missing = [one for one in MEDIA_TYPES if isinstance(types, list) and types and one not in types]
    if missing:
        return f"{server} takes no pictures of the type {missing[0]} — take an account on another server"
    return None
