"""Every fault at the second of three parts: the first is never repeated, the thread goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.post import State
from contract import every_row
from fault_rows import Row
from network_stage import NetworkStage, on, words
from posting import CAMPAIGN, fact

LONG = timedelta(days=30)


def _rows(stage: type[NetworkStage]) -> Sequence[Row]:
    # A look that is spoiled meets a part as it meets a whole post: three of these rows stand for all.
    some_looks = [row for row in stage.looks if "stale" in row.id or "second page closed" in row.id]
    return [*stage.requests, *some_looks]


def _texts(row: Row) -> Sequence[str]:
    return [words(f"{row.id}, part {number}") for number in (1, 2, 3)]


def _thread(stage: NetworkStage, texts: Sequence[str]) -> list[tuple[str, int | None]]:
    """What is public of a thread, oldest first: each text, and which one before it it answers."""
    public = [post for text in texts for post in stage.public(text)]
    ids = [post["id"] for post in public]
    return [
        (post["text"], ids.index(post["reply_to"]) if post["reply_to"] in ids else None) for post in public
    ]


@pytest.mark.parametrize(("network", "row"), every_row(_rows))
def test_a_fault_at_the_second_part_never_repeats_the_first(
    network_stage: Callable[[str], NetworkStage], network: str, row: Row
):
    stage = network_stage(network)
    stage.take_in(on(stage.network, replace(CAMPAIGN, grace=LONG)), [fact()])
    texts = _texts(row)
    post_id = stage.add(texts=texts, grace=LONG)
    process = stage.process()
    process.send()
    stage.pass_time(seconds=stage.gap.total_seconds())

    stage.meet(row, process)
    at_once = stage.state(post_id)
    if at_once is State.UNCONFIRMED:
        stage.faults(*row.lies)
    finally_ = stage.come_to_rest(post_id, process)
    broken = _thread(stage, texts)
    if finally_ is State.UNKNOWN:
        stage.say_what_is_so(post_id, texts[1])
        stage.come_to_rest(post_id, process)

    # What a part that left whole leads to is not `sent` yet: the third one is to follow.
    never_left = stage.asks_before_replying and row.meets_whatever_comes
    assert at_once is (State.READY if row.at_once is State.SENT or never_left else row.at_once)
    assert finally_ is row.finally_
    whole = [(texts[0], None), (texts[1], 0), (texts[2], 1)]
    assert broken == (whole if finally_ is State.SENT else whole[: 1 + row.stored])
    is_whole = finally_ is not State.REJECTED
    assert _thread(stage, texts) == (whole if is_whole else whole[:1])
    assert stage.state(post_id) is (State.SENT if is_whole else State.REJECTED)
    assert stage.asked(texts[0]) == 1
    assert stage.stored_twice() == []
    ids = [post["id"] for text in texts for post in stage.public(text)]
    assert stage.remote_ids(post_id) == ids + [None] * (3 - len(ids))
    assert stage.log_problems() == []
