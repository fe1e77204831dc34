"""Every fault at the second of three parts: the first is never repeated, the thread goes on from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.post import State
from fault_rows import LOOKS, REQUESTS, Row
from posting import CAMPAIGN, fact
from x_stage import XStage, words

LONG = timedelta(days=30)
#: A look that is spoiled meets a part as it meets a whole post: three of these rows stand for all.
_SOME_LOOKS = [row for row in LOOKS if "stale" in row.id or "second page closed" in row.id]


def _texts(row: Row) -> Sequence[str]:
    return [words(f"{row.id}, part {number}") for number in (1, 2, 3)]


def _thread(stage: XStage, texts: Sequence[str]) -> list[tuple[str, int | None]]:
    """What is public of a thread, oldest first: each text, and which one before it it answers."""
    public = [post for text in texts for post in stage.public(text)]
    ids = [post["id"] for post in public]
    return [
        (post["text"], ids.index(post["reply_to"]) if post["reply_to"] in ids else None) for post in public
    ]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in (*REQUESTS, *_SOME_LOOKS)])
def test_a_fault_at_the_second_part_never_repeats_the_first(x_stage: XStage, row: Row):
    x_stage.take_in(replace(CAMPAIGN, grace=LONG), [fact()])
    texts = _texts(row)
    post_id = x_stage.add(texts=texts, grace=LONG)
    process = x_stage.process()
    process.send()

    x_stage.meet(row, process)
    at_once = x_stage.state(post_id)
    if at_once is State.UNCONFIRMED:
        x_stage.faults(*row.lies)
    finally_ = x_stage.come_to_rest(post_id, process)
    broken = _thread(x_stage, texts)
    if finally_ is State.UNKNOWN:
        x_stage.resolver().send_again(post_id)
        x_stage.come_to_rest(post_id, process)

    # What a part that left whole leads to is not `sent` yet: the third one is to follow.
    assert at_once is (State.READY if row.at_once is State.SENT else row.at_once)
    assert finally_ is row.finally_
    whole = [(texts[0], None), (texts[1], 0), (texts[2], 1)]
    assert broken == (whole if finally_ is State.SENT else whole[: 1 + row.stored])
    is_whole = finally_ is not State.REJECTED
    assert _thread(x_stage, texts) == (whole if is_whole else whole[:1])
    assert x_stage.state(post_id) is (State.SENT if is_whole else State.REJECTED)
    assert x_stage.asked(texts[0]) == 1
    assert x_stage.stored_twice() == []
    ids = [post["id"] for text in texts for post in x_stage.public(text)]
    assert x_stage.remote_ids(post_id) == ids + [None] * (3 - len(ids))
    assert x_stage.log_problems() == []
