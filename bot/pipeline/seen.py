"""What a person saw of a post before deciding about it: a decision about anything else is refused."""

from __future__ import annotations

import hashlib

from bot.core.errors import NotAllowedError
from bot.core.post import Post


def seen_of(post: Post) -> str:
    """A digest of what a person reads before deciding: text, account, language, moment and warning."""
    if post.content_warning is None:
        return post.digest
    return hashlib.sha256(f"{post.digest}\n{post.content_warning}".encode()).hexdigest()


def check_seen(post: Post, seen: str | None) -> None:
    """Raise NotAllowedError when the post is not what the person saw; None: nobody says what was seen."""
    if seen is not None and seen != seen_of(post):
        raise NotAllowedError(f"post {post.id} was changed after you read it: read it again, then decide")
