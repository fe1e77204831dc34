"""What the last whole verification of the send log found, kept beside the database for whoever looks."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class LastVerification:
    """When the whole log was verified, and what was found."""

    at: datetime
    entries: int
    attempts: int
    #: Digest of the newest entry.
    head: str
    #: How many things were wrong.
    problems: int


class VerifiedFile:
    """One small file. It is a note for people: nothing is allowed or forbidden by it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, verification: LastVerification) -> None:
        """Keep it in place of the one before; where that cannot be, only the note is lost."""
        document = {
            "at": verification.at.isoformat(),
            "entries": verification.entries,
            "attempts": verification.attempts,
            "head": verification.head,
            "problems": verification.problems,
        }
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            new.write_text(json.dumps(document) + "\n", encoding="utf-8")
            new.replace(self._path)
        except OSError as error:
            log.warning("%s cannot be written: %s", self._path, error.strerror)

    def read(self) -> LastVerification | None:
        """The last one; None when there is none that can be read."""
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            return LastVerification(
                at=datetime.fromisoformat(document["at"]).astimezone(UTC),
                entries=int(document["entries"]),
                attempts=int(document["attempts"]),
                head=str(document["head"]),
                problems=int(document["problems"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
