"""Turn Arabic presentation forms, which old programs leave in texts, into letters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# U+FDF0-U+FDFF stay whole: words and phrases drawn as one sign (ﷲ, ﷺ, ﷼), meant as such; U+FEFF is no letter.
_FORM: Final = re.compile("[\ufb50-\ufdef\ufe70-\ufefc]")
#: How Unicode marks that a character is the shape of letters at a place in a word.
_SHAPES: Final = frozenset({"<isolated>", "<initial>", "<medial>", "<final>"})
#: What carries a vowel mark that stands alone (space, tatweel): the mark is what was meant.
_CARRIERS: Final = " ـ"


def fold_presentation_forms(text: str) -> str:
    """Write U+FB50-U+FDEF and U+FE70-U+FEFC as the letters they show: ﻻ becomes لا.

    NFC leaves them, and NFKC turns ﷺ into eighteen characters. The result is in NFC.
    """
    return unicodedata.normalize("NFC", _FORM.sub(_letters, text))


def _letters(form: re.Match[str]) -> str:
    shape, *letters = unicodedata.decomposition(form[0]).split() or [""]
    if shape not in _SHAPES:
        return form[0]
    return "".join(chr(int(letter, 16)) for letter in letters).lstrip(_CARRIERS)
