"""What an attempt asks of a network, and what the send log says of it when it begins."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.post import Post
from bot.pipeline.outlets import Outlet
from bot.pipeline.uploading import outgoing
from bot.publishing.protocol import OutgoingPicture, PublishRequest
from bot.store import claims
from bot.store.claims import Attempt
from bot.store.codec import logged_picture, words_beside
from bot.store.database import Tx
from bot.store.send_log import Plain


def intent_body(post: Post, attempt: Attempt) -> Mapping[str, Plain]:
    """What the send log says of an attempt when it begins."""
    return {
        "part": attempt.part,
        "attempt": attempt.number,
        "key": attempt.key,
        "mode": attempt.mode,
        "campaign": post.campaign,
        "account": post.account,
        "network": post.network.value,
        "language": post.language,
        "kind": post.kind.value,
        "item": post.item,
        "due_at": f"{post.due_at:%Y-%m-%dT%H:%M:%S.%f}Z",
        "digest": post.digest,
        "worker": attempt.worker,
        **logged_picture(attempt.picture),
    }


def intent_words(attempt: Attempt) -> Mapping[str, str]:
    """The words that leave beside an attempt's text: the log says them by their salted digests."""
    return words_beside(attempt.picture, attempt.content_warning)


def key_of(tx: Tx, attempt: Attempt, outlet: Outlet) -> str:
    """The key of an attempt's request: of the first that it repeats, where the network takes both for one."""
    knows_repeats = outlet.publisher.recovery.repeat_within is not None
    return claims.first_of_repeats(tx, attempt)[0] if knows_repeats else attempt.key


def request_of(
    attempt: Attempt,
    *,
    key: str,
    reply_to: str | None = None,
    known: frozenset[str] = frozenset(),
    picture: OutgoingPicture | None = None,
) -> PublishRequest:
    """The request an attempt makes, the same each time it is asked for; `known` is other posts' of ours.

    `picture` is what was brought for it; None in a look.
    """
    if picture is None and attempt.picture is not None:
        picture = outgoing(attempt.picture)
    return PublishRequest(
        key=key,
        post=attempt.post,
        part=attempt.part,
        moment=attempt.due_at,
        planned=attempt.planned,
        text=attempt.text,
        language=attempt.language,
        content_warning=attempt.content_warning,
        picture=picture,
        reply_to=reply_to,
        known=known,
    )
