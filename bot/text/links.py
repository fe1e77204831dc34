"""Find the links of a text as X does, and write links so that every network keeps them whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_letters, digits
from typing import Final
from urllib.parse import quote

from bot.text.tlds import end_of_tld, top_level_domains

# The grammar is that of npm twitter-text 3.1.0 (read 2026-11-21), written as a scan from each dot that stands
# before a top-level domain: its own expression tries every character as the start of a name, and with them
# every way to split it, which takes minutes on hostile text. Here every character is looked at a few times.

#: Longest host label after punycode, and longest link, in twitter-text.
_MAX_LABEL: Final = 63
_MAX_LINK: Final = 4096
#: A t.co link with a longer slug is none.
_MAX_TCO_SLUG: Final = 40

#: Latin letters with accents, as in twitter-text.
LATIN_WITH_ACCENTS = (
    "\xc0-\xd6\xd8-\xf6\xf8-\xff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272"
    "\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_BIDI_MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_FORBIDDEN = "\ufeff\ufffe\uffff"

#: A run of host labels: everything but punctuation, white space and marks, with `.`, `-` and `_`.
_HOST_RUN = re.compile(rf"[^!'#%&()*+,/:;<=>?@\[\]\\^{{|}}~${_SPACES}{_BIDI_MARKS}{_FORBIDDEN}]+")
_DOT = re.compile("\\.(?=[^\0-@[-`{-\x7f])")
#: Where a host may start inside such a run: after no Latin letter, digit or sign of a tag or mention.
_NOT_BEFORE_LINK = f"{ascii_letters}{digits}@＠$#＃{_FORBIDDEN}"
_HOST_START = re.compile(f"(?<=[^{_NOT_BEFORE_LINK}])[^_-]")
_PROTOCOL = re.compile("[hH][tT][tT][pP][sS]?://")
_OTHER_DOTS = re.compile("[\u3002\uff0e\uff61]")
#: Without a protocol only hosts in these characters are linked.
_LATIN_RUN = re.compile(f"[A-Za-z0-9.{LATIN_WITH_ACCENTS}-]+")

_PATH_END = f"[a-zA-Z0-9\u0400-\u04ff+=_#/{LATIN_WITH_ACCENTS}-]"
_PATH_MIDDLE = r"[!*';:,.$%\[\]\u2013~@|&]"
_IN_PARENS = f"[a-zA-Z0-9\u0400-\u04ff!*';:=+,.$/%#\\[\\]\u2013_~@|&{LATIN_WITH_ACCENTS}-]"
_PARENS = rf"\({_IN_PARENS}++\)|\({_IN_PARENS}*+\({_IN_PARENS}++\){_IN_PARENS}*+\)"
_PORT = re.compile(":[0-9]+")
#: Up to the last letter or sign that may end a path, and the parentheses that follow it at once.
_PATH = re.compile(rf"/(?:{_PATH_END}++|(?:{_PATH_MIDDLE}|{_PARENS})+{_PATH_END})*(?:{_PARENS})*")
_QUERY = re.compile(r"\?[a-zA-Z0-9!?*'@();:&=+$/%#\[\]_.,~|-]*+")
_NOT_AT_QUERY_END = "!?*'@();:+$%[].,~|"
#: Most links there are, read at one go. What it does not match is left to the scan; both give the same.
_PLAIN_LINK = re.compile(
    r"(?<![^ \n])https?://(?!t\.co/)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}(?P<tld>[a-z]{2,24})"
    r"(?:/(?:[a-zA-Z0-9_/=#+.%~-]{0,999}[a-zA-Z0-9_/=#+-])?)?(?:\?[a-zA-Z0-9_/=#&.%-]{0,999}[a-zA-Z0-9_/=#&-])?"
    r"(?![^ \n])"
)
_TCO = re.compile(r"[hH][tT][tT][pP][sS]?://[tT]\.[cC][oO]/([a-zA-Z0-9]+)")

_MAX_PORT: Final = 65535
_MAX_HOST: Final = 253
_PARTS = re.compile(
    r"(?P<protocol>[hH][tT][tT][pP][sS]?)://(?P<authority>[^/?#]*)"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?"
)
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^:]*)(?::([0-9]{1,5}))?")
#: Underscores only before the last two labels; the last begins with a letter.
_HOST_NAME = re.compile(
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?\.)*[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"\.[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
)
_NOT_IN_LINK = re.compile(
    "[\\s\0-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffd-\uffff]"
)
_STRAY_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text: `text[start:end]` is `url`."""

    start: int
    end: int
    url: str


