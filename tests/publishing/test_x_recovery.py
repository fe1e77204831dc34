"""How what may be on X is found out: numbers on which it depends that nothing is sent twice."""

from __future__ import annotations

from datetime import timedelta

from bot.core.post import State
from bot.publishing.protocol import Recovery
from bot.publishing.x import XPublisher


def test_x_is_left_alone_for_three_minutes_read_twice_and_then_a_person_decides():
    assert XPublisher.recovery == Recovery(
        settle=timedelta(seconds=180),
        absent_reads=2,
        apart=timedelta(seconds=60),
        absent_means=State.UNKNOWN,
    )
