"""What one text may hold, in one language or in several."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from bot.content.findings import Finding, Path
from bot.content.values import FIGURE_NAME, hashtag_mistake, nearest, quoted
from bot.text.forms import unsafe_characters
from bot.text.links import find_links

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
#: Links to hosts that X does not know are links for other networks all the same.
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
#: X takes `@name` for a mention after any character but an ASCII letter or digit, Arabic letters included.
_MENTION = re.compile(r"(?<![A-Za-z0-9])[@＠]\w+(?:@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)?")
_ENDING = ".,:;!?…،؛؟"
#: What cameras and computers call pictures, with an ending or without.
_FILE_NAME = re.compile(
    r"[^\n]+\.(?:jpe?g|jfif|png|gif|webp|heic|heif|avif|bmp|tiff?)|(?:img|dscn?|dscf|pxl)[ _-]?[0-9][0-9_-]*",
    re.IGNORECASE,
)


def figures_in(text: str) -> tuple[str, ...]:
    """Give the names between braces, as they stand there."""
    return tuple(_PLACEHOLDER.findall(text))


def has_odd_braces(text: str) -> bool:
    return any(brace in _PLACEHOLDER.sub("", text) for brace in "{}")


def plain_text_findings(text: str, *, path: Path) -> Iterator[Finding]:
    """Give what is wrong with any text that followers read."""
    if not text:
        yield Finding(path=path, what="this text is empty", remedy="write it")
    for character in unsafe_characters(text):
        yield Finding(path=path, what=f"the invisible character {character}", remedy="delete it")


def wording_findings(
    text: str, *, path: Path, hashtags: Collection[str] | None, mentions: Collection[str] | None
) -> Iterator[Finding]:
    """Give what is wrong with a text that is posted, numbers aside.

    It holds none but the campaign's `hashtags` and `mentions`; None where they are not known.
    """
    yield from plain_text_findings(text, path=path)
    if has_odd_braces(text):
        yield Finding(path=path, what="a brace without its partner", remedy="write {name} for a figure")
    for name in dict.fromkeys(figures_in(text)):
        if FIGURE_NAME.fullmatch(name) is None:
            remedy = "write a figure's name between braces: {total}"
            yield Finding(path=path, what=f"{{{name}}} is no figure", remedy=remedy)
    links, rest = _links_and_rest(text)
    for link in dict.fromkeys(links):
        remedy = "write it as the url of the source: accounts with links: true add it"
        yield Finding(path=path, what=f"the link {link}", remedy=remedy)
    if mentions is not None:
        yield from _mention_findings(rest, path=path, allowed=mentions)
    yield from _hashtag_findings(rest, path=path, allowed=hashtags)


def _links_and_rest(text: str) -> tuple[list[str], str]:
    links = []
    pieces = []
    end = 0
    for link in find_links(text):
        links.append(link.url)
        pieces.append(text[end : link.start])
        end = link.end
    rest = "".join([*pieces, text[end:]])
    links += (link.rstrip(_ENDING) for link in _LINK.findall(rest))
    return links, _LINK.sub("", rest)


def _mention_findings(text: str, *, path: Path, allowed: Collection[str]) -> Iterator[Finding]:
    known = {mention.casefold() for mention in allowed}
    for mention in dict.fromkeys(_MENTION.findall(text)):
        if mention.replace("＠", "@").casefold() not in known:
            what = f"{mention} would notify a person who did not ask for it"
            remedy = f"write the name without {mention[0]}, or add it to mentions in campaign.yaml"
            yield Finding(path=path, what=what, remedy=remedy)


def _hashtag_findings(text: str, *, path: Path, allowed: Collection[str] | None) -> Iterator[Finding]:
    known = None if allowed is None else {tag.casefold() for tag in allowed}
    for word in dict.fromkeys(text.replace("＃", "#").split()):
        before, _, name = word.partition("#")
        tag = f"#{name.rstrip(_ENDING)}"
        # A number sign, as in "No. #5", is no hashtag.
        if not any(letter.isalpha() for letter in name):
            continue
        if before:
            what = f"some networks do not link {tag} after {quoted(before)}"
            yield Finding(path=path, what=what, remedy="write a space before it")
        elif mistake := hashtag_mistake(tag):
            yield Finding(path=path, what=mistake.what, remedy=mistake.remedy)
        elif known is not None and tag.casefold() not in known:
            remedy = "write it without #, or add it to hashtags in campaign.yaml"
            yield Finding(path=path, what=f"{tag} is none of the campaign's hashtags", remedy=remedy)


def language_findings(
    texts: Mapping[str, object],
    path: Path,
    *,
    languages: tuple[str, ...] | None,
    of_picture: bool = False,
) -> Iterator[Finding]:
    """Give the campaign's languages that are missing, and the ones that are not the campaign's."""
    if languages is None:
        return
    missing = [language for language in languages if language not in texts]
    for unknown in [language for language in texts if language not in languages]:
        meant = nearest(unknown, missing) or (missing[0] if len(missing) == 1 else None)
        if meant:
            missing.remove(meant)
        yield Finding(
            path=(*path, unknown),
            what=f"this is none of the campaign's languages ({', '.join(languages)})",
            remedy=f"write {meant}" if meant else "delete it, or add it to languages in campaign.yaml",
        )
    for language in missing:
        what = f"missing: everything is in all the campaign's languages ({', '.join(languages)})"
        remedy = f"write {language}: with its text"
        if of_picture:
            remedy = f"write {language}: with what the picture shows"
        yield Finding(path=(*path, language), what=what, remedy=remedy, missing_language=language)


def alt_findings(alt: str, *, path: Path, texts: Collection[str]) -> Iterator[Finding]:
    """Give what makes an alternative text say nothing of its picture to those who read the `texts`."""
    remedy = "say what the picture shows"
    if _FILE_NAME.fullmatch(alt):
        yield Finding(path=path, what="this is the name of a file", remedy=remedy)
    elif (words := _words(alt)) and words in map(_words, texts):
        yield Finding(path=path, what="this only repeats the text", remedy=remedy)


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.casefold()))


def publisher_findings(
    publisher: Mapping[str, str], path: Path, *, languages: tuple[str, ...] | None
) -> Iterator[Finding]:
    """Give what is wrong with the name of a source."""
    yield from language_findings(publisher, path, languages=languages)
    for language, text in publisher.items():
        yield from plain_text_findings(text, path=(*path, language))
