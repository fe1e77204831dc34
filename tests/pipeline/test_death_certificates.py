"""That a process is dead is said by the lock it held, never by its number."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import update

from bot.store import workers
from bot.store.tables import workers as worker_table
from stage import Process, Stage

#: Above every number that Linux (2 ** 22) or macOS (99,999) gives to a process.
NO_PROCESS = 2**22 + 1


@pytest.mark.parametrize(
    ("dies", "pid"),
    [
        # As in a container of its own, whose processes have other numbers inside than outside.
        pytest.param(False, NO_PROCESS, id="alive-and-its-number-is-nobodys"),
        # As after a restart of the machine: the number is given away again.
        pytest.param(True, os.getpid(), id="dead-and-its-number-is-anothers"),
    ],
)
def test_the_number_of_a_process_says_nothing_of_its_life(stage: Stage, dies: bool, pid: int):
    first, second = stage.process(), stage.process()
    with stage.db.write() as tx:
        tx.execute(update(worker_table).where(worker_table.c.id == first.incarnation.id).values(pid=pid))
    if dies:
        first.die()

    assert _is_dead(stage, second, first) is dies


def _is_dead(stage: Stage, judge: Process, judged: Process) -> bool:
    with stage.db.read() as tx:
        worker = workers.read_worker(tx, judged.incarnation.id)
    assert worker is not None
    return judge.incarnation.is_dead(worker)
