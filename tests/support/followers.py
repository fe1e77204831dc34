"""The fact of `lamps.py` as followers read it: fetched from each network as a follower's program would."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import requests

from bot.media.bytes_check import prove_bare
from lamps import ALT, HANDLE, TAGS, TEXTS, WARNING
from snac import Snac


@dataclass(frozen=True, kw_only=True)
class Read:
    """A post as a follower's program has it."""

    text: str
    #: Words that stand before it; None where the network has no such place.
    warning: str | None
    #: What becomes links to other posts; None where the network finds them by itself, in its apps.
    hashtags: tuple[str, ...] | None
    #: Digest of the picture's bytes, as they come from the network.
    picture: str
    alt: str | None
    #: Whether the picture is covered until a follower asks for it.
    is_covered: bool


def on_x(fake: Any) -> Iterator[Read]:
    for post in fake.posts("lamps"):
        (picture,) = post["pictures"]
        # A link to the picture itself stands last; apps do not show it.
        shown, _, _ = html.unescape(post["shown"]).rpartition(" ")
        (link,) = re.findall(r"https://t\.co/\w+", shown)
        assert shown.replace(link, "https://example.org/lamps?a=1&b=2") == post["text"]
        yield Read(
            text=post["text"],
            warning=None,
            hashtags=None,
            picture=picture["sha256"],
            alt=picture["alt"],
            is_covered=picture["warning"],
        )


def on_pds(pds: Any) -> Iterator[Read]:
    for record in pds.records(HANDLE):
        value, did = record["value"], record["uri"].split("/")[2]
        facets = [(facet["index"], *facet["features"]) for facet in value["facets"]]
        in_bytes = value["text"].encode()
        shown = [in_bytes[where["byteStart"] : where["byteEnd"]].decode() for where, _ in facets]
        meant = [feature.get("uri") or f"#{feature['tag']}" for _, feature in facets]
        assert shown == meant
        (image,) = value["embed"]["images"]
        blob = {"did": did, "cid": image["image"]["ref"]["$link"]}
        yield Read(
            text=value["text"],
            warning=None,
            hashtags=tuple(feature["tag"] for _, feature in facets if "tag" in feature),
            picture=_digest(_fetched(f"{pds.url}/xrpc/com.atproto.sync.getBlob", params=blob)),
            alt=image["alt"],
            is_covered=value["labels"]["values"] == [{"val": "graphic-media"}],
        )


def on_snac(snac: Snac) -> Iterator[Read]:
    for status in snac.statuses():
        (picture,) = status["media_attachments"]
        lines = re.sub(r"<br>", "\n", status["content"]).strip()
        tags = re.findall(r'rel="tag">#([^<]+)</a>', status["content"])
        yield Read(
            text=html.unescape(re.sub(r"<[^>]+>", "", lines)),
            warning=status["spoiler_text"],
            hashtags=tuple(tags),
            picture=_digest(_fetched(f"{snac.url}{urlsplit(picture['url']).path}")),
            alt=picture["description"],
            is_covered=status["sensitive"],
        )


def on_telegram(fake: Any) -> Iterator[Read]:
    for post in fake.posts("lamps"):
        (picture,), (spoiler,) = post["pictures"], post["entities"]
        units = post["text"].encode("utf-16-le")
        start = 2 * spoiler["offset"]
        covered = units[start : start + 2 * spoiler["length"]].decode("utf-16-le")
        assert spoiler["type"] == "spoiler"
        yield Read(
            text=covered,
            warning=units[:start].decode("utf-16-le").strip(),
            hashtags=None,
            picture=picture["sha256"],
            alt=picture["alt"],
            is_covered=picture["warning"],
        )


def _fetched(url: str, **more: Any) -> bytes:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(url, headers={"Connection": "close"}, timeout=20, **more)
    assert answer.ok, f"{url}: {answer.status_code} {answer.text}"
    return answer.content


def _digest(data: bytes) -> str:
    prove_bare(data)
    return hashlib.sha256(data).hexdigest()


def expected(network: str, language: str, *, picture: str) -> Read:
    read = Read(
        text=TEXTS[language],
        warning=WARNING[language],
        hashtags=TAGS[language],
        picture=picture,
        alt=ALT[language],
        is_covered=True,
    )
    match network:
        case "x":
            return replace(read, warning=None, hashtags=None)
        case "bluesky":
            return replace(read, warning=None)
        case "telegram":
            # No bot can tell it what a picture shows.
            return replace(read, warning=f"⚠️ {WARNING[language]}", hashtags=None, alt=None)
        case _:
            return read
