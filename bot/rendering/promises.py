"""What every post must still carry after its template wrote it: a template may move things, not lose them."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.errors import RenderError
from bot.rendering.fitting import Fitted
from bot.rendering.layout import first_strong, runs_right_to_left
from bot.rendering.locales import is_right_to_left
from bot.rendering.values import Values
from bot.text.forms import unsafe_characters
from bot.text.links import find_links


def check_promises(fitted: Fitted, values: Values, *, link: str, template: str) -> None:
    """Raise RenderError unless the text carries its wording, source, period, link and hashtags, and is safe.

    `link` is the one that posts of the account must hold, empty for none. The message names the template.
    """
    missing = ", ".join(_missing(fitted, values, link=link))
    if missing:
        raise RenderError(f"{template} leaves out {missing}: write it there")
    unsafe = ", ".join(unsafe_characters(fitted.text))
    if unsafe:
        raise RenderError(f"it holds {unsafe}, which no network shows: take it out")
    strong = first_strong(fitted.text)
    if strong and is_right_to_left(values["language"]) and not runs_right_to_left(strong):
        # Networks lay out a post by its first letter, and an unseen mark would be counted as text.
        raise RenderError(
            f"its first letter is {strong!r}, so networks would lay it out from left to right: "
            "begin with a word written from right to left"
        )


def _missing(fitted: Fitted, values: Values, *, link: str) -> Iterator[str]:
    text, source = fitted.text, values["source"]
    if fitted.choice.text not in text:
        yield "the text"
    if source is not None and source["publisher"] not in text:
        yield f"the source ({source['publisher']})"
    if values["period"] not in text:
        yield f"the period ({values['period']})"
    if link and not holds_link(text, link):
        yield f"the link ({link})"
    # Bluesky and Mastodon know a hashtag only between white space.
    words = text.split()
    yield from (
        f"the hashtag {tag}, between white space" for tag in fitted.choice.hashtags if tag not in words
    )


def holds_link(text: str, url: str) -> bool:
    """Tell whether the text holds this very link, not only a longer one that begins with it."""
    return url in text and (url in text.split() or any(link.url == url for link in find_links(text)))
