"""A content warning as each network has it before a text: taken apart again, so that both can be judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SIGN, _BREAKS = "\u26a0\ufe0f ", "\n\n"


@dataclass(frozen=True, kw_only=True)
class Covered:
    """A text, and the words of warning behind which followers find it."""

    text: str
    #: None: followers see the text at once.
    warning: str | None


def on_mastodon(said: Mapping[str, Any]) -> Covered:
    """Of a status, or of a request to post one: its `spoiler_text`."""
    fields = said["fields"]
    return Covered(text=fields["status"], warning=fields.get("spoiler_text") or None)


def on_telegram(said: Mapping[str, Any]) -> Covered:
    """Of a message, or of a request to send one: its first line, where all after it is under a spoiler.

    A warning that covers less, or stands there otherwise, is no warning: it stays in the text.
    """
    fields = said.get("fields", said)
    whole = fields.get("text", fields.get("caption", ""))
    entities = fields.get("entities", fields.get("caption_entities", ()))
    units = whole.encode("utf-16-le")
    for one in entities:
        start = 2 * one["offset"]
        before, text = units[:start].decode("utf-16-le"), units[start:].decode("utf-16-le")
        is_whole = start + 2 * one["length"] == len(units)
        if one["type"] == "spoiler" and is_whole and before.startswith(_SIGN) and before.endswith(_BREAKS):
            return Covered(text=text, warning=before.removeprefix(_SIGN).removesuffix(_BREAKS))
    return Covered(text=whole, warning=None)
