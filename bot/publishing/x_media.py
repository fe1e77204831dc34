"""A picture on X before its post: what leaves beside it, and what each of X's answers about it means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.core.errors import NotNowError, NotSentError, RejectedError, UnconfirmedError
from bot.publishing.protocol import OutgoingPicture
from bot.publishing.refusals import NOT_SHOWN, not_brought
from bot.publishing.transport import Answer
from bot.publishing.x_answers import POST_ID, data_of, reason_of, refusal

#: Where a picture is brought to, and where its words are.
UPLOAD, METADATA = "/2/media/upload", "/2/media/metadata"
#: One of `MediaUploadRequest` in X's API description 2.167.
CATEGORY = "tweet_image"
#: Half of the 86,400 `expires_after_secs` that X's documentation shows (docs.x.com, media upload, read
#: 2026-11-21): later "any attempt to use mediaId will result in a Bad Request", which is a no to the post.
KEEPS_UPLOADS = timedelta(hours=12)
#: How often X is asked whether it is done with a picture. With most it is at once, and nothing sleeps here.
MOST_QUESTIONS = 3

#: Seconds; and what is waited where X names none.
_LONGEST_WAIT = 60


def metadata_of(media_id: str, picture: OutgoingPicture) -> dict[str, Any]:
    """The body that gives a picture its words, and its warning where it has one."""
    about: dict[str, Any] = {"alt_text": {"text": picture.alt}}
    if picture.warning:
        # As description 2.166 spells it out; 2.167 says only that it is an object. Whether it is violence
        # or something else nobody was asked.
        about["sensitive_media_warning"] = {"adult_content": False, "graphic_violence": False, "other": True}
    return {"id": media_id, "metadata": about}


def media_id_from(answer: Answer, *, now: datetime) -> str:
    """What X calls a picture that it took. Raises the PublishError that any other answer means."""
    media_id = _accepted(answer, now=now).get("id")
    if isinstance(media_id, str) and POST_ID.fullmatch(media_id):
        return media_id
    raise _unreadable(answer)


def check_described(answer: Answer, *, media_id: str, now: datetime) -> None:
    """Raise a PublishError unless X says that the picture has its words now."""
    if _accepted(answer, now=now).get("id") != media_id:
        raise _unreadable(answer)


def is_processed(answer: Answer, *, now: datetime) -> bool:
    """Whether X is done with a picture. Raises RejectedError when it cannot use it."""
    match _processing(_accepted(answer, now=now)).get("state"):
        case None | "succeeded":
            return True
        case "failed":
            said = reason_of(answer, fallback="it does not say why")
            raise RejectedError(f"X cannot use the picture: {said} — add another one")
        case _:
            return False


def still_busy(answer: Answer, *, now: datetime) -> NotNowError:
    """The error for a picture that X is not done with: until when it wants to be left alone."""
    seconds = _processing(data_of(answer)).get("check_after_secs")
    # A number without an end has no moment.
    wait = min(seconds, _LONGEST_WAIT) if isinstance(seconds, int) else _LONGEST_WAIT
    until = now + timedelta(seconds=max(wait, 0))
    return NotNowError(f"X is not done with the picture yet; {NOT_SHOWN}", until=until)


def keeps_for(answer: Answer) -> timedelta:
    """How long X says that it keeps a picture which no post shows; never longer than what is sure."""
    seconds = data_of(answer).get("expires_after_secs")
    if isinstance(seconds, int) and seconds >= 0:
        return timedelta(seconds=min(seconds, KEEPS_UPLOADS.total_seconds()))
    return KEEPS_UPLOADS


def _accepted(answer: Answer, *, now: datetime) -> Mapping[str, object]:
    """The `data` of an answer that says yes."""
    if answer.status == 415:
        said = reason_of(answer, fallback=answer.phrase)
        raise RejectedError(f"X answered 415: {said} — it takes no such pictures")
    if not 200 <= answer.status < 300:
        raise refusal(answer, now=now)
    return data_of(answer)


def _unreadable(answer: Answer) -> NotSentError:
    why = answer.broken or reason_of(answer, fallback="it names no picture")
    return not_brought(UnconfirmedError(f"X answered {answer.status}, which cannot be read: {why}"))


def _processing(data: Mapping[str, object]) -> Mapping[str, object]:
    info = data.get("processing_info")
    return info if isinstance(info, dict) else {}
