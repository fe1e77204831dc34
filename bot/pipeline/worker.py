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


class Incarnation:
    """This process's life: a row in the store, and a lock file that the kernel frees at its death.

    Networks cannot check a fencing token, so an expired lease alone frees nothing
    that may have been sent: only a death certificate does.
    """

    def __init__(self, db: Database, clock: Clock, *, data_dir: Path) -> None:
        self._db = db
        self._clock = clock
        self._locks = data_dir / "locks"
        self.id = str(uuid.uuid4())
        # Lock files say something only about processes that share their folder.
        self.host = f"{socket.gethostname()}:{data_dir.resolve()}"

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
        try:
            self._locks.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._file(self.id), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(f"{self._locks}: no lock can be taken there ({error.strerror})") from error
        return descriptor

    def _file(self, worker_id: str) -> Path:
        return self._locks / f"{worker_id}.lock"

    def is_alive(self, worker: Worker) -> bool:
        """Whether another process of this host holds that worker's lock, or it cannot be told.

        A file that is gone was removed at its worker's proper end, of which an older database knows nothing.
        """
        return self._file(worker.id).exists() and not self.is_dead(worker)

    def is_dead(self, worker: Worker) -> bool:
        """Whether it is certain that the other process will never send again.

        False for a worker on another host: its next life there, or a person, must say.
        """
        if worker.id == self.id:
            return False
        if worker.ended:
            return True
        if worker.host != self.host:
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
