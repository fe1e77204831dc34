"""A whole proof: sets the stage, disturbs, lets everything come to rest, and judges."""

from __future__ import annotations

import gc
import logging
import os
import random
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import msgspec

from bot.core.clock import SystemClock
from bot.core.errors import StoreError
from bot.core.post import State
from bot.publishing.transport import WATCHDOG
from bot.selftest import scene
from bot.selftest.drawings import draw_all
from bot.selftest.evidence import gather
from bot.selftest.fakes import playing, spoil
from bot.selftest.forks import ask, end_all, fork
from bot.selftest.networks import NETWORKS
from bot.selftest.person import People, care
from bot.selftest.stand import ProofApp, Stand
from bot.selftest.verdict import Verdict, Violation, judge
from bot.selftest.worker import IDLE, keep_errors, safely
from bot.sending import worker_of
from bot.store import accounts, judging, pauses
from bot.store.database import Database

log = logging.getLogger(__name__)

#: Until everything came to rest after the last disturbance, in virtual seconds: a lease, a settle time, two
#: reads, and the hour for which a network that cannot be read is asked again.
_REST = 3 * 3600.0
_RESTLESS = (State.READY, State.CLAIMED, State.SENDING, State.UNCONFIRMED)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be proved, and how hard."""

    #: Which disturbance, and how often.
    disturbance: str = "kills"
    times: int
    seed: int
    workers: int = 2
    #: On which networks, and how many accounts in all.
    networks: tuple[str, ...] = tuple(NETWORKS)
    accounts: int = 24
    #: Virtual seconds in a real one.
    speed: float = 90.0
    #: Share of requests that fail, 0 to 1.
    chance: float = 0.4
    #: An empty database; None for SQLite in the throw-away folder.
    database_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a proof found."""

    plan: Plan
    #: How often it disturbed.
    times: int
    #: What else it counted.
    figures: Mapping[str, int] = field(default_factory=dict)
    #: Real seconds: of the disturbance alone, and of everything.
    seconds: float
    seconds_in_all: float
    verdict: Verdict


class Disturbance(Protocol):
    """Something done to workers in the middle of their work, e.g. killing them."""

    #: Whether the monotonic clock is to run as fast as the other.
    is_whole: bool

    def run(
        self, stand: Stand, app: ProofApp, plan: Plan, *, dice: random.Random, on_time: Callable[[int], None]
    ) -> Found:
        """Disturb as often as the plan says."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a disturbance did, and what it saw by itself."""

    times: int
    figures: Mapping[str, int] = field(default_factory=dict)
    violations: tuple[Violation, ...] = ()


def prove(plan: Plan, disturbance: Disturbance, *, on_time: Callable[[int], None]) -> Proof:
    """Run one proof. No database is ever open in this process: what needs one happens in a child."""
    clock, dice = SystemClock(), random.Random(plan.seed)
    began = clock.monotonic()
    with _stand(plan, is_whole=disturbance.is_whole) as stand:
        _refuse_a_database_in_use(stand)
        app = stand.app()
        queued = _set_the_scene(stand, app)
        _warm_up(app)
        spoil(stand.urls, chance=plan.chance, seed=plan.seed)
        people = fork(lambda _: care(stand, app, queued=queued, seed=plan.seed), errors=stand.errors)
        disturbed_at = clock.monotonic()
        try:
            found = disturbance.run(stand, app, plan, dice=dice, on_time=on_time)
        finally:
            end_all([people])
        seconds = clock.monotonic() - disturbed_at
        spoil(stand.urls, chance=0, seed=plan.seed)
        queued = int(ask(lambda: _come_to_rest(stand, app), errors=stand.errors))
        said = ask(lambda: msgspec.json.encode(judge(gather(stand, queued=queued))), errors=stand.errors)
        verdict = msgspec.json.decode(said, type=Verdict)
    return Proof(
        plan=plan,
        times=found.times,
        figures=found.figures,
        seconds=seconds,
        seconds_in_all=clock.monotonic() - began,
        verdict=replace(verdict, violations=(*verdict.violations, *found.violations)),
    )


