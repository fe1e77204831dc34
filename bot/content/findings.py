"""One mistake at one place inside a file or an item, before it is known which line that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

#: Keys and list positions from the root of a file, or of an item, down to a value.
Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A mistake, where it is, and what to write instead."""

    path: Path
    what: str
    remedy: str = ""
    #: Only where the path does not lead to the line: a second key of the same name, broken YAML.
    line: int | None = None
    #: The language in which something is still to be written, where that is all that is wrong.
    missing_language: str | None = None

    def under(self, path: Path) -> Finding:
        """Give the same mistake as seen from further up, with `path` leading to this place."""
        return replace(self, path=path + self.path)

    def sentence(self) -> str:
        """Say what is wrong, led by the keys that lead to it; the line tells which one of a list."""
        label = ".".join(part for part in self.path if isinstance(part, str))
        return f"{label}: {self.what}" if label else self.what


class MistakeError(ValueError):
    """A single value is wrong: what it is, and what to write instead."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} — {remedy}")
        self.what = what
        self.remedy = remedy


def listed(words: Iterable[object], *, last: str = "or") -> str:
    """Write words as people list them: `x, y or z`."""
    parts = [str(word) for word in words]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"
