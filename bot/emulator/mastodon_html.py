"""Texts as HTML, with their links, hashtags and paragraphs as Mastodon writes them."""

from __future__ import annotations

import html
import re

from bot.text.hashtags import find_hashtags
from bot.text.links import find_links

#: `@name@server`, of which Mastodon shows and counts `@name`.
REMOTE_MENTION = re.compile(r"(@[a-zA-Z0-9_]+)@[\w.-]*\w")


def html_of(text: str) -> str:
    """What a page shows of a text."""
    spots = [(link.start, link.end, _link) for link in find_links(text) if "://" in link.url]
    spots += [(tag.start, tag.end, _hashtag) for tag in find_hashtags(text)]
    shown, end = "", 0
    for start, stop, write in sorted(spots, key=lambda spot: spot[0]):
        if start >= end:
            shown += html.escape(text[end:start]) + write(text[start:stop])
            end = stop
    shown += html.escape(text[end:])
    paragraphs = re.split(r"\n{2,}", shown.strip())
    return "".join(f"<p>{paragraph.replace(chr(10), '<br />')}</p>" for paragraph in paragraphs)


def _link(text: str) -> str:
    scheme, _, rest = text.partition("://")
    shown, hidden = html.escape(rest[:30]), html.escape(rest[30:])
    ellipsis = ' class="ellipsis"' if hidden else ""
    return (
        f'<a href="{html.escape(text)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}://</span><span{ellipsis}>{shown}</span>'
        f'<span class="invisible">{hidden}</span></a>'
    )


def _hashtag(text: str) -> str:
    tag = html.escape(text[1:])
    return f'<a href="http://127.0.0.1/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