@contextmanager
def _stand(plan: Plan, *, is_whole: bool) -> Iterator[Stand]:
    """A folder that nobody else may read, gone at the end, and the fake networks."""
    memory = Path("/dev/shm")  # noqa: S108  (a private folder is made there; killing tests no disk)
    # Named after the process that asked for it: a folder that is left over tells whose it was.
    prefix = f"campaign-bot-selftest-{os.getppid()}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=memory if memory.is_dir() else None))
    try:
        real = SystemClock()
        start, start_monotonic = real.now(), real.monotonic()
        url = plan.database_url or f"sqlite:///{folder / 'data' / 'campaign-bot.sqlite3'}"
        fakes = playing(plan.networks, folder, speed=plan.speed, start=start, start_monotonic=start_monotonic)
        with fakes as urls:
            yield Stand(
                folder=folder,
                database_url=url,
                urls=urls,
                accounts=tuple(
                    NETWORKS[name].account(number, url=urls[name], languages=scene.LANGUAGES)
                    for number in range(1, max(plan.accounts // len(urls), 1) + 1)
                    for name in urls
                ),
                seed=plan.seed,
                speed=plan.speed,
                start=start,
                start_monotonic=start_monotonic,
                is_whole=is_whole,
            )
    finally:
        shutil.rmtree(folder)


def _refuse_a_database_in_use(stand: Stand) -> None:
    """A proof writes thousands of posts: never into a database where anything is."""
    if stand.database_url.startswith("sqlite"):
        # Its file is made in the throw-away folder.
        return
    db = Database(stand.database_url)
    with db.read() as tx:
        found = judging.table_names(tx)
    db.close()
    if found:
        raise StoreError(f"the database {db.place} has tables already: name an empty one")


def _set_the_scene(stand: Stand, app: ProofApp) -> int:
    """Take in the campaign and its pictures, and queue the first posts; says how many."""
    with app.db.write() as tx:
        scene.set_up(tx, stand.accounts, now=stand.clock.now())
    for picture in draw_all(stand.folder):
        app.media.add(picture)
    people = People(stand, app, queued=0, seed=stand.seed)
    for _ in stand.accounts:
        people.queue()
    return people.queued


def _warm_up(app: ProofApp) -> None:
    """Send a little and let go of the database: whatever a worker needs is then ready before it is forked."""
    with worker_of(app) as worker:
        worker.sweeper.sweep()
        for account in worker.sender.due_accounts():
            worker.sender.send_next(account)
    app.db.close()
    WATCHDOG.end()
    if threading.active_count() > 1:
        raise StoreError("a thread is left before the first fork: its children could wait for it for ever")
    # What stands in memory now is never changed: without this each child would copy it, page by page.
    gc.collect()
    gc.freeze()


def _come_to_rest(stand: Stand, app: ProofApp) -> bytes:
    """Let one worker bring everything to its end, the people beside it; says how many posts there are."""
    keep_errors(stand)
    people = People(stand, app, queued=0, seed=stand.seed)
    rest, until = threading.Event(), stand.clock.now().timestamp() + _REST
    with worker_of(app) as worker:
        while stand.clock.now().timestamp() < until:
            with app.db.read() as tx:
                if judging.count_posts(tx, *_RESTLESS) == 0:
                    break
            for name, step in (
                ("resume", people.resume_accounts),
                ("sweep", worker.sweeper.sweep),
                ("send", worker.sender.send_due),
            ):
                safely(name, step)
            rest.wait(IDLE)
        else:
            with app.db.read() as tx:
                log.error(
                    "no rest was found, in a way nobody foresaw: pauses %s, accounts %s",
                    [pause.covers() for pause in pauses.active(tx)],
                    dict(accounts.notes(tx)),
                )
        with app.db.read() as tx:
            return str(judging.count_posts(tx)).encode()