@lru_cache(maxsize=256)  # whoever measures a text soon asks for its hashtags, and both need its links
def find_links(text: str) -> tuple[Link, ...]:
    """Return what X links, in order: with `http(s)://` or bare, such as `example.org/page`."""
    if "." not in text:
        return ()
    links: list[Link] = []
    taken = seen = 0
    for dot in _DOT.finditer(text):
        here = dot.start()
        if here < taken or here < seen:
            continue
        word = max(text.rfind(" ", seen, here) + 1, text.rfind("\n", seen, here) + 1, seen)
        plain = _PLAIN_LINK.match(text, word) if word >= taken else None
        if plain is not None and plain["tld"] in top_level_domains():
            seen = taken = plain.end()
            links.append(Link(word, taken, plain[0]))
            continue
        if end_of_tld(text, here + 1):
            for run in _HOST_RUN.finditer(text, word):
                seen = run.end()
                if seen > here:
                    taken = _scan_run(text, run.start(), seen, taken, links)
                    break
    return tuple(links)


def has_link(text: str) -> bool:
    """Say whether X would find a link in the text."""
    return bool(find_links(text))


def ascii_link(url: str) -> str:
    """Return the link in ASCII, in a form that X keeps whole: percent-encoded, its host in punycode.

    Raises ValueError, with the remedy, for what is no link with `http(s)://`, and for one that holds
    white space, invisible characters or a password.
    """
    if (unseen := _NOT_IN_LINK.search(url)) is not None:
        name = unicodedata.name(unseen[0], f"U+{ord(unseen[0]):04X}")
        raise ValueError(f"link {url!r} holds a {name}: remove it, or write a space as %20")
    split = _PARTS.fullmatch(url)
    if split is None:
        raise ValueError(f"link {url!r} has no http:// or https:// in front: write the whole address")
    protocol, authority, path, query, fragment = split.groups()
    if "@" in authority:
        raise ValueError(f"link {url!r} holds a user name or password: write the address without it")
    start = f"{protocol.lower()}://{_ascii_authority(authority, url)}"
    path = _quote(path or ("/" if fragment else ""), "/")
    fragment = "#" + _quote(fragment, "/?" if query else "/") if fragment else ""
    if not query:
        return start + _whole(path + fragment, _end_of_path)
    return start + _whole(path, _end_of_path) + _whole(f"?{_quote(query, '/?')}{fragment}", _end_of_query)


def is_ascii_link(url: str) -> bool:
    """Say whether the link already is as `ascii_link` would write it."""
    try:
        return url.isascii() and ascii_link(url) == url
    except ValueError:
        return False


def _ascii_authority(authority: str, url: str) -> str:
    split = _AUTHORITY.fullmatch(authority)
    host, port = split.groups() if split is not None else (authority, None)
    try:
        name = _ascii_host(host) if split is not None else None
    except ValueError as error:
        raise ValueError(f"link {url!r} has a host that is none, {host!r}: {error}; write it anew") from error
    if name is None:
        raise ValueError(f"link {url!r} has a host that is none, {host!r}: write it as in www.example.org")
    if port is not None and int(port) > _MAX_PORT:
        raise ValueError(f"link {url!r} has the port {port}: write one up to {_MAX_PORT}, or none")
    return f"{name}:{port}" if port is not None else name


def _ascii_host(host: str) -> str | None:
    """Return the host in punycode; None, or ValueError with a reason, for what is none."""
    import ipaddress  # both take 10 ms and serve few links: not at every start of the program

    import idna

    if host.startswith("["):
        return f"[{ipaddress.IPv6Address(host[1:-1])}]"
    if len(host) > _MAX_HOST:
        return None
    name = host if host.isascii() else idna.encode(host, uts46=True).decode()
    if name.rpartition(".")[2].isdigit():
        return str(ipaddress.IPv4Address(name))
    return name if _HOST_NAME.fullmatch(name) else None


def _quote(part: str, also_safe: str) -> str:
    """Percent-encode; what is encoded already stays."""
    return quote(_STRAY_PERCENT.sub("%25", part), safe="!$&'()*+,;=:@~%" + also_safe)


def _whole(part: str, end_of: Callable[[str, int], int]) -> str:
    """Encode what makes X end the link too early: odd parentheses, and signs it does not take for the end."""
    if end_of(part, 0) < len(part):
        part = part.replace("(", "%28").replace(")", "%29")
    if end_of(part, 0) < len(part):
        part = part[:-1] + ("%20" if part[-1] == "+" else f"%{ord(part[-1]):02X}")
    return part


@dataclass(frozen=True, slots=True)
class _Label:
    """One label of a run of host labels."""

    start: int
    end: int
    #: Where the top-level domain right after this label ends; 0 if there is none.
    tld_end: int
    #: Where a host ends that goes on through the labels after this one; 0 if none does.
    further_end: int


