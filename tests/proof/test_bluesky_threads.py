"""A thread on Bluesky, with a fault at any of its parts: every part once, each in reply to the one before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.post import State
from network_stage import NetworkStage, on, words
from posting import ACCOUNT, CAMPAIGN, fact

LONG = timedelta(days=30)
_PARTS = 3


@pytest.mark.parametrize("spoiled", range(1, _PARTS + 1), ids=lambda part: f"part {part}")
@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([{"kind": "drop", "when": "before"}], id="closed, not stored"),
        pytest.param([{"kind": "drop", "when": "after"}], id="closed, stored"),
        pytest.param([{"kind": "truncated"}], id="half an answer"),
        pytest.param([{"kind": "status", "status": 500, "when": "after"}], id="500, stored"),
        pytest.param(
            [{"kind": "drop", "when": "after"}, {"kind": "empty_page"}], id="stored, and a look that lies"
        ),
        pytest.param([{"kind": "status", "status": 400, "body": {"error": "ExpiredToken"}}], id="expired"),
        pytest.param([{"kind": "status", "status": 429}], id="limited"),
    ],
)
def test_thread_is_whole_and_in_order_whatever_a_part_meets(
    network_stage: Callable[[str], NetworkStage], faults: list[dict[str, object]], spoiled: int
):
    stage = network_stage("bluesky")
    stage.take_in(on(stage.network, replace(CAMPAIGN, grace=LONG)), [fact()])
    process = stage.process()
    texts = tuple(words(f"{faults} {spoiled}, part {part}") for part in range(1, _PARTS + 1))
    post_id = stage.add(texts=texts, grace=LONG)

    for _ in range(1, spoiled):
        process.sender.send_next(ACCOUNT.name)
    stage.faults(faults[0])
    process.sender.send_next(ACCOUNT.name)
    # A part's own look at the one before it is over: the next one is the look for it.
    stage.faults(*faults[1:])
    finally_ = stage.come_to_rest(post_id, process)

    posts = stage.fake.posts()
    assert finally_ is State.SENT
    assert [post["text"] for post in posts] == list(texts)
    assert [post["reply_to"] for post in posts] == [None, posts[0]["id"], posts[1]["id"]]
    assert {post["record"]["reply"]["root"]["cid"] for post in posts[1:]} == {posts[0]["cid"]}
    assert stage.stored_twice() == []
    assert stage.log_problems() == []
