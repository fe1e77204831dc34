"""What an EXIF block says of a picture: which way is up, and what it tells of its maker and its place."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: Entries of one list, of which cameras write fewer than a hundred.
_MOST_ENTRIES: Final = 1_000
#: Bytes of one value by its type (TIFF 6.0, section 2; EXIF 2.32, section 4.6.2).
_WIDTHS: Final[Mapping[int, int]] = {
    **dict.fromkeys((1, 2, 6, 7, 129), 1),
    **dict.fromkeys((3, 8), 2),
    **dict.fromkeys((4, 9, 11), 4),
    **dict.fromkeys((5, 10, 12), 8),
}
#: Tags as EXIF 2.32, section 4.6, numbers them.
_ORIENTATION, _EXIF_LIST, _GPS_LIST, _THUMBNAIL = 0x0112, 0x8769, 0x8825, 0x0201
_MAKE, _MODEL, _MAKER_NOTE = 0x010F, 0x0110, 0x927C
_LATITUDE, _LONGITUDE = 0x0002, 0x0004
_DATES: Final = (0x9003, 0x9004, 0x0132)
_SERIAL_NUMBERS: Final = frozenset({0xA420, 0xA431, 0xA435, 0xC62F})
_PEOPLE: Final = frozenset({0x013B, 0x8298, 0xA430, 0x9C9D})
_WORDS: Final = frozenset({0x010E, 0x9286, 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F})
_SOFTWARE: Final = 0x0131
#: Characters of a value that is shown.
_LONGEST_SHOWN: Final = 60

#: Values by tag, as the bytes that stand there.
_List = dict[int, bytes]


@dataclass(frozen=True, kw_only=True)
class Exif:
    """What was read; a block that is broken says nothing, and its picture stands upright."""

    #: 1 to 8: how the pixels are to be turned (EXIF 2.32, Orientation).
    orientation: int = 1
    #: What it tells, and the value where that may be shown.
    tells: tuple[tuple[str, str], ...] = ()


def read_exif(block: bytes) -> Exif:
    """Read a block, with or without the `Exif` that JPEG puts before it. Nothing is raised."""
    block = block.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return Exif()
    reader = _Reader(block, order)
    main, next_list = reader.list_at(reader.number(block[4:8]))
    details, _ = reader.list_at(reader.number(main.get(_EXIF_LIST, b"")))
    place, _ = reader.list_at(reader.number(main.get(_GPS_LIST, b"")))
    small, _ = reader.list_at(next_list)
    orientation = reader.number(main.get(_ORIENTATION, b""))
    return Exif(
        orientation=orientation if 1 <= orientation <= 8 else 1,
        tells=_tells({**main, **details}, place=place, has_thumbnail=_THUMBNAIL in small),
    )


class _Reader:
    """Lists of a TIFF structure. None leads to another by itself: nothing can go in circles."""

    def __init__(self, block: bytes, order: str) -> None:
        self._block = block
        self._order = order

    def number(self, value: bytes) -> int:
        """The first number of a value of two or four bytes; 0 when there is none."""
        if len(value) >= 4:
            return int(struct.unpack_from(f"{self._order}I", value)[0])
        return int(struct.unpack_from(f"{self._order}H", value)[0]) if len(value) >= 2 else 0

    def list_at(self, offset: int) -> tuple[_List, int]:
        """The values of the list at the offset, and the offset of the next; empty where there is none."""
        count = self.number(self._block[offset : offset + 2]) if offset else 0
        end = offset + 2 + 12 * count
        if not 0 < count <= _MOST_ENTRIES or end > len(self._block):
            return {}, 0
        entries = (self._entry(offset + 2 + 12 * number) for number in range(count))
        return dict(entries), self.number(self._block[end : end + 4])

    def _entry(self, offset: int) -> tuple[int, bytes]:
        tag, kind, count = struct.unpack_from(f"{self._order}HHI", self._block, offset)
        size = _WIDTHS.get(kind, 1) * count
        start = offset + 8 if size <= 4 else self.number(self._block[offset + 8 : offset + 12])
        return int(tag), self._block[start : start + size]


def _tells(told: _List, *, place: _List, has_thumbnail: bool) -> tuple[tuple[str, str], ...]:
    """What the lists tell, the gravest first. Never where, and never who."""
    tells: list[tuple[str, str]] = []
    if _LATITUDE in place or _LONGITUDE in place:
        tells.append(("place", "a place (latitude, longitude)"))
    elif place:
        tells.append(("place", "what belongs to a place"))
    if told.keys() & _PEOPLE:
        tells.append(("person", "an author or owner"))
    camera = " ".join(word for tag in (_MAKE, _MODEL) if (word := _shown(told.get(tag, b""))))
    if camera or told.keys() & {_MAKE, _MODEL}:
        tells.append(("camera", camera))
    if told.keys() & _SERIAL_NUMBERS:
        tells.append(("serial number", "of the camera, the lens or the picture"))
    if date := next((word for tag in _DATES if (word := _shown(told.get(tag, b"")))), ""):
        tells.append(("date", date))
    if has_thumbnail:
        tells.append(("thumbnail", "a small copy, perhaps of what was cut away or covered"))
    if told.keys() & _WORDS:
        tells.append(("words", "a description or comment"))
    if _SOFTWARE in told:
        tells.append(("program", _shown(told[_SOFTWARE])))
    if _MAKER_NOTE in told:
        tells.append(("maker note", "what the camera's maker writes for itself"))
    return tuple(tells)


def _shown(value: bytes) -> str:
    """A text as it may be printed: its visible characters, and not many."""
    text = value.split(b"\0", 1)[0].decode("utf-8", "replace")
    return "".join(sign for sign in text if sign.isprintable()).strip()[:_LONGEST_SHOWN]
