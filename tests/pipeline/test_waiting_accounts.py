"""An account that a network asked to wait: it alone waits."""

from __future__ import annotations

from datetime import timedelta

from bot.core.errors import NotNowError
from bot.core.post import State
from posting import NOW, SECOND_ACCOUNT
from stage import Stage


def test_an_account_that_was_asked_to_wait_holds_up_no_other(stage: Stage):
    waiting = stage.add(grace=timedelta(days=1))
    stage.network(NotNowError("wait", until=NOW + timedelta(hours=2)))
    process = stage.process()
    process.sender.send_due()
    stage.pass_time(minutes=1)
    other = stage.add(account=SECOND_ACCOUNT.name)

    process.sender.send_due()

    assert (stage.state(waiting), stage.state(other)) == (State.READY, State.SENT)
    assert len(stage.network().requests) == 1
