"""A person's word on an unknown post: it is there, send it again, or leave it.

A post whose worker was lost with its machine in the middle of sending takes the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.core.clock import Clock
from bot.core.errors import NotAllowedError
from bot.core.post import Post, Receipt, State, digest_of
from bot.pipeline.compose import APPROVAL
from bot.pipeline.moves import deciding, move
from bot.pipeline.outcome import log_outcome
from bot.store import claims, contents, posts, workers
from bot.store.claims import Attempt
from bot.store.database import Database, Tx

#: A worker says each minute that it is alive; after this long a person may speak for it. A process
#: that only slept sends nothing when it wakes: its intent holds for seconds.
SILENT = timedelta(minutes=10)


#: The remote id that a link of a network leads to; None when it leads to no post there.
Links = Callable[[str, str], str | None]


class Resolver:
    """Carries out an operator's word. `who` is that person's name, as the send log will show it."""

    def __init__(self, db: Database, clock: Clock, *, who: str, links: Links) -> None:
        self._db = db
        self._clock = clock
        self._who = who
        self._links = links

    # `attempt` is the number of the attempt that the person was told of: where the post was tried again
    # since, NotAllowedError is raised. None: nobody says.

    def live(self, post_id: int, *, url: str, attempt: int | None = None) -> Post:
        """It is there: the post is sent, with the link the person saw.

        Raises NotAllowedError for a link that leads to no post of the network, or to another of ours.
        """
        now = self._clock.now()
        with deciding(self._db) as tx:
            post, last = self._unknown(tx, post_id, attempt)
            remote_id = self._links(post.network, url)
            if remote_id is None:
                raise NotAllowedError(
                    f"{url!r} leads to no post on {post.network}: copy the link from the post itself"
                )
            receipt = Receipt(remote_id=remote_id, url=url)
            other = claims.owner_of(tx, receipt, account=last.account, post=last.post, part=last.part)
            if other is not None:
                raise NotAllowedError(f"{url} is post {other}: look for the one that post {post_id} made")
            claims.keep_receipt(tx, last, receipt, now=now)
            more = claims.next_part(tx, post.id) is not None
            after = State.READY if more else State.SENT
            reason = f"{self._who} found it on the network"
            move(tx, post, after, reason=reason, now=now, who=self._who)
            claims.close_attempt(tx, last, State.SENT, now=now, receipt=receipt)
            log_outcome(tx, last, after, reason=reason, receipt=receipt, now=now)
            return posts.read_post(tx, post_id)

    def send_again(self, post_id: int, *, attempt: int | None = None) -> Post:
        """It is not there: the post leaves once more, now, under a new key and a new approval."""
        now = self._clock.now()
        with deciding(self._db) as tx:
            post, _ = self._unknown(tx, post_id, attempt)
            campaign = contents.read_campaign(tx, post.campaign)
            if campaign is None:
                raise NotAllowedError(f"post {post_id}: its campaign {post.campaign} was retired")
            texts = tuple(part.text for part in claims.read_parts(tx, post_id))
            digest = digest_of(
                account=post.account,
                language=post.language,
                due_at=now,
                texts=texts,
                content_warning=post.content_warning,
                picture=post.picture,
            )
            move(
                tx,
                post,
                State.READY,
                reason=f"{self._who} says it is not on the network: it is sent again",
                now=now,
                who=self._who,
                due_at=now,
                grace_until=now + campaign.grace,
                digest=digest,
                absent_reads=0,
            )
            if post.approval_needed:
                again = posts.read_post(tx, post_id)
                reason = "waits for a new approval"
                move(tx, again, State.HELD, reason=reason, now=now, who=self._who, guard=APPROVAL)
            return posts.read_post(tx, post_id)

    def leave(self, post_id: int, *, attempt: int | None = None) -> Post:
        """Whether it is there or not: nothing more is done."""
        now = self._clock.now()
        with deciding(self._db) as tx:
            post, _ = self._unknown(tx, post_id, attempt)
            reason = f"{self._who} left it as it is"
            move(tx, post, State.CANCELLED, reason=reason, now=now, who=self._who)
            return posts.read_post(tx, post_id)

    def _unknown(self, tx: Tx, post_id: int, number: int | None) -> tuple[Post, Attempt]:
        post = posts.read_post(tx, post_id)
        if post.state is State.SENDING and is_silent(tx, post, now=self._clock.now()):
            post = self._give_up(tx, post)
        attempt = claims.last_attempt(tx, post)
        if post.state is not State.UNKNOWN or attempt is None:
            raise NotAllowedError(
                f"post {post_id} is {post.state}: only an unknown post needs a person's word"
            )
        if number is not None and number != attempt.number:
            raise NotAllowedError(f"post {post_id} was tried again after you looked: look at it again")
        return post, attempt

    def _give_up(self, tx: Tx, post: Post) -> Post:
        now = self._clock.now()
        reason = f"{self._who} says that the worker which was sending it is gone"
        move(tx, post, State.UNCONFIRMED, reason=reason, now=now, who=self._who)
        attempt = claims.last_attempt(tx, post)
        if attempt is not None:
            claims.close_attempt(tx, attempt, State.UNCONFIRMED, now=now, error=reason)
        move(tx, posts.read_post(tx, post.id), State.UNKNOWN, reason=reason, now=now, who=self._who)
        return posts.read_post(tx, post.id)


def is_silent(tx: Tx, post: Post, *, now: datetime) -> bool:
    """Whether the worker that was sending a post has said nothing for long.

    No other worker can know that it is dead when its machine, or its data folder, is gone.
    """
    worker = workers.read_worker(tx, post.worker or "")
    if worker is None or worker.ended or worker.seen_at is None:
        return True
    return now - worker.seen_at > SILENT
