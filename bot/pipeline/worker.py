"""One life of one sending process, and the certainty that another one is over."""

from __future__ import annotations

import fcntl
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.clock import Clock
from bot.core.errors import StoreError
from bot.store import workers
from bot.store.database import Database
from bot.store.workers import Worker

#: More than a key has, so that something longer is not taken for one.
_KEY_READ = 100


def hostname_in(host: str) -> str:
    """What people are shown of a worker's host: its machine's name alone."""
    # Workers of earlier versions have the path of their folder after a colon.
    return host.partition(" ")[0].partition(":")[0]


class Incarnation:
    """This process's life: a row in the store, and a lock file that the kernel frees at its death.

    Networks cannot check a fencing token, so an expired lease alone frees nothing
    that may have been sent: only a death certificate does.
    """

    def __init__(self, db: Database, clock: Clock, *, data_dir: Path) -> None:
        """Raises StoreError when the folder of the locks cannot be used."""
        self._db = db
        self._clock = clock
        self._locks = data_dir / "locks"
        self.id = str(uuid.uuid4())
        # Lock files say something only about processes that share their folder. The machine's name is for
        # people: a container that is made anew has another one, and the same folder.
        self.host = f"{socket.gethostname()} {self._identity()}"

    @contextmanager
    def alive(self) -> Iterator[Incarnation]:
        """Hold the lock for as long as this process may send."""
        descriptor = self._lock()
        try:
            with self._db.write() as tx:
                workers.begin(
                    tx,
                    Worker(id=self.id, host=self.host, pid=os.getpid(), ended=False),
                    now=self._clock.now(),
                )
            yield self
        finally:
            try:
                with self._db.write() as tx:
                    workers.end(tx, self.id, now=self._clock.now())
                # The store says so now: the file would say nothing more.
                self._file(self.id).unlink(missing_ok=True)
            finally:
                os.close(descriptor)

    def _lock(self) -> int:
        with self._named_errors():
            descriptor = os.open(self._file(self.id), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return descriptor

    def _identity(self) -> str:
        """Name this folder of locks: its own key, and its file's inode, since a copied folder has another."""
        path = self._locks / "id"
        with self._named_errors():
            self._locks.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                # Of those that start at once, one writes it; and it is written again where that was cut off.
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if not os.fstat(descriptor).st_size:
                    os.pwrite(descriptor, str(uuid.uuid4()).encode(), 0)
                    os.fsync(descriptor)
                key, inode = os.pread(descriptor, _KEY_READ, 0), os.fstat(descriptor).st_ino
            finally:
                os.close(descriptor)
        try:
            return f"{uuid.UUID(key.decode('ascii').strip())}-{inode}"
        except ValueError as error:
            raise StoreError(
                f"{path}: this is not the key of a folder of locks; remove it while no worker runs"
            ) from error

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(f"{self._locks}: no lock can be taken there ({error.strerror})") from error

    def _file(self, worker_id: str) -> Path:
        return self._locks / f"{worker_id}.lock"

    def shares_locks_with(self, worker: Worker) -> bool:
        """Whether that worker's lock is in this process's folder, whatever its machine was called then."""
        return worker.host.rpartition(" ")[2] == self.host.rpartition(" ")[2]

    def is_alive(self, worker: Worker) -> bool:
        """Whether another process holds that worker's lock in this folder, or it cannot be told.

        A file that is gone was removed at its worker's proper end, of which an older database knows nothing.
        """
        shares = self.shares_locks_with(worker)
        return shares and self._file(worker.id).exists() and not self.is_dead(worker)

    def is_dead(self, worker: Worker) -> bool:
        """Whether it is certain that the other process will never send again.

        False for a worker whose lock is in another folder: its next life there, or a person, must say.
        """
        if worker.id == self.id:
            return False
        if worker.ended:
            return True
        if not self.shares_locks_with(worker):
            return False
        try:
            descriptor = os.open(self._file(worker.id), os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            # Somebody removed the file: nothing is certain any more.
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return True
