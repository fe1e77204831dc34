"""An answer that comes when somebody else is sending the post already."""

from __future__ import annotations

from bot.core.post import State
from posting import ACCOUNT, LIKE_DRY_RUN, receipt
from stage import Stage


def test_a_late_outcome_does_not_end_a_later_attempt(stage: Stage):
    # The first process was declared dead by mistake, in the middle of a request without any deadline.
    number = stage.add()
    stage.network().recovery = LIKE_DRY_RUN
    first, second = stage.process(), stage.process()
    outlet = stage.outlets.of(ACCOUNT.name)
    assert outlet is not None
    claimed = first.sender._claim(ACCOUNT.name)
    attempt, _ = first.sender._intend(claimed, outlet)
    first.die()
    second.sweep()
    second.sender._intend(second.sender._claim(ACCOUNT.name), outlet)

    written = first.sender._record(claimed, attempt, receipt("late"), outlet)

    assert written is None
    assert (stage.state(number), stage.remote_ids(number)) == (State.SENDING, [None])
    assert stage.log_problems() == []
