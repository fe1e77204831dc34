"""A pause and an intent at the very same moment: one of them is first, and the other one knows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from bot.core.post import State
from bot.pipeline.moves import deciding
from bot.store import pauses, send_log
from bot.store.database import Database
from bot.store.pauses import Pause
from posting import ACCOUNT, NOW
from stage import Stage

#: Long enough for an intent that does not wait to be written down; in seconds.
A_WHILE = 0.25


def test_a_pause_that_is_about_to_commit_is_waited_for(
    stage: Stage, url: str, open_database: Callable[[str], Database]
):
    number = stage.add()
    sender = stage.process().sender
    claimed = sender._claim(ACCOUNT.name)
    elsewhere = open_database(url)

    with ThreadPoolExecutor(1) as pool:
        with deciding(elsewhere) as tx:
            pauses.pause(tx, Pause(reason="invented", who="A Person", paused_at=NOW))
            send_log.append(tx, at=NOW, event="paused", body={"covers": "everything"})
            intent = pool.submit(sender._intend, claimed, stage.outlets.of(ACCOUNT.name))
            wait([intent], timeout=A_WHILE)
            waited = not intent.done()
        error = intent.exception()

    assert error is None, f"the intent failed: {error}"
    assert waited
    assert (stage.state(number), stage.attempt(number)) == (State.READY, None)
