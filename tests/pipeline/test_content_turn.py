"""Syncs and exports of one data folder take turns at the content files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.config import load_settings
from bot.content.reading import Content
from bot.core.campaign import Wording
from bot.core.errors import NotAllowedError
from bot.pipeline.content_turn import content_turn
from bot.store import contents

GOOD = Path(__file__).parents[1] / "content" / "good"
_REPOSITORY = Path(__file__).parents[2]
#: Another process that has the turn until its input ends.
_HOLDS = """
import sys
from pathlib import Path
from bot.pipeline.content_turn import content_turn
with content_turn(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""


class _Slow(App):
    """A bot whose reading of the files can be told to wait right after it."""

    def __init__(self, folder: Path, content: Path) -> None:
        environment = {
            "BOT_DATA_DIR": str(folder),
            "BOT_CONTENT_DIR": str(content),
            "BOT_TEMPLATES_DIR": str(_REPOSITORY / "templates"),
        }
        super().__init__(load_settings(environment, env_file=None))
        self.has_read = threading.Event()
        self.goes_on = threading.Event()

    def content(self) -> Content:
        content = super().content()
        self.has_read.set()
        assert self.goes_on.wait(10)
        return content


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A data folder, and a content folder."""
    shutil.copytree(GOOD, tmp_path / "content")
    return tmp_path / "data", tmp_path / "content"


def test_a_sync_that_read_before_an_export_does_not_bring_old_words_back(folders: tuple[Path, Path]):
    syncing, exporting = _Slow(*folders), _Slow(*folders)
    syncing.goes_on.set()
    exporting.goes_on.set()
    syncing.sync()
    with closing(syncing.db), closing(exporting.db):
        with syncing.db.read() as tx:
            stored = contents.read_item(tx, "lamps", "light-a-lamp")
        assert stored is not None
        said = replace(stored.item, wordings={**stored.item.wordings, "en": Wording(text="Light two lamps.")})
        exporting.editor("Huda").save(said, based_on=stored.digest)
        syncing.goes_on.clear()
        syncing.has_read.clear()

        sync = threading.Thread(target=syncing.sync)
        sync.start()
        assert syncing.has_read.wait(10)
        export = threading.Thread(target=lambda: exporting.write_back(who="Huda", only=None, dry_run=False))
        export.start()
        export.join(0.5)
        syncing.goes_on.set()
        sync.join(10)
        export.join(10)

        with syncing.db.read() as tx:
            after = contents.read_item(tx, "lamps", "light-a-lamp")
        assert after is not None
        assert after.item == said
        assert "Light two lamps." in (folders[1] / "lamps" / "calls.yaml").read_text(encoding="utf-8")


def test_who_waits_too_long_is_told_so_in_one_line(tmp_path: Path):
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", _HOLDS, str(tmp_path)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=_REPOSITORY) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"

        with (
            pytest.raises(NotAllowedError, match="another sync or export is at the content files") as caught,
            content_turn(tmp_path, waits=timedelta(seconds=0.2)),
        ):
            pass
        other.stdin.close()
        with content_turn(tmp_path):
            pass

    assert "\n" not in str(caught.value)


def test_the_turn_is_free_again_after_a_mistake(tmp_path: Path):
    with pytest.raises(ValueError, match="an invented mistake"), content_turn(tmp_path):
        raise ValueError("an invented mistake")

    with content_turn(tmp_path, waits=timedelta(0)):
        pass