def _scan_run(text: str, start: int, end: int, taken: int, links: list[Link]) -> int:
    """Add the links whose host lies in the run; return up to where text is used up."""
    labels, whole_end = _read_labels(text, start, end)
    if whole_end and (url_start := _start_of_protocol(text, start, taken)) is not None:
        taken = _take(text, url_start, start, whole_end, links)
    for label in labels:
        if label.end > taken and (host := _find_host(text, label, taken)) is not None:
            taken = _take(text, host[0], *host, links)
    return taken


def _read_labels(text: str, start: int, end: int) -> tuple[list[_Label], int]:
    """Return the labels that may begin a host, and where a host that begins with the run ends, or 0."""
    labels: list[_Label] = []
    further_end = 0
    label_end = end
    while True:
        label_start = text.rfind(".", start, label_end) + 1 or start
        tld_end = end_of_tld(text, label_end + 1) if label_end < end else 0
        if label_start == label_end or text[label_end - 1] in "-_":
            further_end = 0
        else:
            labels.append(_Label(label_start, label_end, tld_end, further_end))
            if text[label_start] in "-_":
                further_end = 0
            elif not further_end and "_" not in text[label_start:label_end]:
                further_end = tld_end
        if label_start == start:
            return labels[::-1], further_end
        label_end = label_start - 1


def _start_of_protocol(text: str, host_start: int, taken: int) -> int | None:
    if text[max(host_start - 3, 0) : host_start] != "://":
        return None
    for start in (host_start - len("https://"), host_start - len("http://")):
        if start >= taken and _PROTOCOL.fullmatch(text, start, host_start):
            free = start == 0 or (start > taken and text[start - 1] not in _NOT_BEFORE_LINK)
            return start if free else None
    return None


def _find_host(text: str, label: _Label, taken: int) -> tuple[int, int] | None:
    """Return the span of the first host that begins within the label."""
    end = label.further_end or label.tld_end
    if not end:
        return None
    # The label right before the top-level domain has no underscore.
    first = (
        label.start if label.further_end else max(label.start, text.rfind("_", label.start, label.end) + 1)
    )
    found = _HOST_START.search(text, max(first, taken + 1), label.end)
    if first == taken == 0 and text[0] not in "-_" and (found is None or found.start() > 1):
        return 0, end
    return (found.start(), end) if found is not None else None


def _take(text: str, start: int, host_start: int, host_end: int, links: list[Link]) -> int:
    """Add the link with this host, if it is one; return the end of all that belongs to it."""
    port = _PORT.match(text, host_end)
    port_end = port.end() if port is not None else host_end
    path_end = _end_of_path(text, port_end)
    end = _end_of_query(text, path_end)
    host = text[host_start:host_end]
    protocol_length = host_start - start or len("https://")
    if not _is_valid_host(host) or protocol_length + end - start > _MAX_LINK:
        return end
    if host_start == start:
        if start == 0 or text[start - 1] not in "-_./":
            spans = [(start + begin, start + stop) for begin, stop in _latin_hosts(host)]
            if spans and path_end > port_end:
                # Behind a host that ends in another script X loses its place and shortens as many characters
                # as the Latin part and the path have.
                spans[-1] = (spans[-1][0], spans[-1][1] + end - host_end)
            links.extend(Link(begin, stop, text[begin:stop]) for begin, stop in spans)
        return end
    if (tco := _TCO.match(text, start, end)) is not None:
        if len(tco[1]) <= _MAX_TCO_SLUG:
            stop = _end_of_query(text[:end], tco.end())
            links.append(Link(start, stop, text[start:stop]))
        return end
    links.append(Link(start, end, text[start:end]))
    return end


def _end_of_path(text: str, start: int) -> int:
    path = _PATH.match(text, start)
    return path.end() if path is not None else start


def _end_of_query(text: str, start: int) -> int:
    query = _QUERY.match(text, start)
    return start + len(query[0].rstrip(_NOT_AT_QUERY_END)) if query is not None else start


def _is_valid_host(host: str) -> bool:
    if host.startswith("xn--") and not any(_latin_hosts(host)):
        return False
    return all(_punycode_length(label) <= _MAX_LABEL for label in host.split("."))


def _punycode_length(label: str) -> int:
    if label.isascii() or len(label) > _MAX_LABEL:  # punycode is never shorter
        return len(label)
    parts = _OTHER_DOTS.split(label)
    return (
        len(parts)
        - 1
        + sum(len(part) if part.isascii() else len("xn--") + len(part.encode("punycode")) for part in parts)
    )


def _latin_hosts(host: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the parts that are linked without a protocol."""
    taken = 0
    for run in _LATIN_RUN.finditer(host):
        start = max(run.start(), taken)
        start += host[start] == "." if start < len(host) else 0
        dot = host.rfind(".", start + 1, run.end())
        while dot > start:
            if taken := end_of_tld(host, dot + 1):
                yield start, taken
                break
            dot = host.rfind(".", start + 1, dot)
