"""The picture of an item that somebody writes: what was removed from it, and others to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.core.errors import NotFoundError, PictureError
from bot.web.asking import app
from bot.web.speech import noted
from bot.web.speech.sentences import listed, translated

if TYPE_CHECKING:
    from bot.media.folder import Added, StoredPicture

#: Pictures to choose from on one page.
SHELF = 12
#: What a file carried, as people call it. What is not here says nothing to most of them.
_REMOVED: Mapping[str, str] = {
    "place": noted("the place"),
    "person": noted("names of people"),
    "camera": noted("the device"),
    "serial number": noted("the device's number"),
    "date": noted("the time"),
    "thumbnail": noted("a small copy"),
    "words": noted("written words"),
    "IPTC": noted("words of an editor"),
    "program": noted("the program"),
    "maker note": noted("notes of the device's maker"),
    "further pictures": noted("further pictures"),
    "after the end": noted("what was hidden behind the picture"),
}
#: The rest, which stands in the list alone.
_OTHER: Mapping[str, str] = {
    "EXIF": noted("technical notes (EXIF)"),
    "XMP": noted("technical notes (XMP)"),
    "colour profile": noted("a colour profile"),
    "palette": noted("a palette"),
    "measure": noted("a measure"),
    "of a program": noted("notes of a program"),
    "and more": noted("and more"),
}


@dataclass(frozen=True, kw_only=True)
class News:
    """What happened to a picture that was just taken in."""

    #: What it carried, in a few words each; the gravest first.
    removed: tuple[str, ...]
    #: Each thing that was removed, and what may be said of it.
    findings: tuple[tuple[str, str], ...]
    #: What was done to its pixels.
    done: tuple[str, ...]

    @classmethod
    def of(cls, added: Added) -> News:
        found = added.original.findings
        grave = dict.fromkeys(one.what for one in found if one.what in _REMOVED)
        return cls(
            removed=tuple(translated(_REMOVED[what]) for what in grave),
            findings=tuple((_word(one.what), one.detail) for one in found),
            done=added.original.done,
        )

    @property
    def removed_words(self) -> str:
        """All of it in one line; empty where the file told nothing that people know by name."""
        return listed(self.removed)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Some of the pictures that are here already, the newest first."""

    pictures: tuple[StoredPicture, ...]
    #: How many newer ones there are.
    skipped: int
    #: Whether there are older ones.
    has_older: bool

    @classmethod
    def after(cls, skipped: int) -> Shelf:
        found = app().media.newest(limit=SHELF + 1, skip=skipped)
        return cls(pictures=tuple(found[:SHELF]), skipped=skipped, has_older=len(found) > SHELF)

    @property
    def older(self) -> int:
        return self.skipped + SHELF

    @property
    def newer(self) -> int:
        return max(self.skipped - SHELF, 0)


def stored_picture(digest: str) -> StoredPicture | None:
    """The picture of the media folder with that digest; None where there is none that can be used."""
    try:
        return app().media.picture(digest.strip())
    except (NotFoundError, PictureError):
        return None


def _word(what: str) -> str:
    known = _REMOVED.get(what) or _OTHER.get(what)
    return what if known is None else translated(known)
