"""Who reads or writes the content files for the store takes turns: older words never go over newer ones."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

from bot.core.errors import NotAllowedError, StoreError

#: Longer than reading and writing some thousands of items takes.
WAITS = timedelta(seconds=30)
_LOOKS_EVERY = timedelta(milliseconds=50)


@contextmanager
def content_turn(data_dir: Path, *, waits: timedelta = WAITS) -> Iterator[None]:
    """Keep every other sync and every other writing into the files of this data folder waiting.

    A sync that read the files before something was written into them, and stored what it read after, would
    take the old words for the files' newest. Raises NotAllowedError when another has not ended in time.
    """
    path = data_dir / "content.lock"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"{path}: no lock can be taken there ({error.strerror})") from error
    try:
        # The kernel frees it when its process ends, however it ends.
        for _ in range(max(1, waits // _LOOKS_EVERY)):
            if _is_taken(descriptor):
                break
            Event().wait(_LOOKS_EVERY.total_seconds())
        else:
            raise NotAllowedError(
                f"{path}: another sync or export is at the content files for more than "
                f"{waits.total_seconds():g} s: try again when it has ended"
            )
        yield
    finally:
        os.close(descriptor)


def _is_taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
