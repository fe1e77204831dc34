"""The witness file: what it says of a database, and that a copy of it is told from the file itself."""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import StoreError
from bot.pipeline.witness import RECORD, Finding, Place, Witness, WitnessFile, is_elsewhere, judge

#: A second, in nanoseconds.
SECOND = 1_000_000_000
DIGEST, OTHER_DIGEST = "a" * 64, "b" * 64
HERE = Place(machine="invented-machine", boot="invented-boot", device=8, inode=77, changed=10**18)
TOLD = Witness(key="invented-key", seq=9, digest=DIGEST, live=True, place=HERE)


def _judged(**changes: Any) -> Finding | None:
    """The database that was here last, but for what differs."""
    values: dict[str, Any] = {
        "witness": TOLD,
        "key": TOLD.key,
        "entry_digest_at_witness_seq": DIGEST,
        "has_live_attempts": True,
        "here": HERE,
        "is_sqlite": True,
        "runs_live": True,
        **changes,
    }
    return judge(values.pop("witness"), **values)


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        pytest.param({}, None, id="nothing-changed"),
        pytest.param({"entry_digest_at_witness_seq": None}, Finding.RESTORED, id="its-entry-is-missing"),
        pytest.param(
            {"entry_digest_at_witness_seq": OTHER_DIGEST}, Finding.RESTORED, id="its-entry-is-another"
        ),
        pytest.param(
            {"entry_digest_at_witness_seq": None, "is_sqlite": False, "here": None},
            Finding.RESTORED,
            id="restored-on-a-server",
        ),
        pytest.param(
            {"entry_digest_at_witness_seq": None, "has_live_attempts": False},
            Finding.RESTORED,
            id="restored-from-before-the-first-live-post",
        ),
        pytest.param(
            {"has_live_attempts": False, "witness": replace(TOLD, live=False)},
            None,
            id="going-live-for-the-first-time",
        ),
        pytest.param(
            {
                "has_live_attempts": False,
                "witness": replace(TOLD, live=False),
                "here": replace(HERE, inode=78),
            },
            Finding.COPIED,
            id="a-copy-from-before-the-first-live-post",
        ),
        pytest.param(
            {
                "has_live_attempts": False,
                "witness": replace(TOLD, live=False),
                "here": replace(HERE, inode=78),
                "runs_live": False,
            },
            None,
            id="a-copied-toy",
        ),
        pytest.param(
            {"has_live_attempts": False, "witness": None}, Finding.COPIED, id="live-without-a-witness"
        ),
        pytest.param({"key": "another-key"}, Finding.ANOTHER, id="another-key"),
        pytest.param(
            {"key": "another-key", "entry_digest_at_witness_seq": None, "has_live_attempts": False},
            Finding.ANOTHER,
            id="a-fresh-database-in-an-old-folder",
        ),
        pytest.param({"key": "another-key", "is_sqlite": False}, Finding.ANOTHER, id="another-on-a-server"),
        pytest.param({"witness": None}, Finding.COPIED, id="no-witness"),
        pytest.param({"witness": None, "is_sqlite": False}, None, id="no-witness-on-a-server"),
        pytest.param({"here": replace(HERE, machine="another")}, Finding.COPIED, id="another-machine"),
        pytest.param({"here": replace(HERE, machine=None)}, Finding.COPIED, id="a-machine-without-a-name"),
        pytest.param({"here": replace(HERE, inode=78)}, Finding.COPIED, id="another-file"),
        pytest.param({"here": replace(HERE, device=9)}, Finding.COPIED, id="another-device"),
        pytest.param(
            {"here": replace(HERE, device=9, boot="another")}, None, id="a-device-renumbered-by-a-new-start"
        ),
        pytest.param(
            {"here": replace(HERE, changed=HERE.changed + 60 * SECOND)}, Finding.COPIED, id="written-over"
        ),
        pytest.param(
            {"here": replace(HERE, changed=HERE.changed - SECOND // 10)}, None, id="clocks-differ-a-bit"
        ),
        pytest.param(
            {"here": replace(HERE, machine="another", inode=1), "is_sqlite": False},
            None,
            id="a-server-has-no-place",
        ),
        pytest.param(
            {"witness": replace(TOLD, seq=0, digest="0" * 64), "entry_digest_at_witness_seq": None},
            None,
            id="the-log-was-empty-then",
        ),
        pytest.param(
            {"witness": None, "has_live_attempts": False, "runs_live": False},
            None,
            id="nothing-ever-left-and-no-witness",
        ),
        pytest.param(
            {"witness": replace(TOLD, live=False), "has_live_attempts": False, "key": "another-key"},
            None,
            id="nothing-ever-left-from-either",
        ),
        pytest.param(
            {
                "witness": replace(TOLD, live=False),
                "has_live_attempts": False,
                "entry_digest_at_witness_seq": None,
            },
            None,
            id="restored-where-nothing-ever-left",
        ),
        pytest.param(
            {"witness": replace(TOLD, live=False), "here": replace(HERE, inode=78)},
            Finding.COPIED,
            id="copied-when-only-the-log-saw-something-leave",
        ),
        pytest.param(
            {"witness": replace(TOLD, place=replace(HERE, changed=None))},
            None,
            id="a-file-system-with-its-own-clock",
        ),
    ],
)
def test_a_database_is_judged_by_the_witness(changes: dict[str, Any], finding: Finding | None):
    assert _judged(**changes) is finding


