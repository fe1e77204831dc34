"""That a process is dead is said by the lock it held, never by its number."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import stat
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.core.errors import StoreError
from bot.core.post import State
from bot.pipeline.worker import Incarnation, hostname_in
from bot.store import workers
from bot.store.tables import workers as worker_table
from posting import ACCOUNT
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


# -- which processes share their locks -------------------------------------------------------------


@pytest.fixture
def another_name(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Gives this machine another name, as a container has that is made anew."""
    return lambda: monkeypatch.setattr(socket, "gethostname", lambda: "3f9c0b1d2e4a")


@pytest.fixture
def started_in(stage: Stage) -> Iterator[Callable[[Path], Process]]:
    """Starts processes that have another data folder."""
    started: list[Process] = []

    def start(folder: Path) -> Process:
        started.append(Process(stage.db, stage.clock, stage.outlets, data_dir=folder))
        return started[-1]

    yield start
    for process in started:
        process.die()


def test_a_container_made_anew_judges_its_predecessor_and_goes_on(stage: Stage, another_name):
    number = stage.add()
    following = stage.add(texts=("Following.",), due_at=stage.clock.now() + timedelta(minutes=1))
    first = stage.process()
    claimed = first.sender._claim(ACCOUNT.name)
    first.sender._intend(claimed, stage.outlets.of(ACCOUNT.name))
    assert stage.state(number) is State.SENDING
    first.die()
    another_name()
    stage.pass_time(minutes=1)

    second = stage.process()
    second.sweep()
    second.send()

    assert stage.state(number) is State.UNCONFIRMED
    assert stage.state(following) is State.SENT


def test_a_container_made_anew_does_not_judge_one_that_lives(stage: Stage, another_name):
    first = stage.process()
    another_name()

    assert not _is_dead(stage, stage.process(), first)


def test_a_folder_that_was_moved_is_still_the_same(stage: Stage, started_in, tmp_path: Path):
    (tmp_path / "old").mkdir()
    first = started_in(tmp_path / "old" / "data")
    first.die()

    (tmp_path / "old").rename(tmp_path / "new")

    assert _is_dead(stage, started_in(tmp_path / "new" / "data"), first)


def test_a_copied_folder_says_nothing_of_the_workers_of_the_first(stage: Stage, started_in, tmp_path: Path):
    first = started_in(tmp_path / "data")
    shutil.copytree(tmp_path / "data", tmp_path / "copy")

    second = started_in(tmp_path / "copy")

    assert not _is_dead(stage, second, first)
    assert not _is_alive(stage, second, first)


def test_a_worker_of_an_earlier_version_is_never_judged(stage: Stage):
    first, second = stage.process(), stage.process()
    first.die()
    with stage.db.write() as tx:
        tx.execute(
            update(worker_table)
            .where(worker_table.c.id == first.incarnation.id)
            .values(host="invented-host:/an invented folder")
        )

    assert not _is_dead(stage, second, first)
    assert hostname_in("invented-host:/an invented folder") == "invented-host"


def test_people_are_shown_the_name_of_the_machine_alone(stage: Stage):
    host = stage.process().incarnation.host

    assert host != socket.gethostname()
    assert hostname_in(host) == socket.gethostname()


def test_the_folder_keeps_its_identity_and_no_one_else_reads_it(stage: Stage):
    hosts = {stage.process().incarnation.host for _ in range(3)}

    assert len(hosts) == 1
    assert stat.S_IMODE((stage.data_dir / "locks" / "id").stat().st_mode) == 0o600


def test_many_processes_that_start_at_once_agree(stage: Stage, tmp_path: Path):
    together, hosts = threading.Barrier(8), []

    def start() -> None:
        together.wait()
        hosts.append(Incarnation(stage.db, stage.clock, data_dir=tmp_path / "fresh").host)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(hosts), len(set(hosts))) == (8, 1)


def test_an_identity_that_another_process_is_writing_is_waited_for(stage: Stage, tmp_path: Path):
    (tmp_path / "fresh" / "locks").mkdir(parents=True)
    other = os.open(tmp_path / "fresh" / "locks" / "id", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(other, fcntl.LOCK_EX)
    hosts: list[str] = []
    thread = threading.Thread(
        target=lambda: hosts.append(Incarnation(stage.db, stage.clock, data_dir=tmp_path / "fresh").host)
    )

    thread.start()
    thread.join(0.1)
    key = str(uuid.uuid4())
    os.write(other, key.encode())
    os.close(other)
    thread.join()

    assert key in hosts[0]


def test_an_identity_whose_writing_was_cut_off_is_written_again(stage: Stage, tmp_path: Path):
    (tmp_path / "fresh" / "locks").mkdir(parents=True)
    (tmp_path / "fresh" / "locks" / "id").touch(0o600)

    first, second = (Incarnation(stage.db, stage.clock, data_dir=tmp_path / "fresh") for _ in range(2))

    assert first.host == second.host
    assert (tmp_path / "fresh" / "locks" / "id").read_text().strip()


@pytest.mark.parametrize("content", [b"not an identity\n", b"\xff" * 37], ids=["words", "bytes"])
def test_an_identity_that_cannot_be_read_stops_the_process_by_name(stage: Stage, tmp_path: Path, content):
    (tmp_path / "fresh" / "locks").mkdir(parents=True)
    (tmp_path / "fresh" / "locks" / "id").write_bytes(content)

    with pytest.raises(StoreError, match=r"fresh/locks/id: .*remove it while no worker runs"):
        Incarnation(stage.db, stage.clock, data_dir=tmp_path / "fresh")


def test_a_folder_that_cannot_be_made_is_named(stage: Stage, tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match=r"file/locks: no lock can be taken there"):
        Incarnation(stage.db, stage.clock, data_dir=tmp_path / "file")


def _is_alive(stage: Stage, judge: Process, judged: Process) -> bool:
    with stage.db.read() as tx:
        worker = workers.read_worker(tx, judged.incarnation.id)
    assert worker is not None
    return judge.incarnation.is_alive(worker)
