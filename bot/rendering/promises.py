"""What every post must still carry after its template wrote it: a template may move things, not lose them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.core.errors import RenderError
from bot.rendering.fitting import Choice
from bot.rendering.layout import first_strong, runs_right_to_left
from bot.rendering.locales import is_right_to_left
from bot.rendering.values import Values
from bot.text.forms import unsafe_characters
from bot.text.links import find_links


def check_promises(
    parts: Sequence[str],
    choice: Choice,
    values: Values,
    *,
    chunks: Sequence[str] = (),
    link: str,
    template: str,
) -> None:
    """Raise RenderError unless the post carries its wording, source, period, link and hashtags, and is safe.

    `chunks` is what each part of a thread says of the wording. `link` is the one that posts of the account
    must hold, empty for none. The message names the template.
    """
    missing = ", ".join(_missing(parts, choice, values, chunks=chunks or (choice.text,), link=link))
    if missing:
        raise RenderError(f"{template} leaves out {missing}: write it there")
    for text in parts:
        _check_shown(text, values)


def _check_shown(text: str, values: Values) -> None:
    """Raise RenderError for a part that networks refuse, or would lay out in the wrong direction."""
    unsafe = ", ".join(unsafe_characters(text))
    if unsafe:
        raise RenderError(f"it holds {unsafe}, which no network shows: take it out")
    strong = first_strong(text)
    if strong and is_right_to_left(values["language"]) and not runs_right_to_left(strong):
        # Networks lay out a post by its first letter, and an unseen mark would be counted as text.
        raise RenderError(
            f"its first letter is {strong!r}, so networks would lay it out from left to right: "
            "begin with a word written from right to left"
        )


def _missing(
    parts: Sequence[str], choice: Choice, values: Values, *, chunks: Sequence[str], link: str
) -> Iterator[str]:
    source = values["source"]
    said = [word for chunk in chunks for word in chunk.split()]
    holds_chunks = all(chunk in text for chunk, text in zip(chunks, parts, strict=True))
    if said != choice.text.split() or not holds_chunks:
        yield "the text"
    if source is not None and not any(source["publisher"] in text for text in parts):
        yield f"the source ({source['publisher']})"
    if not any(values["period"] in text for text in parts):
        yield f"the period ({values['period']})"
    if link and not any(holds_link(text, link) for text in parts):
        yield f"the link ({link})"
    # Bluesky and Mastodon know a hashtag only between white space.
    words = {word for text in parts for word in text.split()}
    yield from (f"the hashtag {tag}, between white space" for tag in choice.hashtags if tag not in words)


def holds_link(text: str, url: str) -> bool:
    """Tell whether the text holds this very link, not only a longer one that begins with it."""
    return url in text and (url in text.split() or any(link.url == url for link in find_links(text)))
