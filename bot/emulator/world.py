"""What X knows: accounts, their posts and media, and X's own rules about them."""

from __future__ import annotations

import base64
import hashlib
import html
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.core.clock import Clock, SystemClock
from bot.text.links import find_links
from bot.text.weighted import weighted_length

#: The moment from which X's ids count, in milliseconds.
SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
MAX_WEIGHT, MAX_LONG_WEIGHT = 280, 25_000
#: `expires_after_secs` of an upload, and the sizes of docs.x.com (media, read 2026-11-21).
MEDIA_KEPT = timedelta(seconds=86_400)
MAX_IMAGE_BYTES = 5_000_000
#: `maxLength` of a picture's words in X's API description 2.167.
MAX_ALT = 1000


@dataclass(kw_only=True)
class StoredPost:
    id: int
    account: str
    text: str
    made_at: datetime
    reply_to: int | None
    media: list[str]
    shown: str = ""
    links: list[dict[str, Any]] = field(default_factory=list)
    deleted: bool = False


@dataclass(kw_only=True)
class StoredMedia:
    """A picture that was brought, whether or not a post shows it yet."""

    id: str
    account: str
    brought_at: datetime
    data: bytes = b""
    #: While it comes in pieces: these, and how long it is to be. None: it came at once.
    segments: dict[int, bytes] | None = None
    total: int = 0
    alt: str | None = None
    #: Whether followers see it only after a warning.
    warns: bool = False
    #: How often X must still be asked until it is done with it.
    questions_left: int = 0


@dataclass(kw_only=True)
class World:
    """Everything that a reset forgets."""

    clock: Clock = field(default_factory=SystemClock)
    posts: dict[int, StoredPost] = field(default_factory=dict)
    #: Each account's posts, oldest first, deleted ones too.
    by_account: dict[str, list[StoredPost]] = field(default_factory=dict)
    #: The texts that an account has up, as duplicates are compared.
    texts: set[tuple[str, str]] = field(default_factory=set)
    media: dict[str, StoredMedia] = field(default_factory=dict)
    #: `current`: as the API description names things; `legacy`: as before X renamed them.
    vocabulary: str = "current"
    #: Whether accounts may write up to 25,000, as subscribers may.
    long_posts: bool = False
    #: Whether the same text is taken twice: X itself promises nothing about how long it remembers.
    takes_duplicates: bool = False
    #: None: any number of posts in 15 minutes.
    post_limit: int | None = None
    #: How often X must be asked until it is done with a picture; less than 0: it cannot use it.
    processing_questions: int = 0
    clock_offset_seconds: float = 0.0
    last_id: int = 0

    def now(self) -> datetime:
        return self.clock.now() + timedelta(seconds=self.clock_offset_seconds)

    def next_id(self) -> int:
        stamp = (int(self.now().timestamp() * 1000) - SNOWFLAKE_EPOCH_MS) << 22
        self.last_id = max(self.last_id + 1, stamp)
        return self.last_id

    def add_post(self, account: str, text: str, *, reply_to: int | None, media: list[str]) -> StoredPost:
        post = StoredPost(
            id=self.next_id(), account=account, text=text, made_at=self.now(), reply_to=reply_to, media=media
        )
        post.shown, post.links = shown_text(post)
        self.posts[post.id] = post
        self.by_account.setdefault(account, []).append(post)
        self.texts.add((account, _plain(text)))
        return post

    def add_media(self, account: str, data: bytes = b"", **more: Any) -> StoredMedia:
        media = StoredMedia(
            id=str(self.next_id()),
            account=account,
            brought_at=self.now(),
            data=data,
            questions_left=self.processing_questions,
            **more,
        )
        self.media[media.id] = media
        return media

    def media_of(self, account: str, media_id: object) -> StoredMedia | None:
        """A picture that the account may show: its own, and not yet forgotten."""
        media = self.media.get(media_id) if isinstance(media_id, str) else None
        forgotten = media is not None and self.now() > media.brought_at + MEDIA_KEPT
        return None if media is None or forgotten or media.account != account else media

    def delete(self, post: StoredPost) -> None:
        post.deleted = True
        self.texts.discard((post.account, _plain(post.text)))

    def of(self, account: str, *, since: datetime | None = None) -> Iterator[StoredPost]:
        """An account's posts, newest first, back to a moment; however many are older, they cost nothing."""
        for post in reversed(self.by_account.get(account, ())):
            if since is not None and post.made_at < since:
                return
            if not post.deleted:
                yield post

    def has_duplicate(self, account: str, text: str) -> bool:
        return not self.takes_duplicates and (account, _plain(text)) in self.texts

    def used(self, account: str) -> int:
        """Posts of the last 15 minutes, deleted ones too."""
        posts = self.by_account.get(account, [])
        start = self.now() - timedelta(minutes=15)
        return len(posts) - bisect_right(posts, start, key=lambda post: post.made_at)


def user_id(account: str) -> str:
    return str(10**9 + int(hashlib.sha256(account.encode()).hexdigest()[:12], 16))


def shown_text(post: StoredPost) -> tuple[str, list[dict[str, Any]]]:
    """The text as answers give it: links as t.co, `&<>` escaped; and the entities of those links."""
    shown, end = "", 0
    links: list[dict[str, Any]] = []

    def add_link(expanded: str, **more: str) -> str:
        start = len(html.unescape(shown))
        short = f"https://t.co/{_short(post.id, len(links))}"
        entity = {"start": start, "end": start + len(short), "url": short, "expanded_url": expanded}
        links.append({**entity, "display_url": expanded.partition("://")[2][:30], **more})
        return short

    text = unicodedata.normalize("NFC", post.text)
    for link in find_links(text):
        shown += html.escape(text[end : link.start], quote=False)
        shown += add_link(link.url if "://" in link.url else f"http://{link.url}")
        end = link.end
    shown += html.escape(text[end:], quote=False)
    if post.media:
        shown += " " if shown else ""
        page = f"https://x.com/{post.account}/status/{post.id}/photo/1"
        shown += add_link(page, media_key=f"3_{post.media[0]}")
    return shown, links


def post_view(post: StoredPost, fields: set[str], *, vocabulary: str) -> dict[str, Any]:
    """A post as the timeline gives it, with the fields that were asked for."""
    history, note = ("posts", "note_post") if vocabulary == "current" else ("tweets", "note_tweet")
    view: dict[str, Any] = {"id": str(post.id), "text": post.shown}
    view[f"edit_history_{history.rstrip('s')}_ids"] = [str(post.id)]
    entities = {"urls": post.links} if post.links else {}
    if weighted_length(post.text) > MAX_WEIGHT:
        view["text"] = post.shown[:270] + "…"
        entities = {"urls": [link for link in post.links if link["end"] <= 270]}
        if note in fields:
            view[note] = {"text": post.shown, "entities": {"urls": post.links}}
    if "created_at" in fields:
        view["created_at"] = post.made_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if "entities" in fields and entities.get("urls"):
        view["entities"] = entities
    return view


def page_token(post_id: int) -> str:
    return base64.b32hexencode(str(post_id).encode()).decode().rstrip("=").lower()


def read_page_token(token: str) -> int | None:
    try:
        text = base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8)).decode()
    except ValueError:
        return None
    return int(text) if text.isdigit() else None


def _short(post_id: int, number: int) -> str:
    digest = hashlib.sha256(f"{post_id}:{number}".encode()).digest()
    return "".join(c for c in base64.b64encode(digest).decode() if c.isalnum())[:10]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
