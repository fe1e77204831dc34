"""Databases that were restored from a backup, replaced or copied: nothing is sent twice, nothing is lost.

The commands are the real ones, against the fake X. A database that was restored knows less than X does.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.cli import program
from bot.core.clock import SystemClock
from bot.core.post import State
from bot.pipeline.witness import begin_witness
from bot.store import claims, installation, posts
from bot.store.database import Database
from databases import PostgreSQLServer
from posting import ACCOUNT, CAMPAIGN, SECOND_ACCOUNT, fact, new_post, put_content, put_post

MACHINE = dict(os.environ)  # noqa: TID251  (what the tests themselves were started with)
RESTORED = "this database is older than what this machine has sent: it was restored from a backup"
ANOTHER = "this database is another one than that from which this machine has sent"
COPIED = (
    "this data folder was copied here or restored from a backup, and what left since is not known: "
    "see that the bot runs nowhere else"
)
HELD = "held: post {}; see that it is not public, then `campaign-bot queue release` or `queue cancel`"
RESUME = "look at each account, then `campaign-bot resume`"
TIMELINE = "GET /2/users/{id}/tweets"
#: Long enough for a test, short enough to be over when the clock is told so.
GRACE = timedelta(minutes=15)
AS_EVER = {"kind": "late", "seconds": 0}
#: What a campaign's document says of an account, and what it would say.
SEND_AGAIN = ('"send_again":false', '"send_again":true')


@dataclass(frozen=True, kw_only=True)
class Done:
    """A command that ended."""

    status: int
    #: Its lines on stderr.
    told: tuple[str, ...]
    out: str


class Installation:
    """A data folder with its database, and a person who gives commands in it."""

    def __init__(
        self, folder: Path, *, environment: dict[str, str], commands: Callable[..., Done], fake_x: Any
    ) -> None:
        self.folder = folder
        self.fake = fake_x
        self.url = f"sqlite:///{folder / 'campaign-bot.sqlite3'}"
        self._environment = environment
        self._commands = commands
        self._numbers = count(1)
        self._word = folder.name

    @property
    def file(self) -> Path:
        return self.folder / "campaign-bot.sqlite3"

    def make(self) -> Installation:
        """Make the database with the invented campaign."""
        self.folder.mkdir(exist_ok=True)
        with closing(Database(self.url)) as db:
            db.prepare()
            with db.write() as tx:
                put_content(tx, CAMPAIGN, [fact()], now=SystemClock().now())
                key = installation.key(tx)
        begin_witness(self.folder / "witness", key=key)
        return self

    def at(self, folder: Path) -> Installation:
        """The same, in another folder."""
        return Installation(folder, environment=self._environment, commands=self._commands, fake_x=self.fake)

    # -- a person -----------------------------------------------------------------------------------

    def add(self, *texts: str, account: str = ACCOUNT.name) -> int:
        """Queue a post that is due now; its moment differs from all others."""
        now = SystemClock().now()
        texts = texts or (f"Words number {next(self._numbers)} of {self._word}.",)
        with closing(Database(self.url)) as db, db.write() as tx:
            digest = tx.exec_driver_sql("SELECT digest FROM items").scalar()
            new = new_post(due_at=now, account=account, texts=texts, grace=GRACE, item_digest=digest)
            return put_post(tx, new, now=now)

    def environment(self) -> dict[str, str]:
        return self._environment | {"BOT_DATA_DIR": str(self.folder), "BOT_DATABASE_URL": self.url}

    def run(self, *arguments: str) -> Done:
        return self._commands(self.environment(), *arguments)

    def run_apart(self, *arguments: str) -> Done:
        """Run it as a process of its own."""
        with self.started(*arguments) as process:
            out, err = process.communicate(timeout=60)
        return Done(status=process.returncode, told=tuple(err.splitlines()), out=out)

    def started(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.folder.parent,
            env={name: MACHINE[name] for name in ("PATH", "HOME") if name in MACHINE}
            | {"PYTHONPATH": str(Path(__file__).parents[2])}
            | self.environment()
            | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def send(self) -> Done:
        return self.run("send")

    def sql(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute(statement, values)

    def pass_time(self) -> None:
        """Let every network have settled, and no account wait any more."""
        self.sql("UPDATE posts SET look_at = '2026-01-01T00:00:00.000000Z' WHERE look_at IS NOT NULL")
        self.sql("UPDATE accounts SET not_before = NULL")

    def settle(self) -> None:
        """Send and look until nothing moves by itself."""
        for _ in range(3):
            self.pass_time()
            self.send()

    def resume(self) -> None:
        """Lift every pause of everything; there may be none."""
        assert self.run("resume").status in (0, 1, 3)

    def go_on(self) -> None:
        """What a person does after a restore: resumes, looks at what is held, and lets it leave or not."""
        self.resume()
        public = Counter(self.public())
        for post, texts in self.posts():
            if post.state is State.HELD:
                # Who sees the next part's text on the network does not release it.
                is_public = any(public[text] for text in texts)
                self.run("queue", "cancel" if is_public else "release", str(post.id))
        self.settle()

    # -- looking ------------------------------------------------------------------------------------

    def public(self) -> list[str]:
        return [post["text"] for post in self.fake.posts()]

    def posts(self) -> list[tuple[Any, tuple[str, ...]]]:
        """Each post with the texts of its parts that have no receipt."""
        with closing(Database(self.url)) as db, db.read() as tx:
            found = []
            for post in posts.read_posts(tx):
                following = claims.next_part(tx, post.id)
                first = 10**6 if following is None else following.part.number
                texts = [part.text for part in claims.read_parts(tx, post.id) if part.number >= first]
                found.append((post, tuple(texts)))
            return found

    def states(self) -> dict[int, str]:
        return {post.id: post.state.value for post, _ in self.posts()}

    def texts_of(self, post_id: int) -> list[str]:
        with closing(Database(self.url)) as db, db.read() as tx:
            return [part.text for part in claims.read_parts(tx, post_id)]

    # -- backups ------------------------------------------------------------------------------------

    def save(self, name: str = "saved") -> Path:
        """A backup of the database alone, taken by a copy."""
        return Path(shutil.copy2(self.file, self.folder.with_name(f"{self.folder.name}-{name}.sqlite3")))

    def restore(self, saved: Path) -> None:
        """The backup in the place of the database."""
        shutil.copy2(saved, saved.with_suffix(".coming"))
        saved.with_suffix(".coming").replace(self.file)

    def save_folder(self, name: str = "folder") -> Path:
        return Path(shutil.copytree(self.folder, self.folder.with_name(f"{self.folder.name}-{name}")))


def _verdict(installation: Installation) -> list[str]:
    """What is wrong, in words: a text twice, a false word, a post that stands nowhere, a broken chain."""
    public = Counter(installation.public())
    wrong = [f"twice: {text}" for text, times in public.items() if times > 1]
    for post, missing in installation.posts():
        texts = installation.texts_of(post.id)
        if post.state is State.SENT:
            wrong += [f"post {post.id} is not public: {text}" for text in texts if not public[text]]
        elif post.state not in (State.HELD, State.MISSED, State.UNKNOWN, State.CANCELLED):
            wrong.append(f"post {post.id} is {post.state}: {post.reason}")
        elif not post.reason and post.state is not State.CANCELLED:
            wrong.append(f"post {post.id} is {post.state} for no reason")
        elif not missing:
            wrong.append(f"post {post.id} is {post.state}, and every part has its receipt")
    verified = installation.run("log", "verify")
    if verified.status not in (0, 3):
        wrong.append("; ".join(verified.told) or "the chain does not hold")
    return wrong


@pytest.fixture
def commands(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Done]]:
    """Runs commands in this very process, as fast as a call."""
    import logging

    root = logging.getLogger()
    handlers, level = root.handlers, root.level

    def run(environment: dict[str, str], *arguments: str) -> Done:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        status = program.run(arguments)
        out, err = capfd.readouterr()
        return Done(status=status, told=tuple(err.splitlines()), out=out)

    yield run
    root.handlers, root.level = handlers, level
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.setLevel(logging.NOTSET)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder in memory where the machine has one for that: these tests ask no disk."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="restored-in-tests-", dir=memory if memory.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def old(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    commands: Callable[..., Done],
    fake_x: Any,
    x_secrets_of: Callable[[str], dict[str, str]],
) -> Installation:
    """An installation that has sent one post."""
    for name in MACHINE:
        if name.startswith("BOT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(home)
    environment = {
        "BOT_MODE": "live",
        "BOT_X_API_URL": fake_x.url,
        "NO_PROXY": "127.0.0.1",
        **{
            f"{account.name.upper()}_{name}": secret
            for account in (ACCOUNT, SECOND_ACCOUNT)
            for name, secret in x_secrets_of(account.name).items()
        },
    }
    installation = Installation(
        home / "data", environment=environment, commands=commands, fake_x=fake_x
    ).make()
    installation.add()
    done = installation.send()
    assert (done.status, done.told) == (0, ())
    assert len(installation.public()) == 1
    return installation


def _told(*lines: str) -> tuple[str, ...]:
    return tuple(f"campaign-bot: {line}" for line in lines)


def test_a_backup_from_before_a_send(old: Installation):
    saved = old.save()
    first = old.add()
    shutil.copy2(old.file, saved)
    old.send()
    old.restore(saved)

    done = old.send()
    quiet = old.send()
    old.go_on()
    later = old.add()
    last = old.send()

    assert done.told == _told(
        f"{RESTORED}. Everything is paused",
        "found public, and marked as sent: post 2",
        RESUME,
    )
    assert (quiet.told, last.told) == ((), ())
    assert old.states() == {1: "sent", first: "sent", later: "sent"}
    assert len(old.public()) == 3
    assert _verdict(old) == []


@pytest.mark.parametrize("received", [1, *(pytest.param(one, marks=pytest.mark.slow) for one in (2, 3))])
def test_a_backup_from_between_the_parts_of_a_thread(old: Installation, received: int):
    texts = ("A thread, part one.", "A thread, part two.", "A thread, part three.")
    thread = old.add(*texts)
    # X asks to wait after the first part. After the backup nothing leaves, or the second, or all.
    old.fake.faults(AS_EVER, {"kind": "status", "status": 429})
    old.send()
    saved = old.save()
    if received > 1:
        old.pass_time()
        old.fake.faults(*[AS_EVER, {"kind": "status", "status": 429}][: 4 - received])
        old.send()
    left = old.public()[1:]
    old.restore(saved)

    done = old.send()
    old.go_on()

    assert left == list(texts[:received])
    found = "found public, and marked as sent: post 2"
    none = "no post was found public that this database calls unsent"
    told = () if received == 1 else (f"{RESTORED}. Everything is paused", none if received == 2 else found)
    assert done.told[:2] == _told(*told)
    assert old.states()[thread] == "sent"
    assert old.public()[1:] == list(texts)
    assert _verdict(old) == []


@pytest.mark.parametrize("accepted", [True, False], ids=["accepted", "not-accepted"])
def test_a_backup_with_a_post_whose_process_was_killed_while_sending(
    old: Installation, accepted: bool, doors: dict[str, str]
):
    number = old.add()
    if accepted:
        # X takes the post, and never answers.
        old.fake.faults({"kind": "late", "seconds": 20})
        until, door = (lambda: len(old.public()) == 2), {}
    else:
        until, door = (lambda: old.states()[number] == "sending"), {"BOT_X_API_URL": doors["silent"]}
    with old.started("send", **door) as process:
        _wait_for(until)
        process.kill()
    saved = old.save()
    assert old.states()[number] == "sending"
    old.settle()
    if not accepted:
        # A person saw that it is not there, and had it sent again.
        assert old.states()[number] == "unknown"
        assert old.run("resolve", str(number), "--send-again", "--yes").status == 0
        old.settle()
    old.restore(saved)

    done = old.send()
    old.go_on()

    assert done.told[:2] == _told(
        f"{RESTORED}. Everything is paused", "found public, and marked as sent: post 2"
    )
    assert old.states()[number] == "sent"
    assert len(old.public()) == 2
    assert _verdict(old) == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "sends_again",
    [pytest.param(True, id="sends-again", marks=pytest.mark.slow), pytest.param(False, id="asks")],
)
def test_a_backup_with_an_unconfirmed_post(old: Installation, when: str, sends_again: bool):
    if sends_again:
        old.sql("UPDATE campaigns SET document = replace(document, ?, ?)", *SEND_AGAIN)
    number = old.add()
    old.fake.faults({"kind": "drop", "when": when})
    old.send()
    saved = old.save()
    old.settle()
    old.add()
    old.send()
    old.restore(saved)

    done = old.send()
    old.go_on()

    public = when == "after" or sends_again
    assert done.told[0] == _told(f"{RESTORED}. Everything is paused")[0]
    assert old.states()[number] == ("sent" if public else "unknown")
    assert len(old.public()) == (3 if public else 2)
    assert _verdict(old) == []


def test_an_older_file_put_in_place_while_the_bot_was_stopped(old: Installation):
    numbers = [old.add(account=account) for account in (ACCOUNT.name, SECOND_ACCOUNT.name)]
    saved = old.save()
    old.send()
    # The file stays the same one: only its content is older.
    old.file.write_bytes(saved.read_bytes())

    done = old.send()
    old.go_on()

    assert done.told == _told(
        f"{RESTORED}. Everything is paused", "found public, and marked as sent: posts 2, 3", RESUME
    )
    assert old.states() == dict.fromkeys([1, *numbers], "sent")
    assert _verdict(old) == []


@pytest.mark.parametrize("how", ["moved", pytest.param("written-over", marks=pytest.mark.slow)])
def test_a_whole_folder_restored_with_its_witness(old: Installation, how: str):
    old.add()
    saved = old.save_folder()
    old.send()
    # The witness is told from one that was written over by its moment, to half a second.
    ends_at = SystemClock().monotonic() + 0.6
    _wait_for(lambda: SystemClock().monotonic() > ends_at)
    if how == "moved":
        old.folder.rename(old.folder.with_name("broken"))
        shutil.copytree(saved, old.folder)
    else:
        # As `cp -a saved/. data/`: the same files, with their old content and their old times.
        shutil.copytree(saved, old.folder, dirs_exist_ok=True)

    done = old.send()
    old.go_on()

    assert done.told == _told(
        f"{COPIED}. Everything is paused", "found public, and marked as sent: post 2", RESUME
    )
    assert old.states() == {1: "sent", 2: "sent"}
    assert _verdict(old) == []


def test_a_whole_folder_copied_elsewhere_and_started_there(old: Installation):
    numbers = [old.add(), old.add(account=SECOND_ACCOUNT.name)]
    copy = old.at(old.save_folder())
    old.send()

    done = copy.send()
    copy.go_on()

    assert done.told == _told(
        f"{COPIED}. Everything is paused", "found public, and marked as sent: posts 2, 3", RESUME
    )
    assert copy.states() == dict.fromkeys([1, *numbers], "sent")
    assert (_verdict(copy), _verdict(old)) == ([], [])


def test_a_folder_that_was_only_moved_goes_on_quietly(old: Installation):
    old.folder.rename(old.folder.with_name("elsewhere"))
    moved = old.at(old.folder.with_name("elsewhere"))
    number = moved.add()

    done = moved.send()

    assert done.told == ()
    assert moved.states()[number] == "sent"


def test_a_backup_whose_witness_was_deleted(old: Installation):
    old.add()
    saved = old.save()
    old.send()
    old.restore(saved)
    (old.folder / "witness").unlink()

    done = old.send()
    old.go_on()

    assert done.told == _told(
        f"{COPIED}. Everything is paused", "found public, and marked as sent: post 2", RESUME
    )
    assert _verdict(old) == []


def test_a_fresh_database_in_an_old_folder(old: Installation):
    old.add("The same words again.")
    old.send()
    old.file.unlink()
    old.make()
    # Planned anew, for a moment that has just passed.
    again, other = old.add("The same words again."), old.add("Other words.")

    done = old.send()
    held = old.states()
    old.go_on()

    assert done.told == _told(
        f"{ANOTHER}. Everything is paused",
        f"found public, and marked as sent: post {again}",
        HELD.format(other),
        RESUME,
    )
    assert held == {again: "sent", other: "held"}
    assert old.states() == {again: "sent", other: "sent"}
    assert _verdict(old) == []


@pytest.mark.slow
def test_the_same_backup_restored_twice(old: Installation):
    first, second = old.add(), old.add(account=SECOND_ACCOUNT.name)
    saved = old.save()
    old.send()
    old.restore(saved)
    once = old.send()
    old.go_on()
    old.restore(saved)

    twice = old.send()
    old.go_on()

    assert once.told == twice.told != ()
    assert old.states() == {1: "sent", first: "sent", second: "sent"}
    assert len(old.public()) == 3
    assert _verdict(old) == []


def test_a_network_that_cannot_be_read_when_its_account_is_looked_at(old: Installation):
    broken, whole = old.add(), old.add(account=SECOND_ACCOUNT.name)
    saved = old.save()
    old.send()
    old.restore(saved)
    old.fake.faults({"kind": "status", "status": 503, "on": TIMELINE, "account": ACCOUNT.name, "times": 9})

    done = old.send()
    held = old.states()
    old.go_on()

    assert done.told == _told(
        f"{RESTORED}. Everything is paused",
        f"found public, and marked as sent: post {whole}",
        HELD.format(broken),
        f"account {ACCOUNT.name} could not be read: X could not be looked at: X answered 503 when the "
        "account's own posts were read",
        RESUME,
    )
    assert (held[broken], held[whole]) == ("held", "sent")
    assert old.states()[broken] == "cancelled"
    assert len(old.public()) == 3
    assert _verdict(old) == []


def test_json_stays_json(old: Installation):
    old.add()
    saved = old.save()
    old.send()
    old.restore(saved)

    done = old.run("send", "--json")

    assert json.loads(done.out) == {"sent": [], "swept": []}
    assert done.told[0] == _told(f"{RESTORED}. Everything is paused")[0]


def test_a_postgresql_database_made_again_from_an_older_one(old: Installation, postgresql: PostgreSQLServer):
    server, name = postgresql, postgresql.create(template="template1")
    remote = old.at(old.folder.with_name("remote"))
    remote.url = server.url(name)
    remote.make()
    remote.add()
    assert remote.run_apart("send").told == ()
    number = remote.add()
    saved = server.create(template=name)
    remote.run_apart("send")
    server.drop(name)
    server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{saved}"')

    done = remote.run_apart("send")
    remote.run_apart("resume")
    quiet = remote.run_apart("send")

    assert done.told == _told(
        f"{RESTORED}. Everything is paused", f"found public, and marked as sent: post {number}", RESUME
    )
    assert quiet.told == ()
    assert remote.states() == {1: "sent", number: "sent"}
    assert max(Counter(remote.public()).values()) == 1
    assert remote.run_apart("log", "verify").status == 0


#: What may happen to a request while a history is made; a person has to help with some of it.
FAULTS: Sequence[dict[str, Any]] = (
    {"kind": "drop", "when": "before"},
    {"kind": "drop", "when": "after"},
    {"kind": "status", "status": 503, "when": "after"},
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 503, "on": TIMELINE},
    {"kind": "truncated"},
)


#: States that a post leaves without a person.
MOVING = {"ready", "claimed", "sending", "unconfirmed"}


class History:
    """One random history of an installation: posts, faults, backups, restores and copies."""

    def __init__(self, installation: Installation, *, seed: int) -> None:
        self.now_at = installation
        self._dice = random.Random(seed)
        self._saved = [installation.save("0")]
        self._names = count(1)
        self.steps: list[str] = []

    def step(self) -> None:
        kinds = (self._live, self._save, self._restore, self._restore, self._copy, self._begin_afresh)
        kind = self._dice.choices(kinds, weights=(10, 4, 2, 2, 1, 1))[0]
        self.steps.append(kind.__name__)
        kind()

    def _live(self) -> None:
        """Queue some posts, threads among them, and send them over a network that spoils some of it."""
        for _ in range(self._dice.randint(1, 3)):
            account = self._dice.choice((ACCOUNT, SECOND_ACCOUNT)).name
            number = next(self._names)
            texts = [f"Random words {number}, part {part}." for part in range(self._dice.choice((1, 1, 3)))]
            self.now_at.add(*texts, account=account)
        if self._dice.random() < 0.7:
            self.now_at.fake.faults(*self._dice.choices(FAULTS, k=self._dice.randint(1, 2)))
        self.now_at.send()
        if self._dice.random() < 0.5:
            self.now_at.settle()

    def _save(self) -> None:
        self._saved.append(self.now_at.save(str(next(self._names))))

    def _restore(self) -> None:
        saved = self._dice.choice(self._saved)
        if self._dice.random() < 0.5:
            self.now_at.restore(saved)
        else:
            self.now_at.file.write_bytes(saved.read_bytes())
        if self._dice.random() < 0.2:
            (self.now_at.folder / "witness").unlink()
        self._start()

    def _copy(self) -> None:
        folder = self.now_at.save_folder(str(next(self._names)))
        if self._dice.random() < 0.5:
            self.now_at.settle()
        # The old one never runs again: of two at once a person is warned.
        self.now_at = self.now_at.at(folder)
        self._start()

    def _begin_afresh(self) -> None:
        self.now_at.file.unlink()
        self.now_at.make()
        self._start()

    def _start(self) -> None:
        """Start, perhaps twice or with trouble; then a person looks after it."""
        if self._dice.random() < 0.3:
            trouble = {"kind": "status", "status": 503, "on": TIMELINE, "times": self._dice.randint(1, 3)}
            self.now_at.fake.faults(trouble)
        for _ in range(self._dice.randint(1, 2)):
            self.now_at.send()
        if self._dice.random() < 0.8:
            self.now_at.resume()
            self.now_at.go_on()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_a_random_history_sends_nothing_twice_and_loses_nothing(old: Installation, seed: int):
    history = History(old, seed=seed)

    for _ in range(8):
        history.step()
    history.now_at.resume()
    history.now_at.go_on()
    # What still spoils requests is used up one by one.
    while MOVING & set(history.now_at.states().values()):
        history.now_at.settle()

    assert _verdict(history.now_at) == [], history.steps


def _wait_for(is_so: Callable[[], bool]) -> None:
    # Each look asks a database or the fake X: there is no need to sleep in between.
    ends_at = SystemClock().monotonic() + 30
    while not is_so():
        assert SystemClock().monotonic() < ends_at
