"""What a person saw of a post before deciding about it: a decision about anything else is refused."""

from __future__ import annotations

import hashlib

from bot.core.errors import NotAllowedError
from bot.core.post import Post, State

#: Letters of what binds a decision to how a post stands, 128 bits: an undo of many fits into a cookie.
_STANDING = 32


def standing_of(post: Post) -> str:
    """A short digest of what a post's own binds, and of how it stands: state, approval, what holds it.

    Whatever happened to a held post since it was taken makes another one, even the same hold once more.
    """
    fields = [post.digest, post.state.value, post.approved_digest or "", *sorted(post.overruled)]
    # While a post is ready, its reason is the bot's own note of what it waits for.
    if post.state is State.HELD:
        fields += [post.guard or "", post.reason, str(post.changed_at)]
    return hashlib.sha256("\n".join(fields).encode()).hexdigest()[:_STANDING]


def check_seen(post: Post, seen: str | None) -> None:
    """Raise NotAllowedError when the post is not what the person saw; None: nobody says what was seen.

    `seen` is the post's digest, or what `standing_of` gave: the decision is bound to as much as that.
    """
    if seen is not None and seen not in (post.digest, standing_of(post)):
        raise NotAllowedError(f"post {post.id} was changed after you read it: read it again, then decide")
