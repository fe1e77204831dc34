"""Secrets that are visibly invented, and the search for them in all that a program left behind."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

#: Each looks different once it is URL-encoded, in JSON, in HTML or in base64; none resembles another.
CANARIES: Mapping[str, str] = {
    "API_KEY": 'canary-one+/="\\<&>%41~A1',
    "API_SECRET": 'canary-two+/="\\<&>%42~B2',
    "ACCESS_TOKEN": 'canary-three+/="\\<&>%43~C3',
    "ACCESS_TOKEN_SECRET": 'canary-four+/="\\<&>%44~D4',
}
#: A database's address is taken apart by several libraries: this one has only what each of them takes.
PASSWORD = "canary-five+~E5/five"


def forms_of(secret: str) -> frozenset[bytes]:
    """Every way to write the secret, as bytes; of base64 what does not hang on its neighbours."""
    forms = {*_escaped(secret), *(form for text in _signed(secret) for form in _inside_base64(text))}
    return frozenset(form.encode() for form in forms)


def said_with(secret: str) -> Iterator[str]:
    """Texts that hold the secret in every form, as a network could say them."""
    yield from sorted(_escaped(secret))
    for text in _signed(secret):
        for before in ("", "x", "xy"):
            said = f"{before}{text}|after".encode()
            yield from (base64.b64encode(said).decode(), base64.urlsafe_b64encode(said).decode())


def _signed(secret: str) -> tuple[str, str]:
    """As it is, and as it stands in the head of a signed request."""
    return secret, quote(secret, safe="")


def _escaped(secret: str) -> set[str]:
    once = quote(secret, safe="")
    encoded = {once, quote(once, safe=""), quote_plus(secret), quote(secret)}
    forms = {secret, *encoded, *(_other_case(form) for form in encoded)}
    forms |= {json.dumps(secret)[1:-1], json.dumps(json.dumps(secret))[3:-3], repr(secret)[1:-1]}
    forms |= {json.dumps(secret)[1:-1].replace("/", "\\/")}
    forms |= {html.escape(secret), html.escape(secret, quote=False)}
    for text in _signed(secret):
        forms |= {text.encode().hex(), text.encode().hex().upper()}
    return forms


def _other_case(form: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda escape: escape[0].lower(), form)


def _inside_base64(text: str) -> Iterator[str]:
    for before in ("", "x", "xy"):
        whole = base64.b64encode((before + text).encode()).decode().rstrip("=")
        middle = whole[-(-len(before) * 8 // 6) : -2]
        yield middle
        yield middle.translate(str.maketrans("+/", "-_"))


def hits(haystacks: Mapping[str, bytes], secrets: Mapping[str, str] = CANARIES) -> list[str]:
    """Where a secret stands, in which form: `file: NAME as form`."""
    return [
        f"{where}: {name} as {form.decode()}"
        for name, secret in secrets.items()
        for form in sorted(forms_of(secret))
        for where, content in haystacks.items()
        if form in content
    ]


def everything_in(*folders: Path) -> dict[str, bytes]:
    """Every file below the folders, and every name of a file there."""
    files = [file for folder in folders for file in sorted(folder.rglob("*"))]
    found = {str(file): file.read_bytes() for file in files if file.is_file()}
    return found | {"names of files": "\n".join(map(str, files)).encode()}


def joined(parts: Iterable[str]) -> bytes:
    return "\n".join(parts).encode()