# -- the file --------------------------------------------------------------------------------------


@pytest.fixture
def open_witness() -> Iterator[Callable[[Path], WitnessFile]]:
    """Opens witness files as processes do; they are closed when the test ends."""
    opened: list[WitnessFile] = []

    def open_one(path: Path) -> WitnessFile:
        opened.append(WitnessFile(path))
        return opened[-1]

    yield open_one
    for witness in opened:
        witness.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "witness"


def _begun(witness: WitnessFile, *, seq: int = 9, key: str = TOLD.key) -> WitnessFile:
    witness.begin(key=key, seq=seq, digest=DIGEST, live=False, anew=True)
    return witness


def _said(witness: WitnessFile) -> tuple[str, int, str, bool]:
    told, _ = witness.read()
    assert told is not None
    return told.key, told.seq, told.digest, told.live


def test_what_is_noted_is_read_by_the_next_process_in_the_same_file(path: Path, open_witness):
    first = _begun(open_witness(path))
    inode = path.stat().st_ino

    first.note(seq=12, digest=OTHER_DIGEST, live=True)
    told, here = open_witness(path).read()

    assert (told.key, told.seq, told.digest, told.live) == (TOLD.key, 12, OTHER_DIGEST, True)
    assert not is_elsewhere(told.place, here)
    assert path.stat().st_ino == inode
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == RECORD


def test_a_lower_number_never_takes_the_place_of_a_higher_one(path: Path, open_witness):
    one, two = _begun(open_witness(path)), _begun(open_witness(path))
    one.note(seq=12, digest=OTHER_DIGEST, live=True)

    two.note(seq=11, digest=DIGEST, live=False)

    assert _said(one) == (TOLD.key, 12, OTHER_DIGEST, True)


def test_another_database_takes_the_place_whatever_its_number(path: Path, open_witness):
    _begun(open_witness(path), seq=500)

    _begun(open_witness(path), seq=1, key="another-key").note(seq=2, digest=OTHER_DIGEST, live=True)

    assert _said(open_witness(path))[:3] == ("another-key", 2, OTHER_DIGEST)


def test_many_threads_and_processes_leave_the_highest_number(path: Path, open_witness):
    files = [_begun(open_witness(path), seq=0) for _ in range(3)]

    def note(file: WitnessFile, first: int) -> None:
        for seq in range(first, 301, 6):
            file.note(seq=seq, digest=f"{seq:064}", live=True)

    threads = [threading.Thread(target=note, args=(files[n % 3], n + 1)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert _said(open_witness(path)) == (TOLD.key, 300, f"{300:064}", True)


def test_another_process_that_writes_is_waited_for(path: Path, open_witness):
    witness = _begun(open_witness(path))
    other = os.open(path, os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX)
    thread = threading.Thread(target=witness.note, kwargs={"seq": 12, "digest": DIGEST, "live": True})

    thread.start()
    thread.join(0.1)
    waited = thread.is_alive()
    os.close(other)
    thread.join()

    assert waited
    assert _said(witness)[1] == 12


@pytest.mark.parametrize("content", [b"", b" " * RECORD, b'{"key": "cut', b"\xff" * RECORD], ids=repr)
def test_a_file_that_says_nothing_is_no_witness_and_is_written_anew(path: Path, content, open_witness):
    path.write_bytes(content)

    told, _ = open_witness(path).read()
    begun = _begun(open_witness(path))

    assert told is None
    assert _said(begun)[:2] == (TOLD.key, 9)


def _copied(path: Path) -> None:
    shutil.copy2(path, path.with_name("saved"))
    path.unlink()
    shutil.copy2(path.with_name("saved"), path)


def _written_over(path: Path) -> None:
    # As `cp -a saved/. data/`: the file stays the same one, with its old content and its old times.
    status, content = path.stat(), path.read_bytes()
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_copy_of_the_file_is_told_from_the_file(path: Path, open_witness):
    # The inode of a removed file may be given out again at once: the old one is kept open.
    _begun(open_witness(path))

    _copied(path)
    told, here = open_witness(path).read()

    assert is_elsewhere(told.place, here)


def test_a_file_moved_with_its_folder_is_still_the_same(tmp_path: Path, open_witness):
    (tmp_path / "old").mkdir()
    _begun(open_witness(tmp_path / "old" / "witness"))

    (tmp_path / "old").rename(tmp_path / "new")
    told, here = open_witness(tmp_path / "new" / "witness").read()

    assert not is_elsewhere(told.place, here)


@pytest.mark.parametrize("changed", [None, 3 * SECOND], ids=["at-once", "later"])
def test_a_file_that_was_written_over_is_told_by_its_moment(path: Path, changed, open_witness):
    _begun(open_witness(path))
    told, _ = open_witness(path).read()

    _written_over(path)
    again, here = open_witness(path).read()

    assert again == told
    # A moment later it would be a copy; in the same one nothing was sent in between.
    later = replace(here, changed=here.changed + (changed or 0))
    assert is_elsewhere(again.place, later) is (changed is not None)


def test_a_full_disk_takes_what_is_noted_or_says_so_by_name(path: Path, open_witness):
    witness = _begun(open_witness(path))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(StoreError, match=r"witness: the witness file cannot be used \(File too large\)"):
            witness.note(seq=12, digest=OTHER_DIGEST, live=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(StoreError, match=r"nowhere/witness: the witness file cannot be used \(No such file"):
        WitnessFile(tmp_path / "nowhere" / "witness")
