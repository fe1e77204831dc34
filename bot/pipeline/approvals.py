"""A person's word on the posts that wait for it: this very text may leave, or it may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.errors import BotError, NotAllowedError
from bot.core.post import Post, State
from bot.pipeline.moves import deciding
from bot.pipeline.operate import PERSON, Operator
from bot.pipeline.seen import check_seen
from bot.store import posts


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What became of one of many posts; `error` is why it was not approved, empty where it was."""

    id: int
    #: None where there is no such post.
    post: Post | None
    error: str = ""


class Approver(Operator):
    """Approves and refuses. `who` approves nothing that person wrote in, or queued.

    Whoever wrote a text may refuse it all the same: it only keeps back what is one's own.
    """

    def approve_all(self, seen: Mapping[int, str]) -> list[Decided]:
        """Approve each post as it was seen, in order. One that is refused stops no other."""
        return [self._approve_one(number, seen=digest) for number, digest in seen.items()]

    def _approve_one(self, number: int, *, seen: str) -> Decided:
        try:
            return Decided(id=number, post=self.approve(number, seen=seen))
        except BotError as error:
            return Decided(id=number, post=None, error=str(error))

    def refuse(self, post_id: int, *, reason: str, seen: str | None = None) -> Post:
        """Keep a post that waits for an approval back, with a reason for its author.

        It is held as by a person: written anew it waits for an approval again, and otherwise it is missed
        at its moment. To cancel it instead would take the moment from the campaign, and the text from
        whoever can mend it.
        """
        now = self._clock.now()
        with deciding(self._db) as tx:
            post = posts.read_post(tx, post_id)
            check_seen(post, seen)
            if post.state is not State.HELD or not post.approval_needed:
                raise NotAllowedError(f"post {post_id} is {post.state} and waits for no approval")
            if post.approved_digest == post.digest:
                raise NotAllowedError(f"post {post_id} is approved by {post.approved_by}: cancel it instead")
            posts.hold_on(tx, post, guard=PERSON, reason=reason, now=now)
            body = {"digest": post.digest, "due_at": post.due_at.isoformat(), "reason": reason}
            self._log(tx, "refused", post, body, text=post.text)
            return posts.read_post(tx, post_id)
