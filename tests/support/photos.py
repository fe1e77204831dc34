"""Photographs that people send to the console, with the form that they stand in."""

from __future__ import annotations

import io
import re
from typing import Any

from werkzeug.test import TestResponse

from pictures import drawing, encoded, exif_segment, in_jpeg, segment, tiff
from visitors import ADDRESS, Guest, Visited

SENTINEL = b"INVENTED-SENTINEL-7715"
CAMPAIGN = "not-hostages"
BOUNDARY = "an-invented-boundary"
#: A photograph as a phone leaves it: where, when, with what, by whom.
PHOTO = (
    in_jpeg(
        encoded(drawing(size=(480, 320)), "jpeg"),
        exif_segment(
            tiff(
                {0x010F: b"Invented\0", 0x0132: b"2026:01:02 03:04:05\0", 0x013B: SENTINEL},
                place={2: SENTINEL, 4: SENTINEL},
            )
        ),
        segment(0xFE, SENTINEL),
    )
    + SENTINEL
)
TYPED: dict[str, Any] = {
    "campaign": CAMPAIGN,
    "written_on": "new",
    "when": "next",
    "kind": "call",
    "text_en": "Invented words of a call.",
    "text_ar": "كلمات نداء مخترعة.",
    "picture_alt_en": "An invented drawing.",
    "picture_alt_ar": "رسم مخترع.",
    "url": "https://example.org/typed",
    "to": ["not_hostages_x|ar", "not_hostages_x|en"],
}


def send(
    visitor: Guest, *, picture: bytes | None = None, script: bool = False, **fields: Any
) -> TestResponse:
    """Send a form to the address of pictures, as a browser does; `script`: as its script does."""
    accept = {"Accept": "application/json"} if script else {}
    return visitor.client.post(
        "/pictures",
        data=multipart({"csrf_token": visitor.token(), **TYPED, **fields}, picture),
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
        base_url=ADDRESS,
        headers={"Accept-Language": "en", "Sec-Fetch-Site": "same-origin", "Origin": "null", **accept},
    )


def multipart(fields: dict[str, Any], picture: bytes | None) -> bytes:
    """A form with its file as it travels."""
    parts = [
        f'name="{name}"\r\n\r\n{text}'.encode()
        for name, texts in fields.items()
        for text in (texts if isinstance(texts, list) else [texts])
    ]
    if picture is not None:
        parts.append(b'name="picture"; filename="huda-in-idlib.jpg"\r\n\r\n' + picture)
    begin = f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
    return b"".join(begin + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()


def added(place: Visited, data: bytes = PHOTO) -> Any:
    return place.app.media.add_sent(io.BytesIO(data)).picture


def chosen(page: str) -> str:
    """The digest that the form holds."""
    found = re.search(r'name="picture_file" value="([^"]*)"', page)
    assert found is not None
    return found[1]
