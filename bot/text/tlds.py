"""Which top-level domains end a link on X."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import publicsuffixlist

# X counts with the list that twitter-text 3.1.0 froze in 2020 (tlds.yml of its test data, read 2026-11-21);
# the root zone has moved on. Both differences are kept here, so that the count is the one of X.
#: Gone from the root zone, still links on X: `the end.Off we go` costs 23.
_RETIRED: Final = """
abarth active adac afamilycompany aigo alfaromeo an avianca bananarepublic bentley bl blanco bnl boots bq
budapest bugatti cancerresearch cartier caseih cbs ceb chloe chrysler cityeats comcast cookingchannel csc
dabur dodge doha doosan duck dunlop duns eh epost esurance etisalat everbank fiat flsmidth foodnetwork
frontdoor fujixerox glade goo goodhands guardian hgtv honeywell hoteles htc iinet intel iselect iveco iwc
jcp jlc juniper kerrylogistics kinder ladbrokes lancaster lancia lancome liaison linde lipsy lixil loft
lupin macys maserati mcd mcdonalds meo metlife mf mobily montblanc mopar movistar mtpc mutual mutuelle
nadex nationwide natura newholland northwesternmutual off oldnavy onyourside orientexpress pamperedchef
panerai passagens piaget pramerica qvc raid redstone rightathome rmit rocher sapo sca scjohnson scor ses
shaw showtime shriram spiegel spreadbetting srt starhub statoil swiftcover symantec telecity telefonica
tiffany tp travelchannel uconnect um vista vistaprint volkswagen vuelos warman wolterskluwer xfinity
xperia zippo اتصالات موبايلي 大众汽车 工行 手表 珠宝 诺基亚
"""
#: In the root zone since, no links on X: `2011.سوريا` is text. Written in punycode they are links.
_ADDED: Final = """
amazon hotel kids merck music spa web ישראל السعوديه السعودیة السعودیۃ اليمن ايران سوريا پاكستان アマゾン
亚马逊 澳门 臺灣
"""


@cache
def top_level_domains() -> frozenset[str]:
    """Return every top-level domain that ends a link, in lower case and in its own script."""
    delegated: set[str] = set()
    with open(publicsuffixlist.PSLFILE, encoding="utf-8") as rules:
        for rule in rules:
            if rule.startswith("// ===END ICANN DOMAINS"):
                break
            if not rule.startswith(("//", "\n")):
                delegated.add(rule.split()[0].rpartition(".")[2])
    return frozenset(delegated.union(_RETIRED.split()).difference(_ADDED.split()))


_LETTERS = re.compile("[A-Za-z]+")
_PUNYCODE = re.compile("[xX][nN]--[0-9A-Za-z-]+")
#: What follows a top-level domain only when the name goes on.
_GOES_ON = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@+-")


def end_of_tld(text: str, start: int) -> int:
    """Return where the top-level domain that begins at `start` ends; 0 when none begins there.

    Text may be glued to it in another script, as in `example.orgتفاصيل`.
    """
    run = _LETTERS.match(text, start)
    if run is not None and run[0].lower() in top_level_domains():
        end = run.end()
        if text[end : end + 1] not in _GOES_ON:
            return end
    for tld in _tlds_beyond_ascii().get(text[start : start + 1].lower(), ()):
        end = start + len(tld)
        if text[start:end].lower() == tld and text[end : end + 1] not in _GOES_ON:
            return end
    punycode = _PUNYCODE.match(text, start) if run is not None else None
    return punycode.end() if punycode is not None else 0


@cache
def _tlds_beyond_ascii() -> dict[str, list[str]]:
    """By first letter, longest first."""
    found: dict[str, list[str]] = {}
    for tld in sorted(top_level_domains(), key=len, reverse=True):
        if not tld.isascii():
            found.setdefault(tld[0], []).append(tld)
    return found
