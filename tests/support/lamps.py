"""A campaign with one fact in two languages, its picture and four accounts; the real program works in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from pictures import drawing, encoded, exif_segment, in_jpeg, tiff

_ROOT = Path(__file__).parents[2]
_PROGRAM = str(Path(sys.executable).parent / "campaign-bot")
NETWORKS, LANGUAGES = ("x", "mastodon", "bluesky", "telegram"), ("ar", "en")
HANDLE = "lamps.test"
_CAMPAIGN = """
title: {{ar: "مصابيح", en: "Lamps"}}
organisers: {{ar: ["الجمعية المخترعة"], en: ["The Invented Association"]}}
languages: [ar, en]
zone: Asia/Damascus
hashtags:
  ar: {{required: ["#مصابيح_سوريا"], optional: ["#Lamps"]}}
  en: {{required: ["#Lamps"], optional: ["#مصابيح_سوريا"]}}
accounts:
  - {{name: lamps_x, network: x, languages: [ar, en], links: true, unwarned: true}}
  - {{name: lamps_mastodon, network: mastodon, languages: [ar, en], links: true, server: "{server}"}}
  - {{name: lamps_bluesky, network: bluesky, languages: [ar, en], links: true, handle: {handle},
     unwarned: true}}
  - {{name: lamps_telegram, network: telegram, languages: [ar, en], links: true, channel: "@lamps_channel"}}
posting_times: ["09:00"]
sources:
  network:
    publisher: {{ar: "الشبكة المخترعة", en: "The Invented Network"}}
    url: "https://example.org/lamps?a=1&b=2"
    read_on: 2026-11-20
"""
_FACTS = """
facts:
  dark-lamps:
    source: network
    period: 2011-03/2020-06
    figures: {{total: 14388}}
    text:
      ar: "وثّقت الشبكة المخترعة {{total}} مصباحًا مطفأً & اسمًا وراء كل واحد."
      en: "The Invented Network documented {{total}} dark lamps & a name behind each."
    content_warning: {{ar: "تعذيب", en: "Torture"}}
    picture:
      file: {picture}
      alt:
        ar: "رسم مخترع: مصابيح مطفأة على جدار، بعدد الأسماء"
        en: "An invented drawing: dark lamps on a wall, one for each name"
      warning: yes
"""
#: As `queue add --item` does, one by one.
_QUEUE = """
import sys
from bot.app import App
from bot.config import load_settings
app = App(load_settings())
app.sync_first()
operator, now = app.operator("Huda"), app.clock.now()
for network in sys.argv[1].split(","):
    for language in sys.argv[2].split(","):
        operator.queue_item("lamps", "dark-lamps", account=f"lamps_{network}", language=language, at=now)
