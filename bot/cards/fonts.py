"""The fonts of cards: where their packages lie, and which characters they can show."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bot.core.errors import ConfigError, Problem

#: Package and family; both are under the SIL Open Font License 1.1. The Arabic one has Latin letters of the
#: same design, but not ğ, ş and İ.
FAMILIES: Final = (
    ("fontpkg_ibm_plex_sans", "IBM Plex Sans"),
    ("fontpkg_ibm_plex_sans_arabic", "IBM Plex Sans Arabic"),
)
#: Not drawn, but obeyed: non-joiner and joiner.
_UNDRAWN: Final = frozenset("\u200c\u200d\n")


class Fonts:
    """The families that cards are written with: package and name of each, the Arabic one last."""

    def __init__(self, families: Sequence[tuple[str, str]] = FAMILIES) -> None:
        self._families = families

    @cached_property
    def folders(self) -> tuple[Path, ...]:
        """Where they lie. Raises ConfigError, which says what to install, when one of them is missing."""
        return tuple(_folder_of(package) for package, _ in self._families)

    def families(self, *, right_to_left: bool) -> list[str]:
        """Their names, the one of the card's own script first."""
        names = [name for _, name in self._families]
        return names[::-1] if right_to_left else names

    def missing(self, text: str) -> tuple[str, ...]:
        """The characters of a text that no font can show, each once: typst leaves them out in silence."""
        lacking = dict.fromkeys(one for one in text if one not in _UNDRAWN and ord(one) not in self._known)
        return tuple(f"{one} ({_name(one)})" if _is_seen(one) else _name(one) for one in lacking)

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset().union(*(_characters(_files(folder)) for folder in self.folders))


def missing_packages() -> ConfigError:
    """The error for a machine that cannot draw cards."""
    return ConfigError(
        [
            Problem(
                where="cards",
                what="typst or the fonts that cards are drawn with are not installed",
                remedy="pip install 'campaign-bot[cards]'",
            )
        ]
    )


def _folder_of(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise missing_packages()
    folder = Path(found.origin).parent / "files"
    if not _files(folder):
        raise missing_packages()
    return folder


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.ttf"))


def _characters(files: Sequence[Path]) -> set[int]:
    """What every file of a family knows: cards use several weights."""
    try:
        from fontTools.ttLib import TTFont
    except ImportError:
        raise missing_packages() from None
    known: list[set[int]] = []
    for file in files:
        with TTFont(file, lazy=True) as font:
            known.append(set(font.getBestCmap()))
    return set.intersection(*known)


def _is_seen(character: str) -> bool:
    """Whether it leaves ink: what does not would turn the line that names it, or stand as a gap."""
    return unicodedata.category(character)[0] not in "CZ"


def _name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"
