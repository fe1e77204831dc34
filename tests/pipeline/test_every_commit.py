"""A process killed before any of its commits: posts, attempts and the log say the same all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event

from bot.core.post import State
from posting import ACCOUNT, BringingPublisher
from stage import Stage

#: More than one sending has; the test says so where that ends to be true.
MANY = 20


class Killed(BaseException):
    """What a process does not survive."""


@contextmanager
def _killed_before_commit(stage: Stage, number: int) -> Iterator[list[int]]:
    """Gives the commits that were made."""
    made: list[int] = []

    def count(connection: Connection) -> None:
        if len(made) == number:
            raise Killed
        made.append(len(made))

    engine = stage.db._engine
    event.listen(engine, "commit", count)
    try:
        with suppress(Killed):
            yield made
    finally:
        event.remove(engine, "commit", count)


@pytest.mark.parametrize("with_picture", [False, True], ids=["text", "picture"])
def test_a_process_killed_before_any_commit_leaves_log_and_posts_in_step(stage: Stage, with_picture: bool):
    stage.outlets.publishers[ACCOUNT.name] = BringingPublisher()
    problems = {}
    for number in range(MANY):
        stage.add(texts=(f"Text {number}.",), picture=stage.album.add(f"{number}") if with_picture else None)
        process = stage.process()
        with _killed_before_commit(stage, number) as made:
            process.sender.send_due()
        process.die()
        if found := stage.log_problems():
            problems[number] = found
        _settle(stage)
        if len(made) < number:
            break

    assert problems == {}
    assert len(made) < MANY - 1, "sending has so many commits now that not each one was tried"
    assert max(_requests(stage).values()) == 1
    assert State.SENT in stage.states().values()


def _settle(stage: Stage) -> None:
    """What the killed process left is looked after, so that the account is free again."""
    after = stage.process()
    for _ in range(4):
        stage.clock.advance(timedelta(minutes=4))
        after.sweep()
    after.die()


def _requests(stage: Stage) -> dict[str, int]:
    texts = [request.text for request in stage.network().requests]
    return {text: texts.count(text) for text in texts}
