"""The witness: a file beside the database that says what this machine sent last.

A database can be restored or copied, and cannot know it. The witness is not part of it: it
names the newest entry of the send log that was there when a request left.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import msgspec

from bot.core.clock import SystemClock
from bot.core.errors import StoreError
from bot.store import installation
from bot.store.database import Tx
from bot.store.send_log import GENESIS

#: The record is padded to this many bytes, so that it is written in place, and on a full disk too.
RECORD = 1024
#: Names the system's installation on Linux (machine-id(5), read 2026-11); others have no such file.
_MACHINE_ID = Path("/etc/machine-id")
#: Another one after each start of the machine (proc_sys_kernel(5), read 2026-11).
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
#: How far apart a file's change and its stamp may be, in nanoseconds: the stamp is taken just before.
_STAMP_HOLDS = 500_000_000
#: A process that was frozen in between stamps again; after that the file system's clock is another one.
_STAMPS_AT_MOST = 3


class Finding(Enum):
    """What is wrong with a database, in the words that begin its reason."""

    RESTORED = "this database is older than what this machine has sent: it was restored from a backup"
    ANOTHER = "this database is another one than that from which this machine has sent"
    COPIED = (
        "this data folder was copied here or restored from a backup, and what left since is not known: "
        "see that the bot runs nowhere else"
    )


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a witness file stands. A copy stands elsewhere."""

    machine: str | None
    #: Says whether the machine was started again since: a device may have another number then.
    boot: str | None
    device: int
    inode: int
    #: The file's last change, in nanoseconds since 1970: nobody can set it, a copy has its own. None where
    #: the file system goes by another clock than the machine.
    changed: int | None


@dataclass(frozen=True, kw_only=True)
class Witness:
    """What the file says."""

    #: The database's own key.
    key: str
    #: Number and digest of the send log's entry that was the newest then.
    seq: int
    digest: str
    #: Whether anything ever left this machine for a network.
    live: bool
    place: Place


def judge(
    witness: Witness | None,
    *,
    key: str,
    entry_digest_at_witness_seq: str | None,
    has_live_attempts: bool,
    here: Place | None,
    is_sqlite: bool,
    runs_live: bool,
) -> Finding | None:
    """What is wrong with a database, from what the witness and its send log say; None: nothing.

    `here` is where the witness stands now, `runs_live` whether anything can leave for a network from now
    on. A server's database stands nowhere, so that only SQLite's can be a copy. As long as nothing ever
    left for a network, and what says so is no copy, nothing can leave twice.
    """
    if not has_live_attempts and (witness is None or not witness.live):
        # Nothing had left when they were written. A copy of both knows nothing of what left since.
        is_original = witness is not None and here is not None and not is_elsewhere(witness.place, here)
        return Finding.COPIED if is_sqlite and runs_live and not is_original else None
    if witness is None:
        return Finding.COPIED if is_sqlite else None
    if witness.key != key:
        return Finding.ANOTHER
    # The head's number alone is not enough: a restored database may have got new entries since.
    if witness.seq > 0 and entry_digest_at_witness_seq != witness.digest:
        return Finding.RESTORED
    if is_sqlite and (here is None or is_elsewhere(witness.place, here)):
        return Finding.COPIED
    return None


def is_elsewhere(then: Place, here: Place) -> bool:
    """Whether a file that was written at one place is now a copy of it, or was written over."""
    if (then.machine, then.inode) != (here.machine, here.inode):
        return True
    if then.boot == here.boot and then.device != here.device:
        return True
    if then.changed is None or here.changed is None:
        return False
    # Who restores a whole folder over the old one keeps the inode, but not the moment.
    return abs(here.changed - then.changed) > _STAMP_HOLDS


def begin_witness(path: Path, *, key: str) -> None:
    """Write the witness of a database that was made just now, unless there is one of an older database."""
    if path.exists():
        return
    witness = WitnessFile(path)
    try:
        witness.begin(key=key, seq=0, digest=GENESIS, live=False, anew=True)
    finally:
        witness.close()


class WitnessFile:
    """The file of one process, open as long as that may send."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it. Raises StoreError when it cannot be opened."""
        self._path = path
        self._machine, self._boot = _line_of(_MACHINE_ID), _line_of(_BOOT_ID)
        #: What this very process knows: the newest entry of the log that it has seen.
        self._key, self._seq, self._digest, self._live = "", 0, GENESIS, False
        #: Two locks: whoever only remembers never waits for a file that another process holds.
        self._memory, self._turn = threading.Lock(), threading.Lock()
        with self._named_errors():
            self._descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def close(self) -> None:
        """Let go of the file; it stays."""
        os.close(self._descriptor)

    def read(self) -> tuple[Witness | None, Place]:
        """What the file says, None when it says nothing that can be read, and where it stands."""
        with self._alone():
            return self._read(), self._place()

    def begin(self, *, key: str, seq: int, digest: str, live: bool, anew: bool) -> None:
        """Take over a database that was judged, as of its log's newest entry.

        `anew`: what the file says is forgotten, even where it says more.
        """
        with self._memory:
            self._key, self._seq, self._digest, self._live = key, seq, digest, live
        with self._alone():
            self._write(None if anew else self._read(), seq=seq, digest=digest, live=live)
            os.fsync(self._descriptor)

    def fits(self, tx: Tx) -> bool:
        """Whether the log still holds the newest entry that this process has seen."""
        with self._memory:
            seq, digest = self._seq, self._digest
        return seq == 0 or installation.entry_digest(tx, seq) == digest

    def note(self, *, seq: int, digest: str, live: bool) -> None:
        """Write down an entry that was committed; the file only grows. Raises StoreError when it cannot."""
        with self._memory:
            if seq > self._seq:
                self._seq, self._digest = seq, digest
            self._live = self._live or live
            live = self._live
        with self._alone():
            self._write(self._read(), seq=seq, digest=digest, live=live)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep out this process's other threads, which share its lock on the file, and other processes."""
        with self._turn, self._named_errors():
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(f"{self._path}: the witness file cannot be used ({error.strerror})") from error

    def _read(self) -> Witness | None:
        try:
            return msgspec.json.decode(os.pread(self._descriptor, RECORD, 0), type=Witness)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _write(self, known: Witness | None, *, seq: int, digest: str, live: bool) -> None:
        if known is not None:
            live = live or known.live
            if known.key == self._key and known.seq > seq:
                seq, digest = known.seq, known.digest
        for tries in range(1, _STAMPS_AT_MOST + 1):
            # The system's own clock, whatever the bot goes by: the file system stamps with it.
            stamp = int(SystemClock().now().timestamp() * 1e9) if tries < _STAMPS_AT_MOST else None
            place = replace(self._place(), changed=stamp)
            record = Witness(key=self._key, seq=seq, digest=digest, live=live, place=place)
            os.pwrite(self._descriptor, msgspec.json.encode(record).ljust(RECORD), 0)
            if not is_elsewhere(place, self._place()):
                return

    def _place(self) -> Place:
        status = os.fstat(self._descriptor)
        return Place(
            machine=self._machine,
            boot=self._boot,
            device=status.st_dev,
            inode=status.st_ino,
            changed=status.st_ctime_ns,
        )


def _line_of(path: Path) -> str | None:
    """What a file of the system says; None where there is none, or it says nothing."""
    try:
        return path.read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
