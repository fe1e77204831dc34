"""Pictures on the fake Mastodon server: they are brought first, and shown by a status later."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.emulator.pictures import measure
from bot.emulator.routes import Reply

_UNKNOWN = "Record not found"


class RefusalError(Exception):
    """What the server says instead of a result."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.reply: Reply = (status, {"error": error})


@dataclass(kw_only=True)
class MediaManners:
    """What servers with this API do differently with pictures; as they stand here, like Mastodon 4.5."""

    knows_media_v2: bool = True
    #: Answers 202, and so many questions with 206 before the picture is ready.
    is_ready_after: int = 0
    #: Leaves out of a status what it does not know, instead of refusing the status (snac2, older Mastodon).
    leaves_out_unknown_pictures: bool = False
    #: Covers the picture of a status that is marked as sensitive; where not, only behind a content warning.
    covers_by_mark: bool = True
    version: str = "4.5.0"
    image_size_limit: int = 16_777_216
    image_matrix_limit: int = 33_177_600
    description_limit: int = 1500
    supported_mime_types: list[str] = field(default_factory=lambda: ["image/jpeg", "image/png", "image/webp"])
    #: Seconds that a picture is kept which no status shows.
    keeps_pictures_for: float = 86_400
    #: None: any number in thirty minutes.
    media_limit: int | None = None


@dataclass(kw_only=True)
class StoredPicture:
    id: str
    account: str
    data: bytes
    description: str | None
    made_at: datetime
    #: How many more questions are answered with 206.
    questions: int
    #: The status that shows it.
    status: str | None = None

    def view(self) -> dict[str, Any]:
        url = None if self.questions else f"http://127.0.0.1/media/{self.id}"
        return {
            "id": self.id,
            "type": "image",
            "url": url,
            "preview_url": url,
            "description": self.description,
        }


@dataclass(kw_only=True)
class Shelf:
    """The pictures of every account."""

    pictures: list[StoredPicture] = field(default_factory=list)

    def bring(
        self, form: dict[str, bytes], *, new_id: str, account: str, manners: MediaManners, now: datetime
    ) -> Reply:
        """POST /api/v2/media and /api/v1/media."""
        start = now - timedelta(minutes=30)
        newest = [one for one in self.pictures if one.account == account and one.made_at > start]
        if manners.media_limit is not None and len(newest) >= manners.media_limit:
            raise RefusalError(429, "Too many requests")
        data, said = form.get("file", b""), form.get("description")
        description = None if said is None else said.decode().strip()
        _check(data, description, manners=manners)
        picture = StoredPicture(
            id=new_id,
            account=account,
            data=data,
            description=description,
            made_at=now,
            questions=manners.is_ready_after,
        )
        self.pictures.append(picture)
        return (202 if picture.questions else 200), picture.view()

    def look(self, media_id: str, *, account: str, manners: MediaManners, now: datetime) -> Reply:
        """GET /api/v1/media/:id, of a picture that no status shows."""
        picture = self._free(media_id, account=account, manners=manners, now=now)
        if picture is None:
            raise RefusalError(404, _UNKNOWN)
        if picture.questions:
            picture.questions -= 1
            return 206, picture.view()
        return 200, picture.view()

    def to_attach(
        self, media_ids: list[str], *, account: str, manners: MediaManners, now: datetime
    ) -> list[StoredPicture]:
        """What a new status of the account shows."""
        if len(media_ids) > 4:
            raise RefusalError(422, "Validation failed: Cannot attach more than 4 files")
        found = [self._free(one, account=account, manners=manners, now=now) for one in media_ids]
        missing = [one for one, picture in zip(media_ids, found, strict=True) if picture is None]
        if missing and not manners.leaves_out_unknown_pictures:
            told = ", ".join(missing)
            raise RefusalError(
                422, f"Validation failed: Media {told} not found or already attached to another post"
            )
        if any(picture.questions for picture in found if picture):
            said = "Cannot attach files that have not finished processing. Try again in a moment!"
            raise RefusalError(422, f"Validation failed: {said}")
        return [picture for picture in found if picture]

    def of_status(self, status_id: str) -> list[StoredPicture]:
        return [picture for picture in self.pictures if picture.status == status_id]

    def _free(
        self, media_id: str, *, account: str, manners: MediaManners, now: datetime
    ) -> StoredPicture | None:
        oldest = now - timedelta(seconds=manners.keeps_pictures_for)
        for picture in self.pictures:
            is_free = picture.status is None and picture.made_at >= oldest
            if picture.id == media_id and picture.account == account and is_free:
                return picture
        return None


def _check(data: bytes, description: str | None, *, manners: MediaManners) -> None:
    measures = measure(data)
    if not data:
        raise RefusalError(422, "Validation failed: File can't be blank")
    if measures is None or measures.media_type not in manners.supported_mime_types:
        raise RefusalError(422, "Validation failed: File content type is invalid, File is invalid")
    if len(data) > manners.image_size_limit:
        raise RefusalError(
            422, f"Validation failed: File size must be less than {manners.image_size_limit} bytes"
        )
    if measures.width * measures.height > manners.image_matrix_limit:
        raise RefusalError(422, f"{measures.width}x{measures.height} images are not supported")
    if description is not None and len(description) > manners.description_limit:
        most = manners.description_limit
        raise RefusalError(422, f"Validation failed: Description is too long (maximum is {most} characters)")
