"""The console's key: made once, whole, for its owner alone; and never replaced in silence."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from bot.core.errors import ConfigError, StoreError
from bot.pipeline.console_key import console_key


def test_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path):
    key = console_key(tmp_path / "data", named=None)

    path = tmp_path / "data" / "console.key"
    assert len(key) == 32
    assert console_key(tmp_path / "data", named=None) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["console.key"], "nothing unfinished is left"


def test_of_many_who_begin_at_once_all_have_one_key(tmp_path: Path):
    keys: list[bytes] = []
    together = threading.Barrier(12)

    def begin() -> None:
        together.wait()
        keys.append(console_key(tmp_path, named=None))

    threads = [threading.Thread(target=begin) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(keys) == 12
    assert len(set(keys)) == 1


def test_two_folders_have_two_keys(tmp_path: Path):
    assert console_key(tmp_path / "a", named=None) != console_key(tmp_path / "b", named=None)


@pytest.mark.parametrize("damaged", [b"", b"abc", b"\xff\xfe", b"00" * 31, b"00" * 33, b"zz" * 32])
def test_damaged_key_is_named_and_not_replaced(tmp_path: Path, damaged: bytes):
    path = tmp_path / "console.key"
    path.write_bytes(damaged)

    with pytest.raises(StoreError, match=r"console\.key.*backup.*users reset"):
        console_key(tmp_path, named=None)

    assert path.read_bytes() == damaged


def test_named_file_is_read_and_never_made(tmp_path: Path):
    named = tmp_path / "shared.key"
    with pytest.raises(ConfigError, match=r"BOT_CONSOLE_KEY_FILE: .*cannot be read.*copy console\.key"):
        console_key(tmp_path, named=named)
    named.write_text("0f" * 32 + "\n")

    assert console_key(tmp_path, named=named) == b"\x0f" * 32
    assert [one.name for one in tmp_path.iterdir()] == ["shared.key"]


def test_folder_that_cannot_be_written_to_is_named(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match=r"console\.key: the console's key cannot be read or made"):
        console_key(tmp_path / "file", named=None)
