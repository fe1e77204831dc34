"""Pictures on the fake Bluesky: taken, shown to nobody until a record names them, collected if none does.

As a PDS 0.5.35 deals with them (2026-11-21).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.emulator.bluesky_lexicon import RefusalError, invalid
from bot.emulator.pictures import measure, seen

#: The label of a post whose picture may distress: any other one says something else of it.
COVERING_LABEL = "graphic-media"
#: Bytes: `blobUploadLimit` of a server as it comes.
LARGEST = 5 * 1024 * 1024


@dataclass(kw_only=True)
class Blob:
    data: bytes
    media_type: str
    uploaded_at: datetime
    #: Whether a record names it; until then nobody can fetch it.
    is_shown: bool = False


class Blobs:
    """The blobs of all accounts, by account and CID."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Blob] = {}
        #: How long one is kept that no record names, in seconds. None: for ever.
        self.keeps_seconds: float | None = None

    def take(self, handle: str, data: bytes, *, declared: str, now: datetime) -> dict[str, Any]:
        """Keep a blob that no record names yet, and say what it is called."""
        if not declared:
            raise invalid("Request encoding (Content-Type) required but not provided")
        if len(data) > LARGEST:
            raise RefusalError(413, "PayloadTooLarge", "request entity too large")
        self._collect(now)
        measures = measure(data)
        # It sees for itself, whatever a caller says that it sends.
        kind = declared if measures is None else measures.media_type
        name = cid_of(data)
        blob = self._kept.setdefault((handle, name), Blob(data=data, media_type=kind, uploaded_at=now))
        blob.uploaded_at = now
        reference = {"$type": "blob", "ref": {"$link": name}, "mimeType": kind, "size": len(data)}
        return {"blob": reference}

    def show(self, handle: str, record: dict[str, Any], *, now: datetime) -> None:
        """Let everybody fetch what a record names. Refuses a record whose blobs are not here, or differ."""
        self._collect(now)
        for reference in _references(record):
            name = reference["ref"]["$link"]
            blob = self._kept.get((handle, name))
            if blob is None:
                raise RefusalError(400, "BlobNotFound", f"Could not find blob: {name}")
            if not blob.is_shown:
                _check_same(reference, blob)
            blob.is_shown = True

    def forget(self, handle: str, records: Iterable[dict[str, Any]]) -> None:
        """Drop what was shown by a record that is gone, and is shown by none of those that are left."""
        named = {reference["ref"]["$link"] for record in records for reference in _references(record)}
        gone = [
            key
            for key, blob in self._kept.items()
            if key[0] == handle and blob.is_shown and key[1] not in named
        ]
        for key in gone:
            del self._kept[key]

    def seen(self, handle: str, record: dict[str, Any]) -> list[dict[str, Any]]:
        """The pictures that a record shows, as followers get them."""
        labels = record.get("labels", {}).get("values", ())
        warning = any(label.get("val") == COVERING_LABEL for label in labels)
        return [
            seen(self.shown(handle, image["image"]["ref"]["$link"]).data, alt=image["alt"], warning=warning)
            for image in _images(record)
        ]

    def shown(self, handle: str, name: str) -> Blob:
        """What anybody can fetch under that name."""
        blob = self._kept.get((handle, name))
        if blob is None or not blob.is_shown:
            raise invalid("Blob not found")
        return blob

    def _collect(self, now: datetime) -> None:
        if self.keeps_seconds is None:
            return
        oldest = now - timedelta(seconds=self.keeps_seconds)
        for key in [
            key for key, blob in self._kept.items() if not blob.is_shown and blob.uploaded_at <= oldest
        ]:
            del self._kept[key]


def cid_of(data: bytes) -> str:
    """The name of bytes: version 1, raw, SHA-256, in base 32."""
    cid = b"\x01\x55\x12\x20" + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(cid).decode().lower().rstrip("=")


def _images(record: dict[str, Any]) -> list[dict[str, Any]]:
    images: list[dict[str, Any]] = record.get("embed", {}).get("images", [])
    return images


def _references(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for image in _images(record):
        yield image["image"]


def _check_same(reference: dict[str, Any], blob: Blob) -> None:
    if reference["mimeType"] != blob.media_type:
        raise RefusalError(
            400,
            "InvalidMimeType",
            "Referenced Mimetype does not match stored blob."
            f" Expected: {blob.media_type}, Got: {reference['mimeType']}",
        )
    if reference["size"] != len(blob.data):
        raise RefusalError(
            400,
            "InvalidSize",
            "Referenced Size does not match stored blob."
            f" Expected: {len(blob.data)}, Got: {reference['size']}",
        )
