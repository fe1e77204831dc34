"""Row 1: from a post's due moment to its first byte, through the real scheduler and durable transactions."""

from __future__ import annotations

import statistics
import tempfile
import threading
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import postgres
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from filling import ACCOUNTS, add_due, fill
from measuring import Row, percentile, print_rows, row
from sqlalchemy import text

from bot.core.clock import SystemClock
from bot.core.post import Receipt
from bot.pipeline.outcome import Sent
from bot.pipeline.outlets import Outlet
from bot.pipeline.scheduler import Scheduler
from bot.pipeline.send import Sender
from bot.publishing.dry_run import DryRunPublisher
from bot.publishing.protocol import PublishRequest
from bot.store.database import Database

FEW, MANY = 1_000, 1_000_000
QUICK_MANY = 20_000
#: Each world is measured in turns of so many due moments, so that the machine's moods reach all of them.
TURNS, MOMENTS = 6, 35
QUICK_TURNS = 2
#: Between two due moments: long enough that the machine is idle again.
APART = timedelta(milliseconds=103)
#: Until the first of them, the scheduler starts and looks once.
FIRST = timedelta(seconds=1)
PATIENCE_SECONDS = 60

Lateness = list[float]


class Recorder(DryRunPublisher):
    """Notes when it is asked to publish: this is where the first byte would leave."""

    def __init__(self, account: str) -> None:
        super().__init__(account)
        self.asked: dict[str, datetime] = {}

    def publish(self, request: PublishRequest) -> Receipt:
        self.asked[request.key] = datetime.now(UTC)
        return super().publish(request)


class Outlets:
    """Every account's posts go to one recorder."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def names(self) -> list[str]:
        return list(ACCOUNTS)

    def of(self, account: str) -> Outlet:
        return Outlet(account=account, mode="dry-run", publisher=self._recorder)


def run(*, quick: bool = False) -> list[Row]:
    """Measure few and many waiting on each database, and APScheduler alone, in turn."""
    many, turns = (QUICK_MANY, QUICK_TURNS) if quick else (MANY, TURNS)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="campaign-bot-bench-")))
        worlds: dict[str, Callable[[], Lateness]] = {"alone": _alone}
        places = {"SQLite": lambda size: f"sqlite:///{folder}/{size}.sqlite3"}
        try:
            server = stack.enter_context(postgres.server())
            places["PostgreSQL"] = lambda size: server.database(f"waiting_{size}")
        except postgres.NotHereError:
            pass
        for place, url_of in places.items():
            for size in (FEW, many):
                db = Database(url_of(size))
                stack.callback(db.close)
                db.prepare()
                fill(db, waiting=size)
                worlds[f"{place} {size}"] = lambda db=db: _ours(db, folder)
                worlds[f"{place} commits"] = lambda db=db: _commits(db)
        seen: dict[str, Lateness] = {name: [] for name in worlds}
        for _ in range(turns):
            for name, world in worlds.items():
                seen[name] += world()
    rows = [one for place in places for one in _rows(place, seen, many)]
    if "PostgreSQL" not in places:
        what = "PostgreSQL is not installed: not measured there"
        rows.append(row(1, what, ours=None, peer="", theirs=None, goal="", unit="ms"))
    return rows


def _ours(db: Database, folder: Path) -> Lateness:
    """Queue due moments, let the scheduler send them, and say how late each was, in seconds."""
    recorder = Recorder(ACCOUNTS[0])
    sent: list[Sent] = []
    done = threading.Event()

    def note(one: Sent) -> None:
        sent.append(one)
        if len(sent) == MOMENTS:
            done.set()

    clock = SystemClock()
    sender = Sender(
        db, clock, Outlets(recorder), worker="invented", pause_file=folder / "PAUSE", on_sent=note
    )
    add_due(db, MOMENTS, start=clock.now() + FIRST, apart=APART)
    scheduler = Scheduler(db, clock, sender=sender, plan=lambda: None, sweep=lambda: None)
    scheduler.start()
    try:
        assert done.wait(PATIENCE_SECONDS), f"only {len(sent)} of {MOMENTS} posts left"
    finally:
        scheduler.stop()
    late = [recorder.asked[one.attempt.key] - one.post.due_at for one in sent if one.attempt is not None]
    return [one.total_seconds() for one in late]


def _alone() -> Lateness:
    """APScheduler 3 by itself, calling a function at each of the same moments; nothing on disk."""
    late: Lateness = []
    done = threading.Event()

    def note(due_at: datetime) -> None:
        late.append((datetime.now(UTC) - due_at).total_seconds())
        if len(late) == MOMENTS:
            done.set()

    scheduler = BackgroundScheduler(timezone=UTC)
    start = datetime.now(UTC) + FIRST
    for number in range(MOMENTS):
        due_at = start + number * APART
        scheduler.add_job(note, DateTrigger(due_at), args=[due_at])
    scheduler.start()
    try:
        assert done.wait(PATIENCE_SECONDS), f"only {len(late)} of {MOMENTS} jobs ran"
    finally:
        scheduler.shutdown(wait=True)
    return late


def _commits(db: Database) -> Lateness:
    """Seconds of two commits of next to nothing: claim and intent are on disk before anything leaves."""
    seconds = []
    for _ in range(MOMENTS):
        started = datetime.now(UTC)
        for _ in range(2):
            with db.write() as tx:
                # SQLite writes nothing where the value is the same as before.
                tx.execute(text("UPDATE slots SET why = :new WHERE id = 1"), {"new": str(uuid.uuid4())})
        seconds.append((datetime.now(UTC) - started).total_seconds())
    return seconds


def _rows(place: str, seen: dict[str, Lateness], many: int) -> list[Row]:
    def p50(name: str) -> float:
        return statistics.median(seen[name]) * 1000

    def p99(name: str) -> float:
        return percentile(seen[name], 0.99) * 1000

    few_name, many_name, commits = f"{place} {FEW}", f"{place} {many}", f"{place} commits"
    alone, waiting = "APScheduler 3.11 alone", f"{many:,} waiting, {place}"
    return [
        row(1, f"{what}, {waiting}", ours=ours, peer=peer, theirs=theirs, goal=goal, unit="ms")
        for what, ours, peer, theirs, goal in (
            ("lateness p50", p50(many_name), alone, p50("alone"), "≤ 5 ms"),
            ("lateness p99", p99(many_name), alone, p99("alone"), "≤ 50 ms"),
            ("lateness p50", p50(many_name), f"itself, {FEW:,} waiting", p50(few_name), "≤ 1.1"),
            ("lateness p50", p50(many_name), "two commits alone, p50", p50(commits), ""),
            ("lateness p99", p99(many_name), "two commits alone, p99", p99(commits), ""),
        )
    ]


if __name__ == "__main__":
    print_rows(run())