"""
#: What followers are to read.
TEXTS = {
    "ar": (
        "وثّقت الشبكة المخترعة 14,388 مصباحًا مطفأً & اسمًا وراء كل واحد.\n\n"
        "المصدر: الشبكة المخترعة (آذار 2011 – حزيران 2020)\n"
        "https://example.org/lamps?a=1&b=2\n\n"
        "#مصابيح_سوريا #Lamps"
    ),
    "en": (
        "The Invented Network documented 14,388 dark lamps & a name behind each.\n\n"
        "Source: The Invented Network (March 2011 – June 2020)\n"
        "https://example.org/lamps?a=1&b=2\n\n"
        "#Lamps #مصابيح_سوريا"
    ),
}
ALT = {
    "ar": "رسم مخترع: مصابيح مطفأة على جدار، بعدد الأسماء",
    "en": "An invented drawing: dark lamps on a wall, one for each name",
}
WARNING = {"ar": "تعذيب", "en": "Torture"}
TAGS = {"ar": ("مصابيح_سوريا", "Lamps"), "en": ("Lamps", "مصابيح_سوريا")}


class Campaign:
    """A folder with one campaign and one fact, and the real program at work in it."""

    def __init__(self, path: Path, *, server: str, handle: str, variables: Mapping[str, str]) -> None:
        self.path = path
        self._variables = {
            "PATH": os.defpath,
            "HOME": str(path),
            "BOT_MODE": "live",
            "BOT_CONSOLE_PORT": "0",
            **variables,
        }
        shutil.copytree(_ROOT / "templates", path / "templates")
        content = path / "content" / "lamps"
        content.mkdir(parents=True)
        original = path / "photo.jpg"
        told = exif_segment(tiff({0x010E: b"an invented place"}))
        original.write_bytes(in_jpeg(encoded(drawing(size=(480, 320)), "jpeg"), told))
        added = json.loads(self.run("media", "add", str(original), "--json"))
        #: Digests of the file that leaves, by network.
        self.pictures = {network: file["digest"] for network, file in added["networks"].items()}
        campaign = _CAMPAIGN.format(server=server, handle=handle)
        (content / "campaign.yaml").write_text(campaign, encoding="utf-8")
        facts = _FACTS.format(picture=added["picture"]["digest"])
        (content / "facts.yaml").write_text(facts, encoding="utf-8")

    def queue(self, networks: Sequence[str] = NETWORKS, languages: Sequence[str] = LANGUAGES) -> None:
        """Queue the fact for each of these accounts in each language, for now."""
        self.run("-c", _QUEUE, ",".join(networks), ",".join(languages), program=sys.executable)

    def start(self, *arguments: str, program: str = _PROGRAM) -> subprocess.Popen[str]:
        out = (self.path / "out.txt").open("a+", encoding="utf-8")
        with out:
            return subprocess.Popen(
                [program, *arguments],
                cwd=self.path,
                env=self._variables,
                stdout=subprocess.PIPE,
                stderr=out,
                text=True,
            )

    def run(self, *arguments: str, program: str = _PROGRAM, waits: bool = False) -> str:
        """What it prints; it must find nothing wrong, and nothing that `waits` for a person unless said."""
        with self.start(*arguments, program=program) as process:
            said, _ = process.communicate(timeout=120)
        wrong = (self.path / "out.txt").read_text(encoding="utf-8")
        assert process.returncode in ((0, 3) if waits else (0,)), (arguments, said, wrong)
        return said

    def run_until_sent(self, posts: int) -> None:
        """Let `run` send that many posts, in one life; then end it as Ctrl-C does."""
        with self.start("run") as process:
            assert process.stdout is not None
            sent = 0
            while sent < posts and (line := process.stdout.readline()):
                sent += re.match(r"post \d+ .*  sent  ", line) is not None
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        assert (sent, process.returncode) == (posts, 0), (self.path / "out.txt").read_text(encoding="utf-8")

    def attempts(self) -> list[dict[str, Any]]:
        """The send log, as `log --json` tells it."""
        attempts: list[dict[str, Any]] = json.loads(self.run("log", "--json"))["attempts"]
        return attempts

    def posts(self) -> list[tuple[int, str, str, str]]:
        """Number, network, language and state of each post that was queued."""
        with closing(sqlite3.connect(self.path / "data" / "campaign-bot.sqlite3")) as connection:
            where = "WHERE due_at < strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ORDER BY id"
            return connection.execute(f"SELECT id, network, language, state FROM posts {where}").fetchall()

    def let_time_pass(self) -> None:
        """Let every lease, settle time and wait of an account be over."""
        past = "'2026-01-01T00:00:00.000000Z'"
        with closing(sqlite3.connect(self.path / "data" / "campaign-bot.sqlite3")) as connection, connection:
            for column in ("look_at", "lease_until"):
                connection.execute(f"UPDATE posts SET {column} = {past} WHERE {column} IS NOT NULL")
            connection.execute("UPDATE accounts SET not_before = NULL")


def secrets_of(*, app_password: str, token: str) -> dict[str, str]:
    return {
        "LAMPS_X_API_KEY": "invented-api-key",
        "LAMPS_X_API_SECRET": "invented-api-secret",
        "LAMPS_X_ACCESS_TOKEN": "invented-access-token-lamps",
        "LAMPS_X_ACCESS_TOKEN_SECRET": "invented-access-token-secret-lamps",
        "LAMPS_MASTODON_ACCESS_TOKEN": token,
        "LAMPS_BLUESKY_APP_PASSWORD": app_password,
        "LAMPS_TELEGRAM_BOT_TOKEN": "4200:invented-token-of-lamps",
    }
