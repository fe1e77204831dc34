"""What people read before they approve is what the network gets: each part, and what covers it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core.post import State
from network_stage import NetworkStage, on
from posting import CAMPAIGN, fact
from visiting import Visitor, words_of

WARNING = "invented violence"
TEXTS = ("The first invented part.", "The second invented part.", "The third invented part.")
_PART = re.compile(r'<article class="follower .*?</article>', re.DOTALL)
_SUMMARY = re.compile(r"<summary>.*?<bdi[^>]*>(.*?)</bdi></summary>", re.DOTALL)
_TEXT = re.compile(r'<div class="follower-text[^>]*>(.*?)</div>', re.DOTALL)


@pytest.fixture
def visitor_of(sqlite_file: Any) -> Iterator[Callable[[NetworkStage], Visitor]]:
    made: list[Visitor] = []

    def make(stage: NetworkStage) -> Visitor:
        made.append(Visitor(stage, url=f"sqlite:///{sqlite_file}"))
        return made[-1]

    yield make
    for visitor in made:
        visitor.close()


def shown(page: str) -> list[tuple[str, str, int]]:
    """Of each part what stands before it, its text, and how many pictures it has."""
    found = []
    for part in _PART.findall(page):
        before, text = _SUMMARY.search(part), _TEXT.search(part)
        assert text is not None
        warning = "" if before is None else html.unescape(before[1])
        found.append((warning, html.unescape(text[1]), part.count("<figure")))
    return found


def sent(stage: NetworkStage) -> list[tuple[str, str, int]]:
    """The same of each request, by the network's own means."""
    found = []
    for post in stage.fake.posts():
        warning, text = "", post["text"]
        if stage.network == "mastodon":
            warning = post["fields"].get("spoiler_text", "")
        elif post["entities"]:
            (spoiler,) = (one for one in post["entities"] if one["type"] == "spoiler")
            # In UTF-16 units; these texts have no letter of two.
            warning, text = text[: spoiler["offset"]].rstrip(), text[spoiler["offset"] :]
            assert spoiler["length"] == len(text)
        found.append((warning, text, len(post["pictures"])))
    return found


@pytest.mark.parametrize("network", ["mastodon", "telegram"])
@pytest.mark.parametrize("pictured", [True, False], ids=["with a picture", "without"])
@pytest.mark.parametrize("warning", [WARNING, None], ids=["warned of", "plain"])
def test_every_part_of_a_thread_is_shown_behind_what_covers_it(
    network_stage, visitor_of, network, pictured, warning
):
    stage = network_stage(network)
    stage.take_in(on(stage.network, CAMPAIGN), [fact()])
    picture = replace(stage.album.add("one"), warning=warning is not None) if pictured else None
    post_id = stage.add(texts=TEXTS, content_warning=warning, picture=picture)

    page = visitor_of(stage).see(f"/posts/{post_id}")
    finally_ = stage.come_to_rest(post_id, stage.process())

    assert finally_ is State.SENT
    assert shown(page) == sent(stage)
    line = {"mastodon": WARNING, "telegram": f"⚠️ {WARNING}"}[network]
    assert [before for before, *_ in shown(page)] == [line if warning else ""] * 3
    assert "shows no content warning" not in words_of(page)
