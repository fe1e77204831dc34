"""Read an account's own posts back and tell whether one of them is a given text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import unquote, urlsplit

from bot.core.errors import UnconfirmedError
from bot.publishing.transport import Answer
from bot.publishing.x_answers import POST_ID
from bot.text.forms import comparable

_SHORT_LINK = r"https?://t\.co/[A-Za-z0-9]+"
#: X appends a link of its own for a post's pictures; older answers do not name their `media_key`.
_MEDIA_LINK = re.compile(
    r"https?://(?:[a-z]+\.)?(?:x|twitter)\.com/[^/]+/status/\d+/(?:photo|video)/\d+", re.ASCII
)
_MAX_LINKS_IN_WORD, _MAX_WORD = 3, 1000


@dataclass(frozen=True, kw_only=True)
class OwnPost:
    """A post as X shows it: HTML-escaped, its links as t.co."""

    id: str
    text: str
    #: What each t.co link stands for; nothing for the one X added for pictures.
    links: Mapping[str, str]

    def short_links(self) -> re.Pattern[str]:
        """Finds its t.co links; those that X names are found even where a letter stands right behind."""
        named = sorted(map(re.escape, self.links), key=len, reverse=True)
        return re.compile("|".join([*named, _SHORT_LINK]), re.ASCII)

    @property
    def shows_picture(self) -> bool:
        """Whether X says that it added a link for pictures."""
        return "" in self.links.values()


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the own timeline, newest first."""

    posts: tuple[OwnPost, ...]
    next_token: str | None


class Likeness(IntEnum):
    """Whether a post on X is the text that was to leave; the closest is the greatest."""

    OTHER = 0
    #: The words are the same, but not the links, which X may have rewritten; or only one has a picture.
    DOUBTFUL = 1
    SAME = 2


def page_from(answer: Answer) -> Page:
    """Read one page. Raises UnconfirmedError unless all of it can be read.

    An answer that cannot be read is not an empty timeline: taking it for one would send a post twice.
    """
    if answer.status != 200:
        raise UnconfirmedError(f"X answered {answer.status} when the account's own posts were read")
    body = answer.json()
    if not isinstance(body, dict) or not isinstance(body.get("meta"), dict) or body.get("errors"):
        raise _unreadable("it is no whole page")
    posts = body.get("data", [])
    if not isinstance(posts, list) or body["meta"].get("result_count") != len(posts):
        raise _unreadable("its posts are not as many as it says")
    token = body["meta"].get("next_token")
    if token is not None and not isinstance(token, str):
        raise _unreadable("its next page is not named")
    return Page(posts=tuple(_own_post(post) for post in posts), next_token=token or None)


def likeness(post: OwnPost, text: str, *, has_picture: bool = False) -> Likeness:
    """Compare a post on X with the text that was to leave, with a picture or without."""
    # X escapes `&`, `<` and `>`, and `comparable` takes that back: ours is escaped too, or a text that
    # speaks of `&lt;` itself would be compared with `<`. As it is, too, should X stop escaping.
    ours = (comparable(html.escape(text, quote=False)), comparable(text))
    theirs = comparable(post.short_links().sub(lambda match: _shown(post, match[0]), post.text))
    words = theirs.split()
    alike = max(_likeness_of_words(post, words, own.split()) for own in ours)
    if has_picture and words and words[-1] not in post.links and re.fullmatch(_SHORT_LINK, words[-1]):
        # The link that X added, should it not say what it is for.
        alike = max(alike, *(_likeness_of_words(post, words[:-1], own.split()) for own in ours))
    return alike if has_picture is post.shows_picture else min(alike, Likeness.DOUBTFUL)


def _likeness_of_words(post: OwnPost, words: list[str], own_words: list[str]) -> Likeness:
    """Compare word by word, because X may write a link differently: a scheme, a slash at the end."""
    if len(words) != len(own_words):
        return Likeness.OTHER
    pairs = zip(words, own_words, strict=True)
    return min((_likeness_of_word(post, *pair) for pair in pairs), default=Likeness.SAME)


def _likeness_of_word(post: OwnPost, word: str, own_word: str) -> Likeness:
    links, around = post.short_links().findall(word), post.short_links().split(word)
    if not links:
        return Likeness.SAME if word == own_word else Likeness.OTHER
    if not (own_word.startswith(around[0]) and own_word.endswith(around[-1])):
        return Likeness.OTHER
    # Many links glued together could be cut in very many ways: a person looks sooner.
    if len(links) > _MAX_LINKS_IN_WORD or len(own_word) > _MAX_WORD:
        return Likeness.DOUBTFUL
    match = re.fullmatch("(.+?)".join(map(re.escape, around)), own_word)
    if match is None:
        return Likeness.OTHER
    alike = all(
        _loosened(own_link) in {_loosened(long), _loosened(html.unescape(long))}
        for own_link, long in zip(match.groups(), (post.links.get(link, link) for link in links), strict=True)
    )
    return Likeness.SAME if alike else Likeness.DOUBTFUL


def _shown(post: OwnPost, link: str) -> str:
    """The link as it stands in the post; nothing for the one X added for pictures."""
    return "" if post.links.get(link) == "" else link


def _loosened(link: str) -> str:
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
    except ValueError:
        return link
    path = unquote(parts.path).rstrip("/")
    return f"{parts.netloc.lower()}{path}?{unquote(parts.query)}#{unquote(parts.fragment)}"


def _own_post(post: object) -> OwnPost:
    if not isinstance(post, dict):
        raise _unreadable("a post in it is no object")
    # The text of a long post is cut; the whole stands beside it. X renamed the field in 2026.
    note = post.get("note_post") or post.get("note_tweet") or post
    post_id, text = post.get("id"), note.get("text") if isinstance(note, dict) else None
    if not isinstance(post_id, str) or not POST_ID.fullmatch(post_id) or not isinstance(text, str):
        raise _unreadable("a post in it has no id or no text")
    return OwnPost(id=post_id, text=text, links=dict(_links(note, post)))


def _links(*holders: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for holder in holders:
        entities = holder.get("entities") or {}
        urls = entities.get("urls") or [] if isinstance(entities, dict) else None
        if not isinstance(urls, list) or not all(isinstance(entity, dict) for entity in urls):
            raise _unreadable("the links of a post in it are not as X describes them")
        for entity in urls:
            short, long = entity.get("url"), entity.get("expanded_url")
            if isinstance(short, str) and isinstance(long, str):
                added = bool(entity.get("media_key")) or _MEDIA_LINK.fullmatch(long) is not None
                yield short, "" if added else long


def _unreadable(why: str) -> UnconfirmedError:
    return UnconfirmedError(f"X's answer to a look at the account's own posts cannot be read: {why}")
