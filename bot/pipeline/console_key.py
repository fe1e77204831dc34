"""The console's key: a file beside the database, so that whoever reads the one has nothing of the other."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from bot.core.errors import ConfigError, Problem, StoreError

#: Bytes; in the file they stand as twice as many hexadecimal digits.
_BYTES = 32


def console_key(data_dir: Path, *, named: Path | None) -> bytes:
    """The key in the file that the settings name, or in that of the data folder, which is made if need be.

    Raises ConfigError when a named file has none, StoreError when the data folder's is damaged.
    """
    if named is not None:
        return _named(named)
    path = data_dir / "console.key"
    try:
        key = _read(path) if path.exists() else _make(path)
    except OSError as error:
        raise StoreError(
            f"{path}: the console's key cannot be read or made ({error.strerror}); "
            "see that this user may write to the data folder"
        ) from error
    if key is None:
        raise StoreError(
            f"{path}: these are not {2 * _BYTES} hexadecimal digits; take the file from a backup, or remove "
            "it: then everybody is signed out, and approvers need `campaign-bot users reset`"
        )
    return key


def _named(path: Path) -> bytes:
    try:
        key = _read(path)
        what = f"the file {path} does not hold {2 * _BYTES} hexadecimal digits"
    except OSError as error:
        key, what = None, f"the file {path} cannot be read ({error.strerror})"
    if key is None:
        remedy = "copy console.key from the data folder of the machine that began"
        raise ConfigError([Problem(where="BOT_CONSOLE_KEY_FILE", what=what, remedy=remedy)])
    return key


def _read(path: Path) -> bytes | None:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        return None
    return key if len(key) == _BYTES else None


def _make(path: Path) -> bytes | None:
    """Make the file whole or not at all: of several processes that begin, all get the same key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # Unlike a move, it never takes the place of one that another process made meanwhile.
        with suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        unfinished.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return _read(path)
