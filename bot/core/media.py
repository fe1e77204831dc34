"""How an item names its picture, which file of it leaves for a network, and how a post carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture of an item, as its organisers chose it. Nothing is left to a default: each has its answer."""

    #: Digest of the rebuilt picture, SHA-256 in hexadecimal: what `campaign-bot media add` printed.
    file: str
    #: What it shows, for those who do not see it: by language, in each language of the item.
    alt: Mapping[str, str]
    #: Whether it may distress: followers then see it only after a warning.
    warning: bool


@dataclass(frozen=True, kw_only=True)
class PictureFile:
    """One file of a rebuilt picture, as it leaves for a network."""

    #: SHA-256 in hexadecimal; also its name in the media folder.
    digest: str
    #: `image/jpeg` or `image/png`.
    media_type: str
    #: Pixels.
    width: int
    height: int
    #: Bytes.
    size: int


@dataclass(frozen=True, kw_only=True)
class PostPicture:
    """The picture of one post, as frozen as its text: an approval is for it, too."""

    file: PictureFile
    #: In the post's language.
    alt: str
    #: Whether followers see it only after a warning.
    warning: bool
